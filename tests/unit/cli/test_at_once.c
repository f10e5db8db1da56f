/* How many domains side by side: by the option, and by the descriptors of this process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/resource.h>

#include "cli/at_once.h"

static void few_descriptors_allow_few(void **state)
{
	(void)state;
	assert_int_equal(at_once_allowed(0), 1);
	assert_int_equal(at_once_allowed(701), 1);
	assert_int_equal(at_once_allowed(1024), 162);
	assert_int_equal(at_once_allowed(20000), 4096);
	assert_int_equal(at_once_allowed(SIZE_MAX), 4096);
}

static void limit_set(rlim_t soft)
{
	struct rlimit r;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &r), 0);
	r.rlim_cur = soft;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &r), 0);
}

static void the_option_counts_as_far_as_it_may(void **state)
{
	(void)state;
	struct rlimit before;
	struct args args = { 0 };
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit_set(900);
	assert_int_equal(at_once_wanted(&args), 256);
	assert_int_equal(at_once_of(&args), 100);
	args.options[OPT_AT_ONCE].given = true;
	args.options[OPT_AT_ONCE].count = 40;
	assert_int_equal(at_once_of(&args), 40);
	args.options[OPT_AT_ONCE].count = 3000;
	assert_int_equal(at_once_of(&args), 100);
	limit_set(before.rlim_cur);
}

static void the_limit_is_raised_as_far_as_it_goes(void **state)
{
	(void)state;
	struct rlimit r;
	limit_set(300);
	at_once_raise_limit();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &r), 0);
	assert_true(r.rlim_cur == r.rlim_max);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_descriptors_allow_few),
		cmocka_unit_test(the_option_counts_as_far_as_it_may),
		cmocka_unit_test(the_limit_is_raised_as_far_as_it_goes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
