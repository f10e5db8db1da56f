/*
 * Protect the process, parse, run one command, flush. Nothing here knows a command by
 * name: the table does.
 */
#include "cli/cli.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>

#include "cli/at_once.h"
#include "cli/command.h"
#include "cli/help.h"

/* A core dump would hold passwords; a closed pipe is the end of an answer, not a death; many
 * domains side by side need many descriptors. The limit of the dump is one octet: with none,
 * core(5) would still be piped to a collector (systemd-coredump, apport), for which the kernel
 * heeds no limit but this one. */
static void protect_process(void)
{
	struct rlimit none = { 1, 1 };
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)signal(SIGPIPE, SIG_IGN);
	at_once_raise_limit();
}

static enum exit_code run(const struct args *args, struct term *t)
{
	t->quiet = args_has(args, OPT_QUIET);
	t->verbose = args->options[OPT_VERBOSE].times;
	if (args_has(args, OPT_VERSION)) {
		term_print(t, "cutover %s\n", CUTOVER_VERSION);
		return EXIT_YES;
	}
	if (args_has(args, OPT_HELP)) {
		help_print(t, args->command);
		return EXIT_YES;
	}
	return args->command->run(args, t);
}

/* Asked of the pipe itself: errno is of the last write, and an earlier one may have failed. */
static bool has_no_reader(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	return poll(&p, 1, 0) == 1 && (p.revents & (POLLERR | POLLHUP)) != 0;
}

/* The answer counts only when it was written. A reader who closed the pipe (`| head -1`) has had
 * what he wanted, so there is no message, and the status is that of a program which SIGPIPE ended:
 * "yes" would be said of an answer that nobody has seen whole. The signal itself ends nothing, for
 * a copy or a switch goes on to its end whoever looks on. */
static enum exit_code flushed(struct term *t, enum exit_code code)
{
	struct err e;
	bool lost = fflush(t->out) != 0 || ferror(t->out) != 0;
	if (!lost)
		return code;
	if (has_no_reader(fileno(t->out)))
		return code == EXIT_YES ? EXIT_UNREAD : code;
	err_errno(&e, ERR_WORLD, "writing the answer to standard output");
	err_hint(&e, "is the disk full?");
	term_error(t, &e);
	return code == EXIT_YES ? EXIT_WORLD : code;
}

/* On standard error, for it is no answer to anything: a script that lost its command must not take
 * it for one. */
static void show_commands(const struct term *t)
{
	struct term beside = term_stdio();
	beside.out = t->err;
	beside.colour = false;
	help_first(&beside);
}

int cli_main(int argc, char **argv)
{
	struct args args;
	struct err e = { 0 };
	enum exit_code code;
	protect_process();
	struct term t = term_stdio();
	struct arena *a = arena_new();
	if (args_parse(a, argc, (const char *const *)argv, &args, &e) == 0) {
		code = run(&args, &t);
	} else {
		if (argc <= 1)
			show_commands(&t);
		term_error(&t, &e);
		code = EXIT_USAGE;
	}
	code = flushed(&t, code);
	arena_free(a);
	return (int)code;
}
