#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/err.h"

static void test_set_wrap_hint(void **state)
{
	struct err e;
	(void)state;
	assert_int_equal(err_set(&e, ERR_RETRY, "reading '%s'", "x"), -1);
	assert_int_equal(e.kind, ERR_RETRY);
	assert_string_equal(e.text, "reading 'x'");
	assert_string_equal(e.hint, "");
	assert_int_equal(err_hint(&e, "try %d", 2), -1);
	assert_int_equal(err_wrap(&e, "copying '%s'", "INBOX"), -1);
	assert_string_equal(e.text, "copying 'INBOX': reading 'x'");
	assert_string_equal(e.hint, "try 2");
	assert_int_equal(e.kind, ERR_RETRY);
	e.until_ms = 5;
	err_set(&e, ERR_BUG, "new");
	assert_string_equal(e.hint, "");
	assert_int_equal(e.until_ms, 0);
	err_clear(&e);
	assert_int_equal(e.kind, ERR_NONE);
	assert_string_equal(e.text, "");
}

static void test_it_may_be_made_from_itself(void **state)
{
	struct err e;
	(void)state;
	err_set(&e, ERR_ITEM, "inner");
	err_hint(&e, "do");
	err_hint(&e, "%s that", e.hint);
	assert_string_equal(e.hint, "do that");
	err_set(&e, ERR_ITEM, "outer (%s)", e.text);
	assert_string_equal(e.text, "outer (inner)");
}

static void test_errno_is_told(void **state)
{
	struct err e;
	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&e, ERR_USAGE, "opening '%s'", "f"), -1);
	assert_string_equal(e.text, "opening 'f': No such file or directory");
	errno = 99999;
	err_errno(&e, ERR_USAGE, "x");
	assert_non_null(strstr(e.text, "99999"));
}

static void test_long_texts_are_cut(void **state)
{
	struct err e;
	char big[3 * ERR_TEXT_MAX];
	(void)state;
	memset(big, 'a', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	err_set(&e, ERR_ITEM, "%s", big);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
	err_wrap(&e, "%s", big);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
	err_hint(&e, "%s", big);
	assert_int_equal(strlen(e.hint), ERR_HINT_MAX - 1);
	err_set(&e, ERR_ITEM, "end");
	err_wrap(&e, "%.*s", ERR_TEXT_MAX - 5, big);
	assert_true(strlen(e.text) < ERR_TEXT_MAX);
}

static void test_no_escape_sequence_gets_through(void **state)
{
	struct err e;
	(void)state;
	err_set(&e, ERR_ITEM, "the server said: %s", "\033[2Jgone\r");
	assert_string_equal(e.text, "the server said: ?[2Jgone?");
	err_hint(&e, "%s", "a\tb");
	assert_string_equal(e.hint, "a?b");
	err_wrap(&e, "%s", "\x7f");
	assert_int_equal(e.text[0], '?');
}

/* "message" of an API, say: the second line would stand there as if it were ours. */
static void test_a_message_is_one_line(void **state)
{
	struct err e;
	(void)state;
	err_set(&e, ERR_ITEM, "it said: %s", "no\n::error::\nall is well");
	assert_string_equal(e.text, "it said: no ::error:: all is well");
	err_wrap(&e, "asking\n%s", "x");
	assert_null(strchr(e.text, '\n'));
	err_hint(&e, "%s", "a\nb\n");
	assert_string_equal(e.hint, "a b ");
}

static void test_every_kind_has_its_own_name(void **state)
{
	(void)state;
	for (enum err_kind k = ERR_NONE; k <= ERR_BUG; k++) {
		assert_true(err_kind_name(k)[0] != '\0');
		for (enum err_kind other = ERR_NONE; other < k; other++)
			assert_string_not_equal(err_kind_name(k), err_kind_name(other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_wrap_hint),
		cmocka_unit_test(test_it_may_be_made_from_itself),
		cmocka_unit_test(test_errno_is_told),
		cmocka_unit_test(test_long_texts_are_cut),
		cmocka_unit_test(test_no_escape_sequence_gets_through),
		cmocka_unit_test(test_a_message_is_one_line),
		cmocka_unit_test(test_every_kind_has_its_own_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
