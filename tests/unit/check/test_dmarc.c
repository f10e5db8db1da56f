/*
 * DMARC: there (inheritance counts), whole, and not stricter than the new sender can bear.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "dns/check/dmarc.h"

#include "scenes.h"

#define DMARC "_dmarc.x.net TXT"

static void healthy(struct sample *x)
{
	(void)x;
}

static void own(struct sample *x, const char *rdata)
{
	sample_data_all(x, Q_DMARC, 600, RDATA(rdata));
}

static void none(struct sample *x)
{
	sample_state_all(x, Q_DMARC, SEEN_NXDOMAIN);
	sample_lookup(x, "_dmarc.net.", RR_TXT, SEEN_NXDOMAIN, NULL);
}

static void something_else(struct sample *x)
{
	none(x);
	own(x, "\"hello\"");
}

static void unreadable(struct sample *x)
{
	sample_state_all(x, Q_DMARC, SEEN_UNREADABLE);
}

static void above(struct sample *x, const char *rdata)
{
	sample_state_all(x, Q_DMARC, SEEN_NXDOMAIN);
	sample_lookup(x, "_dmarc.net.", RR_TXT, SEEN_DATA, RDATA(rdata));
}

static void inherited(struct sample *x)
{
	above(x, "\"v=DMARC1; p=none; psd=y\"");
}

static void above_unreadable(struct sample *x)
{
	sample_state_all(x, Q_DMARC, SEEN_NXDOMAIN);
	sample_lookup(x, "_dmarc.net.", RR_TXT, SEEN_UNREADABLE, NULL);
}

/* A service has the record, and the domain only an alias of it. */
static void served_elsewhere(struct sample *x, enum seen_state state, const char *const *rdata)
{
	none(x);
	sample_away_all(x, Q_DMARC, "x.net.dmarc.service.");
	sample_lookup(x, "_dmarc.x.net.", RR_TXT, state, rdata);
}

static void behind_an_alias(struct sample *x)
{
	served_elsewhere(x, SEEN_DATA, RDATA("\"v=DMARC1; p=none\""));
}

static void alias_to_nothing(struct sample *x)
{
	served_elsewhere(x, SEEN_NXDOMAIN, NULL);
}

static void alias_that_cannot_be_followed(struct sample *x)
{
	served_elsewhere(x, SEEN_UNREADABLE, NULL);
}

static void delegated_away(struct sample *x)
{
	behind_an_alias(x);
	sample_state_all(x, Q_DMARC, SEEN_REFERRAL);
}

static void two(struct sample *x)
{
	sample_data_all(x, Q_DMARC, 600, RDATA("\"v=DMARC1; p=none\"", "\"v=DMARC1; p=reject\""));
}

static void one_and_a_stranger(struct sample *x)
{
	sample_data_all(x, Q_DMARC, 600, RDATA("\"v=DMARC1; p=none\"", "\"v=spf1 -all\""));
}

static void no_semicolon(struct sample *x)
{
	own(x, "\"v=DMARC1; p=none rua=mailto:a@x.net\"");
}

static void small_letters(struct sample *x)
{
	own(x, "\"v=dmarc1; p=none\"");
}

static void unknown_tag(struct sample *x)
{
	own(x, "\"v=DMARC1; p=none; fancy=1\"");
}

static struct lookup *reports_to(struct sample *x, const char *host, enum seen_state state,
				 const char *const *rdata)
{
	own(x, arena_printf(x->a, "\"v=DMARC1; p=none; rua=mailto:a@%s,mailto:b@x.net\"", host));
	return sample_lookup(x, arena_printf(x->a, "x.net._report._dmarc.%s.", host), RR_TXT, state,
			     rdata);
}

static void reports_refused(struct sample *x)
{
	(void)reports_to(x, "r.org", SEEN_NXDOMAIN, NULL);
}

static void reports_to_a_stranger(struct sample *x)
{
	(void)reports_to(x, "r.org", SEEN_DATA, RDATA("\"v=spf1 -all\""));
}

static void reports_agreed(struct sample *x)
{
	(void)reports_to(x, "r.org", SEEN_DATA, RDATA("\"v=DMARC1\""));
}

static void reports_unreadable(struct sample *x)
{
	(void)reports_to(x, "r.org", SEEN_UNREADABLE, NULL);
}

/* Of the domain above, whose record it is. */
static void reports_above_refused(struct sample *x)
{
	above(x, "\"v=DMARC1; p=none; rua=mailto:a@r.org\"");
	(void)sample_lookup(x, "net._report._dmarc.r.org.", RR_TXT, SEEN_NXDOMAIN, NULL);
}

static void reports_of_a_registry(struct sample *x)
{
	above(x, "\"v=DMARC1; p=none; psd=y; rua=mailto:a@r.org\"");
	(void)sample_lookup(x, "net._report._dmarc.r.org.", RR_TXT, SEEN_NXDOMAIN, NULL);
}

static void reports_within(struct sample *x)
{
	own(x, "\"v=DMARC1; p=none; rua=mailto:a@dmarc.x.net\"");
}

/* The plan's sender is not in SPF, and no selector is planned. */
static void not_covered(struct sample *x)
{
	static const char *const one[] = { "v=spf1 include:old.org -all" };
	sample_spf(x, 1, one);
	x->s.spf_n = 2;
}

static void reject_uncovered(struct sample *x)
{
	not_covered(x);
	own(x, "\"v=DMARC1; p=reject\"");
}

static void reject_behind_an_alias(struct sample *x)
{
	not_covered(x);
	served_elsewhere(x, SEEN_DATA, RDATA("\"v=DMARC1; p=reject\""));
}

static void quarantine_from_above(struct sample *x)
{
	not_covered(x);
	above(x, "\"v=DMARC1; p=none; sp=quarantine\"");
}

static void reject_covered(struct sample *x)
{
	own(x, "\"v=DMARC1; p=reject\"");
}

static void reject_tested(struct sample *x)
{
	not_covered(x);
	own(x, "\"v=DMARC1; p=reject; t=y\"");
}

static void reject_with_dkim(struct sample *x)
{
	const struct rrset **list = ARENA_ARRAY(x->a, 1, const struct rrset *);
	reject_uncovered(x);
	size_t q = sample_ask(x, "s1._domainkey.x.net.", RR_CNAME);
	list[0] = sample_set(x, q, 300, RDATA("s1.dkim.new.org."));
	x->in.target_dkim = list;
	x->in.target_dkim_n = 1;
	sample_data_all(x, q, 300, RDATA("s1.dkim.new.org."));
}

static void reject_dkim_absent(struct sample *x)
{
	reject_with_dkim(x);
	sample_state_all(x, x->s.question_n - 1, SEEN_NXDOMAIN);
}

static const struct scene scenes[] = {
	{ none, 0, "dmarc-missing", BY_LEVELS, DMARC, "no DMARC policy", "_dmarc.x.net" },
	{ something_else, PHASE_AUDIT, "dmarc-missing", SEVERITY_WARNING, DMARC, NULL, NULL },
	{ healthy, PHASE_AUDIT, "dmarc-missing", SILENT, NULL, NULL, NULL },
	{ inherited, PHASE_AUDIT, "dmarc-missing", SILENT, NULL, NULL, NULL },
	{ unreadable, PHASE_AUDIT, "dmarc-missing", SILENT, NULL, NULL, NULL },
	{ above_unreadable, PHASE_AUDIT, "dmarc-missing", SILENT, NULL, NULL, NULL },
	{ small_letters, PHASE_AUDIT, "dmarc-missing", SILENT, NULL, NULL, NULL },
	{ behind_an_alias, PHASE_AUDIT, "dmarc-missing", SILENT, NULL, NULL, NULL },
	{ delegated_away, PHASE_AUDIT, "dmarc-missing", SILENT, NULL, NULL, NULL },
	{ alias_that_cannot_be_followed, PHASE_AUDIT, "dmarc-missing", SILENT, NULL, NULL, NULL },
	{ alias_to_nothing, PHASE_AUDIT, "dmarc-missing", SEVERITY_WARNING, DMARC, NULL, NULL },
	{ reject_behind_an_alias, PHASE_READY, "dmarc-reject-before-auth", SEVERITY_BLOCKER, DMARC,
	  "p=reject", NULL },
	{ two, 0, "dmarc-multiple", BY_LEVELS, DMARC, "2 DMARC records", "delete" },
	{ one_and_a_stranger, PHASE_AUDIT, "dmarc-multiple", SILENT, NULL, NULL, NULL },
	{ no_semicolon, 0, "dmarc-syntax", BY_LEVELS, DMARC, "\"p\": it must be none", "\"p\"" },
	{ small_letters, PHASE_AUDIT, "dmarc-syntax", SEVERITY_WARNING, DMARC, "v=DMARC1", NULL },
	{ unknown_tag, PHASE_AUDIT, "dmarc-syntax", SILENT, NULL, NULL, NULL },
	{ reports_refused, 0, "dmarc-rua-unauthorized", BY_LEVELS, DMARC, "r.org",
	  "x.net._report._dmarc.r.org" },
	{ reports_to_a_stranger, PHASE_AUDIT, "dmarc-rua-unauthorized", SEVERITY_WARNING, DMARC,
	  NULL, NULL },
	{ reports_above_refused, PHASE_AUDIT, "dmarc-rua-unauthorized", SEVERITY_WARNING,
	  "_dmarc.net TXT", "r.org", "net._report._dmarc.r.org" },
	{ reports_of_a_registry, PHASE_AUDIT, "dmarc-rua-unauthorized", SILENT, NULL, NULL, NULL },
	{ reports_agreed, PHASE_AUDIT, "dmarc-rua-unauthorized", SILENT, NULL, NULL, NULL },
	{ reports_unreadable, PHASE_AUDIT, "dmarc-rua-unauthorized", SILENT, NULL, NULL, NULL },
	{ reports_within, PHASE_AUDIT, "dmarc-rua-unauthorized", SILENT, NULL, NULL, NULL },
	{ reject_uncovered, 0, "dmarc-reject-before-auth", BY_LEVELS, DMARC, "p=reject",
	  "include:new.org" },
	{ reject_dkim_absent, PHASE_READY, "dmarc-reject-before-auth", SEVERITY_BLOCKER, DMARC,
	  NULL, NULL },
	{ quarantine_from_above, PHASE_READY, "dmarc-reject-before-auth", SEVERITY_BLOCKER, DMARC,
	  "p=quarantine", "_dmarc.net" },
	{ reject_covered, PHASE_READY, "dmarc-reject-before-auth", SILENT, NULL, NULL, NULL },
	{ reject_tested, PHASE_READY, "dmarc-reject-before-auth", SILENT, NULL, NULL, NULL },
	{ reject_with_dkim, PHASE_READY, "dmarc-reject-before-auth", SILENT, NULL, NULL, NULL },
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
	scenes_cover(dmarc_checks, scenes, SCENES);
}

/* The walk up the tree of RFC 9989: psd=n ends it, psd=y is only a last resort. */
static void the_policy_above_is_chosen(void **state)
{
	(void)state;
	static const struct {
		const char *b, *c; /* at b.c.d.net's parents c.d.net and d.net */
		const char *at;
	} cases[] = {
		{ "\"v=DMARC1; p=none\"", "\"v=DMARC1; p=reject\"", "d.net." },
		{ "\"v=DMARC1; p=none; psd=n\"", "\"v=DMARC1; p=reject\"", "c.d.net." },
		{ "\"v=DMARC1; p=none\"", "\"v=DMARC1; p=reject; psd=y\"", "c.d.net." },
		{ "\"other\"", "\"v=DMARC1; p=reject; psd=y\"", "d.net." },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sample x;
		sample_init(&x);
		x.s.domain = "b.c.d.net.";
		(void)sample_ask(&x, "_dmarc.b.c.d.net.", RR_TXT);
		sample_lookup(&x, "_dmarc.c.d.net.", RR_TXT, SEEN_DATA, RDATA(cases[i].b));
		sample_lookup(&x, "_dmarc.d.net.", RR_TXT, SEEN_DATA, RDATA(cases[i].c));
		const struct checking c = { .a = x.a, .in = &x.in, .s = &x.s };
		struct dmarc_found f = dmarc_find(&c);
		assert_true(f.certain && f.has_record);
		assert_string_equal(f.at, cases[i].at);
		sample_release(&x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scene_gets_its_finding),
		cmocka_unit_test(every_row_has_both_scenes),
		cmocka_unit_test(the_policy_above_is_chosen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
