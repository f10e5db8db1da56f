/*
 * The zone's times, and how "no" is said.
 */
#include "dns/check/rows.h"
#include "zone/dname.h"

/* Without an SOA nobody knows which version it is. */
static bool speaks(const struct server_view *v)
{
	return v->state == SERVER_OK && v->has_soa;
}

enum {
	REFRESH_MIN = 300,
	REFRESH_MAX = 86400,
	RETRY_MIN = 60,
	EXPIRE_MIN = 3 * 86400,
	EXPIRE_MAX = 42 * 86400,
};

/* Wider than RFC 1912 §2.2 asks for: only what makes trouble is worth a word. */
static const char *bad_timer(struct checking *c, const struct soa *t)
{
	if (t->refresh < REFRESH_MIN || t->refresh > REFRESH_MAX)
		return arena_printf(c->a, "refresh is %u s, not within %d to %d",
				    (unsigned)t->refresh, REFRESH_MIN, REFRESH_MAX);
	if (t->retry < RETRY_MIN || t->retry > t->refresh)
		return arena_printf(c->a, "retry is %u s, not within %d and the refresh of %u",
				    (unsigned)t->retry, RETRY_MIN, (unsigned)t->refresh);
	if (t->expire < EXPIRE_MIN || t->expire > EXPIRE_MAX)
		return arena_printf(c->a, "expire is %u s, not within %d to %d",
				    (unsigned)t->expire, EXPIRE_MIN, EXPIRE_MAX);
	return NULL;
}

static void soa_timers(struct checking *c)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		const char *bad = speaks(v) ? bad_timer(c, &v->soa) : NULL;
		if (bad == NULL)
			continue;
		check_saw_server(c, v, bad);
		check_report(c,
			     (struct check_report){
				     check_level(c), check_subject(c, c->s->zone, RR_SOA),
				     arena_printf(c->a,
						  "the SOA's timers are unusual: %s; secondary "
						  "servers may be late or lose the zone",
						  bad),
				     "set refresh 1 to 12 h, retry a fraction of it, expire 2 to "
				     "4 weeks" });
		return;
	}
}

enum { NEGATIVE_TTL_MAX = 3600, NEGATIVE_TTL_UNBOUND_S = 3 * 3600 };

/* min(SOA TTL, MINIMUM), RFC 2308 §5: a high MINIMUM alone does no harm. */
static uint32_t negative_ttl(const struct server_view *v)
{
	return v->soa_ttl < v->soa.minimum ? v->soa_ttl : v->soa.minimum;
}

static void soa_negative_ttl_high(struct checking *c)
{
	const struct server_view *worst = NULL;
	char wait[TIME_TEXT_MAX];
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		if (speaks(v) && (worst == NULL || negative_ttl(v) > negative_ttl(worst)))
			worst = v;
	}
	if (worst == NULL || negative_ttl(worst) <= NEGATIVE_TTL_MAX)
		return;
	check_saw_server(c, worst,
			 arena_printf(c->a, "SOA TTL %u, MINIMUM %u", (unsigned)worst->soa_ttl,
				      (unsigned)worst->soa.minimum));
	(void)duration_format((int64_t)negative_ttl(worst) * 1000, wait);
	check_report(
		c,
		(struct check_report){
			check_level(c), check_subject(c, c->s->zone, RR_SOA),
			arena_printf(c->a,
				     "\"no such record\" is cached for %s: whoever asks for a new "
				     "record too early gets \"no\" for that long",
				     wait),
			arena_printf(c->a,
				     "lower the SOA's last value (MINIMUM) or its TTL to %d s or "
				     "less before records are added; check new ones at the "
				     "zone's own servers, not at a resolver",
				     NEGATIVE_TTL_MAX) });
}

/* An alias that leads out of the zone ends without SOA, and rightly so. */
static bool is_unbounded_no(const struct seen *seen)
{
	return (seen->state == SEEN_NODATA || seen->state == SEEN_NXDOMAIN) && seen->no_soa &&
	       seen->alias == NULL;
}

static const char *says_no_without_soa(struct checking *c, const struct server_view *v)
{
	for (size_t q = 0; q < v->n; q++) {
		if (is_unbounded_no(&v->seen[q]))
			return arena_printf(c->a, "%s: no, and no SOA with it",
					    check_subject(c, v->seen[q].question.name,
							  v->seen[q].question.type));
	}
	return NULL;
}

static void negative_without_soa(struct checking *c)
{
	char wait[TIME_TEXT_MAX];
	struct check_group g = check_group_by(c, says_no_without_soa);
	if (g.list.n == 0)
		return;
	(void)duration_format((int64_t)NEGATIVE_TTL_UNBOUND_S * 1000, wait);
	check_report(
		c, (struct check_report){
			   check_level(c), check_group_subject(c, &g),
			   arena_printf(c->a,
					"\"no such record\" comes without an SOA from %s: nothing "
					"bounds how long a resolver keeps that; count with %s",
					check_group_names(c, &g), wait),
			   "have the name server's owner repair it (RFC 2308 requires the SOA); "
			   "until then add a record well before anybody asks for it" });
}

/* A name that is surely there: with data, or an alias. */
static bool exists(const struct seen *seen)
{
	return seen->state == SEEN_DATA || seen->alias != NULL;
}

static bool is_below(const struct seen *seen, const char *name)
{
	return exists(seen) && !dname_equal(seen->question.name, name) &&
	       dname_is_within(seen->question.name, name);
}

static bool is_one_version(const struct snapshot *s)
{
	const struct server_view *first = NULL;
	for (size_t i = 0; i < s->server_n; i++) {
		if (!speaks(&s->servers[i]))
			continue;
		first = first != NULL ? first : &s->servers[i];
		if (first->soa.serial != s->servers[i].soa.serial)
			return false;
	}
	return true;
}

/* A name below `none` that exists, seen at the same server, or at any when all hold the same
 * version; NULL. */
static const char *existing_below(const struct snapshot *s, const struct lookup *none)
{
	const char *name = none->seen.question.name;
	bool any = is_one_version(s);
	for (size_t i = 0; i < s->lookup_n; i++) {
		const struct lookup *l = &s->lookups[i];
		if (is_below(&l->seen, name) &&
		    (any || (l->address != NULL && none->address != NULL &&
			     str_eq(l->address, none->address))))
			return l->seen.question.name;
	}
	for (size_t i = 0; i < s->server_n; i++) {
		const struct server_view *v = &s->servers[i];
		if (v->state != SERVER_OK ||
		    (!any && (none->address == NULL || !str_eq(v->address, none->address))))
			continue;
		for (size_t q = 0; q < v->n; q++) {
			if (is_below(&v->seen[q], name))
				return v->seen[q].question.name;
		}
	}
	return NULL;
}

/* RFC 8020 §2: "no such name" says that there is nothing below it either. */
static void ent_nxdomain(struct checking *c)
{
	for (size_t i = 0; i < c->s->lookup_n; i++) {
		const struct lookup *l = &c->s->lookups[i];
		if (l->seen.state != SEEN_NXDOMAIN || l->seen.alias != NULL ||
		    !dname_is_within(l->seen.question.name, c->s->domain))
			continue;
		const char *below = existing_below(c->s, l);
		if (below == NULL)
			continue;
		const char *name = check_show(c, l->seen.question.name);
		check_saw_lookup(c, l);
		check_report(c,
			     (struct check_report){
				     check_level(c), name,
				     arena_printf(c->a,
						  "the servers say that %s does not exist, though "
						  "%s below it does: some resolvers will then not "
						  "find that either",
						  name, check_show(c, below)),
				     arena_printf(c->a,
						  "have the name server's owner repair it (RFC "
						  "8020); until then, a TXT record of any text at "
						  "%s helps",
						  name) });
	}
}

const struct check answer_checks[] = {
	{ .info = { .id = "soa-timers",
		    .what = "refresh, retry or expire of the SOA are out of range",
		    .rfc = "RFC 1912 §2.2",
		    .levels = "iiii",
		    .example =
			    "Expire is one hour: when the primary server is down for longer, the "
			    "secondary ones forget the zone. Set it to two weeks or more." },
	  .run = soa_timers },
	{ .info = { .id = "soa-negative-ttl-high",
		    .what = "\"no such record\" is cached for more than an hour",
		    .rfc = "RFC 2308 §5",
		    .levels = "www-",
		    .example = "The lower of the SOA's TTL and its MINIMUM is a day. If the new "
			       "provider "
			       "looks for the ownership TXT before you add it, it sees none until "
			       "tomorrow. Lower MINIMUM to 3600 or less first." },
	  .run = soa_negative_ttl_high },
	{ .info = { .id = "negative-without-soa",
		    .what = "a server says \"no\" without an SOA record",
		    .rfc = "RFC 2308 §2.2",
		    .levels = "wwww",
		    .example = "Asked for a record that is not there, ns1 sends an empty answer "
			       "with no "
			       "SOA. Nothing says how long that may be cached: count with three "
			       "hours before a new record is seen by all." },
	  .run = negative_without_soa },
	{ .info = { .id = "ent-nxdomain",
		    .what = "\"no such name\" is said of a name that has names below it",
		    .rfc = "RFC 8020 §2",
		    .levels = "wwww",
		    .example =
			    "selector1._domainkey has a key, but asked for _domainkey the server "
			    "says "
			    "NXDOMAIN. Resolvers that believe it stop there, and DKIM fails. A TXT "
			    "record at _domainkey itself works round it." },
	  .run = ent_nxdomain },
	{ .run = NULL },
};
