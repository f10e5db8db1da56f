#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hook.h"

/* What becomes of a child that passes a, b, a, b with this environment. */
static int fate_of(const char *kill_at, const char *list)
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0) {
		if (kill_at != NULL)
			(void)setenv("CUTOVER_TEST_KILL_AT", kill_at, 1);
		if (list != NULL)
			(void)setenv("CUTOVER_TEST_LIST_POINTS", list, 1);
		hook_point("a");
		hook_point("b");
		hook_point("a");
		hook_point("b");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static void test_points(void **state)
{
	(void)state;
#ifdef CUTOVER_TEST_HOOKS
	assert_int_equal(fate_of(NULL, NULL), 0);
	assert_true(killed(fate_of("a", NULL)));
	assert_true(killed(fate_of("b:2", NULL)));
	assert_int_equal(fate_of("b:3", NULL), 0);
	assert_int_equal(fate_of("c", NULL), 0);
	assert_int_equal(fate_of("a:x", NULL), 0);
	assert_int_equal(fate_of("", NULL), 0);
#else
	assert_false(killed(fate_of("a", NULL)));
#endif
}

static void test_the_list_names_every_passing(void **state)
{
	char path[] = "/tmp/cutover-hook-XXXXXX";
	struct buf b;
	struct err e;
	(void)state;
	close(mkstemp(path));
	buf_init(&b);
	(void)fate_of("b:2", path);
	assert_int_equal(file_read(path, 1000, &b, &e), 0);
#ifdef CUTOVER_TEST_HOOKS
	assert_string_equal(b.at, "a\nb\na\nb\n");
#else
	assert_string_equal(b.at, "");
#endif
	buf_release(&b);
	(void)unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_points),
		cmocka_unit_test(test_the_list_names_every_passing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
