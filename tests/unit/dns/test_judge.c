#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "dns/judge.h"

static const char *const address[] = { "127.0.0.1" };
static const char *const inside[] = { "www.x.net." };
static const char *const outside[] = { "www.y.net." };
static const char *const server[] = { "ns.x.net." };
static const char *const soa_data[] = { "ns.x.net. h.x.net. 1 600 120 86400 300" };
static const char *const some[] = { "" };

static const struct rrset alias_in = { "a.x.net.", RR_CNAME, 60, 1, inside, false, false };
static const struct rrset alias_out = { "a.x.net.", RR_CNAME, 60, 1, outside, false, false };
static const struct rrset www = { "www.x.net.", RR_A, 60, 1, address, false, false };
static const struct rrset foreign = { "www.y.net.", RR_A, 60, 1, address, false, false };
static const struct rrset soa = { "x.net.", RR_SOA, 120, 1, soa_data, false, false };
static const struct rrset child_soa = { "c.x.net.", RR_SOA, 120, 1, soa_data, false, false };
static const struct rrset child_ns = { "c.x.net.", RR_NS, 60, 1, server, false, false };
static const struct rrset child_ds = { "c.x.net.", RR_DS, 60, 1, some, false, false };
static const struct rrset child_nsec = { "c.x.net.", RR_NSEC, 60, 1, some, false, false };
static const struct rrset child_sig = { "c.x.net.", RR_RRSIG, 60, 1, some, false, false };

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

/* Lists end with NULL. */
static size_t count(const struct rrset *const *list)
{
	size_t n = 0;
	while (list[n] != NULL)
		n++;
	return n;
}

static const struct rrset *const nothing[] = { NULL };

/* The answer of a server of x.net. that is sure of itself. */
static struct dns_answer answer_of(const struct rrset *const *answer,
				   const struct rrset *const *authority)
{
	return (struct dns_answer){ .qr = true,
				    .aa = true,
				    .answer_n = count(answer),
				    .answer = answer,
				    .authority_n = count(authority),
				    .authority = authority };
}

static struct dns_ask asked(const char *name, uint16_t type, const struct dns_answer *ans)
{
	return (struct dns_ask){ .question = { name, type },
				 .reply = { .outcome = DNS_ANSWERED, .answer = ans, .at_ms = 7 } };
}

static void what_a_server_says_of_its_own_names_counts(void **state)
{
	static const struct rrset *const in[] = { &alias_in, &www, NULL };
	struct dns_answer ans = answer_of(in, nothing);
	struct dns_ask ask = asked("a.x.net.", RR_A, &ans);
	struct seen s = judge_seen(*state, "x.net.", &ask);
	assert_int_equal(s.state, SEEN_DATA);
	assert_ptr_equal(s.rrset, &www);
	assert_string_equal(s.alias, "www.x.net.");
	assert_int_equal(s.at_ms, 7);
	assert_null(s.proof);
}

/* Only a resolver may speak for everybody. */
static void what_it_says_of_others_does_not(void **state)
{
	static const struct rrset *const out[] = { &alias_out, &foreign, NULL };
	struct dns_answer ans = answer_of(out, nothing);
	struct dns_ask ask = asked("a.x.net.", RR_A, &ans);
	struct seen s = judge_seen(*state, "x.net.", &ask);
	assert_int_equal(s.state, SEEN_NODATA);
	assert_null(s.rrset);
	assert_string_equal(s.alias, "www.y.net.");
	ans.rcode = 3; /* nor does it know that the target does not exist */
	ans.answer_n = 1;
	assert_int_equal(judge_seen(*state, "x.net.", &ask).state, SEEN_NODATA);
	assert_int_equal(judge_seen(*state, NULL, &ask).state, SEEN_NXDOMAIN);
	ans = answer_of(out, nothing);
	assert_ptr_equal(judge_seen(*state, NULL, &ask).rrset, &foreign);
}

static void negative_answers(void **state)
{
	static const struct rrset *const with_soa[] = { &soa, NULL };
	struct dns_answer ans = answer_of(nothing, with_soa);
	struct dns_ask ask = asked("b.x.net.", RR_A, &ans);
	struct seen s = judge_seen(*state, "x.net.", &ask);
	assert_int_equal(s.state, SEEN_NODATA);
	assert_int_equal(s.negative_ttl, 120);
	assert_false(s.no_soa);
	ans = answer_of(nothing, nothing);
	s = judge_seen(*state, "x.net.", &ask);
	assert_true(s.no_soa);
	assert_int_equal(s.negative_ttl, 0);
}

static void what_came_along_with_the_answer(void **state)
{
	static const struct rrset *const data[] = { &www, NULL };
	static const struct rrset *const other[] = { &alias_in, &www, NULL };
	struct dns_answer ans = answer_of(data, nothing);
	struct dns_ask ask = asked("www.x.net.", RR_A, &ans);
	ans.has_ede = true;
	ans.ede = 3;
	ans.ttl_mixed = &www;
	ans.ttl_lowest = 5;
	ask.reply.over_tcp = ask.reply.without_edns = true;
	struct seen s = judge_seen(*state, "x.net.", &ask);
	assert_true(s.has_ede && s.over_tcp && s.without_edns && s.ttl_mixed);
	assert_int_equal(s.ede, 3);
	assert_int_equal(s.ttl_lowest, 5);
	ask.tcp_only = true; /* it was not truncated: nobody asked by UDP */
	ans.answer = other;
	ans.answer_n = 2;
	ans.ttl_mixed = &alias_in; /* another set's */
	s = judge_seen(*state, "x.net.", &ask);
	assert_false(s.over_tcp || s.ttl_mixed);
	assert_int_equal(s.ttl_lowest, 0);
}

static void silence_says_how(void **state)
{
	struct dns_ask ask = { .question = { "x.net.", RR_MX },
			       .reply = { .outcome = DNS_TRUNCATED } };
	struct seen s = judge_seen(*state, "x.net.", &ask);
	assert_int_equal(s.state, SEEN_UNREADABLE);
	assert_int_equal(s.outcome, DNS_TRUNCATED);
	assert_non_null(s.note);
}

static void a_referral_about_ds(void **state)
{
	static const struct rrset *const signed_ds[] = { &child_ns, &child_ds, &child_sig, NULL };
	static const struct rrset *const denied[] = { &child_ns, &child_nsec, &child_sig, NULL };
	static const struct rrset *const unsigned_nsec[] = { &child_ns, &child_nsec, NULL };
	struct dns_answer ans = answer_of(nothing, signed_ds);
	struct dns_ask ask = asked("www.c.x.net.", RR_A, &ans);
	ans.aa = false;
	struct seen s = judge_referral_ds(*state, "c.x.net.", &ask);
	assert_int_equal(s.state, SEEN_DATA);
	assert_ptr_equal(s.rrset, &child_ds);
	assert_int_equal(s.proof->authority_n, 2); /* without the NS set */
	ans.authority = denied;
	assert_int_equal(judge_referral_ds(*state, "c.x.net.", &ask).state, SEEN_NODATA);
	ans.authority = unsigned_nsec;
	ans.authority_n = 2;
	assert_int_equal(judge_referral_ds(*state, "c.x.net.", &ask).state, SEEN_UNREADABLE);
}

/* DS is the parent's: a referral to the zone itself, or its own denial, answers nothing. */
static void who_may_speak_about_ds(void **state)
{
	static const struct rrset *const referral[] = { &child_ns, NULL };
	static const struct rrset *const childs[] = { &child_soa, NULL };
	static const struct rrset *const parents[] = { &soa, NULL };
	struct dns_answer ans = answer_of(nothing, referral);
	struct dns_ask ask = asked("c.x.net.", RR_DS, &ans);
	ans.aa = false;
	assert_int_equal(judge_iterative(*state, "x.net.", &ask).verdict, VERDICT_USELESS);
	ask.question.type = RR_A;
	assert_int_equal(judge_iterative(*state, "x.net.", &ask).verdict, VERDICT_REFERRAL);
	ask.question.type = RR_DS;
	ans = answer_of(nothing, childs);
	assert_int_equal(judge_iterative(*state, "x.net.", &ask).verdict, VERDICT_USELESS);
	ans = answer_of(nothing, parents);
	assert_int_equal(judge_iterative(*state, "x.net.", &ask).verdict, VERDICT_NODATA);
}

int main(void)
{
#define ARENA_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		ARENA_TEST(what_a_server_says_of_its_own_names_counts),
		ARENA_TEST(what_it_says_of_others_does_not),
		ARENA_TEST(negative_answers),
		ARENA_TEST(what_came_along_with_the_answer),
		ARENA_TEST(silence_says_how),
		ARENA_TEST(a_referral_about_ds),
		ARENA_TEST(who_may_speak_about_ds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
