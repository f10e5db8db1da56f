#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow/spf_edit.h"

#define DOMAIN "treyresearch.com."
#define TERM   "include:spf.protection.outlook.com"

static const struct rrset *txt(struct arena *a, size_t n, const char *const *texts)
{
	struct err e;
	const char *rdata[4];
	for (size_t i = 0; i < n; i++)
		rdata[i] = txt_quote(a, slice_str(texts[i]));
	const struct rrset *r = rrset_make(a, DOMAIN, RR_TXT, 600, n, rdata, &e);
	assert_non_null(r);
	return r;
}

static void expect_added(const char *before, const char *after)
{
	struct arena *a = arena_new();
	struct err e;
	const struct rrset *result;
	const struct rrset *set = txt(a, 1, &before);
	assert_int_equal(spf_add(a, DOMAIN, set, TERM, &result, &e), 0);
	assert_int_equal(result->n, 1);
	assert_int_equal(result->ttl, 600);
	assert_string_equal(arena_slice(a, txt_join(a, result->rdata[0])), after);
	arena_free(a);
}

static void goes_before_what_ends_evaluation(void **state)
{
	(void)state;
	expect_added("v=spf1 include:nwtraders.com -all",
		     "v=spf1 include:nwtraders.com " TERM " -all");
	expect_added("v=spf1 mx ~all", "v=spf1 mx " TERM " ~all");
	expect_added("v=spf1 all", "v=spf1 " TERM " all");
	expect_added("v=spf1 a redirect=_spf.nwtraders.com",
		     "v=spf1 a " TERM " redirect=_spf.nwtraders.com");
	expect_added("v=spf1 a", "v=spf1 a " TERM);
	expect_added("v=spf1 a -all " TERM, "v=spf1 a " TERM " -all"); /* where nobody got to it */
}

static void is_idle_when_it_is_there(void **state)
{
	(void)state;
	static const char *const texts[] = { "v=spf1 +" TERM " -all",
					     "v=spf1 INCLUDE:spf.protection.OUTLOOK.com -all" };
	for (size_t i = 0; i < 2; i++) {
		struct arena *a = arena_new();
		struct err e;
		const struct rrset *result;
		const struct rrset *set = txt(a, 1, &texts[i]);
		assert_int_equal(spf_add(a, DOMAIN, set, TERM, &result, &e), 0);
		assert_ptr_equal(result, set);
		assert_true(spf_has(a, set, TERM));
		arena_free(a);
	}
}

static void siblings_survive(void **state)
{
	(void)state;
	static const char *const texts[] = { "MS=ms87257449", "v=spf1 -all", "v=spf10 is no spf" };
	struct arena *a = arena_new();
	struct err e;
	const struct rrset *result;
	const struct rrset *set = txt(a, 3, texts);
	assert_int_equal(spf_add(a, DOMAIN, set, TERM, &result, &e), 0);
	assert_int_equal(result->n, 3);
	assert_true(rrset_has(result, "\"MS=ms87257449\""));
	assert_true(rrset_has(result, "\"v=spf10 is no spf\""));
	assert_true(rrset_has(result, "\"v=spf1 " TERM " -all\""));
	arena_free(a);
}

static void makes_one_where_none_is(void **state)
{
	(void)state;
	static const char *const texts[] = { "MS=ms87257449" };
	struct arena *a = arena_new();
	struct err e;
	const struct rrset *result;
	assert_int_equal(spf_add(a, DOMAIN, NULL, TERM, &result, &e), 0);
	assert_true(rrset_has(result, "\"v=spf1 " TERM " ~all\""));
	assert_int_equal(spf_add(a, DOMAIN, txt(a, 1, texts), TERM, &result, &e), 0);
	assert_int_equal(result->n, 2);
	assert_int_equal(result->ttl, 600);
	arena_free(a);
}

static void two_records_are_refused(void **state)
{
	(void)state;
	static const char *const texts[] = { "v=spf1 a -all", "v=spf1 mx -all" };
	struct arena *a = arena_new();
	struct err e;
	const struct rrset *result;
	assert_int_equal(spf_add(a, DOMAIN, txt(a, 2, texts), TERM, &result, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_non_null(strstr(e.hint, "one TXT record"));
	arena_free(a);
}

static void a_sender_is_taken_out_and_nothing_else(void **state)
{
	(void)state;
	static const char *const texts[] = { "MS=ms87257449",
					     "v=spf1 a +include:NWTraders.com " TERM " -all" };
	struct arena *a = arena_new();
	struct err e;
	const struct rrset *result;
	const struct rrset *set = txt(a, 2, texts);
	assert_int_equal(spf_remove(a, DOMAIN, set, "include:nwtraders.com", &result, &e), 0);
	assert_int_equal(result->n, 2);
	assert_int_equal(result->ttl, set->ttl);
	assert_true(rrset_has(result, "\"MS=ms87257449\""));
	assert_true(rrset_has(result, "\"v=spf1 a " TERM " -all\""));
	assert_int_equal(spf_remove(a, DOMAIN, result, "include:nwtraders.com", &set, &e), 0);
	assert_ptr_equal(set, result); /* it is out already */
	assert_int_equal(spf_remove(a, DOMAIN, NULL, TERM, &result, &e), 0);
	assert_null(result);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_before_what_ends_evaluation),
		cmocka_unit_test(is_idle_when_it_is_there),
		cmocka_unit_test(siblings_survive),
		cmocka_unit_test(makes_one_where_none_is),
		cmocka_unit_test(two_records_are_refused),
		cmocka_unit_test(a_sender_is_taken_out_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
