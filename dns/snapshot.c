/*
 * A snapshot is taken in few waves, each of them everything that can be asked at once:
 * the walk to the zone (and to the hosts that are known beforehand); every question to
 * every server and resolver; what those answers name (MX hosts, SPF includes, servers
 * that only the child lists); and the questions to those servers.
 */
#include "dns/snapshot.h"

#include "dns/judge.h"
#include "dns/spf_terms.h"
#include "dns/walk.h"
#include "zone/dname.h"

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

static void add_question(struct taking *t, const char *name, uint16_t type)
{
	for (size_t i = 0; i < t->questions.n; i++) {
		const struct dns_question *q = &t->questions.at[i];
		if (q->type == type && dname_equal(q->name, name))
			return;
	}
	*vec_push(t->a, &t->questions) = (struct dns_question){ name, type };
}

/* A name below the domain; left out where it would be too long. */
static void add_below(struct taking *t, const char *label, uint16_t type)
{
	struct err e = { 0 };
	const char *name = dname_in_zone(t->a, label, t->opts->domain, &e);
	if (name != NULL)
		add_question(t, name, type);
}

static void build_questions(struct taking *t)
{
	const struct snapshot_opts *o = t->opts;
	const char *apex = t->s->zone != NULL ? t->s->zone : o->domain;
	add_question(t, apex, RR_SOA);
	add_question(t, apex, RR_NS);
	add_question(t, o->domain, RR_MX);
	add_question(t, o->domain, RR_TXT);
	add_below(t, "_dmarc", RR_TXT);
	add_below(t, "autodiscover", RR_CNAME);
	for (size_t i = 0; i < o->extra_n; i++)
		add_question(t, o->extra[i].name, o->extra[i].type);
	t->s->question_n = t->questions.n;
	t->s->questions = t->questions.at;
}

/* What the walk to the domain found out. */
static void judge_delegation(struct taking *t, const struct walk_task *w)
{
	struct snapshot *s = t->s;
	bool at_registry = w->cut != NULL && dname_labels(w->cut->name) <= 1;
	s->delegation_note = w->note;
	t->zone = w->cut;
	if (w->states[0] == SEEN_DATA)
		s->delegation = DELEGATION_OK;
	else if (w->states[0] == SEEN_UNREADABLE)
		s->delegation = DELEGATION_UNREACHABLE;
	else if (w->states[0] == SEEN_NXDOMAIN || at_registry)
		s->delegation = DELEGATION_MISSING; /* in a TLD, a name without NS is nobody's */
	else
		s->delegation = DELEGATION_IN_PARENT_ZONE;
	if (s->delegation == DELEGATION_MISSING && t->zone != NULL) {
		s->parent = t->zone->name;
		t->zone = NULL;
	}
	if (t->zone == NULL)
		return;
	s->zone = t->zone->name;
	s->parent = t->zone->parent != NULL ? t->zone->parent->name : NULL;
	s->parent_ns = t->zone->ns_by_child ? NULL : t->zone->ns;
}

static bool has_server(const struct taking *t, const char *name, const char *address)
{
	for (size_t i = 0; i < t->servers.n; i++) {
		if (dname_equal(t->servers.at[i].name, name) &&
		    str_eq(t->servers.at[i].address, address))
			return true;
	}
	return false;
}

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
static void want_name_servers(struct taking *t, const struct rrset *ns)
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

static void add_name_servers(struct taking *t, const struct rrset *ns)
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

static struct seen *judge_all(const struct taking *t, const char *zone, const struct dns_ask *asks)
{
	struct seen *seen = ARENA_ARRAY(t->a, t->questions.n, struct seen);
	for (size_t i = 0; i < t->questions.n; i++)
		seen[i] = judge_seen(t->a, zone, &asks[i]);
	return seen;
}

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
static int ask_servers(struct taking *t, size_t first, struct resolver_view *panel, struct err *e)
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

static struct resolver_view *panel_new(struct taking *t)
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

static void want_hosts_of(struct taking *t, const struct rrset *set)
{
	for (size_t i = 0; set != NULL && i < set->n && i < HOSTS_MAX; i++) {
		const char *host = rdata_host(t->a, set->type, set->rdata[i]);
		if (host != NULL && !str_eq(host, "."))
			(void)walk_want_host(t->walk, host);
	}
}

/* The hosts that any server's MX or NS set names. */
static void want_hosts(struct taking *t)
{
	want_hosts_of(t, t->s->parent_ns);
	for (size_t i = 0; i < t->servers.n; i++) {
		const struct server_view *v = &t->servers.at[i];
		const struct seen *mx = server_seen(v, t->opts->domain, RR_MX);
		const struct seen *ns = server_seen(v, t->s->zone, RR_NS);
		want_hosts_of(t, mx != NULL ? mx->rrset : NULL);
		want_hosts_of(t, ns != NULL ? ns->rrset : NULL);
	}
}

static void take_host(struct taking *t, const char *name)
{
	for (size_t i = 0; i < t->hosts.n; i++) {
		if (dname_equal(t->hosts.at[i].name, name))
			return;
	}
	const struct walk_task *w = walk_want_host(t->walk, name);
	if (w != NULL && w->done && t->hosts.n < HOSTS_MAX)
		*vec_push(t->a, &t->hosts) = walk_host_view(t->a, w);
}

static void take_hosts_of(struct taking *t, const struct rrset *set)
{
	for (size_t i = 0; set != NULL && i < set->n && i < HOSTS_MAX; i++) {
		const char *host = rdata_host(t->a, set->type, set->rdata[i]);
		if (host != NULL && !str_eq(host, "."))
			take_host(t, host);
	}
}

static void take_hosts(struct taking *t)
{
	for (size_t i = 0; i < t->servers.n; i++) {
		const struct seen *mx = server_seen(&t->servers.at[i], t->opts->domain, RR_MX);
		take_hosts_of(t, mx != NULL ? mx->rrset : NULL);
	}
	for (size_t i = 0; i < t->opts->host_n; i++)
		take_host(t, t->opts->hosts[i]);
	take_hosts_of(t, t->s->parent_ns);
	take_hosts_of(t, t->s->child_ns);
	t->s->host_n = t->hosts.n;
	t->s->hosts = t->hosts.at;
}

/* The child's own NS set; servers of its that the parent does not list are added. */
static void take_child_ns(struct taking *t)
{
	const struct rrset *all = NULL;
	for (size_t i = 0; i < t->servers.n; i++) {
		const struct seen *ns = server_seen(&t->servers.at[i], t->s->zone, RR_NS);
		if (ns != NULL && ns->state == SEEN_DATA && all == NULL)
			all = ns->rrset;
	}
	t->s->child_ns = all;
}

static bool lists(struct arena *a, const struct rrset *ns, const char *host)
{
	for (size_t i = 0; ns != NULL && i < ns->n; i++) {
		const char *listed = rdata_host(a, RR_NS, ns->rdata[i]);
		if (listed != NULL && dname_equal(listed, host))
			return true;
	}
	return false;
}

static void finish_servers(struct taking *t)
{
	bool any_ok = false;
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

static bool spf_known(const struct taking *t, const char *name)
{
	for (size_t i = 0; i < t->spf.n; i++) {
		if (dname_equal(t->spf.at[i].name, name))
			return true;
	}
	return false;
}

/* The names that number i pulls in go to the end of the list. */
static void spf_expand(struct taking *t, size_t i)
{
	for (size_t k = 0; k < t->spf.at[i].n; k++) {
		const struct spf_term *terms = NULL;
		size_t n = spf_terms(t->a, t->spf.at[i].texts[k], &terms);
		for (size_t m = 0; m < n; m++) {
			if (terms[m].name == NULL || spf_known(t, terms[m].name) ||
			    t->spf.n >= SPF_NAMES_MAX)
				continue;
			*vec_push(t->a, &t->spf) = (struct spf_view){ .name = terms[m].name,
								      .via = terms[m].redirect
										     ? "redirect"
										     : "include" };
			(void)walk_want(t->walk, terms[m].name, RR_TXT);
		}
	}
}

/* The domain's own SPF, as its first readable server has it. */
static void spf_begin(struct taking *t)
{
	struct spf_view own = { .name = t->opts->domain, .state = SEEN_UNREADABLE };
	for (size_t i = 0; i < t->servers.n && own.state == SEEN_UNREADABLE; i++) {
		const struct seen *txt = server_seen(&t->servers.at[i], own.name, RR_TXT);
		if (t->servers.at[i].state != SERVER_OK || txt == NULL)
			continue;
		own.state = txt->state;
		own.n = spf_records(t->a, txt->rrset, &own.texts);
	}
	*vec_push(t->a, &t->spf) = own;
	spf_expand(t, 0);
}

/* Level by level; each is one run of the walk. */
static int spf_finish(struct taking *t, struct err *e)
{
	for (size_t i = 1; i < t->spf.n;) {
		if (walk_run(t->walk, e) != 0)
			return -1;
		for (size_t end = t->spf.n; i < end; i++) {
			const struct walk_task *w = walk_want(t->walk, t->spf.at[i].name, RR_TXT);
			if (w == NULL || !w->done)
				continue;
			t->spf.at[i].state = w->states[0];
			t->spf.at[i].n = spf_records(t->a, w->sets[0], &t->spf.at[i].texts);
			spf_expand(t, i);
		}
	}
	t->s->spf_n = t->spf.n;
	t->s->spf = t->spf.at;
	return 0;
}

/* To the zone, and to the hosts that are known beforehand. */
static int find_zone(struct taking *t, struct err *e)
{
	struct walk_task *domain = walk_want_cut(t->walk, t->opts->domain);
	for (size_t i = 0; i < t->opts->host_n && i < HOSTS_MAX; i++)
		(void)walk_want_host(t->walk, t->opts->hosts[i]);
	if (walk_run(t->walk, e) != 0)
		return -1;
	if (!walk_root_heard(t->walk)) {
		(void)err_set(e, ERR_WORLD, "asking for %s: no root server answers",
			      dname_show(t->a, t->opts->domain));
		return err_hint(e,
				"is DNS (UDP port 53) to the Internet allowed from here? a closed "
				"network needs --root-hints");
	}
	judge_delegation(t, domain);
	return 0;
}

static int ask_everything(struct taking *t, struct err *e)
{
	struct resolver_view *panel = panel_new(t);
	if (t->zone != NULL) {
		want_name_servers(t, t->zone->ns);
		if (walk_run(t->walk, e) != 0)
			return -1;
		add_name_servers(t, t->zone->ns);
	}
	return ask_servers(t, 0, panel, e);
}

/* What the answers name: hosts, SPF, and servers that only the child knows. */
static int follow_answers(struct taking *t, struct err *e)
{
	take_child_ns(t);
	want_hosts(t);
	spf_begin(t);
	if (walk_run(t->walk, e) != 0)
		return -1;
	size_t first = t->servers.n;
	add_name_servers(t, t->s->child_ns);
	if (t->servers.n > first && ask_servers(t, first, NULL, e) != 0)
		return -1;
	drop_unroutable(t);
	return spf_finish(t, e);
}

int snapshot_take(struct arena *a, const struct snapshot_opts *opts, const struct snapshot **snap_r,
		  struct err *e)
{
	struct taking t = { .a = a, .opts = opts, .s = ARENA_NEW(a, struct snapshot) };
	t.walk = walk_new(a, opts->engine, opts->root_hints);
	t.s->domain = opts->domain;
	t.s->started_ms = dns_engine_now_ms(opts->engine);
	if (find_zone(&t, e) != 0)
		return -1;
	build_questions(&t);
	if (ask_everything(&t, e) != 0)
		return -1;
	if (t.zone != NULL && follow_answers(&t, e) != 0)
		return -1;
	finish_servers(&t);
	take_hosts(&t);
	t.s->ended_ms = dns_engine_now_ms(opts->engine);
	*snap_r = t.s;
	return 0;
}

int dns_resolve_host(struct arena *a, const struct snapshot_opts *opts, const char *name,
		     struct host_view *host_r, struct err *e)
{
	struct walk *w = walk_new(a, opts->engine, opts->root_hints);
	struct walk_task *t = walk_want_host(w, name);
	if (walk_run(w, e) != 0)
		return -1;
	if (!walk_root_heard(w))
		return err_set(e, ERR_WORLD, "looking up %s: no root server answers",
			       dname_show(a, name));
	*host_r = walk_host_view(a, t);
	return 0;
}
