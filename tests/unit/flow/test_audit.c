/* When to look again, and what a person may leave out of the verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "flow/audit.h"
#include "flow/observed.h"

enum { SECOND = 1000, DAY = 86400 * SECOND };

#define NOW INT64_C(1795802400000)

static void sleeps_exactly_until_a_cache_runs_out(void **state)
{
	const struct audit au = { .checked_ms = NOW, .next_ms = NOW + 17 * SECOND };
	(void)state;
	assert_int_equal(audit_next_look_ms(&au, 0), NOW + 5 * SECOND); /* a server may have
									 * loaded the zone */
	assert_int_equal(audit_next_look_ms(&au, 9), NOW + 17 * SECOND);
}

/* Two days by the clock: every look comes, the last one not a second after the end. */
static void a_wait_of_two_days(void **state)
{
	int64_t end_ms = NOW + INT64_C(2) * DAY;
	int64_t at_ms = NOW;
	unsigned looks = 0;
	(void)state;
	while (at_ms < end_ms) {
		const struct audit au = { .checked_ms = at_ms, .next_ms = end_ms };
		int64_t next_ms = audit_next_look_ms(&au, looks++);
		assert_true(next_ms > at_ms);
		assert_true(next_ms - at_ms <= 300 * SECOND);
		at_ms = next_ms;
	}
	assert_int_equal(at_ms, end_ms);
	assert_in_range(looks, 2 * 86400 / 300, 2 * 86400 / 300 + 10);
}

static void nothing_runs_still_looks(void **state)
{
	const struct audit au = { .checked_ms = NOW, .next_ms = INT64_MAX };
	(void)state;
	assert_int_equal(audit_next_look_ms(&au, 0), NOW + 5 * SECOND);
	assert_int_equal(audit_next_look_ms(&au, 1000), NOW + 300 * SECOND);
}

static int try_ignore(const char *check, unsigned line, struct err *e)
{
	const struct project_ignore ignore = { .check = check, .reason = "x", .line = line };
	const struct project p = { .path = "cutover.yaml", .ignore_n = 1, .ignores = &ignore };
	*e = (struct err){ 0 };
	return audit_ignores_check(&p, NOW, e);
}

static void an_unknown_check_is_refused_with_the_nearest(void **state)
{
	struct err e;
	(void)state;
	assert_int_equal(try_ignore("mx-ttl-high", 3, &e), 0);
	assert_int_equal(try_ignore("mx-tll-high", 3, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.text, "cutover.yaml:3"));
	assert_string_equal(e.hint, "did you mean 'mx-ttl-high'?");
	assert_int_equal(try_ignore("qqqqqqqqqqqqqqqq", 0, &e), -1);
	assert_non_null(strstr(e.text, "--ignore"));
}

static void nobody_looked_at_anything_tomorrow(void **state)
{
	struct project_ignore ignore = {
		.check = "mx-ttl-high", .reason = "x", .since_ms = NOW, .line = 7
	};
	const struct project p = { .path = "cutover.yaml", .ignore_n = 1, .ignores = &ignore };
	struct err e = { 0 };
	(void)state;
	assert_int_equal(audit_ignores_check(&p, NOW, &e), 0);
	ignore.since_ms = NOW + SECOND;
	assert_int_equal(audit_ignores_check(&p, NOW, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.text, "cutover.yaml:7: ignore: since 2026-11-27T18:00:01Z"));
	assert_non_null(strstr(e.hint, "looked at"));
}

/* Of three entries one is for another subject and one for a finding that is gone. */
static void an_entry_that_matched_nothing_is_seen(void **state)
{
	struct finding found[] = {
		{ .check = "mx-ttl-high", .subject = "x.org MX" },
		{ .check = "ns-slow", .subject = "x.org NS" },
	};
	const struct project_ignore ignores[] = {
		{ .check = "mx-ttl-high", .subject = "y.org MX", .reason = "slip" },
		{ .check = "ns-slow", .reason = "known" },
		{ .check = "ns-lame", .reason = "gone" },
	};
	const struct project p = { .ignore_n = 3, .ignores = ignores };
	struct audit au = { .findings.list = { .at = found, .n = 2 } };
	struct arena *a = arena_new();
	(void)state;
	audit_set_aside(a, &p, &au);
	audit_note_unused(a, &p, &au);
	assert_int_equal(au.findings.list.n, 1);
	assert_string_equal(au.findings.list.at[0].check, "mx-ttl-high");
	assert_int_equal(au.ignored_n, 1);
	assert_string_equal(au.ignored[0].reason, "known");
	assert_int_equal(au.ignored_unused_n, 2);
	assert_string_equal(au.ignored_unused[0].reason, "slip");
	assert_string_equal(au.ignored_unused[1].reason, "gone");
	arena_free(a);
}

static void a_policy_survives_being_written_down(void **state)
{
	static const char *const mx[] = { "mx.a.org", "*.b.org", NULL };
	static const char *const other[] = { "mx.a.org", NULL };
	const struct observed_sts sts = { "20261101", 604800, mx, false };
	struct observed_sts back;
	struct arena *a = arena_new();
	(void)state;
	struct js *v = observed_sts_to_js(&sts);
	assert_true(observed_sts_from(a, js_text(a, v), &back));
	js_free(v);
	assert_true(observed_sts_equal(&sts, &back));
	assert_false(
		observed_sts_equal(&sts, &(struct observed_sts){ "20261102", 604800, mx, false }));
	assert_false(observed_sts_equal(&sts, &(struct observed_sts){ "20261101", 1, mx, false }));
	assert_false(observed_sts_equal(
		&sts, &(struct observed_sts){ "20261101", 604800, other, false }));
	assert_false(observed_sts_from(a, "{}", &back));
	assert_false(observed_sts_from(a, "nonsense", &back));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sleeps_exactly_until_a_cache_runs_out),
		cmocka_unit_test(a_wait_of_two_days),
		cmocka_unit_test(nothing_runs_still_looks),
		cmocka_unit_test(an_unknown_check_is_refused_with_the_nearest),
		cmocka_unit_test(nobody_looked_at_anything_tomorrow),
		cmocka_unit_test(an_entry_that_matched_nothing_is_seen),
		cmocka_unit_test(a_policy_survives_being_written_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
