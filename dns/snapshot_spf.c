/*
 * The SPF tree: a record's includes and redirect are looked up the moment it is
 * read, whoever of the servers had it. At the end the tree is told anew,
 * breadth first, from the record of the first server that is OK, so that it
 * does not depend on who answered first.
 */
#include "dns/spf_terms.h"
#include "dns/taking.h"
#include "zone/dname.h"

enum {
	SPF_LOOKUPS_MAX = 20, /* addresses and MX sets of terms, in the whole tree */
	SPF_OWN_MAX = 64,     /* different records of the domain's own; two are one too many */
};

/* One name on its way. */
struct spf_work {
	struct snapshot_job *job;
	const char *name;
};

static void expand(struct snapshot_job *j, const char *at, const char *record);

static void name_done(void *ctx, struct walk_task *t)
{
	const struct spf_work *w = ctx;
	struct snapshot_job *j = w->job;
	const char *const *texts = NULL;
	size_t n = j->over ? 0 : spf_records(j->a, t->sets[0], &texts);
	for (size_t i = 0; i < n; i++)
		expand(j, w->name, texts[i]);
}

/* Each name once: SPF trees have loops. */
static bool is_known(const struct snapshot_job *j, const char *name)
{
	for (size_t i = 0; i < j->spf_names.n; i++) {
		if (dname_equal(j->spf_names.at[i], name))
			return true;
	}
	return false;
}

static void follow(struct snapshot_job *j, const char *name)
{
	if (name == NULL || is_known(j, name) || j->spf_names.n >= SPF_NAMES_MAX)
		return;
	*vec_push(j->a, &j->spf_names) = name;
	struct walk_task *t = walk_want(j->walk, name, RR_TXT);
	struct spf_work *w = ARENA_NEW(j->a, struct spf_work);
	*w = (struct spf_work){ j, name };
	if (t != NULL)
		walk_on_done(j->walk, t, name_done, w);
}

/* What a record names. The terms' own questions tell how many of them find nothing. */
static void expand(struct snapshot_job *j, const char *at, const char *record)
{
	const struct spf_term *terms = NULL;
	const struct dns_question *questions = NULL;
	size_t n = spf_terms(j->a, record, &terms);
	for (size_t i = 0; i < n; i++)
		follow(j, terms[i].name);
	n = spf_questions(j->a, at, record, &questions);
	for (size_t i = 0; i < n && j->spf_asked < SPF_LOOKUPS_MAX; i++) {
		j->spf_asked++;
		(void)taking_lookup(j, questions[i].name, questions[i].type);
	}
}

/* Servers seldom differ: a text that was expanded is not expanded again. */
static bool is_expanded(struct snapshot_job *j, const char *text)
{
	for (size_t i = 0; i < j->spf_own.n; i++) {
		if (str_eq(j->spf_own.at[i], text))
			return true;
	}
	*vec_push(j->a, &j->spf_own) = text;
	return false;
}

/* The planned terms, as if a record held nothing else. */
static const char *planned_record(const struct snapshot_job *j)
{
	return arena_printf(j->a, "v=spf1 %s", j->opts.spf_planned);
}

void taking_spf_heard(struct snapshot_job *j, const struct seen *seen)
{
	const char *const *texts = NULL;
	if (seen->state != SEEN_DATA || seen->question.type != RR_TXT ||
	    !dname_equal(seen->question.name, j->opts.domain))
		return;
	if (j->spf_names.n == 0) {
		*vec_push(j->a, &j->spf_names) = j->opts.domain;
		if (j->opts.spf_planned != NULL)
			expand(j, j->opts.domain, planned_record(j));
	}
	size_t n = spf_records(j->a, seen->rrset, &texts);
	for (size_t i = 0; i < n && j->spf_own.n < SPF_OWN_MAX; i++) {
		if (!is_expanded(j, texts[i]))
			expand(j, j->opts.domain, texts[i]);
	}
}

typedef VEC(struct spf_view) spf_list;

static void add_view(struct snapshot_job *j, spf_list *list, const char *name, const char *via)
{
	for (size_t i = 0; i < list->n; i++) {
		if (dname_equal(list->at[i].name, name))
			return;
	}
	if (!is_known(j, name))
		return; /* over the limit, it was never asked for */
	struct spf_view v = { .name = name, .via = via, .state = SEEN_UNREADABLE };
	const struct walk_task *t = walk_want(j->walk, name, RR_TXT);
	if (t != NULL && t->done) {
		v.state = t->states[0];
		v.n = spf_records(j->a, t->sets[0], &v.texts);
	}
	*vec_push(j->a, list) = v;
}

static void add_named(struct snapshot_job *j, spf_list *list, const char *record)
{
	const struct spf_term *terms = NULL;
	size_t n = spf_terms(j->a, record, &terms);
	for (size_t m = 0; m < n; m++) {
		if (terms[m].name != NULL)
			add_view(j, list, terms[m].name,
				 terms[m].redirect ? "redirect" : "include");
	}
}

/* The names of record number i go to the end: that makes the order breadth first. */
static void add_children(struct snapshot_job *j, spf_list *list, size_t i)
{
	for (size_t k = 0; k < list->at[i].n; k++)
		add_named(j, list, list->at[i].texts[k]);
}

/* The domain's own record, as its first readable server has it. */
static struct spf_view own_view(const struct snapshot_job *j)
{
	struct spf_view own = { .name = j->opts.domain, .state = SEEN_UNREADABLE };
	for (size_t i = 0; i < j->s->server_n && own.state == SEEN_UNREADABLE; i++) {
		const struct server_view *v = &j->s->servers[i];
		const struct seen *txt = server_seen(v, own.name, RR_TXT);
		if (v->state != SERVER_OK || txt == NULL)
			continue;
		own.state = txt->state;
		own.n = spf_records(j->a, txt->rrset, &own.texts);
	}
	return own;
}

void taking_spf_finish(struct snapshot_job *j)
{
	spf_list list = { 0 };
	if (j->zone == NULL)
		return;
	*vec_push(j->a, &list) = own_view(j);
	size_t i = 0;
	for (; i < list.n; i++)
		add_children(j, &list, i);
	if (j->opts.spf_planned != NULL)
		add_named(j, &list, planned_record(j));
	for (; i < list.n; i++)
		add_children(j, &list, i);
	j->s->spf_n = list.n;
	j->s->spf = list.at;
}
