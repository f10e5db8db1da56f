/*
 * clock.h - time as an argument, so that a two-day wait is a unit test.
 *
 * Wall time is milliseconds since 1970-01-01T00:00:00Z; durations carry their unit
 * in the name. Only the system clock here asks the operating system.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* When this machine was started, told by its wall clock as that is set now. A clock that is set
 * moves it by as much; sleep of the machine and the clock's steady correction do not. */
struct clock_start {
	int64_t at_ms;
	char boot[40]; /* which start it is; "" when the system does not tell */
};

struct clock {
	/* Wall clock, for records and DNS times. */
	int64_t (*now_ms)(void *ctx);
	/* Never goes back; for deadlines. */
	int64_t (*mono_ms)(void *ctx);
	/* Waits until the wall clock shows until_ms, or as long as that was ahead at first; true
	 * when wake_fd (may be -1) became readable before that. */
	bool (*sleep_until)(void *ctx, int64_t until_ms, int wake_fd);
	struct clock_start (*start)(void *ctx);
	void *ctx;
};

/* The operating system's clock; may be used by any thread. */
const struct clock *clock_system(void);

/* The four verbs of struct clock. */
int64_t clock_now_ms(const struct clock *c);
/* Milliseconds from an unknown start: only differences mean something. Does not count sleep of
 * the machine. */
int64_t clock_mono_ms(const struct clock *c);
/* True when wake_fd (-1: none) became readable first; false when the wall clock shows
 * until_ms, at once for a moment that has passed; or when as much time went by as it was ahead at
 * first, for a clock that is set back lengthens no wait. Who needs the wall clock's word looks
 * again. */
bool clock_sleep_until(const struct clock *c, int64_t until_ms, int wake_fd);

/* To be kept beside a moment that is to be compared with a later one. */
struct clock_start clock_start(const struct clock *c);
/* How far the wall clock was set between two looks at it: > 0 forward, < 0 back; 0 for less than a
 * second, and when the machine was started anew since, for then nobody knows. */
int64_t clock_set_between(const struct clock_start *then, const struct clock_start *now);

/* A moment ahead, by both clocks: it has come as soon as either says so. A wall clock that is set
 * back does not put it off, nor does the sleep of the machine, which the other does not count. All
 * zero: it has come. */
struct moment {
	int64_t wall_ms, mono_ms;
};
/* The moment at which the wall clock, as it goes now, shows wall_ms. */
struct moment moment_at(const struct clock *c, int64_t wall_ms);
/* How far it is ahead; 0 when it has come. */
int64_t moment_ahead_ms(const struct clock *c, const struct moment *m);

/* A clock for tests and replays: stands still until it is told to move; sleeping
 * moves it at once. Make one with fake_clock_init; one thread only. */
struct fake_clock {
	struct clock clock;
	int64_t at_ms;
	int64_t slept_ms; /* the sum of all sleeps */
	int64_t set_ms;   /* how far fake_clock_set has set it */
	unsigned boot;    /* another number: started anew */
};
/* Both its clocks show at_ms. `f` must not move afterwards: its clock points to it. */
void fake_clock_init(struct fake_clock *f, int64_t at_ms);
/* Sets its wall clock by so much, and no time passes; moving at_ms lets time pass. */
void fake_clock_set(struct fake_clock *f, int64_t by_ms);

enum { TIME_TEXT_MAX = 64 };

/* "2026-11-27T18:00:00Z" (RFC 3339, UTC, whole seconds) into text[TIME_TEXT_MAX];
 * returns text. */
const char *time_format(int64_t ms, char text[TIME_TEXT_MAX]);
/* Reads RFC 3339 with seconds optional ("2026-11-27T18:00Z", "+01:00" offsets). */
bool time_parse(struct slice s, int64_t *ms_r);

/* "2 d 4 h", "1 h 05 min", "42 s": two units at most, rounded down; returns text. */
const char *duration_format(int64_t ms, char text[TIME_TEXT_MAX]);
/* Reads "90s", "15m", "24h", "2d", "1h30m", "0". A number without its unit is refused: who writes
 * 72 for three days would get 72 seconds. */
bool duration_parse(struct slice s, int64_t *ms_r);

#endif
