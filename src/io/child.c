/*
 * The life of a child. Its group is killed while the child itself is not reaped yet: until then
 * nobody else can have its number.
 */
#include "io/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "io/child_priv.h"

enum { TERM_GRACE_MS = 500 };

void child_shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

struct child *child_start(const struct child_opts *opts, struct err *e)
{
	if (child_check(opts->argv[0], e) != 0)
		return NULL;
	struct child *c = mem_alloc(sizeof(*c));
	*c = (struct child){
		.alive = -1,
		.in = -1,
		.out = -1,
		.err = -1,
		.on_stderr = opts->on_stderr,
		.ctx = opts->ctx,
		.clock = opts->clock,
		.cancel = opts->cancel,
	};
	buf_init(&c->to);
	buf_init(&c->from);
	buf_init(&c->error);
	if (child_spawn(c, opts, e) == 0)
		return c;
	child_free(c);
	return NULL;
}

/* True when it has ended by then; what it says last is still heard. The system's clock: the end
 * must come, whatever clock the caller has. */
static bool wait_gone(struct child *c, int wait_ms)
{
	int64_t deadline_ms = clock_mono_ms(clock_system()) + wait_ms;
	for (;;) {
		int64_t left = deadline_ms - clock_mono_ms(clock_system());
		struct pollfd fds[] = { { .fd = c->alive, .events = POLLIN },
					{ .fd = c->err, .events = POLLIN },
					{ .fd = c->out, .events = POLLIN } };
		(void)poll(fds, 3, left > 0 ? (int)left : 0);
		(void)child_read_stderr(c);
		if (fds[2].revents !=
		    0) /* nobody reads on: a child that still writes shall see it */
			child_shut(&c->out);
		if (fds[0].revents != 0)
			return true;
		if (left <= 0)
			return false;
	}
}

static void note_fate(struct child *c, int status)
{
	struct buf b;
	buf_init(&b);
	if (WIFEXITED(status))
		buf_addf(&b, "ended with status %d", WEXITSTATUS(status));
	else
		buf_addf(&b, "was ended by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	str_copy(c->fate, sizeof(c->fate), b.at);
	buf_release(&b);
}

static void reap(struct child *c)
{
	int status = 0;
	pid_t got;
	do {
		got = waitpid(c->pid, &status, 0);
	} while (got < 0 && errno == EINTR);
	c->pid = 0;
	note_fate(c, status);
}

/* Three words, each plainer than the one before: the end of its input, SIGTERM, SIGKILL. */
void child_end(struct child *c, int grace_ms)
{
	if (c->pid == 0)
		return;
	child_shut(&c->in);
	if (!wait_gone(c, grace_ms)) {
		(void)kill(-c->pid, SIGTERM);
		(void)wait_gone(c, TERM_GRACE_MS);
	}
	/* Also what it has started and left behind. */
	(void)kill(-c->pid, SIGKILL);
	reap(c);
	(void)child_read_stderr(c);
	child_flush_stderr(c);
	child_shut(&c->alive);
	child_shut(&c->out);
	child_shut(&c->err);
}

const char *child_fate(const struct child *c)
{
	return c->fate;
}

const char *child_words(const struct child *c)
{
	return c->words;
}

void child_free(struct child *c)
{
	if (c == NULL)
		return;
	child_end(c, 0);
	child_shut(&c->in);
	buf_release(&c->to);
	buf_release(&c->from);
	buf_release(&c->error);
	free(c);
}
