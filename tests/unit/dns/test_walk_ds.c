#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "walk_world.h"
#include "zone/dname.h"

#define SOA "@ 60 SOA ns h 1 600 120 86400 300\n"
#define NET "127.0.0.22"
#define ONE "127.0.0.23"
/* No validator is at work here: any signature will do. */
#define SIGNED(name, type, labels, zone)                                                           \
	name " 60 RRSIG " type " 13 " labels " 60 20300101000000 20200101000000 1 " zone " AAAA\n"
#define DIGEST "0000000000000000000000000000000000000000000000000000000000000000"

static const char root_zone[] = SOA
	"@ 60 NS a.root.\n"
	"net. 60 NS ns.net.\nns.net. 60 A " NET "\n"
	"net. 60 DS 1 13 2 " DIGEST
	"\n" SIGNED("net.", "DS", "1",
		    ".") "org. 60 NS ns.net.\norg. 60 NSEC net. NS RRSIG "
			 "NSEC\n" SIGNED("org.", "NSEC", "1",
					 ".") "com. 60 NS ns.net.\nuk. 60 NS ns.net.\n";
/* uk. and co.uk. have one server, so that no referral leads to co.uk. */
static const char uk_zone[] = SOA "@ 60 NS ns.net.\nco 60 NS ns.net.\nco 60 DS 3 13 2 " DIGEST
				  "\n" SIGNED("co", "DS", "2", "uk.");
static const char couk_zone[] = SOA "@ 60 NS ns.net.\nx 60 NS ns.one.com.\nx 60 DS 4 13 2 " DIGEST
				    "\n" SIGNED("x", "DS", "3", "co.uk.") "y 60 NS ns.one.com.\n";
static const char net_zone[] =
	SOA SIGNED("net.", "SOA", "1", "net.") "@ 60 NS ns\nns 60 A " NET "\n" SIGNED(
		"ns", "A", "2",
		"net.") "both 60 NS ns.net.\nboth 60 DS 2 13 2 " DIGEST
			"\n" SIGNED("both", "DS", "2", "net.") "to 60 CNAME www.both.net.\n" SIGNED(
				"to", "CNAME", "2",
				"net.") "near 60 CNAME "
					"mail.one.com.\n" SIGNED("near", "CNAME", "2", "net.");
static const char com_zone[] = SOA "@ 60 NS ns.net.\none 60 NS ns.one\nns.one 60 A " ONE "\n";
static const char one_zone[] = SOA "@ 60 NS ns\nns 60 A " ONE "\nmail 60 A 127.0.0.99\n";
static const char both_zone[] = SOA
	"@ 60 NS ns.net.\nwww 60 A 127.0.0.98\n" SIGNED("www", "A", "3", "both.net.");

static const struct hosted zones[] = {
	{ WORLD_ROOT, ".", root_zone },
	{ NET, "net.", net_zone },
	{ NET, "org.", SOA "@ 60 NS ns.net.\n" },
	{ NET, "com.", com_zone },
	{ NET, "both.net.", both_zone },
	{ NET, "uk.", uk_zone },
	{ NET, "co.uk.", couk_zone },
	{ ONE, "one.com.", one_zone },
	{ ONE, "x.co.uk.", SOA "@ 60 NS ns.one.com.\nwww 60 A 127.0.0.97\n" },
	{ NULL, NULL, NULL },
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

static struct cut *find_cut(struct walk *walk, const char *name)
{
	struct walk_task *t = walk_want_cut(walk, name);
	walk_world_run(walk);
	assert_int_equal(t->states[0], SEEN_DATA);
	assert_string_equal(t->cut->name, name);
	return t->cut;
}

static bool holds(const struct rrset *const *section, size_t n, uint16_t type)
{
	for (size_t i = 0; i < n; i++) {
		if (section[i]->type == type)
			return true;
	}
	return false;
}

static void the_referral_tells(void **state)
{
	struct walk_world *w = *state;
	struct walk *walk = walk_world_walk(w);
	const struct cut *net = find_cut(walk, "net.");
	assert_true(net->ds_known);
	assert_int_equal(net->ds.state, SEEN_DATA);
	assert_int_equal(net->ds.rrset->type, RR_DS);
	assert_true(holds(net->ds.proof->authority, net->ds.proof->authority_n, RR_RRSIG));
	assert_false(holds(net->ds.proof->authority, net->ds.proof->authority_n, RR_NS));
	struct cut *org = find_cut(walk, "org.");
	assert_true(org->ds_known);
	assert_int_equal(org->ds.state, SEEN_NODATA);
	assert_true(holds(org->ds.proof->authority, org->ds.proof->authority_n, RR_NSEC));
	unsigned before = internet_asked(w->net);
	struct walk_task *t = walk_want_ds(walk, org);
	assert_true(t->done);
	assert_int_equal(t->states[0], SEEN_NODATA);
	assert_ptr_equal(t->seen[0].proof, org->ds.proof);
	assert_int_equal(internet_asked(w->net), before);
	assert_null(walk_want_ds(walk, (struct cut *)(uintptr_t)org->parent));
}

static void a_referral_without_a_word_is_asked_about(void **state)
{
	struct walk *walk = walk_world_walk(*state);
	struct cut *com = find_cut(walk, "com.");
	assert_false(com->ds_known);
	assert_int_equal(com->ds.state, SEEN_UNREADABLE);
	struct walk_task *t = walk_want_ds(walk, com);
	walk_world_run(walk);
	assert_int_equal(t->states[0], SEEN_NODATA);
	assert_string_equal(t->cut->name, ".");
	assert_true(com->ds_known);
	assert_int_equal(com->ds.state, SEEN_NODATA);
	assert_null(com->ds.proof);
}

/* No referral leads from a zone to another on the same server. */
static void parent_and_child_on_one_server(void **state)
{
	struct walk_world *w = *state;
	struct walk *walk = walk_world_walk(w);
	struct cut *both = find_cut(walk, "both.net.");
	assert_true(both->ns_by_child);
	assert_false(both->ds_known);
	struct walk_task *t = walk_want_ds(walk, both);
	assert_ptr_equal(walk_want_ds(walk, both), t);
	walk_world_run(walk);
	assert_int_equal(t->states[0], SEEN_DATA);
	assert_string_equal(t->cut->name, "net.");
	assert_true(both->ds_known);
	assert_ptr_equal(both->ds.rrset, t->sets[0]);
	assert_true(holds(both->ds.proof->answer, both->ds.proof->answer_n, RR_RRSIG));
}

static void a_denial_is_of_the_zone_whose_soa_it_has(void **state)
{
	struct walk *walk = walk_world_walk(*state);
	struct walk_task *t = walk_want(walk, "both.net.", RR_MX);
	walk_world_run(walk);
	assert_int_equal(t->states[0], SEEN_NODATA);
	assert_string_equal(t->cut->name, "both.net.");
	assert_string_equal(t->cut->parent->name, "net.");
}

static void a_zone_that_no_referral_shows(void **state)
{
	struct walk *walk = walk_world_walk(*state);
	struct cut *x = find_cut(walk, "x.co.uk.");
	assert_string_equal(x->ds.rrset->name, "x.co.uk.");
	assert_string_equal(x->parent->name, "co.uk.");
	assert_string_equal(x->parent->parent->name, "uk.");
	struct cut *between = find_cut(walk, "co.uk.");
	assert_ptr_equal(between, x->parent);
	assert_string_equal(between->ns->name, "co.uk.");
	struct walk_task *t = walk_want_ds(walk, between);
	walk_world_run(walk);
	assert_int_equal(t->states[0], SEEN_DATA);
	assert_string_equal(t->cut->name, "uk.");
	t = walk_want(walk, "www.x.co.uk.", RR_A);
	walk_world_run(walk);
	assert_int_equal(t->states[0], SEEN_DATA);
}

/* Without a signature the SOA of the denial shows it. */
static void a_zone_between_by_its_soa(void **state)
{
	struct walk *walk = walk_world_walk(*state);
	struct cut *y = find_cut(walk, "y.co.uk.");
	assert_string_equal(y->parent->name, "uk.");
	struct walk_task *t = walk_want_ds(walk, y);
	walk_world_run(walk);
	assert_int_equal(t->states[0], SEEN_NODATA);
	assert_string_equal(y->parent->name, "co.uk.");
}

/* A validator needs the signatures of every zone that an alias passes. */
static void proofs_of_a_chain_of_aliases(void **state)
{
	struct walk *walk = walk_world_walk(*state);
	struct walk_task *near = walk_want(walk, "near.net.", RR_A);
	struct walk_task *plain = walk_want(walk, "mail.one.com.", RR_A);
	walk_world_run(walk);
	assert_int_equal(near->seen[0].state, SEEN_DATA);
	const struct seen_proof *p = near->seen[0].proof;
	assert_non_null(p);
	assert_non_null(dns_section_find(p->answer, p->answer_n, "near.net.", RR_CNAME));
	assert_non_null(dns_section_find(p->answer, p->answer_n, "near.net.", RR_RRSIG));
	assert_non_null(dns_section_find(p->answer, p->answer_n, "mail.one.com.", RR_A));
	assert_null(plain->seen[0].proof);
}

static void denials_keep_their_proof(void **state)
{
	struct walk *walk = walk_world_walk(*state);
	struct walk_task *t = walk_want(walk, "ns.net.", RR_TXT);
	walk_world_run(walk);
	assert_int_equal(t->seen[0].state, SEEN_NODATA);
	assert_int_equal(t->seen[0].negative_ttl, 60);
	const struct seen_proof *p = t->seen[0].proof;
	assert_non_null(dns_section_find(p->authority, p->authority_n, "net.", RR_SOA));
	assert_non_null(dns_section_find(p->authority, p->authority_n, "net.", RR_RRSIG));
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(the_referral_tells),
		WORLD_TEST(a_referral_without_a_word_is_asked_about),
		WORLD_TEST(parent_and_child_on_one_server),
		WORLD_TEST(a_denial_is_of_the_zone_whose_soa_it_has),
		WORLD_TEST(a_zone_that_no_referral_shows),
		WORLD_TEST(a_zone_between_by_its_soa),
		WORLD_TEST(proofs_of_a_chain_of_aliases),
		WORLD_TEST(denials_keep_their_proof),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
