#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "migrate/imap/flags.h"

static void canonical(const char *text, const char *wanted)
{
	struct buf out;
	buf_init(&out);
	imap_flags_canonical(&out, slice_str(text));
	assert_string_equal(out.at, wanted);
	buf_release(&out);
}

static void test_canonical(void **state)
{
	(void)state;
	canonical("", "");
	canonical("\\SEEN \\answered", "\\Answered \\Seen");
	canonical("  \\Recent \\Seen  \\Seen ", "\\Seen");
	canonical("$Forwarded NonJunk \\Flagged", "$Forwarded \\Flagged NonJunk");
	canonical("B a b A", "a B");
}

/* A literal inside a list of flags brings line ends along: a source must not write our
 * commands at the target. */
static void test_what_is_no_flag(void **state)
{
	(void)state;
	canonical("AAA\r\nA5 \\Seen DELETE\n {19}\r\nA9 a\"b \\a\\b x\x7f", "\\Seen");
	canonical("[Gmail]/x \xc3\xbc", "[Gmail]/x \xc3\xbc");
}

/* Hundreds of messages wait in memory for the ledger, each with its flags. */
static void test_a_flag_has_an_end(void **state)
{
	char text[2 * IMAP_FLAG_MAX + 16] = "";
	(void)state;
	memset(text, 'x', IMAP_FLAG_MAX);
	canonical(text, text);
	memset(text, 'x', IMAP_FLAG_MAX + 1);
	canonical(text, "");
	memcpy(text + IMAP_FLAG_MAX + 1, " \\Seen", 7);
	canonical(text, "\\Seen");
}

static void permitted(const char *flags, const char *permanent, const char *wanted, size_t dropped)
{
	struct buf out;
	struct slice perm = { NULL, 0 };
	if (permanent != NULL)
		perm = slice_str(permanent);
	buf_init(&out);
	assert_int_equal(imap_flags_permitted(&out, slice_str(flags), perm), dropped);
	assert_string_equal(out.at, wanted);
	buf_release(&out);
}

static void test_permitted(void **state)
{
	(void)state;
	permitted("$Label1 \\Seen", NULL, "$Label1 \\Seen", 0);
	permitted("$Label1 \\Seen", "\\Seen \\*", "$Label1 \\Seen", 0);
	permitted("$Label1 \\Seen", "\\Seen \\Draft", "\\Seen", 1);
	permitted("$MDNSent \\Seen", "\\Seen $MDNSent", "$MDNSent \\Seen", 0);
	/* An unknown system flag is not a keyword: "\\*" does not cover it. */
	permitted("\\Pinned", "\\Seen \\*", "", 1);
	permitted("\\Seen", "", "", 1);
}

static void test_sets(void **state)
{
	(void)state;
	assert_true(imap_flags_within(SLICE_LIT("a"), SLICE_LIT("A b")));
	assert_true(imap_flags_within(SLICE_LIT(""), SLICE_LIT("")));
	assert_false(imap_flags_within(SLICE_LIT("a c"), SLICE_LIT("A b")));
	assert_true(imap_flags_has(SLICE_LIT("\\Seen x"), "\\seen"));
	assert_false(imap_flags_has(SLICE_LIT("\\Seenx"), "\\seen"));
	assert_true(imap_flags_equal(SLICE_LIT("x Y"), SLICE_LIT("X y")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_what_is_no_flag),
		cmocka_unit_test(test_a_flag_has_an_end),
		cmocka_unit_test(test_permitted),
		cmocka_unit_test(test_sets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
