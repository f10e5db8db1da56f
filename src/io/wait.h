/*
 * wait.h - the only poll: until one of a few streams is ready, a deadline passes, or
 * the user cancels.
 */
#ifndef IO_WAIT_H
#define IO_WAIT_H

#include "base/clock.h"
#include "io/cancel.h"
#include "io/stream.h"

struct wait_item {
	const struct stream *stream; /* NULL entries are skipped */
	bool want_read, want_write;
	bool can_read, can_write; /* filled */
};

/* 1 when something is ready, 0 when mono_deadline_ms passed, -1 with ERR_CANCELLED. */
int wait_streams(struct wait_item *items, size_t n, const struct clock *clock,
		 int64_t mono_deadline_ms, const struct cancel *cancel, struct err *e);

/* Sleeps until the wall clock shows until_ms; -1 with ERR_CANCELLED. */
int wait_until(const struct clock *clock, int64_t until_ms, const struct cancel *cancel,
	       struct err *e);

#endif
