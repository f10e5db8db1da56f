/*
 * The clocks of docs/checks.md. Where several values could bound a cache, the highest
 * counts.
 */
#include "dns/check/clocks.h"

#include "base/vec.h"

struct facts {
	struct arena *a;
	int64_t now_ms;
	VEC(struct clock_fact) list;
};

/* A fact with a moment. */
static void add_moment(struct facts *f, const char *id, int64_t at_ms, const char *why)
{
	int64_t left_ms = at_ms - f->now_ms;
	*vec_push(f->a,
		  &f->list) = (struct clock_fact){ .id = id,
						   .in_s = left_ms > 0 ? (left_ms + 999) / 1000 : 0,
						   .at_ms = at_ms,
						   .why = why };
}

/* How long "there is no such record" may be cached: the highest of all servers. 0 when
 * no server told. */
static uint32_t negative_ttl(const struct snapshot *s)
{
	uint32_t highest = 0;
	for (size_t i = 0; i < s->server_n; i++) {
		const struct server_view *v = &s->servers[i];
		if (!v->has_soa)
			continue;
		uint32_t ttl = v->soa_ttl < v->soa.minimum ? v->soa_ttl : v->soa.minimum;
		highest = ttl > highest ? ttl : highest;
	}
	return highest;
}

/* Not lowered yet: told as if it were lowered now, so that a plan has a date from the first
 * day. */
static void add_safe_change(struct facts *f, const struct snapshot *s, const struct history *h)
{
	char when[TIME_TEXT_MAX];
	uint32_t ttl = 0;
	if (h->mx_ttl_lowered_ms != 0) {
		add_moment(f, "earliest_safe_change_in_s",
			   h->mx_ttl_lowered_ms + (int64_t)h->mx_old_ttl * 1000,
			   arena_printf(f->a,
					"MX TTL lowered at %s at the last server; old TTL %u s",
					time_format(h->mx_ttl_lowered_ms, when),
					(unsigned)h->mx_old_ttl));
	} else if (snapshot_rrset(s, s->domain, RR_MX, NULL, &ttl)) {
		add_moment(f, "earliest_safe_change_in_s", f->now_ms + (int64_t)ttl * 1000,
			   arena_printf(f->a, "if the MX TTL is lowered now; it is %u s",
					(unsigned)ttl));
	}
}

/* The TTL just before the change counts, not today's: that is what caches were given. */
static void add_caches_clear(struct facts *f, const struct history *h)
{
	char when[TIME_TEXT_MAX];
	if (h->mx_changed_ms == 0)
		return;
	add_moment(f, "caches_clear_in_s", h->mx_changed_ms + (int64_t)h->mx_ttl_at_change * 1000,
		   arena_printf(f->a, "MX changed at %s; its TTL then was %u s",
				time_format(h->mx_changed_ms, when),
				(unsigned)h->mx_ttl_at_change));
}

/* A TXT that was absent is cached as absent (RFC 2308 §5), one that was there by its TTL. */
static void add_resolver_clear(struct facts *f, const struct snapshot *s, const struct history *h)
{
	char when[TIME_TEXT_MAX];
	if (h->txt_created_ms == 0)
		return;
	bool existed = h->txt_old_ttl != 0;
	uint32_t ttl = existed ? h->txt_old_ttl : negative_ttl(s);
	add_moment(f, "resolver_clear_in_s", h->txt_created_ms + (int64_t)ttl * 1000,
		   arena_printf(f->a, "ownership TXT added at %s; %s %u s",
				time_format(h->txt_created_ms, when),
				existed ? "the TXT records there had a TTL of"
					: "that it was absent may be cached for",
				(unsigned)ttl));
}

/* Resolvers may keep the delegation (parent's TTL) or the zone's own NS set: the longer
 * counts. */
static void add_ns_settled(struct facts *f, const struct snapshot *s, const struct history *h)
{
	char when[TIME_TEXT_MAX];
	if (h->ns_changed_ms == 0)
		return;
	uint32_t parent = s->parent_ns != NULL ? s->parent_ns->ttl : 0;
	uint32_t ttl = parent > h->ns_old_ttl ? parent : h->ns_old_ttl;
	add_moment(
		f, "ns_settled_in_s", h->ns_changed_ms + (int64_t)ttl * 1000,
		arena_printf(
			f->a,
			"name servers changed at %s; TTL %u s at the parent, %u s in the old zone",
			time_format(h->ns_changed_ms, when), (unsigned)parent,
			(unsigned)h->ns_old_ttl));
}

size_t clocks_compute(struct arena *a, const struct snapshot *s, const struct history *h,
		      int64_t now_ms, const struct clock_fact **facts_r)
{
	struct facts f = { .a = a, .now_ms = now_ms };
	add_safe_change(&f, s, h);
	add_caches_clear(&f, h);
	uint32_t negative = negative_ttl(s);
	if (negative > 0)
		*vec_push(a, &f.list) = (struct clock_fact){ .id = "negative_ttl_s",
							     .in_s = negative,
							     .why = "min(SOA TTL, SOA MINIMUM)" };
	add_resolver_clear(&f, s, h);
	add_ns_settled(&f, s, h);
	*facts_r = f.list.at;
	return f.list.n;
}

/* Whether any server could tell about the MX at all. */
static bool mx_is_readable(const struct snapshot *s)
{
	for (size_t i = 0; i < s->server_n; i++) {
		const struct seen *seen = server_seen(&s->servers[i], s->domain, RR_MX);
		if (seen != NULL && (seen->state == SEEN_DATA || seen->state == SEEN_NODATA ||
				     seen->state == SEEN_NXDOMAIN))
			return true;
	}
	return false;
}

/* The latest moment until which a resolver of the panel is seen to hold a set with more
 * than the limit left; 0 when none does. */
static int64_t panel_holds_until(const struct snapshot *s, uint32_t max_mx_ttl)
{
	int64_t latest = 0;
	for (size_t i = 0; i < s->resolver_n; i++) {
		const struct seen *seen = resolver_seen(&s->resolvers[i], s->domain, RR_MX);
		if (!s->resolvers[i].works || seen == NULL || seen->state != SEEN_DATA ||
		    seen->rrset->ttl <= max_mx_ttl)
			continue;
		int64_t until = seen->at_ms + (int64_t)seen->rrset->ttl * 1000;
		latest = until > latest ? until : latest;
	}
	return latest;
}

int64_t clocks_mx_drained_ms(const struct snapshot *s, const struct history *h, uint32_t max_mx_ttl)
{
	uint32_t ttl = 0;
	if (!mx_is_readable(s))
		return INT64_MAX;
	bool exists = snapshot_rrset(s, s->domain, RR_MX, NULL, &ttl);
	/* Some server still hands out the long TTL: no clock has begun to run. */
	if (exists && ttl > max_mx_ttl)
		return INT64_MAX;
	int64_t lowered = h->mx_ttl_lowered_ms != 0
				  ? h->mx_ttl_lowered_ms + (int64_t)h->mx_old_ttl * 1000
				  : 0;
	int64_t held = panel_holds_until(s, max_mx_ttl);
	return held > lowered ? held : lowered;
}
