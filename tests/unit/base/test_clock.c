#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static const struct {
	int64_t ms;
	const char *text;
} times[] = {
	{ 0, "1970-01-01T00:00:00Z" },
	{ 951782400000, "2000-02-29T00:00:00Z" },
	{ 1709251199000, "2024-02-29T23:59:59Z" },
	{ 4102444800000, "2100-01-01T00:00:00Z" },
	{ 4107542400000, "2100-03-01T00:00:00Z" }, /* 2100 is no leap year */
	{ 1795802400000, "2026-11-27T18:00:00Z" },
	{ 253402300799000, "9999-12-31T23:59:59Z" },
};

static void test_times_go_out_and_come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		char text[TIME_TEXT_MAX];
		int64_t ms;
		assert_string_equal(time_format(times[i].ms, text), times[i].text);
		assert_true(time_parse(slice_str(times[i].text), &ms));
		assert_true(ms == times[i].ms);
	}
}

static void test_every_day_of_a_leap_cycle(void **state)
{
	const int64_t day_ms = 86400000;
	(void)state;
	for (int64_t ms = 0; ms < 1500 * day_ms; ms += day_ms) {
		char text[TIME_TEXT_MAX];
		int64_t back;
		assert_true(time_parse(slice_str(time_format(ms, text)), &back));
		assert_true(back == ms);
	}
}

static void test_before_1970_is_rounded_down(void **state)
{
	char text[TIME_TEXT_MAX];
	(void)state;
	assert_string_equal(time_format(-1, text), "1969-12-31T23:59:59Z");
	assert_string_equal(time_format(999, text), "1970-01-01T00:00:00Z");
}

static void test_other_spellings_of_a_time(void **state)
{
	static const char *const same[] = {
		"2026-11-27T18:00Z",         "2026-11-27 18:00Z",      "2026-11-27T18:00:00z",
		"2026-11-27T19:00:00+01:00", "2026-11-27T12:30-05:30",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		int64_t ms = 0;
		assert_true(time_parse(slice_str(same[i]), &ms));
		assert_true(ms == 1795802400000);
	}
}

static void test_what_is_no_time(void **state)
{
	static const char *const bad[] = {
		"",
		"2026",
		"2026-11-27",
		"2026-11-27T18:00",
		"2026-13-01T00:00Z",
		"2026-00-01T00:00Z",
		"2026-02-30T00:00Z",
		"2025-02-29T00:00Z",
		"2100-02-29T00:00Z",
		"2026-04-31T00:00Z",
		"2026-11-27T24:00Z",
		"2026-11-27T18:60Z",
		"2026-11-27T18:00ZZ",
		"2026-11-27T18:00+1",
		"2026-11-27T18:00+24:00",
		" 2026-11-27T18:00Z",
		"2026-11-27T18:0:00Z",
		"+026-11-27T18:00Z",
		"1969-12-31T23:59Z",
		"2026-11-27t18:00Z",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int64_t ms;
		if (time_parse(slice_str(bad[i]), &ms))
			fail_msg("'%s'", bad[i]);
	}
}

static void test_durations_read(void **state)
{
	static const struct {
		const char *text;
		int64_t s;
	} good[] = { { "90s", 90 },    { "15m", 900 },    { "24h", 86400 },
		     { "2d", 172800 }, { "1h30m", 5400 }, { "0", 0 },
		     { "0s", 0 },      { "1d1s", 86401 }, { "3660d", 316224000 } };
	static const char *const bad[] = { "",      "s",   "1x",         "1h30", "0s5",  "3600",
					   "72",    "-1s", " 1s",        "1 s",  "1.5h", "1h ",
					   "3661d", "1hh", "9999999999", "h1" };
	int64_t ms;
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(duration_parse(slice_str(good[i].text), &ms));
		assert_true(ms == good[i].s * 1000);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (duration_parse(slice_str(bad[i]), &ms))
			fail_msg("'%s'", bad[i]);
}

static void test_durations_written(void **state)
{
	static const struct {
		int64_t s;
		const char *text;
	} cases[] = { { 0, "0 s" },           { 42, "42 s" },
		      { 60, "1 min 00 s" },   { 3599, "59 min 59 s" },
		      { 3900, "1 h 05 min" }, { 187200, "2 d 4 h" },
		      { -5, "0 s" } };
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[TIME_TEXT_MAX];
		assert_string_equal(duration_format(cases[i].s * 1000, text), cases[i].text);
	}
	char text[TIME_TEXT_MAX];
	(void)duration_format(INT64_MAX, text); /* it fits */
}

static void test_the_fake_clock(void **state)
{
	struct fake_clock f;
	int ends[2];
	(void)state;
	fake_clock_init(&f, 1000);
	assert_false(clock_sleep_until(&f.clock, 5000, -1));
	assert_int_equal(clock_now_ms(&f.clock), 5000);
	assert_int_equal(clock_mono_ms(&f.clock), 5000);
	assert_false(clock_sleep_until(&f.clock, 3000, -1)); /* never back */
	assert_int_equal(clock_now_ms(&f.clock), 5000);
	assert_int_equal(f.slept_ms, 4000);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_true(clock_sleep_until(&f.clock, 9000, ends[0]));
	assert_int_equal(clock_now_ms(&f.clock), 5000);
	close(ends[0]);
	close(ends[1]);
}

/* Two clocks that do not go together. */
struct two_clocks {
	int64_t wall_ms, mono_ms;
};

static int64_t wall_of(void *ctx)
{
	return ((struct two_clocks *)ctx)->wall_ms;
}

static int64_t mono_of(void *ctx)
{
	return ((struct two_clocks *)ctx)->mono_ms;
}

static void test_a_moment_by_either_clock(void **state)
{
	struct two_clocks two = { .wall_ms = 1000000, .mono_ms = 500 };
	const struct clock c = { .now_ms = wall_of, .mono_ms = mono_of, .ctx = &two };
	const struct moment none = { 0, 0 };
	(void)state;
	const struct moment m = moment_at(&c, 1003000);
	assert_int_equal(moment_ahead_ms(&c, &m), 3000);
	two.wall_ms -= 3600000; /* set back by an hour */
	two.mono_ms += 1000;
	assert_int_equal(moment_ahead_ms(&c, &m), 2000);
	two.mono_ms += 2000;
	assert_int_equal(moment_ahead_ms(&c, &m), 0);
	two = (struct two_clocks){ .wall_ms = 1003000, .mono_ms = 500 }; /* the machine slept */
	assert_int_equal(moment_ahead_ms(&c, &m), 0);
	two.wall_ms = 999;
	assert_int_equal(moment_ahead_ms(&c, &none), 0);
}

static void test_the_systems_clock(void **state)
{
	const struct clock *c = clock_system();
	int ends[2];
	(void)state;
	assert_true(clock_now_ms(c) > 1700000000000);
	int64_t before = clock_mono_ms(c);
	assert_false(clock_sleep_until(c, clock_now_ms(c) - 1, -1)); /* no wait for the past */
	assert_true(clock_mono_ms(c) >= before);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_true(clock_sleep_until(c, clock_now_ms(c) + 60000, ends[0]));
	close(ends[0]);
	close(ends[1]);
}

static void test_a_clock_that_is_set_is_told_from_time_that_passes(void **state)
{
	struct fake_clock f;
	(void)state;
	fake_clock_init(&f, 1000000);
	struct clock_start then = clock_start(&f.clock);
	f.at_ms += 86400000;
	struct clock_start now = clock_start(&f.clock);
	assert_int_equal(clock_set_between(&then, &now), 0);
	fake_clock_set(&f, 999);
	now = clock_start(&f.clock);
	assert_int_equal(clock_set_between(&then, &now), 0); /* less than a second */
	fake_clock_set(&f, 1);
	now = clock_start(&f.clock);
	assert_int_equal(clock_set_between(&then, &now), 1000);
	fake_clock_set(&f, -3601000);
	now = clock_start(&f.clock);
	assert_int_equal(clock_set_between(&then, &now), -3600000);
	f.boot++;
	now = clock_start(&f.clock);
	assert_int_equal(clock_set_between(&then, &now), 0);
	then.boot[0] = now.boot[0] = '\0'; /* a system that does not tell: no two are the same */
	assert_int_equal(clock_set_between(&then, &now), 0);
}

/* Nobody sets it here, and this kernel tells which start it is. */
static void test_the_system_s_start_stays(void **state)
{
	(void)state;
	struct clock_start then = clock_start(clock_system());
	struct clock_start now = clock_start(clock_system());
	assert_int_equal(strlen(then.boot), 36);
	assert_string_equal(then.boot, now.boot);
	assert_int_equal(clock_set_between(&then, &now), 0);
	assert_true(then.at_ms < clock_now_ms(clock_system()));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_clock_that_is_set_is_told_from_time_that_passes),
		cmocka_unit_test(test_the_system_s_start_stays),
		cmocka_unit_test(test_times_go_out_and_come_back),
		cmocka_unit_test(test_every_day_of_a_leap_cycle),
		cmocka_unit_test(test_before_1970_is_rounded_down),
		cmocka_unit_test(test_other_spellings_of_a_time),
		cmocka_unit_test(test_what_is_no_time),
		cmocka_unit_test(test_durations_read),
		cmocka_unit_test(test_durations_written),
		cmocka_unit_test(test_the_fake_clock),
		cmocka_unit_test(test_a_moment_by_either_clock),
		cmocka_unit_test(test_the_systems_clock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
