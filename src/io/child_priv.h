/* child_priv.h - shared by child.c, child_spawn.c and child_talk.c. */
#ifndef IO_CHILD_PRIV_H
#define IO_CHILD_PRIV_H

#include <sys/types.h>

#include "base/buf.h"
#include "io/child.h"

struct child {
	pid_t pid;        /* 0: reaped */
	int alive;        /* pidfd */
	int in, out, err; /* ours to write, read, read; -1: closed */
	struct buf to;    /* not sent yet */
	struct buf from;  /* came from its output */
	size_t given;     /* octets of `from` that are lines already given */
	size_t searched;  /* octets behind them without a line end */
	size_t total;     /* octets of output since the last send */
	struct buf error; /* a line of its standard error so far */
	unsigned error_lines;
	bool taken;
	char words[CHILD_WORDS_MAX];
	char fate[64];
	void (*on_stderr)(void *ctx, char *line);
	void *ctx;
	const struct clock *clock;
	const struct cancel *cancel;
};

/* Forks and execs; fills pid, alive and the descriptors. -1 as child_start; nothing is left then.
 */
int child_spawn(struct child *c, const struct child_opts *opts, struct err *e);
/* Reads what its standard error has now, without waiting. False at its end. */
bool child_read_stderr(struct child *c);
/* The last line, which may have no end. */
void child_flush_stderr(struct child *c);
/* Closes and marks as closed. */
void child_shut(int *fd);

#endif
