/* What may be taken away at the target, and the memory of it. */
#include "ledger_world.h"
#include "store/ledger_removed.h"

static void appended(struct world *w, uint32_t uid, uint32_t dst_uid, char hash)
{
	struct err e;
	struct ledger_message m = message(uid, hash);
	m.dst_uid = dst_uid;
	m.appended = true;
	add(w, uid);
	assert_int_equal(ledger_set_done(w->store, w->folder.id, 1, &m, &e), 0);
}

static void absent(struct world *w, uint32_t uid)
{
	struct err e;
	assert_int_equal(ledger_set_absent(w->store, w->folder.id, uid, &e), 0);
}

static void next_pass(struct world *w)
{
	struct err e;
	assert_int_equal(ledger_pass_begin(w->store, "a@b", 6, &w->box, &e), 0);
}

static struct ledger_gone_list gather(struct world *w)
{
	struct err e;
	struct ledger_gone_list list = { .max = 50 };
	assert_int_equal(ledger_gone_begin(w->store, &w->box, &e), 0);
	assert_int_equal(ledger_gone_next(w->store, w->arena, w->folder.id, &list, &e), 0);
	return list;
}

static struct ledger_removal removal(const struct world *w, uint32_t uid, uint32_t dst_uid)
{
	return (struct ledger_removal){ .mailbox_id = w->box.id,
					.folder_id = w->folder.id,
					.src_uidvalidity = w->folder.src_uidvalidity,
					.dst_uidvalidity = w->folder.dst_uidvalidity,
					.uid = uid,
					.dst_uid = dst_uid,
					.at_ms = 7 };
}

static void remove_one(struct world *w, uint32_t uid, uint32_t dst_uid)
{
	struct err e;
	const struct ledger_removal r = removal(w, uid, dst_uid);
	assert_int_equal(ledger_removal_intend(w->store, &r, &e), 0);
	assert_int_equal(ledger_removal_end(w->store, &r, true, &e), 0);
}

static void test_only_what_was_copied_and_is_gone(void **state)
{
	struct world *w = *state;
	appended(w, 1, 101, 'a');
	appended(w, 2, 102, 'b');
	add(w, 3); /* never copied */
	absent(w, 2);
	absent(w, 3);
	struct ledger_gone_list list = gather(w);
	assert_int_equal(list.n, 1);
	assert_int_equal(list.rows[0].uid, 2);
	assert_int_equal(list.rows[0].dst_uid, 102);
	assert_true(list.rows[0].appended);
	assert_string_equal(list.rows[0].flags, "\\Seen");
}

/* The pass that sees it first is too early: what was moved meanwhile is not copied yet. */
static void test_fresh_in_the_pass_that_saw_it_first(void **state)
{
	struct world *w = *state;
	appended(w, 1, 101, 'a');
	absent(w, 1);
	assert_true(gather(w).rows[0].fresh);
	next_pass(w);
	absent(w, 1); /* still: it does not begin anew */
	assert_false(gather(w).rows[0].fresh);
}

static void test_who_put_it_there_is_remembered(void **state)
{
	struct world *w = *state;
	add(w, 1);
	done(w, 1, 101, 'a'); /* adopted */
	absent(w, 1);
	assert_false(gather(w).rows[0].appended);
}

static void test_the_same_bytes_elsewhere(void **state)
{
	struct world *w = *state;
	appended(w, 1, 101, 'a');
	appended(w, 2, 102, 'b');
	appended(w, 3, 103, 'a');
	absent(w, 1);
	absent(w, 2);
	struct ledger_gone_list list = gather(w);
	assert_int_equal(list.n, 2);
	assert_true(list.rows[0].elsewhere);
	assert_false(list.rows[1].elsewhere);
	absent(w, 3); /* then it is nowhere at the source any more */
	assert_false(gather(w).rows[0].elsewhere);
}

static void test_a_place_that_two_share(void **state)
{
	struct world *w = *state;
	appended(w, 1, 101, 'a');
	appended(w, 2, 101, 'a');
	absent(w, 1);
	assert_true(gather(w).rows[0].shared);
}

/* Its bytes are not known yet: by its size it may be the one that was moved. */
static void test_one_that_is_not_copied_yet_may_be_it(void **state)
{
	struct world *w = *state;
	appended(w, 1000, 101, 'a');
	appended(w, 500, 102, 'b');
	absent(w, 1000);
	absent(w, 500);
	add(w, 1003); /* 10 030 bytes, as the sizes of this world are */
	struct ledger_gone_list list = gather(w);
	assert_false(list.rows[0].open);
	assert_true(list.rows[1].open);
}

static void test_a_removal_is_remembered(void **state)
{
	struct world *w = *state;
	struct err e;
	struct ledger_removed figures;
	uint64_t n;
	appended(w, 1, 101, 'a');
	appended(w, 2, 102, 'b');
	absent(w, 1);
	remove_one(w, 1, 101);
	assert_int_equal(gather(w).n, 0);
	assert_int_equal(ledger_removed_figures(w->store, w->box.id, 0, &figures, &e), 0);
	assert_int_equal(figures.deleted, 1);
	assert_int_equal(figures.moved, 0);
	assert_int_equal(figures.last_ms, 7);
	assert_int_equal(ledger_copied(w->store, w->folder.id, &n, &e), 0);
	assert_int_equal(n, 1);
}

static void test_an_intent_waits_for_its_outcome(void **state)
{
	struct world *w = *state;
	struct err e;
	struct ledger_intended open;
	const struct ledger_removal r = removal(w, 1, 101);
	appended(w, 1, 101, 'a');
	absent(w, 1);
	assert_int_equal(ledger_removal_intend(w->store, &r, &e), 0);
	assert_int_equal(ledger_removals_open(w->store, w->folder.id, r.dst_uidvalidity, &open, &e),
			 0);
	assert_int_equal(open.n, 1);
	assert_int_equal(open.dst_uids[0], 101);
	assert_int_equal(ledger_removal_end(w->store, &r, false, &e), 0);
	assert_int_equal(gather(w).n, 1); /* it is still there, and may go */
	assert_int_equal(ledger_removal_intend(w->store, &r, &e), 0);
	assert_int_equal(ledger_removals_open(w->store, w->folder.id, 99, &open, &e), 0);
	assert_int_equal(open.n, 0); /* of another UIDVALIDITY nothing can be said */
}

/* A listing that was cut short, and is whole again: what was removed is copied once more. */
static void test_what_comes_back_is_copied_again(void **state)
{
	struct world *w = *state;
	struct err e;
	struct ledger_open open;
	struct ledger_unresolved doubt;
	struct ledger_message back = { .uid = 1, .new_flags = "\\Seen" };
	const struct ledger_removal r = removal(w, 2, 102);
	appended(w, 1, 101, 'a');
	appended(w, 2, 102, 'b');
	absent(w, 1);
	absent(w, 2);
	remove_one(w, 1, 101);
	assert_int_equal(ledger_removal_intend(w->store, &r, &e), 0);
	assert_int_equal(ledger_removed_reappeared(w->store, w->folder.id, &e), 0);
	assert_int_equal(ledger_open_of(w->store, w->folder.id, &open, &e), 0);
	assert_false(open.messages);
	assert_int_equal(ledger_set_flags(w->store, w->folder.id, &back, &e), 0);
	back.uid = 2;
	assert_int_equal(ledger_set_flags(w->store, w->folder.id, &back, &e), 0);
	assert_int_equal(ledger_removed_reappeared(w->store, w->folder.id, &e), 0);
	assert_int_equal(ledger_open_of(w->store, w->folder.id, &open, &e), 0);
	assert_true(open.messages);
	assert_int_equal(ledger_unresolved(w->store, w->folder.id, &doubt, &e), 0);
	assert_int_equal(doubt.in_flight, 1); /* of the second one nobody knows: it is looked for */
	assert_int_equal(doubt.from, 102);
}

static void test_folders_that_are_gone_are_counted_apart(void **state)
{
	struct world *w = *state;
	struct err e;
	uint64_t n;
	appended(w, 1, 101, 'a');
	absent(w, 1);
	w->folder.present = false;
	assert_int_equal(ledger_folder_put(w->store, w->box.id, &w->folder, &e), 0);
	assert_int_equal(gather(w).n, 0);
	assert_int_equal(ledger_copied_of_lost_folders(w->store, w->box.id, &n, &e), 0);
	assert_int_equal(n, 1);
}

#define REMOVED_TEST(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REMOVED_TEST(test_only_what_was_copied_and_is_gone),
		REMOVED_TEST(test_fresh_in_the_pass_that_saw_it_first),
		REMOVED_TEST(test_who_put_it_there_is_remembered),
		REMOVED_TEST(test_the_same_bytes_elsewhere),
		REMOVED_TEST(test_a_place_that_two_share),
		REMOVED_TEST(test_one_that_is_not_copied_yet_may_be_it),
		REMOVED_TEST(test_a_removal_is_remembered),
		REMOVED_TEST(test_an_intent_waits_for_its_outcome),
		REMOVED_TEST(test_what_comes_back_is_copied_again),
		REMOVED_TEST(test_folders_that_are_gone_are_counted_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
