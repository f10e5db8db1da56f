#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "dns/snapshot.h"
#include "internet.h"

#define SOA  "@ 60 SOA ns h 1 600 120 86400 300\n"
#define ROOT "127.0.0.11"
#define NET  "127.0.0.12"
#define ONE  "127.0.0.13"
#define TWO  "127.0.0.14"

static const char root_zone[] = SOA "@ 60 NS a.root.\n"
				    "net. 60 NS ns.net.\nns.net. 60 A " NET "\n"
				    "org. 60 NS ns.net.\n"
				    "circle. 60 NS ns.round.\nround. 60 NS ns.circle.\n";
static const char net_zone[] = SOA "@ 60 NS ns\nns 60 A " NET "\n"
				   "x 3600 NS ns1.x\nx 3600 NS ns.dns.org.\nns1.x 60 A " ONE "\n"
				   "dead 60 NS ns.dead\nns.dead 60 A " TWO "\n"
				   "same 60 NS ns.net.\n"
				   "lost 60 NS ns.circle.\n";
static const char org_zone[] = SOA "@ 60 NS ns.net.\ndns 60 NS ns.dns\nns.dns 60 A " TWO "\n";
static const char dns_zone[] = SOA
	"@ 60 NS ns\nns 60 A " TWO "\nmail 60 A 127.0.0.99\n"
	"a 60 CNAME b\nb 60 CNAME a\n"
	"spf 60 TXT \"v=spf1 include:spf.dns.org include:deep.dns.org -all\"\n"
	"deep 60 TXT \"v=spf1 ip4:127.0.0.9 -all\"\n";
static const char x_zone[] = SOA "@ 7200 NS ns1\n@ 7200 NS ns.dns.org.\nns1 60 A " ONE "\n"
				 "@ 300 MX 10 mail.dns.org.\n@ 300 MX 20 alias\n"
				 "@ 300 TXT \"v=spf1 include:spf.dns.org -all\"\n"
				 "alias 60 CNAME mail.dns.org.\nloop 60 CNAME a.dns.org.\n"
				 "sub 60 A 127.0.0.98\n"
				 "_domainkey 60 NS ns.elsewhere.org.\n";

static const struct hosted zones[] = {
	{ ROOT, ".", root_zone },      { NET, "net.", net_zone },
	{ NET, "org.", org_zone },     { NET, "same.net.", SOA "@ 60 NS ns.net.\n" },
	{ ONE, "x.net.", x_zone },     { TWO, "x.net.", x_zone },
	{ TWO, "dns.org.", dns_zone }, { NULL, NULL, NULL },
};

struct world {
	struct arena *a;
	struct internet *net;
	struct seeded_rng rng;
	struct dns_engine *en;
	struct snapshot_opts opts;
};

static const char *const hints[] = { ROOT, NULL };

static int setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	struct err e = { 0 };
	w->a = arena_new();
	w->net = internet_start(zones);
	seeded_rng_init(&w->rng, 1);
	w->en = dns_engine_new(&(struct dns_engine_opts){ .clock = clock_system(),
							  .rng = &w->rng.rng,
							  .port = internet_port(w->net),
							  .timeout_ms = 500,
							  .tries = 3,
							  .wake_fd = -1 },
			       &e);
	w->opts =
		(struct snapshot_opts){ .domain = "x.net.", .root_hints = hints, .engine = w->en };
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	dns_engine_free(w->en);
	internet_stop(w->net);
	arena_free(w->a);
	free(w);
	return 0;
}

static const struct snapshot *take(struct world *w, const char *domain)
{
	const struct snapshot *s = NULL;
	struct err e = { 0 };
	w->opts.domain = domain;
	if (snapshot_take(w->a, &w->opts, &s, &e) != 0)
		fail_msg("%s", e.text);
	return s;
}

static void every_server_is_asked(void **state)
{
	struct world *w = *state;
	const struct snapshot *s = take(w, "x.net.");
	assert_int_equal(s->delegation, DELEGATION_OK);
	assert_string_equal(s->zone, "x.net.");
	assert_string_equal(s->parent, "net.");
	assert_int_equal(s->parent_ns->ttl, 3600); /* what the parent says … */
	assert_int_equal(s->child_ns->ttl, 7200);  /* … and what the zone says */
	assert_int_equal(s->server_n, 2);          /* one by glue, one by its own name */
	for (size_t i = 0; i < s->server_n; i++) {
		assert_int_equal(s->servers[i].state, SERVER_OK);
		assert_true(s->servers[i].in_parent && s->servers[i].in_child);
		const struct seen *mx = server_seen(&s->servers[i], "x.net.", RR_MX);
		assert_int_equal(mx->state, SEEN_DATA);
		assert_int_equal(mx->rrset->n, 2);
		const struct seen *dmarc = server_seen(&s->servers[i], "_dmarc.x.net.", RR_TXT);
		assert_int_equal(dmarc->state, SEEN_NXDOMAIN);
		assert_int_equal(dmarc->negative_ttl, 60);
	}
}

static void hosts_and_spf_are_followed(void **state)
{
	struct world *w = *state;
	const struct snapshot *s = take(w, "x.net.");
	assert_int_equal(snapshot_host(s, "mail.dns.org.")->n, 1);
	const struct host_view *alias = snapshot_host(s, "alias.x.net.");
	assert_string_equal(alias->alias, "mail.dns.org.");
	assert_string_equal(alias->addresses[0], "127.0.0.99");
	assert_int_equal(s->spf_n, 3); /* an include of itself is not followed again */
	assert_string_equal(s->spf[2].name, "deep.dns.org.");
	assert_int_equal(s->spf[2].n, 1);
}

static void extra_questions_and_occlusion(void **state)
{
	struct world *w = *state;
	const struct dns_question extra[] = { { "s1._domainkey.x.net.", RR_CNAME } };
	w->opts.extra = extra;
	w->opts.extra_n = 1;
	const struct snapshot *s = take(w, "x.net.");
	const struct seen *seen = server_seen(&s->servers[0], extra[0].name, RR_CNAME);
	assert_int_equal(seen->state, SEEN_REFERRAL);
}

static void delegations_are_told_apart(void **state)
{
	struct world *w = *state;
	assert_int_equal(take(w, "nobody.net.")->delegation, DELEGATION_MISSING);
	const struct snapshot *s = take(w, "sub.x.net.");
	assert_int_equal(s->delegation, DELEGATION_IN_PARENT_ZONE);
	assert_string_equal(s->zone, "x.net.");
	assert_int_equal(s->server_n, 2);
	s = take(w, "dead.net."); /* its server refuses the zone */
	assert_int_equal(s->delegation, DELEGATION_BROKEN);
	assert_int_equal(s->servers[0].state, SERVER_LAME);
	assert_string_equal(s->servers[0].note, "REFUSED");
	s = take(w, "lost.net."); /* its server's name cannot be found */
	assert_int_equal(s->delegation, DELEGATION_BROKEN);
	assert_string_equal(s->servers[0].address, "");
	s = take(w, "same.net."); /* parent and child on one server */
	assert_int_equal(s->delegation, DELEGATION_OK);
	assert_string_equal(s->zone, "same.net.");
	assert_int_equal(s->servers[0].state, SERVER_OK);
}

static void no_zone_can_trap_the_walk(void **state)
{
	struct world *w = *state;
	struct host_view h;
	struct err e = { 0 };
	static const char *const traps[] = { "www.circle.", "loop.x.net.", "a.dns.org." };
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(dns_resolve_host(w->a, &w->opts, traps[i], &h, &e), 0);
		assert_int_equal(h.state, SEEN_UNREADABLE);
		assert_int_equal(h.n, 0);
	}
	assert_true(internet_asked(w->net) < 300);
	assert_int_equal(dns_resolve_host(w->a, &w->opts, "nobody.dns.org.", &h, &e), 0);
	assert_int_equal(h.state, SEEN_NXDOMAIN);
	assert_int_equal(dns_resolve_host(w->a, &w->opts, "ns.net.", &h, &e), 0);
	assert_string_equal(h.addresses[0], NET);
}

static void the_panel_answers_for_itself(void **state)
{
	struct world *w = *state;
	/* One that knows the root and nothing else, one that refuses everything. */
	static const char *const panel[] = { ROOT, TWO, NULL };
	w->opts.resolvers = panel;
	const struct snapshot *s = take(w, "x.net.");
	assert_int_equal(s->resolver_n, 2);
	assert_true(s->resolvers[0].works);
	assert_false(s->resolvers[1].works);
	assert_string_equal(s->resolvers[1].note, "REFUSED");
}

static void without_a_root_the_world_failed(void **state)
{
	struct world *w = *state;
	static const char *const nobody[] = { "127.0.0.15", NULL };
	const struct snapshot *s = NULL;
	struct err e = { 0 };
	w->opts.root_hints = nobody;
	assert_int_equal(snapshot_take(w->a, &w->opts, &s, &e), -1);
	assert_int_equal(e.kind, ERR_WORLD);
	assert_non_null(strstr(e.hint, "--root-hints"));
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(every_server_is_asked),
		WORLD_TEST(hosts_and_spf_are_followed),
		WORLD_TEST(extra_questions_and_occlusion),
		WORLD_TEST(delegations_are_told_apart),
		WORLD_TEST(no_zone_can_trap_the_walk),
		WORLD_TEST(the_panel_answers_for_itself),
		WORLD_TEST(without_a_root_the_world_failed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
