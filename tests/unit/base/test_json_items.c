/* Whatever the items say must be what the tree of the whole says, and nothing else comes through.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/json_items.h"

struct fixture {
	struct arena *a;
	struct buf rest;
	struct err e;
};

static int setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	f->a = arena_new();
	buf_init(&f->rest);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	buf_release(&f->rest);
	arena_free(f->a);
	free(f);
	return 0;
}

/* The items as one text, "1|[2,3]|", each parsed and written; NULL: one of them is none. */
static const char *items(struct fixture *f, struct slice list)
{
	struct slice item;
	const char *all = "";
	while (js_next_item(&list, &item)) {
		struct js *v = js_parse(item, &f->e);
		if (v == NULL)
			return NULL;
		all = arena_printf(f->a, "%s%s|", all, js_text(f->a, v));
		js_free(v);
	}
	return all;
}

static void test_cut_and_read(void **state)
{
	static const struct {
		const char *doc, *path, *rest, *items;
	} cases[] = {
		{ "[]", "", "[]", "" },
		{ " [ ] ", "", "[]", "" },
		{ "[{\"a\":1},{\"b\":[2,\"]\"]}]", "", "[]", "{\"a\":1}|{\"b\":[2,\"]\"]}|" },
		{ "{\"r\":{\"x\":[1, 2 ,3]},\"n\":3}", "r/x", "{\"r\":{\"x\":[]},\"n\":3}",
		  "1|2|3|" },
		{ "{\"x\":\"[\\\"{\",\"r\":[\"a,b\",\"\\\\\"]}", "r", "{\"x\":\"[\\\"{\",\"r\":[]}",
		  "\"a,b\"|\"\\\\\"|" },
		{ "{\"y\":{\"r\":[1]},\"r\":[2]}", "r", "{\"y\":{\"r\":[1]},\"r\":[]}", "2|" },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice list;
		buf_clear(&f->rest);
		assert_true(js_cut_list(slice_str(cases[i].doc), cases[i].path, &f->rest, &list));
		struct js *rest = js_parse(buf_slice(&f->rest), &f->e);
		assert_non_null(rest);
		assert_string_equal(js_text(f->a, rest), cases[i].rest);
		assert_string_equal(items(f, list), cases[i].items);
		js_free(rest);
	}
}

static void test_no_list(void **state)
{
	static const struct {
		const char *doc, *path;
	} cases[] = {
		{ "", "" },
		{ "{}", "r" },
		{ "{\"r\":{}}", "r" },
		{ "[1]", "r" },
		{ "{\"r\"", "r" },
		{ "{\"r\":[1", "r" },
		{ "{\"r\":[\"", "r" },
		{ "null", "" },
		{ "{\"r\":\"[]\"}", "r" },
		{ "[", "" },
		{ "{\"r\":", "r" },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice list;
		assert_false(js_cut_list(slice_str(cases[i].doc), cases[i].path, &f->rest, &list));
		assert_int_equal(f->rest.len, 0);
	}
}

/* js_parse refuses these, and so must one of the two halves. */
static void test_what_is_no_json_does_not_come_through(void **state)
{
	static const char *const docs[] = { "[1,]",  "[,1]",   "[1,,2]", "[1 2]", "[1}]",
					    "[{]}]", "[1]]",   "[1],",   "[\"]",  "[{\"a\"]",
					    "[1]x",  "[[1],2", "[[1}]",  "[}1]",  "[ , ]" };
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof(docs) / sizeof(docs[0]); i++) {
		struct slice list;
		buf_clear(&f->rest);
		if (!js_cut_list(slice_str(docs[i]), "", &f->rest, &list))
			continue;
		struct js *rest = js_parse(buf_slice(&f->rest), &f->e);
		if (rest != NULL && items(f, list) != NULL)
			fail_msg("%s came through", docs[i]);
		js_free(rest);
	}
}

#define ITEMS_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ITEMS_TEST(test_cut_and_read),
		ITEMS_TEST(test_no_list),
		ITEMS_TEST(test_what_is_no_json_does_not_come_through),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
