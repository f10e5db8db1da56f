/* What a batch foretells and warns of: pure functions of what was counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "flow/copy_history.h"
#include "flow/copy_notes.h"
#include "flow/copy_parked.h"
#include "flow/copy_rate.h"
#include "flow/copy_room.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS    (INT64_C(24) * 3600 * 1000)
#define NOW_MS    (INT64_C(1763800000) * 1000)

/* ---- the history ---- */

static struct js *with(struct js *doc, int64_t began_h, int64_t took_min, uint64_t copied)
{
	const struct copy_pass p = { .began_ms = NOW_MS + began_h * 60 * MINUTE_MS,
				     .took_ms = took_min * MINUTE_MS,
				     .mailboxes = 3,
				     .messages = 1000,
				     .copied = copied };
	struct js *next = copy_history_with(doc, &p);
	js_free(doc);
	return next;
}

static void test_deltas_foretell_the_final_pass(void **state)
{
	(void)state;
	assert_int_equal(copy_forecast_of(NULL).deltas, 0);
	struct js *doc = with(NULL, 0, 600, 1000);
	assert_int_equal(copy_forecast_of(doc).deltas, 0); /* the first pass is no measure */
	doc = with(doc, 20, 5, 40);
	doc = with(doc, 24, 9, 40);
	doc = with(doc, 28, 4, 40);
	struct copy_forecast fc = copy_forecast_of(doc);
	assert_int_equal(fc.deltas, 3);
	assert_int_equal(fc.expected_ms, 5 * MINUTE_MS);
	assert_int_equal(fc.longest_ms, 9 * MINUTE_MS);
	/* 120 messages in the 28 hours since the first pass began */
	assert_in_range((int)(fc.messages_per_hour * 10), 42, 43);
	js_free(doc);
}

static void test_only_the_last_deltas_count(void **state)
{
	(void)state;
	struct js *doc = NULL;
	for (int i = 0; i < 120; i++)
		doc = with(doc, i, i < 110 ? 60 : 2, 1);
	struct copy_forecast fc = copy_forecast_of(doc);
	assert_int_equal(fc.deltas, 5);
	assert_int_equal(fc.expected_ms, 2 * MINUTE_MS);
	assert_int_equal(js_len(js_get(doc, "passes")), 100);
	doc = with(doc, 120, 300, 500); /* somebody moved an archive in: nothing is known again */
	assert_int_equal(copy_forecast_of(doc).deltas, 0);
	js_free(doc);
}

/* ---- the rate ---- */

static void test_the_rate_is_of_now(void **state)
{
	(void)state;
	struct copy_rate r = { 0 };
	struct copy_sample s = { 0 };
	assert_true(copy_rate_now(&r, &s).bytes_per_s <= 0);
	for (int i = 0; i < 100; i++) { /* fast for 100 s, then slow for 100 s */
		s = (struct copy_sample){ i * 1000, (uint64_t)i * 10, (uint64_t)i * 1000000 };
		copy_rate_add(&r, &s);
	}
	for (int i = 0; i < 100; i++) {
		s.mono_ms += 1000;
		s.messages += 1;
		s.bytes += 1000;
		copy_rate_add(&r, &s);
	}
	struct copy_speed now = copy_rate_now(&r, &s);
	assert_in_range((int)now.bytes_per_s, 990, 1010);
	assert_in_range((int)(now.messages_per_s * 100), 99, 101);
}

static void test_what_is_left_goes_by_the_slower(void **state)
{
	(void)state;
	const struct copy_speed speed = { .bytes_per_s = 1e6, .messages_per_s = 10 };
	const struct copy_speed unknown = { 0 };
	assert_int_equal(copy_rate_left(&speed, 600, 1000), 60 * 1000);
	assert_int_equal(copy_rate_left(&speed, 10, 5000000), 5000);
	assert_int_equal(copy_rate_left(&speed, 0, 0), 0);
	assert_int_equal(copy_rate_left(&unknown, 1, 1), -1);
}

/* ---- notes ---- */

static void test_a_pop_user_stands_out(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct migrate_shape s = { .known = true,
				   .messages = 12,
				   .bytes = 1200000,
				   .sent = 0,
				   .oldest_ms = NOW_MS - 20 * DAY_MS };
	const char *why = copy_small_reason(a, &s, 2000000000, NOW_MS);
	assert_non_null(why);
	assert_string_equal(why, "no sent mail, nothing older than 2025-11-02T08:26:40Z, 1.2 MB "
				 "where its peers have 2.0 GB");
	s.sent = 400;
	s.oldest_ms = NOW_MS - 2000 * DAY_MS;
	assert_null(copy_small_reason(a, &s, 2000000000, NOW_MS)); /* small alone proves nothing */
	s.sent = 0;
	assert_null(copy_small_reason(a, &s, 0, NOW_MS)); /* nobody to compare with */
	s.messages = 0;
	assert_string_equal(copy_small_reason(a, &s, 0, NOW_MS), "it is empty");
	arena_free(a);
}

static void test_whose_word_the_limit_is(void **state)
{
	(void)state;
	const char *who;
	struct project p = { .target_provider = "microsoft365" };
	assert_int_equal(copy_target_limit(&p, 0, &who), 36 * 1024 * 1024);
	assert_string_equal(who, "the provider's default");
	assert_int_equal(copy_target_limit(&p, 1000, &who), 1000);
	p.copy.target_limit = 150000000;
	assert_int_equal(copy_target_limit(&p, 1000, &who), 150000000);
	assert_string_equal(who, "the project file");
	p = (struct project){ .target_provider = "generic" };
	assert_int_equal(copy_target_limit(&p, 0, &who), 0);
}

static void test_what_does_not_fit_and_what_nobody_told(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct migrate_status s = { .needed = 100,
				    .needed_bytes = 3000000,
				    .acknowledged = 1,
				    .quota = { -1, -1, -1, -1 } };
	assert_null(copy_room_reason(a, &s));
	s.quota = (struct migrate_quota){ 1000000, 4000000, 900, 1000 };
	assert_null(copy_room_reason(a, &s)); /* to the byte */
	s.needed_bytes++;
	s.needed++;
	assert_string_equal(
		copy_room_reason(a, &s),
		"will not fit the target's quota: 3.0 MB are still to be copied, and the "
		"target has 3.0 MB left of 4.0 MB; 101 messages are still to be copied, "
		"and the target takes 100 more of 1000");
	s.quota = (struct migrate_quota){ 9000000, 4000000, -1, -1 }; /* over it already */
	s.acknowledged = 0;
	assert_string_equal(
		copy_room_reason(a, &s),
		"will not fit the target's quota: 3.0 MB are still to be copied, and the "
		"target has 0 B left of 4.0 MB (unless what lies there is the same "
		"mail)");
	s.needed = s.needed_bytes = 0;
	assert_null(copy_room_reason(a, &s));
	arena_free(a);
}

static void test_what_cannot_fit_by_the_quotas_alone(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct migrate_quota src = { -1, -1, -1, -1 };
	struct migrate_quota dst = { 0, 1000000, 0, 50 };
	assert_null(copy_room_by_quotas(a, &src, &dst));
	src = (struct migrate_quota){ 1000001, 9000000, 50, 100 };
	assert_string_equal(
		copy_room_by_quotas(a, &src, &dst),
		"will not fit: the source uses 1.0 MB, the target allows 1.0 MB in all");
	src.bytes_used = 1000000;
	assert_null(copy_room_by_quotas(a, &src, &dst));
	src.messages_used = 51;
	assert_string_equal(
		copy_room_by_quotas(a, &src, &dst),
		"will not fit: the source has 51 messages, the target allows 50 in all");
	dst = (struct migrate_quota){ -1, -1, -1, -1 };
	assert_null(copy_room_by_quotas(a, &src, &dst));
	arena_free(a);
}

/* ---- parked logins ---- */

static void test_a_refused_login_is_left_alone(void **state)
{
	(void)state;
	struct err why = { .kind = ERR_ACCOUNT, .text = "the server refused this password" };
	struct err fine = { .kind = ERR_NONE };
	struct migrate_mailbox m = { .address = "anna@treyresearch.com", .row = 3 };
	struct copy_parked *p = copy_parked_new();
	m.src.user = "anna";
	m.src.password = secret_new(slice_str("wrong"));
	assert_null(copy_parked_reason(p, &m, NULL, NOW_MS));
	copy_parked_note(p, &m, &why, NOW_MS, NULL);
	assert_string_equal(copy_parked_reason(p, &m, NULL, NOW_MS + 1)->text, why.text);

	/* somebody says start */
	struct word start = { .verb = WORD_START, .reason = "", .at_ms = NOW_MS - 1 };
	assert_non_null(copy_parked_reason(p, &m, &start, NOW_MS + 1));
	start.at_ms = NOW_MS + 1;
	assert_null(copy_parked_reason(p, &m, &start, NOW_MS + 1));
	/* six hours later */
	assert_null(copy_parked_reason(p, &m, NULL, NOW_MS + DAY_MS));

	/* the row is corrected */
	struct secret *wrong = secret_new(slice_str("wrong"));
	secret_free((struct secret *)m.src.password);
	struct secret *right = secret_new(slice_str("right"));
	m.src.password = right;
	assert_null(copy_parked_reason(p, &m, NULL, NOW_MS + 1));
	m.src.password = wrong;
	copy_parked_note(p, &m, &fine, NOW_MS + 2, NULL);
	assert_null(copy_parked_reason(p, &m, NULL, NOW_MS + 3));
	secret_free(right);
	secret_free(wrong);
	copy_parked_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deltas_foretell_the_final_pass),
		cmocka_unit_test(test_only_the_last_deltas_count),
		cmocka_unit_test(test_the_rate_is_of_now),
		cmocka_unit_test(test_what_is_left_goes_by_the_slower),
		cmocka_unit_test(test_a_pop_user_stands_out),
		cmocka_unit_test(test_whose_word_the_limit_is),
		cmocka_unit_test(test_what_does_not_fit_and_what_nobody_told),
		cmocka_unit_test(test_what_cannot_fit_by_the_quotas_alone),
		cmocka_unit_test(test_a_refused_login_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
