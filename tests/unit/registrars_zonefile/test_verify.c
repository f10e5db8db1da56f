/*
 * The check behind an edit, handed texts that no edit of ours would make: each must be refused.
 */
#include "tests/unit/registrars/fake_host.h"

#include "registrars/zonefile/edit.h"
#include "registrars/zonefile/multiset.h"

#include <string.h>

#define ZONE "treyresearch.com."
#define SOA  "@ IN SOA ns1 hostmaster 7 3600 600 604800 300\n"
#define TTL  "$TTL 3600\n"
#define MX   "@ MX 10 mx1\n"
#define REST                                                                                       \
	"; a note\nwww A 192.0.2.1\nwww A 192.0.2.2\nodd NSEC3 1 1 x\nelse.example. A 192.0.2.3\n"
#define BEFORE (TTL SOA MX REST)

#define SOA_8    "@ IN SOA ns1 hostmaster 8 3600 600 604800 300\n"
#define MX_AFTER "@ 300 MX 10 mx1\n"

static int verify(struct arena *a, const char *before, const char *after, struct err *e)
{
	const char *rdata[] = { "10 mx1." ZONE };
	struct change c = { .name = ZONE, .type = RR_MX };
	c.before = rrset_make(a, ZONE, RR_MX, 3600, 1, rdata, e);
	c.after = rrset_make(a, ZONE, RR_MX, 300, 1, rdata, e);
	struct change_set cs = { "staging", ZONE, 1, &c };
	struct master_text b = { ZONE, slice_str(before) };
	struct master_text t = { ZONE, slice_str(after) };
	return edit_verify(&b, &t, &cs, e);
}

static void test_what_was_planned_passes(void **state)
{
	struct fake_world *w = *state;
	struct err e = { 0 };
	assert_int_equal(verify(w->arena, BEFORE, TTL SOA_8 MX_AFTER REST, &e), 0);
	/* In another order it says the same; the last line has got its end. */
	assert_int_equal(verify(w->arena, TTL SOA MX "a A 192.0.2.1\nb A 192.0.2.2",
				TTL SOA_8 "b A 192.0.2.2\na A 192.0.2.1\n" MX_AFTER, &e),
			 0);
}

struct wrong {
	const char *after, *says;
};

static void test_all_else_is_refused(void **state)
{
	static const struct wrong cases[] = {
		{ TTL SOA_8 MX REST, "treyresearch.com." },
		{ TTL SOA_8 "@ 301 MX 10 mx1\n" REST, "treyresearch.com." },
		{ TTL SOA_8 REST, "treyresearch.com." },
		{ TTL SOA MX_AFTER REST, "the SOA" },
		{ TTL "@ IN SOA ns1 hostmaster 6 3600 600 604800 300\n" MX_AFTER REST, "the SOA" },
		{ TTL "@ IN SOA ns2 hostmaster 8 3600 600 604800 300\n" MX_AFTER REST, "the SOA" },
		{ TTL "@ IN SOA ns1 postmaster 8 3600 600 604800 300\n" MX_AFTER REST, "the SOA" },
		{ TTL "@ 60 IN SOA ns1 hostmaster 8 3600 600 604800 300\n" MX_AFTER REST,
		  "the SOA" },
		{ TTL SOA_8 "@ IN SOA ns1 hostmaster 9 3600 600 604800 300\n" MX_AFTER REST,
		  "the SOA" },
		{ TTL SOA_8 MX_AFTER REST "more A 192.0.2.1\n", "other RRsets" },
		{ TTL SOA_8 MX_AFTER REST "www A 192.0.2.1\n", "other RRsets" },
		{ TTL SOA_8 MX_AFTER REST "www TXT \"x\"\n", "other RRsets" },
		{ "$TTL 3601\n" SOA_8 MX_AFTER REST, NULL },
		{ TTL SOA_8 MX_AFTER
		  "; a note\nwww A 192.0.2.2\nwww A 192.0.2.2\nodd NSEC3 1 1 x\nelse.example. A "
		  "192.0.2.3\n",
		  "other RRsets" },
		{ TTL SOA_8 MX_AFTER
		  "; a Note\nwww A 192.0.2.1\nwww A 192.0.2.2\nodd NSEC3 1 1 x\nelse.example. A "
		  "192.0.2.3\n",
		  "a comment or directive" },
		{ TTL SOA_8 MX_AFTER
		  "; a note\nwww A 192.0.2.1\nwww A 192.0.2.2\nodd NSEC3 1 1 y\nelse.example. A "
		  "192.0.2.3\n",
		  "a comment or directive" },
		{ TTL SOA_8 MX_AFTER
		  "; a note\nwww A 192.0.2.1\nwww A 192.0.2.2\nodd NSEC3 1 1 x\nelse.example. A "
		  "192.0.2.4\n",
		  "a comment or directive" },
		{ TTL SOA_8 MX_AFTER "; a note\nwww A 192.0.2.1\nwww A 192.0.2.2\n",
		  "a comment or directive" },
		{ TTL SOA_8 MX_AFTER REST "$ORIGIN sub\n", "a comment or directive" },
		{ TTL SOA_8 MX_AFTER REST "x TXT \"open\n", "reading the edited text" },
	};
	struct fake_world *w = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		if (verify(w->arena, BEFORE, cases[i].after, &e) != -1)
			fail_msg("case %zu passes", i);
		if (cases[i].says != NULL && strstr(e.text, cases[i].says) == NULL)
			fail_msg("case %zu: \"%s\" does not say \"%s\"", i, e.text, cases[i].says);
		assert_int_equal(e.kind, ERR_BUG);
	}
}

/* A relative $ORIGIN, which ldns takes for an absolute one. */
static void test_what_ldns_sees_otherwise_stops_no_edit(void **state)
{
	struct fake_world *w = *state;
	struct err e = { 0 };
	assert_int_equal(verify(w->arena, TTL SOA MX "$ORIGIN sub\nx A 192.0.2.1\n",
				TTL SOA_8 MX_AFTER "$ORIGIN sub\nx A 192.0.2.1\n", &e),
			 0);
}

static void test_a_multiset_counts(void **state)
{
	struct multiset a = { 0 };
	struct multiset b = { 0 };
	unsigned char x[SHA256_LEN];
	unsigned char y[SHA256_LEN];
	(void)state;
	memset(x, 0xff, sizeof(x));
	sha256_of(SLICE_LIT("y"), y);
	multiset_add(&a, x);
	multiset_add(&a, y);
	multiset_add(&b, y);
	assert_false(multiset_equal(&a, &b));
	multiset_add(&b, x);
	assert_true(multiset_equal(&a, &b));
	multiset_add(&a, x);
	multiset_add(&b, y);
	assert_false(multiset_equal(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(test_what_was_planned_passes),
		FAKE_TEST(test_all_else_is_refused),
		FAKE_TEST(test_what_ldns_sees_otherwise_stops_no_edit),
		cmocka_unit_test(test_a_multiset_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
