/*
 * child.h - a program of somebody else's, run beside us and spoken with in lines.
 *
 * It gets its standard input, output and error from here, one more descriptor with what is
 * too secret for arguments and environment, an environment of a few known names, and nothing
 * else of ours: no other descriptor, no signal that is ignored, no terminal, no core dump.
 * It leads a session and a process group of its own, and dies with the thread that started it.
 * One thread at a time, always the same.
 */
#ifndef IO_CHILD_H
#define IO_CHILD_H

#include "base/clock.h"
#include "base/str.h"
#include "io/cancel.h"

enum {
	CHILD_GIFT_FD = 3,
	CHILD_GIFT_MAX = 32 * 1024,       /* what a pipe takes without a reader */
	CHILD_LINE_MAX = 1 << 20,         /* octets of a line of its output, the end not counted */
	CHILD_TOTAL_MAX = 512 << 20,      /* octets of its output between two sends */
	CHILD_STDERR_LINE_MAX = 8 * 1024, /* longer lines of its standard error are cut */
	CHILD_STDERR_LINES_MAX = 1000,    /* later ones are read and dropped */
	CHILD_WORDS_MAX = 256,            /* what child_words keeps */
};

struct child;

struct child_opts {
	const char *const *argv; /* NULL-terminated; argv[0] is an absolute path; for the call */
	struct slice gift;       /* readable from CHILD_GIFT_FD, then its end; for the call */
	const char *gift_name;   /* the environment variable that tells the descriptor's number */
	/* Told each line of its standard error, without the line end; NULL: nobody. It may alter
	 * the text in place: what is left is what child_words keeps. */
	void (*on_stderr)(void *ctx, char *line);
	void *ctx;
	const struct clock *clock;   /* until child_free */
	const struct cancel *cancel; /* until child_free; may be NULL */
};

/* 0 when nobody but root and ourselves could have written what would be run: an absolute path to
 * a regular file, executable, it and its directory owned by one of us and closed to others. Else
 * ERR_USAGE and what to do. */
int child_check(const char *path, struct err *e);

/* Checks and starts it. NULL with ERR_USAGE when it cannot be run, ERR_WORLD when the system has
 * no process or descriptor left. */
struct child *child_start(const struct child_opts *opts, struct err *e);

/* Queues a line for its standard input, the end is added; it leaves while child_line waits. */
void child_send_line(struct child *c, struct slice line);
/* True when any octet of the last child_send_line has left this process. */
bool child_has_taken(const struct child *c);

/* The next line of its output, without its end, NULs and all; valid until the next call. 1; 0 when
 * its output has ended (an unfinished line is none); -1 with ERR_RETRY at the monotonic deadline,
 * ERR_WORLD for a line or an output over the limits, ERR_CANCELLED. */
int child_line(struct child *c, int64_t mono_deadline_ms, struct slice *line_r, struct err *e);

/* Ends it, and every process of its group: closes its input, waits so long, then SIGTERM, half a
 * second, SIGKILL. Reaped when this returns. May be called again. */
void child_end(struct child *c, int grace_ms);
/* After child_end: "ended with status 1", "was ended by signal 9 (Killed)"; until child_free. */
const char *child_fate(const struct child *c);
/* The last line of its standard error that was not empty, "" when there was none. */
const char *child_words(const struct child *c);
/* Ends it at once where child_end was not called; takes NULL. */
void child_free(struct child *c);

#endif
