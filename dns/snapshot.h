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
	const char *note; /* "timeout", "SERVFAIL", "truncated, no TCP" …; NULL */
};

enum server_state { SERVER_OK, SERVER_LAME, SERVER_SILENT };

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
	int rtt_ms;
	size_t n;
	const struct seen *seen; /* one for each question of the snapshot, same order */
};

/* One resolver of the panel. */
struct resolver_view {
	const char *address;
	bool works; /* it answered the control name */
	const char *note;
	size_t n;
	const struct seen *seen; /* rrset->ttl is the remaining TTL */
};

/* A host that mail would go to, resolved from the root. */
struct host_view {
	const char *name;  /* canonical */
	const char *alias; /* end of its CNAME chain when it is an alias, else NULL */
	enum seen_state state;
	size_t n;
	const char *const *addresses;
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
};

/* What to ask. The names' roles: everything is asked for at every server. */
struct snapshot_opts {
	const char *domain; /* canonical */
	const char *const
		*root_hints;          /* addresses ("127.1.0.1") of root servers, NULL-terminated */
	const char *const *resolvers; /* NULL-terminated; may be empty */
	size_t extra_n;               /* more questions (ownership name, DKIM selectors …) */
	const struct dns_question *extra;
	size_t host_n;            /* hosts to resolve beside the MX found (planned MX …) */
	const char *const *hosts; /* canonical */
	struct dns_engine *engine;
};

/* Walks from the root, asks every authoritative address and the panel. An unreadable
 * world is a snapshot too; -1 only when cancelled or no root server answers at all
 * (ERR_WORLD, told apart by the hint). */
int snapshot_take(struct arena *a, const struct snapshot_opts *opts, const struct snapshot **snap_r,
		  struct err *e);

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

/* The resolved host, or NULL when it was not looked up. `name` canonical. */
const struct host_view *snapshot_host(const struct snapshot *s, const char *name);
/* Stable lower-case words for documents and messages. */
const char *server_state_name(enum server_state state);
/* "data", "nodata", "nxdomain", "unreadable", "referral", "lame". */
const char *seen_state_name(enum seen_state state);
/* "ok", "missing", "in-parent-zone", "broken", "unreachable". */
const char *delegation_state_name(enum delegation_state state);

/* As a document, and back: nothing of `v` is kept. NULL with ERR_ITEM when it is no snapshot. */
struct js *snapshot_to_js(const struct snapshot *s);
/* Everything is checked again, for a document may come from another machine. NULL with
 * ERR_ITEM. */
const struct snapshot *snapshot_from_js(struct arena *a, const struct js *v, struct err *e);

#endif
