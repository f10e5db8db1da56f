/*
 * The zones on the way and the addresses of their servers.
 *
 * Glue is taken only for names inside the zone of the server that gave it. Servers without
 * glue are looked up by tasks of their own, a few for each zone.
 */
#include "dns/walk_priv.h"

#include "zone/dname.h"

static struct cut *cut_known(const struct walk *w, const char *name)
{
	return name_map_find(&w->cuts, name, 0);
}

static void cut_add(struct walk *w, struct cut *c)
{
	*vec_push(w->a, &w->cut_list) = c;
	name_map_put(w->a, &w->cuts, c->name, 0, c);
}

/* Its parent must be known as well, for the chain of zones has no gaps. */
static struct cut *cut_from_cache(struct walk *w, const char *name)
{
	const char *parent = NULL;
	if (w->opts.cache == NULL || walk_is_fresh(w, name))
		return NULL;
	struct cut *c = walk_cache_cut(w->opts.cache, w->a, name, &parent);
	if (c == NULL || dname_labels(parent) >= dname_labels(name))
		return NULL;
	struct cut *p = cut_known(w, parent);
	p = p != NULL ? p : cut_from_cache(w, parent);
	if (p == NULL)
		return NULL;
	c->parent = p;
	c->work = ARENA_NEW(w->a, struct cut_work);
	*c->work =
		(struct cut_work){ .depth = p->work->depth + 1, .cached = true, .answered = true };
	cut_add(w, c);
	w->root_heard = true; /* somebody did */
	return c;
}

struct cut *cut_for(struct walk *w, const char *name)
{
	for (;; name = dname_parent(name)) { /* the root is always there */
		struct cut *c = cut_known(w, name);
		c = c != NULL ? c : cut_from_cache(w, name);
		if (c != NULL)
			return c;
	}
}

static bool has_address(const struct cut *c, const char *address)
{
	for (size_t i = 0; i < c->addresses.n; i++) {
		if (str_eq(c->addresses.at[i].address, address))
			return true;
	}
	return false;
}

/* More than the bits of `tried` can hold are left out. */
static void add_addresses(struct walk *w, struct cut *c, const struct rrset *set)
{
	for (size_t i = 0; set != NULL && i < set->n && i < HOST_ADDRESSES_MAX &&
			   c->addresses.n < CUT_ADDRESSES_MAX;
	     i++) {
		if (!has_address(c, set->rdata[i]))
			*vec_push(w->a, &c->addresses) = (struct cut_address){ set->name,
									       set->rdata[i] };
	}
	if (set != NULL && set->n > 0 && set->ttl < c->work->ttl)
		c->work->ttl = set->ttl;
}

/* Only names inside the parent's own zone: a server must not speak for others' hosts. */
static void add_glue(struct walk *w, struct cut *c, const struct dns_answer *ans)
{
	size_t n = ans->additional_n;
	for (size_t i = 0; i < c->ns->n && i < CUT_NAMES_MAX; i++) {
		const char *host = rdata_host(w->a, RR_NS, c->ns->rdata[i]);
		if (host == NULL || !dname_is_within(host, c->parent->name))
			continue;
		add_addresses(w, c, dns_section_find(ans->additional, n, host, RR_A));
		add_addresses(w, c, dns_section_find(ans->additional, n, host, RR_AAAA));
	}
}

/* Only the parent's own referral speaks about DS. */
static void learn_ds(struct walk *w, struct cut *c, const struct dns_ask *ask)
{
	if (c->ds_known || ask->reply.answer->aa)
		return;
	c->ds = judge_referral_ds(w->a, c->name, ask);
	c->ds_known = c->ds.state != SEEN_UNREADABLE;
}

static bool at_limit(const struct walk *w, const struct cut *parent)
{
	return w->cut_list.n >= CUTS_MAX || parent->work->depth >= CUT_DEPTH_MAX;
}

static struct cut *cut_new(struct walk *w, struct cut *parent, const char *name)
{
	struct cut *c = ARENA_NEW(w->a, struct cut);
	c->name = name;
	c->parent = parent;
	c->work = ARENA_NEW(w->a, struct cut_work);
	c->work->depth = parent->work->depth + 1;
	c->ds = (struct seen){ .question = { name, RR_DS },
			       .state = SEEN_UNREADABLE,
			       .note = "not asked",
			       .outcome = DNS_CANCELLED };
	cut_add(w, c);
	return c;
}

struct cut *cut_shared(struct walk *w, struct cut *above, const char *name)
{
	struct cut *c = cut_known(w, name);
	if (c != NULL || at_limit(w, above))
		return c != NULL ? c : above;
	c = cut_new(w, above, name);
	c->ns_by_child = true;
	c->good = above->good;
	c->heard = above->heard;
	c->addresses.n = c->addresses.cap = above->addresses.n;
	c->addresses.at = above->addresses.at; /* full: one more moves it */
	c->work->answered = above->work->answered;
	c->work->ttl = above->work->ttl;
	return c;
}

struct cut *cut_learn(struct walk *w, struct cut *parent, const struct rrset *ns,
		      const struct dns_ask *ask)
{
	struct cut *c = cut_known(w, ns->name);
	if (c == NULL) {
		parent = cut_between(w, parent, ns->name, ask->reply.answer);
		if (at_limit(w, parent))
			return NULL;
		c = cut_new(w, parent, ns->name);
		c->work->ttl = ns->ttl;
	}
	if (c->ns == NULL) {
		c->ns = ns;
		add_glue(w, c, ask->reply.answer);
	}
	learn_ds(w, c, ask);
	return c;
}

static bool has_host(const struct cut *c, const char *host)
{
	for (size_t i = 0; i < c->addresses.n; i++) {
		if (str_eq(c->addresses.at[i].host, host))
			return true;
	}
	return false;
}

/* What is known already is taken; for the rest the zone waits. */
static void cut_attach(struct walk *w, struct cut *c, struct walk_task *t)
{
	size_t open = 0;
	for (size_t i = 0; i < t->type_n; i++) {
		if (t->done || t->work->lines[i].done)
			add_addresses(w, c, t->sets[i]);
		else
			open++;
	}
	c->work->hosts_open += open;
	if (open > 0)
		*vec_push(w->a, &t->work->for_cuts) = c;
}

/* A name inside the zone itself cannot be found without the zone. */
static void want_missing(struct walk *w, struct cut *c, unsigned depth)
{
	size_t wanted = 0;
	for (size_t i = 0; i < c->ns->n && i < CUT_NAMES_MAX && wanted < CUT_HOSTS_MAX; i++) {
		const char *host = rdata_host(w->a, RR_NS, c->ns->rdata[i]);
		if (host == NULL || has_host(c, host))
			continue;
		if (dname_is_within(host, c->name)) {
			c->work->circle = true;
			continue;
		}
		struct walk_task *t = walk_want_inner(w, host, depth);
		if (t == NULL)
			continue;
		wanted++;
		cut_attach(w, c, t);
	}
}

/* Once for each zone: what was found out in the meantime has woken those who wait. */
bool cut_want_hosts(struct walk *w, struct cut *c, unsigned depth)
{
	size_t before = c->addresses.n;
	if (c->ns != NULL && !c->work->hosts_wanted) {
		c->work->hosts_wanted = true;
		want_missing(w, c, depth);
	}
	if (c->addresses.n > before) /* of hosts that were known: now there is whom to ask */
		walk_wake(w, &c->work->waiting);
	return c->work->hosts_open > 0;
}

void cut_host_line(struct walk *w, struct walk_task *t, size_t i)
{
	for (size_t k = 0; k < t->work->for_cuts.n; k++) {
		struct cut *c = t->work->for_cuts.at[k];
		c->work->hosts_open--;
		add_addresses(w, c, t->sets[i]);
		walk_wake(w, &c->work->waiting);
	}
}

/* Put into the cache only now: by then the addresses of servers without glue are known too. */
void cut_good(struct walk *w, struct cut *c, size_t i)
{
	bool news = !c->heard || c->good != i;
	c->good = i;
	c->heard = true;
	if (!news || c->parent == NULL || walk_is_fresh(w, c->name))
		return;
	if (c->work->cached)
		walk_cache_good(w->opts.cache, c);
	else
		walk_cache_put_cut(w->opts.cache, c, c->work->ttl);
	c->work->cached = true;
}

/* Perhaps it is not among the addresses yet. */
void walk_heard(struct cut *cut, const char *address)
{
	if (cut->work->heard_at == NULL)
		cut->work->heard_at = address;
}

void cut_take_word(struct walk *w, struct cut *c)
{
	for (size_t i = 0; c->work->heard_at != NULL && !c->heard && i < c->addresses.n; i++) {
		if (str_eq(c->addresses.at[i].address, c->work->heard_at))
			cut_good(w, c, i);
	}
}
