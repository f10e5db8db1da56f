#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "dns/dnssec_ahead.h"
#include "dns/dnssec_priv.h"
#include "signed.h"

struct world {
	struct arena *a;
	struct signer x, other;
	struct dnssec_ahead *ahead;
};

static int setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	w->a = arena_new();
	w->x = signer_make("x.net.", LDNS_SIGN_ECDSAP256SHA256);
	w->other = signer_make("x.net.", LDNS_SIGN_ECDSAP256SHA256);
	w->ahead = dnssec_ahead_new(NOW_MS);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	dnssec_ahead_free(w->ahead);
	signer_release(&w->x);
	signer_release(&w->other);
	arena_free(w->a);
	free(w);
	return 0;
}

static void hear(struct world *w, struct seen seen)
{
	dnssec_ahead_heard(w->ahead, &seen);
}

static const struct rrset *mx_set(struct world *w)
{
	return SET("x.net.", RR_MX, "10 mx1.x.net.", "20 mx2.x.net.");
}

/* Is it known of the set's first signature how it goes with the signer's key? */
static bool known(struct world *w, const struct signer *s, const struct seen *seen, bool *fits_r)
{
	struct dnssec_cache *cache = dnssec_ahead_end(w->ahead);
	struct zone_keys *keys = dnssec_keys(w->a, signer_dnskey(w->a, s), NULL);
	unsigned char mark[SHA256_LEN];
	assert_int_equal(seen->proof->answer[1]->type, RR_RRSIG);
	dnssec_mark(seen->proof->answer[0], seen->proof->answer[1]->rdata[0], "x.net.",
		    &keys->at[0], mark);
	return cache != NULL && dnssec_cache_get(cache, mark, fits_r);
}

static void what_comes_before_its_keys_is_tried_when_they_come(void **state)
{
	struct world *w = *state;
	struct seen mx = data_of(w->a, &w->x, mx_set(w));
	bool fits = false;
	hear(w, mx);
	/* Not signed: what is tried last may take a place of the cache, one time in eight thousand.
	 */
	hear(w, data_of(w->a, NULL, signer_dnskey(w->a, &w->x)));
	assert_true(known(w, &w->x, &mx, &fits));
	assert_true(fits);
}

static void what_comes_after_its_keys_is_tried_at_once(void **state)
{
	struct world *w = *state;
	struct seen mx = data_of(w->a, &w->x, mx_set(w));
	bool fits = false;
	hear(w, data_of(w->a, &w->x, signer_dnskey(w->a, &w->x)));
	hear(w, mx);
	assert_true(known(w, &w->x, &mx, &fits));
	assert_true(fits);
}

/* The signature is of another set: the same key, and it must not count as fitting. */
static void what_does_not_fit_is_remembered_so(void **state)
{
	struct world *w = *state;
	struct draft *d = draft_of(w->a, "x.net.", RR_MX, SEEN_DATA);
	bool fits = true;
	draft_answer(d, NULL, SET("x.net.", RR_MX, "10 mx.attacker.net."));
	const struct rrset *sig = sign(w->a, &w->x, mx_set(w));
	draft_answer(d, NULL, sig);
	struct seen forged = seen_of(d);
	hear(w, data_of(w->a, &w->x, signer_dnskey(w->a, &w->x)));
	hear(w, forged);
	assert_true(known(w, &w->x, &forged, &fits));
	assert_false(fits);
}

static void nothing_is_known_of_keys_that_were_not_heard(void **state)
{
	struct world *w = *state;
	struct seen mx = data_of(w->a, &w->x, mx_set(w));
	bool fits;
	hear(w, data_of(w->a, &w->other, signer_dnskey(w->a, &w->other)));
	hear(w, mx);
	assert_false(known(w, &w->x, &mx, &fits));
}

static void what_has_expired_is_left_alone(void **state)
{
	struct world *w = *state;
	bool fits;
	hear(w, data_of(w->a, &w->x, signer_dnskey(w->a, &w->x)));
	w->x.begins_s = -20 * DAY_S;
	w->x.ends_s = -1 * DAY_S;
	struct seen mx = data_of(w->a, &w->x, mx_set(w));
	hear(w, mx);
	assert_false(known(w, &w->x, &mx, &fits));
}

/* A zone that signs as it is asked: the budget ends it, and the rest is the judgement's. Now and
 * then one takes another's place in the cache, so they are counted. */
static void the_work_is_bounded(void **state)
{
	enum { MANY = 200, BUDGET = 64 };
	struct world *w = *state;
	struct seen heard[MANY];
	size_t n = 0;
	bool fits = false;
	hear(w, data_of(w->a, &w->x, signer_dnskey(w->a, &w->x)));
	for (int i = 0; i < MANY; i++) {
		const char *text = arena_printf(w->a, "\"%d\"", i);
		heard[i] = data_of(w->a, &w->x, SET("x.net.", RR_TXT, text));
		hear(w, heard[i]);
	}
	for (int i = 0; i < MANY; i++)
		n += known(w, &w->x, &heard[i], &fits) ? 1 : 0;
	assert_in_range(n, BUDGET / 2, BUDGET);
	assert_false(known(w, &w->x, &heard[MANY - 1], &fits));
}

static void an_unsigned_world_begins_no_thread(void **state)
{
	struct world *w = *state;
	hear(w, (struct seen){ .state = SEEN_DATA, .rrset = mx_set(w) });
	assert_null(dnssec_ahead_end(w->ahead));
}

static void it_can_be_dropped_at_any_time(void **state)
{
	struct world *w = *state;
	for (int i = 0; i < 20; i++)
		hear(w, data_of(w->a, &w->x, signer_dnskey(w->a, &w->x)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_comes_before_its_keys_is_tried_when_they_come,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_comes_after_its_keys_is_tried_at_once, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_does_not_fit_is_remembered_so, setup,
						teardown),
		cmocka_unit_test_setup_teardown(nothing_is_known_of_keys_that_were_not_heard, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_has_expired_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(the_work_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unsigned_world_begins_no_thread, setup,
						teardown),
		cmocka_unit_test_setup_teardown(it_can_be_dropped_at_any_time, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
