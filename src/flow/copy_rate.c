/* A ring of samples, two seconds apart: enough for a minute. */
#include "flow/copy_rate.h"

enum { APART_MS = 2000, WINDOW_MS = 60 * 1000, FIRST_MS = 500 };

static const struct copy_sample *nth_newest(const struct copy_rate *r, size_t i)
{
	return &r->ring[(r->next + RATE_SAMPLES - 1 - i) % RATE_SAMPLES];
}

void copy_rate_add(struct copy_rate *r, const struct copy_sample *s)
{
	if (r->n > 0 && s->mono_ms - nth_newest(r, 0)->mono_ms < APART_MS)
		return;
	r->ring[r->next] = *s;
	r->next = (r->next + 1) % RATE_SAMPLES;
	if (r->n < RATE_SAMPLES)
		r->n++;
}

/* The youngest that is too old still ends the search: a slow copy may have only that one. */
struct copy_speed copy_rate_now(const struct copy_rate *r, const struct copy_sample *now)
{
	const struct copy_sample *from = NULL;
	for (size_t i = 0; i < r->n; i++) {
		from = nth_newest(r, i);
		if (now->mono_ms - from->mono_ms >= WINDOW_MS)
			break;
	}
	if (from == NULL || now->mono_ms - from->mono_ms < FIRST_MS)
		return (struct copy_speed){ 0 };
	double s = (double)(now->mono_ms - from->mono_ms) / 1000.0;
	return (struct copy_speed){ (double)(now->bytes - from->bytes) / s,
				    (double)(now->messages - from->messages) / s };
}

int64_t copy_rate_left(const struct copy_speed *speed, uint64_t messages, uint64_t bytes)
{
	if (messages == 0)
		return 0;
	if (speed->messages_per_s <= 0)
		return -1;
	double by_messages = (double)messages / speed->messages_per_s;
	double by_bytes = speed->bytes_per_s > 0 ? (double)bytes / speed->bytes_per_s : 0;
	return (int64_t)((by_bytes > by_messages ? by_bytes : by_messages) * 1000.0);
}
