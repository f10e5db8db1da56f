/*
 * The judgement as a whole: the links first, then every server's every answer, then every
 * lookup by the zone that gave it. Where the zone is insecure nothing is computed.
 */
#include "dns/dnssec.h"

#include <string.h>

#include "dns/dnssec_priv.h"
#include "zone/dname.h"

struct secure dnssec_is(enum secure_state state, const char *detail)
{
	return (struct secure){ .state = state, .detail = detail };
}

struct secure dnssec_bogus(enum bogus_why why, const char *detail)
{
	return (struct secure){ .state = SECURE_BOGUS, .why = why, .detail = detail };
}

/* Of an answer's parts the worst decides. Unknown is worse than insecure, for it may be bogus: an
 * answer is called insecure only when that is certain of all of it. */
static int badness(enum secure_state state)
{
	static const int order[] = {
		[SECURE_YES] = 0, [SECURE_INSECURE] = 1, [SECURE_UNKNOWN] = 2, [SECURE_BOGUS] = 3
	};
	return order[state];
}

struct secure dnssec_worse(struct secure a, struct secure b)
{
	struct secure worse = badness(b.state) > badness(a.state) ? b : a;
	const struct secure *first =
		a.expires_ms == 0 || (b.expires_ms != 0 && b.expires_ms < a.expires_ms) ? &b : &a;
	worse.expires_ms = first->expires_ms;
	worse.begins_ms = first->begins_ms;
	return worse;
}

const char *dnssec_show(const struct judging *j, const char *name)
{
	return dname_show(j->a, name);
}

const char *dnssec_show_set(const struct judging *j, const char *name, uint16_t type)
{
	return arena_printf(j->a, "%s %s", dname_show(j->a, name), rr_type_name(j->a, type));
}

const char *secure_state_name(enum secure_state state)
{
	static const char *const names[] = { [SECURE_UNKNOWN] = "unknown",
					     [SECURE_YES] = "secure",
					     [SECURE_INSECURE] = "insecure",
					     [SECURE_BOGUS] = "bogus" };
	return names[state];
}

/* The link of that zone, or of the nearest one above it. */
static const struct trust *trust_over(const struct judging *j, const char *zone)
{
	const struct trust *best = NULL;
	size_t best_len = 0; /* zones above the same name: the longer is the nearer */
	for (size_t i = 0; zone != NULL && i < j->s->link_n; i++) {
		const struct trust *t = &j->trust[i];
		size_t len = strlen(t->zone->zone);
		if (len > best_len && dname_is_within(zone, t->zone->zone)) {
			best = t;
			best_len = len;
		}
	}
	return best;
}

/* Below an insecure zone all is insecure; of other zones nothing is known without a link. */
static struct secure judge_in(struct judging *j, const char *zone, const struct seen *seen)
{
	const struct trust *t = trust_over(j, zone);
	if (t == NULL)
		return dnssec_is(SECURE_UNKNOWN, "the zone's chain of trust is not known");
	if (!dname_equal(t->zone->zone, zone) && t->zone->secure.state == SECURE_YES)
		return dnssec_is(SECURE_UNKNOWN, "the zone's chain of trust is not known");
	return dnssec_judge_seen(j, t, seen);
}

static const struct secure *judge_servers(struct judging *j)
{
	const struct snapshot *s = j->s;
	struct secure *all = ARENA_ARRAY(j->a, s->server_n * s->question_n, struct secure);
	for (size_t i = 0; i < s->server_n; i++) {
		const struct server_view *v = &s->servers[i];
		for (size_t q = 0; q < s->question_n && q < v->n; q++)
			all[i * s->question_n + q] = judge_in(j, s->zone, &v->seen[q]);
	}
	return all;
}

static const struct secure *judge_lookups(struct judging *j)
{
	const struct snapshot *s = j->s;
	struct secure *all = ARENA_ARRAY(j->a, s->lookup_n, struct secure);
	for (size_t i = 0; i < s->lookup_n; i++)
		all[i] = judge_in(j, s->lookups[i].zone, &s->lookups[i].seen);
	return all;
}

static struct secure_zone *judge_zones(struct judging *j)
{
	size_t n = j->s->link_n;
	struct secure_zone *zones = ARENA_ARRAY(j->a, n, struct secure_zone);
	j->trust = ARENA_ARRAY(j->a, n, struct trust);
	for (size_t i = 0; i < n; i++)
		j->trust[i].zone = &zones[i];
	dnssec_judge_links(j);
	return zones;
}

static struct secure own_zone(const struct judging *j)
{
	const struct trust *t = trust_over(j, j->s->zone);
	if (t != NULL &&
	    (dname_equal(t->zone->zone, j->s->zone) || t->zone->secure.state == SECURE_INSECURE))
		return t->zone->secure;
	return dnssec_is(SECURE_UNKNOWN, "the zone's chain of trust is not known");
}

static const struct dnssec_view *judge_all(struct judging *j)
{
	struct dnssec_view *v = ARENA_NEW(j->a, struct dnssec_view);
	v->anchored = j->opts->anchor != NULL;
	v->zone_n = j->s->link_n;
	v->zones = judge_zones(j);
	v->zone = own_zone(j);
	v->server_n = j->s->server_n;
	v->question_n = j->s->question_n;
	v->answers = judge_servers(j);
	v->lookup_n = j->s->lookup_n;
	v->lookups = judge_lookups(j);
	return v;
}

const struct dnssec_view *dnssec_judge(struct arena *a, const struct snapshot *s,
				       const struct dnssec_opts *opts)
{
	struct dnssec_cache *own = opts->cache == NULL ? dnssec_cache_new() : NULL;
	struct judging j = { .a = a,
			     .s = s,
			     .opts = opts,
			     .cache = own != NULL ? own : opts->cache,
			     .verify_left = DNSSEC_VERIFY_MAX,
			     .hash_left = DNSSEC_HASHES_MAX };
	const struct dnssec_view *v = judge_all(&j);
	dnssec_cache_free(own);
	return v;
}

const struct secure *dnssec_answer(const struct dnssec_view *v, const struct snapshot *s, size_t i,
				   const char *name, uint16_t type)
{
	for (size_t q = 0; i < v->server_n && q < v->question_n; q++) {
		if (s->questions[q].type == type && dname_equal(s->questions[q].name, name))
			return &v->answers[i * v->question_n + q];
	}
	return NULL;
}

const struct secure *dnssec_lookup(const struct dnssec_view *v, const struct snapshot *s,
				   const char *name, uint16_t type)
{
	for (size_t i = 0; i < v->lookup_n; i++) {
		const struct dns_question *q = &s->lookups[i].seen.question;
		if (q->type == type && dname_equal(q->name, name))
			return &v->lookups[i];
	}
	return NULL;
}
