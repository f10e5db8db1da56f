/* Changes on the record, through the zone file provider: a real zone, no network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/file.h"
#include "flow/apply.h"
#include "flow/flow_priv.h"
#include "store/journal.h"

#define DOMAIN "treyresearch.com."

static const char zone_text[] = "$ORIGIN treyresearch.com.\n$TTL 3600\n"
				"@ IN SOA ns1 host 1 2 3 4 300 ; the serial is 1\n"
				"@ IN NS ns1\n"
				"@ 86400 IN MX 10 mx1.nwtraders.com. ; the old provider\n"
				"@ IN TXT \"v=spf1 include:nwtraders.com -all\"\n"
				"ns1 IN A 192.0.2.53\n";

struct world {
	struct arena *a;
	struct fake_clock clock;
	struct project project;
	struct project_value options[1];
	const char *zone_path;
	struct flow *f;
};

static void open_world(struct world *w, bool dry_run)
{
	struct err e = { 0 };
	struct flow_opts opts = {
		.project = &w->project,
		.memory = FLOW_WRITE_STORE,
		.clock = &w->clock.clock,
		.rng = rng_system(),
		.dry_run = dry_run,
	};
	if (flow_open(&opts, &w->f, &e) != 0)
		fail_msg("%s", e.text);
}

static int setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	struct err e = { 0 };
	char dir[] = "/tmp/cutover-apply-XXXXXX";
	w->a = arena_new();
	assert_non_null(mkdtemp(dir));
	fake_clock_init(&w->clock, 1790000000000);
	w->zone_path = arena_printf(w->a, "%s/zone", dir);
	w->options[0] = (struct project_value){ "path", w->zone_path };
	w->project = (struct project){
		.path = "cutover.yaml",
		.dir = arena_strdup(w->a, dir),
		.domain = DOMAIN,
		.dns_provider = "zonefile",
		.dns_options = w->options,
		.dns_option_n = 1,
	};
	assert_int_equal(file_replace(w->zone_path, SLICE_LIT(zone_text), 0600, &e), 0);
	open_world(w, false);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	static const char *const names[] = { "zone", ".cutover/state.db", ".cutover/state.db-wal",
					     ".cutover/state.db-shm", ".cutover/lock" };
	flow_close(w->f);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(arena_printf(w->a, "%s/%s", w->project.dir, names[i]));
	(void)rmdir(arena_printf(w->a, "%s/.cutover", w->project.dir));
	(void)rmdir(w->project.dir);
	arena_free(w->a);
	free(w);
	return 0;
}

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

static const char *zone_now(struct world *w)
{
	struct buf b;
	struct err e;
	buf_init(&b);
	assert_int_equal(file_read(w->zone_path, 1 << 20, &b, &e), 0);
	const char *text = arena_slice(w->a, buf_slice(&b));
	buf_release(&b);
	return text;
}

static const struct journal_row *journal(struct world *w, size_t *n)
{
	struct journal_row *rows;
	struct err e = { 0 };
	assert_int_equal(journal_rows(w->f->store, w->a, NULL, &rows, n, &e), 0);
	return rows;
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
	assert_non_null(strstr(zone_now(w), "300"));
	assert_non_null(strstr(zone_now(w), "; the old provider"));
	const struct journal_row *rows = journal(w, &n);
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
	const char *once = zone_now(w);
	apply(w, &r);
	assert_int_equal(r.changed, 0);
	assert_int_equal(r.already, 1);
	assert_string_equal(zone_now(w), once);
	(void)journal(w, &n);
	assert_int_equal(n, 2);
}

static void edit_mx(struct world *w)
{
	struct err e;
	struct buf b;
	const char *text = zone_now(w);
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
	const char *edited = zone_now(w);
	assert_int_equal(flow_apply(w->f, w->a, "stage", lower_ttl(w), &r, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_non_null(strstr(e.text, "mx9.example.net."));
	assert_non_null(strstr(e.text, "mx1.nwtraders.com."));
	assert_non_null(strstr(e.hint, "cutover plan"));
	assert_string_equal(zone_now(w), edited);
	(void)journal(w, &n);
	assert_int_equal(n, 0);
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
	assert_non_null(strstr(zone_now(w), "86400"));
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
	assert_int_equal(file_replace(w->zone_path, SLICE_LIT(zone_text), 0600, &e), 0);
	assert_int_equal(step_rollback(w->f, &out, &e), 0);
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
	const struct journal_row *rows = journal(w, &n);
	assert_int_equal(rows[n - 1].kind, JOURNAL_FAILED); /* the zone is as before */
	assert_int_equal(rows[n - 1].ref, seq);

	struct apply_report r;
	apply(w, &r);
	seq = open_intent(w);
	assert_int_equal(flow_resolve_open(w->f, w->a, &e), 0);
	rows = journal(w, &n);
	assert_int_equal(rows[n - 1].kind, JOURNAL_DONE); /* the zone is as wished */
	assert_int_equal(rows[n - 1].ref, seq);
}

static void a_dry_run_writes_nothing(void **state)
{
	struct world *w = *state;
	struct apply_report r;
	struct err e = { 0 };
	size_t n;
	flow_close(w->f);
	open_world(w, true);
	(void)flow_apply(w->f, w->a, "stage", lower_ttl(w), &r, &e);
	assert_string_equal(zone_now(w), zone_text);
	(void)journal(w, &n);
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
	const struct applied_group groups[] = { { 1, "stage", 1, first, true },
						{ 3, "switch", 2, &second, true } };
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
	const struct applied_group groups[] = { { 1, "stage", 1, cs, true },
						{ 3, "switch", 2, cs, true } };
	const struct applied_group unknown[] = { { 3, "switch", 2, cs, false } };
	assert_true(applied_switch(groups, 2, cs));
	assert_true(applied_switch(groups, 2, &planned_again));
	assert_false(applied_switch(groups, 1, cs));
	assert_false(applied_switch(groups, 0, &planned_again));
	assert_false(applied_switch(unknown, 1, cs)); /* not read back: nothing is claimed of it */
	assert_false(applied_has(unknown, 1, cs));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_change_is_made_and_journalled),
		T(a_repeat_does_nothing),
		T(a_foreign_edit_is_refused_and_nothing_written),
		T(rollback_restores_the_ttl),
		T(a_record_that_is_back_already_counts_as_undone),
		T(a_killed_run_is_resolved_by_looking),
		T(a_dry_run_writes_nothing),
		T(a_set_in_force_is_known),
		T(later_changes_take_the_place_of_earlier_ones),
		T(the_switch_is_made_when_its_group_is_in_force),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
