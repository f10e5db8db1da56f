/*
 * A place is the right to work; there are `at_once` of them. Threads take the next number
 * while they hold one, so a large mailbox holds up nobody. Who steps aside leaves its place
 * to a thread that is made for it then; who comes back goes before all that is new. A cancel
 * lets no new one begin; those that run notice it by themselves.
 */
#include "migrate/workers.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"

enum { THREADS_MAX = 256, STACK_BYTES = 1024 * 1024, CANCEL_LOOK_MS = 200 };

struct workers {
	struct workers_job job;
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t changed;
	size_t next;      /* number */
	size_t active;    /* places that are taken */
	size_t returning; /* threads that wait for a place to go on */
	size_t idle;      /* threads that wait for a place to begin */
	pthread_t threads[THREADS_MAX];
	size_t n_threads;
};

static void *work(void *ctx);

struct workers *workers_new(const struct workers_job *job)
{
	struct workers *w = mem_alloc(sizeof(*w));
	w->job = *job;
	w->job.at_once += job->at_once == 0 ? 1 : 0;
	(void)pthread_mutex_init(&w->mutex, NULL);
	(void)pthread_cond_init(&w->changed, NULL);
	return w;
}

void workers_free(struct workers *w)
{
	if (w == NULL)
		return;
	(void)pthread_cond_destroy(&w->changed);
	(void)pthread_mutex_destroy(&w->mutex);
	free(w);
}

static bool may_begin(const struct workers *w)
{
	return w->next < w->job.n && w->returning == 0 && w->active < w->job.at_once &&
	       !cancel_requested(w->job.cancel);
}

/* A thread for a place that nobody fills. One that cannot be made is no failure: fewer do the
 * same work. Stacks are small, for there may be hundreds. */
static void make_thread(struct workers *w)
{
	pthread_attr_t attr;
	if (!may_begin(w) || w->idle > 0 || w->n_threads == THREADS_MAX)
		return;
	pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES);
	if (pthread_create(&w->threads[w->n_threads], &attr, work, w) == 0)
		w->n_threads++;
	pthread_attr_destroy(&attr);
}

/* The condition knows nothing of the cancel: it is looked at a few times a second. */
static void wait_for_change(struct workers *w)
{
	int64_t ms = clock_now_ms(clock_system()) + CANCEL_LOOK_MS;
	const struct timespec until = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	(void)pthread_cond_timedwait(&w->changed, &w->mutex, &until);
}

/* The next number, once there is a place; false when there is none left to take. */
static bool take_number(struct workers *w, size_t *i_r)
{
	w->idle++;
	while (!may_begin(w) && w->next < w->job.n && !cancel_requested(w->job.cancel))
		wait_for_change(w);
	w->idle--;
	if (!may_begin(w))
		return false;
	*i_r = w->next++;
	w->active++;
	return true;
}

/* One counter, no queue: whoever has a place takes the next. */
static void *work(void *ctx)
{
	struct workers *w = ctx;
	size_t i;
	(void)pthread_mutex_lock(&w->mutex);
	while (take_number(w, &i)) {
		make_thread(w);
		(void)pthread_mutex_unlock(&w->mutex);
		w->job.run(w->job.ctx, i);
		(void)pthread_mutex_lock(&w->mutex);
		w->active--;
		(void)pthread_cond_broadcast(&w->changed);
	}
	(void)pthread_mutex_unlock(&w->mutex);
	return NULL;
}

void workers_step_aside(struct workers *w)
{
	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->mutex);
	w->active--;
	make_thread(w);
	(void)pthread_cond_broadcast(&w->changed);
	(void)pthread_mutex_unlock(&w->mutex);
}

/* A cancelled one takes its place all the same: only to leave it at its end. */
int workers_step_back(struct workers *w, struct err *e)
{
	if (w == NULL)
		return 0;
	(void)pthread_mutex_lock(&w->mutex);
	w->returning++;
	while (w->active >= w->job.at_once && !cancel_requested(w->job.cancel))
		wait_for_change(w);
	w->returning--;
	w->active++;
	(void)pthread_mutex_unlock(&w->mutex);
	return cancel_check(w->job.cancel, e);
}

/* Threads are joined in the order of their making; the list may grow meanwhile. */
int workers_go(struct workers *w, struct err *e)
{
	(void)work(w); /* this thread works too */
	for (size_t i = 0;; i++) {
		(void)pthread_mutex_lock(&w->mutex);
		bool more = i < w->n_threads;
		pthread_t thread = w->threads[i < THREADS_MAX ? i : 0];
		(void)pthread_mutex_unlock(&w->mutex);
		if (!more)
			break;
		(void)pthread_join(thread, NULL);
	}
	return cancel_check(w->job.cancel, e);
}

int workers_run(const struct workers_job *job, struct err *e)
{
	struct workers *w = workers_new(job);
	int rc = workers_go(w, e);
	workers_free(w);
	return rc;
}
