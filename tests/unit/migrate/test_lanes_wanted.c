#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "migrate/lanes_wanted.h"

/* Worth as many lanes as there may be. */
static const struct lanes_facts much = { .folders = 40,
					 .messages = 20000,
					 .mailboxes_at_once = 1,
					 .src_known = true,
					 .dst_known = true };

static void test_a_small_mailbox_has_one(void **state)
{
	(void)state;
	struct lanes_facts f = { .folders = 13, .messages = 399, .bytes = 1000000 };
	assert_int_equal(lanes_wanted(&f), 1);
	f.messages = 400;
	assert_int_equal(lanes_wanted(&f), 2);
}

static void test_few_big_messages_are_worth_more(void **state)
{
	(void)state;
	const struct lanes_facts f = { .folders = 13, .messages = 50, .bytes = 50 << 20 };
	assert_int_equal(lanes_wanted(&f), 2);
}

static void test_never_more_than_folders(void **state)
{
	(void)state;
	struct lanes_facts f = much;
	f.folders = 2;
	assert_int_equal(lanes_wanted(&f), 2);
	f.folders = 0;
	assert_int_equal(lanes_wanted(&f), 1);
}

static void test_a_long_way_gets_more(void **state)
{
	(void)state;
	struct lanes_facts f = much;
	assert_int_equal(lanes_wanted(&f), 3);
	f.dst_ms = 50;
	assert_int_equal(lanes_wanted(&f), 5);
	f.src_known = false;
	assert_int_equal(lanes_wanted(&f), 3);
}

static void test_a_wish_holds_near_and_far(void **state)
{
	(void)state;
	struct lanes_facts f = much;
	f.wished = 2;
	f.src_ms = f.dst_ms = 200;
	assert_int_equal(lanes_wanted(&f), 2);
	f.wished = 12;
	f.src_ms = f.dst_ms = 0;
	assert_int_equal(lanes_wanted(&f), 12);
}

static void test_many_mailboxes_share_the_connections(void **state)
{
	(void)state;
	struct lanes_facts f = much;
	f.mailboxes_at_once = 32;
	assert_int_equal(lanes_wanted(&f), 2);
	f.mailboxes_at_once = 200;
	assert_int_equal(lanes_wanted(&f), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_small_mailbox_has_one),
		cmocka_unit_test(test_few_big_messages_are_worth_more),
		cmocka_unit_test(test_never_more_than_folders),
		cmocka_unit_test(test_a_long_way_gets_more),
		cmocka_unit_test(test_a_wish_holds_near_and_far),
		cmocka_unit_test(test_many_mailboxes_share_the_connections),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
