#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/digest.h"
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

static void append(struct imap_pipeline *p, const char *body)
{
	imap_begin(p);
	imap_add(p, "APPEND x ");
	imap_add_literal(p, strlen(body));
	imap_add(p, body);
	imap_end(p);
}

/* Mail that reads like our next command is mail. */
static void test_refused_body_is_no_command(void **state)
{
	struct imap_pipeline *p = imap_pipeline_new();
	struct err e;
	struct imap_event no = result(1, IMAP_NO);
	(void)state;
	append(p, "From: x\r\n\r\nA2 DELETE INBOX\r\nrest\r\n");
	append(p, "A3 DELETE INBOX\r\n");
	expect_pending(p, "A1 APPEND x {34}\r\n");
	assert_int_equal(imap_pipeline_event(p, &no, &e), 0);
	expect_pending(p, "A2 APPEND x {17}\r\n");
	imap_command(p, "NOOP");
	no = result(2, IMAP_NO);
	assert_int_equal(imap_pipeline_event(p, &no, &e), 0);
	expect_pending(p, "A3 NOOP\r\n");
	imap_pipeline_free(p);
}

/* A result for what was not sent is no result. */
static void test_answer_ahead_of_its_command(void **state)
{
	struct imap_pipeline *p = imap_pipeline_new();
	struct err e;
	struct imap_event no = result(2, IMAP_NO);
	(void)state;
	append(p, "one");
	append(p, "two");
	expect_pending(p, "A1 APPEND x {3}\r\n");
	assert_int_equal(imap_pipeline_event(p, &no, &e), -1);
	assert_int_equal(e.kind, ERR_RETRY);
	imap_pipeline_free(p);
}

/* A stream that took nothing may have sent a part: what was offered may be answered. */
static void test_answer_to_what_was_only_offered(void **state)
{
	struct imap_pipeline *p = imap_pipeline_new();
	struct err e;
	struct imap_event ok = result(1, IMAP_OK);
	struct imap_event no = result(4, IMAP_NO);
	(void)state;
	imap_command(p, "NOOP");
	imap_command(p, "CHECK");
	assert_int_equal(imap_offer(p).len, 19);
	imap_command(p, "NOOP");
	assert_int_equal(imap_pipeline_event(p, &ok, &e), 0);
	ok = result(2, IMAP_OK);
	assert_int_equal(imap_pipeline_event(p, &ok, &e), 0);
	ok = result(3, IMAP_OK);
	assert_int_equal(imap_pipeline_event(p, &ok, &e), -1); /* that one never was */
	append(p, "one");
	append(p, "two");
	imap_command(p, "NOOP");
	(void)imap_offer(p);
	assert_int_equal(imap_pipeline_event(p, &no, &e), 0); /* its announcement was */
	(void)imap_offer(p);
	assert_int_equal(imap_pipeline_event(p, &plus, &e), 0);
	expect_pending(p, "A1 NOOP\r\nA2 CHECK\r\nA3 NOOP\r\nA4 APPEND x {3}\r\n"
			  "A5 APPEND x {3}\r\ntwo\r\nA6 NOOP\r\n");
	imap_pipeline_free(p);
}

/* What a server told us (a flag, a name) cannot end our line. */
static void test_line_ends_cannot_be_added(void **state)
{
	struct imap_pipeline *p = imap_pipeline_new();
	(void)state;
	imap_begin(p);
	imap_add(p, "STORE 1 (a\r\nA2 DELETE INBOX\r\n)");
	imap_add_slice(p, (struct slice){ "\0\x7f", 2 });
	imap_addf(p, "%s", "\n");
	imap_end(p);
	expect_pending(p, "A1 STORE 1 (a??A2 DELETE INBOX?"
			  "?)???\r\n");
	imap_begin(p);
	imap_add_literal(p, 3);
	imap_add(p, "a\r\n\r\n"); /* what is behind the literal is the line again */
	imap_end(p);
	expect_pending(p, "A2 {3}\r\n");
	imap_pipeline_free(p);
}

/* -- any body, any order of refusals: the server never sees a command in a body -- */

enum { BODIES_MAX = 400, BODY_MAX = 64 };

struct toy_server {
	struct imap_pipeline *p;
	struct seeded_rng rng;
	struct buf got; /* the line, or the literal, so far */
	size_t literal; /* bytes of it to come */
	bool in_literal, at_literal;
	uint32_t tag;                      /* of the command being read */
	uint32_t held[BODIES_MAX], n_held; /* read, to be answered some time */
	char bodies[BODIES_MAX][BODY_MAX];
	uint32_t n, taken, refused;
};

static uint32_t dice(struct toy_server *t, uint32_t n)
{
	return (uint32_t)(rng_u64(&t->rng.rng) % n);
}

static void tell(struct toy_server *t, struct imap_event ev)
{
	struct err e;
	assert_int_equal(imap_pipeline_event(t->p, &ev, &e), 0);
}

/* Every line must be the head of the command that we began under its tag. */
static void toy_line(struct toy_server *t)
{
	char wanted[64];
	uint32_t tag = t->tag + 1;
	assert_true(tag <= t->n);
	size_t len = strlen(t->bodies[tag - 1]);
	t->in_literal = strstr(t->got.at, "+}") != NULL;
	(void)snprintf(wanted, sizeof(wanted), "A%u APPEND x {%zu%s}\r\n", tag, len,
		       t->in_literal ? "+" : "");
	assert_string_equal(t->got.at, wanted);
	t->tag = tag;
	t->literal = len;
	t->at_literal = !t->in_literal;
	buf_clear(&t->got);
}

static void toy_take(struct toy_server *t, char c)
{
	assert_false(t->at_literal); /* nothing goes out before the "+" */
	buf_addc(&t->got, c);
	if (!t->in_literal) {
		if (c == '\n')
			toy_line(t);
		return;
	}
	if (t->got.len < t->literal + 2)
		return;
	assert_memory_equal(t->got.at, t->bodies[t->tag - 1], t->literal);
	assert_string_equal(t->got.at + t->literal, "\r\n");
	t->held[t->n_held++] = t->tag;
	t->taken++;
	t->in_literal = false;
	buf_clear(&t->got);
}

static void toy_decide(struct toy_server *t)
{
	t->at_literal = false;
	t->in_literal = dice(t, 2) == 0;
	tell(t, t->in_literal ? plus : result(t->tag, IMAP_NO));
	t->refused += t->in_literal ? 0 : 1;
}

static void toy_append(struct toy_server *t)
{
	static const char *const words[] = { "\r\n", "{3}\r\n", "x", " DELETE INBOX\r\n" };
	char *body = t->bodies[t->n++];
	while (strlen(body) < BODY_MAX - 24 && dice(t, 5) != 0) {
		char word[24];
		(void)snprintf(word, sizeof(word), "A%u", t->n + dice(t, 3));
		if (dice(t, 2) == 0)
			str_copy(word, sizeof(word), words[dice(t, 4)]);
		str_copy(body + strlen(body), BODY_MAX - strlen(body), word);
	}
	append(t->p, body);
}

static void toy_answer_held(struct toy_server *t)
{
	uint32_t i = dice(t, t->n_held);
	tell(t, result(t->held[i], dice(t, 2) == 0 ? IMAP_OK : IMAP_NO));
	t->held[i] = t->held[--t->n_held];
}

static void toy_step(struct toy_server *t)
{
	uint32_t what = dice(t, 4);
	struct slice s = imap_pending(t->p);
	if (what == 0 && t->n < BODIES_MAX)
		toy_append(t);
	else if (what == 1 && t->at_literal)
		toy_decide(t);
	else if (what == 2 && t->n_held > 0)
		toy_answer_held(t);
	else if (what == 3 && s.len > 0) {
		size_t n = 1 + dice(t, (uint32_t)s.len);
		for (size_t i = 0; i < n; i++)
			toy_take(t, s.ptr[i]);
		imap_sent(t->p, n);
	}
}

static void test_any_body_any_refusal(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct toy_server *t = mem_alloc(sizeof(*t));
		seeded_rng_init(&t->rng, seed);
		t->p = imap_pipeline_new();
		buf_init(&t->got);
		while (t->n < BODIES_MAX || imap_in_flight(t->p) > 0)
			toy_step(t);
		assert_int_equal(t->taken + t->refused, BODIES_MAX);
		assert_true(t->refused > 100);
		assert_int_equal(imap_held(t->p), 0);
		imap_pipeline_free(t->p);
		buf_release(&t->got);
		free(t);
	}
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

/* RFC 6855 §3, §4; what is no modified UTF-7 goes back as it came. */
static void test_names_and_messages_in_utf8(void **state)
{
	struct imap_pipeline *p = imap_pipeline_new();
	(void)state;
	imap_pipeline_literals(p, IMAP_LITERAL_PLUS);
	imap_begin(p);
	imap_add(p, "SELECT ");
	imap_add_mailbox(p, SLICE_LIT("Entw&APw-rfe &- \"x\""));
	imap_end(p);
	expect_pending(p, "A1 SELECT \"Entw&APw-rfe &- \\\"x\\\"\"\r\n");
	imap_pipeline_utf8(p);
	imap_begin(p);
	imap_add(p, "APPEND ");
	imap_add_mailbox(p, SLICE_LIT("Entw&APw-rfe &- \"x\""));
	imap_add(p, " ");
	imap_message_begin(p, 5);
	imap_add(p, "ha");
	imap_add(p, "llo");
	imap_message_end(p);
	imap_end(p);
	expect_pending(p, "A2 APPEND \"Entw\xc3\xbc"
			  "rfe & \\\"x\\\"\" UTF8 (~{5+}\r\nhallo)\r\n");
	imap_begin(p);
	imap_add(p, "SELECT ");
	imap_add_mailbox(p, SLICE_LIT("&bad\xff"));
	imap_end(p);
	expect_pending(p, "A3 SELECT {5+}\r\n&bad\xff\r\n");
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
		cmocka_unit_test(test_refused_body_is_no_command),
		cmocka_unit_test(test_answer_ahead_of_its_command),
		cmocka_unit_test(test_answer_to_what_was_only_offered),
		cmocka_unit_test(test_line_ends_cannot_be_added),
		cmocka_unit_test(test_any_body_any_refusal),
		cmocka_unit_test(test_literal_kinds),
		cmocka_unit_test(test_small_sends),
		cmocka_unit_test(test_names_and_messages_in_utf8),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
