/*
 * snapshot.h - what the live DNS said about a domain, by whom and when: plain values.
 *
 * Everything the audit's checks, the plan and the gates know of the DNS is in here;
 * they ask nothing themselves. It can be written as JSON and read back, so a check's
 * test is a document.
 */
#ifndef DNS_SNAPSHOT_H
#define DNS_SNAPSHOT_H

#include "dns/engine.h"

struct http;
struct walk_cache;

/* What one server said to one question. */
enum seen_state {
	SEEN_DATA,   /* rrset is there (perhaps by a CNAME: see alias) */
	SEEN_NODATA, /* the name exists, the type does not */
	SEEN_NXDOMAIN,
	SEEN_UNREADABLE, /* silent, truncated without TCP, SERVFAIL, garbage: not "missing" */
	SEEN_REFERRAL,   /* a zone cut lies between: occluded */
	SEEN_LAME,       /* REFUSED, not authoritative, upward referral */
};

struct seen {
	struct dns_question question;
	enum seen_state state;
	const struct rrset *rrset; /* for SEEN_DATA */
	const char *alias;         /* the CNAME's target when the name is one, else NULL */
	uint8_t rcode;
	uint32_t negative_ttl; /* min(SOA TTL, MINIMUM) of a negative answer; 0: no SOA */
	int64_t at_ms;
	const char *note;         /* "timeout", "SERVFAIL", "truncated, no TCP" …; NULL */
	enum dns_outcome outcome; /* why it is unreadable, when nothing came */
	bool no_soa;              /* a negative answer without SOA (RFC 2308 §2.2) */
	bool over_tcp;            /* it came truncated over UDP, then by TCP */
	bool without_edns;        /* asked for so: it cannot have signatures (RFC 3225 §3) */
	bool ttl_mixed;           /* the records of one set differ in TTL */
	bool has_ede;
	uint16_t ede;        /* RFC 8914, when has_ede: 3 and 19 are stale answers */
	uint32_t ttl_lowest; /* of the set, when ttl_mixed; rrset->ttl is the highest */
	/* What a validator needs; NULL when the answer came without any signature. */
	const struct seen_proof *proof;
};

/* Sections of a signed answer as they came: data, CNAMEs, RRSIG, NSEC, NSEC3, SOA, DS. */
struct seen_proof {
	size_t answer_n, authority_n;
	const struct rrset *const *answer;
	const struct rrset *const *authority;
};

enum server_state { SERVER_OK, SERVER_LAME, SERVER_SILENT };

enum probe { PROBE_NOT_TRIED, PROBE_YES, PROBE_NO };

/* What was found out about a server beside its answers. */
struct server_habits {
	enum dns_edns edns;
	enum probe tcp;       /* answers the SOA over TCP */
	enum probe recursive; /* RA, and it answers for a name that is not its own */
	enum probe axfr;      /* gives the whole zone away */
	bool case_changed;
	unsigned ignored, wrong_source; /* datagrams that were no answers of its own */
	const char *tcp_note;           /* why PROBE_NO; NULL */
};

/* One address of one name server. */
struct server_view {
	const char *name;    /* canonical */
	const char *address; /* text; "" when the name has none that could be found */
	bool in_parent, in_child;
	enum server_state state;
	const char *note; /* why it is not OK; NULL */
	bool has_soa;
	struct soa soa;
	uint32_t soa_ttl;
	int rtt_ms; /* the median of its answers */
	struct server_habits habits;
	size_t n;
	const struct seen *seen; /* one for each question of the snapshot, same order */
};

/* Servers that are not delegated to, but that somebody named: they are asked the same. */
enum other_role {
	OTHER_PANEL,    /* what the panel that will be edited calls the zone's servers */
	OTHER_PREVIOUS, /* the servers before a change of the delegation */
};
struct other_view {
	enum other_role role;
	struct server_view server;
};

/* One answer that was got by a walk from the root, or from any one server of the zone. */
struct lookup {
	struct seen seen;
	const char *zone;    /* the zone of the last answer; NULL when unknown */
	const char *address; /* who gave it; NULL */
};

/* A zone on the way from the root to the domain (or to a signed name that matters), for the
 * chain of trust. */
struct zone_link {
	const char *zone, *parent; /* parent NULL for the root */
	struct seen ds;            /* from the parent; for the root UNREADABLE */
	struct seen dnskey;        /* from one of its servers; UNREADABLE when not asked for */
};

/* The parent's word for a name server's address. */
struct glue {
	const char *host, *address;
};

/* The MTA-STS policy as it was fetched (RFC 8461 §3.3). */
enum sts_fetch {
	STS_NOT_ASKED, /* no _mta-sts record, or no HTTPS wanted */
	STS_FETCHED,   /* status 200; the body is there */
	STS_FAILED,    /* see note */
};
struct sts_view {
	enum sts_fetch fetch;
	int status;               /* HTTP; 0: none */
	const char *content_type; /* "" when there was none */
	const char *note; /* "the certificate has expired", "HTTP 404", "a redirect" …; NULL */
	const char *body; /* text, at most 64 KiB; "" when there is none */
	int64_t at_ms;
};

/* One resolver of the panel. */
struct resolver_view {
	const char *address;
	bool works; /* it answered the control name */
	const char *note;
	size_t n;
	const struct seen *seen; /* rrset->ttl is the remaining TTL */
};

/* What a hostile zone may make one snapshot read: the budget limits the waiting, not the work. */
enum {
	HOST_ADDRESSES_MAX = 32, /* of one host; further ones are left out */
	SNAPSHOT_OCTETS_MAX = 4 * 1024 * 1024,
	SNAPSHOT_RECORDS_MAX = 50000,
};

/* A host that mail would go to, resolved from the root. */
struct host_view {
	const char *name;  /* canonical */
	const char *alias; /* end of its CNAME chain when it is an alias, else NULL */
	enum seen_state state;
	size_t n;
	const char *const *addresses; /* at most HOST_ADDRESSES_MAX */
};

/* An SPF record reached from the domain's own through include and redirect. */
struct spf_view {
	const char *name; /* canonical */
	const char *via;  /* "include" or "redirect"; NULL for the domain's own */
	enum seen_state state;
	size_t n;
	const char *const *texts; /* joined v=spf1 texts at that name */
};

enum delegation_state {
	DELEGATION_OK,
	DELEGATION_MISSING,
	DELEGATION_IN_PARENT_ZONE,
	DELEGATION_BROKEN,
	DELEGATION_UNREACHABLE
};

struct snapshot {
	const char *domain; /* canonical, as asked for */
	const char *zone;   /* the zone that holds it (apex); NULL when not found */
	int64_t started_ms, ended_ms;
	enum delegation_state delegation;
	const char *delegation_note;              /* which server said what; NULL */
	const char *parent;                       /* the parent zone */
	const struct rrset *parent_ns, *child_ns; /* NULL when unknown */
	size_t question_n;
	const struct dns_question *questions;
	size_t server_n;
	const struct server_view *servers;
	size_t resolver_n;
	const struct resolver_view *resolvers;
	size_t host_n;
	const struct host_view *hosts; /* MX hosts: present, planned and old; name servers */
	size_t spf_n;
	const struct spf_view *spf; /* breadth first, each name once */
	size_t other_n;
	const struct other_view *others;
	size_t lookup_n;
	const struct lookup *lookups; /* by (name, type), each once */
	size_t link_n;
	const struct zone_link *links; /* the root first, a parent before its child */
	size_t glue_n;
	const struct glue *glue;
	struct sts_view sts;
	const char *random_label; /* nobody has such a name: probes for wildcards */
	size_t axfr_n;
	const char *const *axfr_mx; /* names below the domain with MX, from an open AXFR */
	bool axfr_cut;              /* there may be more: a limit was met */
	bool out_of_time;           /* its budget ended before everything had answered */
	/* What was asked sent more than SNAPSHOT_OCTETS_MAX or SNAPSHOT_RECORDS_MAX: from then on
	 * nothing was read, and what is unreadable for that reason says so. */
	bool too_much;
};

/* What to ask. `extra` is asked for at every server and resolver; `single` at one. */
struct snapshot_opts {
	const char *domain; /* canonical */
	const char *const
		*root_hints;          /* addresses ("127.1.0.1") of root servers, NULL-terminated */
	const char *const *resolvers; /* NULL-terminated; may be empty */
	size_t extra_n;               /* more questions (ownership name, DKIM selectors …) */
	const struct dns_question *extra;
	size_t single_n; /* more lookups, by a walk (DKIM targets, names for subdomains' MX …) */
	const struct dns_question *single;
	size_t host_n;                  /* hosts to resolve beside the MX found (planned MX …) */
	const char *const *hosts;       /* canonical */
	const char *const *panel_ns;    /* canonical, NULL-terminated; NULL: none given */
	const char *const *previous_ns; /* the same */
	/* SPF terms that a plan would add ("include:a.net"): what they lead to is in snapshot.spf,
	 * behind what the domain's own record reaches. NULL: none. */
	const char *spf_planned;
	struct dns_engine *engine;
	struct http *http;        /* NULL: no policy is fetched */
	struct walk_cache *cache; /* NULL: everything is asked anew */
	const struct rng *rng;    /* for the random label */
	/* Hears every signed answer of a server and of the chain as it comes; NULL. It may look at
	 * them until it has ended, so the arena must stay till then. */
	struct dnssec_ahead *ahead;
	/* Nobody has told of an old system, or of a token: what only they could be found with is
	 * not asked for (names that often have mail of their own; places of a lost token). */
	bool no_old_system, no_token;
	bool probe_servers; /* TCP, recursion, AXFR of each server: false for a quick look (gates,
			     * verify) */
	size_t octets_max;  /* of answers; more is not read; 0: SNAPSHOT_OCTETS_MAX */
	int budget_ms;      /* then what has not answered counts as unreadable; 0: 5500 */
};

/* Walks from the root, asks every authoritative address and the panel. An unreadable
 * world is a snapshot too; -1 only when cancelled or no root server answers at all
 * (ERR_WORLD, told apart by the hint). */
int snapshot_take(struct arena *a, const struct snapshot_opts *opts, const struct snapshot **snap_r,
		  struct err *e);

/* The same for many domains on one engine: begins, and goes on with the engine's turns. The
 * arena and the options' texts stay until it is done or dropped. */
struct snapshot_job;
/* Never NULL: what cannot be read is told by snapshot_poll; snapshot_drop gives it up. */
struct snapshot_job *snapshot_begin(struct arena *a, const struct snapshot_opts *opts);
enum snapshot_progress { SNAPSHOT_ASKING, SNAPSHOT_DONE, SNAPSHOT_FAILED };
/* After each turn. DONE fills *snap_r, FAILED *e (as snapshot_take's -1); both end the job. */
enum snapshot_progress snapshot_poll(struct snapshot_job *job, const struct snapshot **snap_r,
				     struct err *e);
/* True when nothing is under way any more, so that a poll would end it: cheap enough to ask of
 * hundreds after each turn. Moments (snapshot_wait_ms) are snapshot_poll's to look at. */
bool snapshot_settled(const struct snapshot_job *job);
/* How long a turn may last at most until snapshot_poll has something to do: <= max_ms. */
int snapshot_wait_ms(struct snapshot_job *job, int max_ms);
/* Gives up an unfinished one. */
void snapshot_drop(struct snapshot_job *job);
/* One turn of the engine and, where there is one, of HTTPS: waits at most max_ms. -1 with
 * ERR_CANCELLED. */
int snapshot_turn(struct dns_engine *en, struct http *http, int max_ms, struct err *e);

/* Resolves one name from the root (A and AAAA), following aliases. */
int dns_resolve_host(struct arena *a, const struct snapshot_opts *opts, const char *name,
		     struct host_view *host_r, struct err *e);

/* The addresses of a root hints file (RFC 1035 master format with A/AAAA of the root
 * servers), NULL-terminated; with path NULL the built-in IANA list. */
const char *const *root_hints_load(struct arena *a, const char *path, struct err *e);

/* What server i (or resolver i) said to (name, type); NULL when it was not asked. */
const struct seen *server_seen(const struct server_view *s, const char *name, uint16_t type);
/* The same for a resolver of the panel; its TTLs are what remains in its cache. */
const struct seen *resolver_seen(const struct resolver_view *r, const char *name, uint16_t type);
/* The highest TTL that any authoritative server serves for (name, type), rrset in
 * *rrset_r (may be NULL) of the first readable server; false when none has it. */
bool snapshot_rrset(const struct snapshot *s, const char *name, uint16_t type,
		    const struct rrset **rrset_r, uint32_t *max_ttl_r);

/* True when a server sends whoever asks elsewhere: a zone cut lies between, or the name is an alias
 * that leads out of its zone. */
bool seen_is_away(const struct seen *seen);
/* What whoever follows finds in the end, where that was looked up (the texts of mail policies,
 * which hosts of policies serve from their own zones); else `seen` itself. Takes NULL. */
const struct seen *snapshot_follow(const struct snapshot *s, const struct seen *seen);

/* The resolved host, or NULL when it was not looked up. `name` canonical. */
const struct host_view *snapshot_host(const struct snapshot *s, const char *name);
/* The lookup of (name, type), or NULL when it was not made. `name` canonical. */
const struct seen *snapshot_lookup(const struct snapshot *s, const char *name, uint16_t type);
/* Stable lower-case words for documents and messages. */
const char *server_state_name(enum server_state state);
/* "data", "nodata", "nxdomain", "unreadable", "referral", "lame". */
const char *seen_state_name(enum seen_state state);
/* "ok", "missing", "in-parent-zone", "broken", "unreachable". */
const char *delegation_state_name(enum delegation_state state);

/* "answered", "silent", "refused", "truncated", "garbage", "cancelled", "no-route",
 * "no-socket". */
const char *dns_outcome_name(enum dns_outcome outcome);
/* "unknown", "ok", "dropped", "refused", "ignored". */
const char *dns_edns_name(enum dns_edns edns);
/* "not-tried", "yes", "no". */
const char *probe_name(enum probe probe);
/* "panel", "previous". */
const char *other_role_name(enum other_role role);
/* "not-asked", "fetched", "failed". */
const char *sts_fetch_name(enum sts_fetch fetch);

/* As a document, and back: nothing of `v` is kept. NULL with ERR_ITEM when it is no snapshot. */
struct js *snapshot_to_js(const struct snapshot *s);
/* Everything is checked again, for a document may come from another machine. NULL with
 * ERR_ITEM. */
const struct snapshot *snapshot_from_js(struct arena *a, const struct js *v, struct err *e);

#endif
