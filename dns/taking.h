/*
 * taking.h - the work in progress of one snapshot; only for snapshot*.c.
 */
#ifndef DNS_TAKING_H
#define DNS_TAKING_H

#include "dns/walk.h"

enum {
	SERVERS_MAX = 64,   /* addresses of one zone's servers */
	HOSTS_MAX = 64,     /* MX and NS hosts looked up */
	SPF_NAMES_MAX = 32, /* RFC 7208 allows 10 lookups; more is already an error */
};

struct taking {
	struct arena *a;
	const struct snapshot_opts *opts;
	struct walk *walk;
	struct snapshot *s;
	VEC(struct dns_question) questions;
	VEC(struct server_view) servers;
	VEC(struct host_view) hosts;
	VEC(struct spf_view) spf;
	const struct cut *zone; /* NULL: not found */
};

/* snapshot_servers.c: the zone's servers and the panel of resolvers. */

/* Wants the addresses of a set's name servers that came without glue (NULL set: none). */
void taking_want_servers(struct taking *t, const struct rrset *ns);
/* Adds the addresses that are known now; the same server twice is one. */
void taking_add_servers(struct taking *t, const struct rrset *ns);
/* An empty view for each resolver of the options. */
struct resolver_view *taking_panel(struct taking *t);
/* All questions to the servers from number `first` on, and to the panel unless NULL.
 * -1 when cancelled. */
int taking_ask(struct taking *t, size_t first, struct resolver_view *panel, struct err *e);
/* Fills in what the child says of itself; and at the end what all of them make up. */
void taking_child_ns(struct taking *t);
/* Drops addresses without a route while others have one, marks who lists whom, and calls the
 * delegation broken when no server is OK. */
void taking_finish_servers(struct taking *t);

/* snapshot_follow.c: what the answers name. */

/* Wants the hosts of all MX and NS sets seen; afterwards takes their addresses. */
void taking_want_hosts(struct taking *t);
/* Each host once, MX first; one that was never walked (the limit) is left out. */
void taking_take_hosts(struct taking *t);
/* The SPF tree: its root and first names; then the rest, level by level. -1: cancelled. */
void taking_spf_begin(struct taking *t);
int taking_spf_finish(struct taking *t, struct err *e);

#endif
