#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "signed.h"

enum { SERVERS = 2, QUESTIONS = 4, LINKS = 3, LOOKUPS = 1 };
enum { Q_KEY, Q_MX, Q_TXT, Q_CNAME };
enum { L_ROOT, L_NET, L_X };

static const struct dns_question questions[QUESTIONS] = {
	{ "x.net.", RR_DNSKEY },
	{ "x.net.", RR_MX },
	{ "x.net.", RR_TXT },
	{ "autodiscover.x.net.", RR_CNAME },
};

/* ., net. and x.net., all signed; two servers that say the same. */
struct world {
	struct arena *a;
	struct signer root, net, x;
	const struct rrset *anchor;
	struct zone_link links[LINKS];
	struct server_view servers[SERVERS];
	struct seen seen[SERVERS][QUESTIONS];
	struct lookup lookups[LOOKUPS];
	struct snapshot s;
	struct dnssec_opts opts;
};

static void init_links(struct world *w)
{
	w->links[L_ROOT] = (struct zone_link){ .zone = ".", .ds.state = SEEN_UNREADABLE };
	w->links[L_NET] = (struct zone_link){ .zone = "net.", .parent = "." };
	w->links[L_X] = (struct zone_link){ .zone = "x.net.", .parent = "net." };
	w->links[L_ROOT].dnskey = data_of(w->a, &w->root, signer_dnskey(w->a, &w->root));
	w->links[L_NET].ds = data_of(w->a, &w->root, signer_ds(w->a, &w->net, LDNS_SHA256));
	w->links[L_NET].dnskey = data_of(w->a, &w->net, signer_dnskey(w->a, &w->net));
	w->links[L_X].ds = data_of(w->a, &w->net, signer_ds(w->a, &w->x, LDNS_SHA256));
	w->links[L_X].dnskey = data_of(w->a, &w->x, signer_dnskey(w->a, &w->x));
}

static void init_answers(struct world *w)
{
	for (size_t i = 0; i < SERVERS; i++) {
		w->seen[i][Q_KEY] = w->links[L_X].dnskey;
		w->seen[i][Q_MX] = data_of(w->a, &w->x,
					   SET("x.net.", RR_MX, "10 mx1.x.net.", "20 mx2.x.net."));
		w->seen[i][Q_TXT] = data_of(w->a, &w->x,
					    SET("x.net.", RR_TXT, "\"v=spf1 -all\"", "\"MS=1\""));
		w->seen[i][Q_CNAME] = data_of(
			w->a, &w->x, SET("autodiscover.x.net.", RR_CNAME, "mail.old.org."));
		w->servers[i] = (struct server_view){ .name = "ns.x.net.",
						      .address = "127.0.0.1",
						      .n = QUESTIONS,
						      .seen = w->seen[i] };
	}
}

/* The zone's own keys by one algorithm; above it ECDSA. */
static void world_init(struct world *w, ldns_signing_algorithm algorithm)
{
	memset(w, 0, sizeof(*w));
	w->a = arena_new();
	w->root = signer_make(".", LDNS_SIGN_ECDSAP256SHA256);
	w->net = signer_make("net.", LDNS_SIGN_ECDSAP256SHA256);
	w->x = signer_make("x.net.", algorithm);
	w->anchor = signer_ds(w->a, &w->root, LDNS_SHA256);
	init_links(w);
	init_answers(w);
	w->s = (struct snapshot){ .domain = "x.net.",
				  .zone = "x.net.",
				  .question_n = QUESTIONS,
				  .questions = questions,
				  .server_n = SERVERS,
				  .servers = w->servers,
				  .lookups = w->lookups,
				  .link_n = LINKS,
				  .links = w->links };
	w->opts = (struct dnssec_opts){ .anchor = w->anchor, .now_ms = NOW_MS };
}

static void world_release(struct world *w)
{
	signer_release(&w->root);
	signer_release(&w->net);
	signer_release(&w->x);
	arena_free(w->a);
}

static int setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	world_init(w, LDNS_SIGN_ECDSAP256SHA256);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	world_release(*state);
	free(*state);
	return 0;
}

static const struct dnssec_view *judge(struct world *w)
{
	return dnssec_judge(w->a, &w->s, &w->opts);
}

/* The verdict on one answer of the first server. */
static struct secure verdict(struct world *w, struct seen seen)
{
	w->lookups[0] = (struct lookup){ .seen = seen, .zone = "x.net." };
	w->s.lookup_n = 1;
	return judge(w)->lookups[0];
}

#define assert_secure(v)                                                                           \
	assert_string_equal((v).detail != NULL ? (v).detail : "", ""),                             \
		assert_string_equal(secure_state_name((v).state), "secure")
static void assert_state(struct secure v, enum secure_state state)
{
	if (v.state != state)
		fail_msg("%s: %s", secure_state_name(v.state), v.detail != NULL ? v.detail : "");
}

static void assert_bogus(struct secure v, enum bogus_why why)
{
	assert_state(v, SECURE_BOGUS);
	if (v.why != why)
		fail_msg("why is %d: %s", (int)v.why, v.detail);
	assert_non_null(v.detail);
}

/* --- the chain and positive answers --- */

static void all_algorithms_validate(void **state)
{
	static const ldns_signing_algorithm algorithms[] = {
		LDNS_SIGN_RSASHA256, LDNS_SIGN_ECDSAP256SHA256, LDNS_SIGN_ECDSAP384SHA384,
		LDNS_SIGN_ED25519,   LDNS_SIGN_ED448,
	};
	(void)state;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		struct world w;
		world_init(&w, algorithms[i]);
		const struct dnssec_view *v = judge(&w);
		assert_true(v->anchored);
		assert_secure(v->zone);
		for (size_t k = 0; k < LINKS; k++)
			assert_secure(v->zones[k].secure);
		for (size_t k = 0; k < SERVERS * (size_t)QUESTIONS; k++)
			assert_secure(v->answers[k]);
		assert_int_equal(v->zones[L_X].algorithms, 1U << algorithms[i]);
		assert_int_equal(v->zones[L_X].ds_digests, 1U << LDNS_SHA256);
		assert_true(v->zones[L_X].has_ds && v->zones[L_X].has_dnskey);
		assert_int_equal(v->zones[L_X].rsa_bits,
				 algorithms[i] == LDNS_SIGN_RSASHA256 ? 1024 : 0);
		assert_int_equal(v->answers[Q_MX].expires_ms, NOW_MS + INT64_C(1000) * 30 * DAY_S);
		assert_int_equal(v->answers[Q_MX].begins_ms, NOW_MS - INT64_C(1000) * DAY_S);
		world_release(&w);
	}
}

static void the_anchor_may_be_a_key(void **state)
{
	struct world *w = *state;
	w->opts.anchor = signer_dnskey(w->a, &w->root);
	assert_secure(judge(w)->zone);
}

static void without_an_anchor_nothing_is_known(void **state)
{
	struct world *w = *state;
	w->opts.anchor = NULL;
	const struct dnssec_view *v = judge(w);
	assert_false(v->anchored);
	assert_state(v->zone, SECURE_UNKNOWN);
	assert_state(v->answers[Q_MX], SECURE_UNKNOWN);
	assert_true(v->zones[L_X].has_ds);
}

static void a_strange_anchor_makes_all_bogus(void **state)
{
	struct world *w = *state;
	struct signer other = signer_make(".", LDNS_SIGN_ECDSAP256SHA256);
	w->opts.anchor = signer_ds(w->a, &other, LDNS_SHA256);
	const struct dnssec_view *v = judge(w);
	assert_bogus(v->zones[L_ROOT].secure, BOGUS_NO_KEY_FOR_DS);
	assert_bogus(v->zone, BOGUS_ABOVE);
	signer_release(&other);
}

static void answers_are_found_by_question(void **state)
{
	struct world *w = *state;
	const struct dnssec_view *v = judge(w);
	assert_ptr_equal(dnssec_answer(v, &w->s, 1, "x.net.", RR_MX),
			 &v->answers[QUESTIONS + Q_MX]);
	assert_null(dnssec_answer(v, &w->s, 2, "x.net.", RR_MX));
	assert_null(dnssec_answer(v, &w->s, 0, "x.net.", RR_A));
	assert_null(dnssec_lookup(v, &w->s, "x.net.", RR_A));
}

static void a_link_that_is_unreadable_leaves_it_open(void **state)
{
	struct world *w = *state;
	w->links[L_X].ds.state = SEEN_UNREADABLE;
	assert_state(judge(w)->zone, SECURE_UNKNOWN);
	assert_state(judge(w)->answers[Q_MX], SECURE_UNKNOWN);
}

/* The walk met a dead server; another one has the keys. */
static void keys_are_taken_from_any_server(void **state)
{
	struct world *w = *state;
	w->links[L_X].dnskey.state = SEEN_UNREADABLE;
	w->seen[0][Q_KEY].state = SEEN_UNREADABLE;
	assert_secure(judge(w)->zone);
	w->seen[1][Q_KEY].state = SEEN_UNREADABLE;
	assert_state(judge(w)->zone, SECURE_UNKNOWN);
}

/* --- what goes wrong at the cut --- */

static void a_ds_without_keys_is_an_orphan(void **state)
{
	struct world *w = *state;
	struct seen none = { .question = questions[Q_KEY], .state = SEEN_NODATA };
	w->links[L_X].dnskey = w->seen[0][Q_KEY] = w->seen[1][Q_KEY] = none;
	const struct dnssec_view *v = judge(w);
	assert_bogus(v->zone, BOGUS_UNSIGNED_CHILD);
	assert_bogus(v->answers[Q_MX], BOGUS_ABOVE);
	assert_false(v->zones[L_X].has_dnskey);
}

static void a_ds_of_another_key_is_a_mismatch(void **state)
{
	struct world *w = *state;
	struct signer other = signer_make("x.net.", LDNS_SIGN_ECDSAP256SHA256);
	w->links[L_X].ds = data_of(w->a, &w->net, signer_ds(w->a, &other, LDNS_SHA256));
	assert_bogus(judge(w)->zone, BOGUS_NO_KEY_FOR_DS);
	signer_release(&other);
}

/* The named key is there, but only a stranger signed the set. */
static void keys_must_be_signed_by_the_key_of_the_ds(void **state)
{
	struct world *w = *state;
	struct signer other = signer_make("x.net.", LDNS_SIGN_ECDSAP256SHA256);
	const char *rdata[] = { signer_dnskey(w->a, &w->x)->rdata[0],
				signer_dnskey(w->a, &other)->rdata[0], NULL };
	w->links[L_X].dnskey = data_of(w->a, &other, set_of(w->a, "x.net.", RR_DNSKEY, rdata));
	w->seen[0][Q_KEY] = w->seen[1][Q_KEY] = w->links[L_X].dnskey;
	assert_bogus(judge(w)->zone, BOGUS_NO_KEY_FOR_DS);
	signer_release(&other);
}

static void one_server_with_other_keys_does_not_break_the_zone(void **state)
{
	struct world *w = *state;
	struct signer other = signer_make("x.net.", LDNS_SIGN_ECDSAP256SHA256);
	w->links[L_X].dnskey = data_of(w->a, &other, signer_dnskey(w->a, &other));
	w->seen[0][Q_KEY] = w->links[L_X].dnskey;
	const struct dnssec_view *v = judge(w);
	assert_secure(v->zone);
	assert_bogus(v->answers[Q_KEY], BOGUS_NO_KEY_FOR_DS);
	assert_secure(v->answers[QUESTIONS + Q_KEY]);
	signer_release(&other);
}

static void a_ds_that_the_parent_did_not_sign_is_bogus(void **state)
{
	struct world *w = *state;
	w->links[L_X].ds = data_of(w->a, &w->x, signer_ds(w->a, &w->x, LDNS_SHA256));
	assert_bogus(judge(w)->zone, BOGUS_WRONG_SIGNATURE);
	w->links[L_X].ds.proof = NULL;
	assert_bogus(judge(w)->zone, BOGUS_NOT_SIGNED);
}

static void algorithms_that_nobody_knows_are_insecure(void **state)
{
	struct world *w = *state;
	const char *tag = w->links[L_X].ds.rrset->rdata[0];
	const struct rrset *ds = SET(
		"x.net.", RR_DS,
		arena_printf(w->a, "%.*s 250 2 %064d", (int)strcspn(tag, " "), tag, 0));
	w->links[L_X].ds = data_of(w->a, &w->net, ds);
	assert_state(judge(w)->zone, SECURE_INSECURE);
	assert_state(judge(w)->answers[Q_MX], SECURE_INSECURE);
	ds = SET("x.net.", RR_DS, arena_printf(w->a, "1 13 77 %064d", 0));
	w->links[L_X].ds = data_of(w->a, &w->net, ds);
	assert_state(judge(w)->zone, SECURE_INSECURE);
}

/* RFC 4509 §3: the SHA-1 digest would fit, the better one does not. */
static void sha1_does_not_count_beside_a_better_digest(void **state)
{
	struct world *w = *state;
	const char *sha1 = signer_ds(w->a, &w->x, LDNS_SHA1)->rdata[0];
	const char *wrong = arena_printf(w->a, "%.*s 13 2 %064d", (int)strcspn(sha1, " "), sha1, 0);
	w->links[L_X].ds = data_of(w->a, &w->net, SET("x.net.", RR_DS, sha1));
	assert_secure(judge(w)->zone);
	w->links[L_X].ds = data_of(w->a, &w->net, SET("x.net.", RR_DS, sha1, wrong));
	assert_bogus(judge(w)->zone, BOGUS_NO_KEY_FOR_DS);
}

static struct seen ds_denial(struct world *w, const struct rrset *denial)
{
	struct draft *d = draft_of(w->a, "x.net.", RR_DS, SEEN_NODATA);
	draft_authority(d, &w->net, SET("net.", RR_SOA, "a. h. 1 600 120 86400 300"));
	if (denial != NULL)
		draft_authority(d, &w->net, denial);
	return seen_of(d);
}

static void no_ds_by_nsec_is_insecure(void **state)
{
	struct world *w = *state;
	w->links[L_X].ds = ds_denial(w, SET("x.net.", RR_NSEC, "y.net. NS RRSIG NSEC"));
	const struct dnssec_view *v = judge(w);
	assert_state(v->zone, SECURE_INSECURE);
	assert_false(v->zone.unproven);
	assert_null(v->zone.detail);
	assert_state(v->answers[Q_MX], SECURE_INSECURE);
	assert_false(v->zones[L_X].has_ds);
	assert_true(v->zones[L_X].has_dnskey); /* an island */
}

/* As a snapshot of an unsigned domain is: no keys were asked for, there was no need. */
static void no_ds_without_any_keys_is_insecure(void **state)
{
	struct world *w = *state;
	w->links[L_ROOT].dnskey = w->links[L_NET].dnskey =
		(struct seen){ .state = SEEN_UNREADABLE };
	assert_state(judge(w)->zone, SECURE_UNKNOWN);
	w->links[L_X].ds = (struct seen){ .state = SEEN_NODATA };
	assert_state(judge(w)->zone, SECURE_INSECURE);
	assert_true(judge(w)->zone.unproven);
	assert_state(judge(w)->answers[Q_MX], SECURE_INSECURE);
}

static void no_ds_must_be_proven(void **state)
{
	struct world *w = *state;
	w->links[L_X].ds = ds_denial(w, NULL);
	assert_bogus(judge(w)->zone, BOGUS_NO_PROOF);
	/* it says that there is a DS */
	w->links[L_X].ds = ds_denial(w, SET("x.net.", RR_NSEC, "y.net. NS DS RRSIG NSEC"));
	assert_bogus(judge(w)->zone, BOGUS_NO_PROOF);
	/* the child's own record knows nothing of the DS */
	w->links[L_X].ds = ds_denial(w, SET("x.net.", RR_NSEC, "y.net. NS SOA RRSIG NSEC"));
	assert_bogus(judge(w)->zone, BOGUS_NO_PROOF);
	/* of another name */
	w->links[L_X].ds = ds_denial(w, SET("w.net.", RR_NSEC, "xx.net. NS RRSIG NSEC"));
	assert_bogus(judge(w)->zone, BOGUS_NO_PROOF);
	w->links[L_X].ds.proof = NULL;
	assert_bogus(judge(w)->zone, BOGUS_NOT_SIGNED);
}

static void no_ds_by_a_forged_nsec_is_bogus(void **state)
{
	struct world *w = *state;
	struct draft *d = draft_of(w->a, "x.net.", RR_DS, SEEN_NODATA);
	const struct rrset *real = SET("x.net.", RR_NSEC, "y.net. NS DS RRSIG NSEC");
	draft_authority(d, NULL, SET("x.net.", RR_NSEC, "y.net. NS RRSIG NSEC"));
	draft_authority(d, NULL, sign(w->a, &w->net, real));
	w->links[L_X].ds = seen_of(d);
	assert_bogus(judge(w)->zone, BOGUS_WRONG_SIGNATURE);
}

static const char *const net_names[] = { "net.", "x.net.", "z.net.", NULL };
static const char *const net_types[] = { "NS SOA RRSIG DNSKEY NSEC3PARAM", "NS RRSIG",
					 "NS DS RRSIG", NULL };

static void no_ds_by_nsec3_is_insecure(void **state)
{
	struct world *w = *state;
	struct hashed_zone z = { "net.", net_names, net_types, 0, false };
	w->links[L_X].ds = ds_denial(w, nsec3_for(w->a, &z, "x.net."));
	assert_state(judge(w)->zone, SECURE_INSECURE);
}

/* x.net. has no record of its own: the span over it says that there may be delegations. */
static struct seen opt_out_denial(struct world *w, bool opt_out)
{
	static const char *const names[] = { "net.", "z.net.", NULL };
	static const char *const types[] = { "NS SOA RRSIG DNSKEY NSEC3PARAM", "NS DS RRSIG",
					     NULL };
	struct hashed_zone z = { "net.", names, types, 0, opt_out };
	struct draft *d = draft_of(w->a, "x.net.", RR_DS, SEEN_NODATA);
	draft_authority(d, &w->net, nsec3_for(w->a, &z, "net."));
	if (nsec3_for(w->a, &z, "x.net.")->name != NULL)
		draft_authority(d, &w->net, nsec3_for(w->a, &z, "x.net."));
	return seen_of(d);
}

static void an_opt_out_is_insecure(void **state)
{
	struct world *w = *state;
	w->links[L_X].ds = opt_out_denial(w, true);
	assert_state(judge(w)->zone, SECURE_INSECURE);
	w->links[L_X].ds = opt_out_denial(w, false);
	assert_bogus(judge(w)->zone, BOGUS_NO_PROOF);
}

static void too_many_iterations_are_insecure(void **state)
{
	struct world *w = *state;
	struct hashed_zone z = { "net.", net_names, net_types, 151, false };
	w->links[L_X].ds = ds_denial(w, nsec3_for(w->a, &z, "x.net."));
	struct secure v = judge(w)->zone;
	assert_state(v, SECURE_INSECURE);
	assert_non_null(strstr(v.detail, "151 iterations"));
	/* but not when nobody signed them */
	struct draft *d = draft_of(w->a, "x.net.", RR_DS, SEEN_NODATA);
	draft_authority(d, &w->x, nsec3_for(w->a, &z, "x.net."));
	w->links[L_X].ds = seen_of(d);
	assert_bogus(judge(w)->zone, BOGUS_WRONG_SIGNATURE);
}

/* --- what goes wrong with data --- */

static void an_unsigned_set_is_bogus_on_that_server_only(void **state)
{
	struct world *w = *state;
	struct draft *d = draft_of(w->a, "x.net.", RR_MX, SEEN_DATA);
	draft_answer(d, NULL, w->seen[0][Q_MX].rrset);
	w->seen[0][Q_MX] = seen_of(d);
	const struct dnssec_view *v = judge(w);
	assert_bogus(v->answers[Q_MX], BOGUS_NOT_SIGNED);
	assert_secure(v->answers[QUESTIONS + Q_MX]);
	w->seen[0][Q_MX].proof = NULL;
	assert_bogus(judge(w)->answers[Q_MX], BOGUS_NOT_SIGNED);
}

/* A firewall that drops EDNS: nobody asked for signatures, so their absence tells nothing. */
static void answers_asked_for_without_edns_are_unknown(void **state)
{
	struct world *w = *state;
	w->seen[0][Q_MX].proof = NULL;
	w->seen[0][Q_MX].without_edns = true;
	w->seen[0][Q_KEY] = w->seen[0][Q_MX];
	w->seen[0][Q_KEY].question = questions[Q_KEY];
	w->seen[0][Q_KEY].rrset = w->links[L_X].dnskey.rrset;
	const struct dnssec_view *v = judge(w);
	assert_int_equal(v->answers[Q_MX].state, SECURE_UNKNOWN);
	assert_int_equal(v->answers[Q_KEY].state, SECURE_UNKNOWN);
	assert_secure(v->answers[QUESTIONS + Q_MX]);
	assert_secure(v->zone);
	w->links[L_X].ds.proof = NULL;
	w->links[L_X].ds.without_edns = true;
	assert_int_equal(judge(w)->zone.state, SECURE_UNKNOWN);
}

static struct seen signed_for(struct world *w, int64_t begins_s, int64_t ends_s)
{
	w->x.begins_s = begins_s;
	w->x.ends_s = ends_s;
	return data_of(w->a, &w->x, SET("x.net.", RR_MX, "10 mx1.x.net."));
}

static void signatures_have_their_time(void **state)
{
	struct world *w = *state;
	assert_bogus(verdict(w, signed_for(w, -2 * DAY_S, -1)), BOGUS_EXPIRED);
	assert_bogus(verdict(w, signed_for(w, 1, DAY_S)), BOGUS_NOT_YET);
	struct secure v = verdict(w, signed_for(w, 0, 0)); /* both ends belong to it */
	assert_secure(v);
	assert_int_equal(v.expires_ms, NOW_MS);
}

/* An old signature beside a new one hurts nobody (RFC 4035 §5.3.3). */
static void the_latest_signature_counts(void **state)
{
	struct world *w = *state;
	const struct rrset *mx = SET("x.net.", RR_MX, "10 mx1.x.net.");
	struct draft *d = draft_of(w->a, "x.net.", RR_MX, SEEN_DATA);
	w->x.ends_s = 3 * DAY_S;
	draft_answer(d, &w->x, mx);
	w->x.ends_s = -1;
	draft_answer(d, &w->x, mx);
	w->x.ends_s = 2 * DAY_S;
	draft_answer(d, &w->x, mx);
	struct secure v = verdict(w, seen_of(d));
	assert_secure(v);
	assert_int_equal(v.expires_ms, NOW_MS + INT64_C(3000) * DAY_S);
}

static void changed_data_is_bogus(void **state)
{
	struct world *w = *state;
	struct draft *d = draft_of(w->a, "x.net.", RR_MX, SEEN_DATA);
	draft_answer(d, NULL, SET("x.net.", RR_MX, "10 evil.org."));
	draft_answer(d, NULL, sign(w->a, &w->x, SET("x.net.", RR_MX, "10 mx1.x.net.")));
	assert_bogus(verdict(w, seen_of(d)), BOGUS_WRONG_SIGNATURE);
}

static void a_stranger_cannot_sign(void **state)
{
	struct world *w = *state;
	const struct rrset *mx = SET("x.net.", RR_MX, "10 mx1.x.net.");
	struct signer other = signer_make("x.net.", LDNS_SIGN_ECDSAP256SHA256);
	assert_bogus(verdict(w, data_of(w->a, &other, mx)), BOGUS_WRONG_SIGNATURE);
	/* nor can the parent */
	assert_bogus(verdict(w, data_of(w->a, &w->net, mx)), BOGUS_WRONG_SIGNATURE);
	signer_release(&other);
}

/* CVE-2023-50387: many signatures that name a key that is there, none of which fits. */
static void many_bad_signatures_end_soon(void **state)
{
	struct world *w = *state;
	const struct rrset *real = sign(w->a, &w->x, SET("x.net.", RR_MX, "10 mx1.x.net."));
	const char *sig = real->rdata[0];
	const char *rdata[513] = { NULL };
	for (size_t i = 0; i < 512; i++) {
		char *copy = arena_strdup(w->a, sig);
		char *base64 = strrchr(copy, ' ') + 1;
		base64[i % 60] = base64[i % 60] == 'A' ? 'B' : 'A';
		base64[(i / 60) % 60 + 10] = 'C';
		rdata[i] = copy;
	}
	struct draft *d = draft_of(w->a, "x.net.", RR_MX, SEEN_DATA);
	draft_answer(d, NULL, SET("x.net.", RR_MX, "10 mx1.x.net."));
	draft_answer(d, NULL, set_of(w->a, "x.net.", RR_RRSIG, rdata));
	struct secure v = verdict(w, seen_of(d));
	assert_true(v.state == SECURE_UNKNOWN || v.state == SECURE_BOGUS);
}

static void what_is_remembered_gives_the_same_verdicts(void **state)
{
	struct world *w = *state;
	w->opts.cache = dnssec_cache_new();
	for (int i = 0; i < 2; i++) {
		assert_secure(judge(w)->answers[Q_MX]);
		struct draft *d = draft_of(w->a, "x.net.", RR_MX, SEEN_DATA);
		draft_answer(d, NULL, SET("x.net.", RR_MX, "10 evil.org."));
		draft_answer(d, NULL, w->seen[0][Q_MX].proof->answer[1]);
		assert_bogus(verdict(w, seen_of(d)), BOGUS_WRONG_SIGNATURE);
	}
	w->opts.now_ms += INT64_C(31000) * DAY_S; /* times are never remembered */
	assert_bogus(judge(w)->zones[L_ROOT].secure, BOGUS_EXPIRED);
	dnssec_cache_free(w->opts.cache);
}

/* --- aliases --- */

static void an_alias_needs_its_own_signature(void **state)
{
	struct world *w = *state;
	const struct rrset *cname = SET("s.x.net.", RR_CNAME, "t.x.net.");
	const struct rrset *txt = SET("t.x.net.", RR_TXT, "\"v=DKIM1; p=x\"");
	struct draft *d = draft_of(w->a, "s.x.net.", RR_TXT, SEEN_DATA);
	draft_answer(d, &w->x, cname);
	draft_answer(d, &w->x, txt);
	assert_secure(verdict(w, seen_of(d)));
	d = draft_of(w->a, "s.x.net.", RR_TXT, SEEN_DATA);
	draft_answer(d, NULL, cname);
	draft_answer(d, &w->x, txt);
	assert_bogus(verdict(w, seen_of(d)), BOGUS_NOT_SIGNED);
	/* the end of it comes from elsewhere */
	d = draft_of(w->a, "s.x.net.", RR_TXT, SEEN_DATA);
	draft_answer(d, &w->x, SET("s.x.net.", RR_CNAME, "t.org."));
	assert_secure(verdict(w, seen_of(d)));
}

/* The server holds sub.x.net., too, and signs that with the keys of its own. */
static void a_zone_below_is_not_judged_by_the_keys_above(void **state)
{
	struct world *w = *state;
	struct signer sub = signer_make("sub.x.net.", LDNS_SIGN_ECDSAP256SHA256);
	struct draft *d = draft_of(w->a, "s.x.net.", RR_TXT, SEEN_DATA);
	draft_answer(d, &w->x, SET("s.x.net.", RR_CNAME, "t.sub.x.net."));
	draft_answer(d, &sub, SET("t.sub.x.net.", RR_TXT, "\"v=DKIM1; p=x\""));
	assert_state(verdict(w, seen_of(d)), SECURE_UNKNOWN);
	d = draft_of(w->a, "t.sub.x.net.", RR_MX, SEEN_NODATA);
	draft_authority(d, &sub, SET("sub.x.net.", RR_SOA, "a. h. 1 600 120 86400 300"));
	draft_authority(d, &sub, SET("t.sub.x.net.", RR_NSEC, "sub.x.net. TXT RRSIG NSEC"));
	assert_state(verdict(w, seen_of(d)), SECURE_UNKNOWN);
	/* but it cannot speak for names of the zone above */
	assert_bogus(verdict(w, data_of(w->a, &sub, SET("s.x.net.", RR_TXT, "\"x\""))),
		     BOGUS_WRONG_SIGNATURE);
	signer_release(&sub);
}

/* A wildcard's alias leads to another zone of the same server, which denies the type. */
static void a_denial_of_another_zone_does_no_harm(void **state)
{
	struct world *w = *state;
	struct signer org = signer_make("org.", LDNS_SIGN_ECDSAP256SHA256);
	const struct rrset *wild = SET("*.w.x.net.", RR_CNAME, "t.org.");
	struct draft *d = draft_of(w->a, "q.w.x.net.", RR_TXT, SEEN_NODATA);
	draft_answer(d, NULL, SET("q.w.x.net.", RR_CNAME, "t.org."));
	draft_answer(d, NULL, SET("q.w.x.net.", RR_RRSIG, sign(w->a, &w->x, wild)->rdata[0]));
	draft_authority(d, &w->x, SET("*.w.x.net.", RR_NSEC, "z.x.net. CNAME RRSIG NSEC"));
	draft_authority(d, &org, SET("t.org.", RR_NSEC, "u.org. A RRSIG NSEC"));
	assert_secure(verdict(w, seen_of(d)));
	signer_release(&org);
}

static void a_walk_keeps_only_the_last_answer(void **state)
{
	struct world *w = *state;
	struct draft *d = draft_of(w->a, "s.other.", RR_TXT, SEEN_DATA);
	draft_answer(d, &w->x, SET("t.x.net.", RR_TXT, "\"v=DKIM1; p=x\""));
	d->seen.alias = "t.x.net.";
	assert_secure(verdict(w, seen_of(d)));
}

static void aliases_in_a_circle_end(void **state)
{
	struct world *w = *state;
	struct draft *d = draft_of(w->a, "s.x.net.", RR_TXT, SEEN_DATA);
	draft_answer(d, &w->x, SET("s.x.net.", RR_CNAME, "t.x.net."));
	draft_answer(d, &w->x, SET("t.x.net.", RR_CNAME, "s.x.net."));
	assert_state(verdict(w, seen_of(d)), SECURE_UNKNOWN);
}

static void a_dname_makes_aliases(void **state)
{
	struct world *w = *state;
	struct draft *d = draft_of(w->a, "a.s.x.net.", RR_CNAME, SEEN_DATA);
	draft_answer(d, &w->x, SET("s.x.net.", 39, "t.org."));
	draft_answer(d, NULL, SET("a.s.x.net.", RR_CNAME, "a.t.org."));
	d->seen.question.type = RR_TXT;
	assert_secure(verdict(w, seen_of(d)));
	d->answer[2] = SET("a.s.x.net.", RR_CNAME, "a.evil.org.");
	assert_bogus(verdict(w, seen_of(d)), BOGUS_NOT_SIGNED);
}

/* --- denial by NSEC: x.net. has a, *.w and z --- */

static struct seen denial(struct world *w, const char *name, enum seen_state state,
			  const char *const *nsec)
{
	struct draft *d = draft_of(w->a, name, RR_TXT, state);
	draft_authority(d, &w->x, SET("x.net.", RR_SOA, "a. h. 1 600 120 86400 300"));
	for (size_t i = 0; nsec[i] != NULL; i += 2)
		draft_authority(d, &w->x, SET(nsec[i], RR_NSEC, nsec[i + 1]));
	return seen_of(d);
}

#define APEX "x.net.", "a.x.net. NS SOA MX RRSIG NSEC DNSKEY"
#define A    "a.x.net.", "*.w.x.net. A RRSIG NSEC"
#define WILD "*.w.x.net.", "z.x.net. A RRSIG NSEC"
#define Z    "z.x.net.", "x.net. CNAME RRSIG NSEC"

static void nsec_denies_types_and_names(void **state)
{
	struct world *w = *state;
	assert_secure(verdict(w, denial(w, "a.x.net.", SEEN_NODATA, RDATA(A))));
	assert_secure(verdict(w, denial(w, "b.x.net.", SEEN_NXDOMAIN, RDATA(A, APEX))));
	assert_secure(verdict(w, denial(w, "zz.x.net.", SEEN_NXDOMAIN, RDATA(Z, APEX))));
	/* only there because *.w is below it */
	assert_secure(verdict(w, denial(w, "w.x.net.", SEEN_NODATA, RDATA(A))));
	/* by the wildcard */
	assert_secure(verdict(w, denial(w, "q.w.x.net.", SEEN_NODATA, RDATA(WILD))));
	assert_secure(verdict(w, denial(w, "c.x.net.", SEEN_NXDOMAIN,
					RDATA("c.x.net.", "\\000.c.x.net. RRSIG NSEC TYPE128"))));
}

static void nsec_must_fit_the_question(void **state)
{
	struct world *w = *state;
	assert_bogus(verdict(w, denial(w, "b.x.net.", SEEN_NXDOMAIN, RDATA(A))), BOGUS_NO_PROOF);
	assert_bogus(verdict(w, denial(w, "b.x.net.", SEEN_NXDOMAIN, RDATA(APEX))), BOGUS_NO_PROOF);
	assert_bogus(verdict(w, denial(w, "b.x.net.", SEEN_NODATA, RDATA(A, APEX))),
		     BOGUS_NO_PROOF);
	/* the name exists */
	assert_bogus(verdict(w, denial(w, "a.x.net.", SEEN_NXDOMAIN, RDATA(A, APEX))),
		     BOGUS_NO_PROOF);
	assert_bogus(verdict(w, denial(w, "w.x.net.", SEEN_NXDOMAIN, RDATA(A, APEX))),
		     BOGUS_NO_PROOF);
	/* it is an alias */
	assert_bogus(verdict(w, denial(w, "z.x.net.", SEEN_NODATA, RDATA(Z))), BOGUS_NO_PROOF);
	/* the wildcard exists */
	assert_bogus(verdict(w, denial(w, "q.w.x.net.", SEEN_NXDOMAIN, RDATA(WILD, APEX))),
		     BOGUS_NO_PROOF);
	assert_bogus(verdict(w, denial(w, "b.x.net.", SEEN_NXDOMAIN, RDATA(NULL))), BOGUS_NO_PROOF);
}

/* RFC 6840 §4.1: below a cut the parent's record says nothing. */
static void nsec_of_a_cut_denies_nothing_below_it(void **state)
{
	struct world *w = *state;
	assert_bogus(verdict(w, denial(w, "b.c.x.net.", SEEN_NXDOMAIN,
				       RDATA("c.x.net.", "d.x.net. NS RRSIG NSEC", APEX))),
		     BOGUS_NO_PROOF);
	assert_bogus(verdict(w, denial(w, "c.x.net.", SEEN_NODATA,
				       RDATA("c.x.net.", "d.x.net. NS RRSIG NSEC"))),
		     BOGUS_NO_PROOF);
}

static void a_denial_must_be_signed(void **state)
{
	struct world *w = *state;
	struct draft *d = draft_of(w->a, "a.x.net.", RR_TXT, SEEN_NODATA);
	draft_authority(d, NULL, SET("a.x.net.", RR_NSEC, "b.x.net. A RRSIG NSEC"));
	assert_bogus(verdict(w, seen_of(d)), BOGUS_NOT_SIGNED);
	w->x.ends_s = -1;
	assert_bogus(verdict(w, denial(w, "a.x.net.", SEEN_NODATA, RDATA(A))), BOGUS_EXPIRED);
}

/* The set as a server makes it out of the wildcard: another owner, the same signature. */
static struct draft *expanded(struct world *w, const char *name)
{
	const struct rrset *wild = SET("*.w.x.net.", RR_TXT, "\"x\"");
	const struct rrset *sig = sign(w->a, &w->x, wild);
	struct draft *d = draft_of(w->a, name, RR_TXT, SEEN_DATA);
	draft_answer(d, NULL, SET(name, RR_TXT, "\"x\""));
	draft_answer(d, NULL, SET(name, RR_RRSIG, sig->rdata[0]));
	return d;
}

static void a_wildcard_stands_where_nothing_nearer_does(void **state)
{
	struct world *w = *state;
	struct draft *d = expanded(w, "q.w.x.net.");
	assert_bogus(verdict(w, seen_of(d)), BOGUS_NO_PROOF);
	draft_authority(d, &w->x, SET("*.w.x.net.", RR_NSEC, "z.x.net. TXT RRSIG NSEC"));
	assert_secure(verdict(w, seen_of(d)));
	/* the name is there: the wildcard may not stand for it */
	d = expanded(w, "q.w.x.net.");
	draft_authority(d, &w->x, SET("q.w.x.net.", RR_NSEC, "z.x.net. TXT RRSIG NSEC"));
	assert_bogus(verdict(w, seen_of(d)), BOGUS_NO_PROOF);
	/* the wildcard itself, asked for by its name */
	assert_secure(verdict(w, data_of(w->a, &w->x, SET("*.w.x.net.", RR_TXT, "\"x\""))));
}

/* --- denial by NSEC3 --- */

static const char *const x_names[] = { "x.net.", "a.x.net.", "w.x.net.", "*.w.x.net.", NULL };
static const char *const x_types[] = { "NS SOA MX RRSIG DNSKEY NSEC3PARAM", "A RRSIG", "",
				       "A RRSIG", NULL };

static struct seen hashed_denial(struct world *w, const char *name, enum seen_state state,
				 const char *const *of)
{
	struct hashed_zone z = { "x.net.", x_names, x_types, 10, false };
	struct draft *d = draft_of(w->a, name, RR_TXT, state);
	draft_authority(d, &w->x, SET("x.net.", RR_SOA, "a. h. 1 600 120 86400 300"));
	for (size_t i = 0; of[i] != NULL; i++)
		draft_authority(d, &w->x, nsec3_for(w->a, &z, of[i]));
	return seen_of(d);
}

static void nsec3_denies_types_and_names(void **state)
{
	struct world *w = *state;
	assert_secure(verdict(w, hashed_denial(w, "a.x.net.", SEEN_NODATA, RDATA("a.x.net."))));
	assert_secure(verdict(w, hashed_denial(w, "w.x.net.", SEEN_NODATA, RDATA("w.x.net."))));
	assert_secure(verdict(w, hashed_denial(w, "d.c.x.net.", SEEN_NXDOMAIN,
					       RDATA("x.net.", "c.x.net.", "*.x.net."))));
	assert_secure(verdict(w, hashed_denial(w, "q.w.x.net.", SEEN_NODATA,
					       RDATA("w.x.net.", "q.w.x.net.", "*.w.x.net."))));
}

static void nsec3_must_be_complete(void **state)
{
	struct world *w = *state;
	assert_bogus(verdict(w, hashed_denial(w, "a.x.net.", SEEN_NODATA, RDATA("x.net."))),
		     BOGUS_NO_PROOF);
	assert_bogus(verdict(w, hashed_denial(w, "a.x.net.", SEEN_NXDOMAIN,
					      RDATA("x.net.", "a.x.net.", "*.x.net."))),
		     BOGUS_NO_PROOF);
	assert_bogus(verdict(w, hashed_denial(w, "q.w.x.net.", SEEN_NXDOMAIN,
					      RDATA("w.x.net.", "q.w.x.net.", "*.w.x.net."))),
		     BOGUS_NO_PROOF);
	assert_bogus(verdict(w, hashed_denial(w, "c.x.net.", SEEN_NXDOMAIN, RDATA("a.x.net."))),
		     BOGUS_NO_PROOF);
}

static void a_wildcard_needs_its_nsec3(void **state)
{
	struct world *w = *state;
	struct hashed_zone z = { "x.net.", x_names, x_types, 0, false };
	struct draft *d = expanded(w, "r.q.w.x.net.");
	draft_authority(d, &w->x, nsec3_for(w->a, &z, "a.x.net."));
	assert_bogus(verdict(w, seen_of(d)), BOGUS_NO_PROOF);
	d = expanded(w, "r.q.w.x.net.");
	draft_authority(d, &w->x, nsec3_for(w->a, &z, "q.w.x.net."));
	assert_secure(verdict(w, seen_of(d)));
	z.opt_out = true;
	d = expanded(w, "r.q.w.x.net.");
	draft_authority(d, &w->x, nsec3_for(w->a, &z, "q.w.x.net."));
	assert_state(verdict(w, seen_of(d)), SECURE_INSECURE);
}

/* --- other zones, and the anchor's file --- */

static void lookups_are_judged_by_their_zone(void **state)
{
	struct world *w = *state;
	struct seen seen = data_of(w->a, &w->net, SET("a.net.", RR_A, "127.0.0.1"));
	w->lookups[0] = (struct lookup){ .seen = seen, .zone = "net." };
	w->s.lookup_n = 1;
	assert_secure(judge(w)->lookups[0]);
	w->lookups[0].zone = "other.net.";
	assert_state(judge(w)->lookups[0], SECURE_UNKNOWN);
	w->lookups[0].zone = NULL;
	assert_state(judge(w)->lookups[0], SECURE_UNKNOWN);
	w->links[L_X].ds = ds_denial(w, SET("x.net.", RR_NSEC, "y.net. NS RRSIG NSEC"));
	w->lookups[0].zone = "deep.x.net.";
	assert_state(judge(w)->lookups[0], SECURE_INSECURE);
}

static void an_empty_snapshot_is_unknown(void **state)
{
	struct world *w = *state;
	struct snapshot none = { .domain = "x.net." };
	const struct dnssec_view *v = dnssec_judge(w->a, &none, &w->opts);
	assert_state(v->zone, SECURE_UNKNOWN);
	assert_int_equal(v->zone_n, 0);
}

static const struct rrset *anchor_in(struct arena *a, const char *text, struct err *e)
{
	char path[] = "/tmp/cutover-anchor-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	const struct rrset *anchor = trust_anchor_load(a, path, e);
	unlink(path);
	return anchor;
}

static void anchors_are_read_from_files(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	const struct rrset *key = signer_dnskey(w->a, &w->root);
	const char *text = arena_printf(w->a,
					"; autotrust trust anchor file\n;;id: . 1\n"
					".\t86400\tIN\tDNSKEY\t%s ;{id = 1 (ksk), size = 256b} "
					";;state=2 [  VALID  ] ;;count=0\n",
					key->rdata[0]);
	w->opts.anchor = anchor_in(w->a, text, &e);
	assert_true(rrset_equal(w->opts.anchor, key));
	assert_secure(judge(w)->zone);
	text = arena_printf(w->a, ". IN DS %s\n", w->anchor->rdata[0]);
	assert_true(rrset_equal(anchor_in(w->a, text, &e), w->anchor));
	assert_null(anchor_in(w->a, ". 60 IN A 127.0.0.1\n", &e));
	assert_int_equal(e.kind, ERR_USAGE);
	assert_null(anchor_in(w->a, "nonsense (\n", &e));
	assert_int_equal(e.kind, ERR_USAGE);
	assert_null(trust_anchor_load(w->a, "/nowhere/root.key", &e));
	assert_int_equal(e.kind, ERR_USAGE);
}

/* The distribution's file or the built-in keys: the root's key of 2017 is in both. */
static void there_is_always_an_anchor(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	const struct rrset *anchor = trust_anchor_load(w->a, NULL, &e);
	assert_non_null(anchor);
	assert_true(anchor->type == RR_DS || anchor->type == RR_DNSKEY);
	assert_string_equal(anchor->name, ".");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_algorithms_validate),
		TEST(the_anchor_may_be_a_key),
		TEST(without_an_anchor_nothing_is_known),
		TEST(a_strange_anchor_makes_all_bogus),
		TEST(answers_are_found_by_question),
		TEST(a_link_that_is_unreadable_leaves_it_open),
		TEST(keys_are_taken_from_any_server),
		TEST(a_ds_without_keys_is_an_orphan),
		TEST(a_ds_of_another_key_is_a_mismatch),
		TEST(keys_must_be_signed_by_the_key_of_the_ds),
		TEST(one_server_with_other_keys_does_not_break_the_zone),
		TEST(a_ds_that_the_parent_did_not_sign_is_bogus),
		TEST(algorithms_that_nobody_knows_are_insecure),
		TEST(sha1_does_not_count_beside_a_better_digest),
		TEST(no_ds_by_nsec_is_insecure),
		TEST(no_ds_without_any_keys_is_insecure),
		TEST(no_ds_must_be_proven),
		TEST(no_ds_by_a_forged_nsec_is_bogus),
		TEST(no_ds_by_nsec3_is_insecure),
		TEST(an_opt_out_is_insecure),
		TEST(too_many_iterations_are_insecure),
		TEST(an_unsigned_set_is_bogus_on_that_server_only),
		TEST(answers_asked_for_without_edns_are_unknown),
		TEST(signatures_have_their_time),
		TEST(the_latest_signature_counts),
		TEST(changed_data_is_bogus),
		TEST(a_stranger_cannot_sign),
		TEST(many_bad_signatures_end_soon),
		TEST(what_is_remembered_gives_the_same_verdicts),
		TEST(an_alias_needs_its_own_signature),
		TEST(a_zone_below_is_not_judged_by_the_keys_above),
		TEST(a_denial_of_another_zone_does_no_harm),
		TEST(a_walk_keeps_only_the_last_answer),
		TEST(aliases_in_a_circle_end),
		TEST(a_dname_makes_aliases),
		TEST(nsec_denies_types_and_names),
		TEST(nsec_must_fit_the_question),
		TEST(nsec_of_a_cut_denies_nothing_below_it),
		TEST(a_denial_must_be_signed),
		TEST(a_wildcard_stands_where_nothing_nearer_does),
		TEST(nsec3_denies_types_and_names),
		TEST(nsec3_must_be_complete),
		TEST(a_wildcard_needs_its_nsec3),
		TEST(lookups_are_judged_by_their_zone),
		TEST(an_empty_snapshot_is_unknown),
		TEST(anchors_are_read_from_files),
		TEST(there_is_always_an_anchor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
