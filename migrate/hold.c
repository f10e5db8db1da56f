/*
 * May a mailbox go on? The user's interrupt is looked at each time, the caller's word about
 * once a second: a stop from another terminal or a quiet hour need no more.
 */
#include "migrate/report.h"

enum { ASK_EVERY_MS = 1000, LOOK_EVERY_MS = 1000 };

static int ask(struct box *b, struct err *e)
{
	const struct migrate_opts *o = b->opts;
	(void)pthread_mutex_lock(&b->reporter->mutex);
	int rc = o->may(o->may_ctx, b->mailbox, e);
	(void)pthread_mutex_unlock(&b->reporter->mutex);
	b->stopped = rc != 0 && e->kind == ERR_CANCELLED;
	return rc;
}

int box_check(struct box *b, struct err *e)
{
	const struct migrate_opts *o = b->opts;
	if (cancel_check(o->cancel, e) != 0)
		return -1;
	if (o->may == NULL)
		return 0;
	int64_t now = clock_mono_ms(o->clock);
	if (b->asked_ms != 0 && now - b->asked_ms < ASK_EVERY_MS)
		return 0;
	b->asked_ms = now;
	return ask(b, e);
}

bool box_is_held(struct box *b)
{
	struct err why;
	return b->opts->may != NULL && ask(b, &why) != 0;
}

/* A stop ends the wait; a pause that is asked for meanwhile is found when it is over. */
static bool is_stopped(struct box *b, struct err *e)
{
	return b->opts->may != NULL && ask(b, e) != 0 && b->stopped;
}

/* In short sleeps: a server may ask for an hour, and a person may stop the mailbox meanwhile. */
int box_wait(struct box *b, const struct err *why, struct err *e)
{
	const struct clock *clock = b->opts->clock;
	const struct moment end = moment_at(clock, why->until_ms);
	int64_t ahead_ms;
	while ((ahead_ms = moment_ahead_ms(clock, &end)) > 0) {
		/* Each time: who shows it may have swallowed the first for coming too soon. */
		box_report_end(b, MAILBOX_SYNCING, why);
		int64_t next_ms = clock_now_ms(clock) +
				  (ahead_ms < LOOK_EVERY_MS ? ahead_ms : LOOK_EVERY_MS);
		if (wait_until(clock, next_ms, b->opts->cancel, e) != 0 || is_stopped(b, e))
			return -1;
	}
	return 0;
}
