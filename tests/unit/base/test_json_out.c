#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/json_out.h"

/* Everything that JSON escapes or not, and bytes that are no UTF-8. */
static const char *const texts[] = { "",
				     "plain",
				     "a \"quote\" and a \\",
				     "\b\f\n\r\t\x01\x1f\x7f",
				     "gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac",
				     "b\xff\"d\xc3",
				     NULL };
enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };
static const int64_t numbers[] = { 0, 7, -1, 1234567890123, INT64_MAX, INT64_MIN };
enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

static struct js *as_tree(void)
{
	struct js *root = js_object();
	struct js *list = js_array();
	struct js *inner = js_object();
	for (size_t i = 0; i < TEXTS; i++)
		js_push(list, js_string(texts[i]));
	js_set(root, "texts", list);
	list = js_array();
	for (size_t i = 0; i < NUMBERS; i++)
		js_push(list, js_int(numbers[i]));
	js_set(root, "numbers", list);
	js_set(root, "nothing", js_array());
	js_set_bool(inner, "yes", true);
	js_set_bool(inner, "no", false);
	js_set_time(inner, "at", 1767225600000);
	js_set_time(inner, "never", 0);
	js_set(root, "inner", inner);
	js_set(root, "none", js_null());
	js_set(root, "empty", js_object());
	return root;
}

static void write_all(struct buf *to)
{
	struct js_out o = { .to = to };
	js_out_object(&o, NULL);
	js_out_array(&o, "texts");
	for (size_t i = 0; i < TEXTS; i++)
		js_out_str(&o, NULL, texts[i]);
	js_out_array_end(&o);
	js_out_array(&o, "numbers");
	for (size_t i = 0; i < NUMBERS; i++)
		js_out_int(&o, NULL, numbers[i]);
	js_out_array_end(&o);
	js_out_array(&o, "nothing");
	js_out_array_end(&o);
	js_out_object(&o, "inner");
	js_out_bool(&o, "yes", true);
	js_out_bool(&o, "no", false);
	js_out_time(&o, "at", 1767225600000);
	js_out_time(&o, "never", 0);
	js_out_object_end(&o);
	js_out_null(&o, "none");
	js_out_object(&o, "empty");
	js_out_object_end(&o);
	js_out_object_end(&o);
}

static void test_it_is_what_a_tree_gives(void **state)
{
	struct buf tree, text;
	struct js *root = as_tree();
	(void)state;
	buf_init(&tree);
	buf_init(&text);
	js_write(root, 0, &tree);
	write_all(&text);
	assert_string_equal(text.at, tree.at);
	buf_release(&text);
	buf_release(&tree);
	js_free(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_what_a_tree_gives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
