/*
 * walk_priv.h - what the parts of the walk share; only for dns/walk*.c.
 *
 * A task has a line for each type: what is asked for now, where, and what is under way. Lines
 * that may go on stand in the walk's queue; walk_pump lets each of them take one step, until
 * all of them wait for something: an answer, the addresses of a zone, or another line that
 * asks the same servers about the same child zone (a scout).
 */
#ifndef DNS_WALK_PRIV_H
#define DNS_WALK_PRIV_H

#include "dns/judge.h"
#include "dns/name_map.h"
#include "dns/walk.h"

enum {
	TASKS_MAX = 512,
	INNER_MAX = 256,  /* of them: hosts that only the walk itself wants */
	DEPTH_MAX = 8,    /* a server's name that needs a server's name that needs … */
	ASKS_MAX = 4096,  /* questions of one walk */
	STEPS_MAX = 64,   /* useful answers of one line */
	ALIASES_MAX = 11, /* more than any honest chain has */
	CUTS_MAX = 512,
	CUT_DEPTH_MAX = 32,
	CUT_HOSTS_MAX = 4,      /* names resolved for one zone without glue */
	CUT_NAMES_MAX = 64,     /* names of its NS set that are looked at */
	CUT_ADDRESSES_MAX = 32, /* bits of line.tried */
	AT_ONCE = 2,            /* servers asked side by side; the first is enough */
	HEDGE_MS = 300,         /* then the others are asked too */
	CACHE_MOST_S = 3600,
};

struct line;
struct line_list {
	struct line **at;
	size_t n, cap;
};

/* One question to one server. */
struct walk_ask {
	struct dns_ask ask;
	struct line *line;
	size_t server; /* index into the cut's addresses */
	struct walk_ask *next;
};

/* One type of a task on its way. */
struct line {
	struct walk *w;
	struct walk_task *t;
	size_t i; /* which of the task's types */
	const char *qname;
	struct cut *at;
	bool done, queued;
	bool fresh;     /* it came by a name that must be asked anew */
	bool all;       /* not only the first servers are asked */
	uint32_t tried; /* bits: addresses of `at` that were asked about qname */
	unsigned aliases, steps;
	uint32_t ttl;                                /* the lowest of what was used */
	int64_t hedge_ms;                            /* when the others are asked; 0: not armed */
	struct walk_ask *asks;                       /* under way */
	const void *waits_in;                        /* the list that holds it; NULL */
	struct scout *scout;                         /* that it is for others; NULL */
	struct seen *last;                           /* the best of the useless replies; NULL */
	VEC(const struct rrset *) answer, authority; /* of the aliases it came by */
};

/* Who asks for a child zone at the servers of a zone that delegates a lot. */
struct scout {
	struct line *by;
	bool settled; /* there is no zone of that name, or it is known */
	struct line_list waiting;
};

struct on_done {
	walk_done_fn *fn;
	void *ctx;
};

struct task_work {
	struct line *lines; /* one for each type */
	bool wished;        /* by the user, not only by the walk */
	bool parked;        /* nobody waits for it any more */
	bool cached;
	unsigned depth;
	VEC(struct on_done) on_done;
	VEC(struct cut *) for_cuts; /* zones that wait for this host's addresses */
};

struct cut_work {
	struct line_list waiting; /* for addresses */
	unsigned depth;
	bool hosts_wanted;
	size_t hosts_open; /* lines that may bring addresses yet */
	bool circle;       /* only its own names would know its addresses */
	bool answered, delegates, cached;
	uint32_t ttl;
	const char *heard_at; /* what walk_heard told; NULL */
};

struct hedge {
	struct line *line;
	int64_t at_ms;
};

struct walk {
	struct arena *a;
	struct walk_opts opts;
	struct cut *root;
	struct name_map cuts, tasks, scouts;
	VEC(struct cut *) cut_list;
	VEC(struct walk_task *) task_list;
	VEC(struct walk_task *) finished; /* whose callbacks are due */
	struct line_list ready;
	VEC(struct hedge) hedges; /* in order of time: all wait equally long */
	size_t ready_at, hedge_at;
	size_t open, inner_n, unfinished; /* wished and not done; inner; not done at all */
	size_t asked, under_way;
	struct walk_ask *spare;
	const char *given_up;
	bool root_heard, pumping;
	bool started; /* something that could have to be parked */
};

/* walk.c */

/* The task of a host that only the walk needs; NULL at a limit. */
struct walk_task *walk_want_inner(struct walk *w, const char *name, unsigned depth);
/* All lines of it have ended. */
void walk_finish(struct walk *w, struct walk_task *t);
/* Lets the line take a step soon. */
void walk_queue(struct walk *w, struct line *l);
/* Once in one list at a time. */
void walk_wait_in(struct walk *w, struct line_list *list, struct line *l);
/* Queues all of them and empties the list. */
void walk_wake(struct walk *w, struct line_list *list);
/* Steps until all wait. */
void walk_pump(struct walk *w);
/* At or below the name that must be asked anew? */
bool walk_is_fresh(const struct walk *w, const char *name);

/* walk_line.c: where a line goes next. */

/* One step: asks, waits, or ends. */
void line_step(struct line *l);
/* Ends it as unreadable. The note is kept by reference. */
void line_fail(struct line *l, const char *note);
/* Another may ask for the child zone. */
void line_leave_scout(struct line *l);

/* walk_digest.c: what an answer does to a line. */
void line_digest(struct line *l, struct walk_ask *wa);
/* The zone that the line looks for is this one. */
void line_found_cut(struct line *l, struct cut *c, enum seen_state state);

/* walk_ask.c: questions under way. */

/* Asks those that were not tried, as many as its stage allows. */
void line_ask(struct line *l);
/* Drops its questions that are under way; their answers reach nobody. */
void line_abandon(struct line *l);

/* walk_cut.c */

/* The deepest zone known that holds the name, from the cache too. */
struct cut *cut_for(struct walk *w, const char *name);
/* The cut of that name, new when it was not known; NULL at a limit. `ask` brought it. */
struct cut *cut_learn(struct walk *w, struct cut *parent, const struct rrset *ns,
		      const struct dns_ask *ask);
/* A zone with the servers of the one above, its NS set not known yet; `above` at a limit. */
struct cut *cut_shared(struct walk *w, struct cut *above, const char *name);
/* Wants the names of servers without address. True while addresses may come. */
bool cut_want_hosts(struct walk *w, struct cut *c, unsigned depth);
/* What one line of a host found goes to the zones that wait for it. */
void cut_host_line(struct walk *w, struct walk_task *t, size_t i);
/* Server number i was of use. */
void cut_good(struct walk *w, struct cut *c, size_t i);
/* The same for the address that walk_heard told of. */
void cut_take_word(struct walk *w, struct cut *c);

/* walk_between.c: the zone right above `child`, as the answer of a server of `above` shows it:
 * `above` itself unless another lies between. */
struct cut *cut_between(struct walk *w, struct cut *above, const char *child,
			const struct dns_answer *ans);

/* walk_copy.c: deep copies, into an arena or a block of one's own. */
struct sink {
	struct arena *a; /* NULL: the block */
	char *block;
	size_t used; /* in either case: what was needed so far */
};
/* A copy into a scratch arena tells by `used` how large a block must be for the same one. Whatever
 * points back into a walk (parent, work) is NULL in the copy. */
struct cut *copy_cut(struct sink *to, const struct cut *c);
struct walk_task *copy_task(struct sink *to, const struct walk_task *t);
const char *copy_text(struct sink *to, const char *text);

/* walk_cache.c; a NULL cache has nothing and keeps nothing. */

/* In the arena, without parent, whose name goes to *parent_r; NULL when it is not there. */
struct cut *walk_cache_cut(struct walk_cache *c, struct arena *a, const char *name,
			   const char **parent_r);
/* Deep copies, forgotten after ttl_s or when newer ones need the room. */
void walk_cache_put_cut(struct walk_cache *c, const struct cut *cut, uint32_t ttl_s);
/* The server that was useful last. */
void walk_cache_good(struct walk_cache *c, const struct cut *cut);
/* A wish: WISH_HOST, or the type that is wanted. */
enum wish { WISH_HOST = 0x10000, WISH_CUT, WISH_TYPE = 0 };
struct walk_key {
	const char *name;
	unsigned wish;
};
/* Its results only; in the arena. *zone_r: of the server that answered; NULL when unknown. */
const struct walk_task *walk_cache_task(struct walk_cache *c, struct arena *a,
					const struct walk_key *key, const char **zone_r);
void walk_cache_put_task(struct walk_cache *c, const struct walk_task *t, unsigned wish,
			 uint32_t ttl_s);

#endif
