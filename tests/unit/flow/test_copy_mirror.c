/* A mirror may run until the switch was begun, and over whole mailboxes only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/copy_pass.h"
#include "flow/flow_priv.h"
#include "store/journal.h"

struct fixture {
	char dir[64];
	struct project project;
	struct flow flow;
	struct copy_run run;
	struct err e;
};

static int open_fixture(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	str_copy(f->dir, sizeof(f->dir), "/tmp/cutover-mirror-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(store_open(&(struct store_opts){ .dir = f->dir }, &f->flow.store, &f->e),
			 0);
	f->flow.opts.project = &f->project;
	f->run.f = &f->flow;
	f->run.a = arena_new();
	f->project.domain = "treyresearch.com.";
	*state = f;
	return 0;
}

static int close_fixture(void **state)
{
	struct fixture *f = *state;
	char command[128];
	store_close(f->flow.store);
	arena_free(f->run.a);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	int rc = system(command);
	free(f);
	return rc;
}

static const struct copy_wishes mirror = { .mirror = true };

static void add_row(struct fixture *f, enum journal_kind kind, const char *step, int64_t ref)
{
	const struct journal_row row = { .at_ms = 1795000000000,
					 .kind = kind,
					 .ref = ref,
					 .step = step,
					 .subject = "treyresearch.com. MX",
					 .detail = "" };
	assert_int_equal(journal_add(f->flow.store, &row, NULL, &f->e), 0);
}

static void test_before_the_switch_with_the_usual_limit(void **state)
{
	struct fixture *f = *state;
	struct copy_wishes own = mirror;
	own.mirror_percent = 35;
	add_row(f, JOURNAL_INTENT, "stage", 0);
	assert_int_equal(copy_mirror_begin(&f->run, &mirror, &f->e), 0);
	assert_true(f->run.mirrors);
	assert_int_equal(f->run.mirror.percent, 10);
	assert_int_equal(copy_mirror_begin(&f->run, &own, &f->e), 0);
	assert_int_equal(f->run.mirror.percent, 35);
}

static void test_not_unless_it_is_wished(void **state)
{
	struct fixture *f = *state;
	const struct copy_wishes none = { .mirror = false };
	assert_int_equal(copy_mirror_begin(&f->run, &none, &f->e), 0);
	assert_false(f->run.mirrors);
}

/* Killed before its outcome, failed or rolled back: it was begun. */
static void test_never_once_the_switch_was_begun(void **state)
{
	struct fixture *f = *state;
	add_row(f, JOURNAL_INTENT, "switch", 0);
	assert_int_equal(copy_mirror_begin(&f->run, &mirror, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_REFUSED);
	assert_non_null(strstr(f->e.text, "the switch was begun 20"));
	add_row(f, JOURNAL_DONE, "switch", 1);
	add_row(f, JOURNAL_INTENT, "rollback", 0);
	assert_int_equal(copy_mirror_begin(&f->run, &mirror, &f->e), -1);
	assert_false(f->run.mirrors);
}

static void test_not_with_a_filter(void **state)
{
	struct fixture *f = *state;
	struct copy_wishes newest = mirror;
	f->run.filtered = true;
	f->run.filter_text = "folder 'Archive'";
	assert_int_equal(copy_mirror_begin(&f->run, &mirror, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_USAGE);
	assert_non_null(strstr(f->e.text, "leaves out folder 'Archive'"));
	f->run.filtered = false;
	newest.newest_ms = 1000;
	assert_int_equal(copy_mirror_begin(&f->run, &newest, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_USAGE);
}

#define MIRROR_TEST(t) cmocka_unit_test_setup_teardown(t, open_fixture, close_fixture)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MIRROR_TEST(test_before_the_switch_with_the_usual_limit),
		MIRROR_TEST(test_not_unless_it_is_wished),
		MIRROR_TEST(test_never_once_the_switch_was_begun),
		MIRROR_TEST(test_not_with_a_filter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
