#include "store_test.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>

#include "base/file.h"

static struct db *open_db(struct fixture *f)
{
	struct db *db = NULL;
	const struct db_opts opts = { .path = path_in(f, "x.db") };
	if (db_open(&opts, &db, &f->e) != 0)
		fail_msg("%s", f->e.text);
	return db;
}

static struct db *open_with_table(struct fixture *f)
{
	struct db *db = open_db(f);
	assert_int_equal(db_exec(db, "CREATE TABLE t (n INTEGER, s TEXT, b BLOB)", &f->e), 0);
	return db;
}

static int insert(struct db *db, int64_t n, struct err *e)
{
	struct db_stmt *st = db_stmt(db, "INSERT INTO t (n) VALUES (?1)", e);
	if (st == NULL)
		return -1;
	db_bind_int(st, 1, n);
	return db_run(st, e);
}

static int64_t rows_of(struct db *db)
{
	return number_of(db, "SELECT count(*) FROM t");
}

static void test_values_come_back_as_they_went(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with_table(f);
	const char bytes[] = { 'a', '\0', 'b' };
	struct db_stmt *st = db_stmt(db, "INSERT INTO t VALUES (?1, ?2, ?3)", &f->e);
	db_bind_int(st, 1, INT64_MIN);
	db_bind_text(st, 2, "Grüße");
	db_bind_blob(st, 3, bytes, sizeof(bytes));
	assert_int_equal(db_run(st, &f->e), 0);
	assert_int_equal(db_last_rowid(db), 1);

	st = db_stmt(db, "SELECT n, s, b FROM t", &f->e);
	assert_int_equal(db_step(st, &f->e), 1);
	assert_true(db_col_int(st, 0) == INT64_MIN);
	assert_string_equal(db_col_text(st, 1), "Grüße");
	struct slice b = db_col_blob(st, 2);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.ptr, bytes, 3);
	assert_int_equal(db_step(st, &f->e), 0);
	db_done(st);
	db_close(db);
}

static void test_null_is_told_from_empty(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with_table(f);
	struct db_stmt *st = db_stmt(db, "INSERT INTO t VALUES (?1, ?2, ?3)", &f->e);
	db_bind_null(st, 1);
	db_bind_text(st, 2, NULL);
	db_bind_blob(st, 3, NULL, 0);
	assert_int_equal(db_run(st, &f->e), 0);
	st = db_stmt(db, "SELECT n, s, b FROM t", &f->e);
	assert_int_equal(db_step(st, &f->e), 1);
	assert_true(db_col_is_null(st, 0));
	assert_true(db_col_is_null(st, 1));
	assert_string_equal(db_col_text(st, 1), "");
	assert_false(db_col_is_null(st, 2)); /* an empty blob is a blob */
	db_done(st);
	db_close(db);
}

static void test_a_kept_statement_forgets_its_bindings(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with_table(f);
	static const char sql[] = "INSERT INTO t (n) VALUES (?1)";
	struct db_stmt *first = db_stmt(db, sql, &f->e);
	db_bind_int(first, 1, 5);
	assert_int_equal(db_run(first, &f->e), 0);
	struct db_stmt *again = db_stmt(db, sql, &f->e);
	assert_ptr_equal(first, again);
	assert_int_equal(db_run(again, &f->e), 0);
	assert_int_equal(number_of(db, "SELECT count(*) FROM t WHERE n IS NULL"), 1);
	db_close(db);
}

static void test_a_query_can_run_inside_itself(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with_table(f);
	static const char sql[] = "SELECT n FROM t ORDER BY n";
	assert_int_equal(insert(db, 1, &f->e), 0);
	assert_int_equal(insert(db, 2, &f->e), 0);
	struct db_stmt *outer = db_stmt(db, sql, &f->e);
	assert_int_equal(db_step(outer, &f->e), 1);
	struct db_stmt *inner = db_stmt(db, sql, &f->e);
	assert_int_equal(db_step(inner, &f->e), 1);
	assert_int_equal(db_col_int(inner, 0), 1);
	db_done(inner);
	assert_int_equal(db_step(outer, &f->e), 1);
	assert_int_equal(db_col_int(outer, 0), 2);
	db_done(outer);
	db_close(db);
}

static void test_another_text_at_the_same_address(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with_table(f);
	char sql[] = "SELECT 1 FROM (SELECT 1)";
	struct db_stmt *st = db_stmt(db, sql, &f->e);
	db_done(st);
	sql[7] = '7';
	assert_int_equal(number_of(db, sql), 7);
	db_close(db);
}

static void test_only_the_outermost_commits(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with_table(f);
	assert_false(db_in_transaction(db));
	assert_int_equal(db_begin(db, &f->e), 0);
	assert_int_equal(db_begin(db, &f->e), 0);
	assert_int_equal(insert(db, 1, &f->e), 0);
	assert_int_equal(db_commit(db, &f->e), 0);
	assert_true(db_in_transaction(db));
	db_rollback(db);
	assert_false(db_in_transaction(db));
	assert_int_equal(rows_of(db), 0);
	db_close(db);
}

static void test_an_inner_rollback_dooms_the_whole(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with_table(f);
	assert_int_equal(db_begin(db, &f->e), 0);
	assert_int_equal(insert(db, 1, &f->e), 0);
	assert_int_equal(db_begin(db, &f->e), 0);
	db_rollback(db);
	assert_int_equal(insert(db, 2, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_BUG);
	assert_int_equal(db_commit(db, &f->e), -1);
	assert_int_equal(rows_of(db), 0);
	assert_int_equal(insert(db, 3, &f->e), 0); /* and the next one works */
	assert_int_equal(rows_of(db), 1);
	db_close(db);
}

static void test_wrong_sql_is_our_bug(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with_table(f);
	assert_null(db_stmt(db, "SELECT nothing FROM nowhere", &f->e));
	assert_int_equal(f->e.kind, ERR_BUG);
	struct db_stmt *st = db_stmt(db, "SELECT 1", &f->e);
	db_bind_int(st, 9, 1);
	assert_int_equal(db_step(st, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_BUG);
	db_done(st);
	assert_int_equal(number_of(db, "SELECT 1"), 1);
	db_close(db);
}

static void test_files_are_private(void **state)
{
	struct fixture *f = *state;
	mode_t old = umask(0);
	struct db *db = open_with_table(f);
	static const char *const names[] = { "x.db", "x.db-wal", "x.db-shm" };
	for (size_t i = 0; i < 3; i++) {
		struct stat st;
		assert_int_equal(stat(path_in(f, names[i]), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	db_close(db);
	umask(old);
}

static void test_wal_full_and_foreign_keys(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_db(f);
	assert_int_equal(number_of(db, "PRAGMA synchronous"), 2);
	assert_int_equal(number_of(db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(number_of(db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
	db_close(db);
}

/* NORMAL within, FULL for whatever comes next, however it ends. */
static void test_a_lazy_transaction_is_the_only_lazy_one(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with_table(f);
	assert_int_equal(db_begin_lazy(db, &f->e), 0);
	assert_int_equal(number_of(db, "PRAGMA synchronous"), 1);
	assert_int_equal(db_begin_lazy(db, &f->e), 0);
	assert_int_equal(insert(db, 1, &f->e), 0);
	assert_int_equal(db_commit(db, &f->e), 0);
	assert_int_equal(number_of(db, "PRAGMA synchronous"), 1);
	assert_int_equal(db_commit(db, &f->e), 0);
	assert_int_equal(number_of(db, "PRAGMA synchronous"), 2);
	assert_int_equal(db_begin_lazy(db, &f->e), 0);
	db_rollback(db);
	assert_int_equal(number_of(db, "PRAGMA synchronous"), 2);
	assert_int_equal(db_begin(db, &f->e), 0); /* the outer's promise holds for the inner */
	assert_int_equal(db_begin_lazy(db, &f->e), 0);
	assert_int_equal(number_of(db, "PRAGMA synchronous"), 2);
	assert_int_equal(db_commit(db, &f->e), 0);
	assert_int_equal(db_commit(db, &f->e), 0);
	assert_int_equal(rows_of(db), 1);
	db_close(db);
}

/* It would return as if it were on the disk. */
static void test_nothing_durable_fits_into_a_lazy_transaction(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with_table(f);
	assert_int_equal(db_begin_lazy(db, &f->e), 0);
	assert_int_equal(db_begin(db, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_BUG);
	assert_int_equal(insert(db, 1, &f->e), 0); /* the outer one goes on */
	assert_int_equal(db_commit(db, &f->e), 0);
	assert_int_equal(rows_of(db), 1);
	assert_int_equal(number_of(db, "PRAGMA synchronous"), 2);
	db_close(db);
}

static void test_a_symbolic_link_is_not_followed(void **state)
{
	struct fixture *f = *state;
	struct db *db;
	assert_int_equal(symlink("/tmp/elsewhere.db", path_in(f, "x.db")), 0);
	const struct db_opts opts = { .path = path_in(f, "x.db") };
	assert_int_equal(db_open(&opts, &db, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_WORLD);
	assert_false(file_exists("/tmp/elsewhere.db"));
}

static void test_what_is_no_database_is_said_to_be_damaged(void **state)
{
	struct fixture *f = *state;
	struct db *db;
	char junk[4096];
	memset(junk, 'x', sizeof(junk));
	const struct db_opts opts = { .path = path_in(f, "x.db") };
	assert_int_equal(file_replace(opts.path, (struct slice){ junk, sizeof(junk) }, 0600, &f->e),
			 0);
	assert_int_equal(db_open(&opts, &db, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_WORLD);
	assert_non_null(strstr(f->e.text, opts.path));
	assert_non_null(strstr(f->e.text, "damaged"));
	assert_true(f->e.hint[0] != '\0');
}

static void test_a_torn_page_is_said_to_be_damaged(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with_table(f);
	assert_int_equal(db_begin(db, &f->e), 0);
	for (int i = 0; i < 2000; i++)
		assert_int_equal(insert(db, i, &f->e), 0);
	assert_int_equal(db_commit(db, &f->e), 0);
	db_close(db);
	int fd = open(path_in(f, "x.db"), O_WRONLY);
	char junk[4096];
	memset(junk, 0xa5, sizeof(junk));
	for (off_t page = 1; page < 6; page++)
		assert_int_equal(pwrite(fd, junk, sizeof(junk), page * 4096), sizeof(junk));
	close(fd);
	db = open_db(f);
	struct db_stmt *st = db_stmt(db, "SELECT sum(n) FROM t", &f->e);
	assert_non_null(st);
	assert_int_equal(db_step(st, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_WORLD);
	assert_non_null(strstr(f->e.text, "damaged"));
	db_done(st);
	db_close(db);
}

static void test_a_reader_sees_what_is_committed(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with_table(f);
	struct db *reader = NULL;
	const struct db_opts opts = { .path = path_in(f, "x.db"), .read_only = true };
	assert_int_equal(insert(db, 1, &f->e), 0);
	assert_int_equal(db_open(&opts, &reader, &f->e), 0);
	assert_int_equal(db_begin(db, &f->e), 0);
	assert_int_equal(insert(db, 2, &f->e), 0);
	assert_int_equal(rows_of(reader), 1); /* not blocked, nothing half-done */
	assert_int_equal(db_commit(db, &f->e), 0);
	assert_int_equal(rows_of(reader), 2);
	assert_int_equal(insert(reader, 3, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_WORLD);
	db_close(reader);
	db_close(db);
}

/* As a user that may read but not write: in a child, because there is no way back. */
static int read_without_rights(const char *path)
{
	struct err e;
	struct db *db = NULL;
	const struct db_opts opts = { .path = path, .read_only = true };
	if (geteuid() == 0 && setuid(65534) != 0)
		return 2;
	if (db_open(&opts, &db, &e) != 0)
		return 3;
	int64_t n = rows_of(db);
	db_close(db);
	return n == 1 ? 0 : 4;
}

static void test_a_reader_needs_no_writable_directory(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with_table(f);
	assert_int_equal(insert(db, 1, &f->e), 0);
	db_close(db);
	assert_int_equal(chmod(path_in(f, "x.db"), 0644), 0);
	assert_int_equal(chmod(f->dir, 0555), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(read_without_rights(path_in(f, "x.db")));
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(chmod(f->dir, 0755), 0);
	assert_int_equal(status, 0);
}

static void test_a_missing_file_is_not_made_by_a_reader(void **state)
{
	struct fixture *f = *state;
	struct db *db;
	const struct db_opts opts = { .path = path_in(f, "x.db"), .read_only = true };
	assert_int_equal(db_open(&opts, &db, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_WORLD);
	assert_false(file_exists(opts.path));
}

struct worker {
	struct db *db;
	pthread_t thread;
	int failures;
};

/* Each transaction reads the sum and adds to it: a foreign statement in between shows. */
static void *add_pairs(void *arg)
{
	struct worker *w = arg;
	struct err e;
	for (int i = 0; i < 50; i++) {
		if (db_begin(w->db, &e) != 0) {
			w->failures++;
			continue;
		}
		int64_t before = rows_of(w->db);
		if (insert(w->db, i, &e) != 0 || insert(w->db, i, &e) != 0 ||
		    rows_of(w->db) != before + 2)
			w->failures++;
		if (i % 5 == 0)
			db_rollback(w->db);
		else if (db_commit(w->db, &e) != 0)
			w->failures++;
	}
	return NULL;
}

static void test_threads_wait_for_each_others_transactions(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with_table(f);
	struct worker workers[4];
	for (size_t i = 0; i < 4; i++) {
		workers[i] = (struct worker){ .db = db };
		pthread_create(&workers[i].thread, NULL, add_pairs, &workers[i]);
	}
	for (size_t i = 0; i < 4; i++) {
		pthread_join(workers[i].thread, NULL);
		assert_int_equal(workers[i].failures, 0);
	}
	assert_int_equal(rows_of(db), 4 * 40 * 2);
	db_close(db);
}

/* What is in the log after a commit is there for the next one, without any close. */
static void test_a_killed_writer_loses_nothing_committed(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with_table(f);
	db_close(db);
	pid_t pid = fork();
	if (pid == 0) {
		db = open_db(f);
		if (insert(db, 1, &f->e) == 0 && db_begin(db, &f->e) == 0 &&
		    insert(db, 2, &f->e) == 0)
			(void)raise(SIGKILL);
		_exit(1);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	db = open_db(f);
	assert_int_equal(rows_of(db), 1);
	db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_values_come_back_as_they_went),
		STORE_TEST(test_null_is_told_from_empty),
		STORE_TEST(test_a_kept_statement_forgets_its_bindings),
		STORE_TEST(test_a_query_can_run_inside_itself),
		STORE_TEST(test_another_text_at_the_same_address),
		STORE_TEST(test_only_the_outermost_commits),
		STORE_TEST(test_an_inner_rollback_dooms_the_whole),
		STORE_TEST(test_wrong_sql_is_our_bug),
		STORE_TEST(test_files_are_private),
		STORE_TEST(test_wal_full_and_foreign_keys),
		STORE_TEST(test_a_lazy_transaction_is_the_only_lazy_one),
		STORE_TEST(test_nothing_durable_fits_into_a_lazy_transaction),
		STORE_TEST(test_a_symbolic_link_is_not_followed),
		STORE_TEST(test_what_is_no_database_is_said_to_be_damaged),
		STORE_TEST(test_a_torn_page_is_said_to_be_damaged),
		STORE_TEST(test_a_reader_sees_what_is_committed),
		STORE_TEST(test_a_reader_needs_no_writable_directory),
		STORE_TEST(test_a_missing_file_is_not_made_by_a_reader),
		STORE_TEST(test_threads_wait_for_each_others_transactions),
		STORE_TEST(test_a_killed_writer_loses_nothing_committed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
