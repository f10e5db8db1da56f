/* The probe against a mail exchanger of a few lines, over a real connection. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdatomic.h>

#include <cmocka.h>

#include "io/dial.h"
#include "migrate/rcpt.h"
#include "tiny_imap.h"

/* What the server is like, and what it has seen. */
struct mx {
	bool accepts_all;
	bool mute;        /* cuts at the first RCPT */
	bool no_probes;   /* nobody is asked about */
	size_t cut_after; /* RCPTs a connection; 0: never */
	size_t rcpts;     /* of this connection */
	size_t connections;
	const char *long_reply;  /* to the RCPT of ann; NULL: an ordinary one */
	const char *to_random;   /* to the control address; NULL: as to any other */
	struct slow_clock *slow; /* NULL: each MAIL and RCPT is answered at once */
};

enum { TIMEOUT_MS = 60000, NEARLY_MS = TIMEOUT_MS / 10 * 9 };

/* Each look at it takes a while, and so does a server that says so. The waits themselves are
 * real, and as long as the answers need: nothing here depends on how fast this machine is. */
struct slow_clock {
	struct clock clock;
	atomic_llong at_ms;
	long long look_ms;
};

static int64_t slow_now(void *ctx)
{
	struct slow_clock *c = ctx;
	return (int64_t)atomic_fetch_add(&c->at_ms, c->look_ms);
}

static void slow_clock_init(struct slow_clock *c, long long look_ms)
{
	*c = (struct slow_clock){ .look_ms = look_ms };
	c->clock = (struct clock){ .now_ms = slow_now, .mono_ms = slow_now, .ctx = c };
	atomic_store(&c->at_ms, 1000000);
}

static const char *answer_of_mx(void *ctx, const char *line)
{
	struct mx *mx = ctx;
	if (str_starts(line, "MAIL")) {
		mx->rcpts = 0;
		mx->connections++;
	}
	if (mx->slow != NULL && (str_starts(line, "MAIL") || str_starts(line, "RCPT")))
		atomic_fetch_add(&mx->slow->at_ms, NEARLY_MS);
	if (!str_starts(line, "RCPT"))
		return "250 2.0.0 Ok";
	if (mx->mute)
		return NULL;
	if (mx->cut_after != 0 && mx->rcpts++ == mx->cut_after)
		return NULL;
	if (str_starts(line, "RCPT TO:<no-such-user-") && mx->to_random != NULL)
		return mx->to_random;
	if (str_starts(line, "RCPT TO:<ann@") && mx->long_reply != NULL)
		return mx->long_reply;
	if (str_starts(line, "RCPT TO:<ann@") || mx->accepts_all)
		return "250 2.1.5 Ok";
	return str_starts(line, "RCPT TO:<grey@") ? "450 4.2.0 later" : "550 5.1.1 unknown user";
}

struct asked {
	struct rcpt_probe probes[3];
	struct rcpt_report report;
	struct arena *a;
	struct err e;
	int rc;
	char *heard; /* owned */
};

static void ask_by(const struct clock *clock, struct tiny_opts *server, struct mx *mx,
		   struct asked *r)
{
	struct seeded_rng rng;
	*r = (struct asked){ .probes = { { .address = "ann@example.com" },
					 { .address = "grey@example.com" },
					 { .address = "nobody@example.com" } },
			     .a = arena_new() };
	server->smtp = true;
	server->smtp_answer = answer_of_mx;
	server->ctx = mx;
	seeded_rng_init(&rng, 7);
	struct tiny *t = tiny_start(server);
	const struct rcpt_opts opts = { .host = "mx.example.com",
					.connect_to = "127.0.0.1",
					.port = tiny_port(t),
					.mail_from = "",
					.helo = "cutover.example.net",
					.ca_file = tiny_ca_file(t),
					.timeout_ms = TIMEOUT_MS,
					.clock = clock,
					.rng = &rng.rng };
	r->rc = rcpt_probe(r->a, &opts, r->probes, mx->no_probes ? 0 : 3, &r->report, &r->e);
	tiny_stop(t, &r->heard);
	assert_null(strstr(r->heard, "DATA"));
	assert_null(strstr(r->heard, "BDAT"));
}

static void ask(struct tiny_opts *server, struct mx *mx, struct asked *r)
{
	ask_by(clock_system(), server, mx, r);
}

static void release(struct asked *r)
{
	arena_free(r->a);
	free(r->heard);
}

static void expect_usual_verdicts(const struct asked *r)
{
	if (r->rc != 0)
		fail_msg("%s", r->e.text);
	assert_int_equal(r->probes[0].verdict, RCPT_ACCEPTED);
	assert_string_equal(r->probes[0].reply, "250 2.1.5 Ok");
	assert_int_equal(r->probes[1].verdict, RCPT_INCONCLUSIVE);
	assert_string_equal(r->probes[1].reply, "450 4.2.0 later");
	assert_int_equal(r->probes[2].verdict, RCPT_REJECTED);
	assert_string_equal(r->probes[2].reply, "550 5.1.1 unknown user");
	assert_true(r->report.connected);
	assert_string_equal(r->report.banner, "220 tiny ESMTP");
	assert_true(r->report.at_ms > 0);
}

static void test_over_verified_tls(void **state)
{
	struct mx mx = { 0 };
	struct asked r;
	struct tiny_opts server = { .cert_host = "mx.example.com", .capability = "STARTTLS" };
	(void)state;
	ask(&server, &mx, &r);
	expect_usual_verdicts(&r);
	assert_true(r.report.tls);
	assert_true(r.report.tls_verified);
	assert_false(r.report.accepts_random);
	assert_true(r.report.rejects_random);
	assert_string_equal(r.report.control_reply, "550 5.1.1 unknown user");
	assert_true(str_starts(r.report.control, "no-such-user-"));
	assert_true(str_ends(r.report.control, "@example.com"));
	assert_int_equal(mx.connections, 1);
	/* In one piece, the control address first. */
	assert_non_null(strstr(r.heard, arena_printf(r.a,
						     "MAIL FROM:<>\nRCPT TO:<%s>\n"
						     "RCPT TO:<ann@example.com>\n",
						     r.report.control)));
	release(&r);
}

static void test_without_tls(void **state)
{
	struct mx mx = { 0 };
	struct asked r;
	struct tiny_opts server = { .capability = "SIZE 1000" };
	(void)state;
	ask(&server, &mx, &r);
	expect_usual_verdicts(&r);
	assert_false(r.report.tls);
	assert_false(r.report.tls_verified);
	release(&r);
}

/* A mail exchanger with a certificate that nobody can verify is asked all the same. */
static void test_with_a_certificate_of_another_name(void **state)
{
	struct mx mx = { 0 };
	struct asked r;
	struct tiny_opts server = { .cert_host = "other.example", .capability = "STARTTLS" };
	(void)state;
	ask(&server, &mx, &r);
	expect_usual_verdicts(&r);
	assert_true(r.report.tls);
	assert_false(r.report.tls_verified);
	release(&r);
}

static void test_a_server_that_takes_everybody(void **state)
{
	struct mx mx = { .accepts_all = true };
	struct asked r;
	struct tiny_opts server = { .capability = "PIPELINING" };
	(void)state;
	ask(&server, &mx, &r);
	assert_int_equal(r.rc, 0);
	assert_true(r.report.accepts_random);
	assert_false(r.report.rejects_random);
	assert_int_equal(r.probes[2].verdict, RCPT_ACCEPTED);
	release(&r);
}

/* The second host of an MX set: whether it answers counts, and nobody is asked about there. */
static void test_a_host_that_nobody_is_asked_about_is_reached_all_the_same(void **state)
{
	struct mx mx = { .no_probes = true };
	struct asked r;
	struct tiny_opts server = { .cert_host = "mx.example.com", .capability = "STARTTLS" };
	(void)state;
	ask(&server, &mx, &r);
	if (r.rc != 0)
		fail_msg("%s", r.e.text);
	assert_true(r.report.connected);
	assert_true(r.report.tls);
	assert_true(r.report.tls_verified);
	assert_string_equal(r.report.banner, "220 tiny ESMTP");
	assert_null(strstr(r.heard, "RCPT"));
	assert_false(r.report.rejects_random);
	release(&r);
}

/* A greylisting server says "not yet" to a new address whatever it thinks of it. */
static void test_not_yet_is_no_refusal_of_the_random_address(void **state)
{
	struct mx mx = { .to_random = "451 4.7.1 greylisted, come back later" };
	struct asked r;
	struct tiny_opts server = { .capability = "SIZE 1" };
	(void)state;
	ask(&server, &mx, &r);
	assert_false(r.report.accepts_random);
	assert_false(r.report.rejects_random);
	release(&r);
	mx.to_random = "450 4.1.1 <x>: unverified address: unknown user";
	ask(&server, &mx, &r);
	assert_true(r.report.rejects_random);
	release(&r);
}

static void test_the_rest_is_asked_over_a_new_connection(void **state)
{
	struct mx mx = { .cut_after = 2 };
	struct asked r;
	struct tiny_opts server = { .capability = "SIZE 1" };
	(void)state;
	ask(&server, &mx, &r);
	expect_usual_verdicts(&r);
	assert_int_equal(mx.connections, 2);
	release(&r);
}

static void test_one_answer_a_connection_is_progress(void **state)
{
	struct mx mx = { .cut_after = 1 };
	struct asked r;
	struct tiny_opts server = { .capability = "SIZE 1" };
	(void)state;
	ask(&server, &mx, &r);
	expect_usual_verdicts(&r);
	assert_int_equal(mx.connections, 4);
	release(&r);
}

static void test_a_connection_that_brings_nothing_is_the_last(void **state)
{
	struct mx mx = { .mute = true };
	struct asked r;
	struct tiny_opts server = { .capability = "SIZE 1" };
	(void)state;
	ask(&server, &mx, &r);
	assert_int_equal(r.rc, 0);
	assert_int_equal(mx.connections, 1);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(r.probes[i].verdict, RCPT_INCONCLUSIVE);
		assert_string_equal(r.probes[i].reply,
				    "no answer: the server closed the connection");
	}
	release(&r);
}

/* A reply that is within all limits and is read in a hundred pieces, each of which takes its time:
 * that the server is never silent does not help it. */
static void test_a_reply_that_drips_is_given_up(void **state)
{
	enum { LINES = 190, LINE_LEN = 2000 };
	struct mx mx = { 0 };
	struct asked r;
	struct slow_clock slow;
	struct tiny_opts server = { .capability = "SIZE 1" };
	struct buf drip;
	(void)state;
	slow_clock_init(&slow, 1000);
	buf_init(&drip);
	for (size_t i = 0; i < LINES; i++)
		buf_addf(&drip, "250-%0*d\r\n", LINE_LEN, 0);
	buf_adds(&drip, "250 2.1.5 Ok");
	mx.long_reply = drip.at;
	ask_by(&slow.clock, &server, &mx, &r);
	assert_int_equal(r.rc, 0);
	assert_string_equal(r.report.control_reply, "550 5.1.1 unknown user");
	assert_int_equal(r.probes[0].verdict, RCPT_INCONCLUSIVE);
	assert_non_null(strstr(r.probes[0].reply, "no whole answer within 60 s"));
	/* Another connection was tried, for the first one brought an answer. */
	assert_int_equal(mx.connections, 2);
	buf_release(&drip);
	release(&r);
}

/* Each reply comes just in time, and each connection brings an answer: that has an end too. */
static void test_a_dialogue_that_drags_on_is_given_up(void **state)
{
	struct slow_clock slow;
	struct mx mx = { .cut_after = 1, .slow = &slow };
	struct asked r;
	struct tiny_opts server = { .capability = "SIZE 1" };
	(void)state;
	slow_clock_init(&slow, 0);
	ask_by(&slow.clock, &server, &mx, &r);
	assert_int_equal(r.rc, 0);
	assert_string_equal(r.report.control_reply, "550 5.1.1 unknown user");
	assert_int_equal(r.probes[2].verdict, RCPT_INCONCLUSIVE);
	assert_non_null(strstr(r.probes[2].reply, "its answers took more than 264 s together"));
	assert_int_equal(mx.connections, 2);
	release(&r);
}

static void test_a_server_that_refuses_us(void **state)
{
	struct mx mx = { 0 };
	struct asked r;
	struct tiny_opts server = { .greeting = "554 5.7.1 not from your network" };
	(void)state;
	ask(&server, &mx, &r);
	assert_int_equal(r.rc, -1);
	assert_int_equal(r.e.kind, ERR_WORLD);
	assert_non_null(strstr(r.e.text, "not from your network"));
	assert_non_null(strstr(r.e.text, "mx.example.com"));
	assert_true(r.report.connected);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(r.probes[i].verdict, RCPT_INCONCLUSIVE);
	assert_false(r.report.accepts_random);
	assert_string_equal(r.report.control_reply, "not asked");
	release(&r);
}

static int init(void **state)
{
	(void)state;
	dial_global_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_over_verified_tls),
		cmocka_unit_test(test_without_tls),
		cmocka_unit_test(test_with_a_certificate_of_another_name),
		cmocka_unit_test(test_a_server_that_takes_everybody),
		cmocka_unit_test(test_a_host_that_nobody_is_asked_about_is_reached_all_the_same),
		cmocka_unit_test(test_not_yet_is_no_refusal_of_the_random_address),
		cmocka_unit_test(test_the_rest_is_asked_over_a_new_connection),
		cmocka_unit_test(test_one_answer_a_connection_is_progress),
		cmocka_unit_test(test_a_connection_that_brings_nothing_is_the_last),
		cmocka_unit_test(test_a_reply_that_drips_is_given_up),
		cmocka_unit_test(test_a_dialogue_that_drags_on_is_given_up),
		cmocka_unit_test(test_a_server_that_refuses_us),
	};
	return cmocka_run_group_tests(tests, init, NULL);
}
