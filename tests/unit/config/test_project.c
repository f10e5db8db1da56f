#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

static const char whole[] =
	"domain: TreyResearch.com\n"
	"target:\n"
	"  provider: microsoft365\n"
	"  mx: [ { preference: 0, host: Treyresearch-com.mail.protection.outlook.com } ]\n"
	"  mx_ttl: 1800\n"
	"  dkim: [ { selector: selector1, type: CNAME, target: s1.example.net },\n"
	"          { selector: s2, type: TXT, target: \"v=DKIM1; p=abc\" } ]\n"
	"  auth: { method: oauth-client-credentials, tenant: t, client_id: c,\n"
	"          certificate: file:app.pem }\n"
	"source:\n"
	"  imap: imaps://imap.nwtraders.com:1993\n"
	"  mx: [ mx1.nwtraders.com ]\n"
	"  spf: include:nwtraders.com\n"
	"  dkim_selectors: [ nw1 ]\n"
	"ownership: { name: \"@\", txt: \"MS=ms87257449\" }\n"
	"dns:\n"
	"  provider: rfc2136\n"
	"  server: 127.53.0.1\n"
	"  key_name: cutover\n"
	"  credentials: { key: env:TSIG_KEY }\n"
	"  nameservers: [ ns51.domaincontrol.com, ns52.domaincontrol.com ]\n"
	"mailboxes: users.csv\n"
	"subdomains: [ lists ]\n"
	"window: { opens: 2026-11-27T18:00Z, ends: 2026-11-28T06:00Z }\n"
	"policy:\n"
	"  max_mx_ttl: 1200\n"
	"  max_age_of_last_pass: 90m\n"
	"  gates: { recipients-accepted: warn, counts-agree: off }\n"
	"history: { mx_ttl_lowered: 2026-11-20T09:00Z, mx_old_ttl: 86400 }\n"
	"ignore:\n"
	"  - { check: ns-same-subnet, reason: both move in spring, since: 2026-11-20T09:00Z }\n"
	"  - check: mx-single\n"
	"    subject: treyresearch.com MX\n"
	"    reason: the provider has one name\n"
	"    since: 2026-11-21T09:00Z\n"
	"network:\n"
	"  resolvers: [ 127.0.0.53, \"127.53.0.3:5353\", \"[::1]:53\" ]\n"
	"  root_hints: lab/root.hints\n"
	"  ca_file: /etc/ca.pem\n"
	"  treat_as_public: [ 127.53.0.0/16 ]\n"
	"  allow_plaintext: [ Old.nwtraders.com. ]\n"
	"  connect_to: { imap.nwtraders.com: 127.53.0.10 }\n"
	"  dns_port: 5300\n"
	"  mail_timeout: 30s\n"
	"  provider_timeout: 45s\n";

static void reads_a_file_from_windows(void **state)
{
	struct scratch *s = *state;
	const struct project *p = scratch_project(
		s, "\xef\xbb\xbf"
		   "domain: a.example\r\nsource:\r\n  spf: include:b.example\r\n");
	if (p == NULL) {
		fail_msg("%s", s->e.text);
		return;
	}
	assert_string_equal(p->domain, "a.example.");
	assert_string_equal(p->source_spf, "include:b.example");
	assert_null(scratch_project(s, "\xef\xbb\xbf"
				       "domain: a.example\r\ntagret: x\r\n"));
	assert_non_null(strstr(s->e.text, ":2: unknown key 'tagret'"));
}

static void a_duration_has_its_unit(void **state)
{
	struct scratch *s = *state;
	assert_null(scratch_project(s, "domain: a.example\npolicy: { tail_idle: 72 }\n"));
	assert_non_null(strstr(s->e.text, ":2: policy.tail_idle"));
	assert_non_null(strstr(s->e.text, "must be a duration such as 90s"));
}

static void reads_every_section(void **state)
{
	struct scratch *s = *state;
	const struct project *p = scratch_project(s, whole);
	if (p == NULL) {
		fail_msg("%s", s->e.text);
		return;
	}
	assert_string_equal(p->domain, "treyresearch.com.");
	assert_string_equal(p->dir, s->dir);
	assert_string_equal(p->target_mx->rdata[0],
			    "0 treyresearch-com.mail.protection.outlook.com.");
	assert_int_equal(p->target_mx->ttl, 1800);
	assert_string_equal(p->source_imap, "imaps://imap.nwtraders.com:1993");
	assert_string_equal(p->source_mx[0], "mx1.nwtraders.com.");
	assert_null(p->source_mx[1]);
	assert_string_equal(p->ownership_name, "treyresearch.com.");
	assert_string_equal(p->ownership_txt, "MS=ms87257449");
	assert_string_equal(p->subdomains[0], "lists.treyresearch.com.");
	assert_string_equal(p->mailboxes, arena_printf(s->arena, "%s/users.csv", s->dir));
	assert_int_equal(p->window_ends_ms - p->window_opens_ms, 12 * 3600 * 1000);
	assert_int_equal(p->history.mx_old_ttl, 86400);
	assert_string_equal(p->target_auth.certificate, "file:app.pem");
}

static void reads_records_and_lists(void **state)
{
	struct scratch *s = *state;
	const struct project *p = scratch_project(s, whole);
	assert_non_null(p);
	assert_int_equal(p->dkim_n, 2);
	assert_string_equal(p->dkim[0].name, "selector1._domainkey.treyresearch.com.");
	assert_int_equal(p->dkim[0].type, RR_CNAME);
	assert_string_equal(p->dkim[0].value, "s1.example.net.");
	assert_int_equal(p->dkim[1].type, RR_TXT);
	assert_string_equal(p->dkim[1].value, "\"v=DKIM1; p=abc\"");
	assert_int_equal(p->policy.gate_n, 2);
	assert_string_equal(p->policy.gates[1].id, "counts-agree");
	assert_int_equal(p->policy.gates[1].policy, GATE_OFF);
	assert_int_equal(p->policy.gates[0].policy, GATE_WARN);
	assert_string_equal(p->network.resolvers[0], "127.0.0.53");
	assert_string_equal(p->network.resolvers[1], "127.53.0.3#5353");
	assert_string_equal(p->network.resolvers[2], "::1#53");
	assert_string_equal(p->network.root_hints,
			    arena_printf(s->arena, "%s/lab/root.hints", s->dir));
	assert_string_equal(p->network.ca_file, "/etc/ca.pem");
	assert_string_equal(p->network.allow_plaintext[0], "old.nwtraders.com");
	assert_string_equal(p->network.connect_to[0].host, "imap.nwtraders.com");
	assert_string_equal(p->network.connect_to[0].address, "127.53.0.10");
	assert_int_equal(p->network.dns_port, 5300);
	assert_int_equal(p->network.mail_timeout_ms, 30000);
	assert_int_equal(p->network.provider_timeout_ms, 45000);
}

static void reads_what_is_ignored(void **state)
{
	const struct project *p = scratch_project(*state, whole);
	char since[TIME_TEXT_MAX];
	assert_non_null(p);
	assert_int_equal(p->ignore_n, 2);
	assert_string_equal(p->ignores[0].check, "ns-same-subnet");
	assert_null(p->ignores[0].subject);
	assert_string_equal(p->ignores[0].reason, "both move in spring");
	assert_string_equal(time_format(p->ignores[0].since_ms, since), "2026-11-20T09:00:00Z");
	assert_string_equal(p->ignores[1].subject, "treyresearch.com MX");
	assert_true(p->ignores[1].line > p->ignores[0].line);
}

static void keeps_provider_options_apart(void **state)
{
	const struct project *p = scratch_project(*state, whole);
	assert_non_null(p);
	assert_string_equal(p->dns_provider, "rfc2136");
	assert_int_equal(p->dns_option_n, 2);
	assert_string_equal(p->dns_options[0].name, "server");
	assert_string_equal(p->dns_options[1].text, "cutover");
	assert_int_equal(p->dns_credential_n, 1);
	assert_string_equal(p->dns_credentials[0].name, "key");
	assert_string_equal(p->dns_credentials[0].text, "env:TSIG_KEY");
	assert_string_equal(p->dns_nameservers[1], "ns52.domaincontrol.com.");
}

static void gives_the_defaults(void **state)
{
	const struct project *p = scratch_project(*state, "domain: example.com\n");
	assert_non_null(p);
	assert_string_equal(p->target_provider, "generic");
	assert_null(p->target_mx);
	assert_null(p->target_spf);
	assert_null(p->dns_provider);
	assert_null(p->mailboxes);
	assert_null(p->source_mx[0]);
	assert_int_equal(p->target_mx_ttl, 3600);
	assert_int_equal(p->policy.max_mx_ttl, 3600);
	assert_int_equal(p->policy.staged_mx_ttl, 300);
	assert_int_equal(p->policy.max_age_of_last_pass_ms, 24 * 3600 * 1000);
	assert_int_equal(p->policy.max_skipped, 0);
	assert_int_equal(p->policy.mailboxes_at_once, 8);
	assert_int_equal(p->policy.lanes_per_mailbox, 0);
	assert_int_equal(p->policy.tail_idle_ms, 72LL * 3600 * 1000);
	assert_int_equal(p->network.dns_port, 53);
	assert_int_equal(p->network.smtp_port, 25);
	assert_int_equal(p->network.dns_timeout_ms, 500);
	assert_int_equal(p->network.mail_timeout_ms, 300000);
	assert_int_equal(p->network.provider_timeout_ms, 30000);
}

static void fills_what_a_provider_lets_know(void **state)
{
	struct scratch *s = *state;
	const struct project *p = scratch_project(
		s, "domain: a.example\ntarget: { provider: microsoft365 }\n");
	assert_non_null(p);
	assert_string_equal(p->target_spf, "include:spf.protection.outlook.com");
	assert_string_equal(p->target_autodiscover, "autodiscover.outlook.com.");
	assert_string_equal(p->target_imap, "imaps://outlook.office365.com");
	assert_null(p->target_mx); /* the tenant's own label: not to be guessed */
	p = scratch_project(s, "domain: a.example\ntarget: { provider: google }\n");
	assert_non_null(p);
	assert_string_equal(p->target_mx->rdata[0], "1 smtp.google.com.");
	assert_null(p->target_autodiscover);
}

static void lets_the_file_overrule_a_preset(void **state)
{
	const struct project *p = scratch_project(
		*state,
		"domain: a.example\ntarget: { provider: google, spf: none,\n"
		"  imap: imaps://gw.example, mx: [ { preference: 5, host: x.example } ] }\n");
	assert_non_null(p);
	assert_null(p->target_spf);
	assert_string_equal(p->target_imap, "imaps://gw.example");
	assert_string_equal(p->target_mx->rdata[0], "5 x.example.");
}

static void takes_a_section_of_comments(void **state)
{
	const struct project *p = scratch_project(
		*state, "domain: a.example\nownership:\n  # txt: x\npolicy:\ndns:\n");
	assert_non_null(p);
	assert_null(p->ownership_txt);
}

static void takes_servers_without_tls_from_the_first_byte(void **state)
{
	struct scratch *s = *state;
	const char *text = "domain: a.example\nsource: { imap: imap://Old.example }\n";
	assert_non_null(scratch_project(s, text)); /* by STARTTLS */
	text = "domain: a.example\nsource: { imap: imap://Old.example }\n"
	       "network: { allow_plaintext: [ old.example ] }\n";
	assert_non_null(scratch_project(s, text));
	text = "domain: a.example\nsource: { imap: \"imap://[::1]:143\" }\n"
	       "network: { allow_plaintext: [ \"::1\" ] }\n";
	assert_non_null(scratch_project(s, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_what_is_ignored, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(reads_a_file_from_windows, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(a_duration_has_its_unit, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(reads_every_section, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(reads_records_and_lists, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(keeps_provider_options_apart, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(gives_the_defaults, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(fills_what_a_provider_lets_know, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(lets_the_file_overrule_a_preset, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(takes_a_section_of_comments, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(takes_servers_without_tls_from_the_first_byte,
						scratch_setup, scratch_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
