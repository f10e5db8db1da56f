/*
 * usage.h - how much was read of each mailbox hour by hour, for hosts that allow so much a day and
 * shut the account out beyond it. It outlives the process, as the host's count does.
 */
#ifndef STORE_USAGE_H
#define STORE_USAGE_H

#include "store/store.h"

enum { USAGE_DAY_MS = 24 * 3600 * 1000 };

/* `bytes` more of this mailbox at that time (Unix, ms). Rows older than a day are dropped. */
int usage_add(struct store *s, const char *address, int64_t at_ms, uint64_t bytes, struct err *e);

/* *until_ms_r: when less than `limit` bytes will have been read in the 24 hours before, by whole
 * hours, so never too early; 0: that is so now. *used_r: what was read in the last 24 hours. */
int usage_free_at(struct store *s, const char *address, int64_t now_ms, uint64_t limit,
		  uint64_t *used_r, int64_t *until_ms_r, struct err *e);

#endif
