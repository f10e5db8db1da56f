/*
 * clocks.h - when it is safe: the moments after which no cache can hold old data.
 *
 * All are pure arithmetic over observed moments (CHECKS: "The clocks"). Times are wall
 * clock milliseconds; 0 means "not known"; `*_s` are seconds.
 */
#ifndef DNS_CHECK_CLOCKS_H
#define DNS_CHECK_CLOCKS_H

#include "dns/snapshot.h"

/* What happened when: from the store's observations and journal, or from the project
 * file's `history:`. */
struct history {
	int64_t mx_ttl_lowered_ms; /* the LAST authoritative server was first seen with it */
	uint32_t mx_old_ttl;       /* the TTL before that */
	/* How far this machine's clock was set since that was seen (< 0: back); the moment is told
	 * by the clock as it is now. */
	int64_t clock_set_ms;
	bool mx_is_changed; /* the switch is in force, whether or not it is known since when */
	int64_t mx_changed_ms;
	uint32_t mx_ttl_at_change; /* published just before the change */
	int64_t txt_created_ms;
	uint32_t txt_old_ttl; /* of the TXT RRset that was there; 0: none was */
	int64_t ns_changed_ms;
	uint32_t ns_old_ttl;
	int64_t mta_sts_changed_ms;     /* the policy, or the id in _mta-sts */
	uint32_t mta_sts_old_max_age_s; /* of the policy before that; 0: not known */
};

struct clock_fact {
	const char *id;  /* "earliest_safe_change_in_s" … */
	int64_t in_s;    /* seconds from now, >= 0 */
	int64_t at_ms;   /* the moment itself; 0 when it has no moment */
	const char *why; /* "MX TTL lowered at … by the last server; old TTL 86400 s" */
};

/* True when the MX was changed: when that will be safe is no question any more. */
bool clocks_mx_is_changed(const struct history *h);
/* Fills facts_r (arena) with every clock that can be told; returns their number. */
size_t clocks_compute(struct arena *a, const struct snapshot *s, const struct history *h,
		      int64_t now_ms, const struct clock_fact **facts_r);
/* The moment after which the MX may change: T(lowered) + OLD TTL, prolonged by what the panel's
 * resolvers are seen to hold, never shortened by it. 0 = nothing to wait for, INT64_MAX = not
 * known yet (not every server serves the lowered TTL). */
int64_t clocks_mx_drained_ms(const struct snapshot *s, const struct history *h,
			     uint32_t max_mx_ttl);
/* The resolver of the panel that is seen to hold the MX for the longest, with more time left than
 * the limit; NULL: none. One that says more than a week since the TTL was lowered has asked anew
 * since: it keeps short TTLs for longer, and tells nothing of the one before. */
const struct resolver_view *clocks_mx_holder(const struct snapshot *s, const struct history *h,
					     uint32_t max_mx_ttl, int64_t *until_ms_r);
/* The moment after which no cache can hold the MX from before its change: T(changed) + the TTL
 * just before; 0 = not known. */
int64_t clocks_mx_clear_ms(const struct history *h);
/* The same for the TXT RRset to which the ownership record was added: T(created) + its OLD TTL,
 * or, where none was, + min(SOA TTL, SOA MINIMUM), or 3 h when a server's negative answers name
 * no SOA (RFC 2308 §2.2); 0 = not known. */
int64_t clocks_txt_clear_ms(const struct snapshot *s, const struct history *h);
/* The next moment after now at which anything can be different: a clock's end, or that a resolver
 * of the panel forgets an answer that is not what the authoritative servers say (its remaining
 * TTL, or its negative TTL). INT64_MAX when nothing runs. */
int64_t clocks_next_ms(const struct snapshot *s, const struct history *h, int64_t now_ms);

#endif
