#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "dns/walk_priv.h"
#include "walk_world.h"

#define SOA "@ 60 SOA ns h 1 600 120 86400 300\n"
#define NET "127.0.0.22"
#define ONE "127.0.0.23"
#define TWO "127.0.0.24"

static const char root_zone[] = SOA "@ 60 NS a.root.\n"
				    "net. 7200 NS ns.net.\nns.net. 7200 A " NET "\n"
				    "net. 7200 DS 1 13 2 "
				    "00000000000000000000000000000000"
				    "00000000000000000000000000000000\n";
static const char net_zone[] = SOA "@ 7200 NS ns\nns 7200 A " NET "\n"
				   "one 60 NS ns.one\nns.one 60 A " ONE "\n"
				   "two 60 NS ns.two\nns.two 60 A " TWO "\n";
static const char one_zone[] = SOA "@ 60 NS ns\nns 60 A " ONE "\n"
				   "mail 300 A 127.0.0.99\nmail 120 AAAA ::1\n"
				   "none 60 TXT x\nzero 0 A 127.0.0.98\nzero 0 AAAA ::2\n"
				   "to 300 CNAME mail.two.net.\n";
static const char two_zone[] = SOA "@ 60 NS ns\nns 60 A " TWO "\nmail 300 A 127.0.0.97\n"
				   "mail 300 AAAA ::3\n";

static const struct hosted zones[] = {
	{ WORLD_ROOT, ".", root_zone }, { NET, "net.", net_zone }, { ONE, "one.net.", one_zone },
	{ TWO, "two.net.", two_zone },  { NULL, NULL, NULL },
};

struct cached_world {
	struct walk_world *w;
	struct fake_clock clock;
	struct walk_cache *cache;
};

static int setup(void **state)
{
	struct cached_world *c = mem_alloc(sizeof(*c));
	c->w = walk_world_new(zones);
	fake_clock_init(&c->clock, 1000);
	c->cache = walk_cache_new(100, &c->clock.clock);
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	struct cached_world *c = *state;
	walk_cache_free(c->cache);
	walk_world_free(c->w);
	free(c);
	return 0;
}

/* A walk of its own, whose arena goes away afterwards; the questions that it took. */
static unsigned resolve(struct cached_world *c, const char *name, const char *fresh,
			const char *address)
{
	unsigned before = internet_asked(c->w->net);
	struct arena *a = arena_new();
	struct walk *walk = walk_begin(a, &(struct walk_opts){ .engine = c->w->en,
							       .root_hints = walk_world_hints,
							       .cache = c->cache,
							       .fresh = fresh });
	struct walk_task *t = walk_want_host(walk, name);
	walk_world_run(walk);
	struct host_view h = walk_host_view(a, t);
	if (address == NULL) {
		assert_int_equal(h.n, 0);
	} else {
		assert_int_equal(h.n, 2);
		assert_string_equal(h.addresses[0], address);
		assert_string_equal(t->seen[0].rrset->rdata[0], address);
	}
	assert_true(walk_root_heard(walk));
	arena_free(a);
	return internet_asked(c->w->net) - before;
}

static void upper_zones_are_asked_once(void **state)
{
	struct cached_world *c = *state;
	assert_int_equal(resolve(c, "mail.one.net.", "one.net.", "127.0.0.99"), 4);
	/* Not the root again, but the zone itself: by `fresh` it may not be remembered. */
	assert_int_equal(resolve(c, "mail.one.net.", "one.net.", "127.0.0.99"), 3);
	assert_int_equal(resolve(c, "mail.two.net.", "one.net.", "127.0.0.97"), 3);
	assert_int_equal(resolve(c, "mail.two.net.", "one.net.", "127.0.0.97"), 0);
	assert_int_equal(internet_asked_at(c->w->net, WORLD_ROOT), 1);
}

static void hosts_are_kept_with_all_that_was_said(void **state)
{
	struct cached_world *c = *state;
	assert_true(resolve(c, "to.one.net.", NULL, "127.0.0.97") > 0);
	assert_int_equal(resolve(c, "to.one.net.", NULL, "127.0.0.97"), 0);
	assert_true(resolve(c, "nobody.one.net.", NULL, NULL) > 0);
	assert_int_equal(resolve(c, "nobody.one.net.", NULL, NULL), 0); /* 60 s long */
	/* Who is audited must be asked, even where somebody else's name leads to it. */
	assert_true(resolve(c, "to.one.net.", "two.net.", "127.0.0.97") > 0);
	c->clock.at_ms += 60001;
	assert_true(resolve(c, "nobody.one.net.", NULL, NULL) > 0);
}

static void nothing_outlives_its_ttl(void **state)
{
	struct cached_world *c = *state;
	assert_true(resolve(c, "mail.one.net.", NULL, "127.0.0.99") > 0);
	c->clock.at_ms += 119999;
	assert_int_equal(resolve(c, "mail.one.net.", NULL, "127.0.0.99"), 0);
	c->clock.at_ms += 1; /* the AAAA set's 120 s; the zone's 60 s are over too */
	assert_int_equal(resolve(c, "mail.one.net.", NULL, "127.0.0.99"), 3);
	c->clock.at_ms += 3600 * (int64_t)1000; /* never over an hour, whatever its TTL says */
	assert_int_equal(resolve(c, "mail.one.net.", NULL, "127.0.0.99"), 4);
	assert_true(resolve(c, "zero.one.net.", NULL, "127.0.0.98") > 0);
	assert_true(resolve(c, "zero.one.net.", NULL, "127.0.0.98") > 0);
}

static void evidence_about_ds_is_kept(void **state)
{
	struct cached_world *c = *state;
	(void)resolve(c, "mail.one.net.", NULL, "127.0.0.99");
	struct walk *walk = walk_begin(c->w->a, &(struct walk_opts){ .engine = c->w->en,
								     .root_hints = walk_world_hints,
								     .cache = c->cache });
	struct cut *net = cut_for(walk, "x.net.");
	assert_string_equal(net->name, "net.");
	assert_string_equal(net->parent->name, ".");
	assert_true(net->ds_known);
	assert_int_equal(net->ds.rrset->n, 1);
	assert_true(net->heard);
	assert_string_equal(net->addresses.at[0].host, "ns.net.");
}

static struct cut *plain_cut(struct arena *a, int number)
{
	static const char *const ns[] = { "ns.example." };
	static struct cut root = { .name = "." };
	struct cut *c = ARENA_NEW(a, struct cut);
	struct rrset set = { arena_printf(a, "z%d.", number), RR_NS, 60, 1, ns, false, false };
	c->name = set.name;
	c->parent = &root;
	c->ns = arena_memdup(a, &set, sizeof(set));
	return c;
}

static bool has_cut(struct walk_cache *cache, struct arena *a, int number)
{
	const char *parent = NULL;
	return walk_cache_cut(cache, a, arena_printf(a, "z%d.", number), &parent) != NULL;
}

static void the_one_not_used_for_longest_goes_first(void **state)
{
	struct cached_world *c = *state;
	struct arena *a = c->w->a;
	struct walk_cache *cache = walk_cache_new(3, &c->clock.clock);
	for (int i = 0; i < 3; i++)
		walk_cache_put_cut(cache, plain_cut(a, i), 60);
	assert_true(has_cut(cache, a, 0)); /* used: now number 1 is the oldest */
	walk_cache_put_cut(cache, plain_cut(a, 3), 60);
	assert_true(has_cut(cache, a, 0));
	assert_false(has_cut(cache, a, 1));
	assert_true(has_cut(cache, a, 2));
	assert_true(has_cut(cache, a, 3));
	walk_cache_put_cut(cache, plain_cut(a, 3), 60); /* again: still one entry */
	assert_true(has_cut(cache, a, 0));
	walk_cache_free(cache);
	/* However many come, no more stay. */
	cache = walk_cache_new(10, &c->clock.clock);
	for (int i = 0; i < 1000; i++)
		walk_cache_put_cut(cache, plain_cut(a, i), 60);
	size_t kept = 0;
	for (int i = 0; i < 1000; i++)
		kept += has_cut(cache, a, i) ? 1 : 0;
	assert_int_equal(kept, 10);
	walk_cache_free(cache);
	walk_cache_free(NULL);
}

/* The wall clock is set, forwards and back. */
static void a_clock_that_is_set_keeps_and_drops_nothing(void **state)
{
	struct cached_world *c = *state;
	struct walk_cache *fake = c->cache;
	c->cache = walk_cache_new(100, &c->w->clock);
	assert_true(resolve(c, "mail.two.net.", NULL, "127.0.0.97") > 0);
	c->w->set_ms = 86400000;
	assert_int_equal(resolve(c, "mail.two.net.", NULL, "127.0.0.97"), 0);
	c->w->set_ms = -86400000;
	c->w->ahead_ms += 301000;
	assert_true(resolve(c, "mail.two.net.", NULL, "127.0.0.97") > 0);
	walk_cache_free(c->cache);
	c->cache = fake;
}

static void a_word_about_an_address_is_kept_for_a_minute(void **state)
{
	struct cached_world *c = *state;
	walk_cache_tell(NULL, ONE, WORD_TAKES_TCP);
	assert_false(walk_cache_told(NULL, ONE, WORD_TAKES_TCP));
	assert_false(walk_cache_told(c->cache, ONE, WORD_TAKES_TCP));
	walk_cache_tell(c->cache, ONE, WORD_TAKES_TCP);
	assert_true(walk_cache_told(c->cache, ONE, WORD_TAKES_TCP));
	assert_false(walk_cache_told(c->cache, TWO, WORD_TAKES_TCP));
	assert_false(walk_cache_told(c->cache, ONE, WORD_NO_RECURSION));
	c->clock.at_ms += 61000;
	assert_false(walk_cache_told(c->cache, ONE, WORD_TAKES_TCP));
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(upper_zones_are_asked_once),
		WORLD_TEST(hosts_are_kept_with_all_that_was_said),
		WORLD_TEST(nothing_outlives_its_ttl),
		WORLD_TEST(a_clock_that_is_set_keeps_and_drops_nothing),
		WORLD_TEST(evidence_about_ds_is_kept),
		WORLD_TEST(a_word_about_an_address_is_kept_for_a_minute),
		WORLD_TEST(the_one_not_used_for_longest_goes_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
