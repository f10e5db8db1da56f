/*
 * copy_room.h - whether a mailbox fits the quota of its target, in words.
 */
#ifndef FLOW_COPY_ROOM_H
#define FLOW_COPY_ROOM_H

#include "base/arena.h"
#include "migrate/migrate.h"

/* By what the last dry run found: why not all of it will fit, in the arena. NULL: it fits, or the
 * target does not tell its quota. */
const char *copy_room_reason(struct arena *a, const struct migrate_status *s);

/* Before any folder is listed: what the source's own quota counts is more than the target allows in
 * all. The arena's; NULL: not so, or one of them does not tell. */
const char *copy_room_by_quotas(struct arena *a, const struct migrate_quota *src,
				const struct migrate_quota *dst);

#endif
