/*
 * The wishes and the queue of lines that may take a step.
 *
 * Nothing here waits: the engine's turns call on_answer (walk_ask.c), which pumps the queue.
 * When nothing is under way any more and something is still open, it waits for itself: a
 * circle of name servers' names. When the last wish is done, what only the walk itself wanted
 * is parked, so that the engine holds nothing of it.
 */
#include "dns/walk_priv.h"

#include "zone/dname.h"

struct walk *walk_begin(struct arena *a, const struct walk_opts *opts)
{
	struct walk *w = ARENA_NEW(a, struct walk);
	struct cut *root = ARENA_NEW(a, struct cut);
	w->a = a;
	w->opts = *opts;
	w->root = root;
	root->name = ".";
	root->ds = (struct seen){ .question = { ".", RR_DS },
				  .state = SEEN_UNREADABLE,
				  .outcome = DNS_CANCELLED,
				  .note = "not asked" };
	root->work = ARENA_NEW(a, struct cut_work);
	for (size_t i = 0; opts->root_hints[i] != NULL && i < CUT_ADDRESSES_MAX; i++)
		*vec_push(a, &root->addresses) = (struct cut_address){ "", opts->root_hints[i] };
	name_map_put(a, &w->cuts, root->name, 0, root);
	*vec_push(a, &w->cut_list) = root;
	return w;
}

struct walk *walk_new(struct arena *a, struct dns_engine *en, const char *const *root_hints)
{
	return walk_begin(a, &(struct walk_opts){ .engine = en, .root_hints = root_hints });
}

bool walk_root_heard(const struct walk *w)
{
	return w->root_heard;
}

bool walk_is_fresh(const struct walk *w, const char *name)
{
	return w->opts.fresh != NULL && dname_is_within(name, w->opts.fresh);
}

size_t walk_open(const struct walk *w)
{
	return w->open;
}

void walk_queue(struct walk *w, struct line *l)
{
	if (l->queued)
		return;
	l->queued = true;
	*vec_push(w->a, &w->ready) = l;
}

/* A line that went on by another way may still stand in an older list: being woken without need
 * only costs it a step. */
void walk_wait_in(struct walk *w, struct line_list *list, struct line *l)
{
	if (l->waits_in == list)
		return;
	l->waits_in = list;
	*vec_push(w->a, list) = l;
}

void walk_wake(struct walk *w, struct line_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct line *l = list->at[i];
		if (l->waits_in == list)
			l->waits_in = NULL;
		walk_queue(w, l);
	}
	list->n = 0;
}

static unsigned wish_of(const struct walk_task *t)
{
	if (t->find_cut)
		return WISH_CUT;
	return t->type_n == WALK_TYPES ? WISH_HOST : WISH_TYPE + t->types[0];
}

/* What many domains have in common: hosts, the texts of included SPF records, the providers' TLSA
 * (mostly their absence), the keys of upper zones. */
static bool is_shared(unsigned wish)
{
	return wish == WISH_HOST || wish == RR_TXT || wish == RR_TLSA || wish == RR_DNSKEY;
}

/* Answers about other domains serve the next audit too; what passed by `fresh` names does not, nor
 * what is signed: its chain of trust hangs on the zones that this walk came by. */
static void keep_task(struct walk *w, const struct walk_task *t)
{
	uint32_t ttl_s = UINT32_MAX;
	unsigned wish = wish_of(t);
	if (w->opts.cache == NULL || t->work->cached || !is_shared(wish) ||
	    walk_is_fresh(w, t->name))
		return;
	for (size_t i = 0; i < t->type_n; i++) {
		const struct line *l = &t->work->lines[i];
		bool chained = (wish == RR_TXT || wish == RR_TLSA) && t->seen[i].proof != NULL;
		if (t->states[i] == SEEN_UNREADABLE || l->fresh || chained)
			return;
		ttl_s = l->ttl < ttl_s ? l->ttl : ttl_s;
	}
	walk_cache_put_task(w->opts.cache, t, wish, ttl_s);
}

void walk_finish(struct walk *w, struct walk_task *t)
{
	for (size_t i = 0; i < t->type_n; i++) {
		if (!t->work->lines[i].done)
			return;
	}
	t->done = true;
	w->unfinished--;
	w->open -= t->work->wished ? 1 : 0;
	keep_task(w, t);
	if (t->work->on_done.n > 0)
		*vec_push(w->a, &w->finished) = t;
}

/* The walk's own wishes too: nobody is left who could want them. */
static void fail_open(struct walk *w, const char *note)
{
	for (size_t i = 0; i < w->task_list.n; i++) {
		struct walk_task *t = w->task_list.at[i];
		for (size_t k = 0; k < t->type_n && !t->done; k++)
			line_fail(&t->work->lines[k], note);
	}
}

/* Callbacks may wish for more, or give up. */
static void call_waiting(struct walk *w)
{
	while (w->finished.n > 0) {
		struct walk_task *t = w->finished.at[--w->finished.n];
		for (size_t i = 0; i < t->work->on_done.n; i++) {
			struct on_done d = t->work->on_done.at[i];
			d.fn(d.ctx, t);
		}
	}
}

/* First come, first served; steps may add more at the end. */
static void step_ready(struct walk *w)
{
	while (w->ready_at < w->ready.n) {
		struct line *l = w->ready.at[w->ready_at++];
		l->queued = false;
		line_step(l);
	}
	w->ready_at = w->ready.n = 0;
}

static void park_task(struct walk_task *t)
{
	t->work->parked = true;
	t->work->for_cuts.n = 0;
	for (size_t i = 0; i < t->type_n; i++) {
		struct line *l = &t->work->lines[i];
		line_abandon(l);
		line_leave_scout(l);
		l->at = NULL; /* begins anew */
		l->waits_in = NULL;
	}
}

/* The lists are emptied: all who stand in them are parked. */
static void park(struct walk *w)
{
	for (size_t i = 0; w->unfinished > 0 && i < w->task_list.n; i++) {
		if (!w->task_list.at[i]->done)
			park_task(w->task_list.at[i]);
	}
	for (size_t i = 0; w->unfinished > 0 && i < w->cut_list.n; i++) {
		struct cut_work *c = w->cut_list.at[i]->work;
		c->waiting.n = 0;
		c->hosts_wanted = false;
		c->hosts_open = 0;
	}
	step_ready(w); /* whom the scouts woke: parked too */
	w->hedges.n = w->hedge_at = 0;
	w->started = false;
}

void walk_pump(struct walk *w)
{
	if (w->pumping)
		return;
	w->pumping = true;
	do {
		step_ready(w);
		call_waiting(w);
		if (w->ready.n == 0 && w->under_way == 0 && w->open > 0)
			fail_open(w, "the names of its servers lead in a circle");
	} while (w->ready.n > 0 || w->finished.n > 0);
	if (w->open == 0 && w->started)
		park(w);
	w->pumping = false;
}

void walk_give_up(struct walk *w, const char *note)
{
	w->given_up = note;
	fail_open(w, note);
	walk_pump(w);
}

void walk_tick(struct walk *w)
{
	int64_t now_ms = w->hedge_at < w->hedges.n ? dns_engine_mono_ms(w->opts.engine) : 0;
	while (w->hedge_at < w->hedges.n && w->hedges.at[w->hedge_at].at_ms <= now_ms) {
		struct hedge h = w->hedges.at[w->hedge_at++];
		if (h.line->hedge_ms != h.at_ms)
			continue; /* it went on */
		h.line->hedge_ms = 0;
		h.line->all = true;
		walk_queue(w, h.line);
	}
	if (w->hedge_at == w->hedges.n)
		w->hedge_at = w->hedges.n = 0;
	walk_pump(w);
}

int walk_wait_ms(const struct walk *w, int max_ms)
{
	if (w->hedge_at == w->hedges.n)
		return max_ms;
	int64_t wait_ms = w->hedges.at[w->hedge_at].at_ms - dns_engine_mono_ms(w->opts.engine);
	return wait_ms < 0 ? 0 : wait_ms < max_ms ? (int)wait_ms : max_ms;
}

void walk_on_done(struct walk *w, struct walk_task *t, walk_done_fn *fn, void *ctx)
{
	if (t->done)
		fn(ctx, t);
	else
		*vec_push(w->a, &t->work->on_done) = (struct on_done){ fn, ctx };
}

static void start_lines(struct walk *w, struct walk_task *t)
{
	t->work->parked = false;
	w->started = true;
	for (size_t i = 0; i < t->type_n; i++) {
		if (!t->work->lines[i].done)
			walk_queue(w, &t->work->lines[i]);
	}
}

/* From the cache it is done at once. Without the zone of the answer, which another entry holds, a
 * host is still a host, but a lookup would not be what it was. */
static bool take_cached(struct walk *w, struct walk_task *t)
{
	const char *zone = NULL;
	struct walk_key key = { t->name, wish_of(t) };
	if (w->opts.cache == NULL || !is_shared(key.wish) || walk_is_fresh(w, t->name))
		return false;
	const struct walk_task *k = walk_cache_task(w->opts.cache, w->a, &key, &zone);
	if (k == NULL || (k->alias != NULL && walk_is_fresh(w, k->alias)))
		return false;
	struct cut *cut = zone != NULL ? cut_for(w, zone) : NULL;
	bool same = cut != NULL && dname_equal(cut->name, zone);
	if (!same && key.wish != WISH_HOST)
		return false;
	struct task_work *work = t->work;
	*t = *k;
	t->work = work;
	t->cut = same ? cut : NULL;
	t->done = t->work->cached = true;
	w->root_heard = true;
	return true;
}

/* Nothing is asked yet: start_lines does that. */
static struct walk_task *task_new(struct walk *w, const struct walk_task *wish, unsigned key)
{
	struct walk_task *t = arena_memdup(w->a, wish, sizeof(*wish));
	t->work = ARENA_NEW(w->a, struct task_work);
	t->work->lines = ARENA_ARRAY(w->a, t->type_n, struct line);
	*vec_push(w->a, &w->task_list) = t;
	name_map_put(w->a, &w->tasks, t->name, key, t);
	for (size_t i = 0; i < t->type_n; i++)
		t->work->lines[i] = (struct line){
			.w = w, .t = t, .i = i, .qname = t->name, .ttl = UINT32_MAX
		};
	if (!take_cached(w, t))
		w->unfinished++;
	return t;
}

/* Wished for by the user from now on. */
static void task_wished(struct walk *w, struct walk_task *t)
{
	w->open += !t->work->wished && !t->done ? 1 : 0;
	t->work->wished = true;
	if (!t->done)
		start_lines(w, t);
	walk_pump(w);
}

/* A limit, not an error: NULL is one name that stays unknown. */
static struct walk_task *want(struct walk *w, const struct walk_task *wish, unsigned key)
{
	struct walk_task *t = name_map_find(&w->tasks, wish->name, key);
	if (t == NULL && w->task_list.n < TASKS_MAX)
		t = task_new(w, wish, key);
	if (t != NULL && !t->work->wished)
		task_wished(w, t);
	return t;
}

static struct walk_task host_wish(const char *name)
{
	return (struct walk_task){ .name = name, .type_n = 2, .types = { RR_A, RR_AAAA } };
}

struct walk_task *walk_want_inner(struct walk *w, const char *name, unsigned depth)
{
	struct walk_task wish = host_wish(name);
	struct walk_task *t = name_map_find(&w->tasks, name, WISH_HOST);
	if (t == NULL) {
		if (w->task_list.n >= TASKS_MAX || w->inner_n >= INNER_MAX || depth > DEPTH_MAX)
			return NULL;
		w->inner_n++;
		t = task_new(w, &wish, WISH_HOST);
		t->work->depth = depth;
		t->work->parked = true;
	}
	if (!t->done && t->work->parked)
		start_lines(w, t);
	return t;
}

struct walk_task *walk_want_host(struct walk *w, const char *name)
{
	struct walk_task wish = host_wish(name);
	return want(w, &wish, WISH_HOST);
}

struct walk_task *walk_want(struct walk *w, const char *name, uint16_t type)
{
	struct walk_task wish = { .name = name, .type_n = 1, .types = { type } };
	return want(w, &wish, WISH_TYPE + type);
}

struct walk_task *walk_want_cut(struct walk *w, const char *name)
{
	struct walk_task wish = { .name = name, .type_n = 1, .types = { RR_NS }, .find_cut = true };
	return want(w, &wish, WISH_CUT);
}

/* Known from the referral: a task that is done, without a question. */
static struct walk_task *known_ds(struct walk *w, struct cut *cut)
{
	struct walk_task wish = { .name = cut->name, .type_n = 1, .types = { RR_DS } };
	struct walk_task *t = task_new(w, &wish, RR_DS);
	w->unfinished--;
	t->done = t->work->wished = t->work->lines[0].done = true;
	t->states[0] = cut->ds.state;
	t->sets[0] = cut->ds.rrset;
	t->seen[0] = cut->ds;
	return t;
}

struct walk_task *walk_want_ds(struct walk *w, struct cut *cut)
{
	if (cut->parent == NULL)
		return NULL;
	bool told = name_map_find(&w->tasks, cut->name, RR_DS) != NULL;
	if (!told && cut->ds_known)
		return known_ds(w, cut);
	return walk_want(w, cut->name, RR_DS);
}

int walk_run(struct walk *w, struct err *e)
{
	enum { TURN_MS = 1000 };
	while (w->open > 0) {
		if (dns_engine_turn(w->opts.engine, walk_wait_ms(w, TURN_MS)) != 0)
			return err_set(e, ERR_CANCELLED, "asking the DNS was interrupted");
		walk_tick(w);
	}
	return 0;
}
