/*
 * Where a line goes next. It always asks the deepest zone known above its name, so whatever
 * brings a deeper zone brings it on, be it its own referral or another line's.
 */
#include "dns/walk_priv.h"

#include "zone/dname.h"

static const char circle[] = "the names of its servers lead in a circle";

/* What was found before it failed is kept. */
static struct seen failed_seen(const struct line *l, const char *note)
{
	struct seen s = { .outcome = DNS_CANCELLED }; /* nothing was asked */
	s = l->last != NULL ? *l->last : s;
	s.question = (struct dns_question){ l->t->name, l->t->types[l->i] };
	s.state = SEEN_UNREADABLE;
	s.rrset = NULL;
	s.proof = NULL;
	s.note = s.note != NULL ? s.note : note;
	s.alias = l->aliases > 0 ? l->qname : NULL;
	if (l->last == NULL)
		s.at_ms = dns_engine_now_ms(l->w->opts.engine);
	return s;
}

void line_leave_scout(struct line *l)
{
	struct scout *s = l->scout;
	if (s == NULL)
		return;
	l->scout = NULL;
	s->by = NULL;
	s->settled = true;
	walk_wake(l->w, &s->waiting);
}

void line_fail(struct line *l, const char *note)
{
	if (l->done)
		return;
	struct walk_task *t = l->t;
	line_abandon(l);
	line_leave_scout(l);
	l->done = true;
	t->states[l->i] = SEEN_UNREADABLE;
	t->seen[l->i] = failed_seen(l, note);
	t->alias = l->aliases > 0 ? l->qname : t->alias;
	t->note = note;
	cut_host_line(l->w, t, l->i);
	walk_finish(l->w, t);
}

/* The ancestor of the name right below the zone: the likely child. */
static const char *child_of(const struct cut *c, const char *name)
{
	size_t labels = dname_labels(c->name) + 1;
	while (dname_labels(name) > labels)
		name = dname_parent(name);
	return name;
}

static struct scout *scout_for(struct walk *w, const char *child)
{
	struct scout *s = name_map_find(&w->scouts, child, 0);
	if (s == NULL) {
		s = ARENA_NEW(w->a, struct scout);
		name_map_put(w->a, &w->scouts, child, 0, s);
	}
	return s;
}

/* Where a zone delegates a lot, twenty lines would get the same referral twenty times: one
 * goes ahead. False when this one waits for it. */
static bool may_ask(struct line *l)
{
	const struct cut *c = l->at;
	bool delegates = c->work->delegates || dname_labels(c->name) <= 1;
	if (!delegates || l->t->types[l->i] == RR_DS || dname_equal(l->qname, c->name))
		return true;
	struct scout *s = scout_for(l->w, child_of(c, l->qname));
	if (l->scout != NULL && l->scout != s)
		line_leave_scout(l);
	if (s->settled || s->by == l)
		return true;
	if (s->by == NULL) {
		s->by = l;
		l->scout = s;
		return true;
	}
	walk_wait_in(l->w, &s->waiting, l);
	return false;
}

/* DS belongs to the zone above its name (RFC 4035 §3.1.4.1). */
static struct cut *line_cut(const struct line *l)
{
	bool above = l->t->types[l->i] == RR_DS && !str_eq(l->qname, ".");
	return cut_for(l->w, above ? dname_parent(l->qname) : l->qname);
}

/* A deeper zone is known by now, or another name is asked for: what is under way is about less. */
static void line_enter(struct line *l, struct cut *c)
{
	if (c == l->at)
		return;
	line_abandon(l);
	line_leave_scout(l);
	l->at = c;
	l->tried = 0;
	l->all = false;
}

/* Another task came by. True when the line has ended. */
static bool line_is_there(struct line *l)
{
	struct cut *c = l->at;
	bool known = c->ns != NULL || c->parent == NULL;
	if (!l->t->find_cut || !known || !dname_equal(c->name, l->t->name))
		return false;
	line_found_cut(l, c, SEEN_DATA);
	return true;
}

/* Silence of every server, not only answers of no use: asking again costs the same time. */
static void line_exhausted(struct line *l)
{
	struct cut *c = l->at;
	struct arena *a = l->w->a;
	if (c->addresses.n > 0 && !c->work->answered)
		c->dead = true;
	const char *name = dname_show(a, c->name);
	if (c->addresses.n == 0 && c->work->circle)
		line_fail(l, circle);
	else if (c->addresses.n == 0 && c->ns != NULL)
		line_fail(l, arena_printf(a, "no server of %s has an address", name));
	else
		line_fail(l, arena_printf(a, "no server of %s gives a usable answer", name));
}

/* Asks as its stage allows; then it waits for answers, or for more addresses. */
static void line_go(struct line *l)
{
	struct cut *c = l->at;
	if (l->asks == NULL || l->all)
		line_ask(l);
	if (l->asks != NULL && !l->all)
		return;
	if (l->asks == NULL && c->addresses.n > 0 && !l->all) {
		l->all = true;
		line_ask(l);
	}
	size_t known = c->addresses.n;
	bool more = cut_want_hosts(l->w, c, l->t->work->depth + 1);
	if (c->addresses.n > known)
		walk_queue(l->w, l);
	else if (more)
		walk_wait_in(l->w, &c->work->waiting, l);
	else if (l->asks == NULL)
		line_exhausted(l);
}

void line_step(struct line *l)
{
	struct walk *w = l->w;
	if (l->done || l->t->work->parked)
		return;
	if (w->given_up != NULL) {
		line_fail(l, w->given_up);
		return;
	}
	line_enter(l, line_cut(l));
	if (line_is_there(l))
		return;
	if (l->at->dead)
		line_exhausted(l);
	else if (w->asked > ASKS_MAX || l->steps > STEPS_MAX)
		line_fail(l, "finding it takes too many questions");
	else if (may_ask(l))
		line_go(l);
}
