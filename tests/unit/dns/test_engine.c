#include <unistd.h>

#include "engine_world.h"
#include "zone/dname.h"

/* One A question to a server of that kind. The answer dies with the world: what is of
 * interest is checked here. */
static struct dns_reply ask_one(enum responder_script script, int timeout_ms)
{
	struct world w;
	world_init(&w, script, timeout_ms, -1);
	struct dns_ask ask = { .address = responder_address(w.server),
			       .question = { "www.x.net.", RR_A } };
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_true((ask.reply.outcome == DNS_ANSWERED) == (ask.reply.answer != NULL));
	if (ask.reply.answer != NULL && ask.reply.answer->rcode == 0)
		assert_string_equal(ask.reply.answer->answer[0]->rdata[0], "10.0.0.1");
	assert_true(ask.reply.at_ms > 0);
	world_release(&w);
	ask.reply.answer = NULL;
	return ask.reply;
}

static void a_plain_answer(void **state)
{
	(void)state;
	struct dns_reply r = ask_one(ANSWERS, PATIENT_MS);
	assert_int_equal(r.outcome, DNS_ANSWERED);
	assert_false(r.over_tcp || r.without_edns);
	assert_int_equal(r.ignored, 0);
}

static void one_lost_datagram_is_not_silence(void **state)
{
	(void)state;
	struct dns_reply r = ask_one(DROPS_FIRST, SLOW_MS);
	assert_int_equal(r.outcome, DNS_ANSWERED);
	assert_false(r.without_edns);
}

static void truncation_is_asked_again_over_tcp(void **state)
{
	(void)state;
	struct dns_reply r = ask_one(TRUNCATES, PATIENT_MS);
	assert_int_equal(r.outcome, DNS_ANSWERED);
	assert_true(r.over_tcp);
	r = ask_one(TRUNCATES_ONLY, PATIENT_MS);
	assert_int_equal(r.outcome, DNS_TRUNCATED);
}

static void lies_are_counted_and_not_believed(void **state)
{
	(void)state;
	struct dns_reply r = ask_one(LIES_FIRST, PATIENT_MS);
	assert_int_equal(r.outcome, DNS_ANSWERED);
	assert_int_equal(r.ignored, 2);
	r = ask_one(LIES_ONLY, SLOW_MS);
	assert_int_equal(r.outcome, DNS_GARBAGE);
	assert_true(r.ignored >= 6);
}

static void servers_without_edns_are_heard(void **state)
{
	(void)state;
	struct dns_reply r = ask_one(DROPS_EDNS, SLOW_MS);
	assert_int_equal(r.outcome, DNS_ANSWERED);
	assert_true(r.without_edns);
	r = ask_one(REFUSES_EDNS, PATIENT_MS);
	assert_int_equal(r.outcome, DNS_ANSWERED);
	assert_true(r.without_edns);
}

static void what_cannot_be_read_is_told_apart(void **state)
{
	(void)state;
	assert_int_equal(ask_one(SILENT, HASTY_MS).outcome, DNS_SILENT);
	assert_int_equal(ask_one(BREAKS, PATIENT_MS).outcome, DNS_GARBAGE);
	assert_int_equal(ask_one(SAYS_SERVFAIL, PATIENT_MS).outcome, DNS_ANSWERED);
}

static void silence_is_said_after_three_tries_and_two_without_edns(void **state)
{
	(void)state;
	struct world w;
	struct fake_clock clock; /* on a busy machine the tries of a real one melt together */
	fake_clock_init(&clock, 1000000);
	world_open(&w, SILENT,
		   (struct dns_engine_opts){
			   .clock = &clock.clock, .timeout_ms = HASTY_MS, .wake_fd = -1 });
	struct dns_ask ask = { .address = responder_address(w.server),
			       .question = { "www.x.net.", RR_A } };
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_int_equal(ask.reply.outcome, DNS_SILENT);
	world_until_seen(&w, 3 + 2);
	assert_int_equal(responder_seen(w.server), 3 + 2);
	world_release(&w);
}

static void a_closed_port_refuses(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, ANSWERS, PATIENT_MS, -1);
	/* The port of a server that has gone. */
	struct responder *gone = responder_start(ANSWERS);
	const char *address = arena_strdup(w.a, responder_address(gone));
	responder_stop(gone);
	struct dns_ask asks[] = { { .address = address, .question = { "x.", RR_A } },
				  { .address = "no address", .question = { "x.", RR_A } },
				  { .address = "127.0.0.1#0", .question = { "x.", RR_A } } };
	dns_ask_all(w.en, w.a, asks, 3);
	assert_int_equal(asks[0].reply.outcome, DNS_REFUSED);
	assert_int_equal(asks[1].reply.outcome, DNS_NO_ROUTE);
	assert_int_equal(asks[2].reply.outcome, DNS_NO_ROUTE);
	world_release(&w);
}

static void many_questions_at_once(void **state)
{
	(void)state;
	enum { N = 500 };
	struct world w;
	world_init(&w, ANSWERS, PATIENT_MS, -1);
	struct dns_ask *asks = ARENA_ARRAY(w.a, N, struct dns_ask);
	for (size_t i = 0; i < N; i++) {
		asks[i].address = responder_address(w.server);
		asks[i].question.name = arena_printf(w.a, "n%zu.x.net.", i);
		asks[i].question.type = RR_A;
	}
	dns_ask_all(w.en, w.a, asks, N);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(asks[i].reply.outcome, DNS_ANSWERED);
		const struct dns_answer *ans = asks[i].reply.answer;
		const char *name = dname_canon(w.a, ans->question.name, &(struct err){ 0 });
		assert_string_equal(name, asks[i].question.name);
	}
	world_release(&w);
}

static void the_first_of_a_group_is_enough(void **state)
{
	(void)state;
	struct world w;
	/* If the silent one were waited for, this would take 14 × 60 s. */
	world_init(&w, ANSWERS, 60000, -1);
	struct responder *silent = responder_start(SILENT);
	struct dns_ask asks[] = {
		{ .address = responder_address(silent), .question = { "x.", RR_A }, .group = 1 },
		{ .address = responder_address(w.server), .question = { "x.", RR_A }, .group = 1 },
	};
	dns_ask_all(w.en, w.a, asks, 2);
	assert_int_equal(asks[0].reply.outcome, DNS_CANCELLED);
	assert_int_equal(asks[1].reply.outcome, DNS_ANSWERED);
	/* The engine can be used again at once. */
	dns_ask_all(w.en, w.a, asks + 1, 1);
	assert_int_equal(asks[1].reply.outcome, DNS_ANSWERED);
	responder_stop(silent);
	world_release(&w);
}

static void a_wake_ends_the_asking(void **state)
{
	(void)state;
	int wake[2];
	struct world w;
	assert_int_equal(pipe(wake), 0);
	world_init(&w, SILENT, 60000, wake[0]);
	assert_int_equal(write(wake[1], "x", 1), 1);
	struct dns_ask ask = { .address = responder_address(w.server), .question = { "x.", RR_A } };
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_int_equal(ask.reply.outcome, DNS_CANCELLED);
	assert_true(dns_engine_cancelled(w.en));
	world_release(&w);
	close(wake[0]);
	close(wake[1]);
}

static void what_is_over_the_allowance_is_not_read(void **state)
{
	(void)state;
	static const struct dns_allowance allowances[] = { { 65536, 2, false },
							   { 100, 50, false } };
	for (size_t i = 0; i < 2; i++) {
		struct world w;
		struct dns_allowance left = allowances[i];
		world_init(&w, ANSWERS, 60000, -1);
		struct dns_ask ask = world_ask(&w);
		ask.allowance = &left;
		dns_ask_all(w.en, w.a, &ask, 1);
		assert_int_equal(ask.reply.outcome, DNS_ANSWERED);
		for (unsigned k = 0; k < 4; k++)
			dns_ask_all(w.en, w.a, &ask, 1);
		assert_true(left.spent);
		assert_int_equal(ask.reply.outcome, DNS_CANCELLED);
		ask.allowance = NULL;
		dns_ask_all(w.en, w.a, &ask, 1);
		assert_int_equal(ask.reply.outcome, DNS_ANSWERED);
		world_release(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_answer),
		cmocka_unit_test(one_lost_datagram_is_not_silence),
		cmocka_unit_test(truncation_is_asked_again_over_tcp),
		cmocka_unit_test(lies_are_counted_and_not_believed),
		cmocka_unit_test(servers_without_edns_are_heard),
		cmocka_unit_test(what_cannot_be_read_is_told_apart),
		cmocka_unit_test(silence_is_said_after_three_tries_and_two_without_edns),
		cmocka_unit_test(a_closed_port_refuses),
		cmocka_unit_test(many_questions_at_once),
		cmocka_unit_test(the_first_of_a_group_is_enough),
		cmocka_unit_test(a_wake_ends_the_asking),
		cmocka_unit_test(what_is_over_the_allowance_is_not_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
