/*
 * sts_policy.h - an MTA-STS policy (RFC 8461 §3.2), what must be so where it was fetched (§3.3),
 * and which hosts it allows (§4.1).
 */
#ifndef DNS_STS_POLICY_H
#define DNS_STS_POLICY_H

#include "base/arena.h"

enum sts_mode { STS_MODE_NONE, STS_MODE_TESTING, STS_MODE_ENFORCE };
/* "none", "testing", "enforce". */
const char *sts_mode_name(enum sts_mode mode);

enum { STS_MX_MAX = 64, STS_MAX_AGE_MAX = 31557600 };

struct sts_policy {
	enum sts_mode mode;
	uint32_t max_age_s;
	size_t mx_n;                /* patterns; over STS_MX_MAX are not kept */
	const char *mx[STS_MX_MAX]; /* lower case, no final dot, "*.x.net" */
};

/* NULL and the policy (texts in the arena), or what is wrong (static, a clause). Lines end in
 * LF or CRLF; unknown keys are passed over; of a key that is there twice the first counts, mx
 * left out. */
const char *sts_policy_wrong(struct arena *a, struct slice body, struct sts_policy *policy_r);
/* NULL, or why a sender does not take a policy that came so: only status 200 and text/plain
 * (static, a clause). */
const char *sts_fetch_wrong(int status, const char *content_type);
/* True when one of the patterns allows the host; "*" stands for exactly one label. `host`
 * canonical, patterns as in the policy or with a final dot and in any case. */
bool sts_mx_matches(const char *const *patterns, size_t n, const char *host);

#endif
