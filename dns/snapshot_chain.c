/*
 * The chain of trust: what each parent says about DS, and the keys of zones
 * that have one. A zone without DS costs nothing: its keys prove nothing to
 * anybody.
 */
#include "dns/taking.h"
#include "zone/dname.h"

static struct link_work *find_link(const struct snapshot_job *j, const char *zone)
{
	for (size_t i = 0; i < j->links.n; i++) {
		if (dname_equal(j->links.at[i]->cut->name, zone))
			return j->links.at[i];
	}
	return NULL;
}

static bool is_root(const struct link_work *l)
{
	return l->cut->parent == NULL;
}

/* The domain's own zone has them from each of its servers already. */
static void want_keys(struct link_work *l)
{
	struct snapshot_job *j = l->job;
	if (l->dnskey == NULL && !j->over && l->cut != j->zone)
		l->dnskey = walk_want(j->walk, l->cut->name, RR_DNSKEY);
}

/* A DS at the end needs the keys of all above it. */
static void go_up(struct link_work *end)
{
	struct link_work *l = end;
	while (l != NULL && (is_root(l) || l->cut->ds.state == SEEN_DATA)) {
		want_keys(l);
		l = is_root(l) ? NULL : find_link(l->job, l->cut->parent->name);
	}
}

/* An earlier unsigned zone between ends the way up: then there is no chain at all. */
static void ds_done(void *ctx, struct walk_task *t)
{
	const struct link_work *l = ctx;
	(void)t;
	for (size_t i = 0; i < l->job->links.n && !l->job->over; i++) {
		struct link_work *end = l->job->links.at[i];
		if (end->end && !is_root(end))
			go_up(end);
	}
}

/* What no referral said is asked for. */
static void ask_ds(struct link_work *l)
{
	if (is_root(l) || l->cut->ds_known)
		return;
	struct walk_task *t = walk_want_ds(l->job->walk, l->cut);
	if (t != NULL)
		walk_on_done(l->job->walk, t, ds_done, l);
}

/* Parents first, as far as they are known yet. */
static struct link_work *add_link(struct snapshot_job *j, struct cut *cut)
{
	struct link_work *l = find_link(j, cut->name);
	if (l != NULL || j->links.n >= LINKS_MAX)
		return l;
	/* Upwards a cut is const only to those who look; the walk made all of them. */
	if (cut->parent != NULL)
		(void)add_link(j, (struct cut *)cut->parent);
	l = ARENA_NEW(j->a, struct link_work);
	*l = (struct link_work){ .job = j, .cut = cut };
	*vec_push(j->a, &j->links) = l;
	ask_ds(l);
	return l;
}

void taking_chain_want(struct snapshot_job *j, struct cut *cut)
{
	struct link_work *l = cut != NULL && !j->over ? add_link(j, cut) : NULL;
	if (l == NULL)
		return;
	l->end = true;
	if (!is_root(l))
		go_up(l);
}

/* From the first server that has them; they stand with all servers too. */
static struct seen own_keys(const struct snapshot_job *j, const struct dns_question *q)
{
	const struct seen *best = NULL;
	for (size_t i = 0; i < j->s->server_n; i++) {
		const struct seen *seen = server_seen(&j->s->servers[i], q->name, RR_DNSKEY);
		if (seen != NULL && (best == NULL || best->state == SEEN_UNREADABLE))
			best = seen;
		if (seen != NULL && seen->state == SEEN_DATA)
			return *seen;
	}
	return best != NULL ? *best : taking_unheard(q, j->late);
}

static struct seen keys_of(const struct link_work *l)
{
	const struct snapshot_job *j = l->job;
	struct dns_question q = { l->cut->name, RR_DNSKEY };
	if (l->cut == j->zone)
		return own_keys(j, &q);
	if (l->dnskey == NULL)
		return taking_unheard(&q, "not asked");
	struct seen seen = l->dnskey->seen[0];
	seen.question = q;
	seen.state = l->dnskey->done ? l->dnskey->states[0] : SEEN_UNREADABLE;
	seen.rrset = seen.state == SEEN_DATA ? l->dnskey->sets[0] : NULL;
	return seen;
}

static struct seen ds_of(const struct link_work *l)
{
	struct dns_question q = { l->cut->name, RR_DS };
	if (is_root(l))
		return taking_unheard(&q, "the root has no parent");
	if (!l->cut->ds_known)
		return taking_unheard(&q, l->job->late);
	struct seen seen = l->cut->ds;
	seen.question = q;
	return seen;
}

/* A zone may show up between two others while their DS is asked for; it has a link as well. */
static void add_late_parents(struct snapshot_job *j)
{
	for (size_t i = 0; i < j->links.n; i++) {
		struct link_work *l = j->links.at[i];
		if (!is_root(l))
			(void)add_link(j, (struct cut *)l->cut->parent);
	}
}

/* After its parent; one whose parent is beyond the limit hangs in the air and is left out. */
static bool tell_link(struct snapshot_job *j, struct link_work *l, struct zone_link *list)
{
	if (l == NULL || l->told)
		return l != NULL;
	if (!is_root(l) && !tell_link(j, find_link(j, l->cut->parent->name), list))
		return false;
	l->told = true;
	list[j->s->link_n++] = (struct zone_link){
		.zone = l->cut->name,
		.parent = is_root(l) ? NULL : l->cut->parent->name,
		.ds = ds_of(l),
		.dnskey = keys_of(l),
	};
	taking_signed(j, &list[j->s->link_n - 1].ds);
	taking_signed(j, &list[j->s->link_n - 1].dnskey);
	return true;
}

void taking_chain_finish(struct snapshot_job *j)
{
	add_late_parents(j);
	struct zone_link *list = ARENA_ARRAY(j->a, j->links.n, struct zone_link);
	for (size_t i = 0; i < j->links.n; i++)
		(void)tell_link(j, j->links.at[i], list);
	j->s->links = list;
}
