/* Going on where an earlier run stopped: which domains does its output have? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "flow/bulk.h"

#define AUDIT(domain) "{\"version\":1,\"domain\":\"" domain "\",\"findings\":[]}\n"

static char dir[] = "/tmp/cutover-bulk-XXXXXX";
static char path[64];

static int setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	return snprintf(path, sizeof(path), "%s/out.jsonl", dir) > 0 ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(dir);
}

static struct bulk_seen *load(const char *text, bool *half_r)
{
	struct err e = { 0 };
	struct bulk_seen *seen = NULL;
	if (text != NULL)
		assert_int_equal(file_replace(path, slice_str(text), 0600, &e), 0);
	assert_int_equal(bulk_seen_load(path, &seen, half_r, &e), 0);
	return seen;
}

static void no_file_has_no_domain(void **state)
{
	bool half = true;
	(void)state;
	(void)unlink(path);
	struct bulk_seen *seen = load(NULL, &half);
	assert_false(half);
	assert_false(bulk_seen_has(seen, "a.org"));
	bulk_seen_free(seen);
}

static void knows_every_domain_however_it_is_written(void **state)
{
	bool half = true;
	(void)state;
	struct bulk_seen *seen = load(AUDIT("b.org") AUDIT("a.org") AUDIT("c.org"), &half);
	assert_false(half);
	assert_true(bulk_seen_has(seen, "a.org"));
	assert_true(bulk_seen_has(seen, "B.Org."));
	assert_true(bulk_seen_has(seen, "c.org"));
	assert_false(bulk_seen_has(seen, "d.org"));
	assert_false(bulk_seen_has(seen, "not..a..name"));
	bulk_seen_free(seen);
}

static void a_half_line_is_audited_again(void **state)
{
	bool half = false;
	(void)state;
	struct bulk_seen *seen = load(AUDIT("a.org") "{\"version\":1,\"domain\":\"b.org\",\"findi",
				      &half);
	assert_true(half);
	assert_true(bulk_seen_has(seen, "a.org"));
	assert_false(bulk_seen_has(seen, "b.org"));
	bulk_seen_free(seen);
}

static void other_lines_are_passed_over(void **state)
{
	bool half = false;
	(void)state;
	struct bulk_seen *seen = load(
		"\nnonsense\n{\"domain\":\"a.org\"}\n[1]\n"
		"{\"version\":2,\"domain\":\"b.org\",\"findings\":[]}\n"
		"{\"version\":1,\"domain\":7,\"findings\":[]}\n" AUDIT("c.org"),
		&half);
	assert_false(bulk_seen_has(seen, "a.org"));
	assert_false(bulk_seen_has(seen, "b.org"));
	assert_true(bulk_seen_has(seen, "c.org"));
	bulk_seen_free(seen);
}

static void a_directory_is_refused_by_name(void **state)
{
	struct err e = { 0 };
	struct bulk_seen *seen = NULL;
	bool half;
	(void)state;
	assert_int_equal(bulk_seen_load(dir, &seen, &half, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.text, dir));
	assert_null(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_file_has_no_domain),
		cmocka_unit_test(knows_every_domain_however_it_is_written),
		cmocka_unit_test(a_half_line_is_audited_again),
		cmocka_unit_test(other_lines_are_passed_over),
		cmocka_unit_test(a_directory_is_refused_by_name),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
