/* Sizes as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/size.h"

static void test_reads(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0 },
		{ "35651584", 35651584 },
		{ "35MB", 35000000 },
		{ "35 mb", 35000000 },
		{ "1.5GB", 1500000000 },
		{ "0.25 kB", 250 },
		{ "36MiB", 36 * 1024 * 1024 },
		{ "12B", 12 },
		{ "1.05MB", 1050000 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t bytes = 1;
		assert_true(size_parse(slice_str(cases[i].text), &bytes));
		assert_int_equal(bytes, cases[i].bytes);
	}
}

static void test_refuses(void **state)
{
	(void)state;
	static const char *const bad[] = { "",
					   "MB",
					   "-1",
					   "1.5",
					   "1.MB",
					   "1e6",
					   "35 Mo",
					   "1.5 B",
					   "0x1",
					   "1,5GB",
					   "18446744073709551615 TB" };
	uint64_t bytes;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(size_parse(slice_str(bad[i]), &bytes));
}

static void test_shows(void **state)
{
	(void)state;
	char text[SIZE_TEXT_MAX];
	assert_string_equal(size_format(999, text), "999 B");
	assert_string_equal(size_format(1234, text), "1.2 kB");
	assert_string_equal(size_format(35000000, text), "35 MB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_shows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
