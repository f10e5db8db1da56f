/*
 * What a server's answers make of it, and in which order servers are told: that
 * of the NS sets, so that two snapshots of one zone read alike whoever answered
 * first.
 */
#include <stdlib.h>

#include "dns/judge.h"
#include "dns/taking.h"
#include "zone/dname.h"

/* An error code is an answer too: the server lives. */
static bool has_answer(const struct server_view *v)
{
	for (size_t i = 0; i < v->n; i++) {
		if (v->seen[i].state != SEEN_UNREADABLE || v->seen[i].rcode != 0)
			return true;
	}
	return false;
}

static int int_compare(const void *a, const void *b)
{
	const int *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* It must be authoritative for the SOA, the first question. */
static void judge_server(struct server_work *w)
{
	struct server_view *v = &w->view;
	const struct seen *soa = v->seen;
	if (w->rtt_n > 0) {
		qsort(w->rtt_ms, w->rtt_n, sizeof(*w->rtt_ms), int_compare);
		v->rtt_ms = w->rtt_ms[w->rtt_n / 2];
	}
	v->note = soa->note;
	if (soa->state == SEEN_DATA && soa->rrset->n == 1 &&
	    soa_parse(soa->rrset->rdata[0], &v->soa)) {
		v->has_soa = true;
		v->soa_ttl = soa->rrset->ttl;
		v->state = SERVER_OK;
		v->note = NULL;
	} else if (has_answer(v)) {
		v->state = SERVER_LAME;
		v->note = v->note != NULL ? v->note : "it has no SOA for the zone";
	} else {
		v->state = SERVER_SILENT;
	}
}

/* By canonical host, so that case does not make two servers of one. */
static bool lists(struct arena *a, const struct rrset *ns, const char *host)
{
	for (size_t i = 0; ns != NULL && i < ns->n; i++) {
		const char *listed = rdata_host(a, RR_NS, ns->rdata[i]);
		if (listed != NULL && dname_equal(listed, host))
			return true;
	}
	return false;
}

/* The delegated servers, as they are handed out. */
struct order {
	struct snapshot_job *job;
	struct server_work **at;
	size_t n;
};

/* All that are left, or with a host only its own; their addresses as they became known, which is
 * glue first, A before AAAA. */
static void place(struct order *o, const char *host)
{
	const struct snapshot_job *j = o->job;
	for (size_t i = 0; i < j->servers.n; i++) {
		struct server_work *w = j->servers.at[i];
		if (!w->delegated || w->placed ||
		    (host != NULL && !dname_equal(w->view.name, host)))
			continue;
		w->placed = true;
		o->at[o->n++] = w;
	}
}

static void place_hosts_of(struct order *o, const struct rrset *ns)
{
	for (size_t i = 0; ns != NULL && i < ns->n && i < SERVERS_MAX; i++) {
		const char *host = rdata_host(o->job->a, RR_NS, ns->rdata[i]);
		if (host != NULL)
			place(o, host);
	}
}

/* What the first of them that knows says of the zone itself. */
static const struct rrset *child_ns(const struct order *o)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct seen *ns = server_seen(&o->at[i]->view, o->job->s->zone, RR_NS);
		if (ns != NULL && ns->state == SEEN_DATA)
			return ns->rrset;
	}
	return NULL;
}

/* An address that this machine cannot reach at all says nothing about the server, when another
 * one can be reached (a machine without IPv6). */
static void drop_unroutable(struct order *o)
{
	size_t kept = 0;
	bool routable = false;
	for (size_t i = 0; i < o->n; i++)
		routable = routable || !o->at[i]->no_route;
	for (size_t i = 0; i < o->n; i++) {
		if (!routable || !o->at[i]->no_route)
			o->at[kept++] = o->at[i];
	}
	o->n = kept;
}

static void hand_out_servers(const struct order *o)
{
	struct snapshot *s = o->job->s;
	struct server_view *views = ARENA_ARRAY(o->job->a, o->n, struct server_view);
	bool any_ok = false;
	for (size_t i = 0; i < o->n; i++) {
		views[i] = o->at[i]->view;
		views[i].in_parent = lists(o->job->a, s->parent_ns, views[i].name);
		views[i].in_child = lists(o->job->a, s->child_ns, views[i].name);
		any_ok = any_ok || views[i].state == SERVER_OK;
	}
	if (!any_ok && o->job->zone != NULL)
		s->delegation = DELEGATION_BROKEN;
	s->server_n = o->n;
	s->servers = views;
}

/* One view for each part that a server has; a host that turned out to be in the child's NS set
 * is no other. */
static void hand_out_others(struct snapshot_job *j)
{
	VEC(struct other_view) list = { 0 };
	for (unsigned role = OTHER_PANEL; role <= OTHER_PREVIOUS; role++) {
		for (size_t i = 0; i < j->servers.n; i++) {
			const struct server_work *w = j->servers.at[i];
			if ((w->roles >> role & 1) == 0 || w->no_route || w->delegated ||
			    lists(j->a, j->s->child_ns, w->view.name))
				continue;
			*vec_push(j->a, &list) = (struct other_view){ (enum other_role)role,
								      w->view };
		}
	}
	j->s->other_n = list.n;
	j->s->others = list.at;
}

void taking_servers_finish(struct snapshot_job *j)
{
	struct order o = { .job = j };
	o.at = ARENA_ARRAY(j->a, j->servers.n, struct server_work *);
	for (size_t i = 0; i < j->servers.n; i++) {
		judge_server(j->servers.at[i]);
		taking_habits_finish(j->servers.at[i]);
	}
	if (j->zone != NULL) {
		place_hosts_of(&o, j->zone->ns);
		j->s->child_ns = child_ns(&o);
		place_hosts_of(&o, j->s->child_ns);
		place(&o, NULL);
		j->s->child_ns = child_ns(&o);
	}
	drop_unroutable(&o);
	hand_out_servers(&o);
	hand_out_others(j);
}
