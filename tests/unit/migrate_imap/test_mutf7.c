#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "migrate/imap/mutf7.h"

static void both(const char *utf8, const char *wire)
{
	struct buf out;
	buf_init(&out);
	assert_true(mutf7_encode(&out, slice_str(utf8)));
	assert_string_equal(out.at, wire);
	buf_clear(&out);
	assert_true(mutf7_decode(&out, slice_str(wire)));
	assert_string_equal(out.at, utf8);
	buf_release(&out);
}

static void test_both_ways(void **state)
{
	(void)state;
	both("", "");
	both("INBOX", "INBOX");
	both("Tom & Jerry", "Tom &- Jerry");
	both("Entwürfe", "Entw&APw-rfe");
	/* The example of RFC 3501 §5.1.3. */
	both("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
	both("日本語&", "&ZeVnLIqe-&-");
	both("😀", "&2D3eAA-");
	both("a\tb", "a&AAk-b");
}

static void test_refuses(void **state)
{
	static const char *const wrong[] = {
		"&",               /* never closed */
		"Entw&APw",        /* never closed */
		"&AP-",            /* bits left over that are no character */
		"&2D0-",           /* half of a surrogate pair */
		"&3gA-",           /* the other half first */
		"&APx-",           /* bits after the last character are not zero */
		"&A*w-",           /* no base64 */
		"&AAA-",           /* NUL */
		"Entw\xc3\xbcrfe", /* raw 8-bit */
	};
	struct buf out;
	(void)state;
	buf_init(&out);
	buf_adds(&out, "kept");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(mutf7_decode(&out, slice_str(wrong[i])));
		assert_string_equal(out.at, "kept");
	}
	assert_false(mutf7_encode(&out, SLICE_LIT("\xff")));
	assert_string_equal(out.at, "kept");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_refuses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
