/*
 * Nothing is claimed that no server said: a limit that is not told is no limit. Mail that lies at
 * the target and that the ledger knows nothing of counts as other mail; where there is such, the
 * words say so.
 */
#include "flow/copy_room.h"

#include <inttypes.h>

#include "base/size.h"

static uint64_t left_of(int64_t used, int64_t limit)
{
	return used < limit ? (uint64_t)(limit - used) : 0;
}

/* used and limit are -1 together. */
static bool is_short(uint64_t needed, int64_t used, int64_t limit)
{
	return limit >= 0 && needed > left_of(used, limit);
}

static const char *short_of_bytes(struct arena *a, const struct migrate_status *s)
{
	const struct migrate_quota *q = &s->quota;
	char needed[SIZE_TEXT_MAX];
	char left[SIZE_TEXT_MAX];
	char all[SIZE_TEXT_MAX];
	if (!is_short(s->needed_bytes, q->bytes_used, q->bytes_limit))
		return NULL;
	return arena_printf(a, "%s are still to be copied, and the target has %s left of %s",
			    size_format(s->needed_bytes, needed),
			    size_format(left_of(q->bytes_used, q->bytes_limit), left),
			    size_format((uint64_t)q->bytes_limit, all));
}

static const char *short_of_messages(struct arena *a, const struct migrate_status *s)
{
	const struct migrate_quota *q = &s->quota;
	if (!is_short(s->needed, q->messages_used, q->messages_limit))
		return NULL;
	return arena_printf(a,
			    "%" PRIu64 " messages are still to be copied, and the target takes "
			    "%" PRIu64 " more of %" PRId64,
			    s->needed, left_of(q->messages_used, q->messages_limit),
			    q->messages_limit);
}

/* The quota counts more than the ledger put there. */
static bool is_used_by_others(const struct migrate_status *s)
{
	return s->acknowledged == 0 && (s->quota.bytes_used > 0 || s->quota.messages_used > 0);
}

const char *copy_room_reason(struct arena *a, const struct migrate_status *s)
{
	const char *bytes = short_of_bytes(a, s);
	const char *messages = short_of_messages(a, s);
	if (bytes == NULL && messages == NULL)
		return NULL;
	return arena_printf(
		a, "will not fit the target's quota: %s%s%s%s", bytes != NULL ? bytes : "",
		bytes != NULL && messages != NULL ? "; " : "", messages != NULL ? messages : "",
		is_used_by_others(s) ? " (unless what lies there is the same mail)" : "");
}

const char *copy_room_by_quotas(struct arena *a, const struct migrate_quota *src,
				const struct migrate_quota *dst)
{
	char used[SIZE_TEXT_MAX];
	char limit[SIZE_TEXT_MAX];
	if (dst->bytes_limit >= 0 && src->bytes_used > dst->bytes_limit)
		return arena_printf(a,
				    "will not fit: the source uses %s, the target allows %s in all",
				    size_format((uint64_t)src->bytes_used, used),
				    size_format((uint64_t)dst->bytes_limit, limit));
	if (dst->messages_limit >= 0 && src->messages_used > dst->messages_limit)
		return arena_printf(a,
				    "will not fit: the source has %" PRId64
				    " messages, the target allows %" PRId64 " in all",
				    src->messages_used, dst->messages_limit);
	return NULL;
}
