/*
 * workers.h - runs a job for 0 … n-1 on a few threads; each takes the next number. A job that
 * has to wait for a long time gives its place to another one meanwhile.
 */
#ifndef MIGRATE_WORKERS_H
#define MIGRATE_WORKERS_H

#include <stddef.h>

#include "base/err.h"
#include "io/cancel.h"

struct workers;

struct workers_job {
	void (*run)(void *ctx, size_t i); /* any thread */
	void *ctx;
	size_t n, at_once;
	const struct cancel *cancel; /* no new number once requested */
};
/* Blocks until all are through; ERR_CANCELLED when it was requested. When the system
 * gives fewer threads than wanted it goes on with those. */
int workers_run(const struct workers_job *job, struct err *e);

/* The same in three steps, for jobs that give up their places: make it, run it, free it. *job
 * is copied. */
struct workers *workers_new(const struct workers_job *job);
/* As workers_run, once. */
int workers_go(struct workers *w, struct err *e);
/* When workers_go is back. */
void workers_free(struct workers *w);

/* Called by a job: it waits for something else than work, and the next number may begin. `w`
 * NULL: nothing happens. */
void workers_step_aside(struct workers *w);
/* Takes its place again, before any new number; blocks until one is free. -1 with
 * ERR_CANCELLED. Must follow workers_step_aside, whatever happened between. */
int workers_step_back(struct workers *w, struct err *e);

#endif
