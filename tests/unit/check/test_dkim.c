/*
 * DKIM: planned selectors, aliases that lead nowhere, keys, and the old side's selectors.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "dns/check/dkim.h"

#include "scenes.h"

enum { DAY_S = 86400 };

#define S1        "s1._domainkey.x.net."
#define S1_TARGET "s1.dkim.new.org."
#define OLD       "old1._domainkey.x.net."
#define RSA_512                                                                                    \
	"\"v=DKIM1; k=rsa; "                                                                       \
	"p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALxS9gWKB7xt9RDVcDx7CzGisS3pXlfRdRe59mS/"               \
	"wpHewpD2Ib7jhF1V1/tQnhG86Om1DsD4bLNCiFuDxkMfqicCAwEAAQ==\""
#define ED25519 "\"v=DKIM1; k=ed25519; p=vZbkcV8O4c4UHS7U0zeOwe/XnK4yWcsAhqKcDS3qJeQ=\""

static void healthy(struct sample *x)
{
	(void)x;
}

/* One planned alias; what the zone has of it comes after. */
static size_t plan(struct sample *x)
{
	const struct rrset **list = ARENA_ARRAY(x->a, 1, const struct rrset *);
	size_t q = sample_ask(x, S1, RR_CNAME);
	list[0] = sample_set(x, q, 300, RDATA(S1_TARGET));
	x->in.target_dkim = list;
	x->in.target_dkim_n = 1;
	return q;
}

static void absent(struct sample *x)
{
	(void)plan(x);
}

static void elsewhere(struct sample *x)
{
	sample_data_all(x, plan(x), 300, RDATA("s1.dkim.other.org."));
}

/* The plan takes the old provider's key away, at the switch. */
static void replaced_at_the_switch(struct sample *x)
{
	struct check_change *list = ARENA_ARRAY(x->a, 1, struct check_change);
	size_t q = sample_ask(x, S1, RR_TXT);
	(void)plan(x);
	list[0] = (struct check_change){ sample_set(x, q, 300, RDATA(ED25519)), NULL, true };
	x->in.changes = list;
	x->in.change_n = 1;
}

static void unreadable(struct sample *x)
{
	sample_state_all(x, plan(x), SEEN_UNREADABLE);
}

static struct lookup *published(struct sample *x, enum seen_state state, const char *const *rdata)
{
	sample_data_all(x, plan(x), 300, RDATA(S1_TARGET));
	struct lookup *l = sample_lookup(x, S1, RR_TXT, state, rdata);
	l->seen.alias = S1_TARGET;
	return l;
}

static void good(struct sample *x)
{
	(void)published(x, SEEN_DATA, RDATA(ED25519));
}

static void leads_nowhere(struct sample *x)
{
	(void)published(x, SEEN_NXDOMAIN, NULL);
}

static void leads_into_silence(struct sample *x)
{
	(void)published(x, SEEN_UNREADABLE, NULL);
}

static void microsoft_without_selectors(struct sample *x)
{
	x->in.target_provider = "microsoft365";
}

static void google_without_selectors(struct sample *x)
{
	x->in.target_provider = "google";
}

static struct lookup *source(struct sample *x, enum seen_state state, const char *const *rdata)
{
	static const char *const selectors[] = { "old1", NULL };
	x->in.source_dkim_selectors = selectors;
	return sample_lookup(x, OLD, RR_TXT, state, rdata);
}

static void old_there(struct sample *x)
{
	(void)source(x, SEEN_DATA, RDATA(ED25519));
}

static void old_gone(struct sample *x)
{
	(void)source(x, SEEN_NXDOMAIN, NULL);
}

static void old_unreadable(struct sample *x)
{
	(void)source(x, SEEN_UNREADABLE, NULL);
}

/* One cause, one finding. */
static void old_alias_broken(struct sample *x)
{
	source(x, SEEN_NXDOMAIN, NULL)->seen.alias = "gone.old.org.";
}

static void old_gone_after(struct sample *x, int64_t after_s)
{
	old_gone(x);
	x->in.history.mx_changed_ms = SAMPLE_NOW_MS - after_s * 1000;
	x->in.history.mx_ttl_at_change = 300;
}

static void old_gone_on_day_six(struct sample *x)
{
	old_gone_after(x, 6 * DAY_S);
}

static void old_gone_on_day_eight(struct sample *x)
{
	old_gone_after(x, 8 * DAY_S);
}

static void short_key(struct sample *x)
{
	(void)published(x, SEEN_DATA, RDATA(RSA_512));
}

static void revoked(struct sample *x)
{
	(void)source(x, SEEN_DATA, RDATA("\"v=DKIM1; p=\""));
}

static void no_key_at_all(struct sample *x)
{
	(void)source(x, SEEN_DATA, RDATA("\"v=spf1 -all\""));
}

static void good_beside_bad(struct sample *x)
{
	(void)source(x, SEEN_DATA, RDATA(RSA_512, ED25519));
}

static const struct scene scenes[] = {
	{ absent, 0, "dkim-target-missing", BY_LEVELS, "s1._domainkey.x.net CNAME", "unsigned",
	  "CNAME s1.dkim.new.org" },
	{ elsewhere, PHASE_READY, "dkim-target-missing", SEVERITY_WARNING, NULL, NULL, NULL },
	{ replaced_at_the_switch, PHASE_READY, "dkim-target-missing", SILENT, NULL, NULL, NULL },
	{ replaced_at_the_switch, PHASE_POST, "dkim-target-missing", SEVERITY_WARNING, NULL, NULL,
	  NULL },
	{ microsoft_without_selectors, PHASE_READY, "dkim-target-missing", SEVERITY_INFO, NULL,
	  "no DKIM selectors", "admin centre" },
	{ microsoft_without_selectors, PHASE_POST, "dkim-target-missing", SILENT, NULL, NULL,
	  NULL },
	{ google_without_selectors, PHASE_READY, "dkim-target-missing", SILENT, NULL, NULL, NULL },
	{ good, PHASE_READY, "dkim-target-missing", SILENT, NULL, NULL, NULL },
	{ unreadable, PHASE_READY, "dkim-target-missing", SILENT, NULL, NULL, NULL },
	{ healthy, PHASE_READY, "dkim-target-missing", SILENT, NULL, NULL, NULL },
	{ leads_nowhere, 0, "dkim-cname-broken", BY_LEVELS, "s1._domainkey.x.net CNAME",
	  "alias of s1.dkim.new.org", "letter by letter" },
	{ old_alias_broken, PHASE_AUDIT, "dkim-cname-broken", SEVERITY_WARNING,
	  "old1._domainkey.x.net CNAME", "gone.old.org", "old provider" },
	{ good, PHASE_AUDIT, "dkim-cname-broken", SILENT, NULL, NULL, NULL },
	{ leads_into_silence, PHASE_AUDIT, "dkim-cname-broken", SILENT, NULL, NULL, NULL },
	{ old_gone, PHASE_AUDIT, "dkim-cname-broken", SILENT, NULL, NULL, NULL },
	{ old_gone, 0, "dkim-old-removed-early", BY_LEVELS, "old1._domainkey.x.net TXT", "is gone",
	  "7 days" },
	{ old_gone_on_day_six, PHASE_POST, "dkim-old-removed-early", SEVERITY_WARNING, NULL, NULL,
	  NULL },
	{ old_gone_on_day_eight, PHASE_POST, "dkim-old-removed-early", SILENT, NULL, NULL, NULL },
	{ old_there, PHASE_POST, "dkim-old-removed-early", SILENT, NULL, NULL, NULL },
	{ old_unreadable, PHASE_POST, "dkim-old-removed-early", SILENT, NULL, NULL, NULL },
	{ old_alias_broken, PHASE_POST, "dkim-old-removed-early", SILENT, NULL, NULL, NULL },
	{ short_key, 0, "dkim-key-invalid", BY_LEVELS, "s1._domainkey.x.net TXT", "512 bits",
	  "new provider" },
	{ revoked, PHASE_AUDIT, "dkim-key-invalid", SEVERITY_WARNING, "old1._domainkey.x.net TXT",
	  "revoked", "old provider" },
	{ no_key_at_all, PHASE_AUDIT, "dkim-key-invalid", SEVERITY_WARNING, NULL, NULL, NULL },
	{ good, PHASE_AUDIT, "dkim-key-invalid", SILENT, NULL, NULL, NULL },
	{ good_beside_bad, PHASE_AUDIT, "dkim-key-invalid", SILENT, NULL, NULL, NULL },
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
	scenes_cover(dkim_checks, scenes, SCENES);
}

static void missing_is_only_what_surely_is(void **state)
{
	(void)state;
	static const struct {
		void (*spoil)(struct sample *x);
		bool missing;
	} cases[] = { { healthy, true },
		      { absent, true },
		      { unreadable, false },
		      { good, false },
		      { elsewhere, false } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sample x;
		sample_init(&x);
		cases[i].spoil(&x);
		const struct checking c = { .a = x.a, .in = &x.in, .s = &x.s };
		assert_int_equal(dkim_target_is_missing(&c), cases[i].missing);
		sample_release(&x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scene_gets_its_finding),
		cmocka_unit_test(every_row_has_both_scenes),
		cmocka_unit_test(missing_is_only_what_surely_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
