/* A full disk, by a page limit (SQLITE_FULL) and by a file size limit (a failing write):
 * the error is the world's, nothing is half-written, and with room again all goes on. */
#include "store_test.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static char *big_text(struct arena *a)
{
	enum { SIZE = 64 * 1024 };
	char *text = arena_alloc(a, SIZE);
	memset(text, 'x', SIZE - 1);
	return text;
}

static void test_full_is_the_worlds_error_and_goes_away(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	struct db *db = store_db(s);
	assert_int_equal(store_put(s, "plan", "before", 1, &f->e), 0);
	assert_int_equal(db_exec(db, "PRAGMA max_page_count = 1", &f->e), 0); /* = no growth */
	assert_int_equal(store_put(s, "plan", big_text(f->a), 2, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_WORLD);
	assert_non_null(strstr(f->e.text, "the disk is full"));
	assert_non_null(strstr(f->e.text, path_in(f, "state/state.db")));
	assert_true(f->e.hint[0] != '\0');

	const char *text;
	assert_int_equal(store_get(s, f->a, "plan", &text, NULL, &f->e), 0);
	assert_string_equal(text, "before");
	assert_int_equal(db_exec(db, "PRAGMA max_page_count = 100000", &f->e), 0);
	assert_int_equal(store_put(s, "plan", big_text(f->a), 3, &f->e), 0);
	store_close(s);
}

/* SQLite rolls the whole transaction back; what follows must not commit alone. */
static void test_nothing_after_the_error_is_kept(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	struct db *db = store_db(s);
	assert_int_equal(db_exec(db, "PRAGMA max_page_count = 1", &f->e), 0);
	assert_int_equal(db_begin(db, &f->e), 0);
	assert_int_equal(store_put(s, "first", "small", 1, &f->e), 0);
	assert_int_equal(store_put(s, "second", big_text(f->a), 1, &f->e), -1);
	err_clear(&f->e);
	int third = store_put(s, "third", "small", 1, &f->e);
	int commit = db_commit(db, &f->e);
	const char *text;
	assert_int_equal(store_get(s, f->a, "first", &text, NULL, &f->e), 0);
	if (commit == 0) { /* SQLite undid the one statement only: both others are there */
		assert_int_equal(third, 0);
		assert_non_null(text);
	} else { /* or all of it: then none is */
		assert_int_equal(third, -1);
		assert_int_equal(f->e.kind, ERR_WORLD);
		assert_null(text);
		assert_int_equal(store_get(s, f->a, "third", &text, NULL, &f->e), 0);
		assert_null(text);
	}
	store_close(s);
}

/* In a child, whose files may not grow over `limit` bytes: puts until that fails. */
static int put_until_full(struct fixture *f, rlim_t limit)
{
	struct store *s = open_store(f);
	char name[32];
	const struct rlimit small = { limit, limit };
	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &small) != 0)
		return 2;
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "doc%d", i);
		const struct journal_row row = { .kind = JOURNAL_NOTE, .detail = name };
		if (journal_add(s, &row, NULL, &f->e) == 0 &&
		    store_put(s, name, big_text(f->a), i, &f->e) == 0)
			continue;
		bool told = f->e.kind == ERR_WORLD && strstr(f->e.text, "full") != NULL;
		if (!told)
			print_message("%s\n", f->e.text);
		store_close(s); /* its checkpoint cannot grow the file either */
		return told ? 0 : 3;
	}
	return 4;
}

static void test_a_failing_write_leaves_a_store_that_opens(void **state)
{
	struct fixture *f = *state;
	store_close(open_store(f));
	for (rlim_t limit = 200 * 1024; limit < 1200 * 1024; limit += 300 * 1024) {
		pid_t pid = fork();
		if (pid == 0)
			_exit(put_until_full(f, limit));
		int status = -1;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		struct store *s = open_store(f);
		assert_int_equal(journal_verify(s, &f->e), 0);
		assert_int_equal(number_of(store_db(s), "SELECT integrity_check = 'ok'"
							" FROM pragma_integrity_check"),
				 1);
		assert_int_equal(store_put(s, "after", "fine", 1, &f->e), 0);
		store_close(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_full_is_the_worlds_error_and_goes_away),
		STORE_TEST(test_nothing_after_the_error_is_kept),
		STORE_TEST(test_a_failing_write_leaves_a_store_that_opens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
