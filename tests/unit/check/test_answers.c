/*
 * What the servers answer: agreement, times, "no", and what hides or shadows a record.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "scenes.h"

enum { DAY_S = 86400 };

#define PROBE      "cutover-probe-7f3a.x.net."
#define PROBE_KEYS "cutover-probe-7f3a._domainkey.x.net."

static void healthy(struct sample *x)
{
	(void)x;
}

static void second_behind(struct sample *x)
{
	x->servers[1].soa.serial = 6;
}

/* RFC 1982: 1 comes after 2^32 - 1. */
static void serial_wrapped(struct sample *x)
{
	x->servers[0].soa.serial = UINT32_MAX;
	x->servers[1].soa.serial = 1;
}

static void second_silent(struct sample *x)
{
	x->servers[1].state = SERVER_SILENT;
	x->servers[1].has_soa = false;
}

static void second_silent_and_behind(struct sample *x)
{
	second_behind(x);
	second_silent(x);
}

static void serials_are_the_time(struct sample *x)
{
	x->servers[0].soa.serial = (uint32_t)(SAMPLE_NOW_MS / 1000);
	x->servers[1].soa.serial = (uint32_t)(SAMPLE_NOW_MS / 1000) - 40;
}

static void one_server_two_serials(struct sample *x)
{
	second_behind(x);
	x->servers[1].name = x->servers[0].name;
}

static void two_providers(struct sample *x)
{
	sample_data(x, 1, Q_SOA, 3600, RDATA("dns.two.org. h.two.org. 2026 600 120 604800 300"));
	x->servers[1].soa.serial = 2026;
}

/* As many servers as the test wants: copies of the second, which differ in serial. */
static void three_serials(struct sample *x)
{
	struct server_view *v = ARENA_ARRAY(x->a, 3, struct server_view);
	static const char *const names[] = { "ns1.x.net.", "ns2.x.net.", "ns3.x.net." };
	for (uint32_t i = 0; i < 3; i++) {
		v[i] = x->servers[i > 0];
		v[i].name = names[i];
		v[i].soa.serial = 7 + i;
	}
	x->s.servers = v;
	x->s.server_n = 3;
}

static void mx_differs(struct sample *x)
{
	sample_data(x, 1, Q_MX, 300, RDATA("10 mx.new.org."));
}

static void mx_differs_behind(struct sample *x)
{
	mx_differs(x);
	second_behind(x);
}

static void mx_differs_by_the_time(struct sample *x)
{
	mx_differs(x);
	serials_are_the_time(x);
}

static void mx_differs_at_two_providers(struct sample *x)
{
	mx_differs(x);
	two_providers(x);
}

static void txt_at_one_only(struct sample *x)
{
	sample_state(x, 1, Q_TXT, SEEN_NODATA);
}

static void txt_unreadable_at_one(struct sample *x)
{
	sample_state(x, 1, Q_TXT, SEEN_UNREADABLE);
}

static void no_is_said_in_two_ways(struct sample *x)
{
	sample_state(x, 0, Q_DMARC, SEEN_NODATA);
	sample_state(x, 1, Q_DMARC, SEEN_NXDOMAIN);
}

static void aliases_differ(struct sample *x)
{
	sample_state_all(x, Q_DMARC, SEEN_NODATA);
	x->seen[0][Q_DMARC].alias = "a.org.";
	x->seen[1][Q_DMARC].alias = "b.org.";
}

static void addresses_by_who_asks(struct sample *x)
{
	size_t q = sample_ask(x, "autodiscover.x.net.", RR_A);
	sample_data(x, 0, q, 60, RDATA("192.0.2.1"));
	sample_data(x, 1, q, 60, RDATA("192.0.2.2"));
}

static void mx_ttl_at_one(struct sample *x)
{
	sample_data(x, 1, Q_MX, DAY_S, RDATA("10 mx.old.org."));
}

static void mx_ttl_within_the_set(struct sample *x)
{
	sample_data_all(x, Q_MX, 3600, RDATA("10 mx.old.org.", "20 mx2.old.org."));
	for (size_t i = 0; i < SERVERS; i++) {
		x->seen[i][Q_MX].ttl_mixed = true;
		x->seen[i][Q_MX].ttl_lowest = 300;
	}
}

static void mx_by_alias(struct sample *x)
{
	mx_ttl_at_one(x);
	x->seen[0][Q_MX].alias = x->seen[1][Q_MX].alias = "y.org.";
}

static void expires_soon(struct sample *x)
{
	x->servers[1].soa.expire = 3600;
}

static void retries_seldom(struct sample *x)
{
	x->servers[0].soa.retry = 7200;
}

static void minimum_is_a_day(struct sample *x)
{
	x->servers[1].soa.minimum = DAY_S;
	x->servers[1].soa_ttl = DAY_S;
}

/* The SOA's own TTL bounds it. */
static void minimum_high_ttl_low(struct sample *x)
{
	minimum_is_a_day(x);
	x->servers[1].soa_ttl = 900;
}

static void no_without_soa(struct sample *x)
{
	sample_state(x, 1, Q_DMARC, SEEN_NXDOMAIN);
	x->seen[1][Q_DMARC].no_soa = true;
}

static void alias_without_soa(struct sample *x)
{
	no_without_soa(x);
	x->seen[1][Q_DMARC].alias = "elsewhere.org.";
}

static void keys(struct sample *x, enum seen_state of_parent)
{
	(void)sample_lookup(x, "_domainkey.x.net.", RR_TXT, of_parent, NULL);
	(void)sample_lookup(x, "s1._domainkey.x.net.", RR_TXT, SEEN_DATA,
			    RDATA("\"v=DKIM1; p=AAAA\""));
}

static void keys_below_nothing(struct sample *x)
{
	keys(x, SEEN_NXDOMAIN);
}

static void keys_below_empty_name(struct sample *x)
{
	keys(x, SEEN_NODATA);
}

static void no_keys(struct sample *x)
{
	(void)sample_lookup(x, "_domainkey.x.net.", RR_TXT, SEEN_NXDOMAIN, NULL);
	(void)sample_lookup(x, "s1._domainkey.x.net.", RR_TXT, SEEN_NXDOMAIN, NULL);
}

/* The key was entered a moment ago, and the other server has not got it yet. */
static void keys_at_the_newer_server(struct sample *x)
{
	keys_below_nothing(x);
	x->lookups[1].address = "127.1.0.2";
	second_behind(x);
}

static void cut_above(struct sample *x, size_t question)
{
	sample_state_all(x, question, SEEN_REFERRAL);
	for (size_t i = 0; i < SERVERS; i++)
		x->seen[i][question].note = "delegated away at _dmarc.x.net";
}

static void dmarc_delegated(struct sample *x)
{
	cut_above(x, Q_DMARC);
	x->panel[Q_DMARC].state = SEEN_NODATA;
	x->panel[Q_DMARC].rrset = NULL;
}

/* The panel's resolver finds it. */
static void dmarc_delegated_on_purpose(struct sample *x)
{
	cut_above(x, Q_DMARC);
}

static void planned_name_delegated(struct sample *x)
{
	static struct check_change change;
	dmarc_delegated_on_purpose(x);
	change = (struct check_change){ .after = x->panel[Q_DMARC].rrset };
	x->in.changes = &change;
	x->in.change_n = 1;
}

static void dmarc_unreadable(struct sample *x)
{
	sample_state_all(x, Q_DMARC, SEEN_UNREADABLE);
}

static void apex_is_alias(struct sample *x)
{
	sample_state_all(x, Q_MX, SEEN_NODATA);
	x->seen[0][Q_MX].alias = x->seen[1][Q_MX].alias = "web.host.org.";
}

static void dmarc_is_alias(struct sample *x)
{
	x->seen[0][Q_DMARC].alias = "dmarc.host.org.";
}

static void address(struct sample *x, uint32_t ttl, const char *www)
{
	struct lookup *a = sample_lookup(x, "x.net.", RR_A, SEEN_DATA, RDATA("192.0.2.1"));
	a->seen.rrset = rrset_with_ttl(x->a, a->seen.rrset, ttl);
	sample_lookup(x, "www.x.net.", RR_TXT, SEEN_NODATA, NULL)->seen.alias = www;
}

static void odd_ttl(struct sample *x)
{
	address(x, 37, NULL);
}

static void www_is_hosted(struct sample *x)
{
	address(x, 300, "x-net.webhost.org.");
}

static void www_is_apex(struct sample *x)
{
	address(x, 300, "x.net.");
}

static void long_ttl(struct sample *x)
{
	address(x, 3601, "x-net.webhost.org.");
}

/* "*.x.net CNAME web.host.org", which has no TXT. */
static void wildcard_cname(struct sample *x)
{
	(void)sample_lookup(x, PROBE, RR_CNAME, SEEN_DATA, RDATA("web.host.org."));
	sample_lookup(x, PROBE, RR_TXT, SEEN_NODATA, NULL)->seen.alias = "cdn.host.org.";
	(void)sample_lookup(x, PROBE_KEYS, RR_TXT, SEEN_NXDOMAIN, NULL);
}

static void autodiscover_by_wildcard(struct sample *x)
{
	wildcard_cname(x);
	sample_data_all(x, Q_AUTODISCOVER, 300, RDATA("web.host.org."));
}

static void dmarc_by_wildcard_cname(struct sample *x)
{
	wildcard_cname(x);
	sample_state_all(x, Q_DMARC, SEEN_NODATA);
	x->seen[0][Q_DMARC].alias = x->seen[1][Q_DMARC].alias = "web.host.org.";
}

static void selector_stopped_by_domainkey(struct sample *x)
{
	wildcard_cname(x);
	(void)sample_lookup(x, "s1._domainkey.x.net.", RR_TXT, SEEN_NXDOMAIN, NULL);
}

static void selector_by_wildcard(struct sample *x)
{
	sample_lookup(x, PROBE_KEYS, RR_TXT, SEEN_NODATA, NULL)->seen.alias = "web.host.org.";
	sample_lookup(x, "s1._domainkey.x.net.", RR_TXT, SEEN_NODATA, NULL)->seen.alias =
		"web.host.org.";
}

static void wildcard_txt(struct sample *x)
{
	(void)sample_lookup(x, PROBE, RR_TXT, SEEN_DATA, RDATA("\"v=spf1 -all\""));
	sample_data_all(x, Q_DMARC, 300, RDATA("\"v=spf1 -all\""));
}

static void wildcard_txt_beside_a_real_one(struct sample *x)
{
	(void)sample_lookup(x, PROBE, RR_TXT, SEEN_DATA, RDATA("\"v=spf1 -all\""));
}

static void sts_by_wildcard(struct sample *x)
{
	wildcard_txt_beside_a_real_one(x);
	size_t q = sample_ask(x, "_mta-sts.x.net.", RR_TXT);
	sample_data_all(x, q, 300, RDATA("\"v=spf1 -all\""));
}

static void wildcard_mx(struct sample *x)
{
	(void)sample_lookup(x, PROBE, RR_MX, SEEN_DATA, RDATA("10 mx.third.org."));
}

static void wildcard_mx_to_the_new(struct sample *x)
{
	(void)sample_lookup(x, PROBE, RR_MX, SEEN_DATA, RDATA("10 mx.new.org."));
}

static void wildcard_mx_to_the_old(struct sample *x)
{
	(void)sample_lookup(x, PROBE, RR_MX, SEEN_DATA, RDATA("10 mx.old.org."));
}

static void wildcard_mx_null(struct sample *x)
{
	(void)sample_lookup(x, PROBE, RR_MX, SEEN_DATA, RDATA("0 ."));
}

static void inner_view(struct sample *x)
{
	sample_panel(x, Q_MX, 200, RDATA("5 mail.inner.lan."));
}

static void inner_view_txt(struct sample *x)
{
	sample_panel(x, Q_TXT, 200, RDATA("\"v=spf1 -all\""));
}

static void resolver_has_the_old_mx(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("0 mx.new.org."));
	sample_panel(x, Q_MX, 200, RDATA("10 mx.old.org."));
}

static void resolver_has_what_was_before(struct sample *x)
{
	static struct check_change change;
	inner_view_txt(x);
	change = (struct check_change){ .before = x->panel[Q_TXT].rrset };
	x->in.changes = &change;
	x->in.change_n = 1;
}

static void inner_view_within_the_clock(struct sample *x)
{
	inner_view(x);
	x->in.history.mx_changed_ms = SAMPLE_NOW_MS - 1000;
	x->in.history.mx_ttl_at_change = 300;
}

static void resolver_knows_nothing_yet(struct sample *x)
{
	x->panel[Q_MX].state = SEEN_NODATA;
	x->panel[Q_MX].rrset = NULL;
}

static void resolver_serves_stale(struct sample *x)
{
	inner_view(x);
	x->panel[Q_MX].has_ede = true;
	x->panel[Q_MX].ede = 3;
}

static void resolver_shows_one_of_two(struct sample *x)
{
	mx_differs(x);
	sample_panel(x, Q_MX, 200, RDATA("10 mx.new.org."));
}

static void addresses_elsewhere(struct sample *x)
{
	size_t q = sample_ask(x, "autodiscover.x.net.", RR_A);
	sample_data_all(x, q, 60, RDATA("192.0.2.1"));
	x->panel[q] = x->seen[0][q];
	sample_panel(x, q, 60, RDATA("192.0.2.2"));
}

static const struct scene scenes[] = {
	{ second_behind, 0, "soa-serial-mismatch", BY_LEVELS, "x.net SOA",
	  "the newest is 7, at ns1.x.net", "refresh every 600 s" },
	{ serial_wrapped, PHASE_AUDIT, "soa-serial-mismatch", SEVERITY_WARNING, 0,
	  "the newest is 1, at ns2.x.net", 0 },
	{ mx_differs_by_the_time, PHASE_AUDIT, "soa-serial-mismatch", SEVERITY_WARNING, 0, 0, 0 },
	{ serials_are_the_time, PHASE_AUDIT, "soa-serial-mismatch", SEVERITY_INFO, "x.net SOA",
	  "by itself", "every server" },
	{ one_server_two_serials, PHASE_AUDIT, "soa-serial-mismatch", SEVERITY_INFO, 0, 0, 0 },
	{ two_providers, PHASE_AUDIT, "soa-serial-mismatch", SEVERITY_INFO, 0, 0, 0 },
	{ three_serials, PHASE_AUDIT, "soa-serial-mismatch", SEVERITY_INFO, 0, 0, 0 },
	{ second_silent_and_behind, PHASE_AUDIT, "soa-serial-mismatch", SILENT, 0, 0, 0 },

	{ mx_differs, 0, "rrset-mismatch", BY_LEVELS, "x.net MX", "different answers for x.net MX",
	  "raise the SOA serial" },
	{ txt_at_one_only, PHASE_AUDIT, "rrset-mismatch", SEVERITY_BLOCKER, "x.net TXT", 0, 0 },
	{ aliases_differ, PHASE_AUDIT, "rrset-mismatch", SEVERITY_BLOCKER, "_dmarc.x.net TXT", 0,
	  0 },
	{ mx_differs_at_two_providers, PHASE_AUDIT, "rrset-mismatch", SEVERITY_BLOCKER, 0, 0,
	  "two providers" },
	{ mx_differs_behind, PHASE_AUDIT, "rrset-mismatch", SILENT, 0, 0, 0 },
	{ mx_ttl_at_one, PHASE_AUDIT, "rrset-mismatch", SILENT, 0, 0, 0 },
	{ txt_unreadable_at_one, PHASE_AUDIT, "rrset-mismatch", SILENT, 0, 0, 0 },
	{ no_is_said_in_two_ways, PHASE_AUDIT, "rrset-mismatch", SILENT, 0, 0, 0 },
	{ addresses_by_who_asks, PHASE_AUDIT, "rrset-mismatch", SILENT, 0, 0, 0 },

	{ mx_ttl_at_one, 0, "mx-ttl-differs", BY_LEVELS, "x.net MX", "from 300 s to 86400 s",
	  "same TTL" },
	{ mx_ttl_within_the_set, PHASE_AUDIT, "mx-ttl-differs", SEVERITY_WARNING, 0,
	  "from 300 s to 3600 s", 0 },
	{ mx_by_alias, PHASE_AUDIT, "mx-ttl-differs", SILENT, 0, 0, 0 },
	{ healthy, PHASE_AUDIT, "mx-ttl-differs", SILENT, 0, 0, 0 },

	{ expires_soon, 0, "soa-timers", BY_LEVELS, "x.net SOA", "expire is 3600 s", "2 to 4" },
	{ retries_seldom, PHASE_AUDIT, "soa-timers", SEVERITY_INFO, 0, "retry is 7200 s", 0 },
	{ healthy, PHASE_AUDIT, "soa-timers", SILENT, 0, 0, 0 },

	{ minimum_is_a_day, 0, "soa-negative-ttl-high", BY_LEVELS, "x.net SOA", "cached for 1 d",
	  "MINIMUM" },
	{ minimum_high_ttl_low, PHASE_AUDIT, "soa-negative-ttl-high", SILENT, 0, 0, 0 },

	{ no_without_soa, 0, "negative-without-soa", BY_LEVELS, "ns2.x.net 127.1.0.2", "3 h",
	  "RFC 2308" },
	{ alias_without_soa, PHASE_AUDIT, "negative-without-soa", SILENT, 0, 0, 0 },

	{ keys_below_nothing, 0, "ent-nxdomain", BY_LEVELS, "_domainkey.x.net",
	  "s1._domainkey.x.net", "TXT record" },
	{ keys_below_empty_name, PHASE_AUDIT, "ent-nxdomain", SILENT, 0, 0, 0 },
	{ no_keys, PHASE_AUDIT, "ent-nxdomain", SILENT, 0, 0, 0 },
	{ keys_at_the_newer_server, PHASE_AUDIT, "ent-nxdomain", SILENT, 0, 0, 0 },

	{ dmarc_delegated, 0, "record-occluded", BY_LEVELS, "_dmarc.x.net TXT",
	  "delegated away at _dmarc.x.net", "delegated to" },
	{ planned_name_delegated, PHASE_READY, "record-occluded", SEVERITY_WARNING, 0, 0, 0 },
	{ dmarc_delegated_on_purpose, PHASE_READY, "record-occluded", SEVERITY_INFO, 0, 0, 0 },
	{ dmarc_unreadable, PHASE_AUDIT, "record-occluded", SILENT, 0, 0, 0 },

	{ apex_is_alias, 0, "apex-cname", BY_LEVELS, "x.net CNAME", "an alias of web.host.org",
	  "remove the CNAME" },
	{ dmarc_is_alias, PHASE_AUDIT, "apex-cname", SILENT, 0, 0, 0 },

	{ odd_ttl, 0, "apex-flattened", BY_LEVELS, "x.net A", "ALIAS", "nothing to do" },
	{ www_is_hosted, PHASE_AUDIT, "apex-flattened", SEVERITY_INFO, 0, 0, 0 },
	{ www_is_apex, PHASE_AUDIT, "apex-flattened", SILENT, 0, 0, 0 },
	{ long_ttl, PHASE_AUDIT, "apex-flattened", SILENT, 0, 0, 0 },

	{ autodiscover_by_wildcard, 0, "wildcard-shadow", BY_LEVELS, "*.x.net",
	  "autodiscover.x.net CNAME", "enter the real records" },
	{ dmarc_by_wildcard_cname, PHASE_AUDIT, "wildcard-shadow", SEVERITY_WARNING, "*.x.net",
	  "_dmarc.x.net TXT", 0 },
	{ wildcard_txt, PHASE_AUDIT, "wildcard-shadow", SEVERITY_WARNING, "*.x.net",
	  "_dmarc.x.net TXT", 0 },
	{ selector_by_wildcard, PHASE_AUDIT, "wildcard-shadow", SEVERITY_WARNING, "*.x.net",
	  "s1._domainkey.x.net TXT", 0 },
	{ wildcard_mx, PHASE_READY, "wildcard-shadow", SEVERITY_WARNING, "*.x.net MX",
	  "10 mx.third.org.", "*.x.net" },
	{ wildcard_cname, PHASE_AUDIT, "wildcard-shadow", SILENT, 0, 0, 0 },
	{ selector_stopped_by_domainkey, PHASE_AUDIT, "wildcard-shadow", SILENT, 0, 0, 0 },
	{ wildcard_txt_beside_a_real_one, PHASE_AUDIT, "wildcard-shadow", SILENT, 0, 0, 0 },
	{ sts_by_wildcard, PHASE_AUDIT, "wildcard-shadow", SILENT, 0, 0, 0 },
	{ wildcard_mx_to_the_new, PHASE_AUDIT, "wildcard-shadow", SILENT, 0, 0, 0 },
	{ wildcard_mx_to_the_old, PHASE_AUDIT, "wildcard-shadow", SILENT, 0, 0, 0 },
	{ wildcard_mx_null, PHASE_AUDIT, "wildcard-shadow", SILENT, 0, 0, 0 },

	{ inner_view, 0, "split-horizon", BY_LEVELS, "x.net MX",
	  "resolver 127.0.0.53 shows for x.net MX", "internal DNS" },
	{ inner_view_txt, PHASE_AUDIT, "split-horizon", SEVERITY_WARNING, "x.net TXT", 0, 0 },
	{ resolver_has_the_old_mx, PHASE_AUDIT, "split-horizon", SILENT, 0, 0, 0 },
	{ resolver_has_what_was_before, PHASE_AUDIT, "split-horizon", SILENT, 0, 0, 0 },
	{ inner_view_within_the_clock, PHASE_POST, "split-horizon", SILENT, 0, 0, 0 },
	{ resolver_knows_nothing_yet, PHASE_AUDIT, "split-horizon", SILENT, 0, 0, 0 },
	{ resolver_serves_stale, PHASE_AUDIT, "split-horizon", SILENT, 0, 0, 0 },
	{ resolver_shows_one_of_two, PHASE_AUDIT, "split-horizon", SILENT, 0, 0, 0 },
	{ addresses_elsewhere, PHASE_AUDIT, "split-horizon", SILENT, 0, 0, 0 },
};

enum { SCENES = sizeof(scenes) / sizeof(scenes[0]) };

static void every_scene_gets_its_finding(void **state)
{
	(void)state;
	scenes_run(scenes, SCENES);
}

static void every_row_has_both_scenes(void **state)
{
	(void)state;
	scenes_cover(agreement_checks, scenes, SCENES);
	scenes_cover(answer_checks, scenes, SCENES);
	scenes_cover(hidden_checks, scenes, SCENES);
	scenes_cover(wildcard_checks, scenes, SCENES);
	scenes_cover(horizon_checks, scenes, SCENES);
}

/* Two names below one cut are one thing to repair. */
static void one_cut_is_one_finding(void **state)
{
	(void)state;
	struct sample x;
	const struct finding *f = NULL;
	sample_init(&x);
	dmarc_delegated(&x);
	size_t q = sample_ask(&x, "rua._dmarc.x.net.", RR_TXT);
	cut_above(&x, q);
	assert_int_equal(sample_run(&x, "record-occluded", &f), 1);
	assert_non_null(strstr(f->message, "rua._dmarc.x.net TXT"));
	assert_int_equal(f->evidence_n, SERVERS);
	sample_release(&x);
}

/* What the one resolver shows, and what each server says instead. */
static void another_view_shows_both_sides(void **state)
{
	(void)state;
	struct sample x;
	const struct finding *f = NULL;
	sample_init(&x);
	inner_view(&x);
	assert_int_equal(sample_run(&x, "split-horizon", &f), 1);
	assert_int_equal(f->evidence_n, 1 + SERVERS);
	assert_string_equal(f->evidence[0].server, "resolver");
	assert_non_null(strstr(f->evidence[0].saw, "mail.inner.lan."));
	assert_non_null(strstr(f->evidence[1].saw, "mx.old.org."));
	sample_release(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scene_gets_its_finding),
		cmocka_unit_test(every_row_has_both_scenes),
		cmocka_unit_test(one_cut_is_one_finding),
		cmocka_unit_test(another_view_shows_both_sides),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
