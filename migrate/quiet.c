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
 * one. */
int quiet_await_listing(struct box *b, struct listing *dst, struct err *e)
{
	const struct migrate_opts *o = b->opts;
	const struct listing_opts opts = { .root = b->mailbox->dst.root };
	int64_t now = clock_now_ms(o->clock);
	int64_t since = now;
	while (now - since < QUIET_MS) {
		int64_t before = figures(dst);
		if (wait_until(o->clock, now + QUIET_LOOK_EVERY_MS, o->cancel, e) != 0 ||
		    listing_get(b->dst, b->arena, &opts, dst, e) != 0)
			return -1;
		now = clock_now_ms(o->clock);
		if (figures(dst) != before)
			since = now;
	}
	return 0;
}
