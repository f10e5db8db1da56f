#include <string.h>

#include "store/ledger.h"
#include "store_test.h"

static int64_t begin_pass(struct store *s, int64_t *folder_r)
{
	struct ledger_mailbox box;
	struct ledger_folder *list;
	size_t n;
	struct err e;
	struct arena *a = arena_new();
	assert_int_equal(ledger_pass_begin(s, "a@b", 5, &box, &e), 0);
	assert_int_equal(ledger_folders(s, a, box.id, &list, &n, &e), 0);
	struct ledger_folder f = { .src_name = "INBOX", .dst_name = "INBOX", .shown = "INBOX" };
	if (n == 0)
		assert_int_equal(ledger_folder_put(s, box.id, &f, &e), 0);
	*folder_r = n == 0 ? f.id : list[0].id;
	arena_free(a);
	return box.id;
}

static void add(struct store *s, int64_t folder, uint32_t uid)
{
	struct err e;
	struct ledger_message m = { .uid = uid, .size = uid, .date = "d", .flags = "" };
	assert_int_equal(ledger_add(s, folder, &m, &e), 0);
}

static int64_t intend(struct store *s, struct ledger_intent i)
{
	struct err e;
	assert_int_equal(ledger_begin_durable(s, &e), 0);
	assert_int_equal(ledger_intent_add(s, &i, &e), 0);
	assert_int_equal(ledger_commit(s, &e), 0);
	return i.id;
}

/* The states of UIDs 1 to n, a letter each. */
static const char *states(struct store *s, int64_t folder, char *text_r)
{
	static const char letters[] = "-nfdr";
	const struct ledger_message *m;
	struct err e;
	size_t n = 0;
	struct ledger_cursor *c = ledger_cursor_new(s, folder, 0, LEDGER_ALL);
	while (ledger_cursor_next(c, &m, &e) == 1)
		text_r[n++] = letters[m->state];
	ledger_cursor_free(c);
	text_r[n] = '\0';
	return text_r;
}

static int64_t from(struct store *s, int64_t folder)
{
	struct ledger_unresolved u;
	struct err e;
	assert_int_equal(ledger_unresolved(s, folder, &u, &e), 0);
	return u.from;
}

/* What is through is not asked for again; all else of the range is, the refused one too: it was
 * tried once more. */
static void test_the_next_pass_finds_what_a_kill_left(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	char text[20];
	int64_t folder;
	(void)begin_pass(s, &folder);
	for (uint32_t uid = 1; uid <= 8; uid++)
		add(s, folder, uid);
	struct ledger_message five = { .uid = 5, .dst_uid = 77, .flags = "" };
	struct ledger_message six = { .uid = 6, .reason = "too big" };
	assert_int_equal(ledger_set_done(s, folder, 1, &five, &f->e), 0);
	assert_int_equal(ledger_set_refused(s, folder, 1, &six, &f->e), 0);
	(void)intend(s, (struct ledger_intent){
				.folder_id = folder, .from = 3, .to = 7, .dst_uidnext = 90 });
	assert_string_equal(states(s, folder, text), "nnnndrnn"); /* no mark on any message */
	store_close(s);
	s = open_store(f);
	(void)begin_pass(s, &folder);
	assert_string_equal(states(s, folder, text), "nnffdffn");
	assert_int_equal(from(s, folder), 90);
	(void)begin_pass(s, &folder); /* once is enough: found or not, they are looked for now */
	assert_int_equal(ledger_set_new(s, folder, 3, &f->e), 0);
	(void)begin_pass(s, &folder);
	assert_string_equal(states(s, folder, text), "nnnfdffn");
	store_close(s);
}

static void test_a_message_in_two_ranges_has_the_lower_place(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	char text[20];
	int64_t folder;
	for (int turn = 0; turn < 2; turn++) {
		int64_t box = begin_pass(s, &folder);
		if (turn == 0)
			add(s, folder, 1);
		(void)intend(s, (struct ledger_intent){ .folder_id = folder,
							.from = 1,
							.to = 1,
							.dst_uidnext = turn == 0 ? 40 : 60 });
		(void)intend(s, (struct ledger_intent){ .folder_id = folder,
							.from = 1,
							.to = 9,
							.dst_uidnext = turn == 0 ? 60 : 40 });
		assert_int_equal(ledger_intents_resolve(s, box, &f->e), 0);
		assert_string_equal(states(s, folder, text), "f");
		assert_int_equal(from(s, folder), 40);
		assert_int_equal(ledger_set_new(s, folder, 1, &f->e), 0);
	}
	store_close(s);
}

static void test_a_dropped_intent_is_over(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	char text[20];
	int64_t folder;
	int64_t box = begin_pass(s, &folder);
	add(s, folder, 1);
	add(s, folder, 2);
	int64_t first = intend(s,
			       (struct ledger_intent){
				       .folder_id = folder, .from = 1, .to = 1, .dst_uidnext = 1 });
	(void)intend(s, (struct ledger_intent){
				.folder_id = folder, .from = 2, .to = 2, .dst_uidnext = 2 });
	assert_int_equal(ledger_intent_drop(s, first, &f->e), 0);
	assert_int_equal(ledger_intents_resolve(s, box + 1, &f->e), 0); /* another mailbox's */
	assert_string_equal(states(s, folder, text), "nn");
	assert_int_equal(ledger_intents_resolve(s, box, &f->e), 0);
	assert_string_equal(states(s, folder, text), "nf");
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_the_next_pass_finds_what_a_kill_left),
		STORE_TEST(test_a_message_in_two_ranges_has_the_lower_place),
		STORE_TEST(test_a_dropped_intent_is_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
