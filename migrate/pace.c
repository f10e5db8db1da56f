/*
 * The bucket is a moment: until when the bytes that were received would have taken at the
 * rate. Each payment moves it on; who finds it in the future sleeps until then. A quiet
 * second leaves at most one second of credit, so a pause is not followed by a burst.
 */
#include "migrate/pace.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "io/wait.h"

enum { CREDIT_MS = 1000 };

struct pace {
	pthread_mutex_t mutex; /* guards paid_until_us */
	uint64_t bytes_per_s;
	int64_t paid_until_us; /* monotonic */
};

struct pace *pace_new(uint64_t bytes_per_s)
{
	struct pace *p = mem_alloc(sizeof(*p));
	(void)pthread_mutex_init(&p->mutex, NULL);
	p->bytes_per_s = bytes_per_s;
	return p;
}

void pace_free(struct pace *p)
{
	if (p == NULL)
		return;
	(void)pthread_mutex_destroy(&p->mutex);
	free(p);
}

/* Microseconds: at 10 MB/s a kilobyte is a tenth of a millisecond. */
static int64_t pay(struct pace *p, size_t bytes, int64_t now_us)
{
	(void)pthread_mutex_lock(&p->mutex);
	int64_t earliest = now_us - (int64_t)CREDIT_MS * 1000;
	if (p->paid_until_us < earliest)
		p->paid_until_us = earliest;
	p->paid_until_us += (int64_t)((double)bytes * 1e6 / (double)p->bytes_per_s);
	int64_t debt_us = p->paid_until_us - now_us;
	(void)pthread_mutex_unlock(&p->mutex);
	return debt_us;
}

int pace_pay(struct pace *p, size_t bytes, const struct clock *clock, const struct cancel *cancel,
	     struct err *e)
{
	if (p == NULL || bytes == 0)
		return 0;
	int64_t debt_ms = pay(p, bytes, clock_mono_ms(clock) * 1000) / 1000;
	if (debt_ms <= 0)
		return 0;
	return wait_until(clock, clock_now_ms(clock) + debt_ms, cancel, e);
}
