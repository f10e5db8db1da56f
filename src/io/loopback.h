/*
 * loopback.h - a listener on this machine only, for the browser that comes back from a login
 * page (RFC 8252 §7.3): takes one request at a time, answers with one page.
 */
#ifndef IO_LOOPBACK_H
#define IO_LOOPBACK_H

#include "base/buf.h"
#include "base/clock.h"
#include "io/cancel.h"

struct loopback;

/* Listens on 127.0.0.1; `port` 0: any that is free. ERR_USAGE when it is taken. */
int loopback_open(uint16_t port, struct loopback **loopback_r, struct err *e);
/* Takes NULL. */
void loopback_close(struct loopback *l);
/* The one that was given, or taken. */
uint16_t loopback_port(const struct loopback *l);

struct loopback_wait {
	const struct clock *clock;
	int64_t mono_deadline_ms;
	const struct cancel *cancel;
};
/* Waits for a GET; *target (cleared before) gets what stands between "GET " and " HTTP/". 1, or 0
 * when the deadline passed, or -1 (ERR_CANCELLED). What is no GET is closed and not told; so is
 * who says nothing for some seconds. The one before must be answered first. */
int loopback_take(struct loopback *l, const struct loopback_wait *w, struct buf *target,
		  struct err *e);
/* Answers that request with a page of plain text, and closes it. */
void loopback_answer(struct loopback *l, int status, const char *text);

#endif
