/* A directory of its own for each test, removed with what is in it. */
#ifndef STORE_TEST_H
#define STORE_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/journal.h"
#include "store/store.h"

struct fixture {
	struct arena *a;
	char dir[64];
	struct err e;
};

static inline int fixture_setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	f->a = arena_new();
	str_copy(f->dir, sizeof(f->dir), "/tmp/cutover-store-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	*state = f;
	return 0;
}

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *w)
{
	(void)st;
	(void)type;
	(void)w;
	return remove(path);
}

static inline int fixture_teardown(void **state)
{
	struct fixture *f = *state;
	(void)nftw(f->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	arena_free(f->a);
	free(f);
	return 0;
}

static inline const char *path_in(struct fixture *f, const char *name)
{
	return arena_printf(f->a, "%s/%s", f->dir, name);
}

static inline struct store *open_store(struct fixture *f)
{
	struct store *s = NULL;
	const struct store_opts opts = { .dir = path_in(f, "state") };
	if (store_open(&opts, &s, &f->e) != 0)
		fail_msg("%s", f->e.text);
	return s;
}

/* The one number that a query answers. */
static inline int64_t number_of(struct db *db, const char *sql)
{
	struct err e;
	struct db_stmt *st = db_stmt(db, sql, &e);
	assert_non_null(st);
	assert_int_equal(db_step(st, &e), 1);
	int64_t v = db_col_int(st, 0);
	db_done(st);
	return v;
}

#define STORE_TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

#endif
