/*
 * Mail settings and whose MX is whose.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "registrars/namecheap/mail.h"

static void test_words(void **state)
{
	static const char *const words[] = { "NONE", "MX", "MXE", "FWD", "OX", "GMAIL" };
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_string_equal(mail_word(mail_setting_of(words[i])), words[i]);
	assert_int_equal(mail_setting_of("mx"), MAIL_MX);
	assert_int_equal(mail_setting_of(""), MAIL_UNKNOWN);
	assert_int_equal(mail_setting_of("TITAN"), MAIL_UNKNOWN);
}

static void test_whose(void **state)
{
	static const char *const own[] = { "10 mx1.privateemail.com.", "20 mx2.privateemail.com." };
	static const char *const mixed[] = { "10 mx1.privateemail.com.", "20 mx.other.example." };
	static const char *const alike[] = { "10 mx1.notprivateemail.com." };
	(void)state;
	assert_true(mail_is_of(MAIL_OX, 2, own));
	assert_false(mail_is_of(MAIL_OX, 0, own));
	assert_false(mail_is_of(MAIL_FWD, 2, own));
	assert_false(mail_is_of(MAIL_MX, 2, own));
	assert_false(mail_is_of(MAIL_OX, 2, mixed));
	assert_false(mail_is_of(MAIL_OX, 1, alike));
}

static void test_usual(void **state)
{
	size_t n;
	const char *const *rdata = mail_usual(MAIL_FWD, &n);
	(void)state;
	assert_int_equal(n, 5);
	assert_true(mail_is_of(MAIL_FWD, n, rdata));
	(void)mail_usual(MAIL_GMAIL, &n);
	assert_int_equal(n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_whose),
		cmocka_unit_test(test_usual),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
