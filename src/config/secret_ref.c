/* References to secrets. The secret passes through one buffer, which is wiped. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/signals.h"
#include "base/vec.h"
#include "config/project.h"

enum {
	SECRET_MAX = 64 * 1024,
	READ_AHEAD = 256 * 1024, /* more than file_read asks for at once */
	COMMAND_WAIT_MS = 30 * 1000,
	CHILD_NO_EXEC = 127,
};

struct reference {
	const struct project *project;
	const char *rest; /* behind "env:" … */
	const char *what; /* the option, for messages */
	struct buf bytes; /* wiped by secret_resolve */
	struct err *e;
};

/* ---- env: and file: ---- */

/* An empty variable is a mistake in a pipeline, not an empty password. */
static int read_env(struct reference *r)
{
	const char *value = getenv(r->rest);
	if (value == NULL || value[0] == '\0') {
		err_set(r->e, ERR_USAGE, "%s: the environment variable %s is %s", r->what, r->rest,
			value == NULL ? "not set" : "empty");
		return err_hint(r->e, "set it for this command, or use file:PATH");
	}
	buf_adds(&r->bytes, value);
	return 0;
}

/* Permissions first: a secret that others can read is not read by us either. */
static int read_file(struct reference *r)
{
	struct arena *a = arena_new();
	const char *path = r->rest;
	int rc = -1;
	if (path[0] != '/')
		path = arena_printf(a, "%s/%s", r->project->dir, path);
	if (file_is_shared(path)) {
		err_set(r->e, ERR_USAGE, "%s: others can read the secret in '%s'", r->what, path);
		err_hint(r->e, "chmod 600 %s", path);
	} else if (file_read(path, SECRET_MAX, &r->bytes, r->e) != 0) {
		err_wrap(r->e, "%s", r->what);
		err_hint(r->e, "paths are taken from the project file's directory, %s",
			 r->project->dir);
	} else {
		rc = 0;
	}
	arena_free(a);
	return rc;
}

/* ---- cmd: ---- */

/* No quoting: what needs it belongs into a script of its own. */
static char **split_command(struct arena *a, const char *text)
{
	VEC(char *) argv = { 0 };
	for (struct slice rest = slice_str(text); rest.len > 0;) {
		struct slice word = slice_until(&rest, ' ');
		if (word.len > 0)
			*vec_push(a, &argv) = arena_slice(a, word);
	}
	*vec_push(a, &argv) = NULL;
	return argv.at;
}

/* Only async-signal-safe calls: the parent may have threads. */
static _Noreturn void become_command(char *const *argv, int out)
{
	signals_reset();
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execvp(argv[0], argv);
	_exit(CHILD_NO_EXEC);
}

/* False when the deadline passed; a hangup counts as readable. */
static bool wait_readable(int fd, int64_t deadline_ms)
{
	for (;;) {
		int64_t left = deadline_ms - clock_mono_ms(clock_system());
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int n = left > 0 ? poll(&p, 1, (int)left) : 0;
		if (n > 0 || (n < 0 && errno != EINTR))
			return true;
		if (n == 0)
			return false;
	}
}

/* A password manager that asks on a terminal hangs here: its standard input is /dev/null. */
static int too_late(struct reference *r)
{
	return err_set(r->e, ERR_USAGE, "%s: the command did not end within %d s", r->what,
		       COMMAND_WAIT_MS / 1000);
}

/* 0 at the end of the output, -1 with *e when it is too long or too late. */
static int read_output(struct reference *r, int fd, int64_t deadline_ms)
{
	char *at = buf_reserve(&r->bytes, SECRET_MAX + 1);
	while (r->bytes.len <= SECRET_MAX) {
		if (!wait_readable(fd, deadline_ms))
			return too_late(r);
		ssize_t n = read(fd, at + r->bytes.len, SECRET_MAX + 1 - r->bytes.len);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_errno(r->e, ERR_USAGE, "%s: reading the command's output",
					 r->what);
		if (n > 0)
			buf_added(&r->bytes, (size_t)n);
	}
	return err_set(r->e, ERR_USAGE, "%s: the command's output is larger than %d bytes", r->what,
		       SECRET_MAX);
}

/* A failing command may have printed half a secret: its output counts only with status 0. */
static int judge_status(struct reference *r, int status, const char *program)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_NO_EXEC)
		return err_set(r->e, ERR_USAGE, "%s: cannot run '%s'", r->what, program);
	if (WIFEXITED(status))
		return err_set(r->e, ERR_USAGE, "%s: '%s' ended with status %d", r->what, program,
			       WEXITSTATUS(status));
	/* Ctrl-C at a terminal reaches both of us. */
	return err_set(r->e, WTERMSIG(status) == SIGINT ? ERR_CANCELLED : ERR_USAGE,
		       "%s: '%s' was ended by signal %d", r->what, program, WTERMSIG(status));
}

/* The child is always reaped, killed when it is too slow or too loud. */
static int collect(struct reference *r, pid_t pid, int out, const char *program)
{
	int status = 0;
	int64_t deadline_ms = clock_mono_ms(clock_system()) + COMMAND_WAIT_MS;
	int rc = read_output(r, out, deadline_ms);
	/* It may have closed its output and live on. */
	int alive = pidfd_open(pid, 0);
	if (rc == 0 && alive >= 0 && !wait_readable(alive, deadline_ms))
		rc = too_late(r);
	if (alive >= 0)
		close(alive);
	if (rc != 0)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return rc == 0 ? judge_status(r, status, program) : rc;
}

/* The parent's writing end is closed before reading: else the output would never end. */
static int run_command(struct reference *r)
{
	int pipe_fd[2];
	if (project_may_run(r->project, r->what, r->e) != 0)
		return -1;
	struct arena *a = arena_new();
	char **argv = split_command(a, r->rest);
	int rc = -1;
	if (argv[0] == NULL) {
		err_set(r->e, ERR_USAGE, "%s: cmd: names no program", r->what);
	} else if (pipe2(pipe_fd, O_CLOEXEC) != 0) {
		err_errno(r->e, ERR_WORLD, "%s: making a pipe", r->what);
	} else {
		/* fork and exec by hand: popen would start a shell. */
		pid_t pid = fork();
		if (pid == 0)
			become_command(argv, pipe_fd[1]);
		close(pipe_fd[1]);
		rc = pid > 0 ? collect(r, pid, pipe_fd[0], argv[0])
			     : err_errno(r->e, ERR_WORLD, "%s: starting '%s'", r->what, argv[0]);
		close(pipe_fd[0]);
	}
	if (rc != 0)
		err_hint(r->e, "try it by hand: %s (no shell is used; words are split at blanks)",
			 r->rest);
	arena_free(a);
	return rc;
}

/* ---- the table of them ---- */

struct scheme {
	const char *prefix;
	int (*read)(struct reference *r);
};

/* The text itself is not repeated in the error: it may be the secret, typed in the wrong
 * place. */
static int read_reference(struct reference *r, const char *text)
{
	static const struct scheme schemes[] = { { "env:", read_env },
						 { "file:", read_file },
						 { "cmd:", run_command } };
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (!str_starts(text, schemes[i].prefix))
			continue;
		r->rest = text + strlen(schemes[i].prefix);
		return schemes[i].read(r);
	}
	err_set(r->e, ERR_USAGE, "%s: no reference to a secret", r->what);
	return err_hint(r->e, "write env:NAME, file:PATH or cmd:PROGRAM, never the secret itself");
}

/* Editors and `pass` end the line; a secret that ends so on purpose is not known. */
static struct slice without_newline(struct slice s)
{
	if (s.len > 0 && s.ptr[s.len - 1] == '\n')
		s.len--;
	if (s.len > 0 && s.ptr[s.len - 1] == '\r')
		s.len--;
	return s;
}

int secret_resolve(const struct project *p, const char *reference, const char *what,
		   struct secret **secret_r, struct err *e)
{
	struct reference r = { .project = p, .what = what, .e = e };
	buf_init(&r.bytes);
	/* Room for all of it at once: a buffer that grows leaves copies behind. */
	(void)buf_reserve(&r.bytes, READ_AHEAD);
	int rc = read_reference(&r, reference);
	struct slice s = without_newline(buf_slice(&r.bytes));
	if (rc == 0 && s.len == 0) {
		rc = err_set(e, ERR_USAGE, "%s: the secret is empty", what);
		err_hint(e, "see what %s gives", reference);
	}
	if (rc == 0)
		*secret_r = secret_new(s);
	secret_wipe(r.bytes.at, r.bytes.cap);
	buf_release(&r.bytes);
	return rc;
}
