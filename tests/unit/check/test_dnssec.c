#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "sample.h"

#define DAY_MS (INT64_C(86400) * 1000)

enum { ECDSA = 13, RSA_SHA1 = 5, SHA256 = 2 };

/* The sample, signed: everything is secure for thirty days until a test says otherwise. */
struct world {
	struct sample x;
	size_t q_key;
	struct dnssec_view view;
	struct secure_zone zones[3];
	struct secure answers[SERVERS * QUESTIONS_MAX];
	struct secure lookups[LOOKUPS_MAX];
	struct other_view other;
	struct seen other_seen[QUESTIONS_MAX];
};

static const struct secure good = { .state = SECURE_YES,
				    .expires_ms = SAMPLE_NOW_MS + 30 * DAY_MS,
				    .begins_ms = SAMPLE_NOW_MS - DAY_MS };
static const struct secure insecure = { .state = SECURE_INSECURE };

static struct secure bogus(enum bogus_why why)
{
	return (struct secure){ .state = SECURE_BOGUS, .why = why, .detail = "the detail" };
}

static void init_view(struct world *w)
{
	w->zones[0] = (struct secure_zone){ .zone = ".", .secure = good };
	w->zones[1] = (struct secure_zone){ .zone = "net.", .secure = good };
	w->zones[2] = (struct secure_zone){ .zone = "x.net.",
					    .secure = good,
					    .has_ds = true,
					    .has_dnskey = true,
					    .algorithms = 1U << ECDSA,
					    .ds_digests = 1U << SHA256 };
	w->view = (struct dnssec_view){ .anchored = true,
					.zone = good,
					.zone_n = 3,
					.zones = w->zones,
					.server_n = SERVERS,
					.question_n = w->x.s.question_n,
					.answers = w->answers,
					.lookups = w->lookups };
	for (size_t i = 0; i < SERVERS * w->x.s.question_n; i++)
		w->answers[i] = good;
	w->x.in.dnssec = &w->view;
}

static int setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	sample_init(&w->x);
	w->q_key = sample_ask(&w->x, "x.net.", RR_DNSKEY);
	sample_data_all(&w->x, w->q_key, 3600,
			RDATA("257 3 13 1AjbsoG7blhOwzOVYlr4+P50v38p6CZwaoqBtfMpevz3rt6XZTHid/"
			      "GCC8MjA+q0lnGL/ZmlJKpvcjNVuy0exQ=="));
	init_view(w);
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

static struct secure *answer(struct world *w, size_t server, size_t question)
{
	return &w->answers[server * w->view.question_n + question];
}

/* The zone's own verdict, in both places. */
static void set_zone(struct world *w, struct secure s)
{
	w->view.zone = w->zones[2].secure = s;
	for (size_t i = 0; i < SERVERS * w->view.question_n; i++)
		w->answers[i] = s.state == SECURE_BOGUS ? bogus(BOGUS_ABOVE) : s;
}

static size_t add_lookup(struct world *w, const char *name, uint16_t type, const char *zone)
{
	struct lookup *l = sample_lookup(&w->x, name, type, SEEN_NODATA, NULL);
	l->zone = zone;
	w->view.lookup_n = w->x.s.lookup_n;
	w->lookups[w->view.lookup_n - 1] = good;
	return w->view.lookup_n - 1;
}

static const char *const all_ids[] = {
	"dnssec-bogus",          "dnssec-rrsig-expired",     "dnssec-rrsig-expiring",
	"dnssec-ds-orphan",      "dnssec-ds-mismatch",       "dnssec-island",
	"dnssec-rrset-unsigned", "dnssec-new-host-unsigned", "dnssec-algorithm",
	"dnssec-unsigned",
};

/* This finding of the family, and no other. */
static const struct finding *only(struct world *w, const char *id, enum severity severity)
{
	const struct finding *found = NULL;
	for (size_t i = 0; i < sizeof(all_ids) / sizeof(all_ids[0]); i++) {
		size_t n = sample_run(&w->x, all_ids[i], &found);
		if (n != (str_eq(all_ids[i], id) ? 1U : 0U))
			fail_msg("%s: %zu times", all_ids[i], n);
	}
	(void)sample_run(&w->x, id, &found);
	assert_int_equal(found->severity, severity);
	return found;
}

static void assert_none(struct world *w)
{
	for (size_t i = 0; i < sizeof(all_ids) / sizeof(all_ids[0]); i++) {
		if (sample_run(&w->x, all_ids[i], NULL) != 0)
			fail_msg("%s", all_ids[i]);
	}
}

static void a_good_zone_is_quiet(void **state)
{
	struct world *w = *state;
	assert_none(w);
	w->x.in.dnssec = NULL;
	assert_none(w);
}

static void what_is_unknown_is_no_finding(void **state)
{
	struct world *w = *state;
	set_zone(w, (struct secure){ .state = SECURE_UNKNOWN });
	w->zones[2].algorithms = 1U << RSA_SHA1;
	assert_none(w);
}

static void a_bogus_set_names_the_servers(void **state)
{
	struct world *w = *state;
	*answer(w, 1, Q_MX) = bogus(BOGUS_WRONG_SIGNATURE);
	const struct finding *f = only(w, "dnssec-bogus", SEVERITY_BLOCKER);
	assert_string_equal(f->subject, "x.net MX");
	assert_non_null(strstr(f->message, "1 of 2 servers"));
	assert_int_equal(f->evidence_n, 1);
	assert_string_equal(f->evidence[0].server, "ns2.x.net");
	assert_string_equal(f->evidence[0].saw, "the detail");
}

static void many_bogus_sets_are_one_finding(void **state)
{
	struct world *w = *state;
	for (size_t i = 0; i < SERVERS; i++) {
		*answer(w, i, Q_MX) = bogus(BOGUS_WRONG_SIGNATURE);
		*answer(w, i, Q_TXT) = bogus(BOGUS_NO_PROOF);
	}
	const struct finding *f = only(w, "dnssec-bogus", SEVERITY_BLOCKER);
	assert_string_equal(f->subject, "x.net DNSSEC");
	assert_non_null(strstr(f->message, "x.net MX, x.net TXT"));
	assert_int_equal(f->evidence_n, 4);
}

static void a_bogus_zone_is_told_once(void **state)
{
	struct world *w = *state;
	set_zone(w, bogus(BOGUS_NOT_YET));
	(void)only(w, "dnssec-bogus", SEVERITY_BLOCKER);
	set_zone(w, bogus(BOGUS_ABOVE));
	assert_non_null(strstr(only(w, "dnssec-bogus", SEVERITY_BLOCKER)->remedy, "registry"));
}

static void another_zone_is_a_warning(void **state)
{
	struct world *w = *state;
	size_t l = add_lookup(w, "_25._tcp.mx.old.org.", RR_TLSA, "old.org.");
	w->lookups[l] = bogus(BOGUS_WRONG_SIGNATURE);
	(void)only(w, "dnssec-bogus", SEVERITY_WARNING);
	w->lookups[l] = bogus(BOGUS_EXPIRED);
	(void)only(w, "dnssec-rrsig-expired", SEVERITY_WARNING);
}

static void an_own_name_asked_once_counts_too(void **state)
{
	struct world *w = *state;
	size_t l = add_lookup(w, "_domainkey.x.net.", RR_TXT, "x.net.");
	w->lookups[l] = bogus(BOGUS_NO_PROOF);
	assert_string_equal(only(w, "dnssec-bogus", SEVERITY_BLOCKER)->subject,
			    "_domainkey.x.net TXT");
}

static void expired_is_not_bogus_too(void **state)
{
	struct world *w = *state;
	*answer(w, 0, Q_MX) = bogus(BOGUS_EXPIRED);
	*answer(w, 0, Q_TXT) = bogus(BOGUS_EXPIRED);
	const struct finding *f = only(w, "dnssec-rrsig-expired", SEVERITY_BLOCKER);
	assert_non_null(strstr(f->message, "1 of 2 servers"));
	set_zone(w, bogus(BOGUS_EXPIRED));
	(void)only(w, "dnssec-rrsig-expired", SEVERITY_BLOCKER);
}

static void unsigned_sets_are_told_by_server(void **state)
{
	struct world *w = *state;
	*answer(w, 1, Q_TXT) = bogus(BOGUS_NOT_SIGNED);
	const struct finding *f = only(w, "dnssec-rrset-unsigned", SEVERITY_BLOCKER);
	assert_string_equal(f->subject, "x.net TXT");
	*answer(w, 1, w->q_key) = bogus(BOGUS_UNSIGNED_CHILD);
	(void)only(w, "dnssec-rrset-unsigned", SEVERITY_BLOCKER);
	set_zone(w, bogus(BOGUS_NOT_SIGNED));
	(void)only(w, "dnssec-rrset-unsigned", SEVERITY_BLOCKER);
}

static void an_orphan_and_a_mismatch_stand_alone(void **state)
{
	struct world *w = *state;
	set_zone(w, bogus(BOGUS_UNSIGNED_CHILD));
	w->zones[2].has_dnskey = false;
	w->zones[2].algorithms = 0;
	(void)only(w, "dnssec-ds-orphan", SEVERITY_BLOCKER);
	w->zones[2].has_dnskey = true;
	w->zones[2].algorithms = 1U << ECDSA;
	set_zone(w, bogus(BOGUS_NO_KEY_FOR_DS));
	assert_int_equal(only(w, "dnssec-ds-mismatch", SEVERITY_BLOCKER)->evidence_n, 2);
}

/* Its other answers are bogus for the same reason. */
static void one_server_with_other_keys_is_a_mismatch(void **state)
{
	struct world *w = *state;
	for (size_t q = 0; q < w->view.question_n; q++)
		*answer(w, 1, q) = bogus(BOGUS_WRONG_SIGNATURE);
	*answer(w, 1, w->q_key) = bogus(BOGUS_NO_KEY_FOR_DS);
	const struct finding *f = only(w, "dnssec-ds-mismatch", SEVERITY_BLOCKER);
	assert_non_null(strstr(f->message, "1 of 2 servers"));
}

static void signatures_must_outlive_the_window(void **state)
{
	struct world *w = *state;
	/* three days are left of thirty: less than a quarter */
	answer(w, 1, Q_MX)->expires_ms = SAMPLE_NOW_MS + 3 * DAY_MS;
	answer(w, 1, Q_MX)->begins_ms = SAMPLE_NOW_MS - 27 * DAY_MS;
	const struct finding *f = only(w, "dnssec-rrsig-expiring", SEVERITY_WARNING);
	assert_string_equal(f->evidence[0].server, "ns2.x.net");
	w->x.in.window_ends_ms = SAMPLE_NOW_MS + 2 * DAY_MS;
	assert_none(w);
	/* the longest TTL is an hour */
	w->x.in.window_ends_ms = SAMPLE_NOW_MS + 3 * DAY_MS - 3600 * INT64_C(1000);
	assert_none(w);
	w->x.in.window_ends_ms += 1000;
	(void)only(w, "dnssec-rrsig-expiring", SEVERITY_WARNING);
}

static void a_signer_at_work_is_no_warning(void **state)
{
	struct world *w = *state;
	answer(w, 0, Q_MX)->expires_ms = SAMPLE_NOW_MS + 6 * DAY_MS;
	answer(w, 0, Q_MX)->begins_ms = SAMPLE_NOW_MS - 8 * DAY_MS;
	(void)only(w, "dnssec-rrsig-expiring", SEVERITY_INFO);
	/* somebody who names a window wants to know */
	w->x.in.window_ends_ms = SAMPLE_NOW_MS + 6 * DAY_MS;
	(void)only(w, "dnssec-rrsig-expiring", SEVERITY_WARNING);
	/* but not of one that signs from day to day */
	answer(w, 0, Q_MX)->expires_ms = SAMPLE_NOW_MS + DAY_MS;
	answer(w, 0, Q_MX)->begins_ms = SAMPLE_NOW_MS - DAY_MS;
	(void)only(w, "dnssec-rrsig-expiring", SEVERITY_INFO);
}

static void islands_and_unsigned_zones_are_info_in_the_audit(void **state)
{
	struct world *w = *state;
	set_zone(w, insecure);
	w->zones[2].has_ds = false;
	(void)only(w, "dnssec-island", SEVERITY_INFO);
	w->zones[2].has_dnskey = false;
	w->zones[2].algorithms = 0;
	(void)only(w, "dnssec-unsigned", SEVERITY_INFO);
	w->x.in.phase = PHASE_READY;
	assert_none(w);
}

static void old_algorithms_are_info(void **state)
{
	struct world *w = *state;
	w->zones[2].algorithms = 1U << RSA_SHA1;
	assert_non_null(strstr(only(w, "dnssec-algorithm", SEVERITY_INFO)->message, "RSA/SHA-1"));
	w->zones[2].algorithms = 1U << 8;
	w->zones[2].rsa_bits = 1024;
	(void)only(w, "dnssec-algorithm", SEVERITY_INFO);
	w->zones[2].rsa_bits = 2048;
	assert_none(w);
	w->zones[2].ds_digests = 1U << 1;
	(void)only(w, "dnssec-algorithm", SEVERITY_INFO);
	w->zones[2].ds_digests = 1U << 1 | 1U << SHA256;
	assert_none(w);
	/* nobody knows the algorithm: signed in vain */
	set_zone(w, insecure);
	assert_non_null(strstr(only(w, "dnssec-algorithm", SEVERITY_INFO)->message, "unsigned"));
}

static void add_other(struct world *w, enum other_role role, const char *address)
{
	struct seen none = { .question = { "x.net.", RR_DNSKEY }, .state = SEEN_NODATA };
	memcpy(w->other_seen, w->x.seen[0], sizeof(w->other_seen));
	w->other_seen[w->q_key] = none;
	w->other = (struct other_view){ .role = role,
					.server = { .name = "ns1.new.org.",
						    .address = address,
						    .n = w->view.question_n,
						    .seen = w->other_seen } };
	w->x.s.others = &w->other;
	w->x.s.other_n = 1;
}

static void a_new_host_must_sign_while_there_is_a_ds(void **state)
{
	struct world *w = *state;
	add_other(w, OTHER_PANEL, "127.0.0.77");
	const struct finding *f = only(w, "dnssec-new-host-unsigned", SEVERITY_BLOCKER);
	assert_non_null(strstr(f->message, "ns1.new.org"));
	/* it signs */
	w->other_seen[w->q_key] = w->x.seen[0][w->q_key];
	assert_none(w);
	/* the host before a change is nobody's plan */
	add_other(w, OTHER_PREVIOUS, "127.0.0.77");
	assert_none(w);
	/* already delegated to: then it is told as it is */
	add_other(w, OTHER_PANEL, "127.0.0.1");
	assert_none(w);
	/* silent */
	add_other(w, OTHER_PANEL, "127.0.0.77");
	w->other.server.state = SERVER_SILENT;
	assert_none(w);
	/* no DS: anybody may serve it */
	add_other(w, OTHER_PANEL, "127.0.0.77");
	set_zone(w, insecure);
	w->zones[2].has_ds = false;
	(void)only(w, "dnssec-island", SEVERITY_INFO);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_good_zone_is_quiet),
		TEST(what_is_unknown_is_no_finding),
		TEST(a_bogus_set_names_the_servers),
		TEST(many_bogus_sets_are_one_finding),
		TEST(a_bogus_zone_is_told_once),
		TEST(another_zone_is_a_warning),
		TEST(an_own_name_asked_once_counts_too),
		TEST(expired_is_not_bogus_too),
		TEST(unsigned_sets_are_told_by_server),
		TEST(an_orphan_and_a_mismatch_stand_alone),
		TEST(one_server_with_other_keys_is_a_mismatch),
		TEST(signatures_must_outlive_the_window),
		TEST(a_signer_at_work_is_no_warning),
		TEST(islands_and_unsigned_zones_are_info_in_the_audit),
		TEST(old_algorithms_are_info),
		TEST(a_new_host_must_sign_while_there_is_a_ds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
