/* From when a changed mail policy counts: by what was observed, at every server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flow/apply_priv.h"
#include "flow/observe.h"
#include "flow/observed.h"
#include "flow/one_clock.h"
#include "flow/settling.h"
#include "flow/tail_idle.h"
#include "sample.h"
#include "world.h"

#define DIGEST "0f5cf6a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d"
#define TLSA   "_25._tcp.mx2." DOMAIN

static const char *const old_mx[] = { "mx1.nwtraders.com", NULL };
static const char *const both_mx[] = { "mx1.nwtraders.com", "*.mail.protection.outlook.com", NULL };

struct now {
	struct world *w;
	struct sample s;
};

static int setup(void **state)
{
	struct now *t = mem_alloc(sizeof(*t));
	void *world;
	assert_int_equal(world_setup(&world), 0);
	t->w = world;
	sample_init(&t->s);
	t->w->project.target_mx = t->s.project.target_mx;
	fake_clock_init(&t->w->clock, SAMPLE_NOW_MS);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct now *t = *state;
	void *world = t->w;
	sample_release(&t->s);
	(void)world_teardown(&world);
	free(t);
	return 0;
}

static void observe(struct now *t, const struct observation *o, int64_t at_ms)
{
	struct err e = { 0 };
	if (store_observe(t->w->f->store, o, at_ms, &e) != 0)
		fail_msg("%s", e.text);
}

static void policy_is(struct now *t, const struct observed_sts *sts, int64_t at_ms)
{
	struct js *v = observed_sts_to_js(sts);
	const struct observation o = { .kind = OBSERVED_STS,
				       .subject = DOMAIN,
				       .who = OBSERVED_POLICY,
				       .value = js_text(t->w->a, v) };
	observe(t, &o, at_ms);
	js_free(v);
}

static void policy_was(struct now *t, const char *id, const char *const *mx, int64_t at_ms)
{
	policy_is(t, &(struct observed_sts){ id, 86400, mx, false }, at_ms);
}

static struct settling sts_of(struct now *t)
{
	struct settling s;
	struct err e = { 0 };
	assert_int_equal(flow_sts_settling(t->w->f, t->w->a, &s, &e), 0);
	return s;
}

static void a_policy_that_never_fell_short_is_waited_for_by_nobody(void **state)
{
	struct now *t = *state;
	assert_int_equal(sts_of(t).state, SETTLED);
	policy_was(t, "1", both_mx, SAMPLE_NOW_MS - 1000);
	assert_int_equal(sts_of(t).state, SETTLED);
}

static void the_old_policy_is_kept_for_its_max_age_from_the_new_id_on(void **state)
{
	struct now *t = *state;
	policy_was(t, "1", old_mx, SAMPLE_NOW_MS - 5000);
	assert_int_equal(sts_of(t).state, SETTLED); /* the gate that looks at its hosts is closed */
	policy_was(t, "1", both_mx, SAMPLE_NOW_MS - 4000);
	assert_int_equal(sts_of(t).state, SETTLING_STUCK);
	policy_was(t, "2", both_mx, SAMPLE_NOW_MS - 3000);
	struct settling s = sts_of(t);
	assert_int_equal(s.state, SETTLING);
	assert_int_equal(s.since_ms, SAMPLE_NOW_MS - 3000);
	assert_int_equal(s.until_ms, SAMPLE_NOW_MS - 3000 + 86400000);
	t->w->clock.at_ms += 86400000;
	assert_int_equal(sts_of(t).state, SETTLED);
}

/* Senders only report what a policy in testing mode would refuse: nobody has to wait for it. */
static void a_policy_that_refuses_nobody_is_not_waited_for(void **state)
{
	struct now *t = *state;
	policy_is(t, &(struct observed_sts){ "1", 604800, old_mx, true }, SAMPLE_NOW_MS - 5000);
	policy_was(t, "2", both_mx, SAMPLE_NOW_MS - 3000);
	assert_int_equal(sts_of(t).state, SETTLED);
}

/* Who has the first of them keeps it for a year, whatever the second says. */
static void a_max_age_that_was_lowered_first_does_not_shorten_the_one_before(void **state)
{
	struct now *t = *state;
	policy_is(t, &(struct observed_sts){ "1", 604800, old_mx, false }, SAMPLE_NOW_MS - 9000);
	policy_is(t, &(struct observed_sts){ "2", 300, old_mx, false }, SAMPLE_NOW_MS - 8000);
	policy_is(t, &(struct observed_sts){ "3", 300, both_mx, false }, SAMPLE_NOW_MS - 7000);
	struct settling s = sts_of(t);
	assert_int_equal(s.state, SETTLING);
	assert_int_equal(s.until_ms, SAMPLE_NOW_MS - 8000 + 604800000LL);
}

static void what_was_done_by_hand_counts_as_the_project_tells(void **state)
{
	struct now *t = *state;
	t->w->project.history.mta_sts_changed_ms = SAMPLE_NOW_MS - 1000;
	t->w->project.history.mta_sts_old_max_age = 600;
	t->w->project.history.mta_sts_previous_mx = old_mx;
	assert_int_equal(sts_of(t).until_ms, SAMPLE_NOW_MS - 1000 + 600000);
	t->w->project.history.mta_sts_previous_mx = both_mx;
	assert_int_equal(sts_of(t).state, SETTLED);
}

/* ---- TLSA ------------------------------------------------------------------------------ */

static void tlsa_was(struct now *t, size_t server, const struct rrset *set, int64_t at_ms)
{
	struct js *v = rrset_to_js(set);
	const struct observation o = { .kind = OBSERVED_RRSET,
				       .subject = observed_subject(t->w->a, TLSA, RR_TLSA),
				       .who = t->s.servers[server].address,
				       .value = js_text(t->w->a, v) };
	observe(t, &o, at_ms);
	js_free(v);
	sample_shows(&t->s, server, TLSA, RR_TLSA, set);
}

static struct settling tlsa_of(struct now *t)
{
	struct settling s;
	struct err e = { 0 };
	assert_int_equal(flow_tlsa_settling(t->w->f, t->w->a, &t->s.snap, &s, &e), 0);
	return s;
}

static void tlsa_is_waited_for_twice_its_longest_ttl_at_every_server(void **state)
{
	static const char *const tlsa[] = { "3 1 1 " DIGEST, NULL };
	struct now *t = *state;
	const struct rrset *set = sample_rrset(&t->s, TLSA, RR_TLSA, 300, tlsa[0]);
	t->w->project.target_tlsa = tlsa;
	assert_int_equal(tlsa_of(t).state, SETTLED); /* the planned MX is in another zone */
	t->w->project.target_mx = sample_rrset(&t->s, DOMAIN, RR_MX, 300, "10 mx2." DOMAIN);
	tlsa_was(t, 0, NULL, SAMPLE_NOW_MS - 9000);
	tlsa_was(t, 1, NULL, SAMPLE_NOW_MS - 9000);
	tlsa_was(t, 0, set, SAMPLE_NOW_MS - 8000);
	struct settling s = tlsa_of(t);
	assert_int_equal(s.state, SETTLING_STUCK); /* the other server lags */
	assert_non_null(strstr(s.what, "_25._tcp.mx2.treyresearch.com TLSA"));
	tlsa_was(t, 1, set, SAMPLE_NOW_MS - 7000);
	s = tlsa_of(t);
	assert_int_equal(s.state, SETTLING);
	assert_int_equal(s.until_ms, SAMPLE_NOW_MS - 7000 + 2 * 300 * 1000);
	/* That there was none may be kept longer than the record itself. */
	t->s.servers[1].soa_ttl = 3600;
	t->s.servers[1].soa.minimum = 900;
	assert_int_equal(tlsa_of(t).ttl_s, 2 * 900);
	t->w->clock.at_ms += 2 * 900 * 1000;
	assert_int_equal(tlsa_of(t).state, SETTLED);
}

/* ---- the MX ---------------------------------------------------------------------------- */

static void mx_was(struct now *t, const struct rrset *set, int64_t at_ms)
{
	struct js *v = rrset_to_js(set);
	for (size_t i = 0; i < SERVERS; i++) {
		const struct observation o = { .kind = OBSERVED_RRSET,
					       .subject = observed_subject(t->w->a, DOMAIN, RR_MX),
					       .who = t->s.servers[i].address,
					       .value = js_text(t->w->a, v) };
		observe(t, &o, at_ms);
		sample_shows(&t->s, i, DOMAIN, RR_MX, set);
	}
	js_free(v);
}

static struct history history_of(struct now *t)
{
	struct history h;
	struct err e = { 0 };
	if (flow_history(t->w->f, t->w->a, &t->s.snap, &h, &e) != 0)
		fail_msg("%s", e.text);
	return h;
}

/* The zone has moved to other servers behind the switch: none of them ever showed the old MX. */
static void the_journal_knows_of_a_switch_that_no_server_remembers(void **state)
{
	struct now *t = *state;
	struct err e = { 0 };
	const struct rrset *to = t->w->project.target_mx;
	const struct rrset *from = sample_rrset(&t->s, DOMAIN, RR_MX, 900, "10 mx1.nwtraders.com.");
	struct change c = { DOMAIN, RR_MX, from, to, "" };
	const struct change_set cs = { "switch", DOMAIN, 1, &c };
	const struct apply_intent intent = { "switch", 0, &cs, { NULL, NULL } };
	struct journal_row row = { .step = "switch", .subject = apply_subject(t->w->a, &cs) };
	mx_was(t, to, SAMPLE_NOW_MS - 1000);
	assert_int_equal(history_of(t).mx_changed_ms, 0);
	assert_int_equal(apply_journal_intent(t->w->f, t->w->a, &intent, &row.seq, &e), 0);
	assert_int_equal(apply_journal_outcome(t->w->f, &row, JOURNAL_DONE, &e), 0);
	assert_int_equal(history_of(t).mx_changed_ms, SAMPLE_NOW_MS);
	assert_int_equal(history_of(t).mx_ttl_at_change, 900);
}

/* ---- a clock that is set ---------------------------------------------------------------- */

enum { HOUR_MS = 3600 * 1000 };

/* What every look at the DNS begins with. */
static void look(struct now *t)
{
	struct err e = { 0 };
	const struct clock_start now = clock_start(&t->w->clock.clock);
	if (flow_follow_clock(t->w->f, &now, &e) != 0)
		fail_msg("%s", e.text);
}

static void lowered_an_hour_ago(struct now *t)
{
	t->w->project.policy.max_mx_ttl = 3600;
	look(t);
	mx_was(t, sample_rrset(&t->s, DOMAIN, RR_MX, 86400, "10 mx1.nwtraders.com."),
	       SAMPLE_NOW_MS - 2 * HOUR_MS);
	mx_was(t, sample_rrset(&t->s, DOMAIN, RR_MX, 300, "10 mx1.nwtraders.com."),
	       SAMPLE_NOW_MS - HOUR_MS);
	assert_int_equal(history_of(t).mx_ttl_lowered_ms, SAMPLE_NOW_MS - HOUR_MS);
}

static int64_t ago_ms(struct now *t)
{
	look(t);
	return t->w->clock.at_ms - history_of(t).mx_ttl_lowered_ms;
}

/* A virtual machine that wakes, a dead battery, a wrong keystroke: the old TTL runs on as it was.
 */
static void no_time_passes_by_setting_the_clock(void **state)
{
	struct now *t = *state;
	struct fake_clock *clock = &t->w->clock;
	lowered_an_hour_ago(t);
	fake_clock_set(clock, 48 * HOUR_MS);
	assert_int_equal(ago_ms(t), HOUR_MS);
	assert_int_equal(history_of(t).clock_set_ms, 48 * HOUR_MS);
	assert_int_equal(ago_ms(t), HOUR_MS); /* and is not counted twice */
	clock->at_ms += HOUR_MS;
	assert_int_equal(ago_ms(t), 2 * HOUR_MS);
	fake_clock_set(clock, -48 * HOUR_MS); /* set right again */
	assert_int_equal(ago_ms(t), 2 * HOUR_MS);
	assert_int_equal(history_of(t).clock_set_ms, 0);
	fake_clock_set(clock, -5 * HOUR_MS);
	assert_int_equal(ago_ms(t), 2 * HOUR_MS);
	assert_int_equal(history_of(t).mx_old_ttl, 86400);
}

/* Each step is too small to be seen, all together are not. */
static void many_small_steps_of_the_clock_are_seen(void **state)
{
	struct now *t = *state;
	lowered_an_hour_ago(t);
	for (int i = 0; i < 100; i++) {
		fake_clock_set(&t->w->clock, 900);
		look(t);
	}
	assert_true(ago_ms(t) - HOUR_MS < 1000);
}

/* Across a start nobody knows; what was seen before it counts by the clock alone. */
static void a_start_of_the_machine_leaves_the_moments_as_they_are(void **state)
{
	struct now *t = *state;
	lowered_an_hour_ago(t);
	t->w->clock.boot++;
	fake_clock_set(&t->w->clock, 48 * HOUR_MS);
	assert_int_equal(ago_ms(t), 49 * HOUR_MS);
	fake_clock_set(&t->w->clock,
		       48 * HOUR_MS); /* from now on it is the new start that counts */
	assert_int_equal(ago_ms(t), 49 * HOUR_MS);
}

static void a_policy_is_kept_by_senders_whatever_this_clock_shows(void **state)
{
	struct now *t = *state;
	look(t);
	policy_was(t, "1", old_mx, SAMPLE_NOW_MS - 5000);
	policy_was(t, "2", both_mx, SAMPLE_NOW_MS - 3000);
	fake_clock_set(&t->w->clock, 48 * HOUR_MS);
	look(t);
	struct settling s = sts_of(t);
	assert_int_equal(s.state, SETTLING);
	assert_int_equal(s.until_ms - t->w->clock.at_ms, 86400000 - 3000);
}

static struct tail_idle idle_of(struct now *t, int64_t switched_ms)
{
	struct tail_idle idle;
	struct err e = { 0 };
	static const struct copy_progress nobody = { .n = 0 };
	assert_int_equal(tail_idle(t->w->f, t->w->a, &nobody, switched_ms, &idle, &e), 0);
	struct js *doc = js_object();
	tail_idle_to_js(doc, &idle);
	assert_int_equal(flow_put(t->w->f, DOC_TAIL_WAIT, doc, &e), 0);
	js_free(doc);
	return idle;
}

static void setting_the_clock_is_no_idle_time_of_the_tail(void **state)
{
	struct now *t = *state;
	const int64_t switched_ms = SAMPLE_NOW_MS - HOUR_MS;
	assert_int_equal(idle_of(t, switched_ms).since_ms, switched_ms);
	fake_clock_set(&t->w->clock, 72 * HOUR_MS);
	for (int pass = 0; pass < 2; pass++) /* each pass keeps what the first saw */
		assert_int_equal(t->w->clock.at_ms - idle_of(t, switched_ms).since_ms, HOUR_MS);
	/* Another switch, or a message that came: told by the clock as it is. */
	assert_int_equal(idle_of(t, switched_ms + 1).since_ms, switched_ms + 1);
	t->w->clock.boot++;
	assert_int_equal(idle_of(t, switched_ms + 1).since_ms, switched_ms + 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_policy_that_never_fell_short_is_waited_for_by_nobody),
		T(the_old_policy_is_kept_for_its_max_age_from_the_new_id_on),
		T(a_policy_that_refuses_nobody_is_not_waited_for),
		T(a_max_age_that_was_lowered_first_does_not_shorten_the_one_before),
		T(what_was_done_by_hand_counts_as_the_project_tells),
		T(the_journal_knows_of_a_switch_that_no_server_remembers),
		T(tlsa_is_waited_for_twice_its_longest_ttl_at_every_server),
		T(no_time_passes_by_setting_the_clock),
		T(many_small_steps_of_the_clock_are_seen),
		T(a_start_of_the_machine_leaves_the_moments_as_they_are),
		T(a_policy_is_kept_by_senders_whatever_this_clock_shows),
		T(setting_the_clock_is_no_idle_time_of_the_tail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
