/* Pipes stand for connections. The clock is a fake one that stands still: a deadline that
 * has not come would wait for ever, so every case below must be decided by readiness. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "io/wait.h"

struct piped {
	struct stream stream;
	int fd;
	bool held; /* bytes inside, as TLS has them */
};

static int piped_fd(const struct stream *s)
{
	return ((const struct piped *)s)->fd;
}

static bool piped_pending(const struct stream *s)
{
	return ((const struct piped *)s)->held;
}

static const struct stream_ops piped_ops = { .fd = piped_fd, .pending = piped_pending };

struct fixture {
	int ends[2];
	struct piped in, out;
	struct fake_clock clock;
	struct cancel *cancel;
	struct err e;
};

static int setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	if (pipe(f->ends) != 0)
		return -1;
	f->in = (struct piped){ { &piped_ops }, f->ends[0], false };
	f->out = (struct piped){ { &piped_ops }, f->ends[1], false };
	fake_clock_init(&f->clock, 1000);
	f->cancel = cancel_new(&f->e);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	close(f->ends[0]);
	if (f->ends[1] >= 0)
		close(f->ends[1]);
	cancel_free(f->cancel);
	free(f);
	return 0;
}

enum { LATER = 3600 * 1000 };

static int wait_for(struct fixture *f, struct wait_item *items, size_t n, int64_t deadline_ms)
{
	return wait_streams(items, n, &f->clock.clock, deadline_ms, f->cancel, &f->e);
}

static void test_the_deadline_has_passed(void **state)
{
	struct fixture *f = *state;
	struct wait_item item = { .stream = &f->in.stream, .want_read = true };
	assert_int_equal(wait_for(f, &item, 1, 1000), 0);
	assert_int_equal(wait_for(f, &item, 1, 1), 0);
	assert_false(item.can_read);
}

static void test_bytes_are_there(void **state)
{
	struct fixture *f = *state;
	struct wait_item items[] = {
		{ .stream = NULL, .want_read = true },
		{ .stream = &f->in.stream, .want_read = true },
	};
	assert_int_equal(write(f->ends[1], "x", 1), 1);
	assert_int_equal(wait_for(f, items, 2, LATER), 1);
	assert_false(items[0].can_read);
	assert_true(items[1].can_read);
	assert_false(items[1].can_write);
}

static void test_room_is_there_on_one_of_two(void **state)
{
	struct fixture *f = *state;
	struct wait_item items[] = {
		{ .stream = &f->in.stream, .want_read = true },
		{ .stream = &f->out.stream, .want_write = true },
	};
	assert_int_equal(wait_for(f, items, 2, LATER), 1);
	assert_false(items[0].can_read);
	assert_true(items[1].can_write);
}

static void test_held_bytes_are_ready_though_poll_is_not(void **state)
{
	struct fixture *f = *state;
	struct wait_item item = { .stream = &f->in.stream, .want_read = true };
	f->in.held = true;
	assert_int_equal(wait_for(f, &item, 1, LATER), 1);
	assert_true(item.can_read);
	item = (struct wait_item){ .stream = &f->in.stream };
	assert_int_equal(wait_for(f, &item, 1, 1000), 0); /* but only for who wants them */
}

static void test_a_closed_end_wakes(void **state)
{
	struct fixture *f = *state;
	struct wait_item item = { .stream = &f->in.stream, .want_read = true };
	close(f->ends[1]);
	f->ends[1] = -1;
	assert_int_equal(wait_for(f, &item, 1, LATER), 1);
	assert_true(item.can_read);
}

static void test_memory_is_always_ready(void **state)
{
	struct fixture *f = *state;
	struct stream *s = stream_mem(SLICE_LIT("x"), 1, NULL);
	struct wait_item item = { .stream = s, .want_read = true, .want_write = true };
	assert_int_equal(wait_for(f, &item, 1, LATER), 1);
	assert_true(item.can_read);
	assert_true(item.can_write);
	stream_free(s);
}

static void test_old_answers_are_cleared(void **state)
{
	struct fixture *f = *state;
	struct wait_item item = {
		.stream = &f->in.stream, .want_read = true, .can_read = true, .can_write = true
	};
	assert_int_equal(wait_for(f, &item, 1, 0), 0);
	assert_false(item.can_read);
	assert_false(item.can_write);
}

static void test_cancel_wins(void **state)
{
	struct fixture *f = *state;
	struct wait_item item = { .stream = &f->out.stream, .want_write = true };
	cancel_request(f->cancel);
	assert_int_equal(wait_for(f, &item, 1, LATER), -1);
	assert_int_equal(f->e.kind, ERR_CANCELLED);
	assert_int_equal(wait_until(&f->clock.clock, LATER, f->cancel, &f->e), -1);
	assert_int_equal(f->clock.slept_ms, 0);
}

static void test_wait_until_sleeps_exactly(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(wait_until(&f->clock.clock, 5000, f->cancel, &f->e), 0);
	assert_int_equal(f->clock.slept_ms, 4000);
	assert_int_equal(wait_until(&f->clock.clock, 5000, NULL, &f->e), 0);
	assert_int_equal(f->clock.slept_ms, 4000);
}

#define WAIT_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WAIT_TEST(test_the_deadline_has_passed),
		WAIT_TEST(test_bytes_are_there),
		WAIT_TEST(test_room_is_there_on_one_of_two),
		WAIT_TEST(test_held_bytes_are_ready_though_poll_is_not),
		WAIT_TEST(test_a_closed_end_wakes),
		WAIT_TEST(test_memory_is_always_ready),
		WAIT_TEST(test_old_answers_are_cleared),
		WAIT_TEST(test_cancel_wins),
		WAIT_TEST(test_wait_until_sleeps_exactly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
