/* How much at once a server bears, and whose place is whose while one waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "migrate/throttle.h"
#include "migrate/workers.h"

static const struct throttle_key anna = { "imaps://a.test", "anna" };
static const struct throttle_key bert = { "imaps://a.test", "bert" };
static const struct throttle_key carl = { "imaps://b.test", "carl" };

static void a_named_time_is_kept_for_that_account_alone(void **state)
{
	struct fake_clock clock;
	(void)state;
	fake_clock_init(&clock, 1000000);
	struct throttle *t = throttle_new(&clock.clock, 4);
	assert_int_equal(throttle_hit(t, &anna, 1299961), 1299961);
	assert_int_equal(throttle_enter(t, &anna), 1299961);
	assert_int_equal(throttle_enter(t, &bert), 0);
	assert_int_equal(throttle_enter(t, &carl), 0);
	assert_int_equal(throttle_allowed(t, "imaps://a.test"), 4);
	clock.at_ms = 1299960;
	assert_int_equal(throttle_enter(t, &anna), 1299961);
	clock.at_ms = 1299961;
	assert_int_equal(throttle_enter(t, &anna), 0);
	throttle_free(t);
}

/* The wall clock is set back; the other one goes on. */
struct two_clocks {
	int64_t wall_ms, mono_ms;
};

static int64_t wall_of(void *ctx)
{
	return ((struct two_clocks *)ctx)->wall_ms;
}

static int64_t mono_of(void *ctx)
{
	return ((struct two_clocks *)ctx)->mono_ms;
}

static void a_clock_that_is_set_back_lengthens_no_pause(void **state)
{
	struct two_clocks two = { .wall_ms = 9000000, .mono_ms = 7000 };
	const struct clock clock = { .now_ms = wall_of, .mono_ms = mono_of, .ctx = &two };
	(void)state;
	struct throttle *t = throttle_new(&clock, 4);
	assert_int_equal(throttle_hit(t, &anna, 9300000), 9300000);
	two.wall_ms -= 3600000;
	two.mono_ms += 100000;
	assert_int_equal(throttle_enter(t, &anna), two.wall_ms + 200000);
	two.mono_ms += 200000;
	assert_int_equal(throttle_enter(t, &anna), 0);
	throttle_free(t);
}

static void without_a_time_the_pause_doubles_up_to_five_minutes(void **state)
{
	struct fake_clock clock;
	(void)state;
	fake_clock_init(&clock, 1000000);
	struct throttle *t = throttle_new(&clock.clock, 4);
	int64_t last = 0;
	for (int i = 0; i < 12; i++) {
		int64_t pause = throttle_hit(t, &anna, 0) - clock.at_ms;
		assert_true(pause == last * 2 || last == 0 || pause == 300000);
		last = pause;
	}
	assert_int_equal(last, 300000);
	throttle_leave(t, &anna, true); /* came through: it begins anew */
	assert_int_equal(throttle_hit(t, &anna, 0) - clock.at_ms, 5000);
	throttle_free(t);
}

static void two_accounts_that_wait_halve_their_host_and_success_grows_it(void **state)
{
	struct fake_clock clock;
	(void)state;
	fake_clock_init(&clock, 1000000);
	struct throttle *t = throttle_new(&clock.clock, 8);
	(void)throttle_hit(t, &anna, 0);
	assert_int_equal(throttle_allowed(t, "imaps://a.test"), 8);
	(void)throttle_hit(t, &bert, 0);
	assert_int_equal(throttle_allowed(t, "imaps://a.test"), 4);
	(void)throttle_hit(t, &anna, 0);
	assert_int_equal(throttle_allowed(t, "imaps://a.test"), 2);
	assert_int_equal(throttle_allowed(t, "imaps://b.test"), 8);
	for (int i = 0; i < 20; i++)
		(void)throttle_hit(t, &bert, 0);
	assert_int_equal(throttle_allowed(t, "imaps://a.test"), 1);
	clock.at_ms += 3600000;
	for (size_t i = 2; i <= 9; i++) {
		assert_int_equal(throttle_enter(t, &anna), 0);
		throttle_leave(t, &anna, true);
		assert_int_equal(throttle_allowed(t, "imaps://a.test"), i < 8 ? i : 8);
	}
	throttle_free(t);
}

static void a_full_host_is_asked_again_later(void **state)
{
	struct fake_clock clock;
	(void)state;
	fake_clock_init(&clock, 1000000);
	struct throttle *t = throttle_new(&clock.clock, 1);
	assert_int_equal(throttle_enter(t, &anna), 0);
	assert_int_equal(throttle_enter(t, &bert), 1001000);
	assert_int_equal(throttle_enter(t, &carl), 0);
	throttle_leave(t, &anna, false);
	assert_int_equal(throttle_enter(t, &bert), 0);
	throttle_free(t);
}

static void connections_of_an_account_halve_with_each_hit(void **state)
{
	struct fake_clock clock;
	(void)state;
	fake_clock_init(&clock, 1000000);
	struct throttle *t = throttle_new(&clock.clock, 8);
	assert_int_equal(throttle_lanes(t, &anna, 6, 0), 6);
	assert_int_equal(throttle_lanes(t, &anna, 6, 4), 4);
	(void)throttle_hit(t, &anna, 0);
	assert_int_equal(throttle_lanes(t, &anna, 6, 4), 2);
	(void)throttle_hit(t, &anna, 0);
	(void)throttle_hit(t, &anna, 0);
	assert_int_equal(throttle_lanes(t, &anna, 6, 4), 1);
	throttle_free(t);
}

struct crew {
	struct workers *workers;
	atomic_uint at_once, most, done;
	atomic_bool first_is_back;
};

/* The first stands aside until all the others are through: with one place that can only end
 * when they work on meanwhile. */
static void work_or_wait(void *ctx, size_t i)
{
	struct crew *c = ctx;
	struct err e;
	unsigned now = atomic_fetch_add(&c->at_once, 1) + 1;
	if (now > atomic_load(&c->most))
		atomic_store(&c->most, now);
	if (i == 0) {
		atomic_fetch_sub(&c->at_once, 1);
		workers_step_aside(c->workers);
		while (atomic_load(&c->done) < 49)
			(void)clock_sleep_until(clock_system(), clock_now_ms(clock_system()) + 1,
						-1);
		assert_int_equal(workers_step_back(c->workers, &e), 0);
		atomic_store(&c->first_is_back, true);
		atomic_fetch_add(&c->at_once, 1);
	}
	atomic_fetch_sub(&c->at_once, 1);
	atomic_fetch_add(&c->done, 1);
}

static void others_work_on_while_one_waits(void **state)
{
	struct err e;
	struct crew c = { .workers = NULL };
	const struct workers_job job = { work_or_wait, &c, 50, 1, NULL };
	(void)state;
	c.workers = workers_new(&job);
	assert_int_equal(workers_go(c.workers, &e), 0);
	workers_free(c.workers);
	assert_int_equal(atomic_load(&c.done), 50);
	assert_true(atomic_load(&c.first_is_back));
	assert_int_equal(atomic_load(&c.most), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_named_time_is_kept_for_that_account_alone),
		cmocka_unit_test(a_clock_that_is_set_back_lengthens_no_pause),
		cmocka_unit_test(without_a_time_the_pause_doubles_up_to_five_minutes),
		cmocka_unit_test(two_accounts_that_wait_halve_their_host_and_success_grows_it),
		cmocka_unit_test(a_full_host_is_asked_again_later),
		cmocka_unit_test(connections_of_an_account_halve_with_each_hit),
		cmocka_unit_test(others_work_on_while_one_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
