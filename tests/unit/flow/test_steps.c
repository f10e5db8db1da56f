/* The walk: waiting is exact, bounded and interruptible; a two-day wait takes no time here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow/flow_priv.h"
#include "flow/steps.h"

#define START_MS    1790000000000
#define TWO_DAYS_MS (48LL * 3600 * 1000)

static struct fake_clock fake;
static struct flow *f;
static int looks;

static int setup(void **state)
{
	static const struct project project = { .path = "p", .dir = "." };
	struct err e = { 0 };
	(void)state;
	fake_clock_init(&fake, START_MS);
	looks = 0;
	return flow_open(&(struct flow_opts){ .project = &project, .clock = &fake.clock }, &f, &e);
}

static int teardown(void **state)
{
	(void)state;
	flow_close(f);
	return 0;
}

static int opens_in_two_days(struct flow *flow, struct step_outcome *out, struct err *e)
{
	(void)e;
	looks++;
	if (flow_now_ms(flow) >= START_MS + TWO_DAYS_MS)
		step_done(out, "open");
	else
		step_wait(out, START_MS + TWO_DAYS_MS, "the old TTL runs");
	return 0;
}

static int interrupts(struct flow *flow, struct step_outcome *out, struct err *e)
{
	(void)e;
	flow_interrupt(flow);
	step_wait(out, START_MS + TWO_DAYS_MS, "long");
	return 0;
}

static void sleeps_exactly_as_long_as_the_reason_lasts(void **state)
{
	struct step_outcome out;
	struct err e = { 0 };
	(void)state;
	assert_int_equal(flow_run_step(f, opens_in_two_days, &(struct wait_limits){ 0 }, &out, &e),
			 0);
	assert_int_equal(out.result, STEP_DONE);
	assert_int_equal(fake.slept_ms, TWO_DAYS_MS);
	assert_int_equal(looks, 2);
}

static void no_wait_hands_the_wait_back(void **state)
{
	struct step_outcome out;
	struct err e = { 0 };
	(void)state;
	assert_int_equal(flow_run_step(f, opens_in_two_days,
				       &(struct wait_limits){ .no_wait = true }, &out, &e),
			 0);
	assert_int_equal(out.result, STEP_WAIT);
	assert_int_equal(out.until_ms, START_MS + TWO_DAYS_MS);
	assert_int_equal(fake.slept_ms, 0);
}

static void a_deadline_ends_the_waiting(void **state)
{
	struct step_outcome out;
	struct err e = { 0 };
	(void)state;
	struct wait_limits limits = { .deadline_ms = START_MS + 60000 };
	assert_int_equal(flow_run_step(f, opens_in_two_days, &limits, &out, &e), 0);
	assert_int_equal(out.result, STEP_WAIT);
	assert_int_equal(fake.slept_ms, 60000);
	assert_int_equal(looks, 2); /* once more at the deadline itself */
}

static void an_interrupt_ends_the_waiting(void **state)
{
	struct step_outcome out;
	struct err e = { 0 };
	(void)state;
	assert_int_equal(flow_run_step(f, interrupts, &(struct wait_limits){ 0 }, &out, &e), -1);
	assert_int_equal(e.kind, ERR_CANCELLED);
	assert_int_equal(fake.slept_ms, 0);
}

static void the_table_is_in_order(void **state)
{
	static const char *const names[] = { "audit", "plan",   "stage", "verify", "copy",
					     "gate",  "switch", "tail",  "cleanup" };
	(void)state;
	for (size_t i = 0; i < 9; i++) {
		assert_string_equal(step_table()[i].name, names[i]);
		/* `run` goes as far as the tail: what is taken away is a person's decision. */
		assert_int_equal(step_table()[i].by_request, i == 8);
	}
	assert_null(step_table()[9].name);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(sleeps_exactly_as_long_as_the_reason_lasts),
		T(no_wait_hands_the_wait_back),
		T(a_deadline_ends_the_waiting),
		T(an_interrupt_ends_the_waiting),
		T(the_table_is_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
