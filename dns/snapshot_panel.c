/*
 * The panel of resolvers. Each is begun by its own answer to the control name,
 * beside everything else, so that a broken one delays nothing and is asked for
 * nothing.
 */
#include "dns/judge.h"
#include "dns/taking.h"

/* A resolver has the root in its cache. One that takes longer is of no use to anybody, and the
 * domain's answers need not wait for it. */
enum { CONTROL_MS = 2000 };

static void resolver_heard(struct inquiry *q)
{
	const struct resolver_work *w = q->who;
	w->seen[q->i] = judge_seen(q->job->a, NULL, &q->ask);
	taking_hosts_foretold(q->job, &w->seen[q->i]);
}

/* The apex's own sets are the servers' business: what a cache has of them tells nothing. */
static void ask_resolver(struct resolver_work *w)
{
	struct snapshot_job *j = w->job;
	struct inquiry *q = ARENA_ARRAY(j->a, j->questions.n, struct inquiry);
	for (size_t i = j->panel_from; i < j->questions.n; i++) {
		q[i] = (struct inquiry){ .heard = resolver_heard, .who = w, .i = i };
		q[i].ask = (struct dns_ask){ .address = w->view->address,
					     .question = j->questions.at[i],
					     .rd = true };
		taking_put(j, &q[i]);
	}
}

/* The control name is the root: a resolver that cannot tell it is broken itself, and must not be
 * blamed on the domain. */
static void control_heard(struct inquiry *q)
{
	struct resolver_work *w = q->who;
	struct seen control = judge_seen(q->job->a, NULL, &q->ask);
	w->view->works = control.state == SEEN_DATA;
	w->view->note = w->view->works         ? NULL
			: control.note != NULL ? control.note
					       : "it does not know the root";
	if (!w->view->works)
		return;
	walk_cache_tell(q->job->opts.cache, w->view->address, WORD_KNOWS_ROOT);
	ask_resolver(w);
}

static void begin_one(struct snapshot_job *j, struct resolver_work *w, const char *address)
{
	struct inquiry *q = ARENA_NEW(j->a, struct inquiry);
	w->job = j;
	w->seen = ARENA_ARRAY(j->a, j->questions.n, struct seen);
	w->view->address = address;
	w->view->note = j->late;
	w->view->n = j->questions.n;
	w->view->seen = w->seen;
	*q = (struct inquiry){ .heard = control_heard, .who = w };
	q->ask = (struct dns_ask){ .address = address, .question = { ".", RR_NS }, .rd = true };
	w->control = q;
	if (!walk_cache_told(j->opts.cache, address, WORD_KNOWS_ROOT)) {
		taking_put(j, q);
		return;
	}
	w->view->works = true;
	w->view->note = NULL;
	ask_resolver(w);
}

void taking_panel_begin(struct snapshot_job *j)
{
	const char *const *list = j->opts.resolvers;
	size_t n = 0;
	while (list != NULL && list[n] != NULL)
		n++;
	struct resolver_view *views = ARENA_ARRAY(j->a, n, struct resolver_view);
	j->resolver_n = n;
	j->resolvers = ARENA_ARRAY(j->a, n, struct resolver_work);
	for (size_t i = 0; i < n; i++) {
		j->resolvers[i].view = &views[i];
		begin_one(j, &j->resolvers[i], list[i]);
	}
	j->s->resolver_n = n;
	j->s->resolvers = views;
}

int64_t taking_panel_due_ms(const struct snapshot_job *j)
{
	for (size_t i = 0; i < j->resolver_n; i++) {
		if (j->resolvers[i].control->ask.under_way != NULL)
			return j->begun_ms + CONTROL_MS;
	}
	return 0;
}

void taking_panel_tick(struct snapshot_job *j, int64_t now_ms)
{
	for (size_t i = 0; i < j->resolver_n && now_ms >= j->begun_ms + CONTROL_MS; i++) {
		struct resolver_work *w = &j->resolvers[i];
		if (w->control->ask.under_way == NULL)
			continue;
		taking_give_up(j, w->control);
		w->view->note = dns_outcome_text(DNS_SILENT);
	}
}

/* What has no question yet was never heard. */
void taking_panel_finish(struct snapshot_job *j)
{
	for (size_t i = 0; i < j->resolver_n; i++) {
		const struct resolver_work *w = &j->resolvers[i];
		for (size_t k = 0; k < j->questions.n; k++) {
			bool asked = w->view->works && k >= j->panel_from;
			if (w->seen[k].question.name == NULL)
				w->seen[k] = taking_unheard(&j->questions.at[k],
							    asked ? j->late : "not asked");
		}
	}
}
