/*
 * The zone's servers, each address by itself, and the panel of resolvers: who they are,
 * what they are asked, what becomes of their answers.
 */
#include "dns/judge.h"
#include "dns/taking.h"
#include "zone/dname.h"

/* By name and address: one host may have many, and one address many names. */
static bool has_server(const struct taking *t, const char *name, const char *address)
{
	for (size_t i = 0; i < t->servers.n; i++) {
		if (dname_equal(t->servers.at[i].name, name) &&
		    str_eq(t->servers.at[i].address, address))
			return true;
	}
	return false;
}

/* Over the limit the rest is left out: no honest zone has that many. */
static void add_server(struct taking *t, const char *name, const char *address)
{
	if (t->servers.n >= SERVERS_MAX || has_server(t, name, address))
		return;
	struct server_view *v = vec_push(t->a, &t->servers);
	v->name = name;
	v->address = address;
}

/* The addresses of one name server: the parent's glue, or what its name resolves to. */
static void add_name_server(struct taking *t, const char *host)
{
	bool found = false;
	for (size_t i = 0; i < t->zone->addresses.n; i++) {
		const struct cut_address *at = &t->zone->addresses.at[i];
		if (!dname_equal(at->host, host))
			continue;
		add_server(t, host, at->address);
		found = true;
	}
	const struct walk_task *w = found ? NULL : walk_want_host(t->walk, host);
	for (size_t k = 0; w != NULL && w->done && k < w->type_n; k++) {
		for (size_t i = 0; w->sets[k] != NULL && i < w->sets[k]->n; i++) {
			add_server(t, host, w->sets[k]->rdata[i]);
			found = true;
		}
	}
	if (!found)
		add_server(t, host, "");
}

/* Wants the addresses of a set's name servers that came without glue. */
void taking_want_servers(struct taking *t, const struct rrset *ns)
{
	for (size_t i = 0; ns != NULL && i < ns->n && i < SERVERS_MAX; i++) {
		const char *host = rdata_host(t->a, RR_NS, ns->rdata[i]);
		bool glued = false;
		for (size_t k = 0; host != NULL && k < t->zone->addresses.n; k++)
			glued = glued || dname_equal(t->zone->addresses.at[k].host, host);
		if (host != NULL && !glued)
			(void)walk_want_host(t->walk, host);
	}
}

void taking_add_servers(struct taking *t, const struct rrset *ns)
{
	for (size_t i = 0; ns != NULL && i < ns->n; i++) {
		const char *host = rdata_host(t->a, RR_NS, ns->rdata[i]);
		if (host != NULL)
			add_name_server(t, host);
	}
}

/* All questions to one address. */
static void put_asks(const struct taking *t, const char *address, bool rd, struct dns_ask *asks)
{
	for (size_t i = 0; i < t->questions.n; i++)
		asks[i] = (struct dns_ask){ .address = address,
					    .question = t->questions.at[i],
					    .rd = rd };
}

/* One verdict a question, in their order. */
static struct seen *judge_all(const struct taking *t, const char *zone, const struct dns_ask *asks)
{
	struct seen *seen = ARENA_ARRAY(t->a, t->questions.n, struct seen);
	for (size_t i = 0; i < t->questions.n; i++)
		seen[i] = judge_seen(t->a, zone, &asks[i]);
	return seen;
}

/* An error code is an answer too: the server lives. */
static bool has_answer(const struct server_view *v)
{
	for (size_t i = 0; i < v->n; i++) {
		if (v->seen[i].state != SEEN_UNREADABLE || v->seen[i].rcode != 0)
			return true;
	}
	return false;
}

/* What the server said to all questions makes its state: it must be authoritative for
 * the SOA (the first question). */
static void judge_server(struct server_view *v, const struct dns_ask *asks)
{
	const struct seen *soa = v->seen;
	v->rtt_ms = asks[0].reply.rtt_ms;
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
	if (v->address[0] == '\0')
		v->note = "its name has no address";
}

/* One question more than the servers get: the control comes first. */
static void ask_panel_put(const struct taking *t, struct dns_ask *asks)
{
	size_t per = t->questions.n + 1;
	for (size_t i = 0; i < t->s->resolver_n; i++) {
		asks[i * per] = (struct dns_ask){ .address = t->s->resolvers[i].address,
						  .question = { ".", RR_NS },
						  .rd = true };
		put_asks(t, t->s->resolvers[i].address, true, &asks[i * per + 1]);
	}
}

/* The control name is the root: a resolver that cannot tell it is broken itself, and
 * must not be blamed on the domain. */
static void judge_panel(struct taking *t, struct resolver_view *views, const struct dns_ask *asks)
{
	size_t per = t->questions.n + 1;
	for (size_t i = 0; i < t->s->resolver_n; i++) {
		struct seen control = judge_seen(t->a, NULL, &asks[i * per]);
		views[i].works = control.state == SEEN_DATA;
		views[i].note = views[i].works         ? NULL
				: control.note != NULL ? control.note
						       : "it does not know the root";
		views[i].n = t->questions.n;
		views[i].seen = judge_all(t, NULL, &asks[i * per + 1]);
	}
}

/* Asks the servers from number `first` on, and the panel in the first wave. */
int taking_ask(struct taking *t, size_t first, struct resolver_view *panel, struct err *e)
{
	size_t per = t->questions.n;
	size_t server_asks = (t->servers.n - first) * per;
	size_t panel_asks = panel != NULL ? t->s->resolver_n * (per + 1) : 0;
	struct dns_ask *asks = ARENA_ARRAY(t->a, server_asks + panel_asks, struct dns_ask);
	for (size_t i = first; i < t->servers.n; i++)
		put_asks(t, t->servers.at[i].address, false, &asks[(i - first) * per]);
	if (panel != NULL)
		ask_panel_put(t, asks + server_asks);
	dns_ask_all(t->opts->engine, t->a, asks, server_asks + panel_asks);
	if (dns_engine_cancelled(t->opts->engine))
		return err_set(e, ERR_CANCELLED, "asking the DNS was interrupted");
	for (size_t i = first; i < t->servers.n; i++) {
		struct server_view *v = &t->servers.at[i];
		v->n = per;
		v->seen = judge_all(t, t->s->zone, &asks[(i - first) * per]);
		judge_server(v, &asks[(i - first) * per]);
	}
	if (panel != NULL)
		judge_panel(t, panel, asks + server_asks);
	return 0;
}

struct resolver_view *taking_panel(struct taking *t)
{
	const char *const *list = t->opts->resolvers;
	size_t n = 0;
	while (list != NULL && list[n] != NULL)
		n++;
	struct resolver_view *panel = ARENA_ARRAY(t->a, n, struct resolver_view);
	for (size_t i = 0; i < n; i++)
		panel[i].address = list[i];
	t->s->resolver_n = n;
	t->s->resolvers = panel;
	return panel;
}

/* Compared as text: notes of a snapshot that was read back are copies. */
static bool has_note(const struct server_view *v, const char *note)
{
	return v->note != NULL && str_eq(v->note, note);
}

/* An address that this machine cannot reach at all says nothing about the server, when
 * another one can be reached (a machine without IPv6). */
static void drop_unroutable(struct taking *t)
{
	size_t kept = 0;
	bool routable = false;
	const char *no_route = dns_outcome_text(DNS_NO_ROUTE);
	for (size_t i = 0; i < t->servers.n; i++)
		routable = routable || !has_note(&t->servers.at[i], no_route);
	for (size_t i = 0; i < t->servers.n; i++) {
		const struct server_view *v = &t->servers.at[i];
		if (!routable || !has_note(v, no_route))
			t->servers.at[kept++] = *v;
	}
	t->servers.n = kept;
}

/* The child's own NS set; servers of its that the parent does not list are added. */
void taking_child_ns(struct taking *t)
{
	const struct rrset *all = NULL;
	for (size_t i = 0; i < t->servers.n; i++) {
		const struct seen *ns = server_seen(&t->servers.at[i], t->s->zone, RR_NS);
		if (ns != NULL && ns->state == SEEN_DATA && all == NULL)
			all = ns->rrset;
	}
	t->s->child_ns = all;
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

void taking_finish_servers(struct taking *t)
{
	bool any_ok = false;
	drop_unroutable(t);
	for (size_t i = 0; i < t->servers.n; i++) {
		struct server_view *v = &t->servers.at[i];
		v->in_parent = lists(t->a, t->s->parent_ns, v->name);
		v->in_child = lists(t->a, t->s->child_ns, v->name);
		any_ok = any_ok || v->state == SERVER_OK;
	}
	if (!any_ok && t->zone != NULL)
		t->s->delegation = DELEGATION_BROKEN;
	t->s->server_n = t->servers.n;
	t->s->servers = t->servers.at;
}
