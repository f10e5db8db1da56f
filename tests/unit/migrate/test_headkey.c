#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "migrate/headkey.h"

/* In pieces of `step` bytes; 0: all at once. */
static struct headkey key_of(const char *text, size_t step)
{
	struct headkey_reader r = { .over = false };
	struct headkey key;
	struct slice s = slice_str(text);
	if (step == 0)
		step = s.len + 1;
	for (size_t at = 0; at < s.len; at += step) {
		size_t left = s.len - at;
		headkey_add(&r, (struct slice){ s.ptr + at, left < step ? left : step });
	}
	headkey_finish(&r, &key);
	return key;
}

static void same(const char *a, const char *b)
{
	struct headkey wanted = key_of(a, 0);
	for (size_t step = 0; step < 9; step++) {
		struct headkey got = key_of(b, step);
		assert_memory_equal(got.key, wanted.key, HEADKEY_LEN);
		assert_memory_equal(got.weak, wanted.weak, HEADKEY_LEN);
	}
}

static void other(const char *a, const char *b)
{
	struct headkey x = key_of(a, 0);
	struct headkey y = key_of(b, 0);
	assert_memory_not_equal(x.key, y.key, HEADKEY_LEN);
}

static const char plain[] = "Message-ID: <a@b>\r\nDate: Wed, 17 Jul 1996 02:44:25 -0700\r\n"
			    "From: Carla Diaz <Carla.Diaz@TreyResearch.com>\r\n\r\nbody";

static void test_what_a_target_writes_anew_is_the_same(void **state)
{
	(void)state;
	/* Order, folding, other fields, line ends, the display name, the zone, the body. */
	same(plain, "from:\n =?utf-8?q?Carla?=\n\t<carla.diaz@treyresearch.com>\nX-A: b\n"
		    "DATE: 17 Jul 1996 09:44:25 +0000 (UTC)\nMessage-Id:\n <a@b>\n\nother body\n");
	same(plain, "Message-ID : <a@b>\rDate: Wed, 17 July 96 09:44:25 GMT\r\r\n"
		    "From: carla.diaz@treyresearch.com\r\n");
	/* The first of a field counts, and nothing that stands in the body. */
	same(plain, "Message-ID: <a@b>\r\nMessage-ID: <c@d>\r\n"
		    "Date: Wed, 17 Jul 1996 02:44:25 -0700\r\n"
		    "From: <carla.diaz@treyresearch.com>\r\n\r\nMessage-ID: <e@f>\r\n");
	same("Subject: a\r\n\r\nFrom: x@y\r\n", "\r\n");
	same("Subject: a\r\n", "");
}

static void test_what_is_another_message_is_another(void **state)
{
	(void)state;
	other(plain, "Message-ID: <c@b>\r\nDate: Wed, 17 Jul 1996 02:44:25 -0700\r\n"
		     "From: Carla Diaz <Carla.Diaz@TreyResearch.com>\r\n\r\nbody");
	other(plain, "Message-ID: <a@b>\r\nDate: Wed, 17 Jul 1996 02:44:26 -0700\r\n"
		     "From: Carla Diaz <Carla.Diaz@TreyResearch.com>\r\n\r\nbody");
	other(plain, "Message-ID: <a@b>\r\nDate: Wed, 17 Jul 1996 02:44:25 -0700\r\n"
		     "From: Carla Diaz <c.diaz@TreyResearch.com>\r\n\r\nbody");
}

static void test_what_a_key_rests_on(void **state)
{
	(void)state;
	struct headkey all = key_of(plain, 0);
	struct headkey no_id = key_of("Date: Wed, 17 Jul 1996 02:44:25 -0700\r\n"
				      "From: carla.diaz@treyresearch.com\r\n",
				      0);
	struct headkey odd = key_of("Message-ID: <>\r\nDate: yesterday\r\nFrom: a@b\r\n\r\n", 0);
	assert_true(all.has_id && all.has_rest);
	assert_true(!no_id.has_id && no_id.has_rest);
	assert_memory_equal(all.weak, no_id.weak, HEADKEY_LEN);
	assert_true(!odd.has_id && !odd.has_rest);
}

static void test_a_long_header_is_bounded(void **state)
{
	struct headkey_reader r = { .over = false };
	struct headkey key;
	(void)state;
	headkey_add(&r, SLICE_LIT("From: "));
	for (int i = 0; i < 100000; i++)
		headkey_add(&r, SLICE_LIT("abcdefghij"));
	assert_int_equal(r.values[2].len, HEADKEY_VALUE_MAX);
	headkey_finish(&r, &key);
	assert_false(key.has_id);
}

static void reads_as(const char *text, int64_t wanted)
{
	int64_t got;
	if (!headkey_date(slice_str(text), &got))
		fail_msg("'%s' was not read", text);
	assert_int_equal(got, wanted);
}

static void test_dates(void **state)
{
	int64_t got;
	(void)state;
	reads_as("Thu, 1 Jan 1970 00:00:00 +0000", 0);
	reads_as("1 Jan 70 00:01 GMT", 60);
	reads_as("Wed, 31 Dec 1969 19:00:00 EST", 0);
	reads_as("  1   Jan  1970  01:00:00  +0100 (CET)", 0);
	reads_as("Thu, 1 January 1970 00:00:10", 10);
	reads_as("1 Jan 100 00:00:00 +0000", 946684800);
	assert_false(headkey_date(slice_str(""), &got));
	assert_false(headkey_date(slice_str("Thu, 32 Jan 1970 00:00:00 +0000"), &got));
	assert_false(headkey_date(slice_str("1 Foo 1970 00:00:00 +0000"), &got));
	assert_false(headkey_date(slice_str("1 Jan 1970"), &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_target_writes_anew_is_the_same),
		cmocka_unit_test(test_what_is_another_message_is_another),
		cmocka_unit_test(test_what_a_key_rests_on),
		cmocka_unit_test(test_a_long_header_is_bounded),
		cmocka_unit_test(test_dates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
