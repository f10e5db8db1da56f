#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "migrate/compress.h"

enum { EVERY_MS = 500 };

/* So many milliseconds of a lane that carries so many bytes a second. */
struct talk {
	int64_t now_ms;
	int64_t ms;
	uint64_t rate;
	int waited_percent;
	bool compressed;
};

static bool carry(struct squeeze *q, struct talk *t)
{
	bool changed = false;
	for (int64_t at = 0; at < t->ms; at += EVERY_MS) {
		t->now_ms += EVERY_MS;
		const struct squeeze_sample s = { .now_ms = t->now_ms,
						  .worked_ms = EVERY_MS,
						  .waited_ms = EVERY_MS * t->waited_percent / 100,
						  .bytes = t->rate * EVERY_MS / 1000,
						  .compressed = t->compressed };
		changed |= squeeze_add(q, &s);
	}
	return changed;
}

static void a_slow_line_that_is_waited_for_is_tried(void **state)
{
	struct squeeze q = { 0 };
	struct talk t = { 1000, 30000, 1250000, 95, false };
	(void)state;
	assert_true(carry(&q, &t));
	assert_int_equal(q.state, SQUEEZE_TRIAL);
	assert_true(squeeze_is_on(&q));
	assert_in_range(q.plain_rate, 1240000, 1260000);
}

static void not_before_two_windows_agree(void **state)
{
	struct squeeze q = { 0 };
	struct talk t = { 1000, 3500, 1250000, 95, false }; /* the first sample begins it */
	(void)state;
	assert_false(carry(&q, &t));
	/* A quick window between: the count begins anew. */
	t.rate = 20000000;
	t.ms = 3000;
	assert_false(carry(&q, &t));
	t.rate = 1250000;
	assert_false(carry(&q, &t));
	assert_true(carry(&q, &t));
}

static void a_quick_line_never_is(void **state)
{
	struct squeeze q = { 0 };
	struct talk t = { 1000, 120000, SQUEEZE_RATE_MAX + 1000000, 99, false };
	(void)state;
	assert_false(carry(&q, &t));
	assert_false(squeeze_is_on(&q));
}

/* The other side is what the copy waits for, or our own processor. */
static void a_slow_rate_that_is_not_the_lines_is_not_either(void **state)
{
	struct squeeze q = { 0 };
	struct talk t = { 1000, 120000, 500000, 40, false };
	(void)state;
	assert_false(carry(&q, &t));
	t.rate = 0; /* a server that thinks */
	t.waited_percent = 100;
	assert_false(carry(&q, &t));
}

/* Three lanes share the line: each sample is a third of it. */
static void lanes_are_summed(void **state)
{
	struct squeeze q = { 0 };
	int64_t now = 1000;
	(void)state;
	for (int i = 0; i < 60; i++)
		for (int lane = 0; lane < 3; lane++) {
			now += lane == 0 ? 300 : 100;
			const struct squeeze_sample s = {
				.now_ms = now, .worked_ms = 500, .waited_ms = 500, .bytes = 2000000
			};
			(void)squeeze_add(&q, &s);
		}
	assert_int_equal(q.state, SQUEEZE_WATCH); /* 12 MB a second */
}

static void a_pause_is_no_slow_line(void **state)
{
	struct squeeze q = { 0 };
	struct talk t = { 1000, 4000, 1250000, 95, false };
	(void)state;
	for (int i = 0; i < 10; i++) {
		assert_false(carry(&q, &t));
		t.now_ms += 60000;
	}
	assert_int_equal(q.state, SQUEEZE_WATCH);
}

static struct squeeze in_trial(struct talk *t)
{
	struct squeeze q = { 0 };
	*t = (struct talk){ 1000, 7000, 1000000, 100, false };
	assert_true(carry(&q, t));
	assert_int_equal(q.state, SQUEEZE_TRIAL);
	return q;
}

static void it_stays_where_more_mail_is_carried(void **state)
{
	struct talk t;
	struct squeeze q = in_trial(&t);
	(void)state;
	t.compressed = true;
	t.rate = 1280000;
	t.ms = 9000;
	assert_true(carry(&q, &t));
	assert_int_equal(q.state, SQUEEZE_KEPT);
	assert_in_range(q.rate, 1270000, 1290000);
	/* Later windows decide nothing. */
	t.rate = 100000;
	assert_false(carry(&q, &t));
	assert_true(squeeze_is_on(&q));
}

static void it_is_given_up_where_not(void **state)
{
	struct talk t;
	struct squeeze q = in_trial(&t);
	(void)state;
	t.compressed = true;
	t.rate = 1050000;
	t.ms = 9000;
	assert_true(carry(&q, &t));
	assert_int_equal(q.state, SQUEEZE_GIVEN_UP);
	assert_false(squeeze_is_on(&q));
	t.compressed = false;
	t.rate = 100000;
	t.ms = 60000;
	assert_false(carry(&q, &t)); /* for good */
}

/* A lane that is still plain says nothing about compression. */
static void a_trial_waits_for_all_connections(void **state)
{
	struct talk t;
	struct squeeze q = in_trial(&t);
	(void)state;
	t.ms = 60000;
	assert_false(carry(&q, &t));
	assert_int_equal(q.state, SQUEEZE_TRIAL);
}

/* -- the hosts of a copy -- */

static void slow(struct compress *c, const char *host, bool compressed, uint64_t rate)
{
	static int64_t now = 1000;
	for (int i = 0; i < 20; i++) {
		now += EVERY_MS;
		const struct squeeze_sample s = { .now_ms = now,
						  .worked_ms = EVERY_MS,
						  .waited_ms = EVERY_MS,
						  .bytes = rate / 2,
						  .compressed = compressed };
		compress_add(c, host, &s, compressed ? rate / 4 : rate / 2);
	}
}

static void each_host_is_its_own(void **state)
{
	struct compress *c = compress_new(COMPRESS_AUTO, NULL);
	(void)state;
	assert_true(compress_is_open(c, "old.test:993"));
	slow(c, "old.test:993", false, 1000000);
	assert_true(compress_is_wanted(c, "old.test:993"));
	assert_false(compress_is_wanted(c, "new.test:993"));
	assert_int_equal(compress_sum(c).bytes, 0);
	slow(c, "old.test:993", true, 2000000);
	assert_true(compress_is_wanted(c, "old.test:993"));
	assert_int_equal(compress_sum(c).bytes, 20000000);
	assert_int_equal(compress_sum(c).wire, 10000000);
	compress_free(c);
}

static void who_failed_is_left_alone(void **state)
{
	struct compress *c = compress_new(COMPRESS_ALWAYS, NULL);
	(void)state;
	assert_true(compress_is_wanted(c, "old.test:993"));
	assert_false(compress_is_open(c, "old.test:993")); /* nothing to wait for */
	compress_failed(c, "old.test:993", "BAD");
	assert_false(compress_is_wanted(c, "old.test:993"));
	assert_true(compress_is_wanted(c, "new.test:993"));
	compress_free(c);
}

static void nothing_is_wanted_of_nobody(void **state)
{
	(void)state;
	assert_false(compress_is_wanted(NULL, "a"));
	assert_false(compress_is_open(NULL, "a"));
	compress_failed(NULL, "a", "b");
	assert_int_equal(compress_sum(NULL).bytes, 0);
	compress_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_line_that_is_waited_for_is_tried),
		cmocka_unit_test(not_before_two_windows_agree),
		cmocka_unit_test(a_quick_line_never_is),
		cmocka_unit_test(a_slow_rate_that_is_not_the_lines_is_not_either),
		cmocka_unit_test(lanes_are_summed),
		cmocka_unit_test(a_pause_is_no_slow_line),
		cmocka_unit_test(it_stays_where_more_mail_is_carried),
		cmocka_unit_test(it_is_given_up_where_not),
		cmocka_unit_test(a_trial_waits_for_all_connections),
		cmocka_unit_test(each_host_is_its_own),
		cmocka_unit_test(who_failed_is_left_alone),
		cmocka_unit_test(nothing_is_wanted_of_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
