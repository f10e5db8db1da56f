#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow/gates.h"
#include "sample.h"
#include "zone/dname.h"

#define NEW_TLSA "_25._tcp.treyresearch-com.mail.protection.outlook.com TLSA"

enum { OLD_TTL = 86400 };

/* A world in which every gate is open; each test spoils one thing. */
struct world {
	struct sample s;
	struct audit audit;
	struct gate_mailbox box;
	struct gate_host host;
	struct rcpt_probe probe;
	struct gate_evidence ev;
	const struct gate *gates;
	size_t n;
};

static void stage_everywhere(struct sample *s)
{
	const struct rrset *spf = sample_rrset(s, DOMAIN, RR_TXT, 3600,
					       "\"v=spf1 include:nwtraders.com -all\"");
	sample_all_show(s, DOMAIN, RR_TXT,
			rrset_with(s->a, spf, "\"MS=ms87257449\"", &(struct err){ 0 }));
	sample_all_show(s, DOMAIN, RR_MX,
			sample_rrset(s, DOMAIN, RR_MX, 300, "10 mx1.nwtraders.com."));
}

static void good_mail(struct world *w)
{
	w->box = (struct gate_mailbox){
		.address = "a@treyresearch.com",
		.row = 2,
		.status = { .known = true,
			    .state = MAILBOX_SYNCED,
			    .last_pass_start_ms = SAMPLE_NOW_MS - 3600000,
			    .last_pass_end_ms = SAMPLE_NOW_MS - 3500000,
			    .last_verified_ms = SAMPLE_NOW_MS - 3400000,
			    .verdict = { .verified = true, .compared = 10 },
			    .messages = 10,
			    .acknowledged = 10,
			    .counts_agree = true },
	};
	w->host = (struct gate_host){
		.name = "mx.new",
		.address = "127.0.0.1",
		.probed = true,
		.report = { .connected = true,
			    .banner = "220 mx.new",
			    .tls = true,
			    .tls_verified = true,
			    .rejects_random = true },
	};
	w->probe = (struct rcpt_probe){ "a@treyresearch.com", RCPT_ACCEPTED, "250 ok" };
}

static int setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	struct err e = { 0 };
	sample_init(&w->s);
	assert_int_equal(plan_compute(w->s.a,
				      &(struct plan_from){ .project = &w->s.project,
							   .snap = &w->s.snap,
							   .now_ms = SAMPLE_NOW_MS },
				      &w->ev.plan, &e),
			 0);
	stage_everywhere(&w->s);
	good_mail(w);
	w->audit.snap = &w->s.snap;
	w->ev.project = &w->s.project;
	w->ev.now_ms = SAMPLE_NOW_MS;
	w->ev.audit = &w->audit;
	w->ev.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS - (OLD_TTL + 1) * 1000LL;
	w->ev.history.mx_old_ttl = OLD_TTL;
	w->ev.staged = true;
	w->ev.mailboxes = &w->box;
	w->ev.mailbox_n = 1;
	w->ev.hosts = &w->host;
	w->ev.host_n = 1;
	w->ev.probes = &w->probe;
	w->ev.probe_n = 1;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	sample_release(&w->s);
	free(w);
	return 0;
}

static enum gate_verdict all(struct world *w, int64_t *until_ms)
{
	w->n = gates_decide(w->s.a, &w->ev, &w->gates);
	return gates_verdict(w->gates, w->n, until_ms);
}

static const struct gate *gate(struct world *w, const char *id)
{
	int64_t until_ms;
	(void)all(w, &until_ms);
	for (size_t i = 0; i < w->n; i++)
		if (str_eq(w->gates[i].id, id))
			return &w->gates[i];
	fail_msg("no gate %s", id);
	return NULL;
}

/* Only this gate is not open; it says so with evidence and a remedy. */
static void only(struct world *w, const char *id, enum gate_verdict verdict, const char *evidence)
{
	const struct gate *g = gate(w, id);
	if (g->verdict != verdict || strstr(g->evidence, evidence) == NULL)
		fail_msg("%s: %s: %s", id, gate_verdict_name(g->verdict), g->evidence);
	assert_true(g->remedy[0] != '\0');
	for (size_t i = 0; i < w->n; i++)
		if (&w->gates[i] != g && w->gates[i].verdict != GATE_OPEN)
			fail_msg("also %s: %s", w->gates[i].id, w->gates[i].evidence);
}

static bool passes(struct world *w, const char *id)
{
	return gate_lets_pass(gate(w, id));
}

/* Takes upon himself what the gate says now. */
static void accept_now(struct world *w, const char *id, struct gate_acceptance *accepted)
{
	w->ev.accepted_n = 0;
	*accepted = (struct gate_acceptance){ .gate = id, .reason = "we know" };
	accepted->matter = gate(w, id)->matter;
	w->ev.accepted = accepted;
	w->ev.accepted_n = 1;
	assert_true(passes(w, id));
}

static void a_good_world_is_open(void **state)
{
	struct world *w = *state;
	int64_t until_ms;
	if (all(w, &until_ms) != GATE_OPEN)
		for (size_t i = 0; i < w->n; i++)
			if (w->gates[i].verdict != GATE_OPEN)
				fail_msg("%s: %s", w->gates[i].id, w->gates[i].evidence);
	assert_int_equal(w->n, 17);
	assert_int_equal(until_ms, 0);
}

static void every_gate_has_a_name_in_the_policy(void **state)
{
	struct world *w = *state;
	int64_t until_ms;
	(void)all(w, &until_ms);
	size_t n = 0;
	while (gate_ids()[n] != NULL)
		n++;
	assert_int_equal(n, w->n);
	for (size_t i = 0; i < n; i++)
		(void)gate(w, gate_ids()[i]);
}

static void a_blocker_closes(void **state)
{
	struct world *w = *state;
	*vec_push(w->s.a, &w->audit.findings.list) = (struct finding){
		.check = "spf-multiple",
		.severity = SEVERITY_BLOCKER,
		.message = "two records",
		.remedy = "join them",
	};
	only(w, "no-blocking-finding", GATE_CLOSED, "two records");
}

static void a_finding_with_a_gate_of_its_own_does_not_close_twice(void **state)
{
	struct world *w = *state;
	int64_t until_ms;
	*vec_push(w->s.a, &w->audit.findings.list) =
		(struct finding){ .check = "ttl-lowering-not-effective",
				  .severity = SEVERITY_BLOCKER,
				  .message = "",
				  .remedy = "" };
	assert_int_equal(all(w, &until_ms), GATE_OPEN);
}

static void finding(struct world *w, const char *check, enum severity severity)
{
	*vec_push(w->s.a, &w->audit.findings.list) = (struct finding){ .check = check,
								       .severity = severity,
								       .subject = DOMAIN,
								       .message = "it is so",
								       .remedy = "do this" };
}

static void mail_policies_have_gates_of_their_own(void **state)
{
	struct world *w = *state;
	finding(w, "mta-sts-policy-stale", SEVERITY_BLOCKER);
	only(w, "mta-sts-covers-new-mx", GATE_CLOSED, "it is so");
	w->audit.findings.list.at[0].severity = SEVERITY_WARNING; /* testing mode */
	assert_int_equal(gate(w, "mta-sts-covers-new-mx")->verdict, GATE_OPEN);
	w->audit.findings.list.at[0].check = "mta-sts-policy-unreachable";
	only(w, "mta-sts-covers-new-mx", GATE_CANNOT_TELL, "it is so");
	w->audit.findings.list.at[0].check = "dane-tlsa-malformed";
	w->audit.findings.list.at[0].subject = NEW_TLSA;
	only(w, "tlsa-consistent", GATE_CLOSED, "it is so");
	w->audit.findings.list.at[0].subject = DOMAIN;
	w->audit.findings.list.at[0].check = "dnssec-rrsig-expiring";
	only(w, "dnssec-valid", GATE_CLOSED, "it is so");
}

static void what_is_ignored_opens_no_gate_of_its_own(void **state)
{
	struct world *w = *state;
	const struct ignored_finding ignored = {
		.finding = { .check = "dnssec-bogus",
			     .severity = SEVERITY_BLOCKER,
			     .subject = DOMAIN,
			     .message = "it is so",
			     .remedy = "do this" },
		.reason = "we know",
	};
	w->audit.ignored = &ignored;
	w->audit.ignored_n = 1;
	only(w, "dnssec-valid", GATE_CLOSED, "it is so");
}

/* The record is there, its policy was not fetched: that is not the same as no policy. */
static void an_unread_policy_is_not_taken_for_none(void **state)
{
	struct world *w = *state;
	static const char name[] = "_mta-sts." DOMAIN;
	struct seen seen = { .question = { name, RR_TXT },
			     .state = SEEN_DATA,
			     .rrset = sample_rrset(&w->s, name, RR_TXT, 300, "\"v=STSv1; id=1\"") };
	struct server_view server = { .name = "ns.", .address = "", .n = 1, .seen = &seen };
	struct snapshot snap = { .domain = DOMAIN, .server_n = 1, .servers = &server };
	w->audit.snap = &snap;
	assert_int_equal(gate(w, "mta-sts-covers-new-mx")->verdict, GATE_CANNOT_TELL);
	snap.sts.fetch = STS_FETCHED;
	assert_int_equal(gate(w, "mta-sts-covers-new-mx")->verdict, GATE_OPEN);
	snap.sts.fetch = STS_NOT_ASKED;
	seen.state = SEEN_UNREADABLE;
	assert_int_equal(gate(w, "mta-sts-covers-new-mx")->verdict, GATE_CANNOT_TELL);
	seen.state = SEEN_NODATA;
	assert_int_equal(gate(w, "mta-sts-covers-new-mx")->verdict, GATE_OPEN);
	/* The domain has an alias only, and a service the record. */
	struct lookup followed = {
		.seen = { .question = { name, RR_TXT }, .state = SEEN_DATA, .rrset = seen.rrset }
	};
	seen.rrset = NULL;
	seen.alias = "sts.service.example.";
	snap.lookups = &followed;
	snap.lookup_n = 1;
	assert_int_equal(gate(w, "mta-sts-covers-new-mx")->verdict, GATE_CANNOT_TELL);
	followed.seen.state = SEEN_NXDOMAIN;
	assert_int_equal(gate(w, "mta-sts-covers-new-mx")->verdict, GATE_OPEN);
}

static void each_cause_is_accepted_by_itself(void **state)
{
	struct world *w = *state;
	static const char name[] = "_mta-sts." DOMAIN;
	struct seen seen = { .question = { name, RR_TXT }, .state = SEEN_UNREADABLE };
	struct server_view server = { .name = "ns.", .address = "", .n = 1, .seen = &seen };
	struct snapshot snap = { .domain = DOMAIN, .server_n = 1, .servers = &server };
	w->audit.snap = &snap;
	const char *unread = gate(w, "mta-sts-covers-new-mx")->matter;
	finding(w, "mta-sts-policy-unreachable", SEVERITY_WARNING);
	const char *unreachable = gate(w, "mta-sts-covers-new-mx")->matter;
	w->audit.findings.list.at[0].check = "mta-sts-record-invalid";
	const char *invalid = gate(w, "mta-sts-covers-new-mx")->matter;
	assert_string_not_equal(unread, unreachable);
	assert_string_not_equal(unread, invalid);
	assert_string_not_equal(unreachable, invalid);
}

/* Both are waited for to the second; what cannot settle by waiting is closed. */
static void a_changed_mail_policy_is_waited_for(void **state)
{
	struct world *w = *state;
	const int64_t until_ms = SAMPLE_NOW_MS + 1000;
	w->ev.sts = (struct settling){ SETTLING, SAMPLE_NOW_MS - 1000, until_ms, 2, NULL };
	only(w, "mta-sts-covers-new-mx", GATE_WAITING, "max_age 2 s");
	assert_int_equal(gate(w, "mta-sts-covers-new-mx")->until_ms, until_ms);
	w->ev.sts.state = SETTLING_STUCK;
	only(w, "mta-sts-covers-new-mx", GATE_CLOSED, "its id is that of the policy before");
	w->ev.sts.state = SETTLED;
	w->ev.tlsa = (struct settling){ SETTLING, SAMPLE_NOW_MS - 1000, until_ms, 2, "x TLSA" };
	only(w, "tlsa-consistent", GATE_WAITING, "every server has x TLSA since");
	assert_int_equal(gate(w, "tlsa-consistent")->until_ms, until_ms);
	w->ev.tlsa.state = SETTLING_STUCK;
	only(w, "tlsa-consistent", GATE_CLOSED, "not at every authoritative server");
}

/* Who is shut out by it is shut out today, and let in by the switch. */
static void malformed_tlsa_of_a_host_that_is_left_holds_nothing_up(void **state)
{
	struct world *w = *state;
	struct gate_acceptance accepted;
	finding(w, "dane-tlsa-malformed", SEVERITY_WARNING);
	w->audit.findings.list.at[0].subject = "_25._tcp.mx1.nwtraders.com TLSA";
	const struct gate *g = gate(w, "tlsa-consistent");
	assert_int_equal(g->verdict, GATE_OPEN);
	assert_non_null(strstr(g->evidence, "mx1.nwtraders.com"));
	assert_non_null(strstr(g->evidence, "a host that the switch leaves"));
	finding(w, "dane-tlsa-malformed", SEVERITY_WARNING);
	w->audit.findings.list.at[1].subject = NEW_TLSA;
	only(w, "tlsa-consistent", GATE_CLOSED, "it is so");
	accept_now(w, "tlsa-consistent", &accepted);
}

static void unread_tlsa_of_a_planned_host_cannot_be_told(void **state)
{
	struct world *w = *state;
	struct mx mx;
	assert_true(mx_parse(w->s.a, w->s.project.target_mx->rdata[0], &mx));
	struct lookup tlsa = { .seen = { .question = { arena_printf(w->s.a, "_25._tcp.%s", mx.host),
						       RR_TLSA },
					 .state = SEEN_UNREADABLE } };
	struct secure_zone zone = { .zone = dname_parent(mx.host),
				    .secure = { .state = SECURE_INSECURE } };
	struct dnssec_view view = { .zone_n = 1, .zones = &zone };
	w->s.snap.lookups = &tlsa;
	w->s.snap.lookup_n = 1;
	only(w, "tlsa-consistent", GATE_CANNOT_TELL, "could not be read");
	w->audit.dnssec = &view;
	assert_int_equal(gate(w, "tlsa-consistent")->verdict, GATE_OPEN);
	zone.secure.state = SECURE_UNKNOWN;
	assert_int_equal(gate(w, "tlsa-consistent")->verdict, GATE_CANNOT_TELL);
	w->audit.dnssec = NULL;
	tlsa.seen.state = SEEN_NXDOMAIN;
	assert_int_equal(gate(w, "tlsa-consistent")->verdict, GATE_OPEN);
	tlsa.seen.state = SEEN_LAME;
	tlsa.seen.question.name = "_25._tcp.elsewhere.example.";
	assert_int_equal(gate(w, "tlsa-consistent")->verdict, GATE_OPEN);
}

static void dnssec_is_open_only_when_it_was_told(void **state)
{
	struct world *w = *state;
	struct dnssec_view view = { .anchored = true, .zone = { .state = SECURE_YES } };
	w->audit.dnssec = &view;
	assert_int_equal(gate(w, "dnssec-valid")->verdict, GATE_OPEN);
	view.zone.state = SECURE_INSECURE;
	assert_int_equal(gate(w, "dnssec-valid")->verdict, GATE_OPEN);
	assert_non_null(strstr(gate(w, "dnssec-valid")->evidence, "provably"));
	view.zone.unproven = true;
	assert_int_equal(gate(w, "dnssec-valid")->verdict, GATE_OPEN);
	assert_string_equal(gate(w, "dnssec-valid")->evidence, "no DS is published for the zone");
	view.zone = (struct secure){ .state = SECURE_UNKNOWN, .detail = "no DNSKEY was readable" };
	only(w, "dnssec-valid", GATE_CANNOT_TELL, "no DNSKEY was readable");
}

static void a_lagging_secondary_closes(void **state)
{
	struct world *w = *state;
	sample_shows(
		&w->s, 1, DOMAIN, RR_TXT,
		sample_rrset(&w->s, DOMAIN, RR_TXT, 3600, "\"v=spf1 include:nwtraders.com -all\""));
	const struct gate *served = gate(w, "zone-edited-is-zone-served");
	assert_int_equal(served->verdict, GATE_CLOSED);
	assert_non_null(strstr(served->evidence, "ns52.domaincontrol.com"));
	assert_int_equal(gate(w, "ownership-verified")->verdict, GATE_CLOSED);
}

/* Planned again behind the staging: there is nothing left to stage, and what we wrote still shows
 * which zone is served. */
static void a_plan_made_anew_is_proved_by_what_is_in_force(void **state)
{
	struct world *w = *state;
	static const struct change_set none = { .n = 0 };
	struct plan anew = *w->ev.plan;
	const struct change_set *was = anew.staging;
	anew.staging = anew.policy = &none;
	w->ev.plan = &anew;
	only(w, "zone-edited-is-zone-served", GATE_CANNOT_TELL, "nothing had to be staged");
	w->ev.in_force = was;
	assert_int_equal(gate(w, "zone-edited-is-zone-served")->verdict, GATE_OPEN);
	sample_unreadable(&w->s, 1, DOMAIN, RR_TXT);
	assert_int_equal(gate(w, "zone-edited-is-zone-served")->verdict, GATE_CLOSED);
}

/* A switch that was killed between its intent and the write has begun all of its RRsets, and shows
 * none: what was staged is the evidence still. */
static void a_switch_that_may_have_begun_shows_either(void **state)
{
	struct world *w = *state;
	static const char spf[] = "\"v=spf1 include:elsewhere.example -all\"";
	const struct change_set *staging = w->ev.plan->staging;
	struct change *changes = ARENA_ARRAY(w->s.a, staging->n, struct change);
	const struct change_set begun = { "switch", staging->zone, staging->n, changes };
	memcpy(changes, staging->changes, staging->n * sizeof(*changes));
	for (size_t i = 0; i < staging->n; i++)
		changes[i].after = sample_rrset(&w->s, changes[i].name, changes[i].type, 300,
						changes[i].type == RR_MX ? "5 mx.elsewhere.example."
									 : spf);
	w->ev.begun = &begun;
	assert_int_equal(gate(w, "zone-edited-is-zone-served")->verdict, GATE_OPEN);
	w->ev.in_force = &begun; /* that much of it is known to be done, and the rest is not */
	assert_int_equal(gate(w, "zone-edited-is-zone-served")->verdict, GATE_OPEN);
	sample_shows(&w->s, 1, DOMAIN, RR_TXT, sample_rrset(&w->s, DOMAIN, RR_TXT, 300, spf));
	assert_int_equal(gate(w, "zone-edited-is-zone-served")->verdict, GATE_OPEN);
	const char *const half[] = { "5 mx.elsewhere.example.", "10 mx1.nwtraders.com." };
	struct err e;
	sample_shows(&w->s, 1, DOMAIN, RR_MX, rrset_make(w->s.a, DOMAIN, RR_MX, 300, 2, half, &e));
	assert_int_equal(gate(w, "zone-edited-is-zone-served")->verdict, GATE_OPEN);
	sample_shows(&w->s, 1, DOMAIN, RR_TXT,
		     sample_rrset(&w->s, DOMAIN, RR_TXT, 300, "\"v=spf1 -all\""));
	assert_int_equal(gate(w, "zone-edited-is-zone-served")->verdict, GATE_CLOSED);
}

static void not_staged_closes(void **state)
{
	struct world *w = *state;
	w->ev.staged = false;
	only(w, "zone-edited-is-zone-served", GATE_CLOSED, "not made yet");
}

static void a_high_ttl_at_one_server_closes(void **state)
{
	struct world *w = *state;
	sample_shows(&w->s, 1, DOMAIN, RR_MX,
		     sample_rrset(&w->s, DOMAIN, RR_MX, 86400, "10 mx1.nwtraders.com."));
	assert_int_equal(gate(w, "mx-ttl-low")->verdict, GATE_CLOSED);
	assert_int_equal(gate(w, "old-ttl-drained")->verdict, GATE_CLOSED);
	/* It was staged: doing that again does not help, and what does is said. */
	assert_non_null(strstr(gate(w, "mx-ttl-low")->remedy, "max_mx_ttl: 86400"));
	w->ev.staged = false;
	assert_non_null(strstr(gate(w, "mx-ttl-low")->remedy, "cutover stage"));
}

static void the_old_ttl_is_waited_for_to_the_second(void **state)
{
	struct world *w = *state;
	int64_t until_ms;
	w->ev.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS - 3600 * 1000;
	only(w, "old-ttl-drained", GATE_WAITING, "may still hold the old MX");
	assert_int_equal(all(w, &until_ms), GATE_WAITING);
	assert_int_equal(until_ms, SAMPLE_NOW_MS - 3600 * 1000 + OLD_TTL * 1000LL);
}

static void a_clock_that_was_set_is_told_beside_the_wait(void **state)
{
	struct world *w = *state;
	w->ev.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS - 3600 * 1000;
	w->ev.history.clock_set_ms = 2 * 86400 * 1000;
	only(w, "old-ttl-drained", GATE_WAITING, "clock was set forward by 2 d 0 h since");
	w->ev.history.clock_set_ms = -3600 * 1000;
	only(w, "old-ttl-drained", GATE_WAITING, "clock was set back by 1 h 00 min since");
	w->ev.history.clock_set_ms = -2; /* forward, and right again */
	assert_null(strstr(gate(w, "old-ttl-drained")->evidence, "clock"));
	w->ev.history.clock_set_ms = 0;
	w->ev.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS + 1;
	only(w, "old-ttl-drained", GATE_WAITING, "still to come");
}

/* It asks anew each time and shows its own time each time: only a person can end that. */
static void a_resolver_that_keeps_short_ttls_longer_is_told_with_what_to_do(void **state)
{
	struct world *w = *state;
	struct gate_acceptance accepted;
	const struct rrset *mx = sample_rrset(&w->s, DOMAIN, RR_MX, 7200, "10 mx1.nwtraders.com.");
	sample_shows(&w->s, SERVERS, DOMAIN, RR_MX, mx);
	struct seen *seen = arena_memdup(w->s.a, w->s.resolver.seen,
					 w->s.resolver.n * sizeof(*seen));
	for (size_t i = 0; i < w->s.resolver.n; i++)
		seen[i].at_ms = SAMPLE_NOW_MS;
	w->s.resolver.seen = seen;
	only(w, "old-ttl-drained", GATE_WAITING, "resolver 127.0.0.53 holds the MX until");
	const struct gate *g = gate(w, "old-ttl-drained");
	assert_non_null(strstr(g->evidence, "by the servers' own old TTL of 86400 s"));
	assert_non_null(strstr(g->remedy, "cutover accept old-ttl-drained"));
	assert_int_equal(g->until_ms, SAMPLE_NOW_MS + 7200 * 1000);
	accept_now(w, "old-ttl-drained", &accepted);
	/* That was for the resolver, not for the servers' own TTL. */
	sample_shows(&w->s, SERVERS, DOMAIN, RR_MX,
		     sample_rrset(&w->s, DOMAIN, RR_MX, 300, "10 mx1.nwtraders.com."));
	w->ev.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS;
	assert_false(passes(w, "old-ttl-drained"));
}

static void an_unknown_old_ttl_cannot_be_told(void **state)
{
	struct world *w = *state;
	int64_t until_ms;
	w->ev.history.mx_old_ttl = 0;
	only(w, "old-ttl-drained", GATE_CANNOT_TELL, "not known");
	assert_non_null(strstr(gate(w, "old-ttl-drained")->remedy, "mx_old_ttl"));
	assert_int_equal(all(w, &until_ms), GATE_CLOSED); /* they fail closed */
}

/* What would help is said: no staging lowers the TTL of an MX that is not there. */
static void a_domain_without_mx_is_told_so(void **state)
{
	struct world *w = *state;
	sample_all_show(&w->s, DOMAIN, RR_MX, NULL);
	w->ev.history.mx_ttl_lowered_ms = 0;
	assert_int_equal(gate(w, "mx-ttl-low")->verdict, GATE_OPEN);
	assert_int_equal(gate(w, "old-ttl-drained")->verdict, GATE_CANNOT_TELL);
	assert_non_null(strstr(gate(w, "old-ttl-drained")->evidence, "has no MX record"));
	assert_non_null(strstr(gate(w, "old-ttl-drained")->remedy, "cutover accept"));
	sample_unreadable(&w->s, 0, DOMAIN, RR_MX);
	sample_unreadable(&w->s, 1, DOMAIN, RR_MX);
	assert_int_equal(gate(w, "mx-ttl-low")->verdict, GATE_CANNOT_TELL);
}

/* The TTL is low everywhere, and yet no clock runs. */
static void name_servers_that_do_not_agree_are_told_as_such(void **state)
{
	struct world *w = *state;
	w->s.snap.parent_ns = sample_rrset(&w->s, DOMAIN, RR_NS, 300, "ns51.domaincontrol.com.");
	w->s.snap.child_ns = sample_rrset(&w->s, DOMAIN, RR_NS, 300, "ns99.domaincontrol.com.");
	w->ev.history.ns_changed_ms = SAMPLE_NOW_MS - 1000;
	only(w, "old-ttl-drained", GATE_CLOSED, "do not name the same servers");
}

static void a_failed_mailbox_closes_with_its_row(void **state)
{
	struct world *w = *state;
	w->box.status.state = MAILBOX_FAILED;
	err_set(&w->box.status.err, ERR_ACCOUNT, "the server refused this password");
	only(w, "mailboxes-complete", GATE_CLOSED,
	     "(row 2 of the CSV): the server refused this password");
}

static void a_mailbox_that_fell_out_of_the_list_closes(void **state)
{
	static const char *const lost[] = { "ben@treyresearch.com" };
	struct world *w = *state;
	w->ev.dropped = (struct gate_dropped){ 1, lost };
	only(w, "mailboxes-complete", GATE_CLOSED,
	     "1 of 2 mailboxes are not complete: ben@treyresearch.com: it was copied before");
}

static void one_missing_message_closes(void **state)
{
	struct world *w = *state;
	w->box.status.acknowledged = 9;
	only(w, "mailboxes-complete", GATE_CLOSED, "9 of 10 messages");
}

static void refused_messages_count_against_the_policy(void **state)
{
	struct world *w = *state;
	int64_t until_ms;
	w->box.status.acknowledged = 9;
	w->box.status.refused = 1;
	only(w, "mailboxes-complete", GATE_CLOSED, "refused 1 messages");
	w->s.project.policy.max_skipped = 1;
	assert_int_equal(all(w, &until_ms), GATE_OPEN);
}

static void an_old_pass_closes(void **state)
{
	struct world *w = *state;
	w->box.status.last_pass_start_ms = SAMPLE_NOW_MS - 25 * 3600 * 1000;
	only(w, "mailboxes-fresh", GATE_CLOSED, "1 d 1 h ago");
}

/* A laptop whose clock was a month ahead: the pass may be of any age. */
static void a_pass_that_is_still_to_come_proves_nothing(void **state)
{
	struct world *w = *state;
	w->box.status.last_pass_start_ms = SAMPLE_NOW_MS + 3600 * 1000;
	only(w, "mailboxes-fresh", GATE_CANNOT_TELL, "still to come: a@treyresearch.com");
	assert_non_null(strstr(gate(w, "mailboxes-fresh")->remedy, "clock"));
	w->box.status.last_pass_start_ms = SAMPLE_NOW_MS + 500; /* NTP's little step */
	assert_int_equal(gate(w, "mailboxes-fresh")->verdict, GATE_OPEN);
}

static void an_unverified_mailbox_closes(void **state)
{
	struct world *w = *state;
	w->box.status.last_verified_ms = 0;
	only(w, "mailboxes-verified", GATE_CLOSED, "was not verified yet");
	w->box.status.last_verified_ms = 1;
	w->box.status.verdict.verified = false;
	w->box.status.verdict.missing = 3;
	only(w, "mailboxes-verified", GATE_CLOSED, "3 missing");
}

static void altered_line_ends_are_told(void **state)
{
	struct world *w = *state;
	w->box.status.verdict.altered = 2;
	str_copy(w->box.status.verdict.first_altered, sizeof(w->box.status.verdict.first_altered),
		 "'Corpus', UID 78");
	all(w, &(int64_t){ 0 });
	assert_int_equal(gate(w, "mailboxes-verified")->verdict, GATE_OPEN);
	assert_non_null(strstr(gate(w, "mailboxes-verified")->evidence,
			       "; 2 of them with line ends changed by the target (first "));
	assert_non_null(strstr(gate(w, "mailboxes-verified")->evidence, ": 'Corpus', UID 78)"));
	assert_non_null(strstr(gate(w, "mailboxes-verified")->evidence, "compared by SHA-256"));
	/* The weaker claim is told as such, and so are losses. */
	w->box.status.verdict.by_headers = true;
	w->box.status.verdict.losses = 2;
	w->box.status.verdict.repaired = 1;
	all(w, &(int64_t){ 0 });
	assert_int_equal(gate(w, "mailboxes-verified")->verdict, GATE_OPEN);
	assert_non_null(strstr(gate(w, "mailboxes-verified")->evidence,
			       "compared by their headers: this server writes messages anew"));
	assert_null(strstr(gate(w, "mailboxes-verified")->evidence, "SHA-256"));
	assert_non_null(strstr(gate(w, "mailboxes-verified")->evidence,
			       "2 of them arrived with a recorded loss"));
	assert_non_null(
		strstr(gate(w, "mailboxes-verified")->evidence, "1 of them repaired on the way"));
}

static void an_interrupted_pass_closes(void **state)
{
	struct world *w = *state;
	w->box.status.state = MAILBOX_SYNCING;
	only(w, "mailboxes-complete", GATE_CLOSED, "did not come to its end");
	w->box.status.state = MAILBOX_SYNCED;
	w->box.status.present = 14;
	only(w, "mailboxes-complete", GATE_CLOSED, "10 of 14 messages");
}

/* Even when the figures fit: a folder that was not opened may have changed. */
static void a_filtered_pass_closes(void **state)
{
	struct world *w = *state;
	str_copy(w->box.status.filter, sizeof(w->box.status.filter), "the folders Junk");
	only(w, "mailboxes-complete", GATE_CLOSED, "its last pass left out the folders Junk");
}

static void who_was_removed_is_named(void **state)
{
	struct world *w = *state;
	int64_t until_ms;
	w->ev.removed = "emi@treyresearch.com (left in May)";
	assert_int_equal(all(w, &until_ms), GATE_OPEN);
	assert_non_null(strstr(gate(w, "mailboxes-complete")->evidence,
			       "removed by hand: emi@treyresearch.com (left in May)"));
}

static void a_finished_tail_stays_complete(void **state)
{
	struct world *w = *state;
	int64_t until_ms;
	w->box.status.state = MAILBOX_COMPLETED;
	assert_int_equal(all(w, &until_ms), GATE_OPEN);
}

static void a_comparison_of_the_pilot_does_not_stand_for_all(void **state)
{
	struct world *w = *state;
	int64_t until_ms;
	w->box.status.messages = w->box.status.acknowledged = 11;
	w->box.status.since_verified = 1;
	assert_int_equal(all(w, &until_ms), GATE_OPEN); /* one of eleven came since */
	w->box.status.messages = w->box.status.acknowledged = 20000;
	w->box.status.since_verified = 19990;
	only(w, "mailboxes-verified", GATE_CLOSED,
	     "19990 of the 20000 messages at the target came after 10 were compared");
}

static void counts_that_disagree_close(void **state)
{
	struct world *w = *state;
	w->box.status.counts_agree = false;
	w->box.status.counts_note = "INBOX: STATUS 1300, EXISTS 1000";
	only(w, "counts-agree", GATE_CLOSED, "STATUS 1300, EXISTS 1000");
}

static void a_rejected_recipient_closes(void **state)
{
	struct world *w = *state;
	w->probe.verdict = RCPT_REJECTED;
	w->probe.reply = "550 5.1.1 unknown";
	only(w, "recipients-accepted", GATE_CLOSED, "550 5.1.1 unknown");
}

static void greylisting_cannot_be_told(void **state)
{
	struct world *w = *state;
	w->probe.verdict = RCPT_INCONCLUSIVE;
	w->probe.reply = "451 later";
	only(w, "recipients-accepted", GATE_CANNOT_TELL, "451 later");
}

static void a_catch_all_proves_nothing(void **state)
{
	struct world *w = *state;
	w->host.report.accepts_random = true;
	w->host.report.control = "x9@treyresearch.com";
	only(w, "recipients-accepted", GATE_CANNOT_TELL, "its yes proves nothing");
}

/* A second host that takes everybody hides no certain no of the first. */
static void a_rejection_is_told_before_a_catch_all(void **state)
{
	struct world *w = *state;
	struct gate_host hosts[2] = { w->host, w->host };
	hosts[1].report.accepts_random = true;
	hosts[1].report.control = "x9@treyresearch.com";
	w->ev.hosts = hosts;
	w->ev.host_n = 2;
	w->probe.verdict = RCPT_REJECTED;
	w->probe.reply = "550 5.1.1 unknown";
	only(w, "recipients-accepted", GATE_CLOSED, "550 5.1.1 unknown");
}

/* Greylisting lets those pass that were asked before, and says "not yet" to any random one. */
static void a_yes_without_a_no_proves_nothing(void **state)
{
	struct world *w = *state;
	w->host.report.rejects_random = false;
	only(w, "recipients-accepted", GATE_CANNOT_TELL, "does not clearly reject a random one");
}

static void an_mx_without_valid_tls_closes(void **state)
{
	struct world *w = *state;
	w->host.report.tls_verified = false;
	only(w, "new-mx-healthy", GATE_CLOSED, "does not verify");
	w->host.address = NULL;
	only(w, "new-mx-healthy", GATE_CLOSED, "no address");
}

/* What nwtraders.com's record says; NULL: it could not be read. */
static void nwtraders_says(struct world *w, const char *text)
{
	const char **texts = ARENA_ARRAY(w->s.a, 2, const char *);
	struct spf_view *views = ARENA_ARRAY(w->s.a, 3, struct spf_view);
	static const char *const new_sender[] = { "v=spf1 ip4:192.0.2.2 -all" };
	texts[0] = "v=spf1 include:nwtraders.com -all";
	texts[1] = text;
	views[2] = (struct spf_view){ "spf.protection.outlook.com.", "include", SEEN_DATA, 1,
				      new_sender };
	views[0] = (struct spf_view){ DOMAIN, NULL, SEEN_DATA, 1, &texts[0] };
	views[1] = (struct spf_view){ "nwtraders.com.", "include", SEEN_DATA, 1, &texts[1] };
	if (text == NULL)
		views[1] = (struct spf_view){ "nwtraders.com.", "include", SEEN_UNREADABLE, 0,
					      NULL };
	w->s.snap.spf = views;
	w->s.snap.spf_n = 3;
}

static void a_target_missing_from_spf_closes(void **state)
{
	struct world *w = *state;
	nwtraders_says(w, "v=spf1 ip4:192.0.2.1 -all");
	w->s.project.target_spf = "include:other.example";
	only(w, "spf-covers-target", GATE_CLOSED, "include:other.example");
}

static void a_sender_may_be_reached_through_another_s_record(void **state)
{
	struct world *w = *state;
	w->ev.plan = NULL;
	nwtraders_says(w, "v=spf1 include:spf.protection.outlook.com -all");
	const struct gate *g = gate(w, "spf-covers-target");
	assert_int_equal(g->verdict, GATE_OPEN);
	assert_non_null(strstr(g->evidence, "through what it includes"));
	nwtraders_says(w, "v=spf1 ?include:spf.protection.outlook.com -all");
	assert_int_equal(gate(w, "spf-covers-target")->verdict, GATE_CLOSED);
	nwtraders_says(w, NULL);
	g = gate(w, "spf-covers-target");
	assert_int_equal(g->verdict, GATE_CANNOT_TELL);
	assert_non_null(strstr(g->evidence, "nwtraders.com could not be read"));
	assert_non_null(strstr(g->remedy, "cutover plan"));
}

static void what_receivers_give_up_on_covers_nobody(void **state)
{
	struct world *w = *state;
	w->ev.plan = NULL;
	nwtraders_says(w, "v=spf1 a a a a a a a a include:spf.protection.outlook.com -all");
	assert_int_equal(gate(w, "spf-covers-target")->verdict, GATE_OPEN);
	nwtraders_says(w, "v=spf1 a a a a a a a a a include:spf.protection.outlook.com -all");
	const struct gate *g = gate(w, "spf-covers-target");
	assert_int_equal(g->verdict, GATE_CLOSED);
	assert_non_null(strstr(g->evidence, "needs 11 DNS look-ups"));
	nwtraders_says(w, "v=spf1 include:spf.protection.outlook.com include:nwtraders.com -all");
	g = gate(w, "spf-covers-target");
	assert_int_equal(g->verdict, GATE_CLOSED);
	assert_non_null(strstr(g->evidence, "leads back to itself"));
}

/* No plan will write it; and one server that lags is asked by receivers, too. */
static void spf_must_be_at_every_server(void **state)
{
	struct world *w = *state;
	w->ev.plan = NULL;
	w->s.project.target_spf = "include:nwtraders.com";
	assert_int_equal(gate(w, "spf-covers-target")->verdict, GATE_OPEN);
	sample_shows(&w->s, 1, DOMAIN, RR_TXT,
		     sample_rrset(&w->s, DOMAIN, RR_TXT, 300, "\"v=spf1 -all\""));
	const struct gate *g = gate(w, "spf-covers-target");
	assert_int_equal(g->verdict, GATE_CLOSED);
	assert_non_null(strstr(g->evidence, "127.53.0.2"));
}

static void drift_closes(void **state)
{
	struct world *w = *state;
	*vec_push(w->s.a, &w->audit.findings.list) = (struct finding){ .check = "plan-drift",
								       .severity = SEVERITY_WARNING,
								       .subject = "x.org MX",
								       .message = "changed",
								       .remedy = "plan" };
	only(w, "no-drift", GATE_CLOSED, "x.org MX: changed");
}

/* What project_load makes of window: { opens, ends }. */
static void set_window(struct world *w, int64_t opens_ms, int64_t ends_ms)
{
	w->s.project.window_opens_ms = opens_ms;
	w->s.project.window_ends_ms = ends_ms;
}

static void the_window_is_waited_for_and_ends(void **state)
{
	enum { HOUR_MS = 3600 * 1000 };
	struct world *w = *state;
	int64_t until_ms;
	set_window(w, SAMPLE_NOW_MS + HOUR_MS, SAMPLE_NOW_MS + 2 * HOUR_MS);
	only(w, "window-open", GATE_WAITING, "opens at");
	assert_int_equal(all(w, &until_ms), GATE_WAITING);
	assert_int_equal(until_ms, SAMPLE_NOW_MS + HOUR_MS);
	set_window(w, SAMPLE_NOW_MS, SAMPLE_NOW_MS + 1);
	assert_int_equal(gate(w, "window-open")->verdict, GATE_OPEN);
	set_window(w, SAMPLE_NOW_MS - HOUR_MS, SAMPLE_NOW_MS);
	only(w, "window-open", GATE_CLOSED, "ended at");
	assert_int_equal(all(w, &until_ms), GATE_CLOSED);
	static const struct change first = { .name = DOMAIN, .type = RR_MX };
	static const struct change_set begun = { "switch", DOMAIN, 1, &first };
	w->ev.begun = &begun; /* and cut in the middle */
	assert_int_equal(gate(w, "window-open")->verdict, GATE_OPEN);
	w->ev.begun = NULL;
	w->ev.switched = true;
	assert_int_equal(gate(w, "window-open")->verdict, GATE_OPEN);
}

static void another_window_is_accepted_anew(void **state)
{
	struct world *w = *state;
	int64_t until_ms;
	struct gate_acceptance accepted = { .gate = "window-open", .reason = "all are here" };
	set_window(w, SAMPLE_NOW_MS - 2, SAMPLE_NOW_MS - 1);
	accepted.matter = gate(w, "window-open")->matter;
	w->ev.accepted = &accepted;
	w->ev.accepted_n = 1;
	assert_int_equal(all(w, &until_ms), GATE_OPEN);
	set_window(w, SAMPLE_NOW_MS - 9000, SAMPLE_NOW_MS - 5000);
	assert_int_equal(all(w, &until_ms), GATE_CLOSED);
}

static void no_mailboxes_at_all_close(void **state)
{
	struct world *w = *state;
	int64_t until_ms;
	w->ev.mailbox_n = 0;
	w->ev.probe_n = 0;
	assert_int_equal(all(w, &until_ms), GATE_CLOSED);
	assert_int_equal(gate(w, "mailboxes-complete")->verdict, GATE_CLOSED);
	w->ev.users_error = "users.csv:3: empty password";
	assert_non_null(strstr(gate(w, "mailboxes-complete")->evidence, "users.csv:3"));
}

static void policy_and_acceptance_let_pass_but_still_tell(void **state)
{
	struct world *w = *state;
	int64_t until_ms;
	const struct project_gate warn = { "mailboxes-fresh", GATE_WARN };
	const struct gate_acceptance accepted = { "mailboxes-fresh", "closed: a@treyresearch.com ",
						  "the office is closed", 5 };
	w->box.status.last_pass_start_ms = 1;
	assert_int_equal(all(w, &until_ms), GATE_CLOSED);
	w->s.project.policy.gates = &warn;
	w->s.project.policy.gate_n = 1;
	assert_int_equal(all(w, &until_ms), GATE_OPEN);
	assert_int_equal(gate(w, "mailboxes-fresh")->verdict, GATE_CLOSED);
	w->s.project.policy.gate_n = 0;
	w->ev.accepted = &accepted;
	w->ev.accepted_n = 1;
	assert_int_equal(all(w, &until_ms), GATE_OPEN);
	assert_string_equal(gate(w, "mailboxes-fresh")->accepted, "the office is closed");
}

static void an_acceptance_is_for_what_was_seen(void **state)
{
	struct world *w = *state;
	int64_t until_ms;
	struct gate_acceptance accepted = { .gate = "mailboxes-complete", .reason = "she left" };
	w->box.status.state = MAILBOX_FAILED;
	err_set(&w->box.status.err, ERR_ACCOUNT, "the server refused this password");
	accepted.matter = gate(w, "mailboxes-complete")->matter;
	w->ev.accepted = &accepted;
	w->ev.accepted_n = 1;
	assert_int_equal(all(w, &until_ms), GATE_OPEN);
	w->box.address = "somebody.else@treyresearch.com";
	assert_int_equal(all(w, &until_ms), GATE_CLOSED);
}

/* Two are taken upon somebody; one of them is mended, then something else comes. */
static void an_acceptance_stands_while_nothing_new_is_seen(void **state)
{
	struct world *w = *state;
	struct gate_acceptance accepted;
	struct gate_mailbox boxes[3] = { w->box, w->box, w->box };
	const char *const addresses[] = { "a@x.net", "b@x.net", "c@x.net" };
	for (size_t i = 0; i < 3; i++) {
		boxes[i].address = addresses[i];
		boxes[i].row = i + 2;
		boxes[i].status.state = i < 2 ? MAILBOX_FAILED : MAILBOX_SYNCED;
		err_set(&boxes[i].status.err, ERR_ACCOUNT, "the server refused this password");
	}
	w->ev.mailboxes = boxes;
	w->ev.mailbox_n = 3;
	accept_now(w, "mailboxes-complete", &accepted);
	boxes[0].status.state = MAILBOX_SYNCED;
	boxes[1].row = 7; /* the list was sorted meanwhile */
	assert_true(passes(w, "mailboxes-complete"));
	assert_string_equal(gate(w, "mailboxes-complete")->accepted, "we know");
	boxes[2].status.state = MAILBOX_FAILED;
	assert_false(passes(w, "mailboxes-complete"));
	boxes[2].status.state = MAILBOX_SYNCED;
	boxes[1].status.state = MAILBOX_SYNCED;
	assert_int_equal(gate(w, "mailboxes-complete")->verdict, GATE_OPEN);
	const struct gate_acceptance other = { .gate = "mailboxes-complete",
					       .matter = "cannot tell: b@x.net; ",
					       .reason = "another verdict" };
	boxes[1].status.state = MAILBOX_FAILED;
	w->ev.accepted = &other;
	assert_false(passes(w, "mailboxes-complete"));
}

/* No plan yet is no fewer of the drifts that were accepted: it names none, and is only itself. */
static void a_matter_without_faults_is_only_itself(void **state)
{
	struct world *w = *state;
	struct gate_acceptance accepted;
	finding(w, "plan-drift", SEVERITY_WARNING);
	accept_now(w, "no-drift", &accepted);
	w->ev.plan = NULL;
	assert_false(passes(w, "no-drift"));
	accept_now(w, "no-drift", &accepted);
}

static void the_finding_that_is_left_was_accepted(void **state)
{
	struct world *w = *state;
	struct gate_acceptance accepted;
	finding(w, "dnssec-rrsig-expiring", SEVERITY_WARNING);
	finding(w, "dnssec-ds-orphan", SEVERITY_WARNING);
	accept_now(w, "dnssec-valid", &accepted);
	w->audit.findings.list.n = 1;
	assert_true(passes(w, "dnssec-valid"));
}

/* One dead server among good ones may be accepted; a good one that loses the record may not come
 * along with it. */
static void a_dead_server_that_was_accepted_hides_no_other(void **state)
{
	static const char *const ids[] = { "zone-edited-is-zone-served", "ownership-verified" };
	struct world *w = *state;
	struct gate_acceptance accepted;
	const struct rrset *staged = server_seen(&w->s.servers[0], DOMAIN, RR_TXT)->rrset;
	const struct rrset *bare = sample_rrset(&w->s, DOMAIN, RR_TXT, 3600,
						"\"v=spf1 include:nwtraders.com -all\"");
	for (size_t i = 0; i < 2; i++) {
		sample_unreadable(&w->s, 0, DOMAIN, RR_TXT);
		accept_now(w, ids[i], &accepted);
		sample_shows(&w->s, 1, DOMAIN, RR_TXT, bare);
		assert_false(passes(w, ids[i])); /* the other one too */
		sample_shows(&w->s, 1, DOMAIN, RR_TXT, staged);
		assert_true(passes(w, ids[i]));
		sample_shows(&w->s, 0, DOMAIN, RR_TXT, bare);
		assert_false(passes(w, ids[i])); /* it answers now, and says something else */
		sample_shows(&w->s, 0, DOMAIN, RR_TXT, staged);
	}
	w->ev.staged = false;
	accept_now(w, ids[0], &accepted);
	w->ev.staged = true;
	sample_unreadable(&w->s, 0, DOMAIN, RR_TXT);
	assert_false(passes(w, ids[0]));
}

static void a_ttl_that_was_accepted_may_not_rise(void **state)
{
	struct world *w = *state;
	struct gate_acceptance accepted;
	sample_shows(&w->s, 1, DOMAIN, RR_MX,
		     sample_rrset(&w->s, DOMAIN, RR_MX, 7200, "10 mx1.nwtraders.com."));
	accept_now(w, "mx-ttl-low", &accepted);
	sample_shows(&w->s, 1, DOMAIN, RR_MX,
		     sample_rrset(&w->s, DOMAIN, RR_MX, 86400, "10 mx1.nwtraders.com."));
	assert_false(passes(w, "mx-ttl-low"));
}

static void a_wait_that_was_accepted_is_for_that_ttl(void **state)
{
	struct world *w = *state;
	struct gate_acceptance accepted;
	w->ev.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS;
	w->ev.history.mx_old_ttl = 7200;
	accept_now(w, "old-ttl-drained", &accepted);
	w->ev.history.mx_old_ttl = 7 * 86400;
	assert_false(passes(w, "old-ttl-drained"));
}

/* Another MX, or another list of mailboxes, is another matter. */
static void an_answer_that_was_accepted_is_of_that_host_for_those_mailboxes(void **state)
{
	struct world *w = *state;
	struct gate_acceptance accepted;
	struct rcpt_probe probes[2] = { w->probe, w->probe };
	probes[1].address = "b@treyresearch.com";
	w->host.report.accepts_random = true;
	w->host.report.control = "x9@treyresearch.com";
	accept_now(w, "recipients-accepted", &accepted);
	w->host.name = "mx.other";
	assert_false(passes(w, "recipients-accepted"));
	w->host.name = "mx.new";
	assert_true(passes(w, "recipients-accepted"));
	w->ev.probes = probes;
	w->ev.probe_n = 2;
	assert_false(passes(w, "recipients-accepted"));
	w->host.report.tls_verified = false;
	accept_now(w, "new-mx-healthy", &accepted);
	w->host.address = NULL;
	assert_false(passes(w, "new-mx-healthy"));
}

static void a_finding_that_was_accepted_brings_no_other(void **state)
{
	struct world *w = *state;
	struct gate_acceptance accepted;
	finding(w, "plan-drift", SEVERITY_WARNING);
	accept_now(w, "no-drift", &accepted);
	finding(w, "plan-drift", SEVERITY_WARNING);
	w->audit.findings.list.at[1].subject = "autodiscover." DOMAIN;
	assert_false(passes(w, "no-drift"));
	finding(w, "dnssec-rrsig-expiring", SEVERITY_WARNING);
	accept_now(w, "dnssec-valid", &accepted);
	finding(w, "dnssec-bogus", SEVERITY_BLOCKER);
	assert_false(passes(w, "dnssec-valid"));
	w->s.project.target_spf = "include:other.example";
	accept_now(w, "spf-covers-target", &accepted);
	w->s.project.target_spf = "include:third.example";
	assert_false(passes(w, "spf-covers-target"));
}

static void verdicts_survive_their_document(void **state)
{
	struct world *w = *state;
	int64_t until_ms;
	const struct gate *again;
	w->ev.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS;
	(void)all(w, &until_ms);
	struct js *doc = gates_to_js(w->gates, w->n, SAMPLE_NOW_MS);
	assert_int_equal(gates_from_js(w->s.a, doc, &again), w->n);
	js_free(doc);
	for (size_t i = 0; i < w->n; i++) {
		assert_string_equal(again[i].id, w->gates[i].id);
		assert_int_equal(again[i].verdict, w->gates[i].verdict);
		assert_int_equal(again[i].until_ms, w->gates[i].until_ms);
		assert_string_equal(again[i].evidence, w->gates[i].evidence);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_good_world_is_open),
		T(every_gate_has_a_name_in_the_policy),
		T(a_blocker_closes),
		T(a_finding_with_a_gate_of_its_own_does_not_close_twice),
		T(mail_policies_have_gates_of_their_own),
		T(what_is_ignored_opens_no_gate_of_its_own),
		T(an_unread_policy_is_not_taken_for_none),
		T(each_cause_is_accepted_by_itself),
		T(a_changed_mail_policy_is_waited_for),
		T(malformed_tlsa_of_a_host_that_is_left_holds_nothing_up),
		T(unread_tlsa_of_a_planned_host_cannot_be_told),
		T(dnssec_is_open_only_when_it_was_told),
		T(a_lagging_secondary_closes),
		T(a_plan_made_anew_is_proved_by_what_is_in_force),
		T(a_switch_that_may_have_begun_shows_either),
		T(not_staged_closes),
		T(a_high_ttl_at_one_server_closes),
		T(the_old_ttl_is_waited_for_to_the_second),
		T(a_clock_that_was_set_is_told_beside_the_wait),
		T(a_resolver_that_keeps_short_ttls_longer_is_told_with_what_to_do),
		T(an_unknown_old_ttl_cannot_be_told),
		T(a_domain_without_mx_is_told_so),
		T(name_servers_that_do_not_agree_are_told_as_such),
		T(a_failed_mailbox_closes_with_its_row),
		T(a_mailbox_that_fell_out_of_the_list_closes),
		T(one_missing_message_closes),
		T(refused_messages_count_against_the_policy),
		T(an_old_pass_closes),
		T(an_unverified_mailbox_closes),
		T(altered_line_ends_are_told),
		T(an_interrupted_pass_closes),
		T(a_filtered_pass_closes),
		T(who_was_removed_is_named),
		T(a_finished_tail_stays_complete),
		T(a_comparison_of_the_pilot_does_not_stand_for_all),
		T(counts_that_disagree_close),
		T(a_rejected_recipient_closes),
		T(greylisting_cannot_be_told),
		T(a_catch_all_proves_nothing),
		T(an_mx_without_valid_tls_closes),
		T(a_target_missing_from_spf_closes),
		T(a_sender_may_be_reached_through_another_s_record),
		T(what_receivers_give_up_on_covers_nobody),
		T(spf_must_be_at_every_server),
		T(drift_closes),
		T(the_window_is_waited_for_and_ends),
		T(another_window_is_accepted_anew),
		T(no_mailboxes_at_all_close),
		T(policy_and_acceptance_let_pass_but_still_tell),
		T(an_acceptance_is_for_what_was_seen),
		T(an_acceptance_stands_while_nothing_new_is_seen),
		T(a_matter_without_faults_is_only_itself),
		T(the_finding_that_is_left_was_accepted),
		T(a_dead_server_that_was_accepted_hides_no_other),
		T(a_ttl_that_was_accepted_may_not_rise),
		T(a_wait_that_was_accepted_is_for_that_ttl),
		T(an_answer_that_was_accepted_is_of_that_host_for_those_mailboxes),
		T(a_finding_that_was_accepted_brings_no_other),
		T(a_pass_that_is_still_to_come_proves_nothing),
		T(a_rejection_is_told_before_a_catch_all),
		T(a_yes_without_a_no_proves_nothing),
		T(verdicts_survive_their_document),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
