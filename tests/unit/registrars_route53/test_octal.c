#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "registrars/route53/octal.h"

static void expect(const char *theirs, const char *ours)
{
	struct err e;
	struct arena *a = arena_new();
	const char *read = octal_read(a, theirs, &e);
	assert_non_null(read);
	assert_string_equal(read, ours);
	assert_string_equal(octal_write(a, ours), theirs);
	arena_free(a);
}

static void test_there_and_back(void **state)
{
	(void)state;
	expect("", "");
	expect("www.example.com.", "www.example.com.");
	expect("\\052.example.com.", "\\042.example.com.");
	expect("\"a \\\"quoted\\\" \\\\ one\" \"\\303\\274\"",
	       "\"a \\\"quoted\\\" \\\\ one\" \"\\195\\188\"");
	expect("\\000\\377", "\\000\\255");
	expect("\\1011", "\\0651"); /* a digit behind an escape is no part of it */
}

static void test_what_is_no_octal_escape(void **state)
{
	static const char *const bad[] = { "\\",    "a\\",   "\\08",   "\\1",    "\\12",
					   "\\400", "\\089", "\\9aa.", "\\\\\\", "\\05x" };
	struct arena *a = arena_new();
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { 0 };
		if (octal_read(a, bad[i], &e) != NULL)
			fail_msg("%s was read", bad[i]);
		assert_int_equal(e.kind, ERR_ITEM);
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_what_is_no_octal_escape),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
