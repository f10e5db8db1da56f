#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "dns/dmarc_record.h"

static void good_records_have_no_mistake(void **state)
{
	(void)state;
	static const char *const good[] = {
		"v=DMARC1; p=none",
		"v=DMARC1;p=reject;",
		"v = DMARC1 ; p = Quarantine ; pct = 25",
		"v=DMARC1; p=reject; sp=none; np=reject; adkim=s; aspf=R; fo=1:d:s; rf=afrf",
		"v=DMARC1; p=none; rua=mailto:a@x.net, mailto:b@y.net!10m; ruf=mailto:c@x.net!5",
		"v=DMARC1; p=none; psd=n; t=y; ri=86400; something=else",
		"v=DMARC1; rua=mailto:a@x.net; p=none;;",
	};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct dmarc_record r;
		assert_true(dmarc_is_record(slice_str(good[i])));
		dmarc_parse(slice_str(good[i]), &r);
		if (r.mistake_n > 0)
			fail_msg("%s: %s", good[i], r.mistakes[0].why);
	}
}

static void mistakes_name_their_tag(void **state)
{
	(void)state;
	static const struct {
		const char *text, *tag;
	} bad[] = {
		{ "v=DMARC1", "p" },
		{ "v=DMARC1; p=non", "p" },
		{ "v=DMARC1; p=none rua=mailto:a@x.net", "p" },
		{ "v=DMARC1; p=none; sp=yes", "sp" },
		{ "v=DMARC1; p=none; pct=101", "pct" },
		{ "v=DMARC1; p=none; adkim=strict", "adkim" },
		{ "v=DMARC1; p=none; fo=2", "fo" },
		{ "v=DMARC1; p=none; rua=a@x.net", "rua" },
		{ "v=DMARC1; p=none; rua=mailto:a", "rua" },
		{ "v=DMARC1; p=none; rua=mailto:a@x.net,", "" },
		{ "v=DMARC1; p=none; rua=", "rua" },
		{ "v=DMARC1; p=none; rua=mailto:a@x.net!big", "rua" },
		{ "v=DMARC1; p=none; rua=mailto:a@x.net mailto:b@x.net", "rua" },
		{ "v=DMARC1; p=none; p=reject", "p" },
		{ "v=DMARC1; p=none; reject", "reject" },
		{ "v=DMARC1; p=none; t=maybe", "t" },
		{ "v=DMARC1; p=none; psd=x", "psd" },
		{ "v=DMARC1; p=none; ri=soon", "ri" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct dmarc_record r;
		dmarc_parse(slice_str(bad[i].text), &r);
		if (bad[i].tag[0] == '\0') {
			assert_int_equal(r.mistake_n, 0); /* a comma at the end harms nobody */
			continue;
		}
		if (r.mistake_n != 1 || !slice_eq(r.mistakes[0].tag, slice_str(bad[i].tag)))
			fail_msg("%s: %zu mistakes", bad[i].text, r.mistake_n);
	}
}

static void values_are_read(void **state)
{
	(void)state;
	struct dmarc_record r;
	dmarc_parse(SLICE_LIT("v=DMARC1; p=reject; sp=quarantine; adkim=s; pct=0; psd=Y"), &r);
	assert_int_equal(r.p, DMARC_REJECT);
	assert_int_equal(r.sp, DMARC_QUARANTINE);
	assert_int_equal(r.np, DMARC_QUARANTINE);
	assert_int_equal(r.psd, 'y');
	assert_true(r.strict_dkim);
	assert_false(r.strict_spf);
	assert_int_equal(dmarc_applied(&r), DMARC_NONE);
	dmarc_parse(SLICE_LIT("v=DMARC1; p=reject"), &r);
	assert_int_equal(r.sp, DMARC_REJECT);
	assert_int_equal(dmarc_applied(&r), DMARC_REJECT);
	dmarc_parse(SLICE_LIT("v=DMARC1; p=reject; t=y"), &r);
	assert_int_equal(dmarc_applied(&r), DMARC_NONE);
}

static void near_misses_are_no_records(void **state)
{
	(void)state;
	static const char *const near[] = { "v=dmarc1; p=none", "v=DMARC1 p=none",
					    "v=DMARC2; p=none", " v=DMARC1; p=none",
					    "V=DMARC1; p=none" };
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
		assert_false(dmarc_is_record(slice_str(near[i])));
		assert_true(dmarc_resembles(slice_str(near[i])));
	}
	assert_false(dmarc_resembles(SLICE_LIT("v=spf1 -all")));
	assert_false(dmarc_resembles(SLICE_LIT("")));
}

static void foreign_report_addresses_are_listed(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	const char *const *domains = NULL;
	struct slice text = SLICE_LIT("v=DMARC1; p=none; rua=mailto:a@x.net,mailto:b@M.x.net,"
				      "mailto:c@Reports.example,mailto:d@net; "
				      "ruf=mailto:e@reports.example!1m,https://r.example/");
	assert_int_equal(dmarc_external_domains(a, "x.net.", text, &domains), 1);
	assert_string_equal(domains[0], "reports.example.");
	assert_int_equal(dmarc_external_domains(a, "x.net.", SLICE_LIT(""), &domains), 0);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_records_have_no_mistake),
		cmocka_unit_test(mistakes_name_their_tag),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(near_misses_are_no_records),
		cmocka_unit_test(foreign_report_addresses_are_listed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
