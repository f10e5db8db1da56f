#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "dns/spf_record.h"
#include "dns/spf_terms.h"

static const char *const good[] = {
	"v=spf1",
	"V=SPF1 -ALL",
	"v=spf1   -all  ",
	"v=spf1 a mx ptr -all",
	"v=spf1 a:mail.x.net a/24 a//64 a:mail.x.net/24//64 mx/0 mx:x.net//128 ~all",
	"v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 -ip4:10.0.0.0/8 ?all",
	"v=spf1 ip6:2001:db8::1 ip6:2001:db8::/32 ip6:::ffff:192.0.2.1/96 +all",
	"v=spf1 include:_spf.x.net include:x.net. redirect=other.x.net",
	"v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all",
	"v=spf1 exists:%{l1r-}.%{o}.x.net exists:%{i}._spf.%{d}",
	"v=spf1 include:%{d}._spf.%% exp=explain._spf.%{d} -all",
	"v=spf1 mx moo=%{d}cow other.name_1-2= -all",
	"v=spf1 a:firewall-all.x.net -all",
	"v=spf1 a:xn--bcher-kva.x.net ptr:x.net -all",
};

/* The text, the character where the first mistake is, and whether it is a missing blank. */
static const struct {
	const char *text;
	size_t at;
	bool glued;
} bad[] = {
	{ "v=spf1 foo -all", 7, false },
	{ "v=spf1 all:x.net", 7, false },
	{ "v=spf1 a -all/8", 9, false },
	{ "v=spf1 include -all", 7, false },
	{ "v=spf1 include: -all", 7, false },
	{ "v=spf1 include:localhost -all", 7, false },
	{ "v=spf1 include:x.123 -all", 7, false },
	{ "v=spf1 include:-x.-net -all", 7, false },
	{ "v=spf1 include:x.net/24 -all", 7, false },
	{ "v=spf1 ip4:192.0.2 -all", 7, false },
	{ "v=spf1 ip4:192.0.2.1/33 -all", 7, false },
	{ "v=spf1 ip4:192.0.2.1/08 -all", 7, false },
	{ "v=spf1 ip4:192.0.2.1/ -all", 7, false },
	{ "v=spf1 ip4:192.0.2.1,192.0.2.2 -all", 7, false },
	{ "v=spf1 ip4=192.0.2.1 ip4:2001:db8::1 -all", 21, false },
	{ "v=spf1 ip6:192.0.2.1 -all", 7, false },
	{ "v=spf1 ip6:2001:db8::/129 -all", 7, false },
	{ "v=spf1 a/33 -all", 7, false },
	{ "v=spf1 a/x -all", 7, false },
	{ "v=spf1 a: -all", 7, false },
	{ "v=spf1 a:x.net/24/64 -all", 7, false },
	{ "v=spf1 a:x.net// -all", 7, false },
	{ "v=spf1 exists:%{x}.x.net", 7, false },
	{ "v=spf1 exists:%{d0}.x.net", 7, false },
	{ "v=spf1 exists:%{d.x.net", 7, false },
	{ "v=spf1 exists:x%.x.net", 7, false },
	{ "v=spf1 -redirect=x.net", 7, false },
	{ "v=spf1 redirect=x.net redirect=y.net", 22, false },
	{ "v=spf1 redirect:x.net", 7, false },
	{ "v=spf1 exp=x.net exp=y.net", 17, false },
	{ "v=spf1 - all", 7, false },
	{ "v=spf1 a, -all", 7, false },
	{ "v=spf1 \ta -all", 7, false },
	{ "v=spf1 include:a..net -all", 7, false },
	{ "v=spf1 \"a\" -all", 7, false },
	{ "v=spf1 include:a.netinclude:b.net -all", 7, true },
	{ "v=spf1 mx include:a.netip4:192.0.2.1 -all", 10, true },
	{ "v=spf1 ip4:192.0.2.1ip4:192.0.2.2 -all", 7, true },
	{ "v=spf1 ip6:2001:db8::1include:b.net -all", 7, true },
	{ "v=spf1 mxinclude:a.net -all", 7, true },
	{ "v=spf1 include:a.net-all", 7, true },
	{ "v=spf1 include:a.net~all", 7, true },
	{ "v=spf1 mx-all", 7, true },
	{ "v=spf1 a:a.netmx:b.net -all", 7, true },
	{ "v=spf1 a:a.neta:b.net -all", 7, true },
	{ "v=spf1 include:a.netredirect=b.net", 7, true },
};

static void good_records_have_no_mistake(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(spf_is_record(slice_str(good[i])));
		const struct spf_record *r = spf_parse(a, slice_str(good[i]));
		if (r->mistake_n > 0)
			fail_msg("%s: %s", good[i], r->mistakes[0].why);
	}
	arena_free(a);
}

static void mistakes_are_found_where_they_are(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct spf_record *r = spf_parse(a, slice_str(bad[i].text));
		if (r->mistake_n != 1)
			fail_msg("%s: %zu mistakes", bad[i].text, r->mistake_n);
		if (r->mistakes[0].at != bad[i].at || r->mistakes[0].glued != bad[i].glued)
			fail_msg("%s: at %zu, %s", bad[i].text, r->mistakes[0].at,
				 r->mistakes[0].why);
		assert_true(strlen(r->mistakes[0].why) > 5);
	}
	arena_free(a);
}

static void only_a_version_makes_a_record(void **state)
{
	(void)state;
	assert_false(spf_is_record(SLICE_LIT("v=spf10 -all")));
	assert_false(spf_is_record(SLICE_LIT("v=spf1include:a.net")));
	assert_false(spf_is_record(SLICE_LIT("v=spf2.0/pra a")));
	assert_false(spf_is_record(SLICE_LIT(" v=spf1 a")));
	assert_false(spf_is_record(SLICE_LIT("")));
}

static void directives_say_what_was_written(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	const struct spf_record *r = spf_parse(
		a, SLICE_LIT("v=spf1 ~a:Mail.X.net/24//64 ip6:2001:db8::/32 include:%{d}.x.net mx "
			     "-all a redirect=y.net exp=z.net"));
	const struct spf_directive *d = r->directives;
	assert_int_equal(r->n, 8);
	assert_int_equal(r->all_at, 4);
	assert_int_equal(d[0].qualifier, '~');
	assert_string_equal(d[0].name, "mail.x.net.");
	assert_int_equal(d[0].cidr4, 24);
	assert_int_equal(d[0].cidr6, 64);
	assert_int_equal(d[1].cidr6, 32);
	assert_true(d[2].has_macros);
	assert_null(d[2].name);
	assert_string_equal(spf_directive_name(&d[3], "x.net."), "x.net.");
	assert_null(spf_directive_name(&d[4], "x.net."));
	/* Behind "all" nothing is evaluated, and it undoes the redirect. */
	assert_true(spf_is_live(r, 4));
	assert_false(spf_is_live(r, 5));
	assert_false(spf_is_live(r, 6));
	assert_true(spf_is_live(r, 7));
	arena_free(a);
}

static void the_snapshot_is_told_what_to_ask(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	const struct dns_question *q = NULL;
	const struct spf_term *t = NULL;
	static const char record[] = "v=spf1 mx a a:m.x.net a exists:e.x.net exists:%{i}.x.net "
				     "?include:b.net include:%{d}.c -all a:late.x.net";
	assert_int_equal(spf_questions(a, "x.net.", record, &q), 6);
	assert_string_equal(q[0].name, "x.net.");
	assert_int_equal(q[0].type, RR_MX);
	assert_int_equal(q[2].type, RR_AAAA);
	assert_string_equal(q[3].name, "m.x.net.");
	assert_int_equal(q[5].type, RR_A);
	assert_string_equal(q[5].name, "e.x.net.");
	assert_int_equal(spf_terms(a, record, &t), 2);
	assert_string_equal(t[0].name, "b.net.");
	assert_null(t[1].name);
	arena_free(a);
}

static void a_nul_does_not_end_a_record(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct err e = { 0 };
	const char *rdata = "\"v=spf1 a\\000 -all\"";
	const struct rrset *txt = rrset_make(a, "x.net.", RR_TXT, 300, 1, &rdata, &e);
	const char *const *texts = NULL;
	assert_int_equal(spf_records(a, txt, &texts), 1);
	assert_string_equal(texts[0], "v=spf1 a? -all");
	arena_free(a);
}

/* 64 KiB of each; the test's own time limit is the judge. */
static void long_records_cost_little(void **state)
{
	(void)state;
	static const char *const pieces[] = { " a",           " include:a.net",
					      " a:::::::::",  " %%%%%",
					      " ip4:1.2.3.4", " exists:%{i}",
					      " x=%{d}",      "a:" };
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct buf b;
		const struct dns_question *q = NULL;
		buf_init(&b);
		buf_adds(&b, "v=spf1");
		while (b.len < 65536)
			buf_adds(&b, pieces[i]);
		const struct spf_record *r = spf_parse(a, buf_slice(&b));
		assert_true(r->n + r->mistake_n > 0 || i == 7);
		assert_true(spf_questions(a, "x.net.", b.at, &q) <= 64);
		buf_release(&b);
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_records_have_no_mistake),
		cmocka_unit_test(mistakes_are_found_where_they_are),
		cmocka_unit_test(only_a_version_makes_a_record),
		cmocka_unit_test(directives_say_what_was_written),
		cmocka_unit_test(the_snapshot_is_told_what_to_ask),
		cmocka_unit_test(a_nul_does_not_end_a_record),
		cmocka_unit_test(long_records_cost_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
