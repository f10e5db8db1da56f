/*
 * dnssec_ahead.h - a thread that verifies signatures while the servers are still being asked.
 *
 * A judgement (dnssec.h) needs every signature that fits; on the larger curves each costs a
 * millisecond or two. Whoever asks hands in what is heard, at once, and what was found out goes
 * to the judgement as its cache. The judgement itself stays as it is: what was not tried here
 * it tries, and nothing counts because it was tried, only because it fits.
 */
#ifndef DNS_DNSSEC_AHEAD_H
#define DNS_DNSSEC_AHEAD_H

#include "dns/dnssec.h"

struct dnssec_ahead;

/* `now_ms`: signatures outside of their time then are left alone. The thread begins with the
 * first signed answer. Never NULL; freed by dnssec_ahead_free. */
struct dnssec_ahead *dnssec_ahead_new(int64_t now_ms);
/* One answer, from the thread that made `ahead`. It is read later on: what it points to stays,
 * and does not change, until dnssec_ahead_end or dnssec_ahead_free returns. Without signatures it
 * costs nothing. */
void dnssec_ahead_heard(struct dnssec_ahead *ahead, const struct seen *seen);
/* Waits until all that was heard is tried, which is bounded: some dozen signatures. For
 * dnssec_opts.cache, until `ahead` is freed; NULL when nothing was tried. Nothing may be heard
 * after it. */
struct dnssec_cache *dnssec_ahead_end(struct dnssec_ahead *ahead);
/* Waits for the signature under way only. Takes NULL. */
void dnssec_ahead_free(struct dnssec_ahead *ahead);

#endif
