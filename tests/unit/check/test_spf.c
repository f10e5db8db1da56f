/*
 * SPF: the record as it stands, what a receiver meets on its way, and what the move asks of it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "scenes.h"

/* The domain's own record, both in the tree and in what servers say. */
static void own(struct sample *x, const char *text)
{
	const char **texts = ARENA_ARRAY(x->a, 1, const char *);
	texts[0] = text;
	sample_spf(x, 1, texts);
	sample_data_all(x, Q_TXT, 600, RDATA(txt_quote(x->a, slice_str(text))));
}

/* One more record in the tree; NULL: none. */
static void below(struct sample *x, const char *name, enum seen_state state, const char *text)
{
	struct spf_view *views = ARENA_ARRAY(x->a, x->s.spf_n + 1, struct spf_view);
	const char **texts = ARENA_ARRAY(x->a, 1, const char *);
	memcpy(views, x->s.spf, x->s.spf_n * sizeof(*views));
	texts[0] = text;
	views[x->s.spf_n++] = (struct spf_view){ name, "include", state, text != NULL, texts };
	x->s.spf = views;
}

static void healthy(struct sample *x)
{
	(void)x;
}

static void sends_nothing(struct sample *x)
{
	own(x, "v=spf1 -all");
	sample_data_all(x, Q_MX, 300, RDATA("0 ."));
	x->in.target_spf = NULL;
	x->in.target_mx = NULL;
	x->s.spf_n = 1;
}

static void none(struct sample *x)
{
	sample_data_all(x, Q_TXT, 600, RDATA("\"MS=ms1\""));
	sample_spf(x, 0, NULL);
}

static void none_and_no_plan(struct sample *x)
{
	none(x);
	x->in.target_spf = NULL;
}

static void unreadable(struct sample *x)
{
	none(x);
	x->spf[0].state = SEEN_UNREADABLE;
	sample_state_all(x, Q_TXT, SEEN_UNREADABLE);
}

static void two(struct sample *x)
{
	static const char *const texts[] = { "v=spf1 include:new.org -all", "v=spf1 mx -all" };
	sample_spf(x, 2, texts);
}

static void wrong_address(struct sample *x)
{
	own(x, "v=spf1 include:old.org ip4:192.0.2 include:new.org -all");
}

static void wrong_below(struct sample *x)
{
	static const char *const texts[] = { "v=spf1 ipv4:192.0.2.1 -all" };
	x->spf[1].texts = texts;
}

/* Nobody gets to it. */
static void wrong_behind_all(struct sample *x)
{
	own(x, "v=spf1 include:new.org -all include:old.org");
	wrong_below(x);
}

static void glued(struct sample *x)
{
	own(x, "v=spf1 include:old.orginclude:new.org -all");
	x->s.spf_n = 1;
}

static void glued_version(struct sample *x)
{
	none(x);
	sample_data_all(x, Q_TXT, 600, RDATA("\"v=spf1\" \"include:old.org -all\""));
}

/* Ten terms, no more. */
static void ten_lookups(struct sample *x)
{
	own(x, "v=spf1 include:old.org include:new.org a:a1.net a:a2.net a:a3.net a:a4.net "
	       "a:a5.net a:a6.net a:a7.net a:a8.net -all");
}

static void eleven_by_include(struct sample *x)
{
	static const char *const texts[] = { "v=spf1 mx -all" };
	ten_lookups(x);
	x->spf[2].texts = texts;
}

static void crowded_mx(struct sample *x)
{
	static const char *const mx[] = { "1 a.", "1 b.", "1 c.", "1 d.", "1 e.", "1 f.",
					  "1 g.", "1 h.", "1 i.", "1 j.", "1 k.", NULL };
	own(x, "v=spf1 mx:many.org include:new.org -all");
	sample_lookup(x, "many.org.", RR_MX, SEEN_DATA, mx);
}

static void gone_name(struct sample *x, const char *name)
{
	sample_lookup(x, name, RR_A, SEEN_NXDOMAIN, NULL);
	sample_lookup(x, name, RR_AAAA, SEEN_NXDOMAIN, NULL);
}

static void two_voids(struct sample *x)
{
	own(x, "v=spf1 a:g1.net a:g2.net a:g3.net include:new.org -all");
	gone_name(x, "g1.net.");
	gone_name(x, "g2.net.");
	sample_lookup(x, "g3.net.", RR_A, SEEN_UNREADABLE, NULL);
}

static void three_voids(struct sample *x)
{
	two_voids(x);
	x->lookups[4].seen.state = SEEN_NODATA;
	sample_lookup(x, "g3.net.", RR_AAAA, SEEN_NODATA, NULL);
}

static void include_gone(struct sample *x)
{
	x->spf[1].state = SEEN_NXDOMAIN;
	x->spf[1].n = 0;
}

static void include_without_spf(struct sample *x)
{
	x->spf[1].n = 0;
}

static void include_unreadable(struct sample *x)
{
	include_gone(x);
	x->spf[1].state = SEEN_UNREADABLE;
}

static void loop(struct sample *x)
{
	static const char *const texts[] = { "v=spf1 include:x.net -all" };
	x->spf[1].texts = texts;
}

static void plus_all(struct sample *x)
{
	own(x, "v=spf1 include:old.org include:new.org all");
}

static void neutral_all(struct sample *x)
{
	own(x, "v=spf1 include:old.org include:new.org ?all");
}

static void neutral_all_below(struct sample *x)
{
	static const char *const texts[] = { "v=spf1 ip4:127.0.0.9 ?all" };
	x->spf[1].texts = texts;
}

static void the_whole_net_below(struct sample *x)
{
	static const char *const texts[] = { "v=spf1 ip4:0.0.0.0/0 -all" };
	x->spf[1].texts = texts;
}

static void ptr(struct sample *x)
{
	own(x, "v=spf1 ptr include:new.org -all");
}

static void type99(struct sample *x)
{
	sample_lookup(x, "x.net.", RR_SPF, SEEN_DATA, RDATA("\"v=spf1 -all\""));
}

static void no_type99(struct sample *x)
{
	sample_lookup(x, "x.net.", RR_SPF, SEEN_NODATA, NULL);
}

static void many_tokens(struct sample *x)
{
	char token[256];
	memset(token, 'x', sizeof(token) - 1);
	token[sizeof(token) - 1] = '\0';
	const char *other = arena_printf(x->a, "\"a%.240s\"", token);
	sample_data_all(x, Q_TXT, 600,
			RDATA("\"v=spf1 include:old.org include:new.org -all\"",
			      arena_printf(x->a, "\"b%.240s\"", token), other));
}

static void old_only(struct sample *x)
{
	own(x, "v=spf1 include:old.org -all");
	x->s.spf_n = 2;
}

static void old_only_and_reject(struct sample *x)
{
	old_only(x);
	sample_data_all(x, Q_DMARC, 600, RDATA("\"v=DMARC1; sp=none; P=Reject\""));
}

static void old_only_and_tested_reject(struct sample *x)
{
	old_only(x);
	sample_data_all(x, Q_DMARC, 600, RDATA("\"v=DMARC1; p=reject; pct=0\""));
}

static void new_through_old(struct sample *x)
{
	static const char *const texts[] = { "v=spf1 include:new.org -all" };
	old_only(x);
	x->spf[1].texts = texts;
	x->s.spf_n = 3;
}

/* In the text, but its pass is only neutral for the domain. */
static void new_neutral(struct sample *x)
{
	own(x, "v=spf1 include:old.org ?include:new.org -all");
}

static void old_unreadable(struct sample *x)
{
	old_only(x);
	include_unreadable(x);
}

static void old_chosen_by_macro(struct sample *x)
{
	own(x, "v=spf1 include:%{d}.spf.old.org -all");
	x->s.spf_n = 1;
}

static void drained(struct sample *x)
{
	x->in.source_spf = "include:old.org";
	x->in.history.mx_changed_ms = SAMPLE_NOW_MS - 301000;
	x->in.history.mx_ttl_at_change = 300;
}

static void not_drained(struct sample *x)
{
	drained(x);
	x->in.history.mx_ttl_at_change = 302;
}

static void drained_and_tidy(struct sample *x)
{
	drained(x);
	own(x, "v=spf1 include:new.org -all");
}

static void drained_same_sender(struct sample *x)
{
	drained(x);
	x->in.source_spf = x->in.target_spf;
}

#define TXT "x.net TXT"

static const struct scene scenes[] = {
	{ none, 0, "spf-missing", BY_LEVELS, TXT, "x.net", "v=spf1 include:new.org -all" },
	{ none_and_no_plan, PHASE_AUDIT, "spf-missing", SEVERITY_WARNING, TXT, NULL, "-all" },
	{ healthy, PHASE_AUDIT, "spf-missing", SILENT, NULL, NULL, NULL },
	{ unreadable, PHASE_AUDIT, "spf-missing", SILENT, NULL, NULL, NULL },
	{ glued_version, PHASE_AUDIT, "spf-missing", SILENT, NULL, NULL, NULL },
	{ two, 0, "spf-multiple", BY_LEVELS, TXT, "2 SPF records", "merge" },
	{ two, PHASE_AUDIT, "spf-syntax", SILENT, NULL, NULL, NULL },
	{ healthy, PHASE_AUDIT, "spf-multiple", SILENT, NULL, NULL, NULL },
	{ wrong_address, 0, "spf-syntax", BY_LEVELS, TXT, "character 24, \"ip4:192.0.2\"",
	  "x.net" },
	{ wrong_below, PHASE_AUDIT, "spf-syntax", SEVERITY_BLOCKER, "old.org TXT",
	  "\"ipv4:192.0.2.1\"", "belongs to old.org" },
	{ wrong_behind_all, PHASE_AUDIT, "spf-syntax", SILENT, NULL, NULL, NULL },
	{ glued, PHASE_AUDIT, "spf-syntax", SILENT, NULL, NULL, NULL },
	{ glued, 0, "spf-split-no-space", BY_LEVELS, TXT, "\"include:old.orginclude:new.org\"",
	  "blank" },
	{ glued_version, PHASE_AUDIT, "spf-split-no-space", SEVERITY_BLOCKER, TXT,
	  "v=spf1include:old.org", "blank" },
	{ wrong_address, PHASE_AUDIT, "spf-split-no-space", SILENT, NULL, NULL, NULL },
	{ eleven_by_include, 0, "spf-lookups", BY_LEVELS, TXT, "needs 11 DNS lookups", "ip4:" },
	{ eleven_by_include, PHASE_AUDIT, "spf-lookups", SEVERITY_BLOCKER, TXT, "new.org 2", NULL },
	{ crowded_mx, PHASE_AUDIT, "spf-lookups", SEVERITY_BLOCKER, TXT, "many.org", "ip4:" },
	{ ten_lookups, PHASE_AUDIT, "spf-lookups", SILENT, NULL, NULL, NULL },
	{ loop, PHASE_AUDIT, "spf-lookups", SILENT, NULL, NULL, NULL },
	{ three_voids, 0, "spf-void-lookups", BY_LEVELS, TXT, "a:g1.net, a:g2.net, a:g3.net",
	  "a:g1.net" },
	{ two_voids, PHASE_AUDIT, "spf-void-lookups", SILENT, NULL, NULL, NULL },
	{ include_gone, 0, "spf-include-broken", BY_LEVELS, "old.org TXT", "does not exist",
	  "x.net" },
	{ include_without_spf, PHASE_AUDIT, "spf-include-broken", SEVERITY_BLOCKER, "old.org TXT",
	  "no SPF record", "old.org" },
	{ include_unreadable, PHASE_AUDIT, "spf-include-broken", SILENT, NULL, NULL, NULL },
	{ glued, PHASE_AUDIT, "spf-include-broken", SILENT, NULL, NULL, NULL },
	{ loop, 0, "spf-include-loop", BY_LEVELS, TXT, "leads back", "take out" },
	{ healthy, PHASE_AUDIT, "spf-include-loop", SILENT, NULL, NULL, NULL },
	{ plus_all, 0, "spf-plus-all", BY_LEVELS, TXT, "\"all\": everybody", "~all" },
	{ neutral_all, PHASE_AUDIT, "spf-plus-all", SEVERITY_WARNING, TXT, "?all", "~all" },
	{ the_whole_net_below, PHASE_AUDIT, "spf-plus-all", SEVERITY_WARNING, "old.org TXT",
	  "0.0.0.0/0", "old.org" },
	{ neutral_all_below, PHASE_AUDIT, "spf-plus-all", SILENT, NULL, NULL, NULL },
	{ ptr, 0, "spf-ptr", BY_LEVELS, TXT, "ptr", "ip4:" },
	{ healthy, PHASE_AUDIT, "spf-ptr", SILENT, NULL, NULL, NULL },
	{ type99, 0, "spf-type99", BY_LEVELS, "x.net SPF", "type SPF", "delete" },
	{ no_type99, PHASE_AUDIT, "spf-type99", SILENT, NULL, NULL, NULL },
	{ many_tokens, 0, "spf-size", BY_LEVELS, TXT, "bytes together", "tokens" },
	{ healthy, PHASE_AUDIT, "spf-size", SILENT, NULL, NULL, NULL },
	{ old_only, 0, "spf-target-missing", BY_LEVELS, TXT, "include:new.org",
	  "put include:new.org" },
	{ old_only_and_reject, PHASE_READY, "spf-target-missing", SEVERITY_BLOCKER, TXT, "rejected",
	  NULL },
	{ old_only_and_reject, PHASE_AUDIT, "spf-target-missing", SEVERITY_INFO, TXT, NULL, NULL },
	{ old_only_and_tested_reject, PHASE_READY, "spf-target-missing", SEVERITY_WARNING, TXT,
	  NULL, NULL },
	{ new_neutral, PHASE_READY, "spf-target-missing", SEVERITY_WARNING, TXT, NULL, NULL },
	{ new_through_old, PHASE_READY, "spf-target-missing", SILENT, NULL, NULL, NULL },
	{ old_unreadable, PHASE_READY, "spf-target-missing", SILENT, NULL, NULL, NULL },
	{ old_chosen_by_macro, PHASE_READY, "spf-target-missing", SILENT, NULL, NULL, NULL },
	{ none, PHASE_READY, "spf-target-missing", SILENT, NULL, NULL, NULL },
	{ drained, 0, "spf-old-remains", BY_LEVELS, TXT, "include:old.org",
	  "take include:old.org" },
	{ not_drained, PHASE_POST, "spf-old-remains", SILENT, NULL, NULL, NULL },
	{ drained_and_tidy, PHASE_POST, "spf-old-remains", SILENT, NULL, NULL, NULL },
	{ drained_same_sender, PHASE_POST, "spf-old-remains", SILENT, NULL, NULL, NULL },
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
	scenes_cover(spf_checks, scenes, SCENES);
}

/* "v=spf1 -all" and a null MX: nothing of this family, nor of DMARC's, has a word to say. */
static void a_domain_without_mail_is_healthy(void **state)
{
	(void)state;
	for (unsigned phase = PHASE_AUDIT; phase <= PHASE_POST; phase++) {
		struct sample x;
		sample_init(&x);
		sends_nothing(&x);
		sample_state_all(&x, Q_DMARC, SEEN_NXDOMAIN);
		x.in.phase = (enum phase)phase;
		for (const struct check *row = spf_checks; row->run != NULL; row++)
			assert_int_equal(sample_run(&x, row->info.id, NULL), 0);
		for (const struct check *row = dmarc_checks; row->run != NULL; row++)
			assert_int_equal(sample_run(&x, row->info.id, NULL), 0);
		sample_release(&x);
	}
}

/* Each broken record of the tree is told once, with where the way to it begins. */
static void a_broken_include_names_its_parent(void **state)
{
	(void)state;
	static const char *const texts[] = { "v=spf1 include:deep.org -all" };
	struct sample x;
	const struct finding *f = NULL;
	sample_init(&x);
	x.spf[1].texts = texts;
	below(&x, "deep.org.", SEEN_NXDOMAIN, NULL);
	assert_int_equal(sample_run(&x, "spf-include-broken", &f), 1);
	assert_string_equal(f->subject, "deep.org TXT");
	assert_non_null(strstr(f->message, "SPF of old.org has include deep.org"));
	assert_non_null(strstr(f->remedy, "of old.org"));
	assert_int_equal(f->evidence_n, 1);
	sample_release(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scene_gets_its_finding),
		cmocka_unit_test(every_row_has_both_scenes),
		cmocka_unit_test(a_domain_without_mail_is_healthy),
		cmocka_unit_test(a_broken_include_names_its_parent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
