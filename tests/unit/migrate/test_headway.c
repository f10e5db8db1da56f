/*
 * Each kind of talker, and each long answer that is none: by events and times alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "migrate/headway.h"

enum { SILENCE_MS = 300000, LOOK_MS = 60000 };

static const struct imap_event still_here = { .kind = IMAP_EV_STATUS, .status.cond = IMAP_OK };
static const struct imap_event result = { .kind = IMAP_EV_STATUS, .status.tag = 7 };

/* A server that says one thing a minute, for a handler; when it is given up, in minutes; 0: it is
 * not within a day. */
typedef void talker(struct headway *h, unsigned minute);
static unsigned given_up_after(talker *talk)
{
	struct headway h = { .since_ms = 0 };
	headway_begin(&h, 0);
	for (unsigned minute = 1; minute <= 24 * 60; minute++) {
		talk(&h, minute);
		if (!headway_judge(&h, (int64_t)minute * LOOK_MS, SILENCE_MS))
			return minute;
	}
	return 0;
}

static void say(struct headway *h, const struct imap_event *ev)
{
	headway_saw(h, ev);
	headway_took(h, ev);
}

static void say_still_here(struct headway *h, unsigned minute)
{
	(void)minute;
	say(h, &still_here);
}

static void say_exists(struct headway *h, unsigned minute)
{
	const struct imap_event ev = { .kind = IMAP_EV_EXISTS, .number = 1000000 + minute };
	say(h, &ev);
}

/* 128 lines a minute: a step, were they awaited. */
static void say_fetch(struct headway *h, uint32_t first, int by)
{
	for (int i = 0; i < 128; i++) {
		const struct imap_event ev = { .kind = IMAP_EV_FETCH,
					       .fetch.uid = (uint32_t)((int)first + i * by) };
		say(h, &ev);
	}
}

static void say_same_messages(struct headway *h, unsigned minute)
{
	(void)minute;
	say_fetch(h, 1, 1);
}

/* It makes them up, and tells of more each time, so that there are always enough. */
static void say_endless_messages(struct headway *h, unsigned minute)
{
	say_exists(h, minute);
	say_fetch(h, minute * 128, 1);
}

static void say_octet(struct headway *h, unsigned minute)
{
	const struct imap_event ev = { .kind = IMAP_EV_LITERAL_DATA, .data = { "x", 1 } };
	const struct imap_event begin = { .kind = IMAP_EV_LITERAL_BEGIN, .fetch.uid = 3 };
	if (minute == 1)
		say(h, &begin);
	say(h, &ev);
}

static void say_folders(struct headway *h, unsigned minute)
{
	const struct imap_event ev = { .kind = IMAP_EV_LIST, .list.name = { "folder", 6 } };
	(void)minute;
	for (unsigned i = 0; i < 128; i++)
		say(h, &ev);
}

static void talk_is_given_up(void **state)
{
	(void)state;
	assert_int_equal(given_up_after(say_still_here), 21);
	assert_int_equal(given_up_after(say_exists), 21);
	assert_int_equal(given_up_after(say_octet), 21);
	assert_in_range(given_up_after(say_same_messages), 20, 30);
	assert_in_range(given_up_after(say_endless_messages), 20, 30);
	assert_in_range(given_up_after(say_folders), 20, 60);
}

/* Half a step each four minutes. */
static void say_slow_body(struct headway *h, unsigned minute)
{
	static const char bytes[HEADWAY_STEP / 2];
	const struct imap_event begin = { .kind = IMAP_EV_LITERAL_BEGIN, .fetch.uid = 3 };
	const struct imap_event ev = { .kind = IMAP_EV_LITERAL_DATA,
				       .data = { bytes, sizeof(bytes) } };
	if (minute == 1)
		say(h, &begin);
	if (minute % 4 == 0)
		say(h, &ev);
	say(h, &still_here);
}

/* A folder of half a million, newest first; EXISTS came before the result of EXAMINE. */
static void say_many_messages(struct headway *h, unsigned minute)
{
	const struct imap_event exists = { .kind = IMAP_EV_EXISTS, .number = 500000 };
	if (minute == 1) {
		say(h, &exists);
		say(h, &result);
	}
	say_fetch(h, 500000 - minute * 128, -1);
}

static void say_long_search(struct headway *h, unsigned minute)
{
	static const char digits[IMAP_SEARCH_PIECE] = "1";
	const struct imap_event ev = { .kind = IMAP_EV_SEARCH, .numbers = { digits, 5000 } };
	const struct imap_event exists = { .kind = IMAP_EV_EXISTS, .number = 1000000 };
	if (minute == 1) {
		say(h, &exists);
		say(h, &result);
	}
	say(h, &ev);
}

/* A large message goes out slowly. */
static void take_slowly(struct headway *h, unsigned minute)
{
	(void)minute;
	say(h, &still_here);
	headway_got(h, 300);
}

static void say_results(struct headway *h, unsigned minute)
{
	say(h, minute % 15 == 0 ? &result : &still_here);
}

static void a_long_answer_is_not(void **state)
{
	(void)state;
	assert_int_equal(given_up_after(say_slow_body), 0);
	assert_int_equal(given_up_after(say_many_messages), 0);
	assert_int_equal(given_up_after(say_long_search), 0);
	assert_int_equal(given_up_after(take_slowly), 0);
	assert_int_equal(given_up_after(say_results), 0);
}

/* A side that owes nothing may talk as it likes. */
static void who_owes_nothing_is_not_judged(void **state)
{
	struct headway h = { .since_ms = 0 };
	(void)state;
	for (int64_t now = 0; now < (int64_t)100 * SILENCE_MS; now += SILENCE_MS) {
		say(&h, &still_here);
		headway_begin(&h, now);
		assert_true(headway_judge(&h, now, SILENCE_MS));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(talk_is_given_up),
		cmocka_unit_test(a_long_answer_is_not),
		cmocka_unit_test(who_owes_nothing_is_not_judged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
