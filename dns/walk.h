/*
 * walk.h - iterative resolution from the root (RFC 1034 §5.3.3), many names at once.
 *
 * Wishes are collected and then walked in waves: each wave asks everything that can be
 * asked now, so unrelated names cost no extra round trip. Zone cuts are remembered.
 * Work is bounded (tasks, waves, questions), so no zone can trap it. Only for dns/.
 */
#ifndef DNS_WALK_H
#define DNS_WALK_H

#include "base/vec.h"
#include "dns/snapshot.h"

struct cut_address {
	const char *host; /* the name server's name; "" for a root hint */
	const char *address;
};

/* A zone and who serves it, as the walk learned it. */
struct cut {
	const char *name;
	const struct cut *parent; /* NULL for the root */
	const struct rrset *ns;   /* NULL for the root */
	bool ns_by_child;         /* parent and child share a server: `ns` is the child's */
	size_t good;              /* index of the address that was useful last */
	VEC(struct cut_address) addresses;
};

enum { WALK_TYPES = 2 };

/* One name on its way; after walk_run it is done. */
struct walk_task {
	const char *name;
	size_t type_n;
	uint16_t types[WALK_TYPES];
	bool find_cut; /* asks for NS and stops at the zone that holds the name */
	/* The result. */
	bool done;
	enum seen_state states[WALK_TYPES]; /* DATA, NODATA, NXDOMAIN or UNREADABLE */
	const struct rrset *sets[WALK_TYPES];
	const char *alias; /* end of the CNAME chain; NULL */
	const char *note;  /* why it is unreadable, or who said no; NULL */
	struct cut *cut;   /* find_cut: the zone that holds the name; NULL */
	/* On the way. */
	const char *qname;
	struct cut *at;
	bool have[WALK_TYPES];
	unsigned aliases;
	uint32_t tried; /* bits: addresses of `at` that were of no use */
	size_t asks_at, asks_n;
};

struct walk;
/* Lives in the arena. Root hints are borrowed. */
struct walk *walk_new(struct arena *a, struct dns_engine *en, const char *const *root_hints);
/* A wish; the same wish twice gives the same task. NULL when the limit is reached. */
struct walk_task *walk_want_host(struct walk *w, const char *name);
/* One RRset; aliases are followed to it. */
struct walk_task *walk_want(struct walk *w, const char *name, uint16_t type);
/* Where does the zone begin that holds `name`? The answer is in the task's `cut`. */
struct walk_task *walk_want_cut(struct walk *w, const char *name);
/* Until every wish is done. -1 only when cancelled. */
int walk_run(struct walk *w, struct err *e);
/* True when some root server answered at all. */
bool walk_root_heard(const struct walk *w);
/* A and AAAA put together. */
struct host_view walk_host_view(struct arena *a, const struct walk_task *t);

#endif
