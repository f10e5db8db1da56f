#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "sample.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* The sample moves from mx.old.org to mx.new.org. */
struct world {
	struct sample x;
	struct dnssec_view view;
	struct secure lookups[LOOKUPS_MAX];
};

static int setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	sample_init(&w->x);
	w->view.zone.state = SECURE_YES;
	w->view.anchored = true;
	w->view.lookups = w->lookups;
	w->x.in.dnssec = &w->view;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	sample_release(&w->x);
	free(w);
	return 0;
}

/* rdata NULL: none. Returns the verdict, to be spoilt. */
static struct secure *tlsa(struct world *w, const char *name, const char *rdata,
			   enum secure_state secure)
{
	struct lookup *l = sample_lookup(&w->x, name, RR_TLSA, SEEN_NXDOMAIN,
					 rdata != NULL ? RDATA(rdata) : NULL);
	l->zone = "org.";
	w->view.lookup_n = w->x.s.lookup_n;
	w->lookups[w->view.lookup_n - 1].state = secure;
	return &w->lookups[w->view.lookup_n - 1];
}

static size_t run(struct world *w, const char *id)
{
	return sample_run(&w->x, id, NULL);
}

static void dane_that_is_lost_is_told(void **state)
{
	struct world *w = *state;
	const struct finding *f = NULL;
	tlsa(w, "_25._tcp.mx.old.org.", "3 1 1 " DIGEST, SECURE_YES);
	assert_int_equal(run(w, "dane-tlsa-missing-new-mx"), 0); /* the new one is not known */
	struct secure *new = tlsa(w, "_25._tcp.mx.new.org.", NULL, SECURE_YES);
	assert_int_equal(sample_run(&w->x, "dane-tlsa-missing-new-mx", &f), 1);
	assert_int_equal(f->severity, SEVERITY_WARNING);
	assert_non_null(strstr(f->message, "mx.old.org has DANE, the new one mx.new.org has not"));
	assert_int_equal(f->evidence_n, 2);
	/* nobody could rely on the old one */
	w->lookups[0].state = SECURE_INSECURE;
	assert_int_equal(run(w, "dane-tlsa-missing-new-mx"), 0);
	w->lookups[0].state = SECURE_YES;
	new->state = SECURE_UNKNOWN;
	w->x.lookups[1].seen.state = SEEN_UNREADABLE;
	assert_int_equal(run(w, "dane-tlsa-missing-new-mx"), 0);
}

static void dane_that_is_kept_is_not(void **state)
{
	struct world *w = *state;
	tlsa(w, "_25._tcp.mx.old.org.", "3 1 1 " DIGEST, SECURE_YES);
	struct secure *new = tlsa(w, "_25._tcp.mx.new.org.", "3 1 1 " DIGEST, SECURE_YES);
	assert_int_equal(run(w, "dane-tlsa-missing-new-mx"), 0);
	new->state = SECURE_INSECURE; /* it is there, and nobody believes it */
	assert_int_equal(run(w, "dane-tlsa-missing-new-mx"), 1);
	w->x.in.phase = PHASE_POST;
	assert_int_equal(run(w, "dane-tlsa-missing-new-mx"), 0);
}

static void a_name_that_stays_is_a_trap(void **state)
{
	struct world *w = *state;
	static const char *const kept[] = { "mx.new.org.", NULL };
	const struct finding *f = NULL;
	tlsa(w, "_25._tcp.mx.new.org.", "3 1 1 " DIGEST, SECURE_YES);
	assert_int_equal(run(w, "dane-tlsa-missing-new-mx"), 0);
	w->x.in.source_mx = kept;
	assert_int_equal(sample_run(&w->x, "dane-tlsa-missing-new-mx", &f), 1);
	assert_non_null(strstr(f->message, "is kept"));
}

static void microsofts_dane_needs_a_signed_domain(void **state)
{
	struct world *w = *state;
	w->x.in.target_mx = sample_set(&w->x, Q_MX, 300, RDATA("0 x-net.a-v1.mx.microsoft."));
	assert_int_equal(run(w, "dane-domain-unsigned"), 0);
	w->view.zone.state = SECURE_INSECURE;
	assert_int_equal(run(w, "dane-domain-unsigned"), 1);
	w->view.zone.state = SECURE_UNKNOWN;
	assert_int_equal(run(w, "dane-domain-unsigned"), 0);
	w->view.zone.state = SECURE_INSECURE;
	w->x.in.target_mx = sample_set(&w->x, Q_MX, 300, RDATA("0 mx.microsoft.example."));
	assert_int_equal(run(w, "dane-domain-unsigned"), 0);
}

static size_t malformed(struct world *w, const char *rdata)
{
	w->x.s.lookup_n = 0;
	tlsa(w, "_25._tcp.mx.old.org.", rdata, SECURE_YES);
	return run(w, "dane-tlsa-malformed");
}

static void tlsa_records_must_be_usable(void **state)
{
	struct world *w = *state;
	assert_int_equal(malformed(w, "3 1 1 " DIGEST), 0);
	assert_int_equal(malformed(w, "2 0 2 " DIGEST DIGEST), 0);
	assert_int_equal(malformed(w, "3 1 0 30820122"), 0);
	assert_int_equal(malformed(w, "1 1 1 " DIGEST), 1);
	assert_int_equal(malformed(w, "3 2 1 " DIGEST), 1);
	assert_int_equal(malformed(w, "3 1 3 " DIGEST), 1);
	assert_int_equal(malformed(w, "3 1 1 0123456789abcdef"), 1);
	assert_int_equal(malformed(w, "3 1 2 " DIGEST), 1);
	assert_int_equal(malformed(w, NULL), 0);
}

static void tlsa_records_in_an_unsigned_zone_are_vain(void **state)
{
	struct world *w = *state;
	const struct finding *f = NULL;
	struct secure *s = tlsa(w, "_25._tcp.mx.old.org.", "3 1 1 " DIGEST, SECURE_INSECURE);
	assert_int_equal(sample_run(&w->x, "dane-tlsa-unsigned", &f), 1);
	assert_int_equal(f->severity, SEVERITY_INFO);
	s->state = SECURE_YES;
	assert_int_equal(run(w, "dane-tlsa-unsigned"), 0);
	s->state = SECURE_UNKNOWN;
	assert_int_equal(run(w, "dane-tlsa-unsigned"), 0);
	w->x.in.dnssec = NULL;
	assert_int_equal(run(w, "dane-tlsa-unsigned"), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(dane_that_is_lost_is_told),   TEST(dane_that_is_kept_is_not),
		TEST(a_name_that_stays_is_a_trap), TEST(microsofts_dane_needs_a_signed_domain),
		TEST(tlsa_records_must_be_usable), TEST(tlsa_records_in_an_unsigned_zone_are_vain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
