/* Windows of the week: what they are called, and until when they last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "config/quiet_hours.h"

static int64_t at(const char *text)
{
	int64_t ms;
	assert_true(time_parse(slice_str(text), &ms));
	return ms;
}

/* Until when it is quiet at that moment, "-" when it is not. */
static const char *until(const char *window, const char *now)
{
	static char text[TIME_TEXT_MAX];
	struct quiet_hours h;
	assert_null(quiet_hours_parse(window, &h));
	int64_t end = quiet_hours_end(&h, 1, at(now));
	return end == 0 ? "-" : time_format(end, text);
}

/* 2026-11-23 is a Monday. */
static void test_a_working_day(void **state)
{
	(void)state;
	const char *w = "Mon-Fri 08:00-18:00 UTC";
	assert_string_equal(until(w, "2026-11-23T07:59:59Z"), "-");
	assert_string_equal(until(w, "2026-11-23T08:00:00Z"), "2026-11-23T18:00:00Z");
	assert_string_equal(until(w, "2026-11-23T17:59:59Z"), "2026-11-23T18:00:00Z");
	assert_string_equal(until(w, "2026-11-23T18:00:00Z"), "-");
	assert_string_equal(until(w, "2026-11-28T12:00:00Z"), "-");
}

static void test_over_midnight(void **state)
{
	(void)state;
	const char *w = "Sat 22:00-06:00 UTC";
	assert_string_equal(until(w, "2026-11-28T21:59:00Z"), "-");
	assert_string_equal(until(w, "2026-11-28T23:00:00Z"), "2026-11-29T06:00:00Z");
	assert_string_equal(until(w, "2026-11-29T05:59:00Z"), "2026-11-29T06:00:00Z");
	assert_string_equal(until(w, "2026-11-29T23:00:00Z"), "-");
	assert_string_equal(until(w, "2026-11-28T05:00:00Z"), "-");
}

static void test_days(void **state)
{
	(void)state;
	assert_string_equal(until("fri-mon 00:00-24:00 utc", "2026-11-22T12:00:00Z"),
			    "2026-11-24T00:00:00Z");
	assert_string_equal(until("Sat,Sun 10:00-11:00 UTC", "2026-11-22T10:30:00Z"),
			    "2026-11-22T11:00:00Z");
	assert_string_equal(until("Tue,Thu 10:00-11:00 UTC", "2026-11-22T10:30:00Z"), "-");
}

static void test_windows_that_touch_are_one(void **state)
{
	(void)state;
	char text[TIME_TEXT_MAX];
	struct quiet_hours h[2];
	assert_null(quiet_hours_parse("08:00-12:00 UTC", &h[0]));
	assert_null(quiet_hours_parse("12:00-13:00 UTC", &h[1]));
	assert_string_equal(time_format(quiet_hours_end(h, 2, at("2026-11-23T09:00:00Z")), text),
			    "2026-11-23T13:00:00Z");
	assert_int_equal(quiet_hours_end(h, 0, at("2026-11-23T09:00:00Z")), 0);
}

/* A week without a gap must not be looked through for ever. */
static void test_always_quiet(void **state)
{
	(void)state;
	struct quiet_hours h;
	assert_null(quiet_hours_parse("00:00-24:00 UTC", &h));
	assert_true(quiet_hours_end(&h, 1, at("2026-11-23T09:00:00Z")) >
		    at("2026-11-24T00:00:00Z"));
}

/* New York: on 2026-11-01 the clock goes back at 06:00 UTC, so that day is 25 hours long. */
static void test_local_time_and_its_summer(void **state)
{
	(void)state;
	assert_int_equal(setenv("TZ", "America/New_York", 1), 0);
	tzset();
	time_t probe = (time_t)(at("2026-07-01T12:00:00Z") / 1000);
	struct tm tm;
	if (localtime_r(&probe, &tm) == NULL || tm.tm_hour != 8)
		skip(); /* no zone files here */
	assert_string_equal(until("22:00-06:00", "2026-11-01T03:00:00Z"), "2026-11-01T11:00:00Z");
	assert_string_equal(until("22:00-06:00", "2026-10-31T03:00:00Z"), "2026-10-31T10:00:00Z");
}

static void test_what_is_no_window(void **state)
{
	(void)state;
	static const char *const bad[] = { "",
					   "08:00",
					   "8-18",
					   "08:00-08:00",
					   "24:00-06:00",
					   "08:60-09:00",
					   "25:00-26:00",
					   "Mo 08:00-09:00",
					   "Mon- 08:00-09:00 CET",
					   "Mon, Tue 08:00-09:00",
					   "08:00-09:00 Mon",
					   "-" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(quiet_hours_check(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_working_day),
		cmocka_unit_test(test_over_midnight),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_windows_that_touch_are_one),
		cmocka_unit_test(test_always_quiet),
		cmocka_unit_test(test_local_time_and_its_summer),
		cmocka_unit_test(test_what_is_no_window),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
