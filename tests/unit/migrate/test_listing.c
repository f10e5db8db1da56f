/* What a server may list, and where it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

#include "migrate/listing.h"

/* So many folders, with names so long; the buffer is to be released. */
static void add_folders(struct buf *answer, unsigned folders, size_t name_len)
{
	for (unsigned i = 0; i < folders; i++) {
		buf_addf(answer, "* LIST () \"/\" f%u_", i);
		memset(buf_reserve(answer, name_len), 'x', name_len);
		buf_added(answer, name_len);
		buf_adds(answer, "\r\n");
	}
	buf_adds(answer, "% OK\r\n");
}

static int list(unsigned folders, size_t name_len, struct listing *l_r, struct err *e)
{
	struct world w;
	struct buf answer;
	struct arena *a = arena_new();
	buf_init(&answer);
	add_folders(&answer, folders, name_len);
	const struct step steps[] = { { "LIST \"\" \"*\"", answer.at, false, false },
				      { NULL, NULL, false, false } };
	world_open(&w, steps, capable);
	int rc = listing_get(w.box.src, a, &(struct listing_opts){ .sizes = false }, l_r, e);
	world_close(&w);
	arena_free(a);
	buf_release(&answer);
	return rc;
}

static void test_folders_are_listed(void **state)
{
	struct listing l = { 0 };
	struct err e;
	(void)state;
	assert_int_equal(list(90, 100, &l, &e), 0);
	assert_int_equal(l.n, 90);
}

/* Each is a name that a line can hold; fifty thousand of them would be fifty gigabytes. */
static void test_names_may_not_fill_the_memory(void **state)
{
	struct listing l;
	struct err e;
	(void)state;
	assert_int_equal(list(36, 500000, &l, &e), -1);
	assert_int_equal(e.kind, ERR_WORLD);
	assert_non_null(strstr(e.text, "16 MiB of names"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folders_are_listed),
		cmocka_unit_test(test_names_may_not_fill_the_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
