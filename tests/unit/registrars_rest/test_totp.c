/* The codes of RFC 6238, appendix B (its SHA-1 column, the last six digits). */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "registrars/rest/totp.h"

/* "12345678901234567890" in base32. */
#define SECRET "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

static void test_codes_of_the_rfc(void **state)
{
	static const struct {
		int64_t at_s;
		const char *code;
	} cases[] = {
		{ 59, "287082" },
		{ 1111111109, "081804" },
		{ 1234567890, "005924" },
		{ 20000000000, "353130" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e;
		char code[TOTP_DIGITS + 1];
		assert_int_equal(totp_code(SLICE_LIT(SECRET), cases[i].at_s * 1000, code, &e), 0);
		assert_string_equal(code, cases[i].code);
	}
}

static void test_secrets_as_people_paste_them(void **state)
{
	struct err e;
	char code[TOTP_DIGITS + 1];
	(void)state;
	assert_int_equal(
		totp_code(SLICE_LIT("gezd gnbv-gy3t qojq gezd gnbv gy3t qojq=="), 59000, code, &e),
		0);
	assert_string_equal(code, "287082");
	assert_int_equal(totp_code(SLICE_LIT("GEZD1"), 59000, code, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_int_equal(totp_code(SLICE_LIT(""), 59000, code, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes_of_the_rfc),
		cmocka_unit_test(test_secrets_as_people_paste_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
