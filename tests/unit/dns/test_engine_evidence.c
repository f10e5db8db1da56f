/* What a reply tells of the server beside the answer. */
#include <string.h>

#include "engine_world.h"

/* One question to a server of that kind; the answer itself dies with the world. */
static struct dns_reply ask_one(enum responder_script script, int timeout_ms)
{
	struct world w;
	world_init(&w, script, timeout_ms, -1);
	struct dns_ask ask = world_ask(&w);
	dns_ask_all(w.en, w.a, &ask, 1);
	world_release(&w);
	ask.reply.answer = NULL;
	return ask.reply;
}

static void how_a_server_takes_edns_is_told(void **state)
{
	(void)state;
	assert_int_equal(ask_one(SPEAKS_EDNS, PATIENT_MS).edns, DNS_EDNS_OK);
	assert_int_equal(ask_one(ANSWERS, PATIENT_MS).edns, DNS_EDNS_IGNORED);
	assert_int_equal(ask_one(REFUSES_EDNS, PATIENT_MS).edns, DNS_EDNS_REFUSED);
	assert_int_equal(ask_one(DROPS_EDNS, SLOW_MS).edns, DNS_EDNS_DROPPED);
	assert_int_equal(ask_one(SILENT, HASTY_MS).edns, DNS_EDNS_UNKNOWN);
}

static void a_header_alone_can_refuse_edns(void **state)
{
	(void)state;
	struct dns_reply r = ask_one(BARE_FORMERR, PATIENT_MS);
	assert_int_equal(r.outcome, DNS_ANSWERED);
	assert_int_equal(r.edns, DNS_EDNS_REFUSED);
	assert_true(r.without_edns);
	assert_int_equal(r.ignored, 0);
}

static void a_dropper_of_edns_is_known_for_the_next_question(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, DROPS_EDNS, 60, -1);
	struct dns_ask ask = world_ask(&w);
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_int_equal(ask.reply.outcome, DNS_ANSWERED);
	unsigned before = responder_seen(w.server);
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_int_equal(ask.reply.outcome, DNS_ANSWERED);
	assert_true(ask.reply.without_edns);
	assert_int_equal(responder_seen(w.server), before + 1);
	world_release(&w);
}

/* A firewall that drops datagrams with EDNS lets TCP pass. */
static void edns_over_tcp_says_nothing_of_datagrams(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, DROPS_EDNS, 60, -1);
	struct dns_ask ask = world_ask(&w);
	ask.tcp_only = true;
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_int_equal(ask.reply.outcome, DNS_ANSWERED);
	assert_int_equal(ask.reply.edns, DNS_EDNS_UNKNOWN);
	ask.tcp_only = false;
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_int_equal(ask.reply.outcome, DNS_ANSWERED);
	assert_int_equal(ask.reply.edns, DNS_EDNS_DROPPED);
	world_release(&w);
}

/* RFC 6891 §6.2.5: what is announced is what must be taken, also beyond the old 512 octets. */
static void a_long_signed_answer_comes_whole(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, SIGNS, PATIENT_MS, -1);
	struct dns_ask ask = world_ask(&w);
	ask.dnssec = true;
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_int_equal(ask.reply.outcome, DNS_ANSWERED);
	assert_false(ask.reply.without_edns || ask.reply.over_tcp);
	const struct dns_answer *ans = ask.reply.answer;
	const struct rrset *sig = dns_section_find(ans->answer, ans->answer_n, "www.x.net.",
						   RR_RRSIG);
	assert_non_null(sig);
	assert_true(strlen(sig->rdata[0]) > 512 * 4 / 3); /* as base64 */
	assert_int_equal(responder_seen(w.server), 1);
	world_release(&w);
}

static void changed_case_is_told_and_the_answer_used(void **state)
{
	(void)state;
	struct dns_reply r = ask_one(MANGLES_CASE, PATIENT_MS);
	assert_int_equal(r.outcome, DNS_ANSWERED);
	assert_true(r.case_changed);
	assert_int_equal(r.ignored, 0);
	assert_false(ask_one(ANSWERS, PATIENT_MS).case_changed);
}

static void strangers_are_counted_and_not_believed(void **state)
{
	(void)state;
	struct dns_reply r = ask_one(STRANGER_FIRST, PATIENT_MS);
	assert_int_equal(r.outcome, DNS_ANSWERED);
	assert_int_equal(r.wrong_source, 1);
	assert_int_equal(r.ignored, 0);
	r = ask_one(STRANGER_ONLY, SLOW_MS);
	assert_int_equal(r.outcome, DNS_SILENT);
	assert_true(r.wrong_source >= 4);
}

static void a_late_answer_to_the_first_try_counts(void **state)
{
	(void)state;
	struct dns_reply r = ask_one(ANSWERS_THE_OLD, SLOW_MS);
	assert_int_equal(r.outcome, DNS_ANSWERED);
	assert_true(r.rtt_ms >= 3 * SLOW_MS); /* from the datagram that was answered */
	assert_int_equal(r.ignored, 0);
}

static void signatures_are_asked_for_with_the_do_bit(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, SPEAKS_EDNS, PATIENT_MS, -1);
	struct dns_ask ask = world_ask(&w);
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_int_equal(responder_seen_do(w.server), 0);
	ask.dnssec = true;
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_true(responder_seen_do(w.server) >= 1);
	world_release(&w);
}

static void tcp_alone_sends_no_datagram(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, ANSWERS, PATIENT_MS, -1);
	struct dns_ask ask = world_ask(&w);
	ask.tcp_only = true;
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_int_equal(ask.reply.outcome, DNS_ANSWERED);
	assert_true(ask.reply.over_tcp);
	assert_int_equal(responder_seen(w.server), 0);
	world_release(&w);
	world_init(&w, TRUNCATES_ONLY, PATIENT_MS, -1);
	ask = world_ask(&w);
	ask.tcp_only = true;
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_int_equal(ask.reply.outcome, DNS_REFUSED);
	world_release(&w);
}

static void one_connection_carries_several_questions(void **state)
{
	(void)state;
	enum { N = 20 };
	struct world w;
	world_init(&w, KEEPS_TCP, PATIENT_MS, -1);
	struct dns_ask asks[N];
	for (size_t i = 0; i < N; i++) {
		asks[i] = world_ask(&w);
		asks[i].tcp_only = true;
	}
	dns_ask_all(w.en, w.a, asks, N);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(asks[i].reply.outcome, DNS_ANSWERED);
	assert_int_equal(responder_connections(w.server), 1);
	/* It was closed when nothing was left to ask: a new one is made. */
	dns_ask_all(w.en, w.a, asks, 1);
	assert_int_equal(asks[0].reply.outcome, DNS_ANSWERED);
	assert_int_equal(responder_connections(w.server), 2);
	world_release(&w);
}

static void ipv6_is_asked_like_ipv4(void **state)
{
	(void)state;
	struct responder *six = responder_start_v6(STRANGER_FIRST);
	if (six == NULL)
		skip();
	struct world w;
	world_init(&w, ANSWERS, PATIENT_MS, -1);
	struct dns_ask ask = world_ask(&w);
	ask.address = responder_address(six);
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_int_equal(ask.reply.outcome, DNS_ANSWERED);
	assert_int_equal(ask.reply.wrong_source, 1);
	const char *gone = arena_strdup(w.a, responder_address(six));
	responder_stop(six);
	ask.address = gone;
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_int_equal(ask.reply.outcome, DNS_REFUSED);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_a_server_takes_edns_is_told),
		cmocka_unit_test(a_header_alone_can_refuse_edns),
		cmocka_unit_test(a_dropper_of_edns_is_known_for_the_next_question),
		cmocka_unit_test(edns_over_tcp_says_nothing_of_datagrams),
		cmocka_unit_test(a_long_signed_answer_comes_whole),
		cmocka_unit_test(changed_case_is_told_and_the_answer_used),
		cmocka_unit_test(strangers_are_counted_and_not_believed),
		cmocka_unit_test(a_late_answer_to_the_first_try_counts),
		cmocka_unit_test(signatures_are_asked_for_with_the_do_bit),
		cmocka_unit_test(tcp_alone_sends_no_datagram),
		cmocka_unit_test(one_connection_carries_several_questions),
		cmocka_unit_test(ipv6_is_asked_like_ipv4),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
