/* What people paste where a domain is wanted, and what they are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "config/domain.h"

static void names_become_canonical(void **state)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	(void)state;
	assert_string_equal(domain_parse(a, "Example.ORG", &e), "example.org.");
	assert_string_equal(domain_parse(a, "example.org.", &e), "example.org.");
	assert_string_equal(domain_parse(a, "xn--bcher-kva.example", &e), "xn--bcher-kva.example.");
	assert_string_equal(domain_parse(a, "_dmarc.example.org", &e), "_dmarc.example.org.");
	arena_free(a);
}

static void refused(const char *text, const char *says, const char *hint)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	assert_null(domain_parse(a, text, &e));
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.text, says));
	assert_non_null(strstr(e.hint, hint));
	arena_free(a);
}

static void the_rest_is_refused_with_a_remedy(void **state)
{
	(void)state;
	refused("", "empty", "example.org");
	refused(".", "the root", "example.org");
	refused("192.0.2.1", "IP address", "example.org");
	refused("2001:db8::1", "IP address", "example.org");
	refused("https://www.treyresearch.com:8443/a?b", "a page", "write www.treyresearch.com");
	refused("treyresearch.com/", "a page", "write treyresearch.com");
	refused("Anna <anna@treyresearch.com>", "mail address", "write treyresearch.com");
	refused("@", "mail address", "write it like example.org");
	refused("b\xc3\xbc"
		"cher.example",
		"letters", "xn--");
	refused("b\xff.example", "letters", "xn--");
	refused("a.org,b.org", "character", "example.org");
	refused("\"a.org\"", "character", "example.org");
	refused("a..org", "a label is empty", "example.org");
}

static void a_refusal_is_printable(void **state)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	(void)state;
	assert_null(domain_parse(a, "x\x1b[2J@\x1b]0;y.z\x07", &e));
	assert_null(strchr(e.text, '\x1b'));
	assert_null(strchr(e.hint, '\x1b'));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_canonical),
		cmocka_unit_test(the_rest_is_refused_with_a_remedy),
		cmocka_unit_test(a_refusal_is_printable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
