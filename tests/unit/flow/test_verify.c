#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow/plan.h"
#include "flow/verify.h"
#include "flow/wish.h"
#include "sample.h"

static struct watch watch_at(struct sample *s, unsigned tries)
{
	struct err e = { 0 };
	static const struct plan *plan; /* of the zone before anything was staged */
	struct sample old;
	sample_init(&old);
	assert_int_equal(plan_compute(s->a,
				      &(struct plan_from){ .project = &s->project,
							   .snap = &old.snap,
							   .now_ms = SAMPLE_NOW_MS },
				      &plan, &e),
			 0);
	struct watch w = watch_make(
		s->a, &(struct watch_input){ &s->snap, plan->staging, 3600, tries, SAMPLE_NOW_MS });
	sample_release(&old);
	return w;
}

static const struct rrset *token_set(struct sample *s)
{
	return rrset_with(
		s->a,
		sample_rrset(s, DOMAIN, RR_TXT, 3600, "\"v=spf1 include:nwtraders.com -all\""),
		"\"MS=ms87257449\"", &(struct err){ 0 });
}

static void stage(struct sample *s, size_t i)
{
	sample_shows(s, i, DOMAIN, RR_TXT, token_set(s));
	sample_shows(s, i, DOMAIN, RR_MX,
		     sample_rrset(s, DOMAIN, RR_MX, 300, "10 mx1.nwtraders.com."));
}

static void everybody_is_watched(void **state)
{
	(void)state;
	struct sample s;
	sample_init(&s);
	struct watch w = watch_at(&s, 0);
	assert_int_equal(w.n, 6);    /* two records at two servers and a resolver */
	assert_int_equal(w.open, 5); /* a resolver's MX data is the same with any TTL */
	sample_release(&s);
}

static void a_server_is_asked_again_soon_and_then_less_often(void **state)
{
	(void)state;
	struct sample s;
	sample_init(&s);
	assert_int_equal(watch_at(&s, 0).next_ms - SAMPLE_NOW_MS, 1000);
	assert_int_equal(watch_at(&s, 3).next_ms - SAMPLE_NOW_MS, 8000);
	assert_int_equal(watch_at(&s, 40).next_ms - SAMPLE_NOW_MS, 30000);
	sample_release(&s);
}

static void a_cache_is_waited_for_exactly(void **state)
{
	(void)state;
	struct sample s;
	sample_init(&s);
	stage(&s, 0);
	stage(&s, 1);
	sample_shows(
		&s, SERVERS, DOMAIN, RR_TXT,
		sample_rrset(&s, DOMAIN, RR_TXT, 1234, "\"v=spf1 include:nwtraders.com -all\""));
	struct watch w = watch_at(&s, 0);
	assert_int_equal(w.open, 1);
	assert_int_equal(w.next_ms - SAMPLE_NOW_MS, 1235 * 1000);
	sample_release(&s);
}

static void a_negative_answer_is_cached_too(void **state)
{
	(void)state;
	struct sample s;
	sample_init(&s);
	stage(&s, 0);
	stage(&s, 1);
	sample_shows(&s, SERVERS, DOMAIN, RR_TXT, NULL);
	assert_int_equal(watch_at(&s, 0).next_ms - SAMPLE_NOW_MS, 301 * 1000);
	sample_release(&s);
}

static void all_as_wished_is_the_end(void **state)
{
	(void)state;
	struct sample s;
	sample_init(&s);
	for (size_t i = 0; i <= SERVERS; i++)
		stage(&s, i);
	struct watch w = watch_at(&s, 0);
	assert_int_equal(w.open, 0);
	sample_release(&s);
}

static void an_unreadable_server_is_no_yes(void **state)
{
	(void)state;
	struct sample s;
	sample_init(&s);
	for (size_t i = 0; i <= SERVERS; i++)
		stage(&s, i);
	sample_unreadable(&s, 1, DOMAIN, RR_TXT);
	assert_int_equal(watch_at(&s, 0).open, 1);
	sample_release(&s);
}

static void a_broken_resolver_holds_nothing_up(void **state)
{
	(void)state;
	struct sample s;
	sample_init(&s);
	stage(&s, 0);
	stage(&s, 1);
	s.resolver.works = false;
	assert_int_equal(watch_at(&s, 0).open, 0);
	sample_release(&s);
}

static void a_watch_survives_its_document(void **state)
{
	(void)state;
	struct sample s;
	struct watch again;
	sample_init(&s);
	struct watch w = watch_at(&s, 0);
	struct js *doc = watch_to_js(&w);
	assert_int_equal(watch_from_js(s.a, doc, &again), w.n);
	assert_int_equal(again.open, w.open);
	assert_string_equal(again.rows[0].record, w.rows[0].record);
	js_free(doc);
	sample_release(&s);
}

static void a_wish_tolerates_a_panels_ttl(void **state)
{
	(void)state;
	struct sample s;
	sample_init(&s);
	struct change mx = { .name = DOMAIN,
			     .type = RR_MX,
			     .after = sample_rrset(&s, DOMAIN, RR_MX, 300, "0 mx.new.") };
	assert_true(wish_is_met(&mx, sample_rrset(&s, DOMAIN, RR_MX, 300, "0 mx.new."), 3600));
	assert_true(wish_is_met(&mx, sample_rrset(&s, DOMAIN, RR_MX, 3600, "0 mx.new."), 3600));
	assert_false(wish_is_met(&mx, sample_rrset(&s, DOMAIN, RR_MX, 7200, "0 mx.new."), 3600));
	assert_false(wish_is_met(&mx, sample_rrset(&s, DOMAIN, RR_MX, 300, "1 mx.new."), 3600));
	assert_false(wish_is_met(&mx, NULL, 3600));
	mx.after = NULL;
	assert_true(wish_is_met(&mx, NULL, 3600));
	sample_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_is_watched),
		cmocka_unit_test(a_server_is_asked_again_soon_and_then_less_often),
		cmocka_unit_test(a_cache_is_waited_for_exactly),
		cmocka_unit_test(a_negative_answer_is_cached_too),
		cmocka_unit_test(all_as_wished_is_the_end),
		cmocka_unit_test(an_unreadable_server_is_no_yes),
		cmocka_unit_test(a_broken_resolver_holds_nothing_up),
		cmocka_unit_test(a_watch_survives_its_document),
		cmocka_unit_test(a_wish_tolerates_a_panels_ttl),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
