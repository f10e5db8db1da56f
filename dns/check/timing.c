/*
 * What caches somewhere may still hold. All arithmetic is in clocks.c.
 */
#include "dns/check/resolver.h"

/* A resolver that holds the MX longer than the arithmetic allows is why the moment is later. */
static void saw_holders(struct checking *c, int64_t until_ms)
{
	for (size_t i = 0; i < c->s->resolver_n; i++) {
		const struct resolver_view *r = &c->s->resolvers[i];
		const struct seen *seen = resolver_seen(r, c->s->domain, RR_MX);
		if (!r->works || seen == NULL || seen->state != SEEN_DATA ||
		    seen->at_ms + (int64_t)seen->rrset->ttl * 1000 < until_ms)
			continue;
		resolver_saw(c, r, seen);
	}
}

/* While the plan waits for it, the running clock is no news; at the switch it decides, and after
 * it nothing is left to be put off. Not every
 * server with the low TTL yet: mx_ttl_high says so. Old TTL not known: nothing can be said. */
static void ttl_lowering_not_effective(struct checking *c)
{
	const struct history *h = &c->in->history;
	int64_t safe = clocks_mx_drained_ms(c->s, h, c->in->max_mx_ttl);
	char lowered[TIME_TEXT_MAX];
	if (clocks_mx_is_changed(h) || h->mx_ttl_lowered_ms == 0 || h->mx_old_ttl == 0 ||
	    safe == INT64_MAX || c->in->now_ms >= safe)
		return;
	saw_holders(c, safe);
	check_report(c, (struct check_report){
				.severity = check_level(c),
				.subject = check_subject(c, c->s->domain, RR_MX),
				.message = arena_printf(
					c->a,
					"the MX TTL was lowered at %s; caches may hold the MX with "
					"its old TTL of %u s until %s",
					time_format(h->mx_ttl_lowered_ms, lowered),
					(unsigned)h->mx_old_ttl, check_show_moment(c, safe)),
				.remedy = arena_printf(c->a, "change the MX not before %s",
						       check_show_moment(c, safe)) });
}

/* No blocker: the change is done, and all that is left is to keep the old side running. */
static void cache_not_expired(struct checking *c)
{
	const struct history *h = &c->in->history;
	int64_t clear = clocks_mx_clear_ms(h);
	char changed[TIME_TEXT_MAX];
	if (c->in->now_ms >= clear)
		return;
	check_report(
		c, (struct check_report){
			   .severity = check_level(c),
			   .subject = check_subject(c, c->s->domain, RR_MX),
			   .message = arena_printf(
				   c->a,
				   "the MX was changed at %s; some senders will use the old one "
				   "until %s",
				   time_format(h->mx_changed_ms, changed),
				   check_show_moment(c, clear)),
			   .remedy = "keep the old mail system up and taking mail until then, and "
				     "keep copying from it" });
}

const struct check timing_checks[] = {
	{ .info = { .id = "ttl-lowering-not-effective",
		    .what = "the MX TTL was lowered less than the old TTL ago",
		    .rfc = "RFC 1035 §3.2.1",
		    .levels = "iib-",
		    .example = "The TTL went from 86400 s to 300 s at noon: until noon tomorrow a "
			       "cache may hold the old MX for its old TTL. Switch after that." },
	  .run = ttl_lowering_not_effective },
	{ .info = { .id = "cache-not-expired",
		    .what = "the MX was changed less than its TTL ago",
		    .rfc = "RFC 1035 §3.2.1",
		    .levels = "wwww",
		    .example = "The MX was changed an hour ago and had a TTL of 14400 s just "
			       "before: for three more hours some senders deliver to the old "
			       "system. Keep it up and taking mail." },
	  .run = cache_not_expired },
	{ .run = NULL },
};
