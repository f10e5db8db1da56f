/*
 * observe.h - looks at the live DNS and remembers who showed what since when.
 */
#ifndef FLOW_OBSERVE_H
#define FLOW_OBSERVE_H

#include "dns/check/clocks.h"
#include "flow/asking.h"
#include "store/store.h"

/* Takes a snapshot of everything that the project's plan and checks need. With a store,
 * the snapshot is kept and every authoritative server's answers become observations. */
int flow_observe(struct flow *f, struct arena *a, enum asking_depth depth,
		 const struct snapshot **snap_r, struct err *e);

/* What happened when, as far as the observations tell; what they cannot tell is taken
 * from the project's `history:`. */
int flow_history(struct flow *f, struct arena *a, const struct snapshot *snap,
		 struct history *history_r, struct err *e);

/* Is the RRset (NULL: absent) as it shall be? */
typedef bool observe_test_fn(const struct rrset *rrset, const void *ctx);
/* Since when one server's answers fulfil a condition, and what it served before that. */
struct since {
	bool holds;              /* the last observation fulfils it */
	int64_t since_ms;        /* begin of the unbroken run that holds now */
	int64_t clock_set_ms;    /* how far this machine's clock was set since then */
	bool was_other;          /* an earlier observation did not fulfil it */
	uint32_t ttl_before;     /* highest TTL of those earlier ones; 0: the RRset was absent */
	int64_t cached_until_ms; /* by when the last of those earlier ones has left every cache */
};
/* Of one server's observations of one RRset, oldest first. A row that cannot be read counts as
 * an absent RRset. Pure; for flow_history and its tests. */
struct since observe_since(struct arena *a, const struct observation *rows, size_t n,
			   observe_test_fn *test, const void *ctx);

/* Which RRset, and what it shall be like. */
struct since_of {
	struct dns_question q;
	observe_test_fn *test;
	const void *ctx;
};
/* The condition at all servers of the snapshot that are OK: since the last of them fulfils it, by
 * the store's observations; the TTLs are the highest of all. Does not hold without any server. */
int flow_since_at_all(struct flow *f, struct arena *a, const struct snapshot *snap,
		      const struct since_of *what, struct since *all_r, struct err *e);

#endif
