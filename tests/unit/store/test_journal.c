#include "store_test.h"

#include <sys/wait.h>

#include "base/digest.h"

static int64_t add(struct store *s, enum journal_kind kind, int64_t ref, const char *subject)
{
	struct err e;
	int64_t seq = 0;
	const struct journal_row row = { .at_ms = 1000,
					 .kind = kind,
					 .ref = ref,
					 .step = "stage",
					 .subject = subject,
					 .detail = "{}" };
	if (journal_add(s, &row, &seq, &e) != 0)
		fail_msg("%s", e.text);
	return seq;
}

static struct store *store_of_four(struct fixture *f)
{
	struct store *s = open_store(f);
	int64_t one = add(s, JOURNAL_INTENT, 0, "a. MX");
	add(s, JOURNAL_INTENT, 0, "b. TXT");
	add(s, JOURNAL_DONE, one, "a. MX");
	add(s, JOURNAL_NOTE, 0, "end");
	return s;
}

static void test_rows_come_back_in_order(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_of_four(f);
	struct journal_row *rows;
	size_t n;
	assert_int_equal(journal_rows(s, f->a, NULL, &rows, &n, &f->e), 0);
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(rows[i].seq, i + 1);
	assert_int_equal(rows[2].kind, JOURNAL_DONE);
	assert_int_equal(rows[2].ref, 1);
	assert_string_equal(rows[1].subject, "b. TXT");
	assert_string_equal(rows[1].detail, "{}");
	assert_int_equal(journal_rows(s, f->a, "switch", &rows, &n, &f->e), 0);
	assert_int_equal(n, 0);
	assert_int_equal(journal_rows(s, f->a, "stage", &rows, &n, &f->e), 0);
	assert_int_equal(n, 4);
	store_close(s);
}

static void test_open_intents_are_those_without_outcome(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_of_four(f);
	struct journal_row *rows;
	size_t n;
	assert_int_equal(journal_open_intents(s, f->a, &rows, &n, &f->e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].seq, 2);
	add(s, JOURNAL_UNKNOWN, 2, "b. TXT");
	assert_int_equal(journal_open_intents(s, f->a, &rows, &n, &f->e), 0);
	assert_int_equal(n, 0);
	store_close(s);
}

static void test_an_intent_has_one_outcome(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_of_four(f);
	const struct journal_row twice = { .kind = JOURNAL_FAILED, .ref = 1 };
	const struct journal_row of_a_note = { .kind = JOURNAL_DONE, .ref = 4 };
	const struct journal_row of_none = { .kind = JOURNAL_DONE, .ref = 99 };
	const struct journal_row closing_note = { .kind = JOURNAL_NOTE, .ref = 2 };
	assert_int_equal(journal_add(s, &twice, NULL, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_BUG);
	assert_int_equal(journal_add(s, &of_a_note, NULL, &f->e), -1);
	assert_int_equal(journal_add(s, &of_none, NULL, &f->e), -1);
	assert_int_equal(journal_add(s, &closing_note, NULL, &f->e), -1);
	assert_int_equal(journal_verify(s, &f->e), 0);
	store_close(s);
}

static void test_an_intent_in_a_transaction_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	const struct journal_row row = { .kind = JOURNAL_INTENT };
	const struct journal_row note = { .kind = JOURNAL_NOTE };
	assert_int_equal(db_begin(store_db(s), &f->e), 0);
	assert_int_equal(journal_add(s, &row, NULL, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_BUG);
	assert_int_equal(journal_add(s, &note, NULL, &f->e), 0);
	db_rollback(store_db(s));
	struct journal_row *rows;
	size_t n;
	assert_int_equal(journal_rows(s, f->a, NULL, &rows, &n, &f->e), 0);
	assert_int_equal(n, 0);
	assert_int_equal(journal_verify(s, &f->e), 0);
	store_close(s);
}

static void test_the_chain_goes_on_after_a_new_start(void **state)
{
	struct fixture *f = *state;
	store_close(store_of_four(f));
	struct store *s = open_store(f);
	assert_int_equal(add(s, JOURNAL_NOTE, 0, "again"), 5);
	assert_int_equal(journal_verify(s, &f->e), 0);
	store_close(s);
}

/* The format is a promise to whoever checks a journal without us. */
static void test_the_first_hash_is_the_documented_one(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	add(s, JOURNAL_NOTE, 0, "x");
	static const char encoded[] = "\0\0\0\0\0\0\0\1"   /* seq */
				      "\0\0\0\0\0\0\3\350" /* at_ms = 1000 */
				      "\0\0\0\0\0\0\0\4"   /* note */
				      "\0\0\0\0\0\0\0\0"   /* ref */
				      "\0\0\0\0\0\0\0\5stage"
				      "\0\0\0\0\0\0\0\1x"
				      "\0\0\0\0\0\0\0\2{}";
	struct buf b;
	unsigned char hash[SHA256_LEN];
	buf_init(&b);
	sha256_of(SLICE_LIT("cutover journal 1"), hash);
	buf_add(&b, hash, sizeof(hash));
	buf_add(&b, encoded, sizeof(encoded) - 1);
	sha256_of(buf_slice(&b), hash);
	buf_release(&b);
	struct db_stmt *st = db_stmt(store_db(s), "SELECT hash FROM journal", &f->e);
	assert_int_equal(db_step(st, &f->e), 1);
	assert_int_equal(db_col_blob(st, 0).len, SHA256_LEN);
	assert_memory_equal(db_col_blob(st, 0).ptr, hash, SHA256_LEN);
	db_done(st);
	store_close(s);
}

static void test_rows_cannot_be_edited_in_passing(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_of_four(f);
	assert_int_equal(db_exec(store_db(s), "UPDATE journal SET detail = 'x'", &f->e), -1);
	assert_int_equal(db_exec(store_db(s), "DELETE FROM journal WHERE seq = 4", &f->e), -1);
	assert_int_equal(journal_verify(s, &f->e), 0);
	store_close(s);
}

struct tampering {
	const char *sql;
	const char *told; /* in the error's text */
};

static void test_tampering_shows(void **state)
{
	static const struct tampering cases[] = {
		{ "UPDATE journal SET detail = '[]' WHERE seq = 2", "row 2 was changed" },
		{ "UPDATE journal SET step = 'stag', subject = 'ea. MX' WHERE seq = 1",
		  "row 1 was changed" },
		{ "UPDATE journal SET at_ms = 1001 WHERE seq = 4", "row 4 was changed" },
		{ "UPDATE journal SET kind = 2 WHERE seq = 3", "row 3 was changed" },
		{ "UPDATE journal SET hash = x'00' WHERE seq = 1", "row 1 was changed" },
		{ "DELETE FROM journal WHERE seq = 2", "row 2 is missing" },
		{ "DELETE FROM journal WHERE seq = 1", "row 1 is missing" },
		{ "DELETE FROM journal WHERE seq = 4", "row 4 is missing" },
		{ "DELETE FROM journal", "row 1 is missing" },
		{ "INSERT INTO journal VALUES (5, 1, 4, 0, '', '', '', zeroblob(32))",
		  "row 5 was changed" },
		{ "UPDATE journal_head SET hash = zeroblob(32)", "row 4 is not" },
		{ "UPDATE journal_head SET hash = x'00'", "newest hash" },
	};
	struct fixture *f = *state;
	struct store *s = store_of_four(f);
	struct db *db = store_db(s);
	assert_int_equal(db_exec(db,
				 "DROP TRIGGER journal_keep; DROP TRIGGER journal_fixed;"
				 "CREATE TABLE kept AS SELECT * FROM journal;"
				 "CREATE TABLE kept_head AS SELECT * FROM journal_head",
				 &f->e),
			 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(journal_verify(s, &f->e), 0);
		assert_int_equal(db_exec(db, cases[i].sql, &f->e), 0);
		assert_int_equal(journal_verify(s, &f->e), -1);
		assert_int_equal(f->e.kind, ERR_REFUSED);
		if (strstr(f->e.text, cases[i].told) == NULL)
			fail_msg("'%s': %s", cases[i].sql, f->e.text);
		assert_int_equal(db_exec(db,
					 "DELETE FROM journal; DELETE FROM journal_head;"
					 "INSERT INTO journal SELECT * FROM kept;"
					 "INSERT INTO journal_head SELECT * FROM kept_head",
					 &f->e),
				 0);
	}
	store_close(s);
}

#ifdef CUTOVER_TEST_HOOKS
/* An intent and its outcome by a process that dies at `point`; what is left of both. */
static size_t open_after_death_at(struct fixture *f, const char *point)
{
	struct journal_row *rows;
	size_t n = 0;
	pid_t pid = fork();
	if (pid == 0) {
		(void)setenv("CUTOVER_TEST_KILL_AT", point, 1);
		struct store *s = open_store(f);
		add(s, JOURNAL_DONE, add(s, JOURNAL_INTENT, 0, "a. MX"), "a. MX");
		_exit(0);
	}
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	struct store *s = open_store(f);
	assert_int_equal(journal_verify(s, &f->e), 0);
	assert_int_equal(journal_open_intents(s, f->a, &rows, &n, &f->e), 0);
	store_close(s);
	return n;
}

static void test_an_intent_outlives_its_process(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(open_after_death_at(f, "journal-intent"), 1);
	assert_int_equal(open_after_death_at(f, "journal-outcome"), 2);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_rows_come_back_in_order),
		STORE_TEST(test_open_intents_are_those_without_outcome),
		STORE_TEST(test_an_intent_has_one_outcome),
		STORE_TEST(test_an_intent_in_a_transaction_is_refused),
		STORE_TEST(test_the_chain_goes_on_after_a_new_start),
		STORE_TEST(test_the_first_hash_is_the_documented_one),
		STORE_TEST(test_rows_cannot_be_edited_in_passing),
		STORE_TEST(test_tampering_shows),
#ifdef CUTOVER_TEST_HOOKS
		STORE_TEST(test_an_intent_outlives_its_process),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
