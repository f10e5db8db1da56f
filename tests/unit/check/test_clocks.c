#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "sample.h"

enum { DAY_S = 86400 };

static const struct clock_fact *fact(struct sample *x, const char *id)
{
	const struct clock_fact *facts = NULL;
	size_t n = clocks_compute(x->a, &x->s, &x->in.history, SAMPLE_NOW_MS, &facts);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(facts[i].id, id) == 0)
			return &facts[i];
	}
	return NULL;
}

static void the_old_ttl_counts(void **state)
{
	(void)state;
	struct sample x;
	sample_init(&x);
	/* Nothing lowered yet: from now on it would take the present TTL. */
	assert_int_equal(fact(&x, "earliest_safe_change_in_s")->in_s, 300);
	x.in.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS - 7200 * 1000;
	x.in.history.mx_old_ttl = DAY_S;
	assert_int_equal(fact(&x, "earliest_safe_change_in_s")->in_s, DAY_S - 7200);
	x.in.history.mx_old_ttl = 60;
	assert_int_equal(fact(&x, "earliest_safe_change_in_s")->in_s, 0);
	sample_release(&x);
}

static void a_change_that_was_made_has_no_earliest_moment(void **state)
{
	(void)state;
	struct sample x;
	sample_init(&x);
	x.in.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS - 7200 * 1000;
	x.in.history.mx_old_ttl = DAY_S;
	x.in.history.mx_changed_ms = SAMPLE_NOW_MS - 1000;
	assert_null(fact(&x, "earliest_safe_change_in_s"));
	x.in.history.mx_changed_ms = 0;
	assert_non_null(fact(&x, "earliest_safe_change_in_s"));
	x.in.history.mx_is_changed = true;
	assert_null(fact(&x, "earliest_safe_change_in_s"));
	sample_release(&x);
}

/* Low at the first look: no lowering was seen, and nobody says what was before. */
static void a_first_look_claims_no_lowering(void **state)
{
	(void)state;
	struct sample x;
	sample_init(&x);
	x.in.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS;
	const struct clock_fact *f = fact(&x, "earliest_safe_change_in_s");
	assert_int_equal(f->in_s, 300);
	assert_non_null(strstr(f->why, "300 s already at the first look at 2026-11-27T18:00:00Z"));
	assert_non_null(strstr(f->why, "before is not known"));
	assert_null(strstr(f->why, "old TTL"));
	x.in.history.mx_ttl_lowered_ms = 0;
	assert_string_equal(fact(&x, "earliest_safe_change_in_s")->why,
			    "if the MX TTL is lowered now; it is 300 s");
	sample_release(&x);
}

static void caches_clear_after_the_ttl_at_the_change(void **state)
{
	(void)state;
	struct sample x;
	sample_init(&x);
	assert_null(fact(&x, "caches_clear_in_s"));
	x.in.history.mx_changed_ms = SAMPLE_NOW_MS - 100500;
	x.in.history.mx_ttl_at_change = 300;
	assert_int_equal(fact(&x, "caches_clear_in_s")->in_s, 200); /* 199.5 rounded up */
	sample_release(&x);
}

static void a_new_txt_waits_for_what_caches_knew(void **state)
{
	(void)state;
	struct sample x;
	sample_init(&x);
	x.servers[1].soa.minimum = 900; /* the highest of the servers */
	assert_int_equal(fact(&x, "negative_ttl_s")->in_s, 900);
	assert_non_null(strstr(fact(&x, "negative_ttl_s")->why, "whichever is less"));
	assert_null(fact(&x, "resolver_clear_in_s"));
	x.in.history.txt_created_ms = SAMPLE_NOW_MS;
	assert_int_equal(fact(&x, "resolver_clear_in_s")->in_s, 900);
	x.in.history.txt_old_ttl = 3600; /* the SPF was there */
	assert_int_equal(fact(&x, "resolver_clear_in_s")->in_s, 3600);
	sample_release(&x);
}

static void name_servers_settle_by_the_longer_ttl(void **state)
{
	(void)state;
	struct sample x;
	sample_init(&x);
	x.in.history.ns_changed_ms = SAMPLE_NOW_MS;
	x.in.history.ns_old_ttl = 60;
	assert_int_equal(fact(&x, "ns_settled_in_s")->in_s, 3600); /* of the delegation */
	x.in.history.ns_old_ttl = DAY_S;
	assert_int_equal(fact(&x, "ns_settled_in_s")->in_s, DAY_S);
	sample_release(&x);
}

static int64_t drained(struct sample *x)
{
	return clocks_mx_drained_ms(&x->s, &x->in.history, 3600);
}

static void drained_is_never_guessed(void **state)
{
	(void)state;
	struct sample x;
	sample_init(&x);
	assert_int_equal(drained(&x), 0);
	x.in.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS - 1000;
	x.in.history.mx_old_ttl = DAY_S;
	assert_int_equal(drained(&x), SAMPLE_NOW_MS - 1000 + (int64_t)DAY_S * 1000);
	sample_data(&x, 1, Q_MX, DAY_S, RDATA("10 mx.old.org.")); /* one server is not lowered */
	assert_true(drained(&x) == INT64_MAX);
	sample_state_all(&x, Q_MX, SEEN_UNREADABLE);
	assert_true(drained(&x) == INT64_MAX);
	sample_state_all(&x, Q_MX, SEEN_NODATA);
	x.in.history.mx_ttl_lowered_ms = 0;
	assert_int_equal(drained(&x), 0);
	sample_release(&x);
}

static void a_resolver_that_holds_longer_prolongs_it(void **state)
{
	(void)state;
	struct sample x;
	sample_init(&x);
	x.panel[Q_MX].rrset = sample_set(&x, Q_MX, 50000, RDATA("10 mx.old.org."));
	int64_t until = x.panel[Q_MX].at_ms + INT64_C(50000) * 1000;
	assert_int_equal(drained(&x), until);
	x.in.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS;
	x.in.history.mx_old_ttl = 60; /* said by a person, and wrong */
	assert_int_equal(drained(&x), until);
	/* It keeps short TTLs for longer, and has asked anew since: no TTL lasts that long. */
	x.in.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS - (int64_t)7 * DAY_S * 1000;
	assert_int_equal(drained(&x), x.in.history.mx_ttl_lowered_ms + 60000);
	x.in.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS;
	x.resolver.works = false;
	assert_int_equal(drained(&x), SAMPLE_NOW_MS + 60000);
	sample_release(&x);
}

static void negative_answers_without_soa_have_no_bound(void **state)
{
	(void)state;
	struct sample x;
	sample_init(&x);
	x.in.history.txt_created_ms = SAMPLE_NOW_MS;
	assert_int_equal(fact(&x, "resolver_clear_in_s")->in_s, 300);
	x.seen[0][Q_DMARC].no_soa = true;
	assert_int_equal(fact(&x, "resolver_clear_in_s")->in_s, 3 * 3600);
	assert_int_equal(fact(&x, "negative_ttl_s")->in_s, 3 * 3600);
	assert_non_null(strstr(fact(&x, "negative_ttl_s")->why, "without SOA"));
	x.servers[1].soa.minimum = DAY_S; /* the SOA's TTL is 3600: that is the bound */
	assert_int_equal(fact(&x, "negative_ttl_s")->in_s, 3 * 3600);
	x.servers[1].soa_ttl = DAY_S;
	assert_int_equal(fact(&x, "negative_ttl_s")->in_s, DAY_S);
	sample_release(&x);
}

static void other_clocks_count_once_both_ns_sets_agree(void **state)
{
	(void)state;
	struct sample x;
	sample_init(&x);
	x.in.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS - 7200 * 1000;
	x.in.history.mx_old_ttl = DAY_S;
	x.s.child_ns = sample_set(&x, Q_NS, 3600, RDATA("ns9.x.net."));
	assert_int_equal(fact(&x, "earliest_safe_change_in_s")->in_s, DAY_S - 7200);
	x.in.history.ns_changed_ms = SAMPLE_NOW_MS - 1000;
	assert_int_equal(fact(&x, "earliest_safe_change_in_s")->in_s, DAY_S);
	assert_true(drained(&x) == INT64_MAX);
	x.s.child_ns = x.s.parent_ns;
	assert_int_equal(fact(&x, "earliest_safe_change_in_s")->in_s, DAY_S - 7200);
	assert_true(drained(&x) != INT64_MAX);
	sample_release(&x);
}

static void a_policy_lives_for_its_old_max_age(void **state)
{
	(void)state;
	struct sample x;
	sample_init(&x);
	assert_null(fact(&x, "mta_sts_max_age_s"));
	x.in.history.mta_sts_changed_ms = SAMPLE_NOW_MS - 1000 * 1000;
	assert_null(fact(&x, "mta_sts_max_age_s")); /* for how long is not known */
	x.in.history.mta_sts_old_max_age_s = 604800;
	assert_int_equal(fact(&x, "mta_sts_max_age_s")->in_s, 604800 - 1000);
	sample_release(&x);
}

static int64_t next_s(struct sample *x, int64_t now_ms)
{
	int64_t next = clocks_next_ms(&x->s, &x->in.history, now_ms);
	return next == INT64_MAX ? -1 : (next - SAMPLE_NOW_MS) / 1000;
}

static void nothing_runs_in_a_quiet_zone(void **state)
{
	(void)state;
	struct sample x;
	sample_init(&x);
	assert_int_equal(next_s(&x, SAMPLE_NOW_MS), -1);
	x.panel[Q_SOA].rrset = sample_set(&x, Q_SOA, 60,
					  RDATA("ns1.x.net. h.x.net. 6 600 120 604800 300"));
	assert_int_equal(next_s(&x, SAMPLE_NOW_MS), -1);
	sample_release(&x);
}

/* Each of them, in the order in which they end; none is met twice. */
static void the_next_moment_is_the_earliest_ahead(void **state)
{
	(void)state;
	static const int64_t want[] = { 100, 200, 400, 3600, 7200, 86400, -1 };
	struct sample x;
	sample_init(&x);
	int64_t now = SAMPLE_NOW_MS;
	x.in.history = (struct history){ .mx_ttl_lowered_ms = now,
					 .mx_old_ttl = DAY_S,
					 .mx_changed_ms = now,
					 .mx_ttl_at_change = 200,
					 .txt_created_ms = now,
					 .txt_old_ttl = 100,
					 .ns_changed_ms = now,
					 .ns_old_ttl = 60,
					 .mta_sts_changed_ms = now,
					 .mta_sts_old_max_age_s = 7200 };
	sample_panel(&x, Q_MX, 401, RDATA("10 mx.other.org.")); /* was asked a second ago */
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(next_s(&x, now), want[i]);
		now = SAMPLE_NOW_MS + want[i] * 1000;
	}
	sample_release(&x);
}

static void a_resolver_is_asked_when_it_forgets(void **state)
{
	(void)state;
	struct sample x;
	sample_init(&x);
	sample_panel(&x, Q_MX, 200, RDATA("10 mx.old.org."));
	assert_int_equal(next_s(&x, SAMPLE_NOW_MS), -1); /* it has what the servers have */
	sample_panel(&x, Q_MX, 1801, RDATA("10 mx.old.org."));
	assert_int_equal(next_s(&x, SAMPLE_NOW_MS), 1800); /* but for longer */
	x.resolver.works = false;
	assert_int_equal(next_s(&x, SAMPLE_NOW_MS), -1);
	x.resolver.works = true;
	x.panel[Q_MX] = (struct seen){ .question = x.questions[Q_MX],
				       .state = SEEN_NXDOMAIN,
				       .negative_ttl = 61,
				       .at_ms = SAMPLE_NOW_MS };
	assert_int_equal(next_s(&x, SAMPLE_NOW_MS), 61);
	x.panel[Q_MX].negative_ttl = 0; /* without SOA: it does not tell */
	assert_int_equal(next_s(&x, SAMPLE_NOW_MS), -1);
	x.panel[Q_MX].state = SEEN_UNREADABLE;
	assert_int_equal(next_s(&x, SAMPLE_NOW_MS), -1);
	sample_release(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_old_ttl_counts),
		cmocka_unit_test(a_change_that_was_made_has_no_earliest_moment),
		cmocka_unit_test(a_first_look_claims_no_lowering),
		cmocka_unit_test(caches_clear_after_the_ttl_at_the_change),
		cmocka_unit_test(a_new_txt_waits_for_what_caches_knew),
		cmocka_unit_test(name_servers_settle_by_the_longer_ttl),
		cmocka_unit_test(drained_is_never_guessed),
		cmocka_unit_test(a_resolver_that_holds_longer_prolongs_it),
		cmocka_unit_test(negative_answers_without_soa_have_no_bound),
		cmocka_unit_test(other_clocks_count_once_both_ns_sets_agree),
		cmocka_unit_test(a_policy_lives_for_its_old_max_age),
		cmocka_unit_test(nothing_runs_in_a_quiet_zone),
		cmocka_unit_test(the_next_moment_is_the_earliest_ahead),
		cmocka_unit_test(a_resolver_is_asked_when_it_forgets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
