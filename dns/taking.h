/*
 * taking.h - the work in progress of one snapshot; only for snapshot*.c.
 *
 * It is a bundle of small strands, each in its own file, which go on as answers come: the
 * zone, its servers, their habits, the panel, the hosts, single lookups, SPF, DMARC, the
 * chain of trust, the MTA-STS policy. A strand is begun by another one's answer and waits
 * for nothing else. All are done when nothing is under way any more.
 */
#ifndef DNS_TAKING_H
#define DNS_TAKING_H

#include "dns/walk.h"
#include "io/http.h"

enum {
	SERVERS_MAX = 64,   /* addresses of one zone's servers */
	HOSTS_MAX = 64,     /* MX and NS hosts looked up */
	LOOKUPS_MAX = 448,  /* single answers; most of them names from a zone transfer */
	SPF_NAMES_MAX = 32, /* RFC 7208 allows 10 lookups; more is already an error */
	LINKS_MAX = 64,     /* zones in all chains of trust together */
};

/* A question of the job's own, to one address. */
struct inquiry {
	struct dns_ask ask;
	struct snapshot_job *job;
	void (*heard)(struct inquiry *q); /* whatever became of it; not when it was given up */
	void *who;                        /* the server or resolver that is asked */
	size_t i;                         /* number of the question */
	struct inquiry *next;
};

/* Something to be asked that another answer may spare. */
struct hold {
	void (*go)(struct hold *h); /* asks; set by who holds it */
	struct snapshot_job *job;   /* NULL: it does not wait (any more) */
	int64_t due_ms;
};

/* One address of a name server on its way to a server_view. */
struct server_work {
	struct snapshot_job *job;
	struct server_view view;
	struct seen *seen;         /* view.seen */
	struct inquiry *inquiries; /* one for each of them */
	struct held_types *held;   /* further types of names that may not exist */
	size_t rtt_n;
	int *rtt_ms;                   /* of each answer */
	bool delegated;                /* the parent or the child names it */
	unsigned roles;                /* bits 1 << enum other_role */
	bool no_route;                 /* this machine cannot send there */
	bool placed;                   /* its view was handed out */
	struct axfr *axfr;             /* what came of its zone transfer; NULL: not tried */
	struct dns_transfer *transfer; /* under way; NULL */
};

struct resolver_work {
	struct snapshot_job *job;
	struct resolver_view *view;
	struct seen *seen; /* view->seen */
	struct inquiry *control;
};

struct lookup_work {
	struct snapshot_job *job;
	const char *name;
	uint16_t type;
	struct walk_task *task;
	struct walk_task *where; /* which zone it is in, when that was asked for; NULL */
};

struct link_work {
	struct snapshot_job *job;
	struct cut *cut;
	bool end;                 /* something that matters lies in this zone */
	bool told;                /* it stands in the snapshot */
	struct walk_task *dnskey; /* NULL: not asked for */
};

struct snapshot_job {
	struct arena *a;
	struct snapshot_opts opts; /* its texts and lists are the caller's */
	struct dns_engine *en;
	struct walk *walk;
	struct snapshot *s;
	const char *late; /* the note of what was not answered in time */
	struct dns_allowance allowance;
	/* By the engine's monotonic clock: setting the other must not end an audit. */
	int64_t begun_ms;
	int64_t due_ms;        /* end of the budget */
	int64_t patience_ms;   /* when lookups begin, whoever was heard; 0: not yet known */
	bool over;             /* nothing more is begun */
	bool looked;           /* the lookups within the zone have begun */
	size_t open;           /* inquiries under way */
	size_t transfers;      /* of zones, under way */
	struct inquiry *asked; /* all of them */
	VEC(struct hold *) holds;
	size_t hold_at, held; /* the first that may wait; how many do */
	struct cut *zone;     /* NULL: not found (yet) */
	size_t panel_from;    /* number of the first question for resolvers */
	VEC(struct dns_question) questions;
	VEC(const char *) ns_hosts; /* of the parent's and the child's NS sets */
	VEC(struct server_work *) servers;
	size_t resolver_n;
	struct resolver_work *resolvers;
	VEC(struct walk_task *) hosts;
	VEC(struct lookup_work *) lookups;
	VEC(const char *) spf_names; /* followed; the domain itself first */
	VEC(const char *) spf_own;   /* the domain's records that were expanded */
	size_t spf_asked;            /* addresses and MX sets looked up for terms */
	size_t reporters;            /* receivers of reports asked about */
	size_t pointers;             /* PTR looked up */
	VEC(struct link_work *) links;
	VEC(const char *) axfr_mx;
	/* Below the domain; NULL: it is too long for such a name. */
	const char *dmarc_name, *sts_name, *tls_name, *keys_name;
	bool ancestors_wanted, sts_wanted;
	struct http_get *policy; /* under way; NULL */
};

/* snapshot.c */

/* Asks; q->ask, who, i and heard are set. Nothing happens when the job is over.
 */
void taking_put(struct snapshot_job *j, struct inquiry *q);
/* Gives one up, whatever its state. */
void taking_give_up(struct snapshot_job *j, struct inquiry *q);
/* A delegated server's answer, handed to every strand that may go on with it.
 */
void taking_heard(struct snapshot_job *j, const struct seen *seen);
/* Any answer that a judgement may look at, for whoever verifies ahead. */
void taking_signed(struct snapshot_job *j, const struct seen *seen);

/* snapshot_hold.c */

/* One of many, which share what was learnt: questions are spared. */
bool taking_is_crowd(const struct snapshot_job *j);

/* Held for a moment. */
void taking_hold(struct snapshot_job *j, struct hold *h);
/* It is not needed. Takes one that does not wait, too. */
void taking_spare(struct hold *h);
/* It is asked now. The same. */
void taking_let_go(struct hold *h);
/* Lets go whose moment is over. */
void taking_hold_tick(struct snapshot_job *j, int64_t now_ms);
/* When that is for the first of them; 0: none waits. */
int64_t taking_hold_due_ms(struct snapshot_job *j);

/* snapshot_zone.c: which zone it is, and what is asked about it. */

/* Begins the walk to the zone, which begins the servers. */
void taking_zone_begin(struct snapshot_job *j);
/* A name below the domain; NULL where it would be too long. */
const char *taking_below(struct snapshot_job *j, const char *label);
/* The zone's name, or the domain's while it has none. */
const char *taking_apex(const struct snapshot_job *j);

/* snapshot_servers.c: every address of the zone's servers, by itself. */

/* Asks all addresses of a set's hosts that were not asked yet (NULL set: none).
 */
void taking_servers_of(struct snapshot_job *j, const struct rrset *ns);
/* An answer as nobody has given it: of that note. */
struct seen taking_unheard(const struct dns_question *q, const char *note);
/* The servers that are not delegated to, but were named by the caller. */
void taking_others_begin(struct snapshot_job *j);
/* Their answers: strands go on. */
void taking_servers_heard(struct snapshot_job *j, const struct seen *seen);
/* snapshot_order.c: judges them, puts them in the order of the NS sets, and calls the delegation
 * broken when none is OK. */
void taking_servers_finish(struct snapshot_job *j);

/* snapshot_axfr.c: a transfer of the zone, which begins now. */
void taking_axfr_begin(struct server_work *w);
/* Ends all that are under way; what came of them counts. */
void taking_axfr_give_up(struct snapshot_job *j);

/* snapshot_habits.c: TCP, recursion, zone transfer. */
void taking_habits_begin(struct server_work *w);
/* After it was judged. */
void taking_habits_finish(struct server_work *w);
/* Counts what a reply tells about its server beside the answer. */
void taking_habits_note(struct server_work *w, const struct dns_reply *r);

/* snapshot_panel.c: the resolvers, each begun by its answer to the control name. */
void taking_panel_begin(struct snapshot_job *j);
/* When the next resolver is given up for its silence; 0: none is. */
int64_t taking_panel_due_ms(const struct snapshot_job *j);
/* Gives up those whose control name is not answered by now. */
void taking_panel_tick(struct snapshot_job *j, int64_t now_ms);
/* What resolvers are not asked says so. */
void taking_panel_finish(struct snapshot_job *j);

/* snapshot_hosts.c: names that must have addresses. */

/* Its addresses are wanted; NULL when there are too many. Calls `fn` (may be NULL) once. */
struct walk_task *taking_host(struct snapshot_job *j, const char *name, walk_done_fn *fn,
			      void *ctx);
/* As taking_host, and TLSA, for one that takes mail. */
void taking_mail_host(struct snapshot_job *j, const char *name);
/* The hosts of an MX set. */
void taking_hosts_heard(struct snapshot_job *j, const struct seen *seen);
/* The hosts of a resolver's MX set: where the zone's servers need seconds, its own hosts could
 * not be asked for in time after their answer. */
void taking_hosts_foretold(struct snapshot_job *j, const struct seen *seen);
/* MX first, then the caller's, then name servers, then the rest. After the servers. */
void taking_hosts_finish(struct snapshot_job *j);

/* snapshot_lookups.c: single answers. */

/* Once each; NULL when there are too many. */
struct walk_task *taking_lookup(struct snapshot_job *j, const char *name, uint16_t type);
/* The fixed list, as soon as a server of the zone is known to live. */
void taking_lookups_begin(struct snapshot_job *j);
/* A mail policy's text that is served from elsewhere is looked up there, and handed to the strands
 * as if the server had said it. */
void taking_away_heard(struct snapshot_job *j, const struct seen *seen);
/* By name and type. */
void taking_lookups_finish(struct snapshot_job *j);

/* snapshot_spf.c: the SPF tree, each name as soon as a record names it. */
void taking_spf_heard(struct snapshot_job *j, const struct seen *seen);
/* Breadth first from the record of the first server that is OK. After the servers. */
void taking_spf_finish(struct snapshot_job *j);

/* snapshot_dmarc.c: the tree walk of RFC 9989, and who takes reports (RFC 9990 §4). */
void taking_dmarc_heard(struct snapshot_job *j, const struct seen *seen);

/* snapshot_chain.c: DS and DNSKEY from the root down to a zone. */

/* The zone of something that matters (NULL: none). */
void taking_chain_want(struct snapshot_job *j, struct cut *cut);
/* Fills snap->links, each parent before its child; nothing is asked any more. */
void taking_chain_finish(struct snapshot_job *j);

/* snapshot_sts.c: the MTA-STS policy. */
void taking_sts_heard(struct snapshot_job *j, const struct seen *seen);
/* Under way now. */
bool taking_sts_open(const struct snapshot_job *j);
/* Ends what is under way; with a note, the snapshot says so. */
void taking_sts_give_up(struct snapshot_job *j, const char *note);

#endif
