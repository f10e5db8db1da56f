#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/arena.h"
#include "migrate/smtp/reply.h"

/* Feeds the text in pieces; what whole replies it holds, as "code|text;". */
static int replies_of(struct slice text, size_t piece, struct buf *out, struct err *e)
{
	struct smtp_parser p;
	int rc = 0;
	smtp_parser_init(&p);
	while (text.len > 0 && rc >= 0) {
		struct slice part = { text.ptr, piece < text.len ? piece : text.len };
		text.ptr += part.len;
		text.len -= part.len;
		while ((rc = smtp_parser_feed(&p, &part, e)) == 1)
			buf_addf(out, "%d|%s;", p.reply.code, p.reply.text.at);
	}
	smtp_parser_release(&p);
	return rc;
}

static void expect_replies(const char *text, const char *expected)
{
	for (size_t piece = 1; piece <= strlen(text); piece++) {
		struct err e;
		struct buf got;
		buf_init(&got);
		assert_int_equal(replies_of(slice_str(text), piece, &got, &e), 0);
		assert_string_equal(got.at, expected);
		buf_release(&got);
	}
}

static void test_any_split_gives_the_same(void **state)
{
	(void)state;
	expect_replies("220 mx ESMTP\r\n", "220|mx ESMTP;");
	expect_replies("250-mx\r\n250-PIPELINING\r\n250 SIZE 1\r\n250 ok\r\n",
		       "250|mx\nPIPELINING\nSIZE 1;250|ok;");
	expect_replies("250\r\n", "250|;");
	expect_replies("250-\r\n250 \r\n", "250|\n;");
	expect_replies("550 5.1.1 bare line feed\n", "550|5.1.1 bare line feed;");
	expect_replies("250 half", "");
}

static void expect_refused(struct slice text, const char *why)
{
	for (size_t piece = 1; piece <= 3; piece++) {
		struct err e;
		struct buf got;
		buf_init(&got);
		assert_int_equal(replies_of(text, piece * 7, &got, &e), -1);
		assert_int_equal(e.kind, ERR_WORLD);
		assert_non_null(strstr(e.text, why));
		buf_release(&got);
	}
}

static void test_what_is_no_smtp(void **state)
{
	(void)state;
	expect_refused(SLICE_LIT("* OK IMAP4rev1\r\n"), "no reply code");
	expect_refused(SLICE_LIT("\r\n"), "no reply code");
	expect_refused(SLICE_LIT("25\r\n"), "no reply code");
	expect_refused(SLICE_LIT("250x\r\n"), "no reply code");
	expect_refused(SLICE_LIT("199 no\r\n"), "no reply code");
	expect_refused(SLICE_LIT("600 no\r\n"), "no reply code");
	expect_refused(SLICE_LIT("250-a\r\n550 b\r\n"), "two codes");
	expect_refused(SLICE_LIT("SSH-2.0-OpenSSH\r\n"), "no reply code");
}

static void test_limits(void **state)
{
	struct buf b;
	(void)state;
	buf_init(&b);
	buf_adds(&b, "250 ");
	for (size_t i = 0; i < SMTP_LINE_MAX; i++)
		buf_addc(&b, 'x');
	expect_refused(buf_slice(&b), "a line without end"); /* before any line feed came */
	buf_clear(&b);
	for (size_t i = 0; i <= SMTP_LINES_MAX; i++)
		buf_adds(&b, "250-x\r\n");
	expect_refused(buf_slice(&b), "a reply without end");
	buf_release(&b);
}

static void parse_one(struct smtp_parser *p, const char *text)
{
	struct err e;
	struct slice bytes = slice_str(text);
	smtp_parser_init(p);
	assert_int_equal(smtp_parser_feed(p, &bytes, &e), 1);
	assert_int_equal(bytes.len, 0);
}

static void test_what_is_offered(void **state)
{
	struct smtp_parser p;
	(void)state;
	parse_one(&p, "250-PIPELINING.example\r\n250-8BITMIME\r\n250-pipelining\r\n250 SIZE 9\r\n");
	assert_true(smtp_reply_offers(&p.reply, "PIPELINING"));
	assert_true(smtp_reply_offers(&p.reply, "SIZE"));
	assert_false(smtp_reply_offers(&p.reply, "SIZ"));
	assert_false(smtp_reply_offers(&p.reply, "PIPELINING.example")); /* its name */
	smtp_parser_release(&p);
}

static void test_enhanced_status(void **state)
{
	static const struct {
		const char *text;
		bool has;
		unsigned status[3];
	} cases[] = {
		{ "550 5.1.10 x\r\n", true, { 5, 1, 10 } },
		{ "250 2.1.5 Ok\r\n", true, { 2, 1, 5 } },
		{ "550 5.1.1\r\n", true, { 5, 1, 1 } },
		{ "550 4.1.1 x\r\n", false, { 0 } },
		{ "550 5.1 x\r\n", false, { 0 } },
		{ "550 5.1.1.1 x\r\n", false, { 0 } },
		{ "550 5.1.9999 x\r\n", false, { 0 } },
		{ "550 no such\r\n", false, { 0 } },
		{ "550\r\n", false, { 0 } },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct smtp_parser p;
		unsigned status[3] = { 0 };
		parse_one(&p, cases[i].text);
		bool has = smtp_reply_status(&p.reply, status);
		if (has != cases[i].has)
			fail_msg("%s", cases[i].text);
		if (has)
			assert_memory_equal(status, cases[i].status, sizeof(status));
		smtp_parser_release(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_split_gives_the_same),
		cmocka_unit_test(test_what_is_no_smtp),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_what_is_offered),
		cmocka_unit_test(test_enhanced_status),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
