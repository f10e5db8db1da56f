/*
 * The clocks of docs/checks.md. Where several values could bound a cache, the highest
 * counts.
 */
#include "dns/check/clocks.h"

#include "base/vec.h"

/* What resolvers use when a negative answer names no bound of its own (RFC 2308 §5). */
enum { NEGATIVE_UNBOUND_S = 3 * 3600 };

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

static int64_t after(int64_t at_ms, uint32_t ttl_s)
{
	return at_ms + (int64_t)ttl_s * 1000;
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

/* Some server gives negative answers without an SOA: nobody knows how long they are kept. */
static bool negative_is_unbound(const struct snapshot *s)
{
	for (size_t i = 0; i < s->server_n; i++) {
		const struct server_view *v = &s->servers[i];
		for (size_t k = 0; v->state == SERVER_OK && k < v->n; k++) {
			if (v->seen[k].no_soa)
				return true;
		}
	}
	return false;
}

static uint32_t negative_bound(const struct snapshot *s)
{
	uint32_t ttl = negative_ttl(s);
	bool unbound = negative_is_unbound(s) || ttl == 0;
	return unbound && ttl < NEGATIVE_UNBOUND_S ? NEGATIVE_UNBOUND_S : ttl;
}

/* While the delegation and the zone name different servers after a change of them, nobody knows
 * which of them a cache asked: the other clocks count only once both agree. */
static bool ns_disagree(const struct snapshot *s, const struct history *h)
{
	return h->ns_changed_ms != 0 && s->parent_ns != NULL && s->child_ns != NULL &&
	       !rrset_equal(s->parent_ns, s->child_ns);
}

bool clocks_mx_is_changed(const struct history *h)
{
	return h->mx_is_changed || h->mx_changed_ms != 0;
}

/* Nobody saw it lowered: told as if it were lowered now, so that a plan has a date from the first
 * day. Where it is low since the first look, how long caches keep what was before is not known. */
static void add_change_if_lowered_now(struct facts *f, const struct snapshot *s,
				      const struct history *h)
{
	char when[TIME_TEXT_MAX];
	uint32_t ttl = 0;
	if (!snapshot_rrset(s, s->domain, RR_MX, NULL, &ttl))
		return;
	const char *why = arena_printf(f->a, "if the MX TTL is lowered now; it is %u s",
				       (unsigned)ttl);
	if (h->mx_ttl_lowered_ms != 0)
		why = arena_printf(f->a,
				   "as if the MX TTL were lowered now; it was %u s already at the "
				   "first look at %s, and what it was before is not known",
				   (unsigned)ttl, time_format(h->mx_ttl_lowered_ms, when));
	add_moment(f, "earliest_safe_change_in_s", after(f->now_ms, ttl), why);
}

/* While the change lies ahead. */
static void add_safe_change(struct facts *f, const struct snapshot *s, const struct history *h)
{
	char when[TIME_TEXT_MAX];
	if (clocks_mx_is_changed(h))
		return;
	if (h->mx_ttl_lowered_ms == 0 || h->mx_old_ttl == 0) {
		add_change_if_lowered_now(f, s, h);
	} else if (ns_disagree(s, h)) {
		add_moment(f, "earliest_safe_change_in_s", after(f->now_ms, h->mx_old_ttl),
			   arena_printf(f->a,
					"old TTL %u s; it counts only once the delegation and the "
					"zone name the same servers",
					(unsigned)h->mx_old_ttl));
	} else {
		add_moment(
			f, "earliest_safe_change_in_s", after(h->mx_ttl_lowered_ms, h->mx_old_ttl),
			arena_printf(f->a, "MX TTL lowered at %s at the last server; old TTL %u s",
				     time_format(h->mx_ttl_lowered_ms, when),
				     (unsigned)h->mx_old_ttl));
	}
}

int64_t clocks_mx_clear_ms(const struct history *h)
{
	return h->mx_changed_ms != 0 ? after(h->mx_changed_ms, h->mx_ttl_at_change) : 0;
}

/* The TTL just before the change counts, not today's: that is what caches were given. */
static void add_caches_clear(struct facts *f, const struct history *h)
{
	char when[TIME_TEXT_MAX];
	if (h->mx_changed_ms == 0)
		return;
	add_moment(f, "caches_clear_in_s", clocks_mx_clear_ms(h),
		   arena_printf(f->a, "MX changed at %s; its TTL then was %u s",
				time_format(h->mx_changed_ms, when),
				(unsigned)h->mx_ttl_at_change));
}

static void add_negative(struct facts *f, const struct snapshot *s)
{
	uint32_t ttl = negative_bound(s);
	if (negative_ttl(s) == 0 && !negative_is_unbound(s))
		return;
	*vec_push(f->a, &f->list) = (struct clock_fact){
		.id = "negative_ttl_s",
		.in_s = ttl,
		.why = ttl == negative_ttl(s)
			       ? "the zone's SOA record says so: its TTL or its last number, "
				 "whichever is less"
			       : "negative answers come without SOA: what resolvers use then",
	};
}

int64_t clocks_txt_clear_ms(const struct snapshot *s, const struct history *h)
{
	if (h->txt_created_ms == 0)
		return 0;
	return after(h->txt_created_ms, h->txt_old_ttl != 0 ? h->txt_old_ttl : negative_bound(s));
}

/* A TXT that was absent is cached as absent (RFC 2308 §5), one that was there by its TTL. */
static void add_resolver_clear(struct facts *f, const struct snapshot *s, const struct history *h)
{
	char when[TIME_TEXT_MAX];
	if (h->txt_created_ms == 0)
		return;
	bool existed = h->txt_old_ttl != 0;
	add_moment(f, "resolver_clear_in_s", clocks_txt_clear_ms(s, h),
		   arena_printf(f->a, "ownership TXT added at %s; %s %u s",
				time_format(h->txt_created_ms, when),
				existed ? "the TXT records there had a TTL of"
					: "that it was absent may be cached for",
				(unsigned)(existed ? h->txt_old_ttl : negative_bound(s))));
}

/* Resolvers may keep the delegation (parent's TTL) or the zone's own NS set: the longer
 * counts. 0: no change is known. */
static int64_t ns_settled_ms(const struct snapshot *s, const struct history *h)
{
	uint32_t parent = s->parent_ns != NULL ? s->parent_ns->ttl : 0;
	uint32_t ttl = parent > h->ns_old_ttl ? parent : h->ns_old_ttl;
	return h->ns_changed_ms != 0 ? after(h->ns_changed_ms, ttl) : 0;
}

static void add_ns_settled(struct facts *f, const struct snapshot *s, const struct history *h)
{
	char when[TIME_TEXT_MAX];
	if (h->ns_changed_ms == 0)
		return;
	add_moment(
		f, "ns_settled_in_s", ns_settled_ms(s, h),
		arena_printf(
			f->a,
			"name servers changed at %s; TTL %u s at the parent, %u s in the old zone",
			time_format(h->ns_changed_ms, when),
			(unsigned)(s->parent_ns != NULL ? s->parent_ns->ttl : 0),
			(unsigned)h->ns_old_ttl));
}

static int64_t sts_clear_ms(const struct history *h)
{
	bool known = h->mta_sts_changed_ms != 0 && h->mta_sts_old_max_age_s != 0;
	return known ? after(h->mta_sts_changed_ms, h->mta_sts_old_max_age_s) : 0;
}

/* RFC 8461 §3.3: a sender may go by the policy that it has for as long as that one allowed. */
static void add_sts(struct facts *f, const struct history *h)
{
	char when[TIME_TEXT_MAX];
	if (sts_clear_ms(h) == 0)
		return;
	add_moment(f, "mta_sts_max_age_s", sts_clear_ms(h),
		   arena_printf(f->a,
				"MTA-STS policy changed at %s; senders may use the old one for its "
				"max_age of %u s",
				time_format(h->mta_sts_changed_ms, when),
				(unsigned)h->mta_sts_old_max_age_s));
}

size_t clocks_compute(struct arena *a, const struct snapshot *s, const struct history *h,
		      int64_t now_ms, const struct clock_fact **facts_r)
{
	struct facts f = { .a = a, .now_ms = now_ms };
	add_safe_change(&f, s, h);
	add_caches_clear(&f, h);
	add_negative(&f, s);
	add_resolver_clear(&f, s, h);
	add_ns_settled(&f, s, h);
	add_sts(&f, h);
	*facts_r = f.list.at;
	return f.list.n;
}

static bool is_readable(const struct seen *seen)
{
	return seen != NULL && (seen->state == SEEN_DATA || seen->state == SEEN_NODATA ||
				seen->state == SEEN_NXDOMAIN);
}

/* Whether any server could tell about the MX at all. */
static bool mx_is_readable(const struct snapshot *s)
{
	for (size_t i = 0; i < s->server_n; i++) {
		if (is_readable(server_seen(&s->servers[i], s->domain, RR_MX)))
			return true;
	}
	return false;
}

/* Resolvers keep nothing for longer (BIND's default; most have less): what lasts until later was
 * taken anew. */
enum { CACHED_AT_MOST_S = 7 * 86400 };

const struct resolver_view *clocks_mx_holder(const struct snapshot *s, const struct history *h,
					     uint32_t max_mx_ttl, int64_t *until_ms_r)
{
	const struct resolver_view *holder = NULL;
	*until_ms_r = 0;
	for (size_t i = 0; i < s->resolver_n; i++) {
		const struct seen *seen = resolver_seen(&s->resolvers[i], s->domain, RR_MX);
		if (!s->resolvers[i].works || seen == NULL || seen->state != SEEN_DATA ||
		    seen->rrset->ttl <= max_mx_ttl)
			continue;
		int64_t until = after(seen->at_ms, seen->rrset->ttl);
		bool anew = h->mx_ttl_lowered_ms != 0 &&
			    until > after(h->mx_ttl_lowered_ms, CACHED_AT_MOST_S);
		if (until <= *until_ms_r || anew)
			continue;
		*until_ms_r = until;
		holder = &s->resolvers[i];
	}
	return holder;
}

int64_t clocks_mx_drained_ms(const struct snapshot *s, const struct history *h, uint32_t max_mx_ttl)
{
	uint32_t ttl = 0;
	if (!mx_is_readable(s))
		return INT64_MAX;
	bool exists = snapshot_rrset(s, s->domain, RR_MX, NULL, &ttl);
	/* Some server still hands out the long TTL, or caches may still ask servers that do: no
	 * clock has begun to run. */
	if ((exists && ttl > max_mx_ttl) || ns_disagree(s, h))
		return INT64_MAX;
	int64_t lowered = h->mx_ttl_lowered_ms != 0 ? after(h->mx_ttl_lowered_ms, h->mx_old_ttl)
						    : 0;
	int64_t held;
	(void)clocks_mx_holder(s, h, max_mx_ttl, &held);
	return held > lowered ? held : lowered;
}

/* What every cache would get from now on: the same data, and no more time than the servers
 * give. */
static bool is_current(const struct snapshot *s, const struct seen *seen)
{
	uint32_t ttl = 0;
	const struct dns_question *q = &seen->question;
	bool exists = snapshot_rrset(s, q->name, q->type, NULL, &ttl);
	for (size_t i = 0; i < s->server_n; i++) {
		const struct seen *own = server_seen(&s->servers[i], q->name, q->type);
		if (is_readable(own) && rrset_equal(own->rrset, seen->rrset))
			return seen->rrset == NULL || (exists && seen->rrset->ttl <= ttl);
	}
	return false;
}

/* When a resolver will ask again for this answer; INT64_MAX: not known, or of no interest. The
 * SOA, NS and keys are nothing that anybody waits for here. */
static int64_t forgotten_ms(const struct snapshot *s, const struct seen *seen)
{
	uint16_t type = seen->question.type;
	if (type == RR_SOA || type == RR_NS || type == RR_DNSKEY || !is_readable(seen) ||
	    is_current(s, seen))
		return INT64_MAX;
	if (seen->rrset != NULL)
		return after(seen->at_ms, seen->rrset->ttl);
	return seen->negative_ttl != 0 ? after(seen->at_ms, seen->negative_ttl) : INT64_MAX;
}

/* Keeps the earliest that lies ahead. */
static void consider(int64_t *next_ms, int64_t now_ms, int64_t at_ms)
{
	if (at_ms > now_ms && at_ms < *next_ms)
		*next_ms = at_ms;
}

int64_t clocks_next_ms(const struct snapshot *s, const struct history *h, int64_t now_ms)
{
	int64_t next = INT64_MAX;
	if (h->mx_ttl_lowered_ms != 0 && !ns_disagree(s, h))
		consider(&next, now_ms, after(h->mx_ttl_lowered_ms, h->mx_old_ttl));
	consider(&next, now_ms, clocks_mx_clear_ms(h));
	consider(&next, now_ms, clocks_txt_clear_ms(s, h));
	consider(&next, now_ms, ns_settled_ms(s, h));
	consider(&next, now_ms, sts_clear_ms(h));
	for (size_t i = 0; i < s->resolver_n; i++) {
		const struct resolver_view *r = &s->resolvers[i];
		for (size_t k = 0; r->works && k < r->n; k++)
			consider(&next, now_ms, forgotten_ms(s, &r->seen[k]));
	}
	return next;
}
