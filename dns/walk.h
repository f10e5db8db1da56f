/*
 * walk.h - iterative resolution from the root (RFC 1034 §5.3.3), many names at once.
 *
 * Each wish goes its way as its own answers come; none waits for another, unless for the
 * address of a name server. Zone cuts are remembered, with what the parent says about their
 * DS. Work is bounded (tasks, questions a task, questions in all), so no zone can trap it.
 * Only for dns/.
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
	bool heard;               /* some server of it was useful */
	bool dead;                /* none ever answered, and each had its whole time */
	bool ds_known;            /* `ds` holds an answer: data, or a negative one with its proof */
	struct seen ds;           /* what the parent says about DS: from the referral, else asked
				   * for (walk_want_ds); state UNREADABLE until known */
	VEC(struct cut_address) addresses;
	struct cut_work *work; /* the walk's own */
};

enum { WALK_TYPES = 2 };

/* One name on its way. The result counts when `done`. */
struct walk_task {
	const char *name;
	size_t type_n;
	uint16_t types[WALK_TYPES];
	bool find_cut; /* asks for NS and stops at the zone that holds the name */
	/* The result. */
	bool done;
	enum seen_state states[WALK_TYPES]; /* DATA, NODATA, NXDOMAIN or UNREADABLE */
	const struct rrset *sets[WALK_TYPES];
	const char *alias;            /* end of the CNAME chain; NULL */
	const char *note;             /* why it is unreadable, or who said no; NULL */
	struct cut *cut;              /* find_cut: the zone that holds the name; else the zone whose
				       * server gave the last answer; NULL */
	struct seen seen[WALK_TYPES]; /* the last answer of each type, with its proof */
	const char *by[WALK_TYPES];   /* the address that gave it; NULL: nobody was asked */
	struct task_work *work;       /* the walk's own */
};

/* What many walks have in common: the upper zones and the hosts of the big providers, each
 * kept no longer than its TTL and an hour, at most `most` of them. Not for a cutover's own
 * zone, which must be asked anew each time. One thread at a time. */
struct walk_cache;
/* The clock is borrowed. */
struct walk_cache *walk_cache_new(size_t most, const struct clock *clock);
/* Takes NULL; no walk may use it any more. */
void walk_cache_free(struct walk_cache *c);

/* What one audit found an address to do well, so that the next ones of this minute need not try it
 * again. What is wrong is never kept: each domain is told of it by a trial of its own. */
enum walk_word { WORD_TAKES_TCP, WORD_NO_RECURSION, WORD_KNOWS_ROOT };
/* A NULL cache keeps nothing and has heard nothing. */
void walk_cache_tell(struct walk_cache *c, const char *address, enum walk_word word);
/* False also when it was said more than a minute ago. */
bool walk_cache_told(struct walk_cache *c, const char *address, enum walk_word word);

/* "not read: the servers asked for all this sent too much" */
extern const char walk_too_much[];

struct walk;
struct walk_opts {
	struct dns_engine *engine;
	const char *const *root_hints;   /* borrowed */
	struct walk_cache *cache;        /* NULL: none */
	struct dns_allowance *allowance; /* of all its questions; when it is spent, the walk gives
					  * itself up with walk_too_much; NULL: no limit */
	const char *fresh;               /* this name and all below it are never taken from the
					  * cache, nor put there; NULL */
};
/* Lives in the arena. */
struct walk *walk_begin(struct arena *a, const struct walk_opts *opts);
/* The same without a cache. Root hints are borrowed. */
struct walk *walk_new(struct arena *a, struct dns_engine *en, const char *const *root_hints);

/* A walk goes on whenever the engine has a turn. `fn` is called once, when the task is done:
 * in that turn, or in this call when it is done already. It may wish for more and give up.
 * Several may wait for one task. */
typedef void walk_done_fn(void *ctx, struct walk_task *t);
void walk_on_done(struct walk *w, struct walk_task *t, walk_done_fn *fn, void *ctx);
/* Wishes that are not done. While it is 0 the engine holds nothing of this walk, so the arena may
 * go away; but not from within a walk_done_fn. */
size_t walk_open(const struct walk *w);
/* To be called after each turn of the engine: a server that is merely silent has the others asked
 * in its stead, for which nothing arrives. */
void walk_tick(struct walk *w);
/* How long a turn may last at most until walk_tick has something to do: <= max_ms. */
int walk_wait_ms(const struct walk *w, int max_ms);
/* Ends all of them now as unreadable, with this note (kept by reference), and abandons what
 * is under way; those who wait for them are called. Later wishes end at once the same way. */
void walk_give_up(struct walk *w, const char *note);

/* A wish; the same wish twice gives the same task. NULL when the limit is reached. */
struct walk_task *walk_want_host(struct walk *w, const char *name);
/* One RRset; aliases are followed to it. */
struct walk_task *walk_want(struct walk *w, const char *name, uint16_t type);
/* Where does the zone begin that holds `name`? The answer is in the task's `cut`. */
struct walk_task *walk_want_cut(struct walk *w, const char *name);
/* What the parent's servers say about the zone's DS, with its proof: done at once when the
 * referral said it (cut->ds_known), else asked for; cut->ds is filled. NULL for the root. */
struct walk_task *walk_want_ds(struct walk *w, struct cut *cut);
/* Somebody else heard a useful answer about the zone from that address: from now on the walk asks
 * it first and alone, and the others when it is silent or useless. The address is kept by
 * reference. */
void walk_heard(struct cut *cut, const char *address);
/* Turns the engine until every wish is done. -1 only when cancelled. */
int walk_run(struct walk *w, struct err *e);
/* True when some root server answered at all. */
bool walk_root_heard(const struct walk *w);
/* A and AAAA put together, at most HOST_ADDRESSES_MAX of them. */
struct host_view walk_host_view(struct arena *a, const struct walk_task *t);

#endif
