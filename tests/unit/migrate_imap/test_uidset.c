#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "migrate/imap/uidset.h"

static void test_writes_runs(void **state)
{
	static const uint32_t uids[] = { 1, 2, 3, 7, 9, 10, 4294967295u };
	struct imap_uidset s;
	(void)state;
	imap_uidset_init(&s);
	for (size_t i = 0; i < sizeof(uids) / sizeof(uids[0]); i++)
		imap_uidset_add(&s, uids[i]);
	assert_int_equal(s.count, 7);
	assert_string_equal(imap_uidset_text(&s).ptr, "1:3,7,9:10,4294967295");
	imap_uidset_clear(&s);
	imap_uidset_add(&s, 5);
	assert_string_equal(imap_uidset_text(&s).ptr, "5");
	imap_uidset_release(&s);
}

static void test_reads_ranges(void **state)
{
	struct slice rest = SLICE_LIT("1:3,9:7,12,20:*");
	static const uint32_t wanted[][2] = { { 1, 3 }, { 7, 9 }, { 12, 12 }, { 20, 4294967295u } };
	uint32_t low;
	uint32_t high;
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_true(imap_uidset_next(&rest, &low, &high));
		assert_int_equal(low, wanted[i][0]);
		assert_int_equal(high, wanted[i][1]);
	}
	assert_false(imap_uidset_next(&rest, &low, &high));
}

static void test_refuses_garbage(void **state)
{
	static const char *const wrong[] = { "0", "a", "1:b", "4294967296", ",", "-1" };
	uint32_t low;
	uint32_t high;
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct slice rest = slice_str(wrong[i]);
		assert_false(imap_uidset_next(&rest, &low, &high));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes_runs),
		cmocka_unit_test(test_reads_ranges),
		cmocka_unit_test(test_refuses_garbage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
