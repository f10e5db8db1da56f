#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file_fixture.h"

static void test_replace(void **state)
{
	struct fixture *f = *state;
	mode_t old = umask(022);
	assert_false(file_exists(f->path));
	assert_int_equal(file_replace(f->path, SLICE_LIT("one"), 0644, &f->e), 0);
	assert_string_equal(content(f), "one");
	assert_int_equal(mode_of(f->path), 0644);
	(void)umask(077); /* who set it wants others to read nothing */
	assert_int_equal(file_replace(f->path, SLICE_LIT("two"), 0644, &f->e), 0);
	assert_int_equal(mode_of(f->path), 0600);
	(void)umask(0);
	assert_int_equal(file_replace(f->path, SLICE_LIT(""), 0600, &f->e), 0);
	assert_string_equal(content(f), "");
	assert_int_equal(mode_of(f->path), 0600);
	assert_true(file_exists(f->path));
	umask(old);
}

static void test_create_refuses_what_exists(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(file_create(f->path, SLICE_LIT("one"), 0600, &f->e), 0);
	assert_int_equal(file_create(f->path, SLICE_LIT("two"), 0600, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_USAGE);
	assert_string_equal(content(f), "one");
}

/* In a directory that others write to, too, the next name is easy to guess. */
static void test_a_planted_temporary_is_not_written_to(void **state)
{
	struct fixture *f = *state;
	const char *planted = arena_printf(f->a, "%s.%ld.tmp", f->path, (long)getpid());
	int fd = open(planted, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	struct stat theirs;
	struct stat ours;
	assert_true(fd >= 0);
	assert_int_equal(file_replace(f->path, SLICE_LIT("one"), 0600, &f->e), 0);
	assert_int_equal(fstat(fd, &theirs), 0);
	assert_int_equal(stat(f->path, &ours), 0);
	assert_int_not_equal(theirs.st_ino, ours.st_ino);
	assert_int_equal(theirs.st_size, 0);
	close(fd);
}

static void test_rewrite_keeps_the_mode(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(file_replace(f->path, SLICE_LIT("one"), 0600, &f->e), 0);
	assert_int_equal(chmod(f->path, 0640), 0);
	assert_int_equal(file_rewrite(f->path, SLICE_LIT("two"), &f->e), 0);
	assert_string_equal(content(f), "two");
	assert_int_equal(mode_of(f->path), 0640);
	(void)unlink(f->path);
	assert_int_equal(file_rewrite(f->path, SLICE_LIT("x"), &f->e), -1);
	assert_int_equal(f->e.kind, ERR_USAGE);
	assert_false(file_exists(f->path));
}

static void test_rewrite_keeps_a_link(void **state)
{
	struct fixture *f = *state;
	const char *name = arena_printf(f->a, "%s/link", f->dir);
	struct stat st;
	assert_int_equal(file_replace(f->path, SLICE_LIT("one"), 0600, &f->e), 0);
	assert_int_equal(symlink(f->path, name), 0);
	assert_int_equal(file_rewrite(name, SLICE_LIT("two"), &f->e), 0);
	assert_string_equal(content(f), "two");
	assert_int_equal(lstat(name, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(unlink(name), 0);
}

static void test_read_has_a_limit(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(file_replace(f->path, SLICE_LIT("12345"), 0600, &f->e), 0);
	buf_adds(&f->b, "<");
	assert_int_equal(file_read(f->path, 5, &f->b, &f->e), 0);
	assert_string_equal(f->b.at, "<12345");
	assert_int_equal(file_read(f->path, 4, &f->b, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_USAGE);
	assert_non_null(strstr(f->e.text, f->path));
}

static void test_what_cannot_be_read_is_named(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(file_read(f->path, 5, &f->b, &f->e), -1);
	assert_non_null(strstr(f->e.text, "No such file"));
	assert_non_null(strstr(f->e.text, f->path));
	assert_int_equal(file_read(f->dir, 5, &f->b, &f->e), -1);
	assert_non_null(strstr(f->e.text, "directory"));
}

/* In a child with a file size limit: the old content stays, and no temporary. */
static void test_a_full_disk_leaves_the_old_file(void **state)
{
	struct fixture *f = *state;
	char *big = arena_alloc(f->a, 100 * 1024);
	assert_int_equal(file_replace(f->path, SLICE_LIT("old"), 0600, &f->e), 0);
	pid_t pid = fork();
	if (pid == 0) {
		const struct rlimit small = { 4096, 4096 };
		(void)signal(SIGXFSZ, SIG_IGN);
		(void)setrlimit(RLIMIT_FSIZE, &small);
		int rc = file_replace(f->path, (struct slice){ big, 100 * 1024 }, 0600, &f->e);
		_exit(rc == -1 && f->e.kind == ERR_WORLD ? 0 : 1);
	}
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_string_equal(content(f), "old");
}

static void test_shared_means_that_others_may(void **state)
{
	static const struct {
		mode_t mode;
		bool shared;
	} cases[] = {
		{ 0600, false }, { 0700, false }, { 0640, true }, { 0604, true }, { 0620, true }
	};
	struct fixture *f = *state;
	mode_t old = umask(0);
	assert_false(file_is_shared(f->path)); /* not there */
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(file_replace(f->path, SLICE_LIT("x"), cases[i].mode, &f->e), 0);
		assert_int_equal(file_is_shared(f->path), cases[i].shared);
	}
	umask(old);
}

/* The group of the tests' user may be its own: then it is no other. */
static void test_it_is_told_who_else_may_have_written(void **state)
{
	static const struct {
		mode_t mode;
		bool others;
	} cases[] = { { 0600, false }, { 0644, false }, { 0646, true }, { 0666, true } };
	struct fixture *f = *state;
	struct buf b;
	const char *others = "unset";
	mode_t old = umask(0);
	buf_init(&b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(file_replace(f->path, SLICE_LIT("x"), cases[i].mode, &f->e), 0);
		assert_int_equal(file_read_judged(f->path, 9, &b, &others, &f->e), 0);
		assert_int_equal(others != NULL, cases[i].others);
	}
	/* Root's own, and somebody else's. */
	if (geteuid() == 0) {
		assert_int_equal(chown(f->path, 12345, 0), 0);
		assert_int_equal(file_read_judged(f->path, 9, &b, &others, &f->e), 0);
		assert_string_equal(others, "belongs to another user");
		assert_int_equal(file_replace(f->path, SLICE_LIT("x"), 0660, &f->e), 0);
		assert_int_equal(chown(f->path, 0, 12345), 0);
		assert_int_equal(file_read_judged(f->path, 9, &b, &others, &f->e), 0);
		assert_string_equal(others, "can be written by others");
	}
	buf_release(&b);
	umask(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST(test_replace),
		FILE_TEST(test_create_refuses_what_exists),
		FILE_TEST(test_a_planted_temporary_is_not_written_to),
		FILE_TEST(test_rewrite_keeps_the_mode),
		FILE_TEST(test_rewrite_keeps_a_link),
		FILE_TEST(test_read_has_a_limit),
		FILE_TEST(test_what_cannot_be_read_is_named),
		FILE_TEST(test_a_full_disk_leaves_the_old_file),
		FILE_TEST(test_shared_means_that_others_may),
		FILE_TEST(test_it_is_told_who_else_may_have_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
