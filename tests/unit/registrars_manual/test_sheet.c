/*
 * The sheet must say exactly the rows, in the panel's words, and nothing twice.
 */
#include "tests/unit/registrars/fake_host.h"

#include <string.h>

#include "registrars/manual/manual.h"
#include "registrars/manual/panel.h"

#define ZONE "treyresearch.com."

static const char *const mx_old[] = { "10 mx1.nwtraders.com.", NULL };
static const char *const mx_new[] = { "0 t.mail.protection.outlook.com.", NULL };
static const char *const txt_old[] = { "\"v=spf1 include:nwtraders.com -all\"", NULL };
static const char *const txt_new[] = { "\"v=spf1 include:nwtraders.com -all\"", "\"MS=ms1\"",
				       NULL };
static const char *const address[] = { "192.0.2.1", NULL };
static const char *const alias[] = { "autodiscover.outlook.com.", NULL };

static const char *sheet_of(struct fake_world *w, const char *panel, const struct change_set *cs)
{
	const struct registrar_value value = { "panel", panel, NULL };
	const struct registrar_config config = { ZONE, 1, &value };
	struct registrar_call *c = fake_open(w, &registrar_manual, &config, false);
	const char *text = NULL;
	struct err e = { 0 };
	if (registrar_sheet(c, w->arena, cs, &text, &e) != 0)
		fail_msg("%s", e.text);
	registrar_close(c);
	return text;
}

static struct change change_of(struct fake_world *w, uint16_t type, const char *const *before,
			       const char *const *after)
{
	struct change c = { .name = ZONE, .type = type, .why = "because" };
	c.before = fake_set(w->arena, ZONE, type, 3600, before);
	c.after = fake_set(w->arena, ZONE, type, 300, after);
	return c;
}

static void expect(const char *text, const char *piece)
{
	if (strstr(text, piece) == NULL)
		fail_msg("not in the sheet: %s\n%s", piece, text);
}

static void test_token_beside_spf(void **state)
{
	struct fake_world *w = *state;
	struct change c = change_of(w, RR_TXT, txt_old, txt_new);
	c.after = rrset_with_ttl(w->arena, c.after, 3600);
	struct change_set cs = { "staging", ZONE, 1, &c };
	const char *text = sheet_of(w, "godaddy", &cs);
	expect(text,
	       "In GoDaddy, open\n  My Products > Domains > (the domain) > DNS > DNS Records");
	expect(text, "1. treyresearch.com TXT: because");
	expect(text, "Leave this row as it is:\n"
		     "      Type          TXT\n"
		     "      Name          @\n"
		     "      Value         v=spf1 include:nwtraders.com -all\n");
	expect(text, "Add a row (Add New Record):\n"
		     "      Type          TXT\n"
		     "      Name          @\n"
		     "      Value         MS=ms1\n"
		     "      TTL           1 Hour\n");
	expect(text, "do not merge them");
	assert_null(strstr(text, "\"MS=ms1")); /* no quotes to type */
}

static void test_mx_in_the_words_of_each_panel(void **state)
{
	struct fake_world *w = *state;
	struct change c = change_of(w, RR_MX, mx_old, mx_new);
	struct change_set cs = { "switch", ZONE, 1, &c };
	const char *text = sheet_of(w, "ionos", &cs);
	expect(text, "      Points to     mx1.nwtraders.com\n      Priority      10\n");
	expect(text, "so that it says:\n      Points to     t.mail.protection.outlook.com\n"
		     "      Priority      0\n      TTL           5 minutes\n");
	text = sheet_of(w, "wix", &cs);
	expect(text, "      Host Name     (leave empty)\n");
	text = sheet_of(w, "godaddy", &cs);
	expect(text, "      TTL           600 (Custom)\n");
	expect(text, "! Wanted is 300 s; the nearest that this panel takes is 600 s.");
	text = sheet_of(w, "strato", &cs);
	expect(text, "This panel sets no TTL");
	expect(text, "      Priorität     0\n"); /* columns count letters, not bytes */
	text = sheet_of(w, "bluehost", &cs);
	expect(text, "the nearest that this panel takes is 900 s");
}

static void test_ttl_only(void **state)
{
	struct fake_world *w = *state;
	struct change c = change_of(w, RR_MX, mx_old, mx_old);
	struct change_set cs = { "staging", ZONE, 1, &c };
	const char *text = sheet_of(w, "cloudflare", &cs);
	expect(text, "Change the TTL of this row (Edit), nothing else:");
	expect(text, "      TTL now       3600 seconds\n    to:\n      TTL           5 min\n");
	expect(text, "DNS only");
}

/* A CNAME wants the name for itself; other deletions come last. */
static void test_order(void **state)
{
	struct fake_world *w = *state;
	struct arena *a = w->arena;
	const char *name = "autodiscover." ZONE;
	const char *old = "old." ZONE;
	struct change list[] = {
		{ old, RR_A, fake_set(a, old, RR_A, 60, address), NULL, "not needed" },
		{ name, RR_CNAME, NULL, fake_set(a, name, RR_CNAME, 60, alias), "clients" },
		{ name, RR_A, fake_set(a, name, RR_A, 60, address), NULL, "makes room" },
	};
	struct change_set cs = { "switch", ZONE, 3, list };
	const char *text = sheet_of(w, "generic", &cs);
	expect(text, "1. autodiscover.treyresearch.com A: makes room");
	expect(text, "2. autodiscover.treyresearch.com CNAME: clients");
	expect(text, "3. old.treyresearch.com A: not needed");
	expect(text, "      Host          autodiscover\n");
	expect(text, "      Value         autodiscover.outlook.com\n");
}

/* What the network gave must not reach the terminal as it is. */
static void test_hostile_text(void **state)
{
	static const char *const hostile[] = { "\"x\\027[2Jy\\010z\"", NULL };
	struct fake_world *w = *state;
	struct change c = change_of(w, RR_TXT, hostile, NULL);
	struct change_set cs = { "cleanup", ZONE, 1, &c };
	const char *text = sheet_of(w, "generic", &cs);
	expect(text, "x?[2Jy?z\n");
	assert_null(strchr(text, 27));
}

static size_t sizeof_panels(void)
{
	size_t n = 0;
	while (panels[n] != NULL)
		n++;
	return n;
}

static void test_every_panel_is_complete(void **state)
{
	struct fake_world *w = *state;
	struct change list[] = { change_of(w, RR_MX, mx_old, mx_new),
				 change_of(w, RR_TXT, txt_old, txt_new) };
	struct change_set cs = { "switch", ZONE, 2, list };
	for (size_t i = 0; panels[i] != NULL; i++) {
		const struct panel *p = panels[i];
		assert_non_null(p->title);
		assert_true(p->type && p->host && p->priority && p->address_value);
		assert_true(p->ttl == NULL || p->ttl_free || p->ttls != NULL);
		const char *text = sheet_of(w, p->id, &cs);
		expect(text, p->add);
		expect(text, p->mx_value);
		assert_null(strstr(text, "(null)"));
		for (const struct panel_ttl *t = p->ttls; t != NULL && t[0].label && t[1].label;
		     t++)
			assert_true(t[0].ttl_s < t[1].ttl_s);
	}
	assert_string_equal(panels[sizeof_panels() - 1]->id, "generic");
}

/* Where a line is folded is no part of what it says. */
static const char *unwrapped(struct arena *a, const char *text)
{
	char *flat = arena_strdup(a, text);
	size_t n = 0;
	for (const char *c = text; *c != '\0'; c++) {
		bool blank = *c == ' ' || *c == '\n';
		if (!blank || n == 0 || flat[n - 1] != ' ')
			flat[n++] = blank ? ' ' : *c;
	}
	flat[n] = '\0';
	return flat;
}

/* What keeps an MX row from holding stands before the first step, and only where it matters. */
static void test_traps_come_first(void **state)
{
	struct fake_world *w = *state;
	struct change moved = change_of(w, RR_MX, mx_old, mx_new);
	struct change lowered = change_of(w, RR_MX, mx_old, mx_old);
	struct change_set moves = { "switch", ZONE, 1, &moved };
	struct change_set lowers = { "staging", ZONE, 1, &lowered };
	static const char *const traps[][2] = {
		{ "squarespace", "A preset with MX rows" },
		{ "wix", "Edit MX Records" },
		{ "strato", "Standard-Mailserver von STRATO" },
		{ "bluehost", "Remote Mail Exchanger" },
		{ "cpanel", "Remote Mail Exchanger" },
		{ "namecheap", "Custom MX" },
		{ "cloudflare", "Email Routing" },
		{ "ionos", "service \"Mail\"" },
		{ "hover", "mx.hover.com" },
		{ "godaddy", "Email & Office" },
	};
	for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
		const char *text = unwrapped(w->arena, sheet_of(w, traps[i][0], &moves));
		const char *trap = strstr(text, traps[i][1]);
		const char *step = strstr(text, "1. treyresearch.com");
		assert_true(trap != NULL && step != NULL && trap < step);
		assert_null(strstr(sheet_of(w, traps[i][0], &lowers), "First of all"));
	}
}

static void test_a_panel_is_known_by_its_provider(void **state)
{
	(void)state;
	assert_string_equal(manual_panel_of("godaddy"), "godaddy");
	assert_string_equal(manual_panel_of("godaddy-v3"), "godaddy");
	assert_string_equal(manual_panel_of("strato"), "strato");
	assert_null(manual_panel_of("ionos-cloud")); /* another product's console */
	assert_null(manual_panel_of("rfc2136"));
	assert_null(manual_panel_of("v3"));
}

static void test_lines_fit_a_terminal(void **state)
{
	struct fake_world *w = *state;
	struct change c = change_of(w, RR_TXT, txt_old, txt_new);
	struct change_set cs = { "switch", ZONE, 1, &c };
	for (size_t i = 0; panels[i] != NULL; i++) {
		struct slice rest = slice_str(sheet_of(w, panels[i]->id, &cs));
		while (rest.len > 0) {
			struct slice line = slice_until(&rest, '\n');
			if (line.len > 80)
				fail_msg("%s: %.*s", panels[i]->id, (int)line.len, line.ptr);
		}
	}
}

static void test_unknown_panel(void **state)
{
	struct fake_world *w = *state;
	const struct registrar *const table[] = { &registrar_manual, NULL };
	const struct registrar_value value = { "panel", "godady", NULL };
	const struct registrar_config config = { ZONE, 1, &value };
	struct registrar_call_opts opts = {
		.table = table, .provider = "manual", .config = &config, .host = &w->host
	};
	struct registrar_call *c = NULL;
	struct err e = { 0 };
	assert_int_equal(registrar_open(&opts, &c, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.hint, "\"godaddy\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(test_token_beside_spf),
		FAKE_TEST(test_mx_in_the_words_of_each_panel),
		FAKE_TEST(test_ttl_only),
		FAKE_TEST(test_order),
		FAKE_TEST(test_hostile_text),
		FAKE_TEST(test_every_panel_is_complete),
		FAKE_TEST(test_traps_come_first),
		FAKE_TEST(test_a_panel_is_known_by_its_provider),
		FAKE_TEST(test_lines_fit_a_terminal),
		FAKE_TEST(test_unknown_panel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
