/*
 * A task asks the deepest known zone above its name. A referral adds a zone and the
 * next wave goes deeper; an alias starts again from the deepest zone above its target.
 * A zone without addresses waits for the names of its servers, which are tasks too.
 * When a wave has nothing to ask, what still waits waits for itself: a circle.
 *
 * Glue is taken only for names inside the zone of the server that gave it.
 */
#include "dns/walk.h"

#include "dns/judge.h"
#include "zone/dname.h"

enum {
	TASKS_MAX = 256,
	WAVES_MAX = 64,
	ASKS_MAX = 4096,
	CUT_HOSTS_MAX = 4,      /* names resolved for one zone without glue */
	CUT_ADDRESSES_MAX = 32, /* bits of walk_task.tried */
	AT_ONCE = 2,            /* servers asked side by side; the first is enough */
	ALIASES_MAX = 8,
};

struct walk {
	struct arena *a;
	struct dns_engine *en;
	VEC(struct cut *) cuts;
	VEC(struct walk_task *) tasks;
	VEC(struct dns_ask) asks; /* of this wave */
	size_t asked;
	unsigned waves, groups;
	bool root_heard;
};

struct walk *walk_new(struct arena *a, struct dns_engine *en, const char *const *root_hints)
{
	struct walk *w = ARENA_NEW(a, struct walk);
	struct cut *root = ARENA_NEW(a, struct cut);
	w->a = a;
	w->en = en;
	root->name = ".";
	for (size_t i = 0; root_hints[i] != NULL && i < CUT_ADDRESSES_MAX; i++)
		*vec_push(a, &root->addresses) = (struct cut_address){ "", root_hints[i] };
	*vec_push(a, &w->cuts) = root;
	return w;
}

bool walk_root_heard(const struct walk *w)
{
	return w->root_heard;
}

/* The first type tells the kinds of wish apart; hosts are always A and AAAA. */
static struct walk_task *find_task(const struct walk *w, const struct walk_task *like)
{
	for (size_t i = 0; i < w->tasks.n; i++) {
		struct walk_task *t = w->tasks.at[i];
		if (t->find_cut == like->find_cut && t->types[0] == like->types[0] &&
		    dname_equal(t->name, like->name))
			return t;
	}
	return NULL;
}

/* A limit, not an error: NULL is one host that stays unknown. */
static struct walk_task *want(struct walk *w, struct walk_task wish)
{
	struct walk_task *t = find_task(w, &wish);
	if (t != NULL || w->tasks.n >= TASKS_MAX)
		return t;
	wish.qname = wish.name;
	t = arena_memdup(w->a, &wish, sizeof(wish));
	*vec_push(w->a, &w->tasks) = t;
	return t;
}

struct walk_task *walk_want_host(struct walk *w, const char *name)
{
	return want(w, (struct walk_task){ .name = name, .type_n = 2, .types = { RR_A, RR_AAAA } });
}

struct walk_task *walk_want(struct walk *w, const char *name, uint16_t type)
{
	return want(w, (struct walk_task){ .name = name, .type_n = 1, .types = { type } });
}

struct walk_task *walk_want_cut(struct walk *w, const char *name)
{
	return want(w, (struct walk_task){
			       .name = name, .type_n = 1, .types = { RR_NS }, .find_cut = true });
}

/* Linear over the cuts of one walk; the root is always there. */
static struct cut *deepest_cut(const struct walk *w, const char *name)
{
	struct cut *best = w->cuts.at[0];
	for (size_t i = 1; i < w->cuts.n; i++) {
		struct cut *c = w->cuts.at[i];
		if (dname_is_within(name, c->name) &&
		    dname_labels(c->name) > dname_labels(best->name))
			best = c;
	}
	return best;
}

/* More than the bits of `tried` can hold are left out. */
static void cut_add_addresses(struct walk *w, struct cut *c, const struct rrset *set)
{
	for (size_t i = 0; set != NULL && i < set->n; i++) {
		if (c->addresses.n < CUT_ADDRESSES_MAX)
			*vec_push(w->a, &c->addresses) = (struct cut_address){ set->name,
									       set->rdata[i] };
	}
}

/* Only names inside the parent's own zone: a server must not speak for others' hosts. */
static void cut_add_glue(struct walk *w, struct cut *c, const struct dns_answer *ans)
{
	for (size_t i = 0; i < c->ns->n; i++) {
		const char *host = rdata_host(w->a, RR_NS, c->ns->rdata[i]);
		if (host == NULL || !dname_is_within(host, c->parent->name))
			continue;
		size_t n = ans->additional_n;
		cut_add_addresses(w, c, dns_section_find(ans->additional, n, host, RR_A));
		cut_add_addresses(w, c, dns_section_find(ans->additional, n, host, RR_AAAA));
	}
}

/* The cut of that name, new when it was not known. */
static struct cut *cut_learn(struct walk *w, const struct cut *parent, const struct rrset *ns,
			     const struct dns_answer *ans)
{
	for (size_t i = 0; i < w->cuts.n; i++) {
		if (dname_equal(w->cuts.at[i]->name, ns->name))
			return w->cuts.at[i];
	}
	struct cut *c = ARENA_NEW(w->a, struct cut);
	c->name = ns->name;
	c->parent = parent;
	c->ns = ns;
	cut_add_glue(w, c, ans);
	*vec_push(w->a, &w->cuts) = c;
	return c;
}

/* What was found before it failed is kept. */
static void task_fail(struct walk_task *t, const char *note)
{
	for (size_t i = 0; i < t->type_n; i++) {
		if (!t->have[i])
			t->states[i] = SEEN_UNREADABLE;
	}
	t->note = note;
	t->done = true;
}

/* Wants the names of the zone's servers, or takes what became of them. True while there
 * is something to wait for. */
static bool cut_wait(struct walk *w, struct cut *c)
{
	bool waiting = false;
	for (size_t i = 0; c->ns != NULL && i < c->ns->n && i < CUT_HOSTS_MAX; i++) {
		const char *host = rdata_host(w->a, RR_NS, c->ns->rdata[i]);
		struct walk_task *t = host != NULL ? walk_want_host(w, host) : NULL;
		if (t == NULL)
			continue;
		waiting = waiting || !t->done;
		for (size_t k = 0; t->done && k < t->type_n; k++)
			cut_add_addresses(w, c, t->sets[k]);
	}
	return waiting && c->addresses.n == 0;
}

/* Asks the next servers that were not tried, beginning with the one useful last. When the
 * first few gave nothing, all others are asked at once: each silent server costs its whole
 * timeout, and there may be dozens. False when all were tried. */
static bool task_ask(struct walk *w, struct walk_task *t, size_t type)
{
	const struct cut *c = t->at;
	size_t asked = 0;
	size_t most = t->tried == 0 ? AT_ONCE : CUT_ADDRESSES_MAX;
	w->groups++;
	for (size_t i = 0; i < c->addresses.n && asked < most; i++) {
		size_t k = (c->good + i) % c->addresses.n;
		if ((t->tried >> k & 1) != 0)
			continue;
		*vec_push(w->a, &w->asks) = (struct dns_ask){
			.address = c->addresses.at[k].address,
			.question = { t->qname, t->types[type] },
			.group = w->groups,
		};
		asked++;
	}
	t->asks_n += asked;
	return asked > 0;
}

/* Adds this wave's questions of a task, or ends it. */
static void task_prepare(struct walk *w, struct walk_task *t)
{
	struct cut *c = deepest_cut(w, t->qname);
	t->asks_at = w->asks.n;
	t->asks_n = 0;
	if (c != t->at)
		t->tried = 0;
	t->at = c;
	if (t->find_cut && dname_equal(c->name, t->name)) {
		t->cut = c; /* another task came by */
		t->states[0] = SEEN_DATA;
		t->done = true;
		return;
	}
	if (c->addresses.n == 0 && cut_wait(w, c))
		return;
	for (size_t i = 0; i < t->type_n && !t->done; i++) {
		if (!t->have[i] && !task_ask(w, t, i))
			task_fail(t, arena_printf(w->a, "no server of %s gives a usable answer",
						  dname_show(w->a, c->name)));
	}
}

/* By pointer: the ask carries the cut's own text. */
static size_t address_index(const struct cut *c, const char *address)
{
	size_t i = 0;
	while (i < c->addresses.n && c->addresses.at[i].address != address)
		i++;
	return i;
}

/* Both types begin again at the target: an alias has no data of its own beside it. */
static void task_alias(struct walk_task *t, const char *target)
{
	if (++t->aliases > ALIASES_MAX) {
		task_fail(t, "its aliases never end");
		return;
	}
	t->alias = t->qname = target;
	for (size_t i = 0; i < t->type_n; i++) {
		t->have[i] = false;
		t->sets[i] = NULL;
	}
	t->tried = 0;
}

/* Done when every type has its answer. */
static void task_take(struct walk_task *t, size_t type, const struct judgement *j)
{
	t->have[type] = true;
	t->sets[type] = j->verdict == VERDICT_DATA ? j->set : NULL;
	t->states[type] = j->verdict == VERDICT_DATA       ? SEEN_DATA
			  : j->verdict == VERDICT_NXDOMAIN ? SEEN_NXDOMAIN
							   : SEEN_NODATA;
	t->done = true;
	for (size_t i = 0; i < t->type_n; i++)
		t->done = t->done && t->have[i];
}

/* A negative answer to the question where the zone begins. The server may also hold a
 * zone between: then that one's own NS set is asked for. */
static void cut_negative(struct walk *w, struct walk_task *t, const struct judgement *j,
			 const char *address)
{
	struct cut *at = t->at;
	if (j->soa_owner != NULL && !dname_equal(j->soa_owner, at->name) &&
	    !dname_equal(j->soa_owner, t->qname) && j->verdict != VERDICT_NXDOMAIN) {
		t->qname = j->soa_owner;
		return;
	}
	t->done = true;
	t->states[0] = j->verdict == VERDICT_NXDOMAIN ? SEEN_NXDOMAIN : SEEN_NODATA;
	t->cut = at;
	t->note = arena_printf(w->a, "%s for %s from %s, a server of %s",
			       j->verdict == VERDICT_NXDOMAIN ? "NXDOMAIN" : "no delegation",
			       dname_show(w->a, t->name), address, dname_show(w->a, at->name));
}

/* Answered with the NS set itself: the cut was passed without a referral. */
static void cut_digest(struct walk *w, struct walk_task *t, const struct judgement *j,
		       const struct dns_ask *ask)
{
	if (j->verdict != VERDICT_DATA) {
		cut_negative(w, t, j, ask->address);
		return;
	}
	/* The server of the parent holds the child too and answers for it. */
	t->cut = cut_learn(w, t->at, j->set, ask->reply.answer);
	t->cut->ns_by_child = true;
	if (t->cut->addresses.n == 0)
		*vec_push(w->a, &t->cut->addresses) = (struct cut_address){ "", ask->address };
	t->states[0] = dname_equal(t->qname, t->name) ? SEEN_DATA : SEEN_NODATA;
	t->done = true;
}

/* Others than the wished cut only bring the walk a level deeper. */
static void task_referred(struct walk *w, struct walk_task *t, const struct judgement *j,
			  const struct dns_ask *ask)
{
	struct cut *c = cut_learn(w, t->at, j->set, ask->reply.answer);
	if (!t->find_cut || !dname_equal(c->name, t->name))
		return;
	t->cut = c;
	t->states[0] = SEEN_DATA;
	t->done = true;
}

/* The ask does not say which type of the task it was; two types are told apart so. */
static size_t type_index(const struct walk_task *t, uint16_t type)
{
	return t->type_n > 1 && t->types[1] == type ? 1 : 0;
}

/* True when the ask brought the task on. */
static bool ask_digest(struct walk *w, struct walk_task *t, const struct dns_ask *ask)
{
	struct judgement j = judge_iterative(w->a, t->at->name, ask);
	if (j.verdict == VERDICT_USELESS)
		return false;
	size_t type = type_index(t, ask->question.type);
	t->at->good = address_index(t->at, ask->address) % t->at->addresses.n;
	if (j.verdict == VERDICT_REFERRAL)
		task_referred(w, t, &j, ask);
	else if (t->find_cut)
		cut_digest(w, t, &j, ask);
	else if (j.verdict == VERDICT_ALIAS)
		task_alias(t, j.target);
	else if (!t->have[type])
		task_take(t, type, &j);
	return true;
}

/* Stops when the task moved on: the rest of the wave's answers are about another name. Servers
 * are struck off only when none of the wave was of use. */
static void task_digest(struct walk *w, struct walk_task *t)
{
	bool useful = false;
	const char *qname = t->qname;
	const struct cut *at = t->at;
	for (size_t i = 0; i < t->asks_n && !t->done && t->qname == qname; i++) {
		const struct dns_ask *ask = &w->asks.at[t->asks_at + i];
		w->root_heard = w->root_heard || ask->reply.outcome == DNS_ANSWERED;
		useful = ask_digest(w, t, ask) || useful;
	}
	for (size_t i = 0; i < t->asks_n && !useful; i++) {
		const struct dns_ask *ask = &w->asks.at[t->asks_at + i];
		if (ask->reply.outcome != DNS_CANCELLED)
			t->tried |= (uint32_t)1
				    << address_index(at, ask->address) % CUT_ADDRESSES_MAX;
	}
}

/* Everything that still waits, with one reason: none of it could go on. */
static void fail_open(struct walk *w, const char *note)
{
	for (size_t i = 0; i < w->tasks.n; i++) {
		if (!w->tasks.at[i]->done)
			task_fail(w->tasks.at[i], note);
	}
}

/* One wave. False when there is nothing left to do. */
static bool walk_wave(struct walk *w)
{
	bool open = false;
	w->asks.n = 0;
	for (size_t i = 0; i < w->tasks.n; i++) { /* preparing may add tasks at the end */
		if (!w->tasks.at[i]->done)
			task_prepare(w, w->tasks.at[i]);
		open = open || !w->tasks.at[i]->done;
	}
	if (!open)
		return false;
	w->asked += w->asks.n;
	if (w->asks.n == 0) {
		fail_open(w, "the names of its servers lead in a circle");
	} else if (++w->waves > WAVES_MAX || w->asked > ASKS_MAX) {
		fail_open(w, "finding it takes too many questions");
	} else {
		dns_ask_all(w->en, w->a, w->asks.at, w->asks.n);
		for (size_t i = 0; i < w->tasks.n; i++) {
			if (!w->tasks.at[i]->done)
				task_digest(w, w->tasks.at[i]);
		}
	}
	return true;
}

int walk_run(struct walk *w, struct err *e)
{
	while (walk_wave(w)) {
		if (dns_engine_cancelled(w->en))
			return err_set(e, ERR_CANCELLED, "asking the DNS was interrupted");
	}
	return 0;
}

/* A before AAAA, as they were asked. */
static void host_add(struct arena *a, struct host_view *h, const struct walk_task *t)
{
	size_t n = 0;
	for (size_t k = 0; k < t->type_n; k++)
		n += t->sets[k] != NULL ? t->sets[k]->n : 0;
	const char **list = ARENA_ARRAY(a, n, const char *);
	for (size_t k = 0; k < t->type_n; k++) {
		for (size_t i = 0; t->sets[k] != NULL && i < t->sets[k]->n; i++)
			list[h->n++] = t->sets[k]->rdata[i];
	}
	h->addresses = list;
}

struct host_view walk_host_view(struct arena *a, const struct walk_task *t)
{
	struct host_view h = { .name = t->name, .alias = t->alias, .state = SEEN_NODATA };
	host_add(a, &h, t);
	for (size_t k = 0; k < t->type_n && h.n == 0; k++) {
		if (t->states[k] == SEEN_UNREADABLE || h.state == SEEN_UNREADABLE)
			h.state = SEEN_UNREADABLE;
		else if (t->states[k] == SEEN_NXDOMAIN)
			h.state = SEEN_NXDOMAIN;
	}
	if (h.n > 0)
		h.state = SEEN_DATA;
	return h;
}
