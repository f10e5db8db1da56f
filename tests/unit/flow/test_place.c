/* A project file that was edited behind a change, and what a rollback would do: real zone files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/file.h"
#include "flow/apply_priv.h"
#include "flow/plan.h"
#include "flow/steps.h"
#include "world.h"

static const char old_mx[] = "10 mx1.nwtraders.com.";
static const char new_mx[] = "0 mx.example.net.";

static const struct change_set *change_mx(struct world *w, uint32_t before_ttl, const char *before,
					  uint32_t after_ttl, const char *after)
{
	struct err e;
	struct change *c = ARENA_NEW(w->a, struct change);
	struct change_set *cs = ARENA_NEW(w->a, struct change_set);
	*c = (struct change){ DOMAIN, RR_MX,
			      rrset_make(w->a, DOMAIN, RR_MX, before_ttl, 1, &before, &e),
			      rrset_make(w->a, DOMAIN, RR_MX, after_ttl, 1, &after, &e), "test" };
	*cs = (struct change_set){ "staging", DOMAIN, 1, c };
	return cs;
}

static const struct change_set *lower_ttl(struct world *w)
{
	return change_mx(w, 86400, old_mx, 300, old_mx);
}

static void stage(struct world *w)
{
	struct apply_report r;
	struct err e = { 0 };
	if (flow_apply(w->f, w->a, "stage", lower_ttl(w), &r, &e) != 0)
		fail_msg("%s", e.text);
}

/* The provider's zone as it was before everything, in another place. */
static const char *another_place(struct world *w)
{
	struct err e;
	const char *path = arena_printf(w->a, "%s/other", w->project.dir);
	assert_int_equal(file_replace(path, slice_str(world_zone_text), 0600, &e), 0);
	return path;
}

static size_t in_force(struct world *w)
{
	struct applied_group *groups;
	struct err e = { 0 };
	size_t n;
	assert_int_equal(flow_applied(w->f, w->a, &groups, &n, &e), 0);
	return n;
}

static void expect_refused(struct world *w, int rc, const struct err *e)
{
	assert_int_equal(rc, -1);
	assert_int_equal(e->kind, ERR_REFUSED);
	assert_non_null(strstr(e->text, w->zone_path));
	assert_non_null(strstr(e->text, "/other"));
	assert_non_null(strstr(e->hint, "what stood there then"));
}

/* There it looks as if it were back already, which it is not. */
static void a_rollback_goes_where_it_was_staged_or_nowhere(void **state)
{
	struct world *w = *state;
	struct step_outcome out;
	struct err e = { 0 };
	const char *other = another_place(w);
	stage(w);
	w->options[0].text = other;
	expect_refused(w, step_rollback(w->f, &out, &e), &e);
	assert_int_equal(in_force(w), 1);
	w->options[0].text = w->zone_path;
	assert_int_equal(step_rollback(w->f, &out, &e), 0);
	assert_int_equal(in_force(w), 0);
	assert_non_null(strstr(world_zone(w), "86400"));
	/* Nothing is left to undo: the other place is as good as any. */
	w->options[0].text = other;
	assert_int_equal(step_rollback(w->f, &out, &e), 0);
	(void)unlink(other);
}

static void an_interrupted_change_is_looked_for_where_it_was_made(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	int64_t seq;
	const struct apply_intent intent = { "stage", 0, lower_ttl(w),
					     place_of_project(w->f, w->a) };
	assert_int_equal(apply_journal_intent(w->f, w->a, &intent, &seq, &e), 0);
	w->options[0].text = another_place(w);
	expect_refused(w, flow_resolve_open(w->f, w->a, &e), &e);
	(void)unlink(w->options[0].text);
	w->options[0].text = w->zone_path;
	assert_int_equal(flow_resolve_open(w->f, w->a, &e), 0);
}

/* Newest first: what was made here is taken back before it stops. */
static void what_was_made_here_is_taken_back_first(void **state)
{
	struct world *w = *state;
	struct step_outcome out;
	struct apply_report r;
	struct err e = { 0 };
	const char *other = another_place(w);
	stage(w);
	w->options[0].text = other;
	assert_int_equal(flow_apply(w->f, w->a, "stage", lower_ttl(w), &r, &e), 0);
	assert_int_equal(in_force(w), 2);
	expect_refused(w, step_rollback(w->f, &out, &e), &e);
	assert_int_equal(in_force(w), 1);
	(void)unlink(other);
}

/* A key is renewed, a rollback runs from another machine: the same place. */
static void how_we_sign_in_is_no_place(void **state)
{
	struct world *w = *state;
	struct project_value options[] = { { "user", "nw" }, { "base_url", "https://h:2083" } };
	struct project_value swapped[] = { { "client_ip", "192.0.2.1" },
					   { "base_url", "https://h:2083" },
					   { "timeout", "9s" },
					   { "user", "nw" } };
	w->project.dns_provider = "cpanel";
	w->project.dns_options = options;
	w->project.dns_option_n = 2;
	struct place was = place_of_project(w->f, w->a);
	assert_string_equal(was.at, "cpanel (base_url https://h:2083, user nw)");
	w->project.dns_options = swapped;
	w->project.dns_option_n = 4;
	struct place now = place_of_project(w->f, w->a);
	assert_false(place_differs(&was, &now));
	swapped[3].text = "somebody";
	now = place_of_project(w->f, w->a);
	assert_true(place_differs(&was, &now));
	/* By hand the DNS is what is looked at. */
	w->project.dns_provider = "manual";
	now = place_of_project(w->f, w->a);
	assert_false(place_differs(&was, &now));
	w->project.dns_provider = "zonefile";
	w->project.dns_options = w->options;
	w->project.dns_option_n = 1;
}

static void another_account_s_zone_is_another_place(void **state)
{
	(void)state;
	const struct place was = { "cloudflare", "Z1" };
	const struct place same = { "cloudflare", "Z1" };
	const struct place other = { "cloudflare", "Z2" };
	const struct place untold = { "cloudflare", NULL };
	assert_false(place_differs(&was, &same));
	assert_true(place_differs(&was, &other));
	assert_false(place_differs(&was, &untold));
}

static void dry(struct world *w)
{
	flow_close(w->f);
	world_open(w, true);
}

/* The newest change was never made: its image stands nowhere, and that is nobody's edit. */
static void a_rehearsal_is_of_what_a_rollback_would_do(void **state)
{
	struct world *w = *state;
	struct step_outcome out;
	struct err e = { 0 };
	int64_t seq;
	const struct apply_intent never = { "switch", 0, change_mx(w, 300, old_mx, 300, new_mx),
					    place_of_project(w->f, w->a) };
	stage(w);
	assert_int_equal(apply_journal_intent(w->f, w->a, &never, &seq, &e), 0);
	const char *staged = world_zone(w);
	dry(w);
	assert_int_equal(step_rollback(w->f, &out, &e), 0);
	assert_string_equal(out.reason, "dry run: 1 record would have been restored");
	assert_string_equal(world_zone(w), staged);
	flow_close(w->f);
	world_open(w, false);
	assert_int_equal(step_rollback(w->f, &out, &e), 0);
	assert_non_null(strstr(out.reason, "1 record restored"));
	assert_non_null(strstr(world_zone(w), "86400"));
	dry(w);
	assert_int_equal(step_rollback(w->f, &out, &e), 0);
	assert_non_null(strstr(out.reason, "nothing to roll back"));
}

/* Nobody looked so far what became of it: a rollback would do that first. */
static void what_a_killed_run_left_is_rehearsed_too(void **state)
{
	struct world *w = *state;
	struct step_outcome out;
	struct err e = { 0 };
	int64_t seq;
	const char *done = "$ORIGIN treyresearch.com.\n$TTL 3600\n"
			   "@ IN SOA ns1 host 1 2 3 4 300\n@ IN NS ns1\n"
			   "@ 300 IN MX 10 mx1.nwtraders.com.\n";
	const struct apply_intent killed = { "stage", 0, lower_ttl(w),
					     place_of_project(w->f, w->a) };
	assert_int_equal(apply_journal_intent(w->f, w->a, &killed, &seq, &e), 0);
	assert_int_equal(file_replace(w->zone_path, slice_str(done), 0600, &e), 0);
	dry(w);
	assert_int_equal(step_rollback(w->f, &out, &e), 0);
	assert_string_equal(out.reason, "dry run: 1 record would have been restored");
	assert_string_equal(world_zone(w), done);
}

static void a_rehearsal_stops_where_a_rollback_would(void **state)
{
	struct world *w = *state;
	struct step_outcome out;
	struct err e = { 0 };
	stage(w);
	w->options[0].text = another_place(w);
	dry(w);
	expect_refused(w, step_rollback(w->f, &out, &e), &e);
	(void)unlink(w->options[0].text);
	w->options[0].text = w->zone_path;
	assert_int_equal(file_replace(w->zone_path,
				      slice_str("$ORIGIN treyresearch.com.\n$TTL 3600\n"
						"@ IN SOA ns1 host 1 2 3 4 300\n@ IN NS ns1\n"
						"@ 300 IN MX 5 mx9.example.net.\n"),
				      0600, &e),
			 0);
	assert_int_equal(step_rollback(w->f, &out, &e), -1);
	assert_non_null(strstr(e.text, "somebody else changed it"));
	assert_non_null(strstr(e.text, "mx9.example.net."));
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_rollback_goes_where_it_was_staged_or_nowhere),
		T(an_interrupted_change_is_looked_for_where_it_was_made),
		T(what_was_made_here_is_taken_back_first),
		T(how_we_sign_in_is_no_place),
		T(another_account_s_zone_is_another_place),
		T(a_rehearsal_is_of_what_a_rollback_would_do),
		T(what_a_killed_run_left_is_rehearsed_too),
		T(a_rehearsal_stops_where_a_rollback_would),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
