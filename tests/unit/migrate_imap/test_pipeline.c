#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "migrate/imap/pipeline.h"

static const struct imap_event plus = { .kind = IMAP_EV_CONTINUE };

static struct imap_event result(uint32_t tag, enum imap_cond cond)
{
	struct imap_event ev = { .kind = IMAP_EV_STATUS };
	ev.status.tag = tag;
	ev.status.cond = cond;
	return ev;
}

static void expect_pending(struct imap_pipeline *p, const char *wanted)
{
	struct slice s = imap_pending(p);
	assert_int_equal(s.len, strlen(wanted));
	assert_memory_equal(s.ptr, wanted, s.len);
	imap_sent(p, s.len);
}

static void test_many_in_flight(void **state)
{
	struct imap_pipeline *p = imap_pipeline_new();
	struct err e;
	(void)state;
	assert_int_equal(imap_command(p, "NOOP"), 1);
	assert_int_equal(imap_command(p, "CHECK"), 2);
	expect_pending(p, "A1 NOOP\r\nA2 CHECK\r\n");
	assert_int_equal(imap_in_flight(p), 2);
	struct imap_event two = result(2, IMAP_OK);
	assert_int_equal(imap_pipeline_event(p, &two, &e), 0);
	assert_int_equal(imap_in_flight(p), 1);
	/* Answered twice: the server and we do not agree any more. */
	assert_int_equal(imap_pipeline_event(p, &two, &e), -1);
	assert_int_equal(e.kind, ERR_RETRY);
	imap_pipeline_free(p);
}

static void test_quotes(void **state)
{
	struct imap_pipeline *p = imap_pipeline_new();
	(void)state;
	imap_begin(p);
	imap_add(p, "SELECT ");
	imap_add_astring(p, SLICE_LIT("a\"b\\c"));
	imap_end(p);
	expect_pending(p, "A1 SELECT \"a\\\"b\\\\c\"\r\n");
	imap_pipeline_free(p);
}

static void test_synchronising_literal_waits(void **state)
{
	struct imap_pipeline *p = imap_pipeline_new();
	struct err e;
	(void)state;
	imap_begin(p);
	imap_add(p, "SELECT ");
	imap_add_astring(p, SLICE_LIT("\xc3\xbc"));
	imap_end(p);
	imap_command(p, "NOOP");
	expect_pending(p, "A1 SELECT {2}\r\n");
	assert_true(imap_awaits_plus(p));
	expect_pending(p, "");
	assert_int_equal(imap_pipeline_event(p, &plus, &e), 0);
	expect_pending(p, "\xc3\xbc\r\nA2 NOOP\r\n");
	assert_int_equal(imap_pipeline_event(p, &plus, &e), -1);
	imap_pipeline_free(p);
}

static void test_refused_literal_is_dropped(void **state)
{
	struct imap_pipeline *p = imap_pipeline_new();
	struct err e;
	struct imap_event no = result(1, IMAP_NO);
	(void)state;
	imap_begin(p);
	imap_add(p, "SELECT ");
	imap_add_astring(p, SLICE_LIT("\xc3\xbc"));
	imap_end(p);
	imap_command(p, "NOOP");
	expect_pending(p, "A1 SELECT {2}\r\n");
	assert_int_equal(imap_pipeline_event(p, &no, &e), 0);
	expect_pending(p, "A2 NOOP\r\n");
	imap_pipeline_free(p);
}

/* As a lane does it: the body is added after the refusal came. */
static void test_refused_append_swallows_its_body(void **state)
{
	struct imap_pipeline *p = imap_pipeline_new();
	struct err e;
	struct imap_event no = result(1, IMAP_NO);
	(void)state;
	imap_begin(p);
	imap_add(p, "APPEND \"x\" ");
	imap_add_literal(p, 10);
	expect_pending(p, "A1 APPEND \"x\" {10}\r\n");
	assert_int_equal(imap_pipeline_event(p, &no, &e), 0);
	imap_add_slice(p, SLICE_LIT("0123456789"));
	imap_end(p);
	expect_pending(p, "");
	imap_command(p, "NOOP");
	expect_pending(p, "A2 NOOP\r\n");
	imap_pipeline_free(p);
}

static void append_head(enum imap_literals how, uint64_t len, const char *wanted)
{
	struct imap_pipeline *p = imap_pipeline_new();
	imap_pipeline_literals(p, how);
	imap_begin(p);
	imap_add_literal(p, len);
	expect_pending(p, wanted);
	imap_pipeline_free(p);
}

static void test_literal_kinds(void **state)
{
	(void)state;
	append_head(IMAP_LITERAL_SYNC, 5, "A1 {5}\r\n");
	append_head(IMAP_LITERAL_PLUS, 5000000000, "A1 {5000000000+}\r\n");
	append_head(IMAP_LITERAL_MINUS, 4096, "A1 {4096+}\r\n");
	append_head(IMAP_LITERAL_MINUS, 4097, "A1 {4097}\r\n");
}

/* Sent in small bites while more is added: nothing is lost or said twice. */
static void test_small_sends(void **state)
{
	struct imap_pipeline *p = imap_pipeline_new();
	struct buf got;
	struct buf wanted;
	(void)state;
	buf_init(&got);
	buf_init(&wanted);
	for (unsigned i = 1; i <= 1000; i++) {
		imap_command(p, "NOOP");
		buf_addf(&wanted, "A%u NOOP\r\n", i);
		struct slice s = imap_pending(p);
		size_t n = s.len < 7 ? s.len : 7;
		buf_add(&got, s.ptr, n);
		imap_sent(p, n);
	}
	struct slice s = imap_pending(p);
	buf_add(&got, s.ptr, s.len);
	imap_sent(p, s.len);
	assert_int_equal(imap_held(p), 0);
	assert_string_equal(got.at, wanted.at);
	buf_release(&got);
	buf_release(&wanted);
	imap_pipeline_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_in_flight),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_synchronising_literal_waits),
		cmocka_unit_test(test_refused_literal_is_dropped),
		cmocka_unit_test(test_refused_append_swallows_its_body),
		cmocka_unit_test(test_literal_kinds),
		cmocka_unit_test(test_small_sends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
