/*
 * copy_rate.h - how fast a copy is now: over the last minute, not since it began.
 */
#ifndef FLOW_COPY_RATE_H
#define FLOW_COPY_RATE_H

#include <stddef.h>
#include <stdint.h>

enum { RATE_SAMPLES = 32 };

struct copy_sample {
	int64_t mono_ms;
	uint64_t messages, bytes; /* copied so far */
};
/* A value; all zero is one without samples. */
struct copy_rate {
	struct copy_sample ring[RATE_SAMPLES];
	size_t n, next;
};
/* Takes a sample; those closer than two seconds to the last are passed over. */
void copy_rate_add(struct copy_rate *r, const struct copy_sample *s);

struct copy_speed {
	double bytes_per_s, messages_per_s; /* 0: too early to tell */
};
/* Between the oldest sample that is at most a minute old and `now`. */
struct copy_speed copy_rate_now(const struct copy_rate *r, const struct copy_sample *now);
/* How long so much will take, in ms: by bytes or by messages, whichever lasts longer, for small
 * mail costs time by the message. -1: cannot be told. */
int64_t copy_rate_left(const struct copy_speed *speed, uint64_t messages, uint64_t bytes);

#endif
