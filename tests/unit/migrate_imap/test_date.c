#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "migrate/imap/date.h"

static void check(const char *text, int64_t utc_s, const char *again)
{
	struct imap_date d;
	char out[IMAP_DATE_MAX];
	assert_true(imap_date_parse(slice_str(text), &d));
	assert_int_equal(d.utc_s, utc_s);
	assert_string_equal(imap_date_format(d, out), again);
}

static void test_reads_and_writes(void **state)
{
	(void)state;
	check("17-Jul-1996 02:44:25 -0700", 837596665, "17-Jul-1996 02:44:25 -0700");
	check(" 1-Jan-1970 00:00:00 +0000", 0, " 1-Jan-1970 00:00:00 +0000");
	check("1-Jan-1970 00:00:00 +0000", 0, " 1-Jan-1970 00:00:00 +0000");
	check("29-feb-2024 23:59:59 +0530", 1709231399, "29-Feb-2024 23:59:59 +0530");
	check("31-Dec-1969 23:59:59 +0000", -1, "31-Dec-1969 23:59:59 +0000");
	check("01-Jan-0001 00:00:00 +0000", -62135596800, " 1-Jan-0001 00:00:00 +0000");
	/* A leap second is carried as the instant that it is. */
	check("31-Dec-2016 23:59:60 +0000", 1483228800, " 1-Jan-2017 00:00:00 +0000");
}

static void test_refuses(void **state)
{
	static const char *const wrong[] = {
		"",
		"17-Jul-1996",
		"30-Feb-2024 00:00:00 +0000",
		"29-Feb-2023 00:00:00 +0000",
		"17-Jux-1996 02:44:25 -0700",
		"17-Jul-96 02:44:25 -0700",
		"17-Jul-1996 24:00:00 -0700",
		"17-Jul-1996 02:60:25 -0700",
		"17-Jul-1996 02:44:25 0700",
		"17-Jul-1996 02:44:25 -0700x",
		"17-Jul-1996T02:44:25 -0700",
		"00-Jul-1996 02:44:25 -0700",
		"17-Jul-0000 02:44:25 -0700",
	};
	struct imap_date d;
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(imap_date_parse(slice_str(wrong[i]), &d));
}

/* Every day of four centuries and more: what is written is read as the same. */
static void test_round_trip(void **state)
{
	char out[IMAP_DATE_MAX];
	struct imap_date again;
	(void)state;
	for (int64_t day = -150000; day < 150000; day++) {
		struct imap_date d = { day * 86400 + (day & 0xfff), (int32_t)((day % 27) * 1800) };
		assert_true(imap_date_parse(slice_str(imap_date_format(d, out)), &again));
		assert_int_equal(again.utc_s, d.utc_s);
		assert_int_equal(again.zone_s, d.zone_s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_and_writes),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_round_trip),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
