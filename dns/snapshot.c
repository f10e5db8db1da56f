/*
 * A snapshot is taken in few waves, each of them everything that can be asked at once:
 * the walk to the zone (and to the hosts that are known beforehand); every question to
 * every server and resolver; what those answers name (MX hosts, SPF includes, servers
 * that only the child lists); and the questions to those servers.
 */
#include "dns/snapshot.h"

#include "dns/taking.h"
#include "zone/dname.h"

/* The project's own wishes may repeat the built-in ones. */
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

/* SOA first: judge_server takes the first question for it. */
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

/* The panel is asked even when there is no zone: what resolvers still hold is news then. */
static int ask_everything(struct taking *t, struct err *e)
{
	struct resolver_view *panel = taking_panel(t);
	if (t->zone != NULL) {
		taking_want_servers(t, t->zone->ns);
		if (walk_run(t->walk, e) != 0)
			return -1;
		taking_add_servers(t, t->zone->ns);
	}
	return taking_ask(t, 0, panel, e);
}

/* What the answers name: hosts, SPF, and servers that only the child knows. */
static int follow_answers(struct taking *t, struct err *e)
{
	taking_child_ns(t);
	taking_want_hosts(t);
	taking_spf_begin(t);
	if (walk_run(t->walk, e) != 0)
		return -1;
	/* Only the new ones are asked in this wave: the others have said what they know. */
	size_t first = t->servers.n;
	taking_add_servers(t, t->s->child_ns);
	if (t->servers.n > first && taking_ask(t, first, NULL, e) != 0)
		return -1;
	return taking_spf_finish(t, e);
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
	taking_finish_servers(&t);
	taking_take_hosts(&t);
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
