/*
 * workers.h - runs a job for 0 … n-1 on a few threads; each takes the next number.
 */
#ifndef MIGRATE_WORKERS_H
#define MIGRATE_WORKERS_H

#include <stddef.h>

#include "base/err.h"
#include "io/cancel.h"

struct workers_job {
	void (*run)(void *ctx, size_t i); /* any thread */
	void *ctx;
	size_t n, at_once;
	const struct cancel *cancel; /* no new number once requested */
};
/* Blocks until all are through; ERR_CANCELLED when it was requested. When the system
 * gives fewer threads than wanted it goes on with those. */
int workers_run(const struct workers_job *job, struct err *e);

#endif
