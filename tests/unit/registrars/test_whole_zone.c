/*
 * What a whole zone's write compares: every row as often as it is there, in whatever order.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "registrars/whole_zone.h"

/* One row for each letter; what stays of it is its lower-case form. */
static struct whole_rows rows_of(struct arena *a, const char *letters)
{
	struct whole_rows rows = { .list = { 0 } };
	for (size_t i = 0; letters[i] != '\0'; i++) {
		const char *says = arena_printf(a, "%c", letters[i]);
		char *stays = arena_strdup(a, says);
		str_lower(stays);
		*vec_push(a, &rows.list) = (struct whole_row){ says, stays, says };
	}
	return rows;
}

static void test_missing(void **state)
{
	static const struct {
		const char *a, *b;
		bool says;
		const char *missing;
	} cases[] = {
		{ "", "", true, "" },       { "abc", "cab", true, "" }, { "a", "", true, "a" },
		{ "", "a", true, "" },      { "aab", "ab", true, "a" }, { "ab", "aabb", true, "" },
		{ "xyz", "xz", true, "y" }, { "aB", "ab", true, "B" },  { "aB", "Ab", false, "" },
		{ "aA", "a", false, "A" },  { "zz", "zzz", false, "" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_new();
		struct whole_rows left = rows_of(a, cases[i].a);
		struct whole_rows right = rows_of(a, cases[i].b);
		const struct whole_row *row = whole_missing(&left, &right, cases[i].says);
		char got[2] = { row != NULL ? row->shown[0] : '\0', '\0' };
		if (cases[i].says)
			assert_string_equal(got, cases[i].missing);
		else /* which of two that stay the same does not count */
			assert_int_equal(got[0] == '\0', cases[i].missing[0] == '\0');
		arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_missing) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
