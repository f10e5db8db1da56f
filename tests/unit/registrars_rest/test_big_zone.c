/*
 * A zone of 100 000 records: how many requests two changes of it need, and how much memory is in
 * use at any of them. Nothing here looks at the time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "big_zone.h"

enum { RECORDS = 100000, MIB = 1 << 20 };

struct cost {
	unsigned reads, writes;
	size_t memory; /* more than before */
};

static struct cost cost_of(const char *description)
{
	struct big_zone z;
	struct err e = { 0 };
	enum registrar_applied applied;
	struct arena *a = arena_new();
	const struct change_set *changes = big_changes(a);
	size_t before = memory_in_use();
	if (big_open(&z, description, RECORDS, &e) != 0)
		fail_msg("%s", e.text);
	if (registrar_apply(z.call, changes, &applied, &e) != 0)
		fail_msg("%s", e.text);
	struct cost cost = { z.reads, z.writes, z.most - before };
	big_close(&z);
	arena_free(a);
	return cost;
}

/* One listing for all: what is compared and what is written is read once. */
static void test_pages_are_read_once_and_not_kept(void **state)
{
	(void)state;
	struct cost c = cost_of(BIG_PAGED);
	assert_int_equal(c.reads, RECORDS / BIG_PAGE);
	assert_int_equal(c.writes, 2);
	assert_in_range(c.memory, 1, 1 * MIB);
}

/* Where an RRset can be asked for, the size of the zone makes no difference: each once to compare
 * and once right before its write. */
static void test_the_zone_is_not_listed_where_an_rrset_can_be_read(void **state)
{
	(void)state;
	struct cost c = cost_of(BIG_READS);
	assert_int_equal(c.reads, 4);
	assert_int_equal(c.writes, 2);
	assert_in_range(c.memory, 1, 1 * MIB);
}

/* One answer of some 8 MB: its text twice for a moment (the client's and ours), no tree of it. */
static void test_one_long_answer_is_read_item_by_item(void **state)
{
	(void)state;
	struct cost c = cost_of(BIG_SINGLE);
	assert_int_equal(c.reads, 1);
	assert_int_equal(c.writes, 2);
	assert_in_range(c.memory, 8 * MIB, 32 * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_are_read_once_and_not_kept),
		cmocka_unit_test(test_the_zone_is_not_listed_where_an_rrset_can_be_read),
		cmocka_unit_test(test_one_long_answer_is_read_item_by_item),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
