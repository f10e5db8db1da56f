/*
 * Real children: sh, and what it can do to us. No test waits for a time to pass; where one must
 * come to its end by a deadline, the deadline is what is tested.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "io/child.h"

enum { SOON_MS = 180 * 1000 }; /* never reached when all is well */

struct fixture {
	struct cancel *cancel;
	struct buf heard; /* standard error, a line each */
	struct err e;
	char dir[64], path[96];
};

static int setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	f->cancel = cancel_new(&f->e);
	buf_init(&f->heard);
	str_copy(f->dir, sizeof(f->dir), "/tmp/cutover-child.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->path, sizeof(f->path), "%s/it", f->dir);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	(void)unlink(f->path);
	(void)rmdir(f->dir);
	cancel_free(f->cancel);
	buf_release(&f->heard);
	free(f);
	return 0;
}

static void hear(void *ctx, char *line)
{
	struct fixture *f = ctx;
	buf_addf(&f->heard, "%s\n", line);
}

static struct child *start_argv(struct fixture *f, const char *const *argv, const char *gift)
{
	return child_start(
		&(struct child_opts){
			.argv = argv,
			.gift = slice_str(gift),
			.gift_name = gift != NULL ? "GIFT" : NULL,
			.on_stderr = hear,
			.ctx = f,
			.clock = clock_system(),
			.cancel = f->cancel,
		},
		&f->e);
}

static struct child *start(struct fixture *f, const char *script)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	struct child *c = start_argv(f, argv, NULL);
	if (c == NULL)
		fail_msg("%s", f->e.text);
	return c;
}

static int next_line(struct fixture *f, struct child *c, struct slice *line_r)
{
	return child_line(c, clock_mono_ms(clock_system()) + SOON_MS, line_r, &f->e);
}

static void expect(struct fixture *f, struct child *c, const char *text)
{
	struct slice line;
	assert_int_equal(next_line(f, c, &line), 1);
	if (!slice_eq(line, slice_str(text)))
		fail_msg("not '%s' but '%.*s'", text, (int)line.len, line.ptr);
}

static void expect_end(struct fixture *f, struct child *c, const char *fate)
{
	struct slice line;
	assert_int_equal(next_line(f, c, &line), 0);
	child_end(c, SOON_MS);
	assert_string_equal(child_fate(c), fate);
	child_free(c);
}

static void test_lines_go_and_come(void **state)
{
	struct fixture *f = *state;
	struct child *c = start(
		f, "while read -r x; do echo \"<$x>\"; done; printf unfinished; exit 7");
	child_send_line(c, SLICE_LIT("one"));
	assert_false(child_has_taken(c)); /* it leaves while we wait */
	expect(f, c, "<one>");
	assert_true(child_has_taken(c));
	child_send_line(c, SLICE_LIT("two"));
	assert_false(child_has_taken(c));
	expect(f, c, "<two>");
	child_end(c, SOON_MS); /* its input ends, and it goes by itself */
	assert_string_equal(child_fate(c), "ended with status 7");
	child_end(c, 0); /* again: nothing */
	child_free(c);
}

/* More each way than any pipe holds: whoever only writes, or only reads, would stand still. */
static void test_much_both_ways_at_once(void **state)
{
	struct fixture *f = *state;
	struct child *c = start(f,
				"i=0; while [ $i -lt 300 ]; do echo \"$i 012345678901234567890123"
				"4567890123456789012345678901234567890123456789\" >&2; echo out; "
				"i=$((i+1)); done; head -c 900000 | wc -c");
	char *much = mem_alloc(900000);
	memset(much, 'x', 900000);
	child_send_line(c, (struct slice){ much, 900000 });
	for (int i = 0; i < 300; i++)
		expect(f, c, "out");
	expect(f, c, "900000");
	free(much);
	child_end(c, SOON_MS);
	assert_non_null(strstr(f->heard.at, "299 0123"));
	assert_true(str_starts(child_words(c), "299 0123"));
	child_free(c);
}

static void test_line_ends_nuls_and_empty_lines(void **state)
{
	struct fixture *f = *state;
	struct slice line;
	struct child *c = start(f,
				"printf 'a\\r\\n\\n1\\0002\\n'; printf 'x\\000y\\r\\n\\nlast' >&2");
	expect(f, c, "a");
	expect(f, c, "");
	assert_int_equal(next_line(f, c, &line), 1);
	assert_int_equal(line.len, 3);
	assert_memory_equal(line.ptr, "1\0002", 3);
	assert_int_equal(next_line(f, c, &line), 0);
	child_end(c, SOON_MS);
	assert_string_equal(f->heard.at, "x?y\nlast\n");
	child_free(c);
}

static void test_what_it_is_given(void **state)
{
	struct fixture *f = *state;
	const char *const argv[] = { "/bin/sh", "-c",
				     "cat <&$GIFT; echo; ls /proc/self/fd | tr '\\n' ' '; echo; "
				     "env | cut -d= -f1 | sort | tr '\\n' ' '; echo; ulimit -c; "
				     "grep -c '^Max core file size  *1  *1 ' /proc/self/limits; "
				     "[ $(cut -d' ' -f5 /proc/$$/stat) = $$ ] && echo own group; "
				     "tty; : </dev/tty",
				     NULL };
	int fd = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, on purpose */
	setenv("CUTOVER_TEST_TOKEN", "must not be seen", 1);
	setenv("no_proxy", "localhost", 1);
	setenv("LANG", "C", 1);
	struct child *c = start_argv(f, argv, "{\"a\":1}");
	struct slice line;
	struct rlimit core;
	assert_non_null(c);
	expect(f, c, "{\"a\":1}");
	expect(f, c, "0 1 2 3 4 "); /* 4 is the look of ls itself */
	assert_int_equal(next_line(f, c, &line), 1);
	assert_null(memmem(line.ptr, line.len, "CUTOVER_TEST_TOKEN", 18));
	assert_non_null(memmem(line.ptr, line.len, "GIFT ", 5));
	assert_non_null(memmem(line.ptr, line.len, "PATH ", 5));
	assert_non_null(memmem(line.ptr, line.len, "no_proxy ", 9));
	expect(f, c, "0");
	assert_int_equal(next_line(f, c, &line), 1);
	/* A limit of 0 would still have a dump piped to a collector (core(5)). */
	if (getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max > 0)
		assert_true(slice_eq(line, SLICE_LIT("1")));
	expect(f, c, "own group");
	expect(f, c, "not a tty");
	child_free(c);
	unsetenv("CUTOVER_TEST_TOKEN");
	unsetenv("no_proxy");
	close(fd);
}

/* An ignored SIGPIPE is inherited over an exec; the shell's `yes` would never end by it. */
static void test_signals_are_as_usual(void **state)
{
	struct fixture *f = *state;
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	struct child *c = start(f, "kill -PIPE $$; echo survived");
	struct slice line;
	assert_int_equal(next_line(f, c, &line), 0);
	child_end(c, SOON_MS);
	assert_string_equal(child_fate(c), "was ended by signal 13 (Broken pipe)");
	child_free(c);
	(void)signal(SIGPIPE, before);
}

/* We live though SIGPIPE is not ignored here; and nothing that was queued has left. */
static void test_one_that_does_not_listen(void **state)
{
	struct fixture *f = *state;
	void (*before)(int) = signal(SIGPIPE, SIG_DFL);
	struct child *c = start(f, "exec 0<&-; echo ready; sleep 60");
	struct slice line;
	expect(f, c, "ready");
	child_send_line(c, SLICE_LIT("hello"));
	assert_int_equal(child_line(c, clock_mono_ms(clock_system()) + 100, &line, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_RETRY);
	assert_false(child_has_taken(c));
	child_free(c);
	(void)signal(SIGPIPE, before);
}

static void test_dead_in_the_middle(void **state)
{
	struct fixture *f = *state;
	struct child *c = start(
		f, "read -r x; printf '{\"half'; echo 'no such module' >&2; kill -9 $$");
	child_send_line(c, SLICE_LIT("go"));
	struct slice line;
	assert_int_equal(next_line(f, c, &line), 0);
	child_end(c, SOON_MS);
	assert_string_equal(child_fate(c), "was ended by signal 9 (Killed)");
	assert_string_equal(child_words(c), "no such module");
	assert_true(child_has_taken(c));
	child_free(c);
}

static bool is_gone(pid_t pid)
{
	/* A zombie of a grandchild is for init to reap: it may still be counted. */
	char path[64];
	char state[256] = "";
	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return true;
	bool read_it = fgets(state, sizeof(state), file) != NULL;
	fclose(file);
	const char *end = strrchr(state, ')');
	return !read_it || end == NULL || end[2] == 'Z' || end[2] == 'X';
}

/* Deaf to SIGTERM, and with a child of its own that is as deaf. */
static void test_one_that_hangs_is_killed_with_its_group(void **state)
{
	struct fixture *f = *state;
	struct slice line;
	struct child *c = start(f,
				"trap '' TERM; (trap '' TERM; while :; do sleep 60; done) & echo "
				"$!; while :; do sleep 60; done");
	uint64_t pid = 0;
	assert_int_equal(next_line(f, c, &line), 1);
	assert_true(slice_to_u64(line, &pid));
	assert_int_equal(child_line(c, clock_mono_ms(clock_system()) + 50, &line, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_RETRY);
	child_end(c, 0);
	assert_string_equal(child_fate(c), "was ended by signal 9 (Killed)");
	for (int i = 0; i < SOON_MS && !is_gone((pid_t)pid); i++)
		(void)usleep(1000);
	assert_true(is_gone((pid_t)pid));
	child_free(c);
}

static void test_the_cancel_ends_the_wait(void **state)
{
	struct fixture *f = *state;
	struct slice line;
	struct child *c = start(f, "sleep 60");
	cancel_request(f->cancel);
	assert_int_equal(next_line(f, c, &line), -1);
	assert_int_equal(f->e.kind, ERR_CANCELLED);
	child_free(c);
}

static void test_a_flood_is_cut(void **state)
{
	struct fixture *f = *state;
	struct slice line;
	struct child *c = start(f, "exec cat /dev/zero");
	assert_int_equal(next_line(f, c, &line), -1);
	assert_int_equal(f->e.kind, ERR_WORLD);
	assert_non_null(strstr(f->e.text, "a line of more than 1048576 octets"));
	child_free(c);
	c = start(f, "exec 3>&1; yes >&2"); /* for ever, and its output stays open */
	assert_int_equal(child_line(c, clock_mono_ms(clock_system()) + 100, &line, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_RETRY);
	child_free(c);
}

static void test_much_on_standard_error_is_dropped(void **state)
{
	struct fixture *f = *state;
	struct slice line;
	struct child *c = start(f, "yes | head -n 5000 >&2");
	assert_int_equal(next_line(f, c, &line), 0);
	child_free(c);
	size_t lines = 0;
	for (size_t i = 0; i < f->heard.len; i++)
		lines += f->heard.at[i] == '\n' ? 1 : 0;
	assert_int_equal(lines, CHILD_STDERR_LINES_MAX);
}

static void put_script(const struct fixture *f, const char *text, mode_t mode)
{
	FILE *file = fopen(f->path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(f->path, mode), 0);
}

static void refused(struct fixture *f, const char *path, const char *why)
{
	const char *const argv[] = { path, NULL };
	err_clear(&f->e);
	assert_null(start_argv(f, argv, NULL));
	assert_int_equal(f->e.kind, ERR_USAGE);
	if (strstr(f->e.text, why) == NULL && strstr(f->e.hint, why) == NULL)
		fail_msg("'%s' (%s) does not say '%s'", f->e.text, f->e.hint, why);
}

static void test_what_is_not_run(void **state)
{
	struct fixture *f = *state;
	refused(f, "it", "no absolute path");
	refused(f, f->path, "No such file");
	refused(f, "/tmp", "is no program");
	put_script(f, "#!/bin/sh\nexit 0\n", 0644);
	refused(f, f->path, "chmod +x");
	put_script(f, "#!/bin/sh\nexit 0\n", 0775);
	refused(f, f->path, "others can change");
	put_script(f, "#!/no/such/interpreter\n", 0755);
	refused(f, f->path, "first line");
	put_script(f, "exit 0\n", 0755);
	refused(f, f->path, "#!/usr/bin/python3");
	assert_int_equal(chmod(f->dir, 0777), 0);
	refused(f, f->path, "others can replace");
	assert_int_equal(chmod(f->dir, 0700), 0);
	if (geteuid() == 0) {
		put_script(f, "#!/bin/sh\nexit 0\n", 0755);
		assert_int_equal(chown(f->path, 12345, 0), 0);
		refused(f, f->path, "not yours");
	}
}

static void test_a_script_of_ones_own_is_run(void **state)
{
	struct fixture *f = *state;
	const char *const argv[] = { f->path, "a b", "", NULL };
	put_script(f, "#!/bin/sh\necho \"$# $1\"\n", 0755);
	struct child *c = start_argv(f, argv, NULL);
	assert_non_null(c);
	expect(f, c, "2 a b");
	expect_end(f, c, "ended with status 0");
}

static void test_too_many_secrets(void **state)
{
	struct fixture *f = *state;
	const char *const argv[] = { "/bin/true", NULL };
	char *much = mem_alloc(CHILD_GIFT_MAX + 2);
	memset(much, 'x', CHILD_GIFT_MAX + 1);
	assert_null(start_argv(f, argv, much));
	assert_int_equal(f->e.kind, ERR_USAGE);
	free(much);
}

static void *start_in_a_thread(void *ctx)
{
	return start(ctx, "echo ready; exec sleep 60"); /* nobody else holds its output open */
}

/* As when we are killed: the thread that started it is gone, and so is it. */
static void test_it_does_not_outlive_us(void **state)
{
	struct fixture *f = *state;
	pthread_t thread;
	void *got = NULL;
	assert_int_equal(pthread_create(&thread, NULL, start_in_a_thread, f), 0);
	assert_int_equal(pthread_join(thread, &got), 0);
	struct slice line;
	while (next_line(f, got, &line) == 1)
		;
	child_end(got, SOON_MS);
	assert_string_equal(child_fate(got), "was ended by signal 9 (Killed)");
	child_free(got);
}

#define CHILD_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHILD_TEST(test_lines_go_and_come),
		CHILD_TEST(test_much_both_ways_at_once),
		CHILD_TEST(test_line_ends_nuls_and_empty_lines),
		CHILD_TEST(test_what_it_is_given),
		CHILD_TEST(test_signals_are_as_usual),
		CHILD_TEST(test_one_that_does_not_listen),
		CHILD_TEST(test_dead_in_the_middle),
		CHILD_TEST(test_one_that_hangs_is_killed_with_its_group),
		CHILD_TEST(test_the_cancel_ends_the_wait),
		CHILD_TEST(test_a_flood_is_cut),
		CHILD_TEST(test_much_on_standard_error_is_dropped),
		CHILD_TEST(test_what_is_not_run),
		CHILD_TEST(test_a_script_of_ones_own_is_run),
		CHILD_TEST(test_too_many_secrets),
		CHILD_TEST(test_it_does_not_outlive_us),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
