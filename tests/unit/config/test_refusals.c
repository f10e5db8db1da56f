/* Each wrong file is refused with its line, the reason and the remedy. The e2e table of bad
 * input (tests/e2e/bad_input) goes on where this one ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "scratch.h"

struct refusal {
	const char *text;
	int line;
	const char *reason, *remedy; /* parts of them */
};

#define D "domain: a.example\n"

static const struct refusal yaml[] = {
	{ "", 1, "is empty", "cutover init" },
	{ "# only a comment\n", 1, "is empty", "cutover init" },
	{ "just text\n", 1, "no list of keys", "key: value" },
	{ "- a\n- b\n", 1, "no list of keys", "key: value" },
	{ D "target:\n\tspf: a\n", 3, "tab in the indentation", "blanks" },
	{ D "source: &x { spf: a }\ntarget: *x\n", 2, "anchors and aliases",
	  "write the value out" },
	{ D "target: *x\n", 2, "anchors and aliases", "write the value out" },
	{ "domain: !!str a.example\n", 1, "tags", "plain value" },
	{ D "domain: b.example\n", 2, "there twice (first in line 1)", "keep one" },
	{ D "---\n" D, 2, "second document", "one domain" },
	{ D "target: { spf: a\n", 3, "no valid YAML", "close every" },
	{ D "target: \"unclosed\n", 3, "no valid YAML", "quote" },
	{ D "policy: { gates: [[[[[[[[[[[[[1]]]]]]]]]]]]] }\n", 2, "nested too deeply", "levels" },
	{ "? [ a ]\n: b\n", 1, "a key that is no word", "key: value" },
	{ "domain: \"a.exam\\0ple\"\n", 1, "control character", "one line" },
	{ D "source:\n  spf: \xe9\n", 3, "not UTF-8", "iconv" },
};

static const struct refusal keys[] = {
	{ "target: { spf: a }\n", 1, "key 'domain' is missing", "domain: treyresearch.com" },
	{ "domian: a.example\n", 1, "unknown key 'domian'", "did you mean 'domain'?" },
	{ D "policy:\n  max_mx_tll: 1\n", 3, "unknown key 'max_mx_tll' in policy",
	  "did you mean 'max_mx_ttl'?" },
	{ D "spf: a\n", 2, "unknown key 'spf'", "target.spf" },
	{ D "policy: { zzzzzz: 1 }\n", 2, "unknown key", "max_mx_ttl, staged_mx_ttl" },
	{ D "dns: { provder: x }\n", 2, "unknown key 'provder' in dns", "'provider'" },
	{ D "dns: { server: 192.0.2.1 }\n", 2, "'provider' is missing in dns", "provider: manual" },
	{ D "target: { \"mx[]\": 1 }\n", 2, "unknown key", "did you mean 'mx'?" },
	{ D "target: { mx: [ { host: a.b } ] }\n", 2, "'preference' is missing in target.mx[]",
	  "preference: 0" },
	{ D "ownership: { name: x }\n", 2, "'txt' is missing", "MS=" },
	{ D "policy: { gates: { mx-ttl-lo: warn } }\n", 2, "unknown gate", "'mx-ttl-low'" },
	{ D "policy: { gates: { everything: off } }\n", 2, "unknown gate", "no-blocking-finding" },
};

static const struct refusal values[] = {
	{ "domain:\n", 1, "domain has no value", "treyresearch.com" },
	{ "domain: [ a.example ]\n", 1, "domain is a list", "for example" },
	{ "domain: a..example\n", 1, "domain name", "for example" },
	{ "domain: 192.0.2.1\n", 1, "not an IP address", "for example" },
	{ "domain: https://a.example\n", 1, "plain host or domain name", "for example" },
	{ D "target: generic\n", 2, "target is a single value, it must be a section", "indented" },
	{ D "target: { provider: office }\n", 2, "microsoft365 | google | generic",
	  "microsoft365" },
	{ D "target: { mx: { host: a.b } }\n", 2, "it must be a list", "preference: 0" },
	{ D "target: { mx: [] }\n", 2, "0 entries, it must have 1..16", "preference" },
	{ D "target: { mx: [ { preference: 65536, host: a.b } ] }\n", 2, "0..65535", "preference" },
	{ D "target: { mx: [ { preference: 1, host: a.b }, { preference: 1, host: A.b } ] }\n", 2,
	  "same record twice", "keep one" },
	{ D "target: { mx: [ a.b ] }\n", 2, "it must be a", "preference" },
	{ D "target: { spf: \"v=spf1 include:x -all\" }\n", 2, "whole record", "include:" },
	{ D "target: { imap: outlook.office365.com }\n", 2, "imaps://", "for example" },
	{ D "target: { imap: imaps://u:p@host.example }\n", 2, "user or password", "imaps" },
	{ D "target: { imap: imaps://host.example:99999 }\n", 2, "port from 1 to 65535", "imap" },
	{ D "target: { imap: imaps://host.example/INBOX }\n", 2, "end after the host", "imap" },
	{ D "dns: { provider: x, credentials: { key: hunter2 } }\n", 2, "never the secret itself",
	  "env:GODADDY_KEY" },
	{ D "dns: { provider: x, credentials: { key: \"env:A B\" } }\n", 2, "environment variable",
	  "env:" },
	{ D "dns: { provider: x, credentials: { key: \"file:\" } }\n", 2, "name a file", "env:" },
	{ D "dns: { provider: x, credentials: { key: \"cmd: \" } }\n", 2, "name a program",
	  "env:" },
	{ D "policy:\n  max_mx_ttl: 0\n", 3, "is '0': it must be a whole number, 1..86400 s",
	  "max_mx_ttl: 3600" },
	{ D "policy: { max_mx_ttl: 1h }\n", 2, "whole number", "3600" },
	{ D "policy: { max_mx_ttl: -1 }\n", 2, "whole number", "3600" },
	{ D "policy: { max_age_of_last_pass: soon }\n", 2, "duration such as", "24h" },
	{ D "policy: { max_age_of_last_pass: 31d }\n", 2, "1s..30d", "24h" },
	{ D "policy: { max_mx_ttl: 60 }\n", 2, "staged_mx_ttl (300 s) is above", "staged_mx_ttl" },
	{ D "policy: { gates: { no-drift: maybe } }\n", 2, "required | warn | off", "warn" },
	{ D "window: { opens: tomorrow, ends: 2026-11-28T06:00Z }\n", 2, "a time with its zone",
	  "2026-11-27T18:00Z" },
	{ D "window:\n  opens: 2026-11-28T06:00Z\n  ends: 2026-11-27T06:00Z\n", 4, "not after",
	  "later" },
	{ D "subdomains: [ lists.b.example. ]\n", 2, "no name within a.example", "relative" },
	{ D "subdomains: [ \"@\" ]\n", 2, "domain itself", "leave it out" },
	{ D "ownership: { name: b.example., txt: x }\n", 2, "no name within", "relative" },
	{ D "network: { resolvers: [ dns.example ] }\n", 2, "IP address", "127.0.0.53" },
	{ D "network: { resolvers: [ \"127.0.0.1:0\" ] }\n", 2, "port from 1", "127.0.0.53" },
	{ D "network: { treat_as_public: [ 127.0.0.0/33 ] }\n", 2, "prefix", "127.53.0.0/16" },
	{ D "network: { connect_to: { a.example: b.example } }\n", 2, "IP address", "127.53.0.10" },
	{ D "target: { dkim: [ { selector: \"a b\", type: CNAME, target: x } ] }\n", 2, "letters",
	  "selector1" },
	{ D "target: { dkim: [ { selector: a, type: CNAME, target: \"v=DKIM1; p=..\" } ] }\n", 2,
	  "is no name", "type: TXT" },
};

static void expect(struct scratch *s, const struct refusal *r)
{
	const char *place = arena_printf(s->arena, "/file:%d: ", r->line);
	if (scratch_project(s, r->text) != NULL)
		fail_msg("accepted:\n%s", r->text);
	assert_int_equal(s->e.kind, ERR_USAGE);
	if (strstr(s->e.text, place) == NULL || strstr(s->e.text, r->reason) == NULL ||
	    strstr(s->e.hint, r->remedy) == NULL)
		fail_msg("%s\nis not answered by line %d, '%s', '%s', but by:\n%s\n%s", r->text,
			 r->line, r->reason, r->remedy, s->e.text, s->e.hint);
}

#define EXPECT_ALL(state, table)                                                                   \
	for (size_t i = 0; i < sizeof(table) / sizeof((table)[0]); i++)                            \
	expect((state), &(table)[i])

static void refuses_bad_yaml(void **state)
{
	EXPECT_ALL(*state, yaml);
}

static void refuses_bad_keys(void **state)
{
	EXPECT_ALL(*state, keys);
}

static void refuses_bad_values(void **state)
{
	EXPECT_ALL(*state, values);
}

static void never_shows_a_literal_secret(void **state)
{
	struct scratch *s = *state;
	assert_null(scratch_project(s, D "dns: { provider: x, credentials: { key: hunter2 } }\n"));
	assert_null(strstr(s->e.text, "hunter2"));
	assert_null(strstr(s->e.hint, "hunter2"));
}

static void refuses_nul_and_size(void **state)
{
	struct scratch *s = *state;
	const struct project *p;
	struct buf b;
	scratch_bytes(s, SLICE_LIT(D "source:\n  spf: a\0b\n"));
	assert_int_equal(project_load(s->arena, s->path, &p, &s->e), -1);
	assert_non_null(strstr(s->e.text, "/file:3: a NUL byte"));
	buf_init(&b);
	while (b.len <= (size_t)1024 * 1024)
		buf_adds(&b, "# far too much of it\n");
	scratch_bytes(s, buf_slice(&b));
	buf_release(&b);
	assert_int_equal(project_load(s->arena, s->path, &p, &s->e), -1);
	assert_non_null(strstr(s->e.text, "/file:1: larger than 1048576 bytes"));
}

static void refuses_masses_quickly(void **state)
{
	struct scratch *s = *state;
	struct buf b;
	buf_init(&b);
	for (int i = 0; i < 50000; i++)
		buf_addf(&b, "k%d:\n", i);
	assert_null(scratch_project(s, b.at));
	assert_non_null(strstr(s->e.text, ":1001: too many keys"));
	buf_clear(&b);
	buf_adds(&b, "subdomains: [");
	for (int i = 0; i < 50000; i++)
		buf_adds(&b, "a,");
	assert_null(scratch_project(s, b.at));
	assert_non_null(strstr(s->e.text, "too many values"));
	buf_release(&b);
}

static void says_how_to_get_a_file(void **state)
{
	struct scratch *s = *state;
	const struct project *p;
	assert_int_equal(project_load(s->arena, "/nowhere/cutover.yaml", &p, &s->e), -1);
	assert_non_null(strstr(s->e.text, "there is no project file '/nowhere/cutover.yaml'"));
	assert_non_null(strstr(s->e.hint, "cutover init DOMAIN"));
	assert_int_equal(project_load(s->arena, s->dir, &p, &s->e), -1);
	assert_int_equal(s->e.kind, ERR_USAGE);
	assert_non_null(strstr(s->e.hint, "-f FILE"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_bad_yaml),
		cmocka_unit_test(refuses_bad_keys),
		cmocka_unit_test(refuses_bad_values),
		cmocka_unit_test(never_shows_a_literal_secret),
		cmocka_unit_test(refuses_nul_and_size),
		cmocka_unit_test(refuses_masses_quickly),
		cmocka_unit_test(says_how_to_get_a_file),
	};
	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
