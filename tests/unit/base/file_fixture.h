/* file_fixture.h - a directory for one test, and the one file that may be left in it. */
#ifndef TEST_BASE_FILE_FIXTURE_H
#define TEST_BASE_FILE_FIXTURE_H

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"

struct fixture {
	struct arena *a;
	char dir[64];
	const char *path; /* not there yet */
	struct err e;
	struct buf b;
};

static inline int setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	f->a = arena_new();
	buf_init(&f->b);
	str_copy(f->dir, sizeof(f->dir), "/tmp/cutover-file-XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		return -1;
	f->path = arena_printf(f->a, "%s/file", f->dir);
	*state = f;
	return 0;
}

/* The directory must hold the one file at most: no temporary, no part is left behind. */
static inline int teardown(void **state)
{
	struct fixture *f = *state;
	(void)unlink(f->path);
	int rc = rmdir(f->dir);
	buf_release(&f->b);
	arena_free(f->a);
	free(f);
	return rc;
}

/* Until the next call. */
static inline const char *content(struct fixture *f)
{
	buf_clear(&f->b);
	assert_int_equal(file_read(f->path, 1 << 20, &f->b, &f->e), 0);
	return f->b.at;
}

static inline mode_t mode_of(const char *path)
{
	struct stat st = { 0 };
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

#define FILE_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

#endif
