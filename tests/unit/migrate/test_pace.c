/* The cap on the rate, by a clock that only sleeping moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "migrate/pace.h"

static void test_keeps_to_the_rate(void **state)
{
	(void)state;
	struct fake_clock c;
	struct err e;
	struct pace *p = pace_new(1000 * 1000);
	fake_clock_init(&c, 5000);
	for (int i = 0; i < 100; i++)
		assert_int_equal(pace_pay(p, 64 * 1024, &c.clock, NULL, &e), 0);
	/* 6.55 MB at 1 MB/s, less the second of credit at the beginning. */
	assert_in_range(c.slept_ms, 5500, 5560);
	pace_free(p);
}

static void test_a_pause_is_no_licence_for_a_burst(void **state)
{
	(void)state;
	struct fake_clock c;
	struct err e;
	struct pace *p = pace_new(1000);
	fake_clock_init(&c, 1000);
	assert_int_equal(pace_pay(p, 1000, &c.clock, NULL, &e), 0);
	c.at_ms += 3600 * 1000;
	int64_t slept = c.slept_ms;
	assert_int_equal(pace_pay(p, 3000, &c.clock, NULL, &e), 0);
	assert_in_range(c.slept_ms - slept, 1990, 2000);
	pace_free(p);
}

static void test_no_cap_never_sleeps(void **state)
{
	(void)state;
	struct fake_clock c;
	struct err e;
	fake_clock_init(&c, 1000);
	assert_int_equal(pace_pay(NULL, 1u << 30, &c.clock, NULL, &e), 0);
	assert_int_equal(c.slept_ms, 0);
}

static void test_an_interrupt_ends_the_sleep(void **state)
{
	(void)state;
	struct err e;
	struct pace *p = pace_new(1);
	struct cancel *cancel = cancel_new(&e);
	cancel_request(cancel);
	assert_int_equal(pace_pay(p, 1u << 20, clock_system(), cancel, &e), -1);
	assert_int_equal(e.kind, ERR_CANCELLED);
	cancel_free(cancel);
	pace_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keeps_to_the_rate),
		cmocka_unit_test(test_a_pause_is_no_licence_for_a_burst),
		cmocka_unit_test(test_no_cap_never_sleeps),
		cmocka_unit_test(test_an_interrupt_ends_the_sleep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
