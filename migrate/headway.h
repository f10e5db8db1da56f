/*
 * headway.h - whether a server that talks also gets on with what is awaited of it.
 *
 * Silence is one way to be dead; to say "* OK still here" for ever is another, and so are flags of
 * messages that nobody asked for, or an octet of the answer now and then. A step forward is
 *   - the result of a command, or the "+" that was awaited,
 *   - HEADWAY_STEP octets of what is awaited, in either direction.
 * A side that owes something and takes no step in HEADWAY_SILENCES times the silence that it may
 * keep is given up, whatever it says meanwhile. So one message of 100 MB may take days (at
 * least some octets a second), a server may say for minutes that it is still at an APPEND
 * or a SELECT, and the answer to a FETCH of a million may be as long as it is.
 *
 * Awaited is what a handler was given for (conn_call), within what the server itself made to be
 * expected: of FETCH each message once, in rising or falling order and no more than twice as many
 * as EXISTS told when the last result came; of other answers HEADWAY_LINES octets and 16 for each
 * message. Whoever knows better what was asked for says so (headway_got). A value; no clock, one
 * thread.
 */
#ifndef MIGRATE_HEADWAY_H
#define MIGRATE_HEADWAY_H

#include "migrate/imap/response.h"

enum {
	HEADWAY_STEP = 4096,
	HEADWAY_SILENCES = 4,
	HEADWAY_LINES = 256 * 1024, /* some thousand folders with their figures */
};

struct headway {
	int64_t since_ms; /* the last step, monotonic */
	bool stepped;     /* since headway_judge looked */
	uint64_t octets;  /* on the way to the next step */
	/* Since the last result: */
	uint32_t low_uid, high_uid; /* of the messages that FETCH told; 0: none */
	uint64_t messages, lines;   /* that counted; lines in octets */
	bool body_counts;           /* of the message whose body passes */
	uint32_t exists, told;      /* messages in the folder: when the last result came, and now */
};

/* From now on something is awaited. What was told since the last result still counts. */
void headway_begin(struct headway *h, int64_t now_ms);
/* So many octets of what is awaited came or went. */
void headway_got(struct headway *h, uint64_t octets);
/* Each event, whoever it is for: results, "+", EXISTS. */
void headway_saw(struct headway *h, const struct imap_event *ev);
/* One that a handler was given for. */
void headway_took(struct headway *h, const struct imap_event *ev);
/* False when it took too long to take a step. Only when all that was received has been looked at.
 * silence_ms: how long the side may be silent. */
bool headway_judge(struct headway *h, int64_t now_ms, int silence_ms);

#endif
