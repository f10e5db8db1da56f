#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "migrate/repair.h"

static void collect(void *ctx, struct slice s)
{
	buf_add(ctx, s.ptr, s.len);
}

static unsigned run(struct slice in, const struct migrate_repair *what, size_t step,
		    struct buf *out)
{
	struct repair r;
	buf_clear(out);
	repair_init(&r, what, collect, out);
	for (size_t at = 0; at < in.len; at += step) {
		size_t left = in.len - at;
		repair_add(&r, (struct slice){ in.ptr + at, left < step ? left : step });
	}
	repair_finish(&r);
	return r.did;
}

/* The same in pieces of every size; and what was repaired needs no repair. */
static void becomes(struct slice in, struct slice wanted, struct migrate_repair what, unsigned did)
{
	struct buf out;
	struct buf again;
	buf_init(&out);
	buf_init(&again);
	for (size_t step = 1; step <= in.len + 1; step += step < 40 ? 1 : 397) {
		assert_int_equal(run(in, &what, step, &out), did);
		if (!slice_eq(buf_slice(&out), wanted))
			fail_msg("in steps of %zu: '%s'", step, out.at);
	}
	assert_int_equal(run(wanted, &what, wanted.len + 1, &again), 0);
	assert_true(slice_eq(buf_slice(&again), wanted));
	buf_release(&out);
	buf_release(&again);
}

static const struct migrate_repair all = { true, true, true, true };

static void test_what_is_in_order_stays(void **state)
{
	const struct slice mail = SLICE_LIT("Subject: a\r\nDisposition-Notify: b\r\n"
					    " Return-Receipt-To: folded\r\n\r\n"
					    "Disposition-Notification-To: in the body\r\n.\r\n");
	(void)state;
	becomes(mail, mail, all, 0);
	becomes(SLICE_LIT(""), SLICE_LIT(""), all, 0);
	becomes(SLICE_LIT("no end"), SLICE_LIT("no end"), all, 0);
}

static void test_nothing_is_done_without_a_wish(void **state)
{
	const struct slice mail = SLICE_LIT("Return-Receipt-To: a\n\r\0b\r\r\n\n");
	(void)state;
	becomes(mail, mail, (struct migrate_repair){ .nul = false }, 0);
}

static void test_nul_keeps_the_length(void **state)
{
	(void)state;
	becomes(SLICE_LIT("a: \0\r\n\r\n\0\0"), SLICE_LIT("a:  \r\n\r\n  "),
		(struct migrate_repair){ .nul = true }, REPAIR_NUL);
}

static void test_line_ends(void **state)
{
	(void)state;
	becomes(SLICE_LIT("a: b\n\nc\rd\r\r\ne"), SLICE_LIT("a: b\r\n\r\nc\r\nd\r\n\r\ne"),
		(struct migrate_repair){ .bare_lf = true }, REPAIR_LINE_ENDS);
	becomes(SLICE_LIT("a\r"), SLICE_LIT("a\r\n"), (struct migrate_repair){ .bare_lf = true },
		REPAIR_LINE_ENDS);
}

static void test_receipts_are_disarmed_at_the_same_length(void **state)
{
	(void)state;
	becomes(SLICE_LIT("A: b\r\ndisposition-NOTIFICATION-to: x@y\r\nReturn-Receipt-To: z\r\n"
			  "X-confirm-reading-to \t: q\r\nReturn-Receipt-Too: a\r\n"
			  "Return-Receipt-To\r\n\r\nReturn-Receipt-To: body\r\n"),
		SLICE_LIT("A: b\r\nX-Was-Disposition-Notify-To: x@y\r\nX-Was-Ret-Rcpt-To: z\r\n"
			  "X-Was-Cfm-Reading-To \t: q\r\nReturn-Receipt-Too: a\r\n"
			  "Return-Receipt-To\r\n\r\nReturn-Receipt-To: body\r\n"),
		(struct migrate_repair){ .read_receipts = true }, REPAIR_RECEIPTS);
}

static void add_times(struct buf *b, char c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addc(b, c);
}

static void test_long_lines(void **state)
{
	struct buf in;
	struct buf out;
	(void)state;
	buf_init(&in);
	buf_init(&out);
	buf_adds(&in, "To: ");
	add_times(&in, 'a', 950);
	buf_adds(&in, " b ");
	add_times(&in, 'b', 50);
	buf_adds(&in, "\r\n\r\n");
	add_times(&in, 'c', 2000);
	buf_adds(&in, "\r\n");
	add_times(&in, 'd', 930);
	buf_adds(&in, " ");
	add_times(&in, 'e', 100);
	buf_adds(&out, "To: ");
	add_times(&out, 'a', 950);
	buf_adds(&out, "\r\n b ");
	add_times(&out, 'b', 50);
	buf_adds(&out, "\r\n\r\n");
	for (int i = 0; i < 2; i++) {
		add_times(&out, 'c', 994);
		buf_adds(&out, "\r\n");
	}
	add_times(&out, 'c', 12);
	buf_adds(&out, "\r\n");
	add_times(&out, 'd', 930);
	buf_adds(&out, " \r\n");
	add_times(&out, 'e', 100);
	becomes(buf_slice(&in), buf_slice(&out), (struct migrate_repair){ .long_lines = true },
		REPAIR_LONG_LINES);
	buf_release(&in);
	buf_release(&out);
}

/* 998 is no octet too many, wherever its blanks are. */
static void test_a_line_of_the_greatest_length(void **state)
{
	struct buf in;
	(void)state;
	buf_init(&in);
	buf_adds(&in, "To: ");
	add_times(&in, 'a', 992);
	buf_adds(&in, " b\r\n\r\n");
	add_times(&in, 'c', 950);
	buf_adds(&in, " ");
	add_times(&in, 'd', 46);
	buf_adds(&in, " \r\n");
	becomes(buf_slice(&in), buf_slice(&in), (struct migrate_repair){ .long_lines = true }, 0);
	buf_release(&in);
}

static void test_characters_stay_whole(void **state)
{
	struct repair r;
	struct buf out;
	struct slice rest;
	(void)state;
	buf_init(&out);
	repair_init(&r, &(struct migrate_repair){ .long_lines = true }, collect, &out);
	repair_add(&r, SLICE_LIT("\r\n\r\n"));
	for (int i = 0; i < 5000; i++)
		repair_add(&r, SLICE_LIT("\xe2\x82\xac"));
	repair_finish(&r);
	rest = buf_slice(&out);
	while (rest.len > 0) {
		struct slice line = slice_until(&rest, '\n');
		assert_true(str_is_utf8(line));
		assert_true(line.len <= REPAIR_LINE_MAX + 1);
	}
	buf_release(&out);
}

static void test_words(void **state)
{
	char text[REPAIR_TEXT_MAX];
	(void)state;
	assert_string_equal(repair_text(0, text), "");
	assert_string_equal(repair_text(REPAIR_NUL | REPAIR_LINE_ENDS, text),
			    "NUL characters replaced, line ends corrected");
	assert_true(strlen(repair_text(15, text)) < REPAIR_TEXT_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_in_order_stays),
		cmocka_unit_test(test_nothing_is_done_without_a_wish),
		cmocka_unit_test(test_nul_keeps_the_length),
		cmocka_unit_test(test_line_ends),
		cmocka_unit_test(test_receipts_are_disarmed_at_the_same_length),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_a_line_of_the_greatest_length),
		cmocka_unit_test(test_characters_stay_whole),
		cmocka_unit_test(test_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
