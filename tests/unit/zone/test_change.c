#include "zone_test.h"

#include <string.h>

static struct change_set set_with(size_t n, const struct change *changes)
{
	return (struct change_set){ .id = "staging", .zone = "x.net.", .n = n, .changes = changes };
}

static void a_sound_set_passes_and_inverts(void **state)
{
	struct arena *a = *state;
	struct err e = { 0 };
	const struct rrset *mx = set_of(a, "x.net.", RR_MX, 86400, RDATA("10 mail.x.net."));
	const struct rrset *txt = set_of(a, "x.net.", RR_TXT, 60, RDATA("\"MS=1\""));
	const struct change list[] = {
		{ "x.net.", RR_MX, mx, rrset_with_ttl(a, mx, 300), "TTL down" },
		{ "x.net.", RR_TXT, NULL, txt, "proof" },
	};
	struct change_set cs = set_with(2, list);
	assert_int_equal(change_set_check(&cs, &e), 0);
	const struct change_set *back = change_set_inverse(a, &cs);
	assert_int_equal(change_set_check(back, &e), 0);
	assert_int_equal(back->changes[0].type, RR_TXT); /* newest first */
	assert_null(back->changes[0].after);
	assert_int_equal(back->changes[1].after->ttl, 86400);
	const struct change_set *twice = change_set_inverse(a, back);
	assert_string_equal(change_set_hash(a, twice), change_set_hash(a, &cs));
	assert_string_not_equal(change_set_hash(a, back), change_set_hash(a, &cs));
}

static void what_no_plan_may_hold_is_refused(void **state)
{
	struct arena *a = *state;
	const struct rrset *a1 = set_of(a, "w.x.net.", RR_A, 60, RDATA("10.0.0.1"));
	const struct rrset *alias = set_of(a, "w.x.net.", RR_CNAME, 60, RDATA("y."));
	const struct rrset *apex = set_of(a, "x.net.", RR_CNAME, 60, RDATA("y."));
	const struct rrset *ns = set_of(a, "x.net.", RR_NS, 60, RDATA("y."));
	const struct rrset *soa = set_of(a, "x.net.", RR_SOA, 60, RDATA("a. b. 1 2 3 4 5"));
	const struct rrset *out = set_of(a, "x.org.", RR_A, 60, RDATA("10.0.0.1"));
	const struct {
		size_t n;
		struct change list[2];
	} bad[] = {
		{ 1, { { "w.x.net.", RR_A, a1, a1, "" } } },
		{ 1, { { "w.x.net.", RR_A, NULL, NULL, "" } } },
		{ 1, { { "w.x.net.", RR_MX, NULL, a1, "" } } },
		{ 1, { { "x.net.", RR_NS, NULL, ns, "" } } },
		{ 1, { { "x.net.", RR_SOA, NULL, soa, "" } } },
		{ 1, { { "x.net.", RR_CNAME, NULL, apex, "" } } },
		{ 1, { { "x.org.", RR_A, NULL, out, "" } } },
		{ 2, { { "w.x.net.", RR_A, NULL, a1, "" }, { "w.x.net.", RR_A, a1, NULL, "" } } },
		{ 2,
		  { { "w.x.net.", RR_A, NULL, a1, "" },
		    { "w.x.net.", RR_CNAME, NULL, alias, "" } } },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { 0 };
		struct change_set cs = set_with(bad[i].n, bad[i].list);
		if (change_set_check(&cs, &e) == 0)
			fail_msg("case %zu was accepted", i);
		assert_int_equal(e.kind, ERR_REFUSED);
	}
	/* An address that gives way to an alias is no conflict. */
	const struct change swap[] = { { "w.x.net.", RR_A, a1, NULL, "" },
				       { "w.x.net.", RR_CNAME, NULL, alias, "" } };
	struct change_set cs = set_with(2, swap);
	struct err e = { 0 };
	assert_int_equal(change_set_check(&cs, &e), 0);
}

static void json_there_and_back(void **state)
{
	struct arena *a = *state;
	struct err e = { 0 };
	const struct rrset *txt = set_of(a, "x.net.", RR_TXT, 60, RDATA("\"MS=1\""));
	const struct change list[] = { { "x.net.", RR_TXT, NULL, txt, "proof" } };
	struct change_set cs = set_with(1, list);
	struct js *v = change_set_to_js(&cs);
	const struct change_set *back = change_set_from_js(a, v, &e);
	assert_non_null(back);
	assert_string_equal(back->id, "staging");
	assert_string_equal(back->changes[0].why, "proof");
	assert_null(back->changes[0].before);
	assert_string_equal(change_set_hash(a, back), change_set_hash(a, &cs));
	js_set_str(js_at(js_get(v, "changes"), 0), "name", "bad..name");
	assert_null(change_set_from_js(a, v, &e));
	js_free(v);
	assert_null(change_set_from_js(a, NULL, &e));
}

static void people_see_what_stays(void **state)
{
	struct arena *a = *state;
	struct err e = { 0 };
	const struct rrset *spf = set_of(a, "x.net.", RR_TXT, 60, RDATA("\"v=spf1 -all\""));
	const struct rrset *mx = set_of(a, "x.net.", RR_MX, 86400, RDATA("10 m."));
	const struct change list[] = {
		{ "x.net.", RR_TXT, spf, rrset_with(a, spf, "\"MS=1\"", &e), "proof of ownership" },
		{ "x.net.", RR_MX, mx, rrset_with_ttl(a, mx, 300), NULL },
	};
	struct change_set cs = set_with(2, list);
	struct buf b;
	buf_init(&b);
	change_set_print(&cs, &b);
	assert_string_equal(b.at, "  x.net. 60 IN TXT \"v=spf1 -all\"\n"
				  "+ x.net. 60 IN TXT \"MS=1\"\n"
				  "  # proof of ownership\n"
				  "- x.net. 86400 IN MX 10 m.\n"
				  "+ x.net. 300 IN MX 10 m.\n");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ZONE_TEST(a_sound_set_passes_and_inverts),
		ZONE_TEST(what_no_plan_may_hold_is_refused),
		ZONE_TEST(json_there_and_back),
		ZONE_TEST(people_see_what_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
