/*
 * Threads take the next mailbox from a counter until none is left, so a large one holds up
 * nobody. A cancel lets no new one begin; those that run notice it by themselves.
 */
#include "migrate/workers.h"

#include <pthread.h>
#include <stdatomic.h>

enum { THREADS_MAX = 256, STACK_BYTES = 1024 * 1024 };

struct pool {
	const struct workers_job *job;
	atomic_size_t next;
};

/* One counter, no queue: whoever is free takes the next. */
static void *work(void *ctx)
{
	struct pool *p = ctx;
	while (!cancel_requested(p->job->cancel)) {
		size_t i = atomic_fetch_add(&p->next, 1);
		if (i >= p->job->n)
			break;
		p->job->run(p->job->ctx, i);
	}
	return NULL;
}

/* A thread that cannot be made is no failure: fewer do the same work. Stacks are small, for
 * there may be hundreds. */
int workers_run(const struct workers_job *job, struct err *e)
{
	pthread_t threads[THREADS_MAX];
	struct pool pool = { .job = job };
	pthread_attr_t attr;
	size_t wanted = job->at_once < job->n ? job->at_once : job->n;
	size_t n = 0;
	if (wanted > THREADS_MAX)
		wanted = THREADS_MAX;
	atomic_init(&pool.next, 0);
	pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES);
	/* This thread works too: the last one need not be made. */
	while (n + 1 < wanted && pthread_create(&threads[n], &attr, work, &pool) == 0)
		n++;
	pthread_attr_destroy(&attr);
	(void)work(&pool);
	for (size_t i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
	return cancel_check(job->cancel, e);
}
