#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "migrate/carry.h"
#include "world.h"

/* At the target by UID + 100 with no flags, and to get these. */
static void add_change(struct world *w, uint32_t uid, const char *flags)
{
	struct err e;
	const struct ledger_message m = {
		.uid = uid, .dst_uid = uid + 100, .flags = "", .new_flags = flags
	};
	add_message(w, uid, "");
	assert_int_equal(ledger_set_done(w->store, w->folder.row.id, w->box.row.pass, &m, &e), 0);
}

static uint64_t waiting(struct world *w)
{
	struct ledger_figures fig;
	struct err e;
	assert_int_equal(ledger_figures(w->store, w->box.row.id, w->folder.row.id, &fig, &e), 0);
	return fig.flag_changes;
}

/* The first group is refused: the others are carried, and it is tried again. */
static void test_refused_group_keeps_no_other_back(void **state)
{
	static const struct step dst[] = {
		{ "($A)", "% NO [CANNOT] no such keyword here\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct err e;
	(void)state;
	world_open(&w, capable, dst);
	add_change(&w, 1, "$A");
	add_change(&w, 2, "$A");
	add_change(&w, 3, "\\Flagged");
	add_change(&w, 4, "\\Seen");
	assert_int_equal(carry_flags(&w.box, &w.folder, &e), 0);
	assert_heard(&w.said_dst, "UID STORE 101:102 +FLAGS.SILENT ($A)");
	assert_heard(&w.said_dst, "UID STORE 103 +FLAGS.SILENT (\\Flagged)");
	assert_heard(&w.said_dst, "UID STORE 104 +FLAGS.SILENT (\\Seen)");
	assert_int_equal(w.box.counts.flags_changed, 2);
	assert_int_equal(waiting(&w), 2);
	assert_non_null(row_of(&w, 1).reason);
	assert_non_null(row_of(&w, 2).reason);
	assert_null(row_of(&w, 3).reason);
	assert_int_equal(w.box.trouble.kind, ERR_ITEM);
	/* The next pass: the target takes it now, and the loss is none. */
	assert_int_equal(carry_flags(&w.box, &w.folder, &e), 0);
	assert_int_equal(waiting(&w), 0);
	assert_null(row_of(&w, 1).reason);
	world_close(&w);
}

/* A message was refused that has keywords, or the words say it: the keywords are a loss that is
 * told, and no trouble of each pass from now on. */
static void test_keywords_that_are_never_taken_are_lost_by_name(void **state)
{
	static const struct step dst[] = {
		{ "($A)", "% BAD Command Argument Error. 11\r\n", false, false },
		{ "($B)", "% NO [LIMIT] too many keywords\r\n", false, false },
		{ "(\\Flagged $C)", "% NO [LIMIT] too many keywords\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct err e;
	(void)state;
	world_open(&w, capable, dst);
	add_change(&w, 1, "$A");
	add_change(&w, 2, "$B");
	add_change(&w, 3, "\\Flagged $C");
	assert_int_equal(carry_flags(&w.box, &w.folder, &e), 0);
	assert_int_equal(waiting(&w), 1);
	assert_flags(&w, 1, "$A", NULL);
	assert_flags(&w, 2, "$B", NULL);
	assert_flags(&w, 3, "", "\\Flagged $C");
	for (uint32_t uid = 1; uid <= 3; uid++)
		assert_non_null(row_of(&w, uid).reason);
	assert_int_equal(w.box.counts.flags_changed, 0);
	assert_int_equal(w.box.trouble.kind, ERR_ITEM);
	world_close(&w);
}

static void test_who_refused_a_message_with_keywords_may_say_what_it_likes(void **state)
{
	static const struct step dst[] = {
		{ "($A)", "% NO not here\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct err e;
	(void)state;
	world_open(&w, capable, dst);
	w.box.keywords_doubted = true;
	add_change(&w, 1, "$A");
	assert_int_equal(carry_flags(&w.box, &w.folder, &e), 0);
	assert_int_equal(waiting(&w), 0);
	assert_non_null(row_of(&w, 1).reason);
	assert_int_equal(w.box.trouble.kind, ERR_NONE);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keywords_that_are_never_taken_are_lost_by_name),
		cmocka_unit_test(test_who_refused_a_message_with_keywords_may_say_what_it_likes),
		cmocka_unit_test(test_refused_group_keeps_no_other_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
