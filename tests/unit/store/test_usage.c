#include "store_test.h"

#include "store/usage.h"

enum { HOUR = 3600 * 1000 };
#define T0 INT64_C(1794999600000) /* a full hour */

static int64_t free_at(struct fixture *f, struct store *s, int64_t now_ms, uint64_t limit)
{
	uint64_t used;
	int64_t until_ms;
	assert_int_equal(usage_free_at(s, "a@x", now_ms, limit, &used, &until_ms, &f->e), 0);
	return until_ms;
}

static uint64_t used_at(struct fixture *f, struct store *s, int64_t now_ms)
{
	uint64_t used;
	int64_t until_ms;
	assert_int_equal(usage_free_at(s, "a@x", now_ms, 1, &used, &until_ms, &f->e), 0);
	return used;
}

static void add(struct fixture *f, struct store *s, int64_t at_ms, uint64_t bytes)
{
	assert_int_equal(usage_add(s, "a@x", at_ms, bytes, &f->e), 0);
}

static void test_nothing_was_read_yet(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	assert_int_equal(free_at(f, s, T0, 100), 0);
	assert_int_equal(used_at(f, s, T0), 0);
	store_close(s);
}

static void test_the_wait_ends_when_enough_hours_are_a_day_old(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	add(f, s, T0 + 5, 40);
	add(f, s, T0 + HOUR - 1, 20); /* the same hour */
	add(f, s, T0 + 3 * HOUR, 30);
	assert_int_equal(usage_add(s, "b@x", T0, 1000, &f->e), 0);
	assert_int_equal(used_at(f, s, T0 + 4 * HOUR), 90);
	assert_int_equal(free_at(f, s, T0 + 4 * HOUR, 91), 0);
	assert_int_equal(free_at(f, s, T0 + 4 * HOUR, 90), T0 + 25 * HOUR);
	assert_int_equal(free_at(f, s, T0 + 4 * HOUR, 30), T0 + 28 * HOUR);
	/* and then it is over */
	assert_int_equal(free_at(f, s, T0 + 25 * HOUR - 1, 90), T0 + 25 * HOUR);
	assert_int_equal(free_at(f, s, T0 + 25 * HOUR, 90), 0);
	assert_int_equal(used_at(f, s, T0 + 28 * HOUR), 0);
	store_close(s);
}

static void test_it_outlives_the_process_and_no_clock_set_back_holds_it_for_long(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	add(f, s, T0, 50);
	store_close(s);
	s = open_store(f);
	assert_int_equal(used_at(f, s, T0), 50);
	assert_int_equal(free_at(f, s, T0 - 100 * HOUR, 50), T0 - 75 * HOUR);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_nothing_was_read_yet),
		STORE_TEST(test_the_wait_ends_when_enough_hours_are_a_day_old),
		STORE_TEST(test_it_outlives_the_process_and_no_clock_set_back_holds_it_for_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
