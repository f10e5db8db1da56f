/*
 * One poll for all of a child's descriptors: a child that waits for us to read its standard error
 * never comes to read what we write, so nothing is done to the end before the other is looked at.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "io/child_priv.h"

enum { CHUNK = 64 * 1024, STDERR_ROUND_MAX = 16 };

/* ---- standard error ---- */

/* Words are what a person can use: the last line that says anything. */
static void end_line(struct child *c)
{
	if (c->error.len > 0 && c->error.at[c->error.len - 1] == '\r')
		c->error.at[--c->error.len] = '\0';
	bool counts = c->error.len > 0 && c->error_lines < CHILD_STDERR_LINES_MAX;
	if (counts) {
		c->error_lines++;
		if (c->on_stderr != NULL)
			c->on_stderr(c->ctx, c->error.at);
		str_copy(c->words, sizeof(c->words), c->error.at);
		str_make_printable(c->words);
	}
	buf_clear(&c->error);
}

/* A NUL would end the text early and hide the rest; what is over the limit is dropped. */
static void take_stderr(struct child *c, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n')
			end_line(c);
		else if (c->error.len >= CHILD_STDERR_LINE_MAX)
			continue;
		else if (bytes[i] == '\0')
			buf_addc(&c->error, '?');
		else
			buf_addc(&c->error, bytes[i]);
	}
}

bool child_read_stderr(struct child *c)
{
	char bytes[4096];
	for (int i = 0; i < STDERR_ROUND_MAX && c->err >= 0; i++) {
		ssize_t n = read(c->err, bytes, sizeof(bytes));
		if (n > 0)
			take_stderr(c, bytes, (size_t)n);
		else if (n < 0 && errno == EAGAIN)
			return true;
		else if (n == 0 || errno != EINTR)
			child_shut(&c->err);
	}
	return c->err >= 0;
}

void child_flush_stderr(struct child *c)
{
	end_line(c);
}

/* ---- standard input ---- */

/* A write to a pipe without a reader raises SIGPIPE, and this room cannot know whether somebody
 * ignores it: it is held back, and taken away when it was ours. */
static ssize_t write_quietly(int fd, struct slice bytes)
{
	static const struct timespec at_once = { 0, 0 };
	sigset_t pipe_signal;
	sigset_t before;
	sigset_t pending;
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	(void)sigpending(&pending);
	(void)pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
	ssize_t n = write(fd, bytes.ptr, bytes.len);
	int why = errno;
	if (n < 0 && why == EPIPE && !sigismember(&pending, SIGPIPE))
		while (sigtimedwait(&pipe_signal, NULL, &at_once) < 0 && errno == EINTR)
			;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = why;
	return n;
}

/* A child that has closed its input may still answer, or end: its output tells which. */
static void push(struct child *c)
{
	ssize_t n = write_quietly(c->in, buf_slice(&c->to));
	if (n > 0) {
		c->taken = true;
		buf_consume(&c->to, (size_t)n);
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		buf_clear(&c->to);
		child_shut(&c->in);
	}
}

void child_send_line(struct child *c, struct slice line)
{
	c->taken = false;
	c->total = 0;
	buf_add(&c->to, line.ptr, line.len);
	buf_addc(&c->to, '\n');
}

bool child_has_taken(const struct child *c)
{
	return c->taken;
}

/* ---- standard output ---- */

/* 1: something came; 0: the end; -1 with *e. */
static int pull(struct child *c, struct err *e)
{
	ssize_t n = read(c->out, buf_reserve(&c->from, CHUNK), CHUNK);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (n <= 0) {
		child_shut(&c->out);
		return 0;
	}
	buf_added(&c->from, (size_t)n);
	c->total += (size_t)n;
	if (c->total > CHILD_TOTAL_MAX)
		return err_set(e, ERR_WORLD, "it wrote more than %d MiB without an end",
			       CHILD_TOTAL_MAX >> 20);
	return 1;
}

static int time_left(const struct child *c, int64_t mono_deadline_ms)
{
	int64_t left = mono_deadline_ms - clock_mono_ms(c->clock);
	return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* One round: waits until something can be done, and does it. */
static int pump(struct child *c, int64_t mono_deadline_ms, struct err *e)
{
	struct pollfd fds[] = {
		{ .fd = c->out, .events = POLLIN },
		{ .fd = c->err, .events = POLLIN },
		{ .fd = c->to.len > 0 ? c->in : -1, .events = POLLOUT },
		{ .fd = cancel_fd(c->cancel), .events = POLLIN },
	};
	int left = time_left(c, mono_deadline_ms);
	if (c->out < 0)
		return 0;
	/* However much it says: one that floods its standard error is as late as a silent one. */
	if (left == 0)
		return err_set(e, ERR_RETRY, "it did not answer in time");
	int n = poll(fds, sizeof(fds) / sizeof(fds[0]), left);
	if (cancel_check(c->cancel, e) != 0)
		return -1;
	if (n < 0)
		return errno == EINTR ? 1 : err_errno(e, ERR_WORLD, "waiting for it");
	if (fds[1].revents != 0)
		(void)child_read_stderr(c);
	if (fds[2].revents != 0)
		push(c);
	return fds[0].revents != 0 ? pull(c, e) : 1;
}

/* True when a whole line is there. Lines that were given stay in front until no whole one is left:
 * moving the rest for each would cost more than all that is done with it. */
static bool find_line(struct child *c, struct slice *line_r)
{
	const char *from = c->from.at + c->given;
	size_t len = c->from.len - c->given;
	const char *end = len > c->searched ? memchr(from + c->searched, '\n', len - c->searched)
					    : NULL;
	c->searched = end == NULL ? len : 0;
	if (end == NULL)
		return false;
	*line_r = (struct slice){ from, (size_t)(end - from) };
	c->given += line_r->len + 1;
	if (line_r->len > 0 && line_r->ptr[line_r->len - 1] == '\r')
		line_r->len--;
	return true;
}

static int refuse_length(struct err *e)
{
	return err_set(e, ERR_WORLD, "it wrote a line of more than %d octets", CHILD_LINE_MAX);
}

int child_line(struct child *c, int64_t mono_deadline_ms, struct slice *line_r, struct err *e)
{
	while (!find_line(c, line_r)) {
		buf_consume(&c->from, c->given);
		c->given = 0;
		if (c->from.len > CHILD_LINE_MAX)
			return refuse_length(e);
		int rc = pump(c, mono_deadline_ms, e);
		if (rc <= 0)
			return rc;
	}
	return line_r->len <= CHILD_LINE_MAX ? 1 : refuse_length(e);
}
