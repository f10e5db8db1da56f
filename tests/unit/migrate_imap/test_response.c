#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "migrate/imap/response.h"
#include "migrate/imap/uidset.h"

static int feed(struct imap_parser *p, const char *text, struct imap_event *ev, struct err *e)
{
	struct slice in = slice_str(text);
	return imap_parser_next(p, &in, ev, e);
}

/* A body of 5 GB is announced and begins to pass without anything being held. */
static void test_huge_literal_is_not_held(void **state)
{
	struct imap_parser *p = imap_parser_new();
	struct imap_event ev;
	struct err e;
	(void)state;
	assert_int_equal(feed(p, "* 1 FETCH (UID 7 BODY[] {5000000000}\r\n", &ev, &e), 1);
	assert_int_equal(ev.kind, IMAP_EV_LITERAL_BEGIN);
	assert_int_equal(ev.literal_len, 5000000000);
	assert_int_equal(ev.fetch.uid, 7);
	assert_int_equal(feed(p, "some bytes", &ev, &e), 1);
	assert_int_equal(ev.kind, IMAP_EV_LITERAL_DATA);
	assert_int_equal(ev.data.len, 10);
	assert_false(imap_parser_idle(p));
	imap_parser_free(p);
}

static void test_limits(void **state)
{
	struct imap_parser *p = imap_parser_new();
	struct imap_event ev;
	struct err e;
	struct buf line;
	(void)state;
	assert_int_equal(feed(p, "* LIST () \"/\" {99999999}\r\n", &ev, &e), -1);
	assert_int_equal(e.kind, ERR_RETRY);
	imap_parser_free(p);
	p = imap_parser_new();
	buf_init(&line);
	buf_adds(&line, "* OK ");
	while (line.len <= IMAP_LINE_MAX)
		buf_adds(&line, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	assert_int_equal(feed(p, line.at, &ev, &e), -1);
	buf_release(&line);
	imap_parser_free(p);
}

static void test_a_date_has_an_end(void **state)
{
	struct imap_parser *p = imap_parser_new();
	struct imap_event ev;
	struct err e;
	struct buf text;
	(void)state;
	buf_init(&text);
	buf_adds(&text, "* 1 FETCH (UID 7 INTERNALDATE \"");
	for (unsigned i = 0; i < 1000; i++)
		buf_adds(&text, "17-Jul-1996 ");
	buf_adds(&text, "\" RFC822.SIZE 5)\r\n");
	assert_int_equal(feed(p, text.at, &ev, &e), 1);
	assert_int_equal(ev.fetch.date.len, 0);
	assert_int_equal(ev.fetch.size, 5);
	buf_release(&text);
	imap_parser_free(p);
}

/* Each literal is looked at with all that stands before it: a line of a hundred thousand would be
 * hours of work. */
static void test_a_line_of_literals_is_refused(void **state)
{
	struct imap_event ev;
	struct err e;
	(void)state;
	for (unsigned extra = 0; extra < 2; extra++) {
		struct imap_parser *p = imap_parser_new();
		struct buf text;
		buf_init(&text);
		buf_adds(&text, "* 1 FETCH (");
		for (unsigned i = 0; i < IMAP_LITERALS_MAX + extra; i++)
			buf_adds(&text, "X {1}\r\na ");
		buf_adds(&text, "UID 7)\r\n");
		assert_int_equal(feed(p, text.at, &ev, &e), extra == 0 ? 1 : -1);
		if (extra == 0)
			assert_int_equal(ev.fetch.uid, 7);
		else
			assert_int_equal(e.kind, ERR_RETRY);
		buf_release(&text);
		imap_parser_free(p);
	}
}

/* The numbers of a big folder come in pieces, and all of them. */
static void test_search_in_pieces(void **state)
{
	struct imap_parser *p = imap_parser_new();
	struct imap_event ev;
	struct err e;
	struct buf text;
	uint32_t n;
	uint32_t wanted = 1;
	unsigned pieces = 0;
	(void)state;
	buf_init(&text);
	buf_adds(&text, "* SEARCH");
	for (unsigned i = 1; i <= 100000; i++)
		buf_addf(&text, " %u", i);
	buf_adds(&text, "\r\n");
	struct slice in = buf_slice(&text);
	while (imap_parser_next(p, &in, &ev, &e) == 1) {
		assert_int_equal(ev.kind, IMAP_EV_SEARCH);
		struct slice rest = ev.numbers;
		pieces++;
		while (imap_next_number(&rest, &n))
			assert_int_equal(n, wanted++);
	}
	assert_int_equal(wanted, 100001);
	assert_true(pieces > 10);
	assert_true(imap_parser_idle(p));
	buf_release(&text);
	imap_parser_free(p);
}

/* What vanished of a big folder is longer than any line may be, and is never held. */
static void test_vanished_in_pieces(void **state)
{
	struct imap_parser *p = imap_parser_new();
	struct imap_event ev;
	struct err e;
	struct buf text;
	uint32_t low;
	uint32_t high;
	uint32_t wanted = 1;
	(void)state;
	buf_init(&text);
	buf_adds(&text, "* VANISHED (EARLIER) ");
	for (unsigned i = 1; i <= 400001; i += 2)
		buf_addf(&text, "%s%u", i > 1 ? "," : "", i);
	buf_adds(&text, "\r\n");
	assert_true(text.len > IMAP_LINE_MAX);
	struct slice in = buf_slice(&text);
	while (imap_parser_next(p, &in, &ev, &e) == 1) {
		assert_int_equal(ev.kind, IMAP_EV_VANISHED);
		assert_true(ev.vanished.earlier);
		struct slice rest = ev.vanished.uids;
		for (; imap_uidset_next(&rest, &low, &high); wanted += 2)
			assert_true(low == wanted && high == wanted);
		assert_int_equal(rest.len, 0);
	}
	assert_int_equal(wanted, 400003);
	assert_true(imap_parser_idle(p));
	buf_release(&text);
	imap_parser_free(p);
}

static void test_idle_only_between_responses(void **state)
{
	struct imap_parser *p = imap_parser_new();
	struct imap_event ev;
	struct err e;
	(void)state;
	assert_true(imap_parser_idle(p));
	assert_int_equal(feed(p, "* OK he", &ev, &e), 0);
	assert_false(imap_parser_idle(p));
	assert_int_equal(feed(p, "llo\r\n", &ev, &e), 1);
	assert_true(imap_parser_idle(p));
	imap_parser_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_huge_literal_is_not_held),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_a_line_of_literals_is_refused),
		cmocka_unit_test(test_a_date_has_an_end),
		cmocka_unit_test(test_search_in_pieces),
		cmocka_unit_test(test_vanished_in_pieces),
		cmocka_unit_test(test_idle_only_between_responses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
