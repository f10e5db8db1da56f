#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow/observe.h"

#define OLD "{\"name\":\"x.org.\",\"type\":\"MX\",\"ttl\":86400,\"rdata\":[\"10 mx.old.\"]}"
#define LOW "{\"name\":\"x.org.\",\"type\":\"MX\",\"ttl\":300,\"rdata\":[\"10 mx.old.\"]}"

static bool is_low(const struct rrset *r, const void *ctx)
{
	(void)ctx;
	return r != NULL && r->ttl <= 3600;
}

static struct since since(size_t n, const struct observation *rows)
{
	struct arena *a = arena_new();
	struct since s = observe_since(a, rows, n, is_low, NULL);
	arena_free(a);
	return s;
}

static void counts_from_the_first_sight_of_the_new(void **state)
{
	(void)state;
	const struct observation rows[] = {
		{ .value = OLD, .first_ms = 1000, .last_ms = 5000 },
		{ .value = LOW, .first_ms = 6000, .last_ms = 9000 },
	};
	struct since s = since(2, rows);
	assert_true(s.holds);
	assert_true(s.was_other);
	assert_int_equal(s.since_ms, 6000);
	assert_int_equal(s.ttl_before, 86400);
}

static void a_relapse_begins_anew(void **state)
{
	(void)state;
	const struct observation rows[] = {
		{ .value = OLD, .first_ms = 1000 },
		{ .value = LOW, .first_ms = 2000 },
		{ .value = OLD, .first_ms = 3000 },
		{ .value = LOW, .first_ms = 4000 },
	};
	assert_int_equal(since(4, rows).since_ms, 4000);
	assert_false(since(3, rows).holds);
}

static void always_low_is_not_known_since_when(void **state)
{
	(void)state;
	const struct observation rows[] = { { .value = LOW, .first_ms = 1000 } };
	struct since s = since(1, rows);
	assert_true(s.holds);
	assert_false(s.was_other);
	assert_int_equal(s.ttl_before, 0);
}

static void absent_and_unreadable_rows_are_not_the_wish(void **state)
{
	(void)state;
	const struct observation rows[] = {
		{ .value = "null", .first_ms = 1000 },
		{ .value = "{broken", .first_ms = 2000 },
		{ .value = LOW, .first_ms = 3000 },
	};
	struct since s = since(3, rows);
	assert_true(s.holds);
	assert_true(s.was_other);
	assert_int_equal(s.since_ms, 3000);
	assert_int_equal(s.ttl_before, 0);
	assert_false(since(0, rows).holds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_from_the_first_sight_of_the_new),
		cmocka_unit_test(a_relapse_begins_anew),
		cmocka_unit_test(always_low_is_not_known_since_when),
		cmocka_unit_test(absent_and_unreadable_rows_are_not_the_wish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
