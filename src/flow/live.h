/*
 * live.h - where an RRset of the live zone stands between a change's two images.
 */
#ifndef FLOW_LIVE_H
#define FLOW_LIVE_H

#include "dns/snapshot.h"
#include "flow/flow.h"
#include "flow/provider.h"

/* A look at the zone through a provider; through the DNS, where a person changes it. Plain, on
 * the stack; all of it borrowed. */
struct live {
	struct flow *f;
	struct arena *a;
	struct provider *provider;
	bool exact; /* by hand too a TTL must be the very one: it was possible before */
	const struct snapshot *snap; /* by hand only; NULL: look again */
	const struct zone *zone;     /* what live_look has read; NULL: nothing */
};

enum live_at {
	LIVE_BEFORE,
	LIVE_AFTER,
	LIVE_OTHER, /* somebody else's edit; by hand also: the servers do not agree yet */
};

/* Before all of these are looked at: reads them at once where the provider would read everything
 * for each. What was read before is forgotten, also on -1. */
int live_look(struct live *l, const struct change_set *cs, struct err *e);

/* Reads one RRset, unless live_look has. *now_r (arena, NULL: there is none) is what stands there.
 * -1 with *e when it could not be read. */
int live_where(struct live *l, const struct change *c, enum live_at *at_r,
	       const struct rrset **now_r, struct err *e);

/* "10 mx1.nwtraders.com. (TTL 300)" in the arena; "absent" for NULL. */
const char *live_show(struct arena *a, const struct rrset *s);

#endif
