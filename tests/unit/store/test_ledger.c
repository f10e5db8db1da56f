#include "tests/unit/store/ledger_world.h"

static size_t count(struct world *w, enum ledger_which which, int64_t pass)
{
	const struct ledger_message *m;
	struct err e;
	size_t n = 0;
	uint32_t last = 0;
	struct ledger_cursor *c = ledger_cursor_new(w->store, w->folder.id, pass, which);
	while (ledger_cursor_next(c, &m, &e) == 1) {
		assert_true(m->uid > last);
		last = m->uid;
		n++;
	}
	ledger_cursor_free(c);
	return n;
}

/* More rows than a page, and a state each. */
static void test_cursors(void **state)
{
	struct world *w = *state;
	struct err e;
	for (uint32_t uid = 1; uid <= 1000; uid++)
		add(w, uid);
	done(w, 1, 101, 'a');
	done(w, 2, 0, 'b');
	assert_int_equal(ledger_set_in_flight(w->store, w->folder.id, 3, 100, &e), 0);
	struct ledger_message four = { .uid = 4, .reason = "too big" };
	assert_int_equal(ledger_set_refused(w->store, w->folder.id, 1, &four, &e), 0);
	assert_int_equal(ledger_set_absent(w->store, w->folder.id, 5, &e), 0);
	assert_int_equal(count(w, LEDGER_ALL, 1), 1000);
	assert_int_equal(count(w, LEDGER_TODO, 1), 995);
	assert_int_equal(count(w, LEDGER_TODO, 2), 996); /* the refused one again */
	assert_int_equal(count(w, LEDGER_UNPLACED, 0), 1);
	assert_int_equal(count(w, LEDGER_UNHASHED, 1), 1);
	assert_int_equal(count(w, LEDGER_UNMATCHED, 0), 998);
	struct ledger_unresolved u;
	assert_int_equal(ledger_unresolved(w->store, w->folder.id, &u, &e), 0);
	assert_int_equal(u.from, 0); /* of the DONE one without a place */
	assert_int_equal(u.in_flight, 1);
	assert_int_equal(u.largest, 30);
	struct ledger_figures f;
	assert_int_equal(ledger_figures(w->store, w->box.id, 0, &f, &e), 0);
	assert_int_equal(f.present, 999);
	assert_int_equal(f.done, 2);
	assert_int_equal(f.refused, 1);
	assert_int_equal(count(w, LEDGER_VANISHED, 0), 0); /* what is gone was never copied */
	assert_int_equal(ledger_set_absent(w->store, w->folder.id, 2, &e), 0);
	assert_int_equal(count(w, LEDGER_VANISHED, 0), 1);
}

static void test_many_at_once_are_as_one_by_one(void **state)
{
	struct world *w = *state;
	struct err e;
	struct ledger_message list[LEDGER_ADD_MANY];
	char dates[LEDGER_ADD_MANY][16];
	for (uint32_t i = 0; i < LEDGER_ADD_MANY; i++) {
		(void)snprintf(dates[i], sizeof(dates[i]), "date %u", i + 1);
		list[i] = message(i + 1, 'x');
		list[i].date = dates[i];
		list[i].flags = i % 2 == 0 ? "" : "\\Seen";
	}
	assert_int_equal(ledger_add_many(w->store, w->folder.id, list, &e), 0);
	const struct ledger_message *m;
	struct ledger_cursor *c = ledger_cursor_new(w->store, w->folder.id, 0, LEDGER_TODO);
	for (uint32_t i = 0; i < LEDGER_ADD_MANY; i++) {
		assert_int_equal(ledger_cursor_next(c, &m, &e), 1);
		assert_int_equal(m->uid, i + 1);
		assert_int_equal(m->size, (i + 1) * 10);
		assert_string_equal(m->date, dates[i]);
		assert_string_equal(m->flags, list[i].flags);
		assert_false(m->has_sha);
	}
	assert_int_equal(ledger_cursor_next(c, &m, &e), 0);
	ledger_cursor_free(c);
	assert_int_equal(ledger_add_many(w->store, w->folder.id, list, &e), -1); /* known */
}

/* Open is what is neither done nor gone; a change of flags only while it is there. */
static void test_what_is_open(void **state)
{
	struct world *w = *state;
	struct err e;
	struct ledger_open open;
	const struct ledger_message flagged = { .uid = 1, .new_flags = "\\Flagged" };
	assert_int_equal(ledger_open_of(w->store, w->folder.id, &open, &e), 0);
	assert_false(open.messages || open.flags);
	add(w, 1);
	add(w, 2);
	done(w, 1, 11, 'a');
	assert_int_equal(ledger_open_of(w->store, w->folder.id, &open, &e), 0);
	assert_true(open.messages && !open.flags);
	assert_int_equal(ledger_set_absent(w->store, w->folder.id, 2, &e), 0);
	assert_int_equal(ledger_set_flags(w->store, w->folder.id, &flagged, &e), 0);
	assert_int_equal(ledger_open_of(w->store, w->folder.id, &open, &e), 0);
	assert_true(!open.messages && open.flags);
	assert_int_equal(ledger_set_absent(w->store, w->folder.id, 1, &e), 0);
	assert_int_equal(ledger_open_of(w->store, w->folder.id, &open, &e), 0);
	assert_false(open.messages || open.flags);
}

/* What was refused because connections were lost over it is not lost to the next pass. */
static void test_a_refused_message_is_tried_anew(void **state)
{
	struct world *w = *state;
	struct err e;
	uint32_t tries;
	const struct ledger_message *m;
	const struct ledger_message refused = { .uid = 1, .reason = "lost each time" };
	add(w, 1);
	for (uint32_t i = 1; i <= 4; i++) {
		assert_int_equal(ledger_blame(w->store, w->folder.id, 1, &tries, &e), 0);
		assert_int_equal(tries, i);
	}
	assert_int_equal(ledger_set_refused(w->store, w->folder.id, 1, &refused, &e), 0);
	struct ledger_cursor *c = ledger_cursor_new(w->store, w->folder.id, 2, LEDGER_TODO);
	assert_int_equal(ledger_cursor_next(c, &m, &e), 1);
	assert_int_equal(m->tries, 1); /* it still travels alone */
	ledger_cursor_free(c);
}

static void test_flag_changes_in_groups(void **state)
{
	struct world *w = *state;
	struct err e;
	struct ledger_flag_group g = { .n = 0 };
	static const char *const now[] = { "", "\\Flagged", "\\Flagged", "\\Seen" };
	for (uint32_t uid = 1; uid <= 4; uid++) {
		struct ledger_message m = { .uid = uid, .new_flags = now[uid - 1] };
		add(w, uid);
		done(w, uid, 200 - uid, 'a');
		assert_int_equal(ledger_set_flags(w->store, w->folder.id, &m, &e), 0);
	}
	size_t seen = 0;
	for (;;) {
		assert_int_equal(ledger_flag_group(w->store, w->arena, w->folder.id, 10, &g, &e),
				 0);
		if (g.n == 0)
			break;
		seen += g.n;
		if (str_eq(g.new_flags, "\\Flagged")) {
			assert_int_equal(g.n, 2);
			assert_true(g.dst_uids[0] < g.dst_uids[1]);
		}
		assert_int_equal(ledger_flags_carried(w->store, w->folder.id, &g, &e), 0);
	}
	assert_int_equal(seen, 3); /* the fourth did not change */
}

/* Each candidate is taken once; those that a row knows or that are gone are none. */
static void test_candidates(void **state)
{
	struct world *w = *state;
	struct err e;
	uint64_t n;
	uint32_t uid;
	struct ledger_uid_page page = { .which = LEDGER_CANDIDATES_UNHASHED };
	unsigned char sha[SHA256_LEN];
	memset(sha, 'h', sizeof(sha));
	add(w, 1);
	done(w, 1, 12, 'h');
	assert_int_equal(ledger_candidates_begin(w->store, w->folder.id, &e), 0);
	for (uid = 10; uid <= 13; uid++)
		assert_int_equal(ledger_candidate_add(w->store, w->folder.id, uid, &e), 0);
	assert_int_equal(ledger_candidates_end(w->store, w->folder.id, &n, &e), 0);
	assert_int_equal(n, 3);
	assert_int_equal(ledger_candidates_begin(w->store, w->folder.id, &e), 0);
	for (uid = 11; uid <= 13; uid++)
		assert_int_equal(ledger_candidate_add(w->store, w->folder.id, uid, &e), 0);
	assert_int_equal(ledger_candidates_end(w->store, w->folder.id, &n, &e), 0);
	assert_int_equal(ledger_candidates_page(w->store, w->folder.id, &page, &e), 0);
	assert_int_equal(page.n, 2);
	assert_int_equal(page.uids[0], 11);
	assert_int_equal(page.uids[1], 13);
	for (size_t i = 0; i < page.n; i++)
		assert_int_equal(
			ledger_candidate_sha(w->store, w->folder.id, page.uids[i], sha, &e), 0);
	assert_int_equal(ledger_candidates_page(w->store, w->folder.id, &page, &e), 0);
	assert_int_equal(page.n, 0);
	assert_int_equal(ledger_candidate_claim(w->store, w->folder.id, sha, &uid, &e), 1);
	assert_int_equal(uid, 11);
	assert_int_equal(ledger_candidate_claim(w->store, w->folder.id, sha, &uid, &e), 1);
	assert_int_equal(uid, 13);
	assert_int_equal(ledger_candidate_claim(w->store, w->folder.id, sha, &uid, &e), 0);
}

static void test_uidvalidity_changes(void **state)
{
	struct world *w = *state;
	struct err e;
	uint32_t uid;
	unsigned char sha[SHA256_LEN];
	memset(sha, 'h', sizeof(sha));
	add(w, 1);
	done(w, 1, 12, 'h');
	/* The target's: the message must go (or be found) again, its hash is kept. */
	assert_int_equal(ledger_folder_forget_dst(w->store, w->folder.id, &e), 0);
	assert_int_equal(count(w, LEDGER_TODO, 1), 1);
	assert_int_equal(count(w, LEDGER_UNHASHED, 0), 0);
	/* The source's: what was there becomes a candidate, hash and all. */
	done(w, 1, 12, 'h');
	assert_int_equal(ledger_folder_forget_src(w->store, w->folder.id, &e), 0);
	assert_int_equal(count(w, LEDGER_ALL, 1), 0);
	assert_int_equal(ledger_candidate_claim(w->store, w->folder.id, sha, &uid, &e), 1);
	assert_int_equal(uid, 12);
}

/* A file goes when its message is DONE, and not while nobody knows. */
static void test_a_file_is_kept_until_its_message_is_there(void **state)
{
	struct world *w = *state;
	struct err e;
	const struct ledger_message refused = { .uid = 1, .reason = "too big" };
	add(w, 1);
	assert_int_equal(ledger_set_refused(w->store, w->folder.id, 1, &refused, &e), 0);
	assert_int_equal(ledger_set_kept(w->store, w->folder.id, 1, true, &e), 0);
	assert_int_equal(count(w, LEDGER_KEPT_NO_MORE, 0), 0);
	assert_int_equal(ledger_set_in_flight(w->store, w->folder.id, 1, 100, &e), 0);
	assert_int_equal(count(w, LEDGER_KEPT_NO_MORE, 0), 0);
	assert_int_equal(ledger_set_new(w->store, w->folder.id, 1, &e), 0);
	assert_int_equal(count(w, LEDGER_KEPT_NO_MORE, 0), 0);
	done(w, 1, 101, 'a');
	assert_int_equal(count(w, LEDGER_KEPT_NO_MORE, 0), 1);
}

static void identify(struct world *w, uint32_t uid, uint64_t id, bool other)
{
	struct err e;
	const struct ledger_identity i = { w->box.id, w->folder.id, uid, id, other };
	assert_int_equal(ledger_set_unasked(w->store, w->folder.id, uid, &e), 0);
	assert_int_equal(ledger_set_identity(w->store, &i, &e), 0);
}

static void test_two_contents_under_one_number_are_doubtful(void **state)
{
	const uint64_t number = UINT64_C(0xfedcba9876543210);
	struct world *w = *state;
	struct err e;
	for (uint32_t uid = 1; uid <= 5; uid++) {
		add(w, uid);
		done(w, uid, 100 + uid, uid == 3 ? 'b' : 'a');
	}
	assert_int_equal(ledger_set_unasked(w->store, w->folder.id, 1, &e), 0);
	assert_int_equal(count(w, LEDGER_UNASKED, 0), 1);
	identify(w, 1, number, false);
	identify(w, 2, number, false); /* the same content: another label of it */
	identify(w, 4, 0, false);
	assert_int_equal(count(w, LEDGER_UNASKED, 0), 0);
	assert_int_equal(count(w, LEDGER_KEPT_NO_MORE, 0), 0);
	identify(w, 3, number, false);
	assert_int_equal(count(w, LEDGER_KEPT_NO_MORE, 0), 3);
	identify(w, 5, 0, true);
	assert_int_equal(count(w, LEDGER_KEPT_NO_MORE, 0), 4);
}

/* What an earlier pass found merged has a place; one that was only refused has none. */
static void test_merged_messages_are_told_from_refused_ones(void **state)
{
	struct world *w = *state;
	struct err e;
	for (uint32_t uid = 1; uid <= 2; uid++) {
		const struct ledger_message refused = { .uid = uid, .reason = "so" };
		add(w, uid);
		if (uid == 1)
			done(w, uid, 101, 'a');
		assert_int_equal(ledger_set_refused(w->store, w->folder.id, 1, &refused, &e), 0);
	}
	assert_int_equal(count(w, LEDGER_MERGED, 1), 0);
	assert_int_equal(count(w, LEDGER_MERGED, 2), 1);
	assert_int_equal(count(w, LEDGER_TODO, 2), 2);
	assert_int_equal(ledger_set_refused_still(w->store, w->folder.id, 1, 2, &e), 0);
	assert_int_equal(count(w, LEDGER_MERGED, 2), 0);
	assert_int_equal(count(w, LEDGER_TODO, 2), 1);
	assert_int_equal(count(w, LEDGER_REFUSED_NOW, 2), 1);
	/* Another folder in its place: that place means nothing. */
	assert_int_equal(ledger_folder_forget_dst(w->store, w->folder.id, &e), 0);
	assert_int_equal(count(w, LEDGER_MERGED, 3), 0);
	assert_int_equal(count(w, LEDGER_TODO, 2), 2);
}

static void test_mailbox_and_folder_rows(void **state)
{
	struct world *w = *state;
	struct err e;
	struct ledger_folder *list;
	struct ledger_mailbox m;
	size_t n;
	w->box.state = 2;
	w->box.messages = 9;
	w->box.pass_end_ms = 88;
	assert_int_equal(ledger_pass_end(w->store, &w->box, false, &e), 0);
	assert_int_equal(ledger_mailbox_get(w->store, "a@b", &m, &e), 1);
	assert_int_equal(m.pass_end_ms, 0); /* it was not complete */
	assert_int_equal(ledger_pass_end(w->store, &w->box, true, &e), 0);
	assert_int_equal(ledger_mailbox_get(w->store, "a@b", &m, &e), 1);
	assert_int_equal(m.pass_start_ms, 5);
	assert_int_equal(m.pass_end_ms, 88);
	assert_int_equal(m.messages, 9);
	assert_int_equal(ledger_mailbox_get(w->store, "x@b", &m, &e), 0);
	assert_int_equal(ledger_folders(w->store, w->arena, w->box.id, &list, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].src_name, "INBOX.x");
	assert_int_equal(list[0].src_modseq, 77);
}

static int64_t last_new(struct world *w)
{
	struct ledger_mailbox m;
	struct err e;
	assert_int_equal(ledger_mailbox_get(w->store, "a@b", &m, &e), 1);
	return m.last_new_ms;
}

/* The time is kept with the message or not at all: what a kill leaves behind, and what an end
 * of the pass that began before says, cannot tell them apart. */
static void test_last_new_is_kept_with_the_message(void **state)
{
	struct world *w = *state;
	struct err e;
	assert_int_equal(ledger_begin(w->store, &e), 0);
	add(w, 1);
	assert_int_equal(ledger_new_found(w->store, w->box.id, 700, &e), 0);
	ledger_rollback(w->store);
	assert_int_equal(count(w, LEDGER_ALL, 1), 0);
	assert_int_equal(last_new(w), 0);
	assert_int_equal(ledger_begin(w->store, &e), 0);
	add(w, 1);
	assert_int_equal(ledger_new_found(w->store, w->box.id, 700, &e), 0);
	assert_int_equal(ledger_commit(w->store, &e), 0);
	/* Killed here: no end of the pass is written. */
	store_close(w->store);
	assert_int_equal(store_open(&(struct store_opts){ .dir = w->dir }, &w->store, &e), 0);
	assert_int_equal(count(w, LEDGER_TODO, 1), 1);
	assert_int_equal(last_new(w), 700);
	assert_int_equal(ledger_new_found(w->store, w->box.id, 600, &e), 0);
	assert_int_equal(ledger_pass_end(w->store, &w->box, true, &e), 0);
	assert_int_equal(last_new(w), 700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cursors, open_world, close_world),
		cmocka_unit_test_setup_teardown(test_many_at_once_are_as_one_by_one, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(test_what_is_open, open_world, close_world),
		cmocka_unit_test_setup_teardown(test_a_refused_message_is_tried_anew, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(test_flag_changes_in_groups, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(test_candidates, open_world, close_world),
		cmocka_unit_test_setup_teardown(test_uidvalidity_changes, open_world, close_world),
		cmocka_unit_test_setup_teardown(test_a_file_is_kept_until_its_message_is_there,
						open_world, close_world),
		cmocka_unit_test_setup_teardown(test_two_contents_under_one_number_are_doubtful,
						open_world, close_world),
		cmocka_unit_test_setup_teardown(test_merged_messages_are_told_from_refused_ones,
						open_world, close_world),
		cmocka_unit_test_setup_teardown(test_last_new_is_kept_with_the_message, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(test_mailbox_and_folder_rows, open_world,
						close_world),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
