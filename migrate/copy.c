/*
 * Mailboxes in parallel: worker threads that take the next one until none is left.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/report.h"
#include "migrate/throttle.h"
#include "migrate/workers.h"

struct copier {
	const struct migrate_opts *opts;
	const struct migrate_mailbox *boxes;
	struct migrate_result *results;
	struct reporter reporter;
	struct throttle *throttle; /* owned */
	struct reach *reach;       /* owned */
	struct workers *workers;   /* owned */
};

const char *mailbox_state_name(enum mailbox_state s)
{
	static const char *const names[] = {
		[MAILBOX_QUEUED] = "Queued",   [MAILBOX_SYNCING] = "Syncing",
		[MAILBOX_SYNCED] = "Synced",   [MAILBOX_SYNCED_WITH_ERRORS] = "Synced with errors",
		[MAILBOX_FAILED] = "Failed",   [MAILBOX_COMPLETED] = "Completed",
		[MAILBOX_STOPPED] = "Stopped", [MAILBOX_REMOVED] = "Removed",
	};
	return names[s];
}

static void keep_store_err(struct reporter *r, const struct err *e)
{
	(void)pthread_mutex_lock(&r->mutex);
	if (r->store_err.kind == ERR_NONE)
		r->store_err = *e;
	(void)pthread_mutex_unlock(&r->mutex);
}

static void copy_one(void *ctx, size_t i)
{
	struct copier *c = ctx;
	struct box *b = mem_alloc(sizeof(*b));
	b->opts = c->opts;
	b->mailbox = &c->boxes[i];
	b->reporter = &c->reporter;
	b->throttle = c->throttle;
	b->reach = c->reach;
	b->workers = c->workers;
	(void)box_pass(b, &c->results[i].err);
	if (b->store_failed)
		keep_store_err(&c->reporter, &c->results[i].err);
	c->results[i].state = (enum mailbox_state)b->row.state;
	c->results[i].counts = b->counts;
	free(b);
}

int migrate_copy(const struct migrate_opts *opts, const struct migrate_mailbox *boxes, size_t n,
		 struct migrate_result *results, struct err *e)
{
	struct copier c = { .opts = opts, .boxes = boxes, .results = results };
	memset(results, 0, n * sizeof(*results));
	(void)pthread_mutex_init(&c.reporter.mutex, NULL);
	const struct workers_job job = { copy_one, &c, n, opts->mailboxes_at_once, opts->cancel };
	c.throttle = throttle_new(opts->clock, opts->mailboxes_at_once);
	c.reach = reach_new(opts->clock);
	c.workers = workers_new(&job);
	int rc = workers_go(c.workers, e);
	workers_free(c.workers);
	reach_free(c.reach);
	throttle_free(c.throttle);
	(void)pthread_mutex_destroy(&c.reporter.mutex);
	if (rc == 0 && c.reporter.store_err.kind != ERR_NONE) {
		*e = c.reporter.store_err;
		rc = -1;
	}
	return rc;
}
