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
	x.resolver.works = false;
	assert_int_equal(drained(&x), SAMPLE_NOW_MS + 60000);
	sample_release(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_old_ttl_counts),
		cmocka_unit_test(caches_clear_after_the_ttl_at_the_change),
		cmocka_unit_test(a_new_txt_waits_for_what_caches_knew),
		cmocka_unit_test(name_servers_settle_by_the_longer_ttl),
		cmocka_unit_test(drained_is_never_guessed),
		cmocka_unit_test(a_resolver_that_holds_longer_prolongs_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
