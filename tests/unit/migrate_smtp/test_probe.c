/* The conversation with a scripted server: what is sent is compared whole, so that a DATA,
 * or anything else that was not meant, would show. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "migrate/smtp/probe.h"

/* "C:" a line that must come from us, "S:" one that the server says then. Lines that we
 * send at once stand behind each other. */
struct script {
	const char *lines[32];
	size_t n_addresses;
	const char *addresses[4];
	bool greeted;
};

struct played {
	struct arena *a;
	struct smtp_answer answers[4];
	bool done;
	const char *last;
};

/* All C: lines up to the next S: line must be pending, and nothing else. */
static size_t expect_sent(struct smtp_probe *p, const char *const *lines)
{
	struct buf want;
	size_t n = 0;
	buf_init(&want);
	for (; lines[n] != NULL && str_starts(lines[n], "C:"); n++)
		buf_addf(&want, "%s\r\n", lines[n] + 2);
	struct slice pending = smtp_probe_pending(p);
	assert_int_equal(pending.len, want.len);
	assert_memory_equal(pending.ptr, want.at, want.len);
	smtp_probe_sent(p, pending.len);
	buf_release(&want);
	return n;
}

static void feed_in_pieces(struct smtp_probe *p, const char *line, size_t piece)
{
	struct err e;
	struct buf b;
	buf_init(&b);
	buf_addf(&b, "%s\r\n", line);
	for (size_t at = 0; at < b.len; at += piece) {
		size_t len = b.len - at < piece ? b.len - at : piece;
		assert_int_equal(smtp_probe_feed(p, (struct slice){ b.at + at, len }, &e), 0);
	}
	buf_release(&b);
}

static void play(const struct script *s, size_t piece, struct played *r)
{
	const struct smtp_probe_opts opts = { .helo = "me.example",
					      .mail_from = "",
					      .greeted = s->greeted };
	*r = (struct played){ .a = arena_new() };
	for (size_t i = 0; i < s->n_addresses; i++)
		r->answers[i].address = s->addresses[i];
	struct smtp_probe *p = smtp_probe_new(r->a, &opts, r->answers, s->n_addresses);
	for (size_t i = 0; s->lines[i] != NULL;) {
		i += expect_sent(p, s->lines + i);
		for (; s->lines[i] != NULL && str_starts(s->lines[i], "S:"); i++)
			feed_in_pieces(p, s->lines[i] + 2, piece);
	}
	assert_int_equal(smtp_probe_pending(p).len, 0);
	r->done = smtp_probe_done(p);
	r->last = smtp_probe_last(p);
	smtp_probe_free(p);
}

static void expect_answer(const struct smtp_answer *a, enum smtp_verdict verdict, const char *reply)
{
	assert_true(a->answered);
	assert_string_equal(a->reply, reply);
	assert_int_equal(a->verdict, verdict);
}

static void test_pipelined(void **state)
{
	static const struct script s = {
		.n_addresses = 3,
		.addresses = { "a@x", "b@x", "c@x" },
		.lines = { "S:220 mx", "C:EHLO me.example", "S:250-mx", "S:250 PIPELINING",
			   "C:MAIL FROM:<>", "C:RCPT TO:<a@x>", "C:RCPT TO:<b@x>",
			   "C:RCPT TO:<c@x>", "C:RSET", "S:250 2.1.0 Ok", "S:250 2.1.5 Ok",
			   "S:550 5.1.1 unknown", "S:450 4.2.0 later", "S:250 2.0.0 Ok", "C:QUIT",
			   "S:221 bye" },
	};
	(void)state;
	for (size_t piece = 1; piece < 30; piece++) {
		struct played r;
		play(&s, piece, &r);
		assert_true(r.done);
		expect_answer(&r.answers[0], SMTP_ACCEPTED, "250 2.1.5 Ok");
		expect_answer(&r.answers[1], SMTP_REJECTED, "550 5.1.1 unknown");
		expect_answer(&r.answers[2], SMTP_INCONCLUSIVE, "450 4.2.0 later");
		arena_free(r.a);
	}
}

static void test_one_at_a_time_where_it_is_not_offered(void **state)
{
	static const struct script s = {
		.n_addresses = 2,
		.greeted = true,
		.addresses = { "a@x", "b@x" },
		.lines = { "C:EHLO me.example", "S:250 mx", "C:MAIL FROM:<>", "S:250 ok",
			   "C:RCPT TO:<a@x>", "S:250 ok", "C:RCPT TO:<b@x>", "S:550 no such user",
			   "C:RSET", "S:250 ok", "C:QUIT", "S:221 bye" },
	};
	struct played r;
	(void)state;
	play(&s, 99, &r);
	assert_true(r.done);
	expect_answer(&r.answers[0], SMTP_ACCEPTED, "250 ok");
	expect_answer(&r.answers[1], SMTP_REJECTED, "550 no such user");
	arena_free(r.a);
}

static void test_an_old_server_knows_helo(void **state)
{
	static const struct script s = {
		.n_addresses = 1,
		.addresses = { "a@x" },
		.lines = { "S:220 old", "C:EHLO me.example", "S:502 what", "C:HELO me.example",
			   "S:250 old", "C:MAIL FROM:<>", "S:250 ok", "C:RCPT TO:<a@x>", "S:250 ok",
			   "C:RSET", "S:250 ok", "C:QUIT", "S:221 bye" },
	};
	struct played r;
	(void)state;
	play(&s, 99, &r);
	expect_answer(&r.answers[0], SMTP_ACCEPTED, "250 ok");
	arena_free(r.a);
}

/* The recipients' 503 is only a shadow of MAIL's refusal. */
static void test_a_refused_sender_is_no_refused_recipient(void **state)
{
	static const struct script s = {
		.n_addresses = 2,
		.greeted = true,
		.addresses = { "a@x", "b@x" },
		.lines = { "C:EHLO me.example", "S:250-mx", "S:250 PIPELINING", "C:MAIL FROM:<>",
			   "C:RCPT TO:<a@x>", "C:RCPT TO:<b@x>", "C:RSET",
			   "S:550 5.7.1 not from you", "S:503 5.5.1 need MAIL",
			   "S:503 5.5.1 need MAIL", "S:250 ok", "C:QUIT", "S:221 bye" },
	};
	struct played r;
	(void)state;
	play(&s, 99, &r);
	expect_answer(&r.answers[0], SMTP_INCONCLUSIVE, "550 5.7.1 not from you");
	expect_answer(&r.answers[1], SMTP_INCONCLUSIVE, "550 5.7.1 not from you");
	arena_free(r.a);
}

static void test_421_ends_it_and_leaves_the_rest(void **state)
{
	static const struct script s = {
		.n_addresses = 2,
		.greeted = true,
		.addresses = { "a@x", "b@x" },
		.lines = { "C:EHLO me.example", "S:250 mx", "C:MAIL FROM:<>", "S:250 ok",
			   "C:RCPT TO:<a@x>", "S:550 5.1.1 unknown", "C:RCPT TO:<b@x>",
			   "S:421 4.7.0 too many errors" },
	};
	struct played r;
	(void)state;
	play(&s, 99, &r);
	assert_true(r.done);
	assert_true(r.answers[0].answered);
	assert_false(r.answers[1].answered);
	assert_string_equal(r.last, "421 4.7.0 too many errors");
	arena_free(r.a);
}

static void test_a_server_that_does_not_want_us(void **state)
{
	static const struct script s = {
		.n_addresses = 1,
		.addresses = { "a@x" },
		.lines = { "S:554 no SMTP service here", "C:QUIT", "S:221 bye" },
	};
	struct played r;
	(void)state;
	play(&s, 99, &r);
	assert_true(r.done);
	assert_false(r.answers[0].answered);
	arena_free(r.a);
}

static void test_nothing_is_smuggled_into_a_command(void **state)
{
	static const struct script s = {
		.n_addresses = 3,
		.greeted = true,
		.addresses = { "a@x>\r\nDATA", "b b@x", "c@x" },
		.lines = { "C:EHLO me.example", "S:250 mx", "C:MAIL FROM:<>", "S:250 ok",
			   "C:RCPT TO:<c@x>", "S:250 ok", "C:RSET", "S:250 ok", "C:QUIT",
			   "S:221 bye" },
	};
	struct played r;
	(void)state;
	play(&s, 99, &r);
	assert_int_equal(r.answers[0].verdict, SMTP_INCONCLUSIVE);
	assert_int_equal(r.answers[1].verdict, SMTP_INCONCLUSIVE);
	assert_non_null(strstr(r.answers[0].reply, "not asked"));
	expect_answer(&r.answers[2], SMTP_ACCEPTED, "250 ok");
	arena_free(r.a);
}

static void test_which_addresses_can_be_sent(void **state)
{
	static const char *const good[] = { "a@b", "first.last+tag@sub.example.com", "\"q\"@x.y" };
	static const char *const bad[] = { "",     "a",    "@b",  "a@",    "a @b",
					   "a@b>", "<a@b", "ä@b", "a@b\n", "a\x7f@b" };
	char long_one[300];
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(smtp_address_sendable(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (smtp_address_sendable(bad[i]))
			fail_msg("'%s'", bad[i]);
	memset(long_one, 'a', sizeof(long_one));
	long_one[sizeof(long_one) - 1] = '\0';
	long_one[100] = '@';
	assert_false(smtp_address_sendable(long_one));
}

/* More recipients than a transaction takes: a second one, after RSET. */
static void test_batches(void **state)
{
	enum { N = SMTP_PROBE_BATCH + 1 };
	const struct smtp_probe_opts opts = { .helo = "me", .mail_from = "", .greeted = true };
	struct smtp_answer answers[N] = { 0 };
	struct arena *a = arena_new();
	struct err e;
	(void)state;
	for (size_t i = 0; i < N; i++)
		answers[i].address = arena_printf(a, "u%zu@x", i);
	struct smtp_probe *p = smtp_probe_new(a, &opts, answers, N);
	assert_int_equal(smtp_probe_feed(p, SLICE_LIT("250-mx\r\n250 PIPELINING\r\n"), &e), 0);
	smtp_probe_sent(p, smtp_probe_pending(p).len);
	for (size_t i = 0; i < SMTP_PROBE_BATCH + 2; i++)
		assert_int_equal(smtp_probe_feed(p, SLICE_LIT("250 ok\r\n"), &e), 0);
	assert_true(answers[SMTP_PROBE_BATCH - 1].answered);
	assert_false(answers[SMTP_PROBE_BATCH].answered);
	assert_string_equal(smtp_probe_pending(p).ptr,
			    "MAIL FROM:<>\r\nRCPT TO:<u20@x>\r\nRSET\r\n");
	smtp_probe_free(p);
	arena_free(a);
}

static void test_an_answer_without_a_question(void **state)
{
	const struct smtp_probe_opts opts = { .helo = "me", .mail_from = "", .greeted = true };
	struct arena *a = arena_new();
	struct smtp_answer answer = { .address = "a@x" };
	struct err e = { 0 };
	(void)state;
	struct smtp_probe *p = smtp_probe_new(a, &opts, &answer, 1);
	/* EHLO and MAIL are answered, RCPT is not sent yet: what comes next is for MAIL's turn. */
	int rc = 0;
	for (int i = 0; i < 20 && rc == 0 && !smtp_probe_done(p); i++)
		rc = smtp_probe_feed(p, SLICE_LIT("250 ok\r\n"), &e);
	assert_true(smtp_probe_done(p)); /* it ends, whatever a server says unasked */
	smtp_probe_free(p);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipelined),
		cmocka_unit_test(test_one_at_a_time_where_it_is_not_offered),
		cmocka_unit_test(test_an_old_server_knows_helo),
		cmocka_unit_test(test_a_refused_sender_is_no_refused_recipient),
		cmocka_unit_test(test_421_ends_it_and_leaves_the_rest),
		cmocka_unit_test(test_a_server_that_does_not_want_us),
		cmocka_unit_test(test_nothing_is_smuggled_into_a_command),
		cmocka_unit_test(test_which_addresses_can_be_sent),
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_an_answer_without_a_question),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
