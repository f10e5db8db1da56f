#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "dns/walk_priv.h"
#include "walk_world.h"

#define SOA     "@ 60 SOA ns h 1 600 120 86400 300\n"
#define NET     "127.0.0.22"
#define ONE     "127.0.0.23"
#define TWO     "127.0.0.24"
#define THREE   "127.0.0.25"
#define DEAD1   "127.0.0.26"
#define DEAD2   "127.0.0.27"
#define DEAD3   "127.0.0.28"
#define REFUSES "127.0.0.29"

static const char root_zone[] = SOA "@ 60 NS a.root.\n"
				    "net. 60 NS ns.net.\nns.net. 60 A " NET "\n"
				    "round. 60 NS ns.circle.\ncircle. 60 NS ns.round.\n"
				    "self. 60 NS ns.self.\n";
static const char net_zone[] = SOA
	"@ 60 NS ns\nns 60 A " NET "\n"
	"one 60 NS ns.one\nns.one 60 A " ONE "\n"
	/* Sorted, so that the dead ones are asked first. */
	"half 60 NS a.half\nhalf 60 NS b.half\nhalf 60 NS c.half\n"
	"a.half 60 A " DEAD1 "\nb.half 60 A " DEAD2 "\nc.half 60 A " ONE "\n"
	"dead 60 NS a.dead\ndead 60 NS b.dead\ndead 60 NS c.dead\n"
	"a.dead 60 A " DEAD1 "\nb.dead 60 A " DEAD2 "\nc.dead 60 A " DEAD3 "\n"
	"lame 60 NS a.lame\nlame 60 NS b.lame\nlame 60 NS c.lame\n"
	"a.lame 60 A " REFUSES "\nb.lame 60 A " REFUSES "\nc.lame 60 A " TWO "\n"
	"glueless 60 NS ns.one.net.\nglueless 60 NS ns.dead.net.\n"
	"twin 60 NS a.twin\ntwin 60 NS b.twin\n"
	"a.twin 60 A " DEAD1 "\na.twin 60 AAAA ::1\nb.twin 60 A " ONE "\n"
	"sick 60 NS ns.sick\nns.sick 60 A " REFUSES "\n";
static const char one_zone[] = SOA
	"@ 60 NS ns\nns 60 A " ONE "\nmail 60 A 127.0.0.99\nmail 60 AAAA ::1\n"
	"a 60 CNAME b\nb 60 CNAME mail\naway 60 CNAME mail.lame.net.\nlost 60 CNAME nobody\n"
	"x 60 CNAME y\ny 60 CNAME x\ntree 60 DNAME half.net.\n";
static const char half_zone[] = SOA "@ 60 NS c\nmail 60 A 127.0.0.98\n*.w 60 TXT t\n";
static const char lame_zone[] = SOA "@ 60 NS c\nmail 60 A 127.0.0.97\n";
static const char glueless_zone[] = SOA "@ 60 NS ns.one.net.\nmail 60 A 127.0.0.96\n";

static const struct hosted zones[] = {
	{ WORLD_ROOT, ".", root_zone },          { NET, "net.", net_zone },
	{ ONE, "one.net.", one_zone },           { ONE, "half.net.", half_zone },
	{ ONE, "twin.net.", half_zone },         { ONE, "glueless.net.", glueless_zone },
	{ TWO, "lame.net.", lame_zone },         { REFUSES, "none.", NULL },
	{ DEAD1, "dead.net.", internet_silent }, { DEAD2, "dead.net.", internet_silent },
	{ DEAD3, "dead.net.", internet_silent }, { NULL, NULL, NULL },
};

static int setup(void **state)
{
	*state = walk_world_new(zones);
	return 0;
}

static int teardown(void **state)
{
	walk_world_free(*state);
	return 0;
}

static void both_types_of_a_host(void **state)
{
	struct walk_world *w = *state;
	struct walk *walk = walk_world_walk(w);
	struct walk_task *t = walk_want_host(walk, "mail.one.net.");
	assert_ptr_equal(walk_want_host(walk, "mail.one.net."), t);
	assert_int_equal(walk_open(walk), 1);
	walk_world_run(walk);
	assert_true(t->done);
	assert_string_equal(t->sets[0]->rdata[0], "127.0.0.99");
	assert_string_equal(t->sets[1]->rdata[0], "::1");
	assert_string_equal(t->cut->name, "one.net.");
	assert_int_equal(t->seen[1].question.type, RR_AAAA);
	assert_string_equal(t->seen[1].question.name, "mail.one.net.");
	assert_int_equal(t->seen[0].state, SEEN_DATA);
	assert_null(t->seen[0].proof); /* nothing was signed */
	assert_int_equal(dns_engine_open(w->en), 0);
}

/* Twenty names of one domain need one referral from each zone above. */
static void one_goes_ahead_where_a_zone_delegates(void **state)
{
	struct walk_world *w = *state;
	struct walk *walk = walk_world_walk(w);
	for (int i = 0; i < 20; i++)
		(void)walk_want(walk, arena_printf(w->a, "n%d.one.net.", i), RR_TXT);
	walk_world_run(walk);
	assert_int_equal(internet_asked_at(w->net, WORLD_ROOT), 1);
	assert_int_equal(internet_asked_at(w->net, NET), 1);
	assert_int_equal(internet_asked_at(w->net, ONE), 20);
}

static void aliases_are_followed_within_an_answer(void **state)
{
	struct walk_world *w = *state;
	struct walk *walk = walk_world_walk(w);
	struct walk_task *a = walk_want(walk, "a.one.net.", RR_A);
	walk_world_run(walk);
	assert_string_equal(a->alias, "mail.one.net.");
	assert_string_equal(a->sets[0]->rdata[0], "127.0.0.99");
	assert_string_equal(a->seen[0].question.name, "a.one.net.");
	assert_string_equal(a->seen[0].alias, "mail.one.net.");
	assert_int_equal(internet_asked_at(w->net, ONE), 1);
}

static void aliases_lead_to_other_zones(void **state)
{
	struct walk *walk = walk_world_walk(*state);
	struct walk_task *away = walk_want(walk, "away.one.net.", RR_A);
	struct walk_task *lost = walk_want(walk, "lost.one.net.", RR_A);
	struct walk_task *round = walk_want(walk, "x.one.net.", RR_A);
	struct walk_task *dname = walk_want(walk, "mail.tree.one.net.", RR_A);
	walk_world_run(walk);
	assert_string_equal(away->sets[0]->rdata[0], "127.0.0.97");
	assert_string_equal(away->alias, "mail.lame.net.");
	assert_string_equal(away->cut->name, "lame.net.");
	assert_int_equal(lost->states[0], SEEN_NXDOMAIN);
	assert_string_equal(lost->seen[0].alias, "nobody.one.net.");
	assert_int_equal(lost->seen[0].negative_ttl, 60);
	assert_int_equal(round->states[0], SEEN_UNREADABLE);
	assert_string_equal(round->note, "its aliases never end");
	assert_string_equal(dname->alias, "mail.half.net.");
	assert_string_equal(dname->sets[0]->rdata[0], "127.0.0.98");
}

/* The silent two are not waited for: after a moment the third is asked, and its answer ends it. */
static void a_silent_server_costs_a_moment(void **state)
{
	struct walk_world *w = *state;
	dns_engine_free(w->en);
	w->en = walk_world_patient(w); /* whose own clock does not send again */
	struct walk *walk = walk_world_walk(w);
	struct walk_task *t = walk_want(walk, "mail.half.net.", RR_A);
	walk_world_until_asked(w, walk, DEAD2, 1);
	assert_false(t->done);
	assert_int_equal(internet_asked_at(w->net, ONE), 0);
	assert_true(walk_wait_ms(walk, 5000) <= HEDGE_MS);
	walk_tick(walk);
	assert_int_equal(internet_asked_at(w->net, ONE), 0); /* too early */
	w->ahead_ms += HEDGE_MS;
	assert_int_equal(walk_wait_ms(walk, 5000), 0);
	walk_tick(walk);
	walk_world_run(walk);
	assert_string_equal(t->sets[0]->rdata[0], "127.0.0.98");
	assert_int_equal(dns_engine_open(w->en), 0); /* the silent ones are given up */
	/* From now on the useful one is asked alone. */
	unsigned dead = internet_asked_at(w->net, DEAD1) + internet_asked_at(w->net, DEAD2);
	(void)walk_want(walk, "other.half.net.", RR_A);
	walk_world_run(walk);
	assert_int_equal(internet_asked_at(w->net, ONE), 2);
	assert_int_equal(internet_asked_at(w->net, DEAD1) + internet_asked_at(w->net, DEAD2), dead);
}

/* Whoever else heard a server saves the walk from asking two; one that then is of no use is
 * passed by all the same. */
static void what_others_heard_is_asked_alone(void **state)
{
	struct walk_world *w = *state;
	struct walk *walk = walk_world_walk(w);
	struct walk_task *half = walk_want_cut(walk, "half.net.");
	struct walk_task *lame = walk_want_cut(walk, "lame.net.");
	walk_world_run(walk);
	half->cut->heard = lame->cut->heard = false; /* as if it came by a referral alone */
	unsigned dead = internet_asked_at(w->net, DEAD1) + internet_asked_at(w->net, DEAD2);
	walk_heard(half->cut, ONE);
	walk_heard(lame->cut, REFUSES);
	struct walk_task *t = walk_want(walk, "mail.half.net.", RR_A);
	struct walk_task *other = walk_want(walk, "mail.lame.net.", RR_A);
	walk_world_run(walk);
	assert_string_equal(t->sets[0]->rdata[0], "127.0.0.98");
	assert_string_equal(other->sets[0]->rdata[0], "127.0.0.97");
	assert_int_equal(internet_asked_at(w->net, DEAD1) + internet_asked_at(w->net, DEAD2), dead);
}

static void lame_servers_are_passed_by_at_once(void **state)
{
	struct walk_world *w = *state;
	struct walk *walk = walk_world_walk(w);
	struct walk_task *t = walk_want(walk, "mail.lame.net.", RR_A);
	walk_world_run_at_once(w, walk);
	assert_string_equal(t->sets[0]->rdata[0], "127.0.0.97");
}

/* The two that are asked at first are not one machine's two addresses. */
static void a_dead_machine_with_two_addresses(void **state)
{
	struct walk_world *w = *state;
	struct walk *walk = walk_world_walk(w);
	struct walk_task *t = walk_want(walk, "mail.twin.net.", RR_A);
	walk_world_run_at_once(w, walk);
	assert_string_equal(t->sets[0]->rdata[0], "127.0.0.98");
}

/* Every server has its time once, side by side; the next name of the zone costs nothing. */
static void a_dead_zone_is_waited_for_once(void **state)
{
	struct walk_world *w = *state;
	struct walk *walk = walk_world_walk(w);
	struct walk_task *t = walk_want(walk, "mail.dead.net.", RR_A);
	walk_world_run(walk);
	assert_int_equal(t->states[0], SEEN_UNREADABLE);
	assert_int_equal(t->seen[0].outcome, DNS_SILENT);
	assert_string_equal(t->note, "no server of dead.net gives a usable answer");
	assert_true(internet_asked_at(w->net, DEAD3) > 0);
	unsigned before = internet_asked_at(w->net, DEAD1);
	t = walk_want(walk, "www.dead.net.", RR_A);
	assert_true(t->done); /* at once */
	assert_int_equal(t->states[0], SEEN_UNREADABLE);
	assert_int_equal(internet_asked_at(w->net, DEAD1), before);
}

static void a_silent_root_is_told_apart(void **state)
{
	struct walk_world *w = *state;
	static const char *const nobody[] = { DEAD1, DEAD2, DEAD3, NULL };
	struct walk *walk = walk_new(w->a, w->en, nobody);
	(void)walk_want(walk, "mail.one.net.", RR_A);
	struct walk_task *t = walk_want_host(walk, "mail.dead.org.");
	walk_world_run(walk);
	assert_int_equal(t->states[1], SEEN_UNREADABLE);
	assert_false(walk_root_heard(walk));
	unsigned once = internet_asked_at(w->net, DEAD1);
	(void)walk_want_cut(walk, "x.net.");
	walk_world_run(walk);
	assert_int_equal(internet_asked_at(w->net, DEAD1), once);
}

/* The server that answers counts; the one whose name leads nowhere is not waited for. */
static void servers_without_glue(void **state)
{
	struct walk_world *w = *state;
	struct walk *walk = walk_world_walk(w);
	struct walk_task *t = walk_want(walk, "mail.glueless.net.", RR_A);
	walk_world_run_at_once(w, walk);
	assert_string_equal(t->sets[0]->rdata[0], "127.0.0.96");
	assert_int_equal(dns_engine_open(w->en), 0); /* ns.dead.net. is parked */
	t = walk_want_host(walk, "ns.dead.net.");
	assert_int_equal(walk_open(walk), 1); /* and goes on when somebody wants it */
	walk_world_run(walk);
	assert_int_equal(t->states[0], SEEN_UNREADABLE);
}

static void circles_end_with_a_word(void **state)
{
	struct walk_world *w = *state;
	struct walk *walk = walk_world_walk(w);
	struct walk_task *round = walk_want(walk, "www.circle.", RR_A);
	struct walk_task *self = walk_want(walk, "www.self.", RR_A);
	struct walk_task *fine = walk_want(walk, "mail.one.net.", RR_A);
	walk_world_run(walk);
	assert_int_equal(round->states[0], SEEN_UNREADABLE);
	assert_string_equal(round->note, "the names of its servers lead in a circle");
	assert_string_equal(self->note, "the names of its servers lead in a circle");
	assert_int_equal(fine->states[0], SEEN_DATA);
	assert_true(internet_asked(w->net) < 20);
}

static void count_done(void *ctx, struct walk_task *t)
{
	assert_true(t->done);
	*(unsigned *)ctx += 1;
}

static void giving_up_ends_everything(void **state)
{
	struct walk_world *w = *state;
	struct walk *walk = walk_world_walk(w);
	unsigned called = 0;
	struct walk_task *t = walk_want_host(walk, "mail.dead.net.");
	walk_on_done(walk, t, count_done, &called);
	walk_on_done(walk, t, count_done, &called);
	walk_world_until_asked(w, walk, DEAD1, 1);
	walk_give_up(walk, "out of time");
	assert_int_equal(called, 2);
	assert_int_equal(walk_open(walk), 0);
	assert_int_equal(dns_engine_open(w->en), 0);
	assert_string_equal(t->note, "out of time");
	assert_int_equal(t->states[0], SEEN_UNREADABLE);
	t = walk_want(walk, "mail.one.net.", RR_A);
	walk_on_done(walk, t, count_done, &called); /* done already: called here */
	assert_int_equal(called, 3);
	assert_int_equal(t->states[0], SEEN_UNREADABLE);
}

struct chain {
	struct walk *walk;
	struct walk_task *second;
};

static void wish_for_more(void *ctx, struct walk_task *t)
{
	struct chain *c = ctx;
	assert_int_equal(t->states[0], SEEN_DATA);
	c->second = walk_want(c->walk, "mail.half.net.", RR_TXT);
}

static void a_callback_may_wish(void **state)
{
	struct chain c = { .walk = walk_world_walk(*state) };
	struct walk_task *t = walk_want(c.walk, "mail.one.net.", RR_A);
	walk_on_done(c.walk, t, wish_for_more, &c);
	walk_world_run(c.walk);
	assert_non_null(c.second);
	assert_true(c.second->done);
	assert_int_equal(c.second->states[0], SEEN_NODATA);
}

static void the_user_may_interrupt(void **state)
{
	struct walk_world *w = *state;
	struct walk *walk = walk_world_walk(w);
	struct walk_task *t = walk_want(walk, "mail.dead.net.", RR_A);
	struct err e = { 0 };
	walk_world_until_asked(w, walk, DEAD1, 1);
	assert_int_equal(write(w->wake[1], "x", 1), 1);
	assert_int_equal(walk_run(walk, &e), -1);
	assert_int_equal(e.kind, ERR_CANCELLED);
	assert_true(t->done);
	assert_int_equal(dns_engine_open(w->en), 0);
}

static void wishes_are_limited(void **state)
{
	struct walk_world *w = *state;
	struct walk *walk = walk_world_walk(w);
	for (int i = 0; i < TASKS_MAX; i++)
		assert_non_null(walk_want(walk, arena_printf(w->a, "n%d.sick.net.", i), RR_TXT));
	assert_null(walk_want(walk, "onemore.sick.net.", RR_TXT));
	assert_non_null(walk_want(walk, "n1.sick.net.", RR_TXT)); /* known */
	walk_world_run(walk);
	assert_int_equal(walk_open(walk), 0);
}

/* Thousands of servers' names: the work is bounded, the addresses too. */
static void huge_sets_of_servers(void **state)
{
	enum { MANY = 3000 };
	struct walk_world *w = *state;
	struct walk *walk = walk_world_walk(w);
	const char **names = ARENA_ARRAY(w->a, MANY, const char *);
	const struct rrset **glue = ARENA_ARRAY(w->a, MANY, const struct rrset *);
	static const char *const address[] = { "127.0.0.30" };
	for (int i = 0; i < MANY; i++) {
		names[i] = arena_printf(w->a, "ns%d.big.", i);
		struct rrset set = { names[i], RR_A, 60, 1, address, false, false };
		glue[i] = arena_memdup(w->a, &set, sizeof(set));
	}
	struct rrset ns = { "big.", RR_NS, 60, MANY, names, false, false };
	struct dns_answer ans = { .additional_n = MANY, .additional = glue };
	struct dns_ask ask = { .reply = { .answer = &ans } };
	struct cut *c = cut_learn(walk, cut_for(walk, "."), &ns, &ask);
	assert_non_null(c);
	assert_int_equal(c->addresses.n, 1); /* it is one and the same */
	assert_ptr_equal(cut_learn(walk, cut_for(walk, "."), &ns, &ask), c);
}

/* a., a.a., a.a.a. …: each referral leads one level deeper. */
static void endless_referrals(void **state)
{
	enum { LEVELS = 50 };
	struct hosted deep[LEVELS + 2] = { { 0 } };
	struct arena *a = arena_new();
	const char *name = "";
	(void)state;
	for (int i = 0; i < LEVELS; i++) {
		deep[i].origin = i == 0 ? "." : name;
		deep[i].address = i == 0 ? WORLD_ROOT : arena_printf(a, "127.0.1.%d", i);
		deep[i].text = arena_printf(
			a, SOA "@ 60 NS ns\na 60 NS ns.a\nns.a 60 A 127.0.1.%d\n", i + 1);
		name = arena_printf(a, "a.%s", name);
	}
	struct walk_world *w = walk_world_new(deep);
	struct walk *walk = walk_world_walk(w);
	struct walk_task *t = walk_want(walk, arena_printf(a, "www.%s", name), RR_A);
	walk_world_run(walk);
	assert_int_equal(t->states[0], SEEN_UNREADABLE);
	assert_string_equal(t->note, "there are too many zones on the way");
	assert_true(internet_asked(w->net) < 100);
	walk_world_free(w);
	arena_free(a);
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(both_types_of_a_host),
		WORLD_TEST(one_goes_ahead_where_a_zone_delegates),
		WORLD_TEST(aliases_are_followed_within_an_answer),
		WORLD_TEST(aliases_lead_to_other_zones),
		WORLD_TEST(a_silent_server_costs_a_moment),
		WORLD_TEST(lame_servers_are_passed_by_at_once),
		WORLD_TEST(what_others_heard_is_asked_alone),
		WORLD_TEST(a_dead_machine_with_two_addresses),
		WORLD_TEST(a_dead_zone_is_waited_for_once),
		WORLD_TEST(a_silent_root_is_told_apart),
		WORLD_TEST(servers_without_glue),
		WORLD_TEST(circles_end_with_a_word),
		WORLD_TEST(giving_up_ends_everything),
		WORLD_TEST(a_callback_may_wish),
		WORLD_TEST(the_user_may_interrupt),
		WORLD_TEST(wishes_are_limited),
		WORLD_TEST(huge_sets_of_servers),
		cmocka_unit_test(endless_referrals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
