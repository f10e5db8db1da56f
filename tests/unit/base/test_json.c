#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/json.h"

static struct js *parse(const char *text)
{
	struct err e;
	struct js *v = js_parse(slice_str(text), &e);
	if (v == NULL)
		fail_msg("%s: %s", text, e.text);
	return v;
}

static void test_members_keep_their_order(void **state)
{
	struct arena *a = arena_new();
	struct js *o = js_object();
	struct js *list = js_array();
	(void)state;
	js_set_str(o, "z", "last \"quoted\"");
	js_set_int(o, "a", INT64_MIN);
	js_set_bool(o, "m", true);
	js_set_str(o, "n", NULL);
	js_set_time(o, "t", 1795802400000);
	js_set_time(o, "never", 0);
	js_push(list, js_int(1));
	js_push(list, js_string("ü"));
	js_set(o, "list", list);
	js_set_int(o, "a", 2); /* again: the place stays */
	assert_string_equal(js_text(a, o),
			    "{\"z\":\"last \\\"quoted\\\"\",\"a\":2,\"m\":true,\"n\":null,"
			    "\"t\":\"2026-11-27T18:00:00Z\",\"never\":null,\"list\":[1,\"ü\"]}");
	js_free(o);
	js_free(NULL);
	arena_free(a);
}

static void test_getters_borrow_and_take_null(void **state)
{
	struct js *o = parse("{\"s\":\"x\",\"n\":-5,\"b\":true,\"t\":\"2026-11-27T18:00:00Z\","
			     "\"o\":{\"l\":[1,2,\"3\"]}}");
	(void)state;
	assert_string_equal(js_get_str(o, "s"), "x");
	assert_string_equal(js_get_str(o, "none"), "");
	assert_string_equal(js_get_str(o, "n"), "");
	assert_int_equal(js_get_int(o, "n"), -5);
	assert_int_equal(js_get_int(o, "s"), 0);
	assert_true(js_get_bool(o, "b"));
	assert_false(js_get_bool(o, "s"));
	assert_true(js_get_time(o, "t") == 1795802400000);
	assert_int_equal(js_get_time(o, "s"), 0);
	struct js *list = js_get(js_get(o, "o"), "l");
	assert_int_equal(js_len(list), 3);
	assert_string_equal(js_str(js_at(list, 2)), "3");
	assert_int_equal(js_int_of(js_at(list, 1)), 2);
	assert_null(js_at(list, 3));
	assert_null(js_get(js_get(js_get(NULL, "a"), "b"), "c"));
	assert_string_equal(js_str(NULL), "");
	assert_int_equal(js_len(NULL), 0);
	assert_true(js_is_object(o));
	assert_true(js_is_array(list));
	assert_true(js_is_string(js_at(list, 2)));
	assert_false(js_is_object(NULL));
	js_free(o);
}

static void test_bytes_that_are_no_utf8_are_repaired(void **state)
{
	struct arena *a = arena_new();
	struct js *o = js_object();
	(void)state;
	js_set_str(o, "k\xff",
		   "Gr\xfc\xdf"
		   "e");
	assert_string_equal(js_text(a, o), "{\"k?\":\"Gr??e\"}");
	js_free(o);
	arena_free(a);
}

static void test_numbers_without_a_word_in_json(void **state)
{
	struct arena *a = arena_new();
	struct js *list = js_array();
	(void)state;
	js_push(list, js_real(0.5));
	js_push(list, js_real((double)NAN));
	js_push(list, js_real((double)INFINITY));
	assert_string_equal(js_text(a, list), "[0.5,null,null]");
	js_free(list);
	arena_free(a);
}

static void test_indented(void **state)
{
	struct buf b;
	struct js *o = parse("{\"a\":[1]}");
	(void)state;
	buf_init(&b);
	js_write(o, 2, &b);
	assert_string_equal(b.at, "{\n  \"a\": [\n    1\n  ]\n}");
	buf_release(&b);
	js_free(o);
}

static void test_control_characters_stay_escaped(void **state)
{
	struct arena *a = arena_new();
	struct js *v = js_string("\033[2J\n");
	(void)state;
	assert_string_equal(js_text(a, v), "\"\\u001B[2J\\n\"");
	js_free(v);
	arena_free(a);
}

static void test_scalars_are_documents_too(void **state)
{
	static const char *const good[] = { "1", "\"x\"", "null", "true", " [] ", "-0.5e3" };
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		js_free(parse(good[i]));
}

static void expect_refused(struct slice text, const char *told)
{
	struct err e = { 0 };
	struct js *v = js_parse(text, &e);
	if (v != NULL)
		fail_msg("%.*s", (int)text.len, text.ptr);
	assert_int_equal(e.kind, ERR_ITEM);
	assert_non_null(strstr(e.text, told));
}

static void test_what_is_refused(void **state)
{
	static const char *const bad[] = { "",         "{",        "[1,]", "{\"a\":1,\"a\":2}",
					   "[] []",    "{a:1}",    "'x'",  "\"\\u0000\"",
					   "\"\xff\"", "[1e9999]", "nul",  "\"\\ud800\"" };
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_refused(slice_str(bad[i]), "JSON line ");
	expect_refused(SLICE_LIT("[1]\0"), "JSON line ");
	expect_refused((struct slice){ NULL, 0 }, "JSON line ");
	expect_refused(SLICE_LIT("{\n \"a\": }"), "line 2, column ");
}

static void test_depth_is_limited(void **state)
{
	struct buf b;
	(void)state;
	buf_init(&b);
	for (int i = 0; i < 64; i++)
		buf_adds(&b, "[");
	for (int i = 0; i < 64; i++)
		buf_adds(&b, "]");
	js_free(parse(b.at));
	buf_clear(&b);
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, "[{\"a\":");
	expect_refused(buf_slice(&b), "nested deeper");
	buf_clear(&b);
	buf_adds(&b, "\"");
	for (int i = 0; i < 200; i++)
		buf_adds(&b, "[\\\""); /* brackets inside a string are text */
	buf_adds(&b, "\"");
	js_free(parse(b.at));
	buf_release(&b);
}

static void collect(void *ctx, const char *key, struct js *v)
{
	buf_addf(ctx, "%s=%lld;", key, (long long)js_int_of(v));
}

static void test_each(void **state)
{
	struct buf b;
	struct js *o = parse("{\"b\":1,\"a\":2}");
	(void)state;
	buf_init(&b);
	js_each(o, collect, &b);
	assert_string_equal(b.at, "b=1;a=2;");
	js_each(NULL, collect, &b);
	assert_string_equal(b.at, "b=1;a=2;");
	buf_release(&b);
	js_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members_keep_their_order),
		cmocka_unit_test(test_getters_borrow_and_take_null),
		cmocka_unit_test(test_bytes_that_are_no_utf8_are_repaired),
		cmocka_unit_test(test_numbers_without_a_word_in_json),
		cmocka_unit_test(test_indented),
		cmocka_unit_test(test_control_characters_stay_escaped),
		cmocka_unit_test(test_scalars_are_documents_too),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_depth_is_limited),
		cmocka_unit_test(test_each),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
