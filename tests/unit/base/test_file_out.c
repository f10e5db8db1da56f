#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_out.h"
#include "file_fixture.h"

static void write_it(struct fixture *f, const char *name, const char *text)
{
	if (file_out_write(name, slice_str(text), &f->e) != 0)
		fail_msg("%s", f->e.text);
}

static void test_it_is_there_only_when_it_is_whole(void **state)
{
	struct fixture *f = *state;
	write_it(f, f->path, "one");
	assert_string_equal(content(f), "one");
	struct file_out *out = file_out_open(f->path, &f->e);
	assert_non_null(out);
	assert_true(fputs("half", file_out_to(out)) >= 0);
	assert_int_equal(fflush(file_out_to(out)), 0);
	assert_string_equal(content(f), "one");
	file_out_drop(out);
	assert_string_equal(content(f), "one");
	file_out_drop(NULL);
}

static void test_who_may_read_it_is_the_users_word(void **state)
{
	struct fixture *f = *state;
	mode_t old = umask(077);
	write_it(f, f->path, "one");
	assert_int_equal(mode_of(f->path), 0600);
	(void)unlink(f->path);
	(void)umask(022);
	write_it(f, f->path, "one");
	assert_int_equal(mode_of(f->path), 0644);
	assert_int_equal(chmod(f->path, 0600), 0);
	write_it(f, f->path, "two");
	assert_int_equal(mode_of(f->path), 0600);
	assert_string_equal(content(f), "two");
	umask(old);
}

/* An open file by its name in /dev or /proc: another inode would never be seen by who holds it. */
static void test_an_open_descriptor_keeps_its_name(void **state)
{
	struct fixture *f = *state;
	struct stat before;
	struct stat after;
	int fd = open(f->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "log\n", 4), 4);
	write_it(f, arena_printf(f->a, "/dev/fd/%d", fd), "one\n");
	write_it(f, arena_printf(f->a, "/proc/self/fd/%d", fd), "two\n");
	assert_int_equal(fstat(fd, &before), 0);
	assert_int_equal(stat(f->path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_string_equal(content(f), "log\none\ntwo\n");
	close(fd);
}

static void test_a_pipe_is_written_to(void **state)
{
	struct fixture *f = *state;
	char got[8] = "";
	struct stat st;
	assert_int_equal(mkfifo(f->path, 0600), 0);
	int fd = open(f->path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	write_it(f, f->path, "one");
	assert_int_equal(read(fd, got, sizeof(got) - 1), 3);
	assert_string_equal(got, "one");
	assert_int_equal(lstat(f->path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	close(fd);
}

static void test_a_link_keeps_pointing(void **state)
{
	struct fixture *f = *state;
	const char *link = arena_printf(f->a, "%s/latest", f->dir);
	struct stat st;
	write_it(f, f->path, "one");
	assert_int_equal(symlink("file", link), 0);
	write_it(f, link, "two");
	assert_string_equal(content(f), "two");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(unlink(link), 0);
}

/* Where others may write, too: their file would stay theirs under our name. */
static void test_a_planted_part_is_not_written_to(void **state)
{
	struct fixture *f = *state;
	const char *part = arena_printf(f->a, "%s.%ld.part", f->path, (long)getpid());
	const char *victim = arena_printf(f->a, "%s/victim", f->dir);
	assert_int_equal(file_create(victim, SLICE_LIT("mine"), 0600, &f->e), 0);
	assert_int_equal(symlink(victim, part), 0);
	write_it(f, f->path, "one");
	assert_string_equal(content(f), "one");
	buf_clear(&f->b);
	assert_int_equal(file_read(victim, 100, &f->b, &f->e), 0);
	assert_string_equal(f->b.at, "mine");
	assert_int_equal(unlink(victim), 0);
}

static void test_what_cannot_be_written_is_told(void **state)
{
	struct fixture *f = *state;
	const char *nowhere = arena_printf(f->a, "%s/no/report", f->dir);
	assert_null(file_out_open(nowhere, &f->e));
	assert_int_equal(f->e.kind, ERR_USAGE);
	assert_non_null(strstr(f->e.text, nowhere));
	assert_int_equal(file_out_write("/dev/full", SLICE_LIT("x"), &f->e), -1);
	assert_int_equal(f->e.kind, ERR_WORLD);
	assert_non_null(strstr(f->e.text, "No space left"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST(test_it_is_there_only_when_it_is_whole),
		FILE_TEST(test_who_may_read_it_is_the_users_word),
		FILE_TEST(test_an_open_descriptor_keeps_its_name),
		FILE_TEST(test_a_pipe_is_written_to),
		FILE_TEST(test_a_link_keeps_pointing),
		FILE_TEST(test_a_planted_part_is_not_written_to),
		FILE_TEST(test_what_cannot_be_written_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
