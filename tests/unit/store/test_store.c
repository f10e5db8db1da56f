#include "store_test.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "store/schema.h"

static void test_a_document_is_the_last_of_its_name(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	const char *text = "x";
	int64_t at_ms = 0;
	assert_int_equal(store_get(s, f->a, "plan", &text, &at_ms, &f->e), 0);
	assert_null(text);
	assert_int_equal(store_put(s, "plan", "{\"v\":1}", 10, &f->e), 0);
	assert_int_equal(store_put(s, "plan", "{\"v\":2}", 20, &f->e), 0);
	assert_int_equal(store_put(s, "gates", "[]", 30, &f->e), 0);
	store_close(s);
	s = open_store(f); /* and it is there the next time */
	assert_int_equal(store_get(s, f->a, "plan", &text, &at_ms, &f->e), 0);
	assert_string_equal(text, "{\"v\":2}");
	assert_int_equal(at_ms, 20);
	store_close(s);
}

static void observe(struct store *s, const char *who, const char *value, int64_t at_ms)
{
	struct err e;
	const struct observation o = {
		.kind = "mx-ttl", .subject = "a.", .who = who, .value = value
	};
	assert_int_equal(store_observe(s, &o, at_ms, &e), 0);
}

static void test_a_row_lasts_as_long_as_its_value(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	struct observation_list list;
	observe(s, "ns1", "86400", 100);
	observe(s, "ns1", "86400", 200);
	observe(s, "ns2", "86400", 250);
	observe(s, "ns1", "300", 300);
	observe(s, "ns1", "300", 250); /* the clock was set back */
	observe(s, "ns1", "86400", 400);
	assert_int_equal(
		store_observations(
			s, f->a,
			&(struct observation){ .kind = "mx-ttl", .subject = "a.", .who = "ns1" },
			&list, &f->e),
		0);
	assert_int_equal(list.n, 3);
	assert_string_equal(list.rows[0].value, "86400");
	assert_int_equal(list.rows[0].first_ms, 100);
	assert_int_equal(list.rows[0].last_ms, 200);
	assert_string_equal(list.rows[1].value, "300");
	assert_int_equal(list.rows[1].first_ms, 300);
	assert_int_equal(list.rows[1].last_ms, 300);
	assert_int_equal(list.rows[2].first_ms, 400);
	assert_int_equal(
		store_observations(
			s, f->a,
			&(struct observation){ .kind = "mx-ttl", .subject = "a.", .who = NULL },
			&list, &f->e),
		0);
	assert_int_equal(list.n, 4);
	assert_int_equal(
		store_observations(
			s, f->a,
			&(struct observation){ .kind = "mx-ttl", .subject = "b.", .who = NULL },
			&list, &f->e),
		0);
	assert_int_equal(list.n, 0);
	store_close(s);
}

static void test_moments_follow_a_clock_that_is_set(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	struct observation_list list;
	observe(s, "ns1", "86400", 100);
	observe(s, "ns1", "300", 200);
	assert_int_equal(store_clock_was_set(s, 5000, &f->e), 0);
	observe(s, "ns1", "300", 5300);
	observe(s, "ns1", "400", 5400);
	assert_int_equal(store_clock_was_set(s, -1000, &f->e), 0);
	const struct observation like = { .kind = "mx-ttl", .subject = "a." };
	assert_int_equal(store_observations(s, f->a, &like, &list, &f->e), 0);
	assert_int_equal(list.n, 3);
	assert_int_equal(list.rows[0].first_ms, 4100);
	assert_int_equal(list.rows[1].first_ms, 4200);
	assert_int_equal(list.rows[1].last_ms, 4300);
	assert_int_equal(list.rows[1].clock_set_ms, 4000);
	assert_int_equal(list.rows[2].first_ms, 4400);
	assert_int_equal(list.rows[2].clock_set_ms, -1000);
	store_close(s);
}

static void test_the_second_writer_is_told_who_has_it(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	struct store *second;
	const struct store_opts opts = { .dir = path_in(f, "state") };
	assert_int_equal(store_open(&opts, &second, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_REFUSED);
	assert_non_null(strstr(f->e.text, arena_printf(f->a, "process %ld", (long)getpid())));
	store_close(s);
	assert_int_equal(store_open(&opts, &second, &f->e), 0);
	store_close(second);
}

static void test_a_dead_writer_holds_nothing(void **state)
{
	struct fixture *f = *state;
	int ready[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		(void)open_store(f);
		if (write(ready[1], "x", 1) == 1)
			(void)pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	struct store *s;
	const struct store_opts opts = { .dir = path_in(f, "state") };
	assert_int_equal(store_open(&opts, &s, &f->e), -1);
	assert_non_null(strstr(f->e.text, arena_printf(f->a, "process %ld", (long)pid)));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(store_open(&opts, &s, &f->e), 0);
	store_close(s);
	close(ready[0]);
	close(ready[1]);
}

static void test_a_reader_works_beside_the_writer(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	struct store *reader;
	const struct store_opts opts = { .dir = path_in(f, "state"), .read_only = true };
	const char *text;
	assert_int_equal(store_put(s, "plan", "{}", 1, &f->e), 0);
	assert_int_equal(store_open(&opts, &reader, &f->e), 0);
	assert_int_equal(store_get(reader, f->a, "plan", &text, NULL, &f->e), 0);
	assert_string_equal(text, "{}");
	assert_int_equal(store_put(reader, "plan", "no", 1, &f->e), -1);
	assert_int_equal(journal_verify(reader, &f->e), 0);
	store_close(reader);
	store_close(s);
}

static void test_a_reader_without_a_store_is_told_what_to_do(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	const struct store_opts opts = { .dir = path_in(f, "state"), .read_only = true };
	assert_int_equal(store_open(&opts, &s, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_USAGE);
	assert_non_null(strstr(f->e.hint, "cutover audit"));
	assert_false(file_exists(opts.dir));
}

/* "There is none" would be a lie to whoever once ran it by sudo. The fixture's directory is closed
 * to others, and so to who is root no more. */
static void test_somebody_elses_store_is_not_called_missing(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	const char *dir = path_in(f, "state");
	const struct store_opts opts = { .dir = dir, .read_only = true };
	bool root = geteuid() == 0;
	store_close(s);
	assert_int_equal(root ? seteuid(65534) : chmod(dir, 0), 0);
	int rc = store_open(&opts, &s, &f->e);
	assert_int_equal(root ? seteuid(0) : chmod(dir, 0700), 0);
	assert_int_equal(rc, -1);
	assert_non_null(strstr(f->e.text, "belongs to another user"));
	assert_non_null(strstr(f->e.hint, "the user who ran cutover"));
}

static void test_another_format_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_store(f);
	struct store_opts opts = { .dir = path_in(f, "state") };
	int version = 0;
	assert_int_equal(schema_version_of(store_db(s), &version, &f->e), 0);
	assert_int_equal(version, schema_version());
	assert_int_equal(db_exec(store_db(s), "PRAGMA user_version = 999", &f->e), 0);
	store_close(s);
	assert_int_equal(store_open(&opts, &s, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_REFUSED);
	assert_non_null(strstr(f->e.text, "newer cutover"));
	opts.read_only = true;
	assert_int_equal(store_open(&opts, &s, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_REFUSED);
}

/* Makes the store one of version 1, changed by `sql`, opens it again; returns what `ask` is. */
static int64_t from_version_1(struct fixture *f, const char *sql, const char *ask)
{
	const struct store_opts reader = { .dir = path_in(f, "state"), .read_only = true };
	struct store *s = open_store(f);
	assert_int_equal(db_exec(store_db(s), sql, &f->e), 0);
	assert_int_equal(db_exec(store_db(s), "PRAGMA user_version = 1", &f->e), 0);
	store_close(s);
	assert_int_equal(store_open(&reader, &s, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_REFUSED);
	s = open_store(f);
	int64_t v = number_of(store_db(s), ask);
	assert_int_equal(number_of(store_db(s), "PRAGMA user_version"), schema_version());
	store_close(s);
	return v;
}

/* The ledger was made outside of the versions then, and grew two columns. */
static void test_ledger_of_version_1(void **state)
{
	struct fixture *f = *state;
	static const char ask[] = "SELECT altered + length(first_altered) + length(address)"
				  " FROM ledger_mailbox";
	assert_int_equal(from_version_1(f,
					"INSERT INTO ledger_mailbox (address) VALUES ('a@b');"
					"ALTER TABLE ledger_mailbox DROP COLUMN altered;"
					"ALTER TABLE ledger_mailbox DROP COLUMN first_altered",
					ask),
			 3); /* the row is still there */
	assert_int_equal(from_version_1(f, "UPDATE ledger_mailbox SET altered = 4", ask), 7);
	assert_int_equal(from_version_1(f,
					"DROP TABLE ledger_candidate; DROP TABLE ledger_message;"
					"DROP TABLE ledger_folder; DROP TABLE ledger_mailbox",
					"SELECT count(*) FROM ledger_mailbox"),
			 0);
}

static void test_a_store_in_memory(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	struct store *other;
	const char *text;
	const struct store_opts in_memory = { .dir = NULL };
	assert_int_equal(store_open(&in_memory, &s, &f->e), 0);
	assert_int_equal(store_open(&in_memory, &other, &f->e), 0);
	assert_int_equal(store_put(s, "plan", "{}", 1, &f->e), 0);
	assert_int_equal(store_get(s, f->a, "plan", &text, NULL, &f->e), 0);
	assert_string_equal(text, "{}");
	assert_int_equal(store_get(other, f->a, "plan", &text, NULL, &f->e), 0);
	assert_null(text);
	assert_int_equal(access(":memory:", F_OK), -1);
	store_close(s);
	store_close(other);
}

static void test_the_directory_is_private(void **state)
{
	struct fixture *f = *state;
	mode_t old = umask(0);
	store_close(open_store(f));
	umask(old);
	struct stat st;
	assert_int_equal(stat(path_in(f, "state"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(path_in(f, "state/lock"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_a_directory_that_cannot_be_made(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	const struct store_opts opts = { .dir = path_in(f, "no/such/state") };
	assert_int_equal(store_open(&opts, &s, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_WORLD);
	assert_non_null(strstr(f->e.text, opts.dir));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_a_document_is_the_last_of_its_name),
		STORE_TEST(test_a_row_lasts_as_long_as_its_value),
		STORE_TEST(test_moments_follow_a_clock_that_is_set),
		STORE_TEST(test_the_second_writer_is_told_who_has_it),
		STORE_TEST(test_a_dead_writer_holds_nothing),
		STORE_TEST(test_a_reader_works_beside_the_writer),
		STORE_TEST(test_a_reader_without_a_store_is_told_what_to_do),
		STORE_TEST(test_somebody_elses_store_is_not_called_missing),
		STORE_TEST(test_another_format_is_refused),
		STORE_TEST(test_ledger_of_version_1),
		STORE_TEST(test_a_store_in_memory),
		STORE_TEST(test_the_directory_is_private),
		STORE_TEST(test_a_directory_that_cannot_be_made),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
