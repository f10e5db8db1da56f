/*
 * MTA-STS against the plan, and what it, TLS-RPT and CAA say by themselves.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "scenes.h"

#define HOST "mta-sts.x.net"

/* The domain takes part in MTA-STS, and all is well: both providers are listed. */
static void record(struct sample *x, const char *const *rdata)
{
	sample_data_all(x, sample_ask(x, "_mta-sts.x.net.", RR_TXT), 300, rdata);
}

static void policy(struct sample *x, const char *body)
{
	x->s.sts = (struct sts_view){ .fetch = STS_FETCHED,
				      .status = 200,
				      .content_type = "text/plain",
				      .body = body,
				      .at_ms = SAMPLE_NOW_MS };
}

static void taking_part(struct sample *x)
{
	record(x, RDATA("\"v=STSv1; id=20261101;\""));
	policy(x,
	       "version: STSv1\nmode: enforce\nmx: mx.old.org\nmx: *.new.org\nmax_age: 604800\n");
}

static void healthy(struct sample *x)
{
	(void)x;
}

static void old_host_only(struct sample *x)
{
	taking_part(x);
	policy(x, "version: STSv1\nmode: enforce\nmx: mx.old.org\nmax_age: 604800\n");
}

/* The record is a service's, behind an alias, and the policy counts all the same. */
static void old_host_only_at_a_service(struct sample *x)
{
	size_t q = sample_ask(x, "_mta-sts.x.net.", RR_TXT);
	sample_away_all(x, q, "x.net.sts.service.");
	sample_lookup(x, "_mta-sts.x.net.", RR_TXT, SEEN_DATA, RDATA("\"v=STSv1; id=1;\""));
	policy(x, "version: STSv1\nmode: enforce\nmx: mx.old.org\nmax_age: 604800\n");
}

static void bad_id_at_a_service(struct sample *x)
{
	size_t q = sample_ask(x, "_mta-sts.x.net.", RR_TXT);
	sample_away_all(x, q, "x.net.sts.service.");
	sample_lookup(x, "_mta-sts.x.net.", RR_TXT, SEEN_DATA, RDATA("\"v=STSv1; id=a-b;\""));
}

static void reports_at_a_service(struct sample *x)
{
	size_t q = sample_ask(x, "_smtp._tls.x.net.", RR_TXT);
	sample_away_all(x, q, "x.net.tls.service.");
	sample_lookup(x, "_smtp._tls.x.net.", RR_TXT, SEEN_DATA,
		      RDATA("\"v=TLSRPTv1; rua=mailto:a@service.org\""));
}

static void testing_mode(struct sample *x)
{
	taking_part(x);
	policy(x, "version: STSv1\nmode: testing\nmx: mx.old.org\nmax_age: 604800\n");
}

static void mode_none(struct sample *x)
{
	taking_part(x);
	policy(x, "version: STSv1\nmode: none\nmax_age: 604800\n");
}

static void new_host_only(struct sample *x)
{
	taking_part(x);
	policy(x, "version: STSv1\nmode: enforce\nmx: mx.new.org\nmax_age: 604800\n");
}

/* The first server does not know the record yet. */
static void new_host_only_at_one_server(struct sample *x)
{
	new_host_only(x);
	for (size_t q = 0; q < x->s.question_n; q++)
		if (str_eq(x->questions[q].name, "_mta-sts.x.net."))
			sample_state(x, 0, q, SEEN_NODATA);
}

static void star_is_too_high(struct sample *x)
{
	taking_part(x);
	policy(x, "version: STSv1\nmode: enforce\nmx: mx.old.org\nmx: *.org\nmax_age: 604800\n");
}

static void null_mx_planned(struct sample *x)
{
	old_host_only(x);
	x->in.target_mx = sample_set(x, Q_MX, 300, RDATA("0 ."));
}

static void policy_without_record(struct sample *x)
{
	old_host_only(x);
	sample_state_all(x, x->s.question_n - 1, SEEN_NXDOMAIN);
}

static void failed(struct sample *x, int status, const char *note)
{
	taking_part(x);
	x->s.sts = (struct sts_view){
		.fetch = STS_FAILED, .status = status, .content_type = "", .note = note, .body = ""
	};
}

static void not_found(struct sample *x)
{
	failed(x, 404, "HTTP 404");
}

static void expired(struct sample *x)
{
	failed(x, 0, "the certificate has expired");
}

static void as_html(struct sample *x)
{
	taking_part(x);
	x->s.sts.content_type = "text/html";
}

static void no_policy_inside(struct sample *x)
{
	taking_part(x);
	policy(x, "Welcome to nginx!\n");
}

static void not_asked(struct sample *x)
{
	taking_part(x);
	x->s.sts = (struct sts_view){ .fetch = STS_NOT_ASKED, .content_type = "", .body = "" };
}

static const char *const old_patterns[] = { "mx.old.org", NULL };
static const char *const same_patterns[] = { "*.NEW.org.", "mx.old.org", NULL };

static void changed_without_id(struct sample *x)
{
	taking_part(x);
	x->in.mta_sts_previous_id = "20261101";
	x->in.mta_sts_previous_mx = old_patterns;
}

static void changed_with_id(struct sample *x)
{
	changed_without_id(x);
	x->in.mta_sts_previous_id = "20261001";
}

static void not_changed(struct sample *x)
{
	changed_without_id(x);
	x->in.mta_sts_previous_mx = same_patterns;
}

static void changed_an_hour_ago(struct sample *x)
{
	x->in.history.mta_sts_changed_ms = SAMPLE_NOW_MS - 3600000;
	x->in.history.mta_sts_old_max_age_s = 3601;
}

static void changed_long_ago(struct sample *x)
{
	changed_an_hour_ago(x);
	x->in.history.mta_sts_old_max_age_s = 3600;
}

static void two_records(struct sample *x)
{
	record(x, RDATA("\"v=STSv1; id=1\"", "\"v=STSv1; id=2\""));
}

static void bad_id(struct sample *x)
{
	not_found(x);
	sample_data_all(x, x->s.question_n - 1, 300, RDATA("\"v=STSv1; id=2026-11-01\""));
}

static void small_letters(struct sample *x)
{
	record(x, RDATA("\"v=stsv1; id=1\""));
}

static void stranger_beside_it(struct sample *x)
{
	record(x, RDATA("\"v=STSv1; id=1\"", "\"v=spf1 -all\""));
}

static size_t tlsrpt(struct sample *x)
{
	return sample_ask(x, "_smtp._tls.x.net.", RR_TXT);
}

static void no_reports(struct sample *x)
{
	(void)tlsrpt(x);
}

static void reports_unreadable(struct sample *x)
{
	sample_state_all(x, tlsrpt(x), SEEN_UNREADABLE);
}

static void reports(struct sample *x)
{
	sample_data_all(x, tlsrpt(x), 300, RDATA("\"v=TLSRPTv1; rua=mailto:t@x.net\""));
}

static void reports_nowhere(struct sample *x)
{
	sample_data_all(x, tlsrpt(x), 300, RDATA("\"v=TLSRPTv1; rua=t@x.net\""));
}

static void reports_twice(struct sample *x)
{
	sample_data_all(
		x, tlsrpt(x), 300,
		RDATA("\"v=TLSRPTv1; rua=mailto:t@x.net\"", "\"v=TLSRPTv1; rua=mailto:u@x.net\""));
}

static void takes_no_mail(struct sample *x)
{
	no_reports(x);
	sample_data_all(x, Q_MX, 300, RDATA("0 ."));
}

static void caa(struct sample *x, const char *const *rdata)
{
	taking_part(x);
	sample_lookup(x, "mta-sts.x.net.", RR_CAA, SEEN_NODATA, NULL);
	sample_lookup(x, "x.net.", RR_CAA, SEEN_DATA, rdata);
}

static void caa_nobody(struct sample *x)
{
	caa(x, RDATA("0 issue \";\""));
}

static void caa_somebody(struct sample *x)
{
	caa(x, RDATA("0 issue \";\"", "0 issue \"ca.example; a=b\"", "0 iodef \"mailto:a@x.net\""));
}

static void caa_wild_only(struct sample *x)
{
	caa(x, RDATA("0 issuewild \";\""));
}

static void caa_critical(struct sample *x)
{
	caa(x, RDATA("128 future \"x\""));
}

static void caa_of_its_own(struct sample *x)
{
	taking_part(x);
	sample_lookup(x, "mta-sts.x.net.", RR_CAA, SEEN_DATA, RDATA("0 issue \"ca.example\""));
	sample_lookup(x, "x.net.", RR_CAA, SEEN_DATA, RDATA("0 issue \";\""));
}

static void caa_and_bad_certificate(struct sample *x)
{
	expired(x);
	sample_lookup(x, "mta-sts.x.net.", RR_CAA, SEEN_DATA, RDATA("0 issue \"ca.example\""));
}

static void caa_without_sts(struct sample *x)
{
	sample_lookup(x, "x.net.", RR_CAA, SEEN_DATA, RDATA("0 issue \";\""));
}

static const struct scene scenes[] = {
	{ old_host_only, 0, "mta-sts-policy-stale", BY_LEVELS, HOST, "planned MX mx.new.org",
	  "604800 s" },
	{ old_host_only_at_a_service, PHASE_READY, "mta-sts-policy-stale", SEVERITY_BLOCKER, HOST,
	  "planned MX mx.new.org", NULL },
	{ bad_id_at_a_service, PHASE_AUDIT, "mta-sts-record-invalid", SEVERITY_WARNING, NULL, NULL,
	  NULL },
	{ reports_at_a_service, PHASE_AUDIT, "tlsrpt", SILENT, NULL, NULL, NULL },
	{ testing_mode, PHASE_READY, "mta-sts-policy-stale", SEVERITY_WARNING, HOST, "testing mode",
	  NULL },
	{ star_is_too_high, PHASE_READY, "mta-sts-policy-stale", SEVERITY_BLOCKER, HOST, NULL,
	  NULL },
	{ new_host_only, PHASE_AUDIT, "mta-sts-policy-stale", SEVERITY_BLOCKER, HOST,
	  "mx.old.org, an MX in use", NULL },
	{ new_host_only_at_one_server, PHASE_AUDIT, "mta-sts-policy-stale", SEVERITY_BLOCKER, HOST,
	  "mx.old.org, an MX in use", NULL },
	{ new_host_only, PHASE_POST, "mta-sts-policy-stale", SILENT, NULL, NULL, NULL },
	{ taking_part, PHASE_READY, "mta-sts-policy-stale", SILENT, NULL, NULL, NULL },
	{ mode_none, PHASE_READY, "mta-sts-policy-stale", SILENT, NULL, NULL, NULL },
	{ null_mx_planned, PHASE_READY, "mta-sts-policy-stale", SILENT, NULL, NULL, NULL },
	{ policy_without_record, PHASE_READY, "mta-sts-policy-stale", SILENT, NULL, NULL, NULL },
	{ healthy, PHASE_READY, "mta-sts-policy-stale", SILENT, NULL, NULL, NULL },
	{ changed_without_id, 0, "mta-sts-id-unchanged", BY_LEVELS, "_mta-sts.x.net TXT",
	  "still 20261101", "new id" },
	{ changed_with_id, PHASE_READY, "mta-sts-id-unchanged", SILENT, NULL, NULL, NULL },
	{ not_changed, PHASE_READY, "mta-sts-id-unchanged", SILENT, NULL, NULL, NULL },
	{ changed_an_hour_ago, 0, "mta-sts-cached", BY_LEVELS, HOST, "max_age 3601 s",
	  "old policy" },
	{ changed_long_ago, PHASE_POST, "mta-sts-cached", SILENT, NULL, NULL, NULL },
	{ not_found, 0, "mta-sts-policy-unreachable", BY_LEVELS, HOST, "HTTP 404", "text/plain" },
	{ as_html, PHASE_AUDIT, "mta-sts-policy-unreachable", SEVERITY_WARNING, HOST, "text/plain",
	  NULL },
	{ no_policy_inside, PHASE_AUDIT, "mta-sts-policy-unreachable", SEVERITY_WARNING, HOST,
	  "without a colon", NULL },
	{ taking_part, PHASE_AUDIT, "mta-sts-policy-unreachable", SILENT, NULL, NULL, NULL },
	{ not_asked, PHASE_AUDIT, "mta-sts-policy-unreachable", SILENT, NULL, NULL, NULL },
	{ bad_id, PHASE_AUDIT, "mta-sts-policy-unreachable", SILENT, NULL, NULL, NULL },
	{ bad_id, 0, "mta-sts-record-invalid", BY_LEVELS, "_mta-sts.x.net TXT",
	  "letters and digits", "v=STSv1" },
	{ two_records, PHASE_AUDIT, "mta-sts-record-invalid", SEVERITY_WARNING, NULL, "several",
	  "exactly one" },
	{ small_letters, PHASE_AUDIT, "mta-sts-record-invalid", SEVERITY_WARNING, NULL, NULL,
	  NULL },
	{ stranger_beside_it, PHASE_AUDIT, "mta-sts-record-invalid", SILENT, NULL, NULL, NULL },
	{ healthy, PHASE_AUDIT, "mta-sts-record-invalid", SILENT, NULL, NULL, NULL },
	{ no_reports, 0, "tlsrpt", BY_LEVELS, "_smtp._tls.x.net TXT", "no record", "v=TLSRPTv1" },
	{ reports_nowhere, PHASE_AUDIT, "tlsrpt", SEVERITY_INFO, NULL, "mailto:", NULL },
	{ reports_twice, PHASE_AUDIT, "tlsrpt", SEVERITY_INFO, NULL, "several", NULL },
	{ reports, PHASE_AUDIT, "tlsrpt", SILENT, NULL, NULL, NULL },
	{ reports_unreadable, PHASE_AUDIT, "tlsrpt", SILENT, NULL, NULL, NULL },
	{ takes_no_mail, PHASE_AUDIT, "tlsrpt", SILENT, NULL, NULL, NULL },
	{ caa_nobody, 0, "caa-mta-sts", BY_LEVELS, "x.net CAA", HOST, "0 issue" },
	{ caa_critical, PHASE_AUDIT, "caa-mta-sts", SEVERITY_INFO, NULL, NULL, NULL },
	{ caa_and_bad_certificate, PHASE_AUDIT, "caa-mta-sts", SEVERITY_INFO, "mta-sts.x.net CAA",
	  "only ca.example", NULL },
	{ caa_somebody, PHASE_AUDIT, "caa-mta-sts", SILENT, NULL, NULL, NULL },
	{ caa_wild_only, PHASE_AUDIT, "caa-mta-sts", SILENT, NULL, NULL, NULL },
	{ caa_of_its_own, PHASE_AUDIT, "caa-mta-sts", SILENT, NULL, NULL, NULL },
	{ caa_without_sts, PHASE_AUDIT, "caa-mta-sts", SILENT, NULL, NULL, NULL },
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
	scenes_cover(sts_checks, scenes, SCENES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scene_gets_its_finding),
		cmocka_unit_test(every_row_has_both_scenes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
