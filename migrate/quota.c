/*
 * A resource without a limit says nothing about room, so only pairs of usage and limit are kept.
 * The root's name is of no interest: all roots of INBOX count for what is stored there, and what
 * is stored elsewhere may have more of them, which no server tells without being asked for each.
 */
#include "migrate/quota.h"

static int64_t left_of(int64_t used, int64_t limit)
{
	return used < limit ? limit - used : 0;
}

static void take_tighter(int64_t used, int64_t limit, int64_t *used_r, int64_t *limit_r)
{
	if (used < 0 || limit < 0 ||
	    (*limit_r >= 0 && left_of(*used_r, *limit_r) <= left_of(used, limit)))
		return;
	*used_r = used;
	*limit_r = limit;
}

/* STORAGE is in units of 1024 octets (RFC 9208 §5.1); one that no disk has is as good as the
 * largest number. */
static int64_t kib_to_bytes(int64_t kib)
{
	return kib < 0 ? -1 : kib > INT64_MAX / 1024 ? INT64_MAX : kib * 1024;
}

static int on_quota(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct migrate_quota *q = ctx;
	(void)e;
	if (ev->kind != IMAP_EV_QUOTA)
		return 0;
	take_tighter(kib_to_bytes(ev->quota.kib_used), kib_to_bytes(ev->quota.kib_limit),
		     &q->bytes_used, &q->bytes_limit);
	take_tighter(ev->quota.messages_used, ev->quota.messages_limit, &q->messages_used,
		     &q->messages_limit);
	return 0;
}

int quota_ask(struct session *s, struct migrate_quota *q_r, struct err *e)
{
	struct conn_answer answer;
	const struct conn_call call = { on_quota, q_r };
	*q_r = (struct migrate_quota){ -1, -1, -1, -1 };
	if ((s->caps & CAP_QUOTA) == 0)
		return 0;
	return conn_wait(s->conn, imap_command(conn_out(s->conn), "GETQUOTAROOT INBOX"), &call,
			 &answer, e);
}
