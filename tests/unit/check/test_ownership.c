#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "dns/check/ownership.h"
#include "scenes.h"

#define SPF_BOTH "\"v=spf1 include:old.org include:new.org -all\""

static void healthy(struct sample *x)
{
	(void)x;
}

static void want(struct sample *x, const char *token)
{
	x->in.ownership_txt = token;
}

static void no_token(struct sample *x)
{
	sample_data_all(x, Q_TXT, 600, RDATA(SPF_BOTH));
}

static void no_txt_at_all(struct sample *x)
{
	sample_state_all(x, Q_TXT, SEEN_NODATA);
}

static void nothing_is_wanted(struct sample *x)
{
	no_token(x);
	want(x, NULL);
}

static void token_at_one(struct sample *x)
{
	sample_data(x, 1, Q_TXT, 600, RDATA(SPF_BOTH));
}

static void txt_unreadable(struct sample *x)
{
	sample_state_all(x, Q_TXT, SEEN_UNREADABLE);
}

static void txt_unreadable_at_one(struct sample *x)
{
	sample_state(x, 1, Q_TXT, SEEN_UNREADABLE);
}

static void token_split(struct sample *x)
{
	sample_data_all(x, Q_TXT, 600, RDATA(SPF_BOTH, "\"MS=\" \"ms1\""));
}

static void token_in_other_case(struct sample *x)
{
	sample_data_all(x, Q_TXT, 600, RDATA(SPF_BOTH, "\"ms=MS1\""));
}

static void token_with_a_blank(struct sample *x)
{
	sample_data_all(x, Q_TXT, 600, RDATA(SPF_BOTH, "\"MS=ms1 \""));
}

static void digits_swapped(struct sample *x)
{
	want(x, "MS=ms87257449");
	sample_data_all(x, Q_TXT, 600, RDATA("\"MS=ms11111111\"", "\"MS=ms87254749\""));
}

static void another_value(struct sample *x)
{
	want(x, "MS=ms87257449");
	sample_data_all(x, Q_TXT, 600, RDATA("\"MS=ms11111111\""));
}

static void escaped_bytes_nearby(struct sample *x)
{
	want(x, "MS=ms87257449");
	sample_data_all(x, Q_TXT, 600, RDATA("\"MS=ms\\027[2J\\000x\""));
}

static void quoted(struct sample *x)
{
	sample_data_all(x, Q_TXT, 600, RDATA(SPF_BOTH, "\"\\\"MS=ms1\\\"\""));
}

static void spf_quoted(struct sample *x)
{
	sample_data_all(x, Q_TXT, 600, RDATA("\"\\\"v=spf1 -all\\\"\"", "\"MS=ms1\""));
}

static void dmarc_quoted(struct sample *x)
{
	sample_data_all(x, Q_DMARC, 600, RDATA("\"\\\"v=DMARC1; p=none\\\"\""));
}

static void quotes_in_the_middle(struct sample *x)
{
	sample_data_all(x, Q_TXT, 600, RDATA("\"MS=ms1\"", "\"say \\\"hello\\\" to all\""));
}

static void at(struct sample *x, const char *name)
{
	no_token(x);
	sample_lookup(x, name, RR_TXT, SEEN_DATA, RDATA("\"MS=ms1\""));
}

static void at_the_doubled_name(struct sample *x)
{
	at(x, "x.net.x.net.");
}

static void at_www(struct sample *x)
{
	at(x, "www.x.net.");
}

static void at_the_at_sign(struct sample *x)
{
	at(x, "\\@.x.net.");
}

static void at_the_domain_instead_of_below(struct sample *x)
{
	x->in.ownership_name = "_check.x.net.";
	sample_ask(x, "_check.x.net.", RR_TXT);
}

static void elsewhere_and_right(struct sample *x)
{
	sample_lookup(x, "www.x.net.", RR_TXT, SEEN_DATA, RDATA("\"MS=ms1\""));
}

static void two_tenants(struct sample *x)
{
	sample_data_all(x, Q_TXT, 600, RDATA("\"MS=ms1\"", "\"MS=ms2\""));
}

static void two_google_accounts(struct sample *x)
{
	want(x, "google-site-verification=abc");
	sample_data_all(
		x, Q_TXT, 600,
		RDATA("\"google-site-verification=abc\"", "\"google-site-verification=xyz\""));
}

static void name_is_alias(struct sample *x)
{
	x->in.ownership_name = "proof.x.net.";
	size_t q = sample_ask(x, "proof.x.net.", RR_TXT);
	for (size_t i = 0; i < SERVERS; i++)
		x->seen[i][q].alias = "elsewhere.example.";
}

static void alias_leads_to_the_token(struct sample *x)
{
	name_is_alias(x);
	sample_data_all(x, QUESTIONS, 300, RDATA("\"MS=ms1\""));
	x->seen[0][QUESTIONS].alias = "elsewhere.example.";
}

static void apex_is_alias(struct sample *x)
{
	for (size_t i = 0; i < SERVERS; i++) {
		sample_state(x, i, Q_TXT, SEEN_NODATA);
		x->seen[i][Q_TXT].alias = "elsewhere.example.";
	}
}

static void resolver_has_the_set_of_before(struct sample *x)
{
	sample_panel(x, Q_TXT, 500, RDATA(SPF_BOTH));
}

static void resolver_knows_of_none(struct sample *x)
{
	x->in.history.txt_created_ms = SAMPLE_NOW_MS - 60000;
	x->panel[Q_TXT] = (struct seen){ .question = x->questions[Q_TXT],
					 .state = SEEN_NODATA,
					 .at_ms = SAMPLE_NOW_MS };
}

static void resolver_is_overdue(struct sample *x)
{
	resolver_has_the_set_of_before(x);
	x->in.history.txt_created_ms = SAMPLE_NOW_MS - 7200 * 1000;
	x->in.history.txt_old_ttl = 3600;
}

static void resolver_and_servers_lack_it(struct sample *x)
{
	no_token(x);
	resolver_has_the_set_of_before(x);
}

static void resolver_fails(struct sample *x)
{
	x->panel[Q_TXT].state = SEEN_UNREADABLE;
	x->panel[Q_TXT].rrset = NULL;
}

#define TXT "x.net TXT"
static const struct scene scenes[] = {
	{ no_token, PHASE_VERIFY, "verify-txt-missing", BY_LEVELS, TXT, "MS=ms1", "at x.net" },
	{ no_token, PHASE_AUDIT, "verify-txt-missing", SEVERITY_INFO, TXT, NULL, "beside" },
	{ no_txt_at_all, PHASE_READY, "verify-txt-missing", SEVERITY_BLOCKER, TXT, NULL, NULL },
	{ txt_unreadable, PHASE_VERIFY, "verify-txt-missing", SILENT, NULL, NULL, NULL },
	{ token_split, PHASE_VERIFY, "verify-txt-missing", SILENT, NULL, NULL, NULL },
	{ token_at_one, PHASE_VERIFY, "verify-txt-missing", SILENT, NULL, NULL, NULL },
	{ nothing_is_wanted, PHASE_VERIFY, "verify-txt-missing", SILENT, NULL, NULL, NULL },
	{ token_with_a_blank, PHASE_VERIFY, "verify-txt-missing", SILENT, NULL, NULL, NULL },
	{ quoted, PHASE_VERIFY, "verify-txt-missing", SILENT, NULL, NULL, NULL },
	{ at_www, PHASE_VERIFY, "verify-txt-missing", SILENT, NULL, NULL, NULL },
	{ name_is_alias, PHASE_VERIFY, "verify-txt-missing", SILENT, NULL, NULL, NULL },
	{ token_at_one, PHASE_VERIFY, "verify-txt-partial", BY_LEVELS, TXT, "1 of 2 servers",
	  NULL },
	{ no_token, PHASE_VERIFY, "verify-txt-partial", SILENT, NULL, NULL, NULL },
	{ txt_unreadable_at_one, PHASE_VERIFY, "verify-txt-partial", SILENT, NULL, NULL, NULL },
	{ at_the_doubled_name, PHASE_VERIFY, "verify-txt-wrong-name", BY_LEVELS, TXT,
	  "at x.net.x.net instead of x.net", "move it to x.net" },
	{ at_www, PHASE_VERIFY, "verify-txt-wrong-name", SEVERITY_BLOCKER, TXT, "www.x.net", NULL },
	{ at_the_at_sign, PHASE_VERIFY, "verify-txt-wrong-name", SEVERITY_BLOCKER, TXT, "@.x.net",
	  NULL },
	{ at_the_domain_instead_of_below, PHASE_VERIFY, "verify-txt-wrong-name", SEVERITY_BLOCKER,
	  "_check.x.net TXT", "at x.net instead of _check.x.net", NULL },
	{ elsewhere_and_right, PHASE_VERIFY, "verify-txt-wrong-name", SILENT, NULL, NULL, NULL },
	{ no_token, PHASE_VERIFY, "verify-txt-wrong-name", SILENT, NULL, NULL, NULL },
	{ token_in_other_case, PHASE_VERIFY, "verify-txt-wrong-value", BY_LEVELS, TXT,
	  "only upper and lower case", "exactly MS=ms1" },
	{ token_with_a_blank, PHASE_VERIFY, "verify-txt-wrong-value", SEVERITY_BLOCKER, TXT,
	  "blanks", "exactly MS=ms1" },
	{ digits_swapped, PHASE_VERIFY, "verify-txt-wrong-value", SEVERITY_BLOCKER, TXT,
	  "characters 10 and 11 are swapped (\"47\" for \"74\")", NULL },
	{ another_value, PHASE_VERIFY, "verify-txt-wrong-value", SEVERITY_BLOCKER, TXT,
	  "from character 6 on it reads \"11111111\", not \"87257449\"", "project file" },
	{ escaped_bytes_nearby, PHASE_VERIFY, "verify-txt-wrong-value", SEVERITY_BLOCKER, TXT,
	  "\"MS=ms?[2J\"", NULL },
	{ healthy, PHASE_VERIFY, "verify-txt-wrong-value", SILENT, NULL, NULL, NULL },
	{ no_token, PHASE_VERIFY, "verify-txt-wrong-value", SILENT, NULL, NULL, NULL },
	{ quoted, PHASE_VERIFY, "txt-quoted-literally", SEVERITY_BLOCKER, TXT, "\"MS=ms1\"",
	  "without quotation marks" },
	{ spf_quoted, PHASE_AUDIT, "txt-quoted-literally", BY_LEVELS, TXT, "v=spf1", NULL },
	{ dmarc_quoted, PHASE_AUDIT, "txt-quoted-literally", BY_LEVELS, "_dmarc.x.net TXT", NULL,
	  NULL },
	{ quotes_in_the_middle, PHASE_AUDIT, "txt-quoted-literally", SILENT, NULL, NULL, NULL },
	{ healthy, PHASE_AUDIT, "txt-quoted-literally", SILENT, NULL, NULL, NULL },
	{ two_tenants, PHASE_VERIFY, "verify-txt-conflict", BY_LEVELS, TXT, "MS=ms2",
	  "other tenant" },
	{ two_google_accounts, PHASE_VERIFY, "verify-txt-conflict", SILENT, NULL, NULL, NULL },
	{ another_value, PHASE_VERIFY, "verify-txt-conflict", SILENT, NULL, NULL, NULL },
	{ name_is_alias, PHASE_VERIFY, "verify-cname-occluded", BY_LEVELS, "proof.x.net TXT",
	  "elsewhere.example", "remove the CNAME" },
	{ alias_leads_to_the_token, PHASE_VERIFY, "verify-cname-occluded", SILENT, NULL, NULL,
	  NULL },
	{ apex_is_alias, PHASE_VERIFY, "verify-cname-occluded", SILENT, NULL, NULL, NULL },
	{ resolver_has_the_set_of_before, PHASE_VERIFY, "verify-resolver-lag", BY_LEVELS,
	  "x.net TXT at 127.0.0.53", "2026-11-27T18:08:19Z", "wait" },
	{ resolver_knows_of_none, PHASE_VERIFY, "verify-resolver-lag", SEVERITY_WARNING, NULL,
	  "2026-11-27T18:04:00Z", NULL },
	{ resolver_is_overdue, PHASE_VERIFY, "verify-resolver-lag", SEVERITY_WARNING, NULL,
	  "by the TTLs it should have by now", "flushed" },
	{ resolver_and_servers_lack_it, PHASE_VERIFY, "verify-resolver-lag", SILENT, NULL, NULL,
	  NULL },
	{ resolver_fails, PHASE_VERIFY, "verify-resolver-lag", SILENT, NULL, NULL, NULL },
	{ healthy, PHASE_VERIFY, "verify-resolver-lag", SILENT, NULL, NULL, NULL },
	{ token_split, PHASE_VERIFY, "txt-split-short", BY_LEVELS, TXT, "2 pieces", "one piece" },
	{ healthy, PHASE_VERIFY, "txt-split-short", SILENT, NULL, NULL, NULL },
};

enum { SCENES = sizeof(scenes) / sizeof(scenes[0]) };

static void every_scene_gets_its_finding(void **state)
{
	(void)state;
	scenes_run(scenes, SCENES);
}

static void every_check_has_both_scenes(void **state)
{
	(void)state;
	scenes_cover(ownership_checks, scenes, SCENES);
}

/* Whatever happened to the record, it is said once. */
static void one_mistake_is_said_once(void **state)
{
	(void)state;
	static void (*const spoils[])(struct sample *) = {
		no_token, token_in_other_case, digits_swapped, another_value, quoted,
		at_www,   at_the_at_sign,      name_is_alias,  token_at_one,  no_txt_at_all,
	};
	for (size_t i = 0; i < sizeof(spoils) / sizeof(spoils[0]); i++) {
		struct sample x;
		struct findings found = { 0 };
		size_t n = 0;
		sample_init(&x);
		x.in.phase = PHASE_VERIFY;
		spoils[i](&x);
		check_run(x.a, &x.in, &found);
		for (size_t k = 0; k < found.list.n; k++)
			n += str_starts(found.list.at[k].check, "verify-txt") ||
			     str_starts(found.list.at[k].check, "verify-cname") ||
			     str_starts(found.list.at[k].check, "txt-quoted");
		if (n != 1)
			fail_msg("spoil %zu: %zu findings", i, n);
		sample_release(&x);
	}
}

static void differences_are_told(void **state)
{
	(void)state;
	static const struct {
		const char *want, *have, *says;
		bool near;
	} pairs[] = {
		{ "MS=ms12345678", "ms=MS12345678", "case", true },
		{ "MS=ms12345678", "MS = ms12345678", "blanks", true },
		{ "MS=ms12345678", "MS=ms12345687", "characters 12 and 13 are swapped", true },
		{ "MS=ms12345678", "MS=ms1234567", "the end is missing (\"8\")", true },
		{ "MS=ms12345678", "MS=ms123456789", "from character 14", true },
		{ "MS=ms12345678", "MS=ms99999999", "from character 6", false },
		{ "MS=ms1", "MS=ms23", "from character 6", false },
		{ "a", "", "the end is missing", true },
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *text = ownership_difference(a, pairs[i].want, pairs[i].have);
		if (strstr(text, pairs[i].says) == NULL)
			fail_msg("%s: %s", pairs[i].have, text);
		assert_int_equal(ownership_is_near(a, pairs[i].want, pairs[i].have), pairs[i].near);
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scene_gets_its_finding),
		cmocka_unit_test(every_check_has_both_scenes),
		cmocka_unit_test(one_mistake_is_said_once),
		cmocka_unit_test(differences_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
