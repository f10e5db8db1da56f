#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/str.h"

static void test_equality(void **state)
{
	(void)state;
	assert_true(slice_eq(SLICE_LIT("ab"), slice_str("ab")));
	assert_false(slice_eq(SLICE_LIT("ab"), SLICE_LIT("abc")));
	assert_true(slice_eq((struct slice){ NULL, 0 }, SLICE_LIT("")));
	assert_true(slice_eq(slice_str(NULL), SLICE_LIT("")));
	assert_false(slice_eq(SLICE_LIT("a\0b"), SLICE_LIT("a\0c")));
	assert_true(slice_eq_nocase(SLICE_LIT("aBz"), SLICE_LIT("AbZ")));
	assert_false(slice_eq_nocase(SLICE_LIT("["), SLICE_LIT("{"))); /* 0x20 apart, no letters */
	assert_false(slice_eq_nocase(SLICE_LIT("Ä"), SLICE_LIT("ä")));
	assert_true(str_eq("a", "a"));
	assert_true(str_eq_nocase("MX", "mx"));
	assert_false(str_eq_nocase("MX", "mxx"));
}

static void test_starts_and_ends(void **state)
{
	(void)state;
	assert_true(slice_starts_nocase(SLICE_LIT("LOGIN x"), SLICE_LIT("login")));
	assert_false(slice_starts_nocase(SLICE_LIT("log"), SLICE_LIT("login")));
	assert_true(slice_starts_nocase(SLICE_LIT(""), SLICE_LIT("")));
	assert_true(str_starts("abc", "ab"));
	assert_false(str_starts("a", "ab"));
	assert_true(str_ends("abc", "bc"));
	assert_false(str_ends("c", "bc"));
	assert_true(str_ends("c", ""));
}

static void test_trim(void **state)
{
	(void)state;
	assert_true(slice_eq(slice_trim(SLICE_LIT(" \ta b\t ")), SLICE_LIT("a b")));
	assert_int_equal(slice_trim(SLICE_LIT("  \t")).len, 0);
	assert_int_equal(slice_trim((struct slice){ NULL, 0 }).len, 0);
	assert_int_equal(slice_trim(SLICE_LIT("\r\n")).len, 2); /* line ends are not blanks */
}

static void test_until(void **state)
{
	struct slice rest = SLICE_LIT("a,,b");
	(void)state;
	assert_true(slice_eq(slice_until(&rest, ','), SLICE_LIT("a")));
	assert_true(slice_eq(slice_until(&rest, ','), SLICE_LIT("")));
	assert_true(slice_eq(slice_until(&rest, ','), SLICE_LIT("b")));
	assert_int_equal(rest.len, 0);
	assert_int_equal(slice_until(&rest, ',').len, 0);
	rest = SLICE_LIT("x,");
	assert_true(slice_eq(slice_until(&rest, ','), SLICE_LIT("x")));
	assert_int_equal(rest.len, 0);
}

static void test_numbers(void **state)
{
	static const char *const bad[] = { "",
					   "-1",
					   "+1",
					   " 1",
					   "1 ",
					   "0x1",
					   "1.0",
					   "1\n",
					   "18446744073709551616",
					   "99999999999999999999999" };
	uint64_t v = 7;
	(void)state;
	assert_true(slice_to_u64(SLICE_LIT("0"), &v));
	assert_true(v == 0);
	assert_true(slice_to_u64(SLICE_LIT("0042"), &v));
	assert_true(v == 42);
	assert_true(slice_to_u64(SLICE_LIT("18446744073709551615"), &v));
	assert_true(v == UINT64_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (slice_to_u64(slice_str(bad[i]), &v))
			fail_msg("'%s'", bad[i]);
	assert_false(slice_to_u64(SLICE_LIT("1\0"), &v));
}

static void test_copy_cuts(void **state)
{
	char to[4] = "zzz";
	(void)state;
	str_copy(to, sizeof(to), "ab");
	assert_string_equal(to, "ab");
	str_copy(to, sizeof(to), "abcdef");
	assert_string_equal(to, "abc");
	str_copy(to, 1, "abc");
	assert_string_equal(to, "");
	to[0] = 'k';
	str_copy(to, 0, "abc");
	assert_int_equal(to[0], 'k');
}

static void a_character_is_in_a_set(void **state)
{
	(void)state;
	assert_true(str_has("+-", '-'));
	assert_false(str_has("+-", 'a'));
	assert_false(str_has("+-", '\0'));
	assert_false(str_has("", '+'));
}

static void test_lower(void **state)
{
	char s[] = "AZ[@`az0Ä";
	(void)state;
	str_lower(s);
	assert_string_equal(s, "az[@`az0Ä");
}

static void test_printable(void **state)
{
	static const struct {
		const char *raw, *shown;
	} cases[] = {
		{ "plain text\n", "plain text\n" },
		{ "Grüße €  𝄞", "Grüße €  𝄞" },
		{ "\033[31mred\033[0m", "?[31mred?[0m" },
		{ "tab\tcr\rdel\x7f", "tab?cr?del?" },
		{ "\xc2\x9b"
		  "31m",
		  "??31m" }, /* CSI as one character of UTF-8 */
		{ "\x9b"
		  "31m",
		  "?31m" },                 /* and as a bare byte */
		{ "\xc2\xa0", "\xc2\xa0" }, /* a hard blank is no control */
		{ "Gr\xfc\xdf"
		  "e",
		  "Gr??e" }, /* Latin-1 */
		{ "cut \xe2\x82", "cut ??" },
		{ "\xe2\x80\xae"
		  "gpj.exe",
		  "???gpj.exe" }, /* right to left */
		{ "\xe2\x81\xa6x\xe2\x81\xa9", "???x???" },
		{ "\xe2\x80\xa6", "\xe2\x80\xa6" }, /* … is fine */
		{ "", "" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char s[64];
		str_copy(s, sizeof(s), cases[i].raw);
		str_make_printable(s);
		assert_string_equal(s, cases[i].shown);
	}
}

static void test_utf8(void **state)
{
	static const char *const good[] = { "",
					    "a",
					    "\x7f",
					    "\xc2\x80",
					    "\xdf\xbf",
					    "\xe0\xa0\x80",
					    "\xed\x9f\xbf",
					    "\xee\x80\x80",
					    "\xf0\x90\x80\x80",
					    "\xf4\x8f\xbf\xbf",
					    "Grüße" };
	static const char *const bad[] = { "\x80",
					   "\xc0\x80",
					   "\xc1\xbf",
					   "\xc2",
					   "\xc2\x41",
					   "\xe0\x9f\xbf",
					   "\xe2\x82",
					   "\xed\xa0\x80",
					   "\xf0\x8f\xbf\xbf",
					   "\xf4\x90\x80\x80",
					   "\xf5\x80\x80\x80",
					   "\xff",
					   "ok\xe2\x82\x41" };
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(str_is_utf8(slice_str(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(str_is_utf8(slice_str(bad[i])));
	assert_true(str_is_utf8(SLICE_LIT("a\0b")));
}

static void test_distance(void **state)
{
	static const struct {
		const char *a, *b;
		size_t d;
	} cases[] = { { "", "", 0 },
		      { "a", "", 1 },
		      { "", "abc", 3 },
		      { "source", "source", 0 },
		      { "sorce", "source", 1 },
		      { "suorce", "source", 1 },
		      { "MX", "mx", 0 },
		      { "kitten", "sitting", 3 },
		      { "ca", "abc", 3 } };
	char far[65];
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(str_distance(cases[i].a, cases[i].b), cases[i].d);
		assert_int_equal(str_distance(cases[i].b, cases[i].a), cases[i].d);
	}
	memset(far, 'a', 64);
	far[64] = '\0';
	assert_int_equal(str_distance(far, far), 64);
	far[63] = '\0';
	assert_int_equal(str_distance(far, far), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_character_is_in_a_set),
		cmocka_unit_test(test_equality),
		cmocka_unit_test(test_starts_and_ends),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_until),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_copy_cuts),
		cmocka_unit_test(test_lower),
		cmocka_unit_test(test_printable),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_distance),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
