/*
 * STATUS, EXISTS, SEARCH and FETCH tell one number, or nobody may believe that all was seen: a
 * server that shows a part of a folder is found out by the one that differs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "twins.h"

static const struct imapd_habits plain;

/* Whichever of the four disagrees, the gate is closed, in the repeats that find nothing new, too.
 */
static void counts_differ(const struct imapd_habits *src, const char *note)
{
	struct twins t;
	struct arena *a = arena_new();
	twins_open(&t, src, &plain);
	twins_fill(&t.src.folders[0], 8);
	twins_fill(imapd_make(&t.src, "Work", ""), 2);
	for (int pass = 0; pass < 3; pass++) {
		(void)twins_pass(&t);
		assert_false(twins_status(&t, a).counts_agree);
		assert_string_equal(twins_status(&t, a).counts_note, note);
	}
	arena_free(a);
	twins_close(&t);
}

static void a_count_that_differs_closes_the_gate_for_good(void **state)
{
	(void)state;
	counts_differ(&(struct imapd_habits){ .search_most = 5 },
		      "'INBOX': STATUS 8, EXISTS 8, SEARCH 5, FETCH 8");
	counts_differ(&(struct imapd_habits){ .hidden = 4 },
		      "'INBOX': STATUS 8, EXISTS 8, SEARCH 8, FETCH 7");
	counts_differ(&(struct imapd_habits){ .message_limit = 5,
					      .capability = "ID UIDPLUS LITERAL+ NAMESPACE" },
		      "'INBOX': STATUS 8, EXISTS 5, SEARCH 5, FETCH 5");
}

/* As many came as were deleted: a difference of counts would say that none came. */
static void what_came_since_is_counted_by_itself(void **state)
{
	struct twins t;
	struct migrate_verdict v;
	struct arena *a = arena_new();
	struct err e;
	(void)state;
	twins_open(&t, &plain, &plain);
	struct imapd_folder *inbox = &t.src.folders[0];
	twins_fill(inbox, 8);
	twins_synced(&t);
	assert_int_equal(twins_status(&t, a).since_verified, 8);
	assert_int_equal(migrate_verify(&t.opts, &t.mailbox, 1, &v, &e), 0);
	assert_true(v.verified);
	assert_int_equal(v.compared, 8);
	assert_int_equal(twins_status(&t, a).since_verified, 0);
	for (uint32_t uid = 1; uid <= 3; uid++)
		assert_true(imapd_take(inbox, uid));
	twins_fill(inbox, 3);
	twins_fill(imapd_make(&t.src, "Work", ""), 2);
	twins_synced(&t);
	assert_int_equal(twins_status(&t, a).acknowledged, 10);
	assert_int_equal(twins_status(&t, a).since_verified, 5);
	arena_free(a);
	twins_close(&t);
}

/* Verification trusts the count that it was told when it opened the folder. */
static void a_message_that_no_fetch_brings_is_not_verified(void **state)
{
	struct twins t;
	struct migrate_verdict v;
	struct err e;
	(void)state;
	twins_open(&t, &(struct imapd_habits){ .hidden = 4 }, &plain);
	twins_fill(&t.src.folders[0], 8);
	(void)twins_pass(&t);
	assert_int_equal(migrate_verify(&t.opts, &t.mailbox, 1, &v, &e), 0);
	assert_false(v.verified);
	assert_string_equal(v.err.text,
			    "'INBOX': only 7 of 8 messages could be read at the source");
	twins_close(&t);
}

/* What an earlier pass counted says nothing of a folder that the last one did not get into: there
 * may be mail in it that nobody saw. */
static void expect_unread(struct twins *t)
{
	struct arena *a = arena_new();
	assert_int_equal(twins_pass(t), MAILBOX_SYNCED_WITH_ERRORS);
	struct migrate_status st = twins_status(t, a);
	assert_false(st.counts_agree);
	assert_string_equal(st.counts_note, "'Work' was not read by the last pass");
	arena_free(a);
}

static void a_folder_that_is_not_opened_any_more_is_not_counted(void **state)
{
	struct twins t;
	struct arena *a = arena_new();
	(void)state;
	twins_open(&t, &plain, &plain);
	twins_fill(&t.src.folders[0], 8);
	struct imapd_folder *work = imapd_make(&t.src, "Work", "");
	twins_fill(work, 2);
	twins_synced(&t);
	t.src.habits.locked = "Work";
	expect_unread(&t);
	twins_fill(work, 1); /* mail that comes meanwhile is missed */
	expect_unread(&t);
	struct migrate_status st = twins_status(&t, a);
	assert_int_equal(st.messages, 11);
	assert_int_equal(st.acknowledged, 10);
	t.src.habits.locked = NULL;
	t.src.offences = 0; /* what was asked behind the EXAMINE */
	twins_synced(&t);
	assert_true(twins_status(&t, a).counts_agree);
	twins_same(&t, "Work", "Work");
	t.dst.habits.locked = "Work";
	expect_unread(&t);
	arena_free(a);
	twins_close(&t);
}

/* Its folder at the target is deleted, and not made again. */
static void nor_one_that_the_target_does_not_make_again(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &plain);
	twins_fill(imapd_make(&t.src, "Work", ""), 2);
	twins_synced(&t);
	struct imapd_folder *work = imapd_find(&t.dst, "Work");
	assert_ptr_equal(work, &t.dst.folders[t.dst.n_folders - 1]);
	imapd_unmake(&t.dst);
	t.dst.habits.makes_nothing = true;
	expect_unread(&t);
	t.dst.habits.makes_nothing = false;
	twins_synced(&t);
	twins_same(&t, "Work", "Work");
	twins_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_since_is_counted_by_itself),
		cmocka_unit_test(a_count_that_differs_closes_the_gate_for_good),
		cmocka_unit_test(a_message_that_no_fetch_brings_is_not_verified),
		cmocka_unit_test(a_folder_that_is_not_opened_any_more_is_not_counted),
		cmocka_unit_test(nor_one_that_the_target_does_not_make_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
