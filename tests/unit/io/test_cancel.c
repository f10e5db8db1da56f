#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "io/cancel.h"

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	return poll(&p, 1, 0) == 1;
}

static void test_a_request_is_seen_by_askers_and_waiters(void **state)
{
	struct err e = { 0 };
	struct cancel *c = cancel_new(&e);
	(void)state;
	assert_false(cancel_requested(c));
	assert_false(readable(cancel_fd(c)));
	assert_int_equal(cancel_check(c, &e), 0);
	assert_int_equal(e.kind, ERR_NONE);
	cancel_request(c);
	assert_true(cancel_requested(c));
	assert_true(readable(cancel_fd(c)));
	assert_int_equal(cancel_check(c, &e), -1);
	assert_int_equal(e.kind, ERR_CANCELLED);
	assert_true(e.hint[0] != '\0');
	cancel_free(c);
}

static void test_it_is_never_undone(void **state)
{
	struct err e;
	struct cancel *c = cancel_new(&e);
	(void)state;
	for (int i = 0; i < 1000; i++)
		cancel_request(c);
	assert_true(readable(cancel_fd(c)));
	assert_int_equal(cancel_check(c, &e), -1);
	assert_int_equal(cancel_check(c, &e), -1);
	cancel_free(c);
}

static void test_null_is_never_cancelled(void **state)
{
	struct err e = { 0 };
	(void)state;
	assert_false(cancel_requested(NULL));
	assert_int_equal(cancel_fd(NULL), -1);
	assert_int_equal(cancel_check(NULL, &e), 0);
	cancel_free(NULL);
}

static struct cancel *of_signal;

static void on_signal(int number)
{
	(void)number;
	cancel_request(of_signal);
}

static void test_a_signal_handler_may_request(void **state)
{
	struct err e;
	(void)state;
	of_signal = cancel_new(&e);
	(void)signal(SIGUSR1, on_signal);
	errno = EDOM;
	(void)raise(SIGUSR1);
	assert_int_equal(errno, EDOM);
	assert_true(cancel_requested(of_signal));
	(void)signal(SIGUSR1, SIG_DFL);
	cancel_free(of_signal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request_is_seen_by_askers_and_waiters),
		cmocka_unit_test(test_it_is_never_undone),
		cmocka_unit_test(test_null_is_never_cancelled),
		cmocka_unit_test(test_a_signal_handler_may_request),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
