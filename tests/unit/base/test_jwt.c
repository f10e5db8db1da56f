/*
 * The tokens that are wanted were computed with openssl(1) from the same key.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/jwt.h"
#include "tests/unit/base/test_key.h"

static void test_rs256(void **state)
{
	static const char wanted[] =
		"token=eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhQGIuZXhhbXBsZSIsImlhd"
		"CI6MTc5NTc3MzYwMH0.EzjjI7XKiC_hYm_QOsJtkUb_qaBwD43uQ9Uq1i-gH3b2KGt3E0W7w-uRd"
		"OWqdd3bCFdvgNxAxR7BWCErMLxVtJwrJ5XHBL-H6-yfpdAM1h5l2_Wp1_J8YLDkOySk1w7NMn1XP"
		"z6oLXN_COeiXLCWdTq1V0UBcGu2TkW15bqHIbZ_tECrYs7KamK7pJBecMWjflT5dnpl90pjaFPYK"
		"AybI9vJBqxE_QmKJRIcJETBR2DNLq3kAyAFnU_HY4XGzCmiXsClER9rzUAmCd3gHhooxE7XnrKbC"
		"Q1eb3EnZgNt3h0HRbnZ3hvh2YmHOSpQPEaA4mpGfzmiEUP77qYIDiytyg";
	struct err e = { 0 };
	struct sign_key *key = NULL;
	struct js *header = js_object();
	struct js *claims = js_object();
	struct buf out;
	(void)state;
	assert_int_equal(sign_key_read(slice_str(TEST_KEY_PEM), &key, &e), 0);
	buf_init(&out);
	buf_adds(&out, "token=");
	js_set_str(header, "typ", "JWT");
	js_set_str(claims, "iss", "a@b.example");
	js_set_int(claims, "iat", 1795773600);
	jwt_write(key, SIGN_RS256, header, claims, &out);
	assert_string_equal(out.at, wanted);
	buf_release(&out);
	sign_key_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rs256) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
