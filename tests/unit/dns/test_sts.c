#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "dns/sts_policy.h"
#include "dns/sts_record.h"
#include "dns/tlsrpt_record.h"

#define POLICY "version: STSv1\nmode: enforce\nmx: mx.x.net\nmax_age: 604800\n"

static void a_record_has_one_id(void **state)
{
	(void)state;
	struct slice id;
	assert_null(sts_record_wrong(SLICE_LIT("v=STSv1; id=20261122T000000Z;"), &id));
	assert_true(slice_eq(id, SLICE_LIT("20261122T000000Z")));
	assert_null(sts_record_wrong(SLICE_LIT("v=STSv1;id=1;other=x"), &id));
	static const char *const bad[] = {
		"v=STSv1",
		"v=STSv1;",
		"v=STSv1; id=",
		"v=STSv1; id=2026-11-22",
		"v=STSv1; id=123456789012345678901234567890123",
		"v=STSv1; id=1; id=2",
		"v=STSv1; id",
		"v=stsv1; id=1",
		"v=STSv2; id=1",
		"v=STSv1 id=1",
		" v=STSv1; id=1",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (sts_record_wrong(slice_str(bad[i]), &id) == NULL)
			fail_msg("\"%s\" is taken", bad[i]);
		assert_true(sts_resembles_record(slice_str(bad[i])));
	}
	assert_false(sts_is_record(SLICE_LIT("v=STSv11; id=1")));
	assert_false(sts_resembles_record(SLICE_LIT("v=spf1 -all")));
}

static const char *policy(struct arena *a, const char *body, struct sts_policy *p)
{
	return sts_policy_wrong(a, slice_str(body), p);
}

static void a_policy_is_read(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct sts_policy p;
	assert_null(policy(a,
			   "version: STSv1\r\nmode: testing\r\nmx: MX.x.net\r\nmx: *.y.net.\r\n"
			   "mode: enforce\r\nfuture: thing\r\nmax_age:86400",
			   &p));
	assert_int_equal(p.mode, STS_MODE_TESTING); /* the first counts */
	assert_int_equal(p.max_age_s, 86400);
	assert_int_equal(p.mx_n, 2);
	assert_string_equal(p.mx[0], "mx.x.net");
	assert_string_equal(p.mx[1], "*.y.net");
	assert_null(policy(a, POLICY, &p));
	assert_int_equal(p.mode, STS_MODE_ENFORCE);
	assert_null(policy(a, "version: STSv1\nmode: none\nmax_age: 0\n", &p));
	arena_free(a);
}

static void a_bad_policy_says_why(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"mode: enforce\nmx: mx.x.net\nmax_age: 1\n",
		"version: STSv2\nmode: enforce\nmx: mx.x.net\nmax_age: 1\n",
		"version: STSv1\nmx: mx.x.net\nmax_age: 1\n",
		"version: STSv1\nmode: Enforce\nmx: mx.x.net\nmax_age: 1\n",
		"version: STSv1\nmode: enforce\nmx: mx.x.net\n",
		"version: STSv1\nmode: enforce\nmx: mx.x.net\nmax_age: 31557601\n",
		"version: STSv1\nmode: enforce\nmx: mx.x.net\nmax_age: a day\n",
		"version: STSv1\nmode: enforce\nmax_age: 86400\n",
		"version: STSv1\nmode: enforce\nmx: mail.*.net\nmax_age: 86400\n",
		"version: STSv1\nmode: enforce\nmx: *\nmax_age: 86400\n",
		"version: STSv1\nmode: enforce\nmx:\nmax_age: 86400\n",
		"<html>\n",
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sts_policy p;
		const char *why = policy(a, bad[i], &p);
		if (why == NULL || strlen(why) < 5)
			fail_msg("policy %zu is taken", i);
	}
	arena_free(a);
}

static void a_star_is_one_label(void **state)
{
	(void)state;
	static const char *const patterns[] = { "mx.x.net", "*.Y.net", "m.z.net." };
	static const struct {
		const char *host;
		bool matches;
	} cases[] = {
		{ "mx.x.net.", true }, { "mx2.x.net.", false }, { "a.mx.x.net.", false },
		{ "a.y.net.", true },  { "a.b.y.net.", false }, { "y.net.", false },
		{ "x-y.net.", false }, { "m.z.net.", true },    { ".", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (sts_mx_matches(patterns, 3, cases[i].host) != cases[i].matches)
			fail_msg("%s", cases[i].host);
	}
	assert_false(sts_mx_matches(NULL, 0, "mx.x.net."));
}

static void only_200_and_plain_text_count(void **state)
{
	(void)state;
	assert_null(sts_fetch_wrong(200, "text/plain"));
	assert_null(sts_fetch_wrong(200, "Text/Plain; charset=utf-8"));
	assert_non_null(sts_fetch_wrong(200, "text/html"));
	assert_non_null(sts_fetch_wrong(200, ""));
	assert_non_null(sts_fetch_wrong(404, "text/plain"));
	assert_non_null(strstr(sts_fetch_wrong(301, "text/plain"), "redirect"));
}

static void many_lines_cost_little(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct sts_policy p;
	struct buf b;
	buf_init(&b);
	buf_adds(&b, POLICY);
	while (b.len < 65536)
		buf_adds(&b, "mx: *.a.net\n\n:\n");
	assert_null(sts_policy_wrong(a, buf_slice(&b), &p));
	assert_int_equal(p.mx_n, STS_MX_MAX);
	buf_release(&b);
	arena_free(a);
}

static void reports_go_to_mail_or_https(void **state)
{
	(void)state;
	assert_null(tlsrpt_record_wrong(SLICE_LIT("v=TLSRPTv1; rua=mailto:a@x.net")));
	assert_null(tlsrpt_record_wrong(
		SLICE_LIT("v=TLSRPTv1;rua=mailto:a@x.net,https://r.y.net/v1;x=1;")));
	static const char *const bad[] = {
		"v=TLSRPTv1",
		"v=TLSRPTv1; rua=",
		"v=TLSRPTv1; rua=a@x.net",
		"v=TLSRPTv1; rua=http://x.net/",
		"v=TLSRPTv1; rua=mailto:a",
		"v=TLSRPTv1; rua=mailto:a@x.net; rua=mailto:b@x.net",
		"v=TLSRPTv2; rua=mailto:a@x.net",
		"v=tlsrptv1; rua=mailto:a@x.net",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (tlsrpt_record_wrong(slice_str(bad[i])) == NULL)
			fail_msg("\"%s\" is taken", bad[i]);
		assert_true(tlsrpt_resembles_record(slice_str(bad[i])));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_has_one_id),
		cmocka_unit_test(a_policy_is_read),
		cmocka_unit_test(a_bad_policy_says_why),
		cmocka_unit_test(a_star_is_one_label),
		cmocka_unit_test(only_200_and_plain_text_count),
		cmocka_unit_test(many_lines_cost_little),
		cmocka_unit_test(reports_go_to_mail_or_https),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
