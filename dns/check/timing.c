/*
 * What caches somewhere may still hold. All arithmetic is in clocks.c.
 */
#include "dns/check/rows.h"

/* While the plan waits for it, the running clock is no news; at the switch it decides. */
static void ttl_lowering_not_effective(struct checking *c)
{
	const struct history *h = &c->in->history;
	if (c->in->phase == PHASE_POST || h->mx_ttl_lowered_ms == 0)
		return;
	int64_t safe = h->mx_ttl_lowered_ms + (int64_t)h->mx_old_ttl * 1000;
	if (c->in->now_ms >= safe)
		return;
	char lowered[TIME_TEXT_MAX];
	check_report(
		c,
		(struct check_report){
			c->in->phase == PHASE_READY ? SEVERITY_BLOCKER : SEVERITY_INFO,
			check_subject(c, c->s->domain, RR_MX),
			arena_printf(
				c->a,
				"the MX TTL was lowered at %s; caches may hold the MX with its old "
				"TTL of %u s until %s",
				time_format(h->mx_ttl_lowered_ms, lowered), (unsigned)h->mx_old_ttl,
				check_show_moment(c, safe)),
			arena_printf(c->a, "change the MX not before %s",
				     check_show_moment(c, safe)) });
}

/* No blocker: the change is done, and all that is left is to keep the old side running. */
static void cache_not_expired(struct checking *c)
{
	const struct history *h = &c->in->history;
	int64_t clear = h->mx_changed_ms + (int64_t)h->mx_ttl_at_change * 1000;
	if (h->mx_changed_ms == 0 || c->in->now_ms >= clear)
		return;
	char changed[TIME_TEXT_MAX];
	check_report(c, (struct check_report){
				SEVERITY_WARNING, check_subject(c, c->s->domain, RR_MX),
				arena_printf(c->a,
					     "the MX was changed at %s; some senders will use "
					     "the old one until %s",
					     time_format(h->mx_changed_ms, changed),
					     check_show_moment(c, clear)),
				"keep the old mail system up and taking mail until then, and "
				"keep copying from it" });
}

const struct check timing_checks[] = {
	{ .info = { .id = "ttl-lowering-not-effective",
		    .what = "the MX TTL was lowered less than the old TTL ago",
		    .rfc = "RFC 1035 §3.2.1" },
	  .run = ttl_lowering_not_effective },
	{ .info = { .id = "cache-not-expired",
		    .what = "the MX was changed less than the old TTL ago",
		    .rfc = "RFC 1035 §3.2.1" },
	  .run = cache_not_expired },
	{ .run = NULL },
};
