#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"

struct fixture {
	struct arena *a;
	const char *home, *dir;
	struct err e;
};

static int setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	char home[] = "/tmp/cutover-dir-XXXXXX";
	f->a = arena_new();
	if (mkdtemp(home) == NULL)
		return -1;
	f->home = arena_strdup(f->a, home);
	f->dir = arena_printf(f->a, "%s/one/two", home);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	static const char *const places[] = { "one/two/b.json",
					      "one/two/a.json",
					      "one/two/.c.json",
					      "one/two/d.txt",
					      "one/two",
					      "one",
					      "" };
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		(void)remove(arena_printf(f->a, "%s/%s", f->home, places[i]));
	int rc = file_exists(f->home) ? -1 : 0;
	arena_free(f->a);
	free(f);
	return rc;
}

static void put(struct fixture *f, const char *name)
{
	const char *path = arena_printf(f->a, "%s/%s", f->dir, name);
	assert_int_equal(file_replace(path, SLICE_LIT("x"), 0600, &f->e), 0);
}

static void test_made_with_those_above_for_one_user(void **state)
{
	struct fixture *f = *state;
	struct stat st = { 0 };
	assert_int_equal(dir_make(f->dir, &f->e), 0);
	assert_int_equal(stat(f->dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(dir_make(f->dir, &f->e), 0);
	put(f, "d.txt");
	assert_int_equal(dir_make(arena_printf(f->a, "%s/d.txt/x", f->dir), &f->e), -1);
	assert_int_equal(f->e.kind, ERR_USAGE);
}

static void test_names_are_sorted_and_chosen(void **state)
{
	struct fixture *f = *state;
	struct dir_names names;
	assert_int_equal(dir_names_trusted(f->a, f->dir, ".json", 9, &names, &f->e), 0);
	assert_int_equal(names.n, 0); /* it is not there */
	assert_int_equal(dir_make(f->dir, &f->e), 0);
	put(f, "b.json");
	put(f, "a.json");
	put(f, ".c.json");
	put(f, "d.txt");
	assert_int_equal(dir_names_trusted(f->a, f->dir, ".json", 2, &names, &f->e), 0);
	assert_int_equal(names.n, 2);
	assert_string_equal(names.at[0], "a.json");
	assert_string_equal(names.at[1], "b.json");
	assert_int_equal(dir_names_trusted(f->a, f->dir, ".json", 1, &names, &f->e), -1);
	assert_non_null(strstr(f->e.text, "more than 1"));
}

static void test_what_others_may_fill_is_refused(void **state)
{
	struct fixture *f = *state;
	struct dir_names names;
	assert_int_equal(dir_make(f->dir, &f->e), 0);
	assert_int_equal(chmod(f->dir, 0770), 0);
	assert_int_equal(dir_names_trusted(f->a, f->dir, ".json", 9, &names, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_USAGE);
	assert_non_null(strstr(f->e.hint, "chmod go-w"));
}

/* Root's trust in other users' files cannot be tried by anybody but root. */
static void test_a_file_of_another_user_is_refused(void **state)
{
	struct fixture *f = *state;
	struct buf b;
	if (geteuid() != 0)
		skip();
	assert_int_equal(dir_make(f->dir, &f->e), 0);
	put(f, "a.json");
	const char *path = arena_printf(f->a, "%s/a.json", f->dir);
	buf_init(&b);
	assert_int_equal(file_read_trusted(path, 9, &b, &f->e), 0);
	assert_int_equal(chown(path, 1, 1), 0);
	assert_int_equal(file_read_trusted(path, 9, &b, &f->e), -1);
	assert_non_null(strstr(f->e.text, "belongs to another user"));
	assert_int_equal(file_read_trusted(f->dir, 9, &b, &f->e), -1);
	assert_non_null(strstr(f->e.text, "no regular file"));
	buf_release(&b);
}

#define DIR_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIR_TEST(test_made_with_those_above_for_one_user),
		DIR_TEST(test_names_are_sorted_and_chosen),
		DIR_TEST(test_what_others_may_fill_is_refused),
		DIR_TEST(test_a_file_of_another_user_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
