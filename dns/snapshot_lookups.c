/*
 * Single answers, by the walk: what lies at the names around the domain, once
 * each, from any one server that knows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "dns/taking.h"
#include "zone/dname.h"

/* Data without a signature in a zone with DS: bogus, unless an unsigned zone below begins in
 * between that the same server holds, so that no referral told of it. */
static void find_zone_of(struct lookup_work *l, const struct walk_task *t)
{
	const char *name = t->alias != NULL ? t->alias : l->name;
	bool is_signed = t->cut != NULL && t->cut->ds.state == SEEN_DATA;
	if (t->states[0] == SEEN_DATA && is_signed && t->seen[0].proof == NULL &&
	    !t->seen[0].without_edns && !dname_equal(name, t->cut->name))
		l->where = walk_want_cut(l->job->walk, name);
}

/* A key behind an alias and TLSA lie in zones of others, whose signatures matter to mail. */
static void lookup_done(void *ctx, struct walk_task *t)
{
	struct lookup_work *l = ctx;
	struct snapshot_job *j = l->job;
	if (!j->over)
		find_zone_of(l, t);
	bool alias = l->type == RR_TXT && t->alias != NULL && j->keys_name != NULL &&
		     dname_is_within(l->name, j->keys_name);
	bool tlsa = l->type == RR_TLSA && t->states[0] == SEEN_DATA;
	if (!j->over && (alias || tlsa))
		taking_chain_want(j, t->cut);
}

static struct lookup_work *find_lookup(const struct snapshot_job *j, const char *name,
				       uint16_t type)
{
	for (size_t i = 0; i < j->lookups.n; i++) {
		struct lookup_work *l = j->lookups.at[i];
		if (l->type == type && dname_equal(l->name, name))
			return l;
	}
	return NULL;
}

static void add_lookup(struct snapshot_job *j, struct walk_task *t, const char *name, uint16_t type)
{
	struct lookup_work *l = ARENA_NEW(j->a, struct lookup_work);
	*l = (struct lookup_work){ .job = j, .name = name, .type = type, .task = t };
	*vec_push(j->a, &j->lookups) = l;
	walk_on_done(j->walk, t, lookup_done, l);
}

struct walk_task *taking_lookup(struct snapshot_job *j, const char *name, uint16_t type)
{
	struct lookup_work *l = find_lookup(j, name, type);
	if (l != NULL)
		return l->task;
	if (j->over || j->lookups.n >= LOOKUPS_MAX)
		return NULL;
	struct walk_task *t = walk_want(j->walk, name, type);
	if (t != NULL)
		add_lookup(j, t, name, type);
	return t;
}

static void lookup_below(struct snapshot_job *j, const char *label, uint16_t type)
{
	const char *name = taking_below(j, label);
	if (name != NULL)
		(void)taking_lookup(j, name, type);
}

/* The other types at a name that nobody should have. */
struct wildcard_probe {
	struct hold hold; /* first member */
	struct snapshot_job *job;
	const char *name;
};

static void ask_other_types(struct snapshot_job *j, const char *name)
{
	static const uint16_t types[] = { RR_MX, RR_A, RR_CNAME };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		(void)taking_lookup(j, name, types[i]);
}

static void probe_other_types(struct hold *h)
{
	const struct wildcard_probe *p = (const struct wildcard_probe *)(const void *)h;
	ask_other_types(p->job, p->name);
}

/* Where the name does not exist there is no wildcard of any type. */
static void wildcard_done(void *ctx, struct walk_task *t)
{
	struct wildcard_probe *p = ctx;
	if (t->states[0] == SEEN_NXDOMAIN && t->alias == NULL)
		taking_spare(&p->hold);
	else
		taking_let_go(&p->hold);
}

/* Nobody has such a name; whoever answers for it has a wildcard. */
static void probe_wildcards(struct snapshot_job *j)
{
	if (j->opts.rng == NULL)
		return;
	const char *label = arena_printf(j->a, "cutover-%016llx",
					 (unsigned long long)rng_u64(j->opts.rng));
	const char *name = taking_below(j, label);
	struct walk_task *t = name != NULL ? taking_lookup(j, name, RR_TXT) : NULL;
	j->s->random_label = label;
	if (t != NULL && !taking_is_crowd(j)) {
		ask_other_types(j, name);
	} else if (t != NULL) {
		struct wildcard_probe *p = ARENA_NEW(j->a, struct wildcard_probe);
		*p = (struct wildcard_probe){ { .go = probe_other_types }, j, name };
		taking_hold(j, &p->hold);
		walk_on_done(j->walk, t, wildcard_done, p);
	}
}

/* A name between: that a server denies it matters when there is something below it. */
struct between {
	struct hold hold; /* first member */
	struct snapshot_job *job;
	const char *name;
	size_t open; /* names below that are not answered yet */
};

static void probe_between(struct hold *h)
{
	const struct between *b = (const struct between *)(const void *)h;
	(void)taking_lookup(b->job, b->name, RR_TXT);
}

static void below_done(void *ctx, struct walk_task *t)
{
	struct between *b = ctx;
	b->open--;
	if (t->states[0] == SEEN_DATA || t->alias != NULL)
		taking_let_go(&b->hold);
	else if (b->open == 0)
		taking_spare(&b->hold);
}

/* NULL where the name would be too long. */
static struct between *between_new(struct snapshot_job *j, const char *label)
{
	struct between *b = ARENA_NEW(j->a, struct between);
	*b = (struct between){ { .go = probe_between }, j, taking_below(j, label), 0 };
	return b->name != NULL ? b : NULL;
}

/* One lookup below it. */
static void look_below(struct between *b, const char *label, uint16_t type)
{
	const char *name = taking_below(b->job, label);
	struct walk_task *t = name != NULL ? taking_lookup(b->job, name, type) : NULL;
	if (t == NULL)
		return;
	if (b->open++ == 0)
		taking_hold(b->job, &b->hold);
	walk_on_done(b->job->walk, t, below_done, b);
}

/* "@" as a label, from a form that knows no short for the domain itself; and the domain typed in
 * full where the form adds it once more. */
static void probe_wrong_places(struct snapshot_job *j)
{
	struct err e = { 0 };
	const char *d = j->opts.domain;
	lookup_below(j, "www", RR_TXT); /* also tells a flattened apex */
	if (j->opts.no_token)
		return;
	const char *twice = dname_canon(j->a, arena_printf(j->a, "%s%s", d, d), &e);
	if (twice != NULL)
		(void)taking_lookup(j, twice, RR_TXT);
	lookup_below(j, "\\064", RR_TXT);
}

/* The key behind each selector that the caller names, whatever stands at its name; a name that
 * nobody has; and, unless there can be nothing below it, what lies between. */
static void look_for_keys(struct snapshot_job *j)
{
	struct between *b = between_new(j, "_domainkey");
	bool named = false;
	for (size_t i = 0; b != NULL && i < j->opts.extra_n; i++) {
		const char *name = j->opts.extra[i].name;
		if (!dname_is_within(name, b->name) || dname_equal(name, b->name))
			continue;
		named = true;
		(void)taking_lookup(j, name, RR_TXT);
	}
	if (b == NULL)
		return;
	if (named)
		(void)taking_lookup(j, b->name, RR_TXT); /* a server of its own may have them */
	else if (j->s->random_label != NULL)
		look_below(b, arena_printf(j->a, "%s._domainkey", j->s->random_label), RR_TXT);
}

/* Names that often have mail of their own, or once had. */
static void look_for_subdomains(struct snapshot_job *j)
{
	static const char *const common[] = { "lists",    "mail", "news",   "newsletter", "info",
					      "support",  "shop", "blog",   "dev",        "test",
					      "intranet", "ml",   "groups", "smtp",       "email",
					      "crm",      "erp" };
	for (size_t i = 0; !j->opts.no_old_system && i < sizeof(common) / sizeof(common[0]); i++)
		lookup_below(j, common[i], RR_MX);
}

/* Every server is asked, which tells more than a lookup. */
static bool is_asked_everywhere(const struct snapshot_job *j, const char *name, uint16_t type)
{
	for (size_t i = 0; name != NULL && i < j->opts.extra_n; i++) {
		const struct dns_question *q = &j->opts.extra[i];
		if (q->type == type && dname_equal(q->name, name))
			return true;
	}
	return false;
}

static void look_for_clients(struct snapshot_job *j)
{
	static const char *const services[] = { "_autodiscover._tcp", "_imaps._tcp",
						"_imap._tcp",         "_submission._tcp",
						"_submissions._tcp",  "_pop3s._tcp" };
	struct between *b = between_new(j, "_tcp");
	for (size_t i = 0; b != NULL && i < sizeof(services) / sizeof(services[0]); i++)
		look_below(b, services[i], RR_SRV);
	if (!is_asked_everywhere(j, taking_below(j, "autodiscover"), RR_A))
		lookup_below(j, "autodiscover", RR_A);
}

void taking_lookups_begin(struct snapshot_job *j)
{
	static const uint16_t own[] = { RR_A, RR_AAAA, RR_CAA, RR_SPF };
	if (j->looked || j->over)
		return;
	j->looked = true;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		(void)taking_lookup(j, j->opts.domain, own[i]);
	look_for_clients(j);
	probe_wildcards(j);
	probe_wrong_places(j);
	look_for_keys(j);
	look_for_subdomains(j);
}

/* Hosts of policies have their customers make an alias of the name, or delegate it to them. */
static bool is_policy(const struct snapshot_job *j, const char *name)
{
	const char *const names[] = { j->dmarc_name, j->sts_name, j->tls_name };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i] != NULL && dname_equal(names[i], name))
			return true;
	}
	return false;
}

static void away_done(void *ctx, struct walk_task *t)
{
	struct snapshot_job *j = ctx;
	const struct seen found = { .question = { t->name, RR_TXT },
				    .state = t->states[0],
				    .rrset = t->sets[0] };
	if (j->over)
		return;
	taking_dmarc_heard(j, &found);
	taking_sts_heard(j, &found);
}

void taking_away_heard(struct snapshot_job *j, const struct seen *seen)
{
	const char *name = seen->question.name;
	if (seen->question.type != RR_TXT || !seen_is_away(seen) || !is_policy(j, name) ||
	    find_lookup(j, name, RR_TXT) != NULL)
		return;
	struct walk_task *t = taking_lookup(j, name, RR_TXT);
	if (t != NULL)
		walk_on_done(j->walk, t, away_done, j);
}

static int lookup_compare(const void *a, const void *b)
{
	const struct lookup_work *const *x = a, *const *y = b;
	int names = strcmp((*x)->name, (*y)->name);
	return names != 0 ? names : ((*x)->type > (*y)->type) - ((*x)->type < (*y)->type);
}

/* What stands at the end of the aliases, under the name that was asked for. */
static struct lookup hand_out(const struct snapshot_job *j, const struct lookup_work *l)
{
	const struct walk_task *t = l->task;
	size_t k = t->type_n > 1 && t->types[1] == l->type ? 1 : 0;
	struct lookup v = { .seen = t->seen[k] };
	v.seen.question = (struct dns_question){ l->name, l->type };
	v.seen.state = t->states[k];
	v.seen.rrset = t->sets[k];
	v.seen.alias = t->alias;
	if (v.seen.state == SEEN_UNREADABLE)
		v.seen.note = t->note != NULL ? t->note : j->late;
	const struct cut *cut = l->where != NULL && l->where->done ? l->where->cut : t->cut;
	v.zone = cut != NULL ? cut->name : NULL;
	v.address = t->by[k];
	return v;
}

void taking_lookups_finish(struct snapshot_job *j)
{
	struct lookup *list = ARENA_ARRAY(j->a, j->lookups.n, struct lookup);
	size_t n = 0;
	if (j->lookups.n > 0)
		qsort(j->lookups.at, j->lookups.n, sizeof(*j->lookups.at), lookup_compare);
	for (size_t i = 0; i < j->lookups.n; i++) {
		if (!j->lookups.at[i]->task->done)
			continue;
		list[n] = hand_out(j, j->lookups.at[i]);
		taking_signed(j, &list[n++].seen);
	}
	j->s->lookup_n = n;
	j->s->lookups = list;
}
