/*
 * squeeze.h - whether the connections to a host should be compressed (RFC 4978): judged by what
 * its line really carries while it is worked with, and once it is done, by what came of it.
 *
 * A host is tried when lanes spend most of their time waiting for its line and that carries less
 * than a processor deflates easily, for two windows of three seconds in a row. Whether the line
 * is slow or the server behind it cannot be told apart before; after it, by the mail that passes
 * in a second. A value; pure, no clock.
 */
#ifndef MIGRATE_SQUEEZE_H
#define MIGRATE_SQUEEZE_H

#include <stdbool.h>
#include <stdint.h>

enum squeeze_state {
	SQUEEZE_WATCH,    /* plain; not decided */
	SQUEEZE_TRIAL,    /* compressed; is more mail carried? */
	SQUEEZE_KEPT,     /* compressed for good */
	SQUEEZE_GIVEN_UP, /* plain for good */
};

enum {
	SQUEEZE_WINDOW_MS = 3000,
	SQUEEZE_GAP_MS = 5000,              /* silence after which a window begins anew */
	SQUEEZE_WINDOWS = 2,                /* that agree */
	SQUEEZE_RATE_MAX = 8 * 1000 * 1000, /* bytes a second: docs/decisions/0033 */
	SQUEEZE_WAIT_PERCENT = 70,          /* of a lane's time */
	SQUEEZE_GAIN_PERCENT = 10,          /* below, a trial has failed */
};

/* What one lane saw of one host since its last sample. */
struct squeeze_sample {
	int64_t now_ms;    /* monotonic */
	int64_t worked_ms; /* how long that was */
	int64_t waited_ms; /* of these, only for this host's line */
	uint64_t bytes;    /* in the direction of the mail, before compression */
	bool compressed;   /* the lane's connection is */
};

struct squeeze {
	enum squeeze_state state;
	int64_t from_ms, last_ms; /* of the window; 0: none */
	int64_t worked_ms, waited_ms;
	uint64_t bytes;
	bool mixed; /* a trial's window with a connection that is still plain */
	/* Of the windows in a row that agree: */
	unsigned windows;
	uint64_t sum_bytes;
	int64_t sum_ms;
	uint64_t plain_rate, rate; /* bytes a second, without and with; 0: not known */
};

/* True when this sample changed the state. All zero is a host that nothing is known of. */
bool squeeze_add(struct squeeze *q, const struct squeeze_sample *s);
/* Compressed now? */
bool squeeze_is_on(const struct squeeze *q);

#endif
