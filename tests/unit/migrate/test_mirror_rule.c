/* The rule, one case for each reason, and the guard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "migrate/mirror_rule.h"

/* Copied by us, gone for a whole pass, and nothing speaks for it. */
static const struct ledger_gone deleted = { .uid = 1, .dst_uid = 101, .appended = true };
static const struct mirror_look agreed = { .at_dst = true, .same_size = true, .same_flags = true };

static void assert_judged(const struct ledger_gone *g, const struct mirror_look *look,
			  enum mirror_verdict wanted)
{
	enum mirror_verdict v = mirror_judge(g, look);
	assert_int_equal(v, wanted);
	assert_int_equal(mirror_may_go(v), wanted == MIRROR_DELETED || wanted == MIRROR_MOVED);
	assert_int_equal(mirror_reason(v) == NULL, mirror_may_go(v));
}

static void test_what_may_go(void **state)
{
	struct ledger_gone moved = deleted;
	(void)state;
	moved.elsewhere = true;
	assert_judged(&deleted, NULL, MIRROR_DELETED);
	assert_judged(&deleted, &agreed, MIRROR_DELETED);
	assert_judged(&moved, NULL, MIRROR_MOVED);
	assert_judged(&moved, &agreed, MIRROR_MOVED);
}

static void test_what_the_ledger_keeps(void **state)
{
	struct ledger_gone adopted = deleted;
	struct ledger_gone unplaced = deleted;
	struct ledger_gone shared = deleted;
	struct ledger_gone fresh = deleted;
	struct ledger_gone open = deleted;
	(void)state;
	adopted.appended = false;
	unplaced.dst_uid = 0;
	shared.shared = true;
	fresh.fresh = true;
	open.open = true;
	assert_judged(&adopted, &agreed, MIRROR_KEEP_NOT_OURS);
	assert_judged(&unplaced, &agreed, MIRROR_KEEP_NOT_OURS);
	assert_judged(&shared, &agreed, MIRROR_KEEP_SHARED);
	assert_judged(&fresh, &agreed, MIRROR_KEEP_FRESH);
	assert_judged(&open, &agreed, MIRROR_KEEP_OPEN);
	open.elsewhere = true; /* then it is known where it went */
	assert_judged(&open, &agreed, MIRROR_MOVED);
}

static void test_what_both_sides_keep(void **state)
{
	struct mirror_look back = agreed;
	struct mirror_look away = agreed;
	struct mirror_look other = agreed;
	struct mirror_look touched = agreed;
	struct ledger_gone moved = deleted;
	(void)state;
	back.at_src = true;
	away.at_dst = false;
	other.same_size = false;
	touched.same_flags = false;
	moved.elsewhere = true;
	assert_judged(&deleted, &back, MIRROR_KEEP_BACK);
	assert_judged(&deleted, &away, MIRROR_KEEP_AWAY);
	assert_judged(&deleted, &other, MIRROR_KEEP_OTHER);
	assert_judged(&deleted, &touched, MIRROR_KEEP_TOUCHED);
	assert_judged(&moved, &touched, MIRROR_KEEP_TOUCHED);
}

static struct mirror_tally tally(uint64_t n_deleted, uint64_t n_moved, uint64_t copied)
{
	struct mirror_tally t = { .copied = copied };
	t.n[MIRROR_DELETED] = n_deleted;
	t.n[MIRROR_MOVED] = n_moved;
	return t;
}

static void test_the_guard(void **state)
{
	struct mirror_tally few = tally(20, 0, 20);
	struct mirror_tally more = tally(21, 0, 20);
	struct mirror_tally tenth = tally(500, 0, 5000);
	struct mirror_tally emptied = tally(4812, 0, 5020);
	struct mirror_tally filed = tally(3, 4809, 5020);
	(void)state;
	assert_true(mirror_within(&few, 10));
	assert_false(mirror_within(&more, 10));
	assert_true(mirror_within(&tenth, 10));
	tenth.n[MIRROR_DELETED]++;
	assert_false(mirror_within(&tenth, 10));
	assert_false(mirror_within(&emptied, 10));
	assert_true(mirror_within(&emptied, 100));
	assert_true(mirror_within(&filed, 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_may_go),
		cmocka_unit_test(test_what_the_ledger_keeps),
		cmocka_unit_test(test_what_both_sides_keep),
		cmocka_unit_test(test_the_guard),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
