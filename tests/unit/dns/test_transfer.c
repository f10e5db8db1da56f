/* Transfers beside the engine's questions: to their end, late, given up, interrupted. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "dns/axfr.h"
#include "dns/engine_priv.h"
#include "dns/transfer.h"
#include "tcp_site.h"
#include "walk_world.h"

#define SITE "127.0.0.31"

static const struct hosted zones[] = { { WORLD_ROOT, ".",
					 "@ 60 SOA ns h 1 600 120 86400 300\n@ 60 NS ns.\n" },
				       { NULL, NULL, NULL } };
static const char text[] = "x. 60 SOA ns h 1 600 120 86400 300\n"
			   "one.x. 60 MX 5 x.\ntwo.x. 60 MX 5 x.\n";

struct heard {
	struct walk_world *w;
	struct tcp_site *site;
	unsigned messages, ends;
	size_t most; /* messages that are wanted */
};

static int setup(void **state)
{
	struct heard *h = mem_alloc(sizeof(*h));
	h->w = walk_world_new(zones);
	h->most = SIZE_MAX;
	*state = h;
	return 0;
}

static int teardown(void **state)
{
	struct heard *h = *state;
	walk_world_free(h->w);
	tcp_site_stop(h->site);
	free(h);
	return 0;
}

static bool message(void *ctx, struct slice wire)
{
	struct heard *h = ctx;
	assert_true(wire.len >= 12);
	h->messages++;
	return h->messages < h->most;
}

static void ended(void *ctx)
{
	((struct heard *)ctx)->ends++;
}

static struct dns_transfer *begin(struct heard *h, enum tcp_site_way way, int limit_ms)
{
	struct err e = { 0 };
	h->site = tcp_site_start(&(struct tcp_site_opts){ .address = SITE,
							  .port = internet_port(h->w->net),
							  .text = text,
							  .per_message = 1,
							  .way = way });
	struct dns_transfer *t = dns_transfer_begin(
		h->w->en,
		&(struct dns_transfer_opts){ .address = SITE,
					     .question = { "x.", 252 },
					     .limit_ms = limit_ms,
					     .message = message,
					     .ended = ended,
					     .ctx = h },
		&e);
	assert_non_null(t);
	assert_int_equal(h->ends, 0);
	return t;
}

static void until(struct heard *h, const unsigned *what, unsigned n)
{
	while (*what < n)
		(void)dns_engine_turn(h->w->en, 20);
}

static void each_message_comes_once(void **state)
{
	struct heard *h = *state;
	(void)begin(h, SITE_STOPS, 60000);
	until(h, &h->ends, 1);
	assert_int_equal(h->messages, 3);
}

static void what_is_not_wanted_is_not_read(void **state)
{
	struct heard *h = *state;
	h->most = 500;
	(void)begin(h, SITE_ENDLESS, 60000);
	until(h, &h->ends, 1);
	assert_int_equal(h->messages, 500);
}

static void its_time_ends(void **state)
{
	struct heard *h = *state;
	(void)begin(h, SITE_HANGS, 60000);
	until(h, &h->messages, 3);
	assert_int_equal(h->ends, 0);
	assert_true(dns_engine_wait_ms(h->w->en, 3600000) <= 60000);
	h->w->ahead_ms = 60000;
	(void)dns_engine_turn(h->w->en, 0);
	assert_int_equal(h->ends, 1);
}

static void another_id_is_no_answer(void **state)
{
	struct heard *h = *state;
	(void)begin(h, SITE_STRANGE, 60000);
	until(h, &h->ends, 1);
	assert_int_equal(h->messages, 0);
}

/* Before the connection is there, and in the middle. */
static void given_up_it_is_never_heard_of_again(void **state)
{
	struct heard *h = *state;
	dns_transfer_abandon(begin(h, SITE_HANGS, 60000));
	tcp_site_stop(h->site);
	struct dns_transfer *t = begin(h, SITE_HANGS, 60000);
	until(h, &h->messages, 3);
	dns_transfer_abandon(t);
	dns_transfer_abandon(NULL);
	(void)dns_engine_turn(h->w->en, 0);
	assert_int_equal(h->ends, 0);
}

static void an_interruption_ends_it(void **state)
{
	struct heard *h = *state;
	struct err e = { 0 };
	(void)begin(h, SITE_HANGS, 60000);
	until(h, &h->messages, 3);
	assert_int_equal(write(h->w->wake[1], "x", 1), 1);
	while (dns_engine_turn(h->w->en, 20) == 0)
		;
	assert_int_equal(h->ends, 1);
	assert_null(dns_transfer_begin(
		h->w->en, &(struct dns_transfer_opts){ .address = SITE, .question = { "x.", 252 } },
		&e));
	assert_int_equal(e.kind, ERR_CANCELLED);
}

/* The sanitizer finds what is left behind. */
static void the_engine_takes_it_along(void **state)
{
	struct heard *h = *state;
	(void)begin(h, SITE_HANGS, 60000);
	until(h, &h->messages, 1);
	dns_engine_free(h->w->en);
	h->w->en = NULL;
	assert_int_equal(h->ends, 0);
}

static void what_is_no_address_does_not_begin(void **state)
{
	struct heard *h = *state;
	struct err e = { 0 };
	assert_null(dns_transfer_begin(
		h->w->en,
		&(struct dns_transfer_opts){ .address = "ns.x", .question = { "x.", 252 } }, &e));
	assert_int_equal(e.kind, ERR_USAGE);
}

/* No place in the epoll set, as when there is no memory for it. */
static void what_cannot_be_waited_for_says_why(void **state)
{
	struct heard *h = *state;
	struct err e = { 0 };
	int epoll_fd = h->w->en->transfers_fd;
	h->w->en->transfers_fd = 1 << 20;
	assert_null(dns_transfer_begin(h->w->en,
				       &(struct dns_transfer_opts){ .address = WORLD_ROOT,
								    .question = { "x.", 252 },
								    .limit_ms = 1000 },
				       &e));
	h->w->en->transfers_fd = epoll_fd;
	assert_int_equal(e.kind, ERR_WORLD);
	assert_non_null(strstr(e.text, WORLD_ROOT));
}

int main(void)
{
#define TRANSFER_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TRANSFER_TEST(each_message_comes_once),
		TRANSFER_TEST(what_is_not_wanted_is_not_read),
		TRANSFER_TEST(its_time_ends),
		TRANSFER_TEST(another_id_is_no_answer),
		TRANSFER_TEST(given_up_it_is_never_heard_of_again),
		TRANSFER_TEST(an_interruption_ends_it),
		TRANSFER_TEST(the_engine_takes_it_along),
		TRANSFER_TEST(what_is_no_address_does_not_begin),
		TRANSFER_TEST(what_cannot_be_waited_for_says_why),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
