#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/secret.h"

static void test_it_is_a_copy(void **state)
{
	char text[] = "pass\0word";
	(void)state;
	struct secret *s = secret_new((struct slice){ text, sizeof(text) - 1 });
	memset(text, 'x', sizeof(text));
	assert_int_equal(secret_expose(s).len, 9);
	assert_memory_equal(secret_expose(s).ptr, "pass\0word", 10); /* and terminated */
	assert_false(secret_is_empty(s));
	secret_free(s);
}

static void test_empty(void **state)
{
	struct secret *s = secret_new((struct slice){ NULL, 0 });
	(void)state;
	assert_true(secret_is_empty(s));
	assert_true(secret_is_empty(NULL));
	assert_string_equal(secret_expose(s).ptr, "");
	secret_free(s);
	secret_free(NULL);
}

static void test_wipe(void **state)
{
	char text[] = "secret";
	(void)state;
	secret_wipe(text, 3);
	assert_memory_equal(text, "\0\0\0ret", 7);
}

static void redacts(const char *secret, const char *said, const char *shown)
{
	char text[128];
	struct secret *s = secret_new(slice_str(secret));
	str_copy(text, sizeof(text), said);
	secret_redact(s, text);
	assert_string_equal(text, shown);
	secret_free(s);
}

static void test_redact(void **state)
{
	char text[] = "as it was";
	(void)state;
	redacts("hunter22", "hunter22 hunter22, hunter2", "*** ***, hunter2");
	redacts("aaaa", "aaaaaaaaa", "******a");
	redacts("was", "as it was", "as it was"); /* too short: it would hide plain words */
	redacts("-----BEGIN\r\nMIIEvQ\n}\n", "MIIEvQ in -----BEGIN", "*** in ***");
	redacts("", "as it was", "as it was");
	secret_redact(NULL, text);
	assert_string_equal(text, "as it was");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_a_copy),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_redact),
		cmocka_unit_test(test_wipe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
