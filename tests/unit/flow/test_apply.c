/* Changes on the record, through the zone file provider: a real zone, no network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "flow/apply_priv.h"
#include "flow/provider.h"
#include "world.h"

static const struct rrset *mx(struct world *w, uint32_t ttl, const char *rdata)
{
	struct err e;
	return rrset_make(w->a, DOMAIN, RR_MX, ttl, 1, &rdata, &e);
}

static const struct change_set *lower_ttl(struct world *w)
{
	struct change *c = ARENA_NEW(w->a, struct change);
	struct change_set *cs = ARENA_NEW(w->a, struct change_set);
	*c = (struct change){ DOMAIN, RR_MX, mx(w, 86400, "10 mx1.nwtraders.com."),
			      mx(w, 300, "10 mx1.nwtraders.com."), "test" };
	*cs = (struct change_set){ "staging", DOMAIN, 1, c };
	return cs;
}

static void apply(struct world *w, struct apply_report *r)
{
	struct err e = { 0 };
	if (flow_apply(w->f, w->a, "stage", lower_ttl(w), r, &e) != 0)
		fail_msg("%s", e.text);
}

static void a_change_is_made_and_journalled(void **state)
{
	struct world *w = *state;
	struct apply_report r;
	size_t n;
	apply(w, &r);
	assert_int_equal(r.changed, 1);
	assert_non_null(strstr(world_zone(w), "300"));
	assert_non_null(strstr(world_zone(w), "; the old provider"));
	const struct journal_row *rows = world_journal(w, &n);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].kind, JOURNAL_INTENT);
	assert_int_equal(rows[1].kind, JOURNAL_DONE);
	assert_int_equal(rows[1].ref, rows[0].seq);
}

static void a_repeat_does_nothing(void **state)
{
	struct world *w = *state;
	struct apply_report r;
	size_t n;
	apply(w, &r);
	const char *once = world_zone(w);
	apply(w, &r);
	assert_int_equal(r.changed, 0);
	assert_int_equal(r.already, 1);
	assert_string_equal(world_zone(w), once);
	(void)world_journal(w, &n);
	assert_int_equal(n, 2);
}

static void edit_mx(struct world *w)
{
	struct err e;
	struct buf b;
	const char *text = world_zone(w);
	const char *at = strstr(text, "mx1.nwtraders.com.");
	buf_init(&b);
	buf_add(&b, text, (size_t)(at - text));
	buf_adds(&b, "mx9.example.net.");
	buf_adds(&b, at + strlen("mx1.nwtraders.com."));
	assert_int_equal(file_replace(w->zone_path, buf_slice(&b), 0600, &e), 0);
	buf_release(&b);
}

static void a_foreign_edit_is_refused_and_nothing_written(void **state)
{
	struct world *w = *state;
	struct apply_report r;
	struct err e = { 0 };
	size_t n;
	edit_mx(w);
	const char *edited = world_zone(w);
	assert_int_equal(flow_apply(w->f, w->a, "stage", lower_ttl(w), &r, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_non_null(strstr(e.text, "mx9.example.net."));
	assert_non_null(strstr(e.text, "mx1.nwtraders.com."));
	assert_non_null(strstr(e.hint, "cutover plan"));
	assert_string_equal(world_zone(w), edited);
	(void)world_journal(w, &n);
	assert_int_equal(n, 0);
}

/* As many new names as that beside the MX. */
static const struct change_set *many(struct world *w, size_t n)
{
	struct err e;
	const char *rdata = "192.0.2.1";
	struct change *list = ARENA_ARRAY(w->a, n, struct change);
	struct change_set *cs = ARENA_NEW(w->a, struct change_set);
	for (size_t i = 0; i < n; i++) {
		const char *name = arena_printf(w->a, "n%zu." DOMAIN, i);
		list[i] = (struct change){ name, RR_A, NULL,
					   rrset_make(w->a, name, RR_A, 60, 1, &rdata, &e),
					   "test" };
	}
	*cs = (struct change_set){ "staging", DOMAIN, n, list };
	return cs;
}

static void a_set_beyond_the_policy_needs_to_be_allowed(void **state)
{
	struct world *w = *state;
	struct apply_report r;
	struct step_outcome out;
	struct err e = { 0 };
	w->project.policy.max_changed_rrsets = 4;
	assert_int_equal(flow_apply(w->f, w->a, "stage", many(w, 5), &r, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_non_null(strstr(e.text, "changes 5 RRsets"));
	assert_non_null(strstr(e.hint, "--allow-changes 5"));
	assert_string_equal(world_zone(w), world_zone_text);
	w->f->opts.allow_changes = 4;
	assert_int_equal(flow_apply(w->f, w->a, "stage", many(w, 5), &r, &e), -1);
	w->f->opts.allow_changes = 5;
	assert_int_equal(flow_apply(w->f, w->a, "stage", many(w, 5), &r, &e), 0);
	assert_int_equal(r.changed, 5);
	/* What was allowed may always be taken back. */
	w->f->opts.allow_changes = 0;
	assert_int_equal(step_rollback(w->f, &out, &e), 0);
	assert_null(strstr(world_zone(w), "192.0.2.1"));
}

/* Whatever else is allowed: the apex NS and the SOA are the zone itself. */
static void the_apex_ns_and_the_soa_are_never_changed(void **state)
{
	struct world *w = *state;
	struct apply_report r;
	struct err e = { 0 };
	const char *host = "ns9.example.net.";
	const char *soa = "ns9.example.net. host.example.net. 9 9 9 9 9";
	struct change changes[] = {
		{ DOMAIN, RR_NS, NULL, rrset_make(w->a, DOMAIN, RR_NS, 3600, 1, &host, &e), "" },
		{ DOMAIN, RR_SOA, NULL, rrset_make(w->a, DOMAIN, RR_SOA, 3600, 1, &soa, &e), "" },
	};
	w->f->opts.allow_changes = 1000;
	for (size_t i = 0; i < 2; i++) {
		struct change_set cs = { "staging", DOMAIN, 1, &changes[i] };
		assert_int_equal(flow_apply(w->f, w->a, "stage", &cs, &r, &e), -1);
		assert_int_equal(e.kind, ERR_REFUSED);
		assert_string_equal(world_zone(w), world_zone_text);
	}
}

/* The offer names the command, keeps the reason's own hint, and is for accounts alone. */
static void a_refused_account_is_offered_the_way_by_hand(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	err_set(&e, ERR_ACCOUNT, "no");
	err_hint(&e, "check the key");
	provider_offer_by_hand(w->f, "switch", &e);
	assert_non_null(strstr(e.hint, "cutover switch --by-hand"));
	assert_non_null(strstr(e.hint, "check the key"));
	err_set(&e, ERR_REFUSED, "no");
	err_hint(&e, "look at it");
	provider_offer_by_hand(w->f, "switch", &e);
	assert_string_equal(e.hint, "look at it");
	w->f->opts.by_hand = true;
	err_set(&e, ERR_ACCOUNT, "no");
	err_hint(&e, "look at it");
	provider_offer_by_hand(w->f, "switch", &e);
	assert_string_equal(e.hint, "look at it");
}

/* The sheet of --by-hand is in the words of the provider that the project names, else of whom the
 * name servers belong to. */
static void the_sheet_speaks_the_panel_s_words(void **state)
{
	struct world *w = *state;
	static const char *const servers[] = { "shades03.rzone.de.", NULL };
	struct err e = { 0 };
	const char *text = NULL;
	struct provider *p = NULL;
	w->f->opts.by_hand = true;
	w->project.dns_provider = "godaddy-v3";
	assert_int_equal(provider_open(w->f, DOMAIN, &p, &e), 0);
	assert_int_equal(registrar_sheet(provider_call(p), w->a, lower_ttl(w), &text, &e), 0);
	assert_non_null(strstr(text, "In GoDaddy, open"));
	provider_close(p);
	w->project.dns_provider = "rfc2136";
	assert_int_equal(provider_open(w->f, DOMAIN, &p, &e), 0);
	assert_int_equal(registrar_sheet(provider_call(p), w->a, lower_ttl(w), &text, &e), 0);
	assert_non_null(strstr(text, "In your DNS host's panel, open"));
	provider_close(p);
	w->project.dns_nameservers = servers;
	assert_int_equal(provider_open(w->f, DOMAIN, &p, &e), 0);
	assert_int_equal(registrar_sheet(provider_call(p), w->a, lower_ttl(w), &text, &e), 0);
	assert_non_null(strstr(text, "In STRATO, open"));
	provider_close(p);
}

static void rollback_restores_the_ttl(void **state)
{
	struct world *w = *state;
	struct apply_report r;
	struct step_outcome out;
	struct err e = { 0 };
	struct applied_group *groups;
	size_t n;
	apply(w, &r);
	assert_int_equal(step_rollback(w->f, &out, &e), 0);
	assert_int_equal(out.result, STEP_DONE);
	assert_non_null(strstr(world_zone(w), "86400"));
	assert_int_equal(flow_applied(w->f, w->a, &groups, &n, &e), 0);
	assert_int_equal(n, 0);
	assert_int_equal(step_rollback(w->f, &out, &e), 0);
	assert_non_null(strstr(out.reason, "nothing to roll back"));
}

static void a_record_that_is_back_already_counts_as_undone(void **state)
{
	struct world *w = *state;
	struct apply_report r;
	struct step_outcome out;
	struct err e = { 0 };
	struct applied_group *groups;
	size_t n;
	apply(w, &r);
	assert_int_equal(file_replace(w->zone_path, slice_str(world_zone_text), 0600, &e), 0);
	assert_int_equal(step_rollback(w->f, &out, &e), 0);
	assert_int_equal(flow_applied(w->f, w->a, &groups, &n, &e), 0);
	assert_int_equal(n, 0);
}

/* Two records, made in one piece; then the zone as somebody left it who took away the first. */
static const struct change_set *two_made_one_gone(struct world *w)
{
	const struct change_set *cs = many(w, 2);
	struct apply_report r;
	struct err e = { 0 };
	assert_int_equal(flow_apply(w->f, w->a, "stage", cs, &r, &e), 0);
	const char *rest = arena_printf(w->a, "%sn1 60 IN A 192.0.2.1\n", world_zone_text);
	assert_int_equal(file_replace(w->zone_path, slice_str(rest), 0600, &e), 0);
	return cs;
}

static void what_is_back_in_part_is_undone_as_a_whole(void **state)
{
	struct world *w = *state;
	struct step_outcome out;
	struct applied_group *groups;
	struct err e = { 0 };
	size_t n;
	(void)two_made_one_gone(w);
	assert_int_equal(step_rollback(w->f, &out, &e), 0);
	assert_null(strstr(world_zone(w), "192.0.2.1"));
	assert_int_equal(flow_applied(w->f, w->a, &groups, &n, &e), 0);
	assert_int_equal(n, 0);
}

/* Made by a provider that takes a set in one piece (or by hand), taken back through one that takes
 * record by record, and killed behind the first. */
static void a_rollback_that_was_cut_in_the_middle_of_a_group_goes_on(void **state)
{
	struct world *w = *state;
	struct step_outcome out;
	struct applied_group *groups;
	struct err e = { 0 };
	size_t n;
	const struct change_set *cs = two_made_one_gone(w);
	assert_int_equal(flow_applied(w->f, w->a, &groups, &n, &e), 0);
	/* The inverse has the last change first. */
	struct change_set first = *change_set_inverse(w->a, cs);
	first.changes = &first.changes[1];
	first.n = 1;
	struct apply_intent undo = { "rollback", groups[0].seq, &first, { NULL, NULL } };
	struct journal_row row = { .step = "rollback", .subject = apply_subject(w->a, &first) };
	assert_int_equal(apply_journal_intent(w->f, w->a, &undo, &row.seq, &e), 0);
	assert_int_equal(apply_journal_outcome(w->f, &row, JOURNAL_DONE, &e), 0);
	assert_int_equal(flow_applied(w->f, w->a, &groups, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(groups[0].changes->n, 1);
	assert_string_equal(groups[0].changes->changes[0].name, "n1." DOMAIN);
	assert_int_equal(step_rollback(w->f, &out, &e), 0);
	assert_null(strstr(world_zone(w), "192.0.2.1"));
	assert_int_equal(flow_applied(w->f, w->a, &groups, &n, &e), 0);
	assert_int_equal(n, 0);
}

/* As a run leaves it that was killed between the intent and the outcome. */
static int64_t open_intent(struct world *w)
{
	struct err e;
	int64_t seq;
	struct js *detail = js_object();
	js_set_int(detail, "undoes", 0);
	js_set(detail, "changes", change_set_to_js(lower_ttl(w)));
	struct journal_row row = { .at_ms = 1,
				   .kind = JOURNAL_INTENT,
				   .step = "stage",
				   .subject = "treyresearch.com. MX",
				   .detail = js_text(w->a, detail) };
	js_free(detail);
	assert_int_equal(journal_add(w->f->store, &row, &seq, &e), 0);
	return seq;
}

static void a_killed_run_is_resolved_by_looking(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	size_t n;
	int64_t seq = open_intent(w);
	assert_int_equal(flow_resolve_open(w->f, w->a, &e), 0);
	const struct journal_row *rows = world_journal(w, &n);
	assert_int_equal(rows[n - 1].kind, JOURNAL_UNKNOWN); /* as before, and it may yet land */
	assert_int_equal(rows[n - 1].ref, seq);

	struct apply_report r;
	apply(w, &r);
	seq = open_intent(w);
	assert_int_equal(flow_resolve_open(w->f, w->a, &e), 0);
	rows = world_journal(w, &n);
	assert_int_equal(rows[n - 1].kind, JOURNAL_DONE); /* the zone is as wished */
	assert_int_equal(rows[n - 1].ref, seq);
}

/* What a write leaves whose end nobody told, and which the host makes when it gets to it. */
static void lands_now(struct world *w)
{
	struct err e = { 0 };
	struct buf b;
	const char *at = strstr(world_zone_text, "86400");
	assert_non_null(at);
	buf_init(&b);
	buf_add(&b, world_zone_text, (size_t)(at - world_zone_text));
	buf_adds(&b, "300");
	buf_adds(&b, at + strlen("86400"));
	assert_int_equal(file_replace(w->zone_path, buf_slice(&b), 0600, &e), 0);
	buf_release(&b);
}

static size_t groups_in_force(struct world *w)
{
	struct applied_group *groups;
	struct err e = { 0 };
	size_t n;
	assert_int_equal(flow_applied(w->f, w->a, &groups, &n, &e), 0);
	return n;
}

static void a_write_that_lands_behind_the_look_is_ours(void **state)
{
	struct world *w = *state;
	struct apply_report r;
	struct step_outcome out;
	struct applied_group *groups;
	struct err e = { 0 };
	size_t n;
	(void)open_intent(w);
	assert_int_equal(flow_resolve_open(w->f, w->a, &e), 0); /* not there so far */
	lands_now(w);
	apply(w, &r);
	assert_int_equal(r.already, 1);
	assert_int_equal(r.changed, 0);
	assert_int_equal(flow_applied(w->f, w->a, &groups, &n, &e), 0);
	assert_int_equal(n, 1); /* what was uncertain is settled by what is known */
	assert_true(applied_has(groups, n, lower_ttl(w)));
	assert_int_equal(step_rollback(w->f, &out, &e), 0);
	assert_non_null(strstr(world_zone(w), "86400"));
	assert_int_equal(groups_in_force(w), 0);
}

static void a_write_that_lands_before_the_rollback_is_taken_back(void **state)
{
	struct world *w = *state;
	struct step_outcome out;
	struct err e = { 0 };
	(void)open_intent(w);
	assert_int_equal(flow_resolve_open(w->f, w->a, &e), 0);
	lands_now(w);
	assert_int_equal(step_rollback(w->f, &out, &e), 0);
	assert_non_null(strstr(world_zone(w), "86400"));
	assert_int_equal(groups_in_force(w), 0);
}

/* Done by the next run instead: the journal has it once. */
static void an_uncertain_write_is_settled_by_one_that_is_known(void **state)
{
	struct world *w = *state;
	struct apply_report r;
	struct err e = { 0 };
	(void)open_intent(w);
	assert_int_equal(flow_resolve_open(w->f, w->a, &e), 0);
	assert_int_equal(groups_in_force(w), 1);
	apply(w, &r);
	assert_int_equal(r.changed, 1);
	assert_int_equal(groups_in_force(w), 1);
}

/* Somebody else was before us, and it stays theirs. */
static void what_stood_there_already_is_not_ours(void **state)
{
	struct world *w = *state;
	struct apply_report r;
	lands_now(w);
	apply(w, &r);
	assert_int_equal(r.already, 1);
	assert_int_equal(groups_in_force(w), 0);
}

static bool opens_for(struct world *w, const char *domain, struct err *e)
{
	const struct flow_opts opts = { .project = &w->project,
					.memory = FLOW_WRITE_STORE,
					.clock = &w->clock.clock,
					.rng = rng_system() };
	*e = (struct err){ 0 };
	flow_close(w->f);
	w->f = NULL;
	w->project.domain = domain;
	return flow_open(&opts, &w->f, e) == 0;
}

/* A directory that was copied for the next customer: its rollback would be the first one's. */
static void the_memory_of_another_domain_is_refused(void **state)
{
	struct world *w = *state;
	struct apply_report r;
	struct err e = { 0 };
	struct js *plan = js_object();
	js_set_str(plan, "domain", "treyresearch.com");
	assert_int_equal(flow_put(w->f, DOC_PLAN, plan, &e), 0);
	js_free(plan);
	assert_true(opens_for(w, "treyreserch.com.", &e)); /* a mistake, before anything was done */
	assert_true(opens_for(w, DOMAIN, &e));
	apply(w, &r);
	assert_false(opens_for(w, "contoso.com.", &e));
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.text, "the cutover of treyresearch.com"));
	assert_non_null(strstr(e.text, "is about contoso.com"));
	assert_non_null(strstr(e.hint, "a directory of its own"));
	assert_true(opens_for(w, DOMAIN, &e));
}

static void a_dry_run_writes_nothing(void **state)
{
	struct world *w = *state;
	struct apply_report r;
	struct err e = { 0 };
	size_t n;
	flow_close(w->f);
	world_open(w, true);
	(void)flow_apply(w->f, w->a, "stage", lower_ttl(w), &r, &e);
	assert_string_equal(world_zone(w), world_zone_text);
	(void)world_journal(w, &n);
	assert_int_equal(n, 0);
}

static void a_set_in_force_is_known(void **state)
{
	struct world *w = *state;
	struct apply_report r;
	struct applied_group *groups;
	struct err e = { 0 };
	size_t n;
	assert_int_equal(flow_applied(w->f, w->a, &groups, &n, &e), 0);
	assert_false(applied_has(groups, n, lower_ttl(w)));
	apply(w, &r);
	assert_int_equal(flow_applied(w->f, w->a, &groups, &n, &e), 0);
	assert_true(applied_has(groups, n, lower_ttl(w)));
	assert_string_equal(groups[0].step, "stage");
}

static void later_changes_take_the_place_of_earlier_ones(void **state)
{
	struct world *w = *state;
	const struct change_set *first = lower_ttl(w);
	struct change moved = { DOMAIN, RR_MX, first->changes[0].after, mx(w, 300, "0 mx.new."),
				"" };
	struct change_set second = { "switch", DOMAIN, 1, &moved };
	const struct applied_group groups[] = {
		{ 1, "stage", 1, first, true, false, { NULL, NULL } },
		{ 3, "switch", 2, &second, true, false, { NULL, NULL } }
	};
	const struct change_set *result = applied_result(w->a, groups, 2);
	assert_int_equal(result->n, 1);
	assert_true(rrset_same(result->changes[0].after, moved.after));
	assert_int_equal(applied_result(w->a, groups, 0)->n, 0);
	const struct change_set *undo = applied_undo(w->a, groups, 2);
	assert_int_equal(undo->n, 1);
	assert_true(rrset_same(undo->changes[0].before, moved.after));
	assert_true(rrset_same(undo->changes[0].after, first->changes[0].before));
}

static void the_switch_is_made_when_its_group_is_in_force(void **state)
{
	struct world *w = *state;
	const struct change_set *cs = lower_ttl(w);
	const struct change_set planned_again = { "switch", DOMAIN, 0, NULL };
	const struct applied_group groups[] = {
		{ 1, "stage", 1, cs, true, false, { NULL, NULL } },
		{ 3, "switch", 2, cs, true, false, { NULL, NULL } }
	};
	const struct applied_group unknown[] = {
		{ 3, "switch", 2, cs, false, false, { NULL, NULL } }
	};
	assert_true(applied_switch(groups, 2, cs));
	assert_true(applied_switch(groups, 2, &planned_again));
	assert_false(applied_switch(groups, 1, cs));
	assert_false(applied_switch(groups, 0, &planned_again));
	assert_false(applied_switch(unknown, 1, cs)); /* not read back: nothing is claimed of it */
	assert_false(applied_has(unknown, 1, cs));
}

static const struct rrset *two_mx(struct world *w, uint32_t ttl, const char *one, const char *other)
{
	struct err e;
	const char *rdata[] = { one, other };
	return rrset_make(w->a, DOMAIN, RR_MX, ttl, 2, rdata, &e);
}

/* Between the two images, and only while the journal has a write without a known end. */
static void what_is_half_done_is_known_as_ours(void **state)
{
	struct world *w = *state;
	const struct change c = { DOMAIN, RR_MX, two_mx(w, 3600, "10 a.", "20 b."),
				  mx(w, 300, "0 c."), "" };
	const struct change back = { DOMAIN, RR_MX, c.after, c.before, "" };
	const struct change_set cs = { "switch", DOMAIN, 1, &c };
	struct applied_group g = { 1, "switch", 1, &cs, false, false, { NULL, NULL } };
	const struct rrset *half = two_mx(w, 300, "0 c.", "20 b.");
	assert_true(applied_half_done(&g, 1, &c, half));
	assert_true(applied_half_done(&g, 1, &back, half));
	assert_true(applied_half_done(&g, 1, &c, NULL));
	assert_false(applied_half_done(&g, 1, &c, two_mx(w, 300, "0 c.", "30 z.")));
	assert_false(applied_half_done(&g, 1, &c, two_mx(w, 600, "0 c.", "20 b.")));
	const struct change other = { DOMAIN, RR_MX, c.before, mx(w, 300, "0 d."), "" };
	assert_false(applied_half_done(&g, 1, &other, two_mx(w, 300, "0 d.", "20 b.")));
	g.known = true;
	assert_false(applied_half_done(&g, 1, &c, half));
	g.undoing = true;
	assert_true(applied_half_done(&g, 1, &back, half));
	assert_false(applied_half_done(&g, 0, &c, half));
}

/* A staging of the same RRset whose end is not known has begun no switch: a window holds it still.
 */
static void an_uncertain_staging_has_begun_no_switch(void **state)
{
	struct world *w = *state;
	const struct change low = { DOMAIN, RR_MX, mx(w, 3600, "10 a."), mx(w, 300, "10 a."), "" };
	const struct change turn = { DOMAIN, RR_MX, low.after, mx(w, 300, "0 c."), "" };
	const struct change_set staging = { "staging", DOMAIN, 1, &low };
	const struct change_set switching = { "switch", DOMAIN, 1, &turn };
	struct applied_group g = { 1, "stage", 1, &staging, false, false, { NULL, NULL } };
	assert_int_equal(applied_begun(w->a, &g, 1, &switching)->n, 0);
	g.changes = &switching;
	assert_int_equal(applied_begun(w->a, &g, 1, &switching)->n, 1);
	g.known = true;
	assert_int_equal(applied_begun(w->a, &g, 1, &switching)->n, 1);
	assert_int_equal(applied_begun(w->a, &g, 0, &switching)->n, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_uncertain_staging_has_begun_no_switch),
		T(a_change_is_made_and_journalled),
		T(a_repeat_does_nothing),
		T(a_foreign_edit_is_refused_and_nothing_written),
		T(a_set_beyond_the_policy_needs_to_be_allowed),
		T(the_apex_ns_and_the_soa_are_never_changed),
		T(a_refused_account_is_offered_the_way_by_hand),
		T(the_sheet_speaks_the_panel_s_words),
		T(rollback_restores_the_ttl),
		T(a_record_that_is_back_already_counts_as_undone),
		T(what_is_back_in_part_is_undone_as_a_whole),
		T(a_rollback_that_was_cut_in_the_middle_of_a_group_goes_on),
		T(a_killed_run_is_resolved_by_looking),
		T(a_write_that_lands_behind_the_look_is_ours),
		T(a_write_that_lands_before_the_rollback_is_taken_back),
		T(an_uncertain_write_is_settled_by_one_that_is_known),
		T(what_stood_there_already_is_not_ours),
		T(the_memory_of_another_domain_is_refused),
		T(a_dry_run_writes_nothing),
		T(a_set_in_force_is_known),
		T(later_changes_take_the_place_of_earlier_ones),
		T(the_switch_is_made_when_its_group_is_in_force),
		T(what_is_half_done_is_known_as_ours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
