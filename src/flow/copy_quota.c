/*
 * What was copied is kept in the store by the hour, so that a copy that is begun anew, or goes on
 * tomorrow, knows what the host has counted. It is written when somebody asks whether the mailbox
 * may go on, which is once a second: a kill forgets at most that much.
 */
#include "flow/copy_quota.h"

#include "base/arena.h"
#include "base/size.h"
#include "flow/flow_priv.h"
#include "store/usage.h"

void copy_quota_begin(struct copy_quota *q, struct flow *f, struct arena *a, size_t n)
{
	*q = (struct copy_quota){ .f = f,
				  .limit = f->opts.project->copy.mailbox_bytes_per_day,
				  .boxes = ARENA_ARRAY(a, n, struct copy_quota_box) };
}

void copy_quota_took(struct copy_quota *q, size_t i, uint64_t copied_bytes)
{
	struct copy_quota_box *b = &q->boxes[i];
	if (copied_bytes < b->seen)
		b->seen = 0;
	b->unkept += copied_bytes - b->seen;
	b->seen = copied_bytes;
}

int copy_quota_keep(struct copy_quota *q, size_t i, const char *address, struct err *e)
{
	struct copy_quota_box *b = &q->boxes[i];
	if (b->unkept == 0)
		return 0;
	if (usage_add(q->f->store, address, flow_now_ms(q->f), b->unkept, e) != 0)
		return -1;
	b->unkept = 0;
	return 0;
}

/* A store that fails is no quota: the copy itself meets it, with the right words. */
int copy_quota_may(struct copy_quota *q, size_t i, const char *address, struct err *e)
{
	struct err ignored;
	char used_text[SIZE_TEXT_MAX];
	char until[TIME_TEXT_MAX];
	uint64_t used;
	int64_t until_ms;
	if (copy_quota_keep(q, i, address, &ignored) != 0 || q->limit == 0)
		return 0;
	if (usage_free_at(q->f->store, address, flow_now_ms(q->f), q->limit, &used, &until_ms,
			  &ignored) != 0)
		return 0;
	if (until_ms == 0)
		return 0;
	err_set(e, ERR_WAIT, "%s copied in 24 hours (copy.mailbox_bytes_per_day)",
		size_format(used, used_text));
	e->until_ms = until_ms;
	if (until_ms != q->boxes[i].told_ms)
		log_info(q->f->opts.log, "%s: %s, so it waits until %s", address, e->text,
			 time_format(until_ms, until));
	q->boxes[i].told_ms = until_ms;
	return -1;
}
