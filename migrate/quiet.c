/*
 * A session that was killed here may still deliver there what it had sent. Nothing says
 * when the server is through with it; when the sum of all folders' UIDNEXT and counts has
 * not moved for some time, it is.
 */
#include "migrate/quiet.h"

#include "io/wait.h"

/* Each message that arrives makes a UIDNEXT rise; where it is not told, the count. */
static int64_t figures(const struct listing *l)
{
	int64_t sum = (int64_t)l->n;
	for (size_t i = 0; i < l->n; i++)
		sum += l->at[i].uidnext + l->at[i].messages;
	return sum;
}

/* The time begins anew at every change; the listing that is handed back is the last, quiet
 * one. Only what was looked at counts: a machine that stood still for seconds, and the target
 * on it, has seen no quiet time. */
int quiet_await_listing(struct box *b, struct listing *dst, struct err *e)
{
	const struct migrate_opts *o = b->opts;
	const struct listing_opts opts = { .root = b->mailbox->dst.root };
	int64_t quiet_ms = 0;
	while (quiet_ms < QUIET_MS) {
		int64_t before = figures(dst);
		int64_t next_ms = clock_now_ms(o->clock) + QUIET_LOOK_EVERY_MS;
		if (wait_until(o->clock, next_ms, o->cancel, e) != 0 ||
		    listing_get(b->dst, b->arena, &opts, dst, e) != 0)
			return -1;
		quiet_ms = figures(dst) == before ? quiet_ms + QUIET_LOOK_EVERY_MS : 0;
	}
	return 0;
}
