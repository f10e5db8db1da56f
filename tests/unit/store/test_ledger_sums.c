/* The sums of a folder are those of its rows, whatever was done to them. */
#include "tests/unit/store/ledger_world.h"

#include "base/digest.h"
#include "store/db.h"
#include "store/ledger_removed.h"

enum { UIDS = 40, FOLDERS = 2, STEPS = 3000 };

static void run_sql(struct world *w, const char *sql)
{
	struct err e;
	assert_int_equal(db_exec(store_db(w->store), sql, &e), 0);
}

/* Counted anew, by other words than the program's. */
static void assert_sums(struct world *w, int64_t folder_id)
{
	static const char *const counted[] = {
		"SELECT count(*) FROM ledger_message WHERE folder = ?1 AND present = 1",
		"SELECT total(size) FROM ledger_message WHERE folder = ?1 AND present = 1",
		"SELECT count(*) FROM ledger_message WHERE folder = ?1 AND present = 1"
		" AND state = 3",
		"SELECT total(size) FROM ledger_message WHERE folder = ?1 AND present = 1"
		" AND state = 3",
		"SELECT count(*) FROM ledger_message WHERE folder = ?1 AND present = 1"
		" AND state = 4",
		"SELECT count(*) FROM ledger_message WHERE folder = ?1 AND present = 1"
		" AND new_flags IS NOT NULL",
		"SELECT count(*) FROM ledger_message m JOIN ledger_sum s USING (folder)"
		" WHERE m.folder = ?1 AND m.present = 1 AND m.state = 3"
		" AND m.done_pass > s.verified_pass",
	};
	struct ledger_figures f;
	struct err e;
	assert_int_equal(ledger_figures(w->store, w->box.id, folder_id, &f, &e), 0);
	const uint64_t told[] = { f.present, f.present_bytes, f.done,          f.done_bytes,
				  f.refused, f.flag_changes,  f.since_verified };
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		struct db_stmt *st = db_stmt(store_db(w->store), counted[i], &e);
		assert_non_null(st);
		db_bind_int(st, 1, folder_id);
		assert_int_equal(db_step(st, &e), 1);
		assert_int_equal(told[i], db_col_int(st, 0));
		db_done(st);
	}
}

static void assert_right(struct world *w)
{
	uint64_t wrong;
	struct err e;
	assert_int_equal(ledger_sums_check(w->store, w->box.id, &wrong, &e), 0);
	assert_int_equal(wrong, 0);
}

struct dice {
	struct seeded_rng rng;
};

static uint32_t roll(struct dice *d, uint32_t sides)
{
	return (uint32_t)(rng_u64(&d->rng.rng) % sides);
}

static int change_flags(struct world *w, int64_t folder, bool refused, struct err *e)
{
	struct ledger_flag_group g = { .n = 0 };
	if (ledger_flag_group(w->store, w->arena, folder, 5, &g, e) != 0 || g.n == 0)
		return 0;
	return refused ? ledger_flags_refused(w->store, folder, &g, "no", e)
		       : ledger_flags_carried(w->store, folder, &g, e);
}

static int add_twenty(struct world *w, struct dice *d, int64_t folder, struct err *e)
{
	struct ledger_message list[LEDGER_ADD_MANY];
	uint32_t from = 1000 + roll(d, 1000) * LEDGER_ADD_MANY;
	for (uint32_t i = 0; i < LEDGER_ADD_MANY; i++)
		list[i] = message(from + i, 'm');
	(void)ledger_add_many(w->store, folder, list, e); /* known already: then all of it fails */
	return 0;
}

static int resolve(struct world *w, int64_t folder, uint32_t uid, struct err *e)
{
	struct ledger_intent i = {
		.folder_id = folder, .from = uid, .to = uid + 5, .dst_uidnext = 7
	};
	if (ledger_intent_add(w->store, &i, e) != 0)
		return -1;
	return ledger_intents_resolve(w->store, w->box.id, e);
}

/* After another pass, as often as not. */
static int verify(struct world *w, struct dice *d, struct err *e)
{
	struct ledger_mailbox m = w->box;
	if (roll(d, 2) == 0 && ledger_pass_begin(w->store, "a@b", 5, &m, e) != 0)
		return -1;
	return ledger_verdict_put(w->store, &m, e);
}

/* A pass that was, or the one that runs. */
static int64_t some_pass(struct world *w, struct dice *d)
{
	struct ledger_mailbox m;
	struct err e;
	assert_int_equal(ledger_mailbox_get(w->store, "a@b", &m, &e), 1);
	return m.pass - roll(d, (uint32_t)(m.pass < 3 ? m.pass : 3));
}

/* Whatever the ledger can do to a row, to one that may not be there. */
static int one_step(struct world *w, struct dice *d, int64_t folder, struct err *e)
{
	struct store *s = w->store;
	struct ledger_message m = message(1 + roll(d, UIDS), (char)('a' + roll(d, 4)));
	uint32_t tries;
	m.size = roll(d, 100000);
	m.dst_uid = roll(d, 50);
	m.new_flags = roll(d, 2) == 0 ? "\\Flagged" : NULL;
	m.reason = "why";
	switch (roll(d, 19)) {
	case 0:
	case 1:
	case 2: (void)ledger_add(s, folder, &m, e); return 0;
	case 3: return add_twenty(w, d, folder, e);
	case 4: return ledger_set_absent(s, folder, m.uid, e);
	case 5: m.new_flags = "\\Seen \\Draft"; return ledger_set_flags(s, folder, &m, e);
	case 6: return ledger_set_in_flight(s, folder, m.uid, 9, e);
	case 7:
	case 8: return ledger_set_done(s, folder, some_pass(w, d), &m, e);
	case 9: return ledger_set_refused(s, folder, 1, &m, e);
	case 10: return ledger_set_new(s, folder, m.uid, e);
	case 11: return ledger_set_sha(s, folder, &m, e);
	case 12: return ledger_blame(s, folder, m.uid, &tries, e);
	case 13: return change_flags(w, folder, roll(d, 2) == 0, e);
	case 14: return resolve(w, folder, m.uid, e);
	case 15: return ledger_set_mending(s, folder, 3, &m, e);
	case 16: return ledger_removed_reappeared(s, folder, e);
	case 17: return roll(d, 5) == 0 ? verify(w, d, e) : 0;
	default:
		return roll(d, 20) != 0  ? 0
		       : roll(d, 2) == 0 ? ledger_folder_forget_src(s, folder, e)
					 : ledger_folder_forget_dst(s, folder, e);
	}
}

static void test_random_operations(void **state)
{
	struct world *w = *state;
	struct dice d;
	struct err e;
	struct ledger_folder other = { .src_name = "y", .dst_name = "y", .shown = "y" };
	assert_int_equal(ledger_folder_put(w->store, w->box.id, &other, &e), 0);
	const int64_t folders[FOLDERS] = { w->folder.id, other.id };
	seeded_rng_init(&d.rng, 20261122);
	for (int i = 0; i < STEPS; i++) {
		/* One in three is a transaction that is given up, and with it its sums. */
		bool given_up = roll(&d, 3) == 0;
		assert_int_equal(ledger_begin(w->store, &e), 0);
		if (one_step(w, &d, folders[roll(&d, FOLDERS)], &e) != 0)
			fail_msg("%s", e.text);
		if (given_up)
			ledger_rollback(w->store);
		else
			assert_int_equal(ledger_commit(w->store, &e), 0);
		for (int k = 0; k < FOLDERS; k++)
			assert_sums(w, folders[k]);
	}
	assert_right(w);
}

/* A comparison was about what was done by then. A difference of two counts would tell nothing of
 * mail that came in the place of other mail. */
static void test_what_came_since_a_comparison(void **state)
{
	struct world *w = *state;
	struct ledger_figures f;
	struct ledger_message m = message(3, 'c');
	struct err e;
	for (uint32_t uid = 1; uid <= 3; uid++)
		add(w, uid);
	done(w, 1, 11, 'a');
	done(w, 2, 12, 'b');
	assert_int_equal(ledger_figures(w->store, w->box.id, 0, &f, &e), 0);
	assert_int_equal(f.since_verified, 2); /* it never was compared */
	assert_int_equal(ledger_verdict_put(w->store, &w->box, &e), 0);
	assert_int_equal(ledger_figures(w->store, w->box.id, 0, &f, &e), 0);
	assert_int_equal(f.since_verified, 0);
	assert_int_equal(ledger_pass_begin(w->store, "a@b", 6, &w->box, &e), 0);
	assert_int_equal(ledger_set_absent(w->store, w->folder.id, 1, &e), 0);
	assert_int_equal(ledger_set_done(w->store, w->folder.id, w->box.pass, &m, &e), 0);
	assert_int_equal(ledger_figures(w->store, w->box.id, 0, &f, &e), 0);
	assert_int_equal(f.done, 2);
	assert_int_equal(f.since_verified, 1);
	assert_right(w);
}

/* A server may tell any number; the sums must bear as many of them as there can be rows. */
static void test_sizes_that_no_message_has(void **state)
{
	struct world *w = *state;
	struct ledger_figures f;
	struct err e;
	struct ledger_message m = message(1, 'a');
	for (uint32_t uid = 1; uid <= 100; uid++) {
		m.uid = uid;
		m.size = uid % 2 == 0 ? UINT64_MAX : (uint64_t)INT64_MAX + uid;
		assert_int_equal(ledger_add(w->store, w->folder.id, &m, &e), 0);
	}
	assert_int_equal(ledger_set_done(w->store, w->folder.id, 1, &m, &e), 0);
	assert_int_equal(ledger_figures(w->store, w->box.id, 0, &f, &e), 0);
	assert_true(f.present_bytes == 100 * LEDGER_SIZE_MAX);
	assert_true(f.done_bytes == LEDGER_SIZE_MAX);
	assert_right(w);
}

static void test_only_present_folders_are_summed(void **state)
{
	struct world *w = *state;
	struct ledger_figures f;
	struct err e;
	add(w, 1);
	w->folder.present = false;
	assert_int_equal(ledger_folder_put(w->store, w->box.id, &w->folder, &e), 0);
	assert_int_equal(ledger_figures(w->store, w->box.id, 0, &f, &e), 0);
	assert_int_equal(f.present, 0);
	assert_int_equal(ledger_figures(w->store, w->box.id, w->folder.id, &f, &e), 0);
	assert_int_equal(f.present, 1);
}

static void test_wrong_sums_are_found_and_mended(void **state)
{
	struct world *w = *state;
	struct err e;
	uint64_t wrong;
	add(w, 1);
	done(w, 1, 11, 'a');
	assert_right(w);
	run_sql(w, "UPDATE ledger_sum SET done = 2");
	assert_int_equal(ledger_sums_check(w->store, w->box.id, &wrong, &e), 0);
	assert_int_equal(wrong, 1);
	assert_sums(w, w->folder.id);
	run_sql(w, "DELETE FROM ledger_sum");
	assert_int_equal(ledger_sums_check(w->store, w->box.id, &wrong, &e), 0);
	assert_int_equal(wrong, 1);
	assert_right(w);
	assert_sums(w, w->folder.id);
}

/* The state of a program that knew no sums, with a size that it took from a server as it was. */
static void test_an_older_state_gets_its_sums(void **state)
{
	struct world *w = *state;
	struct err e;
	for (uint32_t uid = 1; uid <= 9; uid++)
		add(w, uid);
	done(w, 1, 11, 'a');
	assert_int_equal(ledger_set_absent(w->store, w->folder.id, 2, &e), 0);
	run_sql(w, "DROP TRIGGER ledger_sum_change;"
		   " DROP TRIGGER ledger_sum_drop; DROP TABLE ledger_sum;"
		   " UPDATE ledger_message SET size = -1 WHERE uid = 3");
	run_sql(w, "PRAGMA user_version = 1"); /* what comes behind may be done twice */
	store_close(w->store);
	assert_int_equal(store_open(&(struct store_opts){ .dir = w->dir }, &w->store, &e), 0);
	assert_sums(w, w->folder.id);
	done(w, 2, 12, 'b');
	add(w, 10);
	assert_sums(w, w->folder.id);
	assert_right(w);
}

/* Sums that a trigger a row kept, as version 9 did: they are right, and go on to be. */
static void test_a_state_with_a_trigger_for_new_rows(void **state)
{
	struct world *w = *state;
	struct err e;
	add(w, 1);
	run_sql(w, "CREATE TRIGGER ledger_sum_add AFTER INSERT ON ledger_message BEGIN"
		   " UPDATE ledger_sum SET present = present + 1,"
		   " present_bytes = present_bytes + new.size WHERE folder = new.folder; END;"
		   " PRAGMA user_version = 9");
	store_close(w->store);
	assert_int_equal(store_open(&(struct store_opts){ .dir = w->dir }, &w->store, &e), 0);
	add(w, 2);
	done(w, 2, 12, 'b');
	assert_sums(w, w->folder.id);
	assert_right(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random_operations, open_world, close_world),
		cmocka_unit_test_setup_teardown(test_what_came_since_a_comparison, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(test_sizes_that_no_message_has, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(test_only_present_folders_are_summed, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(test_wrong_sums_are_found_and_mended, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(test_an_older_state_gets_its_sums, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(test_a_state_with_a_trigger_for_new_rows,
						open_world, close_world),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
