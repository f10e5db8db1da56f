/* Submitting and giving up, the turn, pacing, dead servers, and very many servers. */
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine_world.h"

/* Counts what is handed out; asks again as often as it is told. */
struct counter {
	struct world *w;
	size_t done, again;
};

static void on_done(void *ctx, struct dns_ask *ask)
{
	struct counter *c = ctx;
	c->done++;
	assert_null(ask->under_way);
	if (c->again == 0)
		return;
	c->again--;
	dns_submit(c->w->en, c->w->a, ask);
}

static void run_until_done(const struct world *w)
{
	while (dns_engine_open(w->en) > 0)
		assert_int_equal(dns_engine_turn(w->en, 1000), 0);
}

static void done_is_called_from_a_turn_and_may_submit(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, ANSWERS, PATIENT_MS, -1);
	struct counter c = { .w = &w, .again = 5 };
	struct dns_ask ask = world_ask(&w);
	struct dns_ask none = { .address = "nowhere", .question = { "x.", RR_A } };
	ask.done = none.done = on_done;
	ask.ctx = none.ctx = &c;
	dns_submit(w.en, w.a, &ask);
	assert_non_null(ask.under_way);
	run_until_done(&w);
	assert_int_equal(c.done, 6);
	assert_int_equal(ask.reply.outcome, DNS_ANSWERED);
	/* What is lost at once is not told before the turn either. */
	dns_submit(w.en, w.a, &none);
	assert_int_equal(c.done, 6);
	assert_int_equal(dns_engine_open(w.en), 1);
	run_until_done(&w);
	assert_int_equal(c.done, 7);
	assert_int_equal(none.reply.outcome, DNS_NO_ROUTE);
	world_release(&w);
}

/* No descriptor is free, for datagrams or for TCP: that is this machine's fault, and the server is
 * asked as soon as there is one. */
static void without_descriptors_nobody_is_blamed(void **state)
{
	(void)state;
	struct world w;
	struct rlimit before;
	world_init(&w, ANSWERS, 20, -1);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	int next = dup(0); /* the lowest that is free */
	assert_true(next >= 0);
	(void)close(next);
	struct dns_ask asks[2] = { world_ask(&w), world_ask(&w) };
	asks[1].tcp_only = true;
	assert_int_equal(
		setrlimit(RLIMIT_NOFILE, &(struct rlimit){ (rlim_t)next, before.rlim_max }), 0);
	dns_ask_all(w.en, w.a, asks, 2);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(asks[0].reply.outcome, DNS_NO_SOCKET);
	assert_int_equal(asks[1].reply.outcome, DNS_NO_SOCKET);
	assert_string_equal(dns_outcome_text(DNS_NO_SOCKET),
			    "this machine had no free socket for it");
	struct dns_ask again = world_ask(&w);
	dns_ask_all(w.en, w.a, &again, 1);
	assert_int_equal(again.reply.outcome, DNS_ANSWERED);
	world_release(&w);
}

static void what_is_abandoned_is_never_handed_out(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, SILENT, 60000, -1);
	struct counter c = { .w = &w };
	struct dns_ask asks[3];
	for (size_t i = 0; i < 3; i++) {
		asks[i] = world_ask(&w);
		asks[i].done = on_done;
		asks[i].ctx = &c;
		dns_submit(w.en, w.a, &asks[i]);
	}
	dns_abandon(w.en, &asks[0]); /* waits for its turn */
	assert_int_equal(dns_engine_turn(w.en, 0), 0);
	dns_abandon(w.en, &asks[1]); /* is asked */
	dns_abandon(w.en, &asks[1]); /* is gone already */
	assert_int_equal(dns_engine_open(w.en), 1);
	assert_int_equal(asks[0].reply.outcome, DNS_CANCELLED);
	assert_int_equal(asks[1].reply.outcome, DNS_CANCELLED);
	dns_engine_free(w.en); /* the third ends with the engine */
	assert_null(asks[2].under_way);
	assert_int_equal(c.done, 0);
	responder_stop(w.server);
	arena_free(w.a);
}

static void another_loop_can_wait_for_the_engine(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, ANSWERS, PATIENT_MS, -1);
	struct dns_ask ask = world_ask(&w);
	assert_int_equal(dns_engine_wait_ms(w.en, 777), 777);
	dns_submit(w.en, w.a, &ask);
	assert_int_equal(dns_engine_wait_ms(w.en, 777), 0);
	while (dns_engine_open(w.en) > 0) {
		struct pollfd fd = { .fd = dns_engine_fd(w.en), .events = POLLIN };
		assert_int_equal(dns_engine_turn(w.en, 0), 0);
		int wait = dns_engine_wait_ms(w.en, 60000);
		assert_true(wait <= PATIENT_MS || dns_engine_open(w.en) == 0);
		if (dns_engine_open(w.en) > 0)
			(void)poll(&fd, 1, wait);
	}
	assert_int_equal(ask.reply.outcome, DNS_ANSWERED);
	world_release(&w);
}

static void a_wake_hands_everything_out_as_cancelled(void **state)
{
	(void)state;
	int wake[2];
	struct world w;
	assert_int_equal(pipe(wake), 0);
	world_init(&w, SILENT, 60000, wake[0]);
	struct counter c = { .w = &w };
	struct dns_ask asks[3];
	for (size_t i = 0; i < 3; i++) {
		asks[i] = world_ask(&w);
		asks[i].done = on_done;
		asks[i].ctx = &c;
		dns_submit(w.en, w.a, &asks[i]);
	}
	assert_int_equal(dns_engine_turn(w.en, 0), 0);
	assert_int_equal(write(wake[1], "x", 1), 1);
	assert_int_equal(dns_engine_turn(w.en, 60000), -1);
	assert_int_equal(c.done, 3);
	assert_int_equal(asks[2].reply.outcome, DNS_CANCELLED);
	dns_submit(w.en, w.a, &asks[0]); /* and nothing is begun any more */
	assert_int_equal(dns_engine_turn(w.en, 60000), -1);
	assert_int_equal(c.done, 4);
	world_release(&w);
	close(wake[0]);
	close(wake[1]);
}

/* Questions to one server, by a clock that only moves when the engine waits in vain; returns
 * how far it moved. */
static int64_t ask_paced(struct dns_engine_opts opts, enum responder_script script, size_t n,
			 unsigned *seen_r)
{
	struct world w;
	struct fake_clock clock;
	fake_clock_init(&clock, 1000000);
	opts.clock = &clock.clock;
	opts.wake_fd = -1;
	world_open(&w, script, opts);
	struct dns_ask *asks = ARENA_ARRAY(w.a, n, struct dns_ask);
	for (size_t i = 0; i < n; i++)
		asks[i] = world_ask(&w);
	dns_ask_all(w.en, w.a, asks, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(asks[i].reply.outcome,
				 script == SILENT ? DNS_SILENT : DNS_ANSWERED);
	*seen_r = responder_seen(w.server);
	world_release(&w);
	return clock.at_ms - 1000000;
}

static void questions_are_paced(void **state)
{
	(void)state;
	unsigned seen = 0;
	/* A tenth of a second's worth at once, then one every 10 ms. */
	struct dns_engine_opts over_all = { .timeout_ms = PATIENT_MS, .qps = 100 };
	struct dns_engine_opts each = { .timeout_ms = PATIENT_MS, .qps_per_server = 100 };
	assert_true(ask_paced(over_all, ANSWERS, 14, &seen) >= 40);
	assert_int_equal(seen, 14);
	assert_true(ask_paced(each, ANSWERS, 14, &seen) >= 40);
	assert_int_equal(seen, 14);
}

static void a_dead_server_is_known_once(void **state)
{
	(void)state;
	unsigned seen = 0;
	struct dns_engine_opts opts = { .timeout_ms = HASTY_MS };
	/* Far more than are in flight at a time, and yet one window. */
	int64_t took = ask_paced(opts, SILENT, 1000, &seen);
	assert_int_equal(took, 7 * HASTY_MS);
	assert_true(seen <= 100 * 5);
}

static void a_dead_server_is_left_alone_for_a_while(void **state)
{
	(void)state;
	struct world w;
	struct fake_clock clock;
	fake_clock_init(&clock, 1000000);
	world_open(&w, SILENT,
		   (struct dns_engine_opts){
			   .clock = &clock.clock, .timeout_ms = HASTY_MS, .wake_fd = -1 });
	struct dns_ask ask = world_ask(&w);
	dns_ask_all(w.en, w.a, &ask, 1);
	unsigned before = responder_seen(w.server);
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_int_equal(ask.reply.outcome, DNS_SILENT);
	assert_int_equal(responder_seen(w.server), before);
	clock.at_ms += 10 * 7 * HASTY_MS; /* it may be back */
	dns_ask_all(w.en, w.a, &ask, 1);
	assert_true(responder_seen(w.server) > before);
	world_release(&w);
}

static void truncation_without_tcp_is_known_once(void **state)
{
	(void)state;
	enum { N = 300 };
	struct world w;
	world_init(&w, TRUNCATES_ONLY, PATIENT_MS, -1);
	struct dns_ask *asks = ARENA_ARRAY(w.a, N, struct dns_ask);
	for (size_t i = 0; i < N; i++)
		asks[i] = world_ask(&w);
	dns_ask_all(w.en, w.a, asks, N);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(asks[i].reply.outcome, DNS_TRUNCATED);
	world_release(&w);
}

static void thousands_of_servers_do_not_use_up_the_descriptors(void **state)
{
	(void)state;
	enum { N = 3000 };
	struct world w;
	world_init(&w, ANSWERS, PATIENT_MS, -1);
	/* Nobody listens there: every one of them refuses. */
	const char *port = strchr(responder_address(w.server), '#');
	struct dns_ask *asks = ARENA_ARRAY(w.a, N, struct dns_ask);
	for (unsigned i = 0; i < N; i++) {
		asks[i] = world_ask(&w);
		asks[i].address = arena_printf(w.a, "127.9.%u.%u%s", i / 200, 1 + i % 200, port);
	}
	dns_ask_all(w.en, w.a, asks, N);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(asks[i].reply.outcome, DNS_REFUSED);
	asks[0] = world_ask(&w);
	dns_ask_all(w.en, w.a, asks, 1);
	assert_int_equal(asks[0].reply.outcome, DNS_ANSWERED);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(done_is_called_from_a_turn_and_may_submit),
		cmocka_unit_test(without_descriptors_nobody_is_blamed),
		cmocka_unit_test(what_is_abandoned_is_never_handed_out),
		cmocka_unit_test(another_loop_can_wait_for_the_engine),
		cmocka_unit_test(a_wake_hands_everything_out_as_cancelled),
		cmocka_unit_test(questions_are_paced),
		cmocka_unit_test(a_dead_server_is_known_once),
		cmocka_unit_test(a_dead_server_is_left_alone_for_a_while),
		cmocka_unit_test(truncation_without_tcp_is_known_once),
		cmocka_unit_test(thousands_of_servers_do_not_use_up_the_descriptors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
