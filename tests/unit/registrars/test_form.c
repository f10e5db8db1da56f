/*
 * Parameters: what a decoder of forms takes back to the same bytes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "registrars/form.h"

static void test_encoded(void **state)
{
	struct buf b;
	(void)state;
	buf_init(&b);
	form_add(&b, "Host Name1", SLICE_LIT("@"));
	form_add(&b, "TXT", SLICE_LIT("v=spf1 a+b%~all\n&x\xc3\xa9"));
	form_add(&b, "none", (struct slice){ NULL, 0 });
	assert_string_equal(b.at,
			    "Host%20Name1=%40&TXT=v%3Dspf1%20a%2Bb%25~all%0A%26x%C3%A9&none=");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_encoded) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
