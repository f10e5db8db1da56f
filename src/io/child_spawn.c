/*
 * fork and exec by hand: posix_spawn has no word for the parent's death and for core dumps. All
 * that needs memory is made before the fork; between it and the exec only async-signal-safe calls
 * are made, for the parent may have threads. A pipe that the exec closes brings back why it failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/signals.h"
#include "base/vec.h"
#include "io/child_priv.h"

enum {
	REPORT_FD = CHILD_GIFT_FD + 1,
	ABOVE = REPORT_FD + 1, /* our own ends stand above all that the child is given */
	CHILD_NO_EXEC = 127,
};

/* Read ends and write ends, by the child's number for them. */
struct pipes {
	int theirs[ABOVE], ours[ABOVE];
};

/* ---- may it be run? ---- */

static bool is_ours(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

/* In a sticky directory others may add files, but not replace ours. */
static int check_dir(const char *path, struct err *e)
{
	struct stat st;
	struct arena *a = arena_new();
	const char *slash = strrchr(path, '/');
	const char *dir = arena_slice(a, (struct slice){ path, (size_t)(slash - path) + 1 });
	int rc = 0;
	if (stat(dir, &st) != 0)
		rc = err_errno(e, ERR_USAGE, "cannot run '%s'", path);
	else if (!is_ours(&st) ||
		 ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (st.st_mode & S_ISVTX) == 0)) {
		rc = err_set(e, ERR_USAGE, "others can replace '%s': its directory is %s", path,
			     is_ours(&st) ? "open to them" : "not yours");
		(void)err_hint(e, "chmod go-w %s, or keep the program where only you can write",
			       dir);
	}
	arena_free(a);
	return rc;
}

static int check_file(const char *path, struct err *e)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return err_errno(e, ERR_USAGE, "cannot run '%s'", path);
	if (!S_ISREG(st.st_mode) || access(path, X_OK) != 0) {
		(void)err_set(e, ERR_USAGE, "'%s' is no program", path);
		return err_hint(e, S_ISREG(st.st_mode) ? "chmod +x %s" : "%s is no file", path);
	}
	if (is_ours(&st) && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return 0;
	(void)err_set(e, ERR_USAGE, "others can change '%s': it is %s", path,
		      is_ours(&st) ? "open to them" : "not yours");
	return err_hint(e, "it would be run with your credentials: %s %s",
			is_ours(&st) ? "chmod go-w" : "chown it to yourself or root:", path);
}

/* What a link points to counts, and the link's own place too. */
int child_check(const char *path, struct err *e)
{
	if (path[0] != '/') {
		(void)err_set(e, ERR_USAGE, "'%s' is no absolute path", path);
		return err_hint(e, "write the program's whole path");
	}
	char *real = realpath(path, NULL);
	if (real == NULL)
		return err_errno(e, ERR_USAGE, "cannot run '%s'", path);
	int rc = check_dir(path, e) != 0 || check_file(real, e) != 0 || check_dir(real, e) != 0 ? -1
												: 0;
	free(real);
	return rc;
}

/* ---- what it is given ---- */

/* What programs need to find their files, their language and the way out. Everything else may be
 * a secret of somebody's. */
static bool may_pass(const char *variable)
{
	static const char *const names[] = {
		"PATH=",       "HOME=",        "LANG=",        "LC_ALL=",    "LC_CTYPE=",
		"TMPDIR=",     "http_proxy=",  "https_proxy=", "all_proxy=", "no_proxy=",
		"HTTP_PROXY=", "HTTPS_PROXY=", "ALL_PROXY=",   "NO_PROXY="
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_starts(variable, names[i]))
			return true;
	}
	return false;
}

static char **make_environment(struct arena *a, const char *gift_name)
{
	VEC(char *) list = { 0 };
	for (char **at = environ; *at != NULL; at++) {
		if (may_pass(*at))
			*vec_push(a, &list) = *at;
	}
	if (gift_name != NULL)
		*vec_push(a, &list) = arena_printf(a, "%s=%d", gift_name, CHILD_GIFT_FD);
	*vec_push(a, &list) = NULL;
	return list.at;
}

static void close_pipes(struct pipes *p)
{
	for (int i = 0; i < ABOVE; i++) {
		child_shut(&p->theirs[i]);
		child_shut(&p->ours[i]);
	}
}

/* Above the child's numbers, so that no dup2 in the child falls on an end that is still needed. */
static int move_up(int *fd)
{
	int moved = fcntl(*fd, F_DUPFD_CLOEXEC, ABOVE);
	child_shut(fd);
	*fd = moved;
	return moved < 0 ? -1 : 0;
}

static int make_pipe(struct pipes *p, int number)
{
	int fd[2];
	bool child_reads = number == STDIN_FILENO || number == CHILD_GIFT_FD;
	if (pipe2(fd, O_CLOEXEC) != 0)
		return -1;
	p->theirs[number] = fd[child_reads ? 0 : 1];
	p->ours[number] = fd[child_reads ? 1 : 0];
	return move_up(&p->theirs[number]) != 0 || move_up(&p->ours[number]) != 0 ? -1 : 0;
}

static int make_pipes(struct pipes *p)
{
	int rc = 0;
	for (int i = 0; i < ABOVE; i++)
		p->theirs[i] = p->ours[i] = -1;
	for (int i = 0; rc == 0 && i < ABOVE; i++)
		rc = make_pipe(p, i);
	for (int i = 0; rc == 0 && i <= STDERR_FILENO; i++)
		rc = fcntl(p->ours[i], F_SETFL, O_NONBLOCK);
	return rc;
}

/* All of it fits into the pipe; then the pipe has an end. */
static int put_gift(struct pipes *p, struct slice gift, struct err *e)
{
	if (gift.len > CHILD_GIFT_MAX)
		return err_set(e, ERR_USAGE, "%zu octets of secrets are more than %d", gift.len,
			       CHILD_GIFT_MAX);
	if (gift.len > 0 && write(p->ours[CHILD_GIFT_FD], gift.ptr, gift.len) != (ssize_t)gift.len)
		return err_errno(e, ERR_WORLD, "filling a pipe");
	child_shut(&p->ours[CHILD_GIFT_FD]);
	return 0;
}

/* ---- the child's side ---- */

struct birth {
	char *const *argv, *const *env;
	const struct pipes *pipes;
	pid_t parent;
};

static _Noreturn void become(const struct birth *b)
{
	const struct rlimit no_core = { 1, 1 }; /* one octet: not even to a collector, see cli.c */
	(void)setsid();                         /* a group of its own, and no terminal to ask at */
	signals_reset();
	(void)setrlimit(RLIMIT_CORE, &no_core);
	/* A plugin that outlived us could still write while the next run reads. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	bool ready = getppid() == b->parent;
	for (int i = 0; ready && i < ABOVE; i++)
		ready = dup3(b->pipes->theirs[i], i, i == REPORT_FD ? O_CLOEXEC : 0) >= 0;
	if (ready && close_range(ABOVE, ~0U, 0) == 0)
		(void)execve(b->argv[0], b->argv, b->env);
	int why = errno;
	bool told = write(REPORT_FD, &why, sizeof(why)) == (ssize_t)sizeof(why);
	_exit(told ? CHILD_NO_EXEC : EXIT_FAILURE);
}

/* ---- ours ---- */

/* Our handlers must not run in the child: they wake what we wait on. */
static pid_t fork_quietly(const struct birth *b)
{
	sigset_t all;
	sigset_t before;
	sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &before);
	pid_t pid = fork();
	if (pid == 0)
		become(b);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

/* Returns when the exec has closed the pipe, or with why there was none. */
static int read_report(int fd)
{
	int why = 0;
	ssize_t n;
	do {
		n = read(fd, &why, sizeof(why));
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(why) ? why : 0;
}

static int refuse_exec(const char *path, int why, struct err *e)
{
	errno = why;
	(void)err_errno(e, ERR_USAGE, "cannot run '%s'", path);
	if (why == ENOENT)
		return err_hint(e, "is the program that its first line (#!) names installed?");
	return why == ENOEXEC ? err_hint(e, "a script needs a first line like #!/usr/bin/python3")
			      : -1;
}

static int start(struct child *c, struct birth *b, struct pipes *p, struct err *e)
{
	b->parent = getpid();
	c->pid = fork_quietly(b);
	if (c->pid < 0) {
		c->pid = 0;
		return err_errno(e, ERR_WORLD, "starting '%s'", b->argv[0]);
	}
	for (int i = 0; i < ABOVE; i++)
		child_shut(&p->theirs[i]);
	int why = read_report(p->ours[REPORT_FD]);
	c->alive = why == 0 ? pidfd_open(c->pid, 0) : -1;
	if (why == 0 && c->alive >= 0)
		return 0;
	int open_errno = errno;
	(void)kill(c->pid, SIGKILL);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
	c->pid = 0;
	errno = open_errno;
	return why != 0 ? refuse_exec(b->argv[0], why, e)
			: err_errno(e, ERR_WORLD, "watching '%s'", b->argv[0]);
}

int child_spawn(struct child *c, const struct child_opts *opts, struct err *e)
{
	struct pipes p;
	struct arena *a = arena_new();
	size_t n = 0;
	while (opts->argv[n] != NULL)
		n++;
	char **argv = ARENA_ARRAY(a, n + 1, char *); /* execve's type; it alters nothing */
	for (size_t i = 0; i < n; i++)
		argv[i] = arena_strdup(a, opts->argv[i]);
	struct birth b = { argv, make_environment(a, opts->gift_name), &p, 0 };
	int rc = make_pipes(&p) == 0 ? put_gift(&p, opts->gift, e)
				     : err_errno(e, ERR_WORLD, "making pipes for '%s'", argv[0]);
	if (rc == 0)
		rc = start(c, &b, &p, e);
	if (rc == 0) {
		c->in = p.ours[STDIN_FILENO];
		c->out = p.ours[STDOUT_FILENO];
		c->err = p.ours[STDERR_FILENO];
		p.ours[STDIN_FILENO] = p.ours[STDOUT_FILENO] = p.ours[STDERR_FILENO] = -1;
	}
	close_pipes(&p);
	arena_free(a);
	return rc;
}
