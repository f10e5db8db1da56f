#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/xml.h"
#include "base/xml_out.h"

static void test_a_document(void **state)
{
	struct buf b;
	(void)state;
	buf_init(&b);
	xml_out_declaration(&b);
	xml_out_open_ns(&b, "l", "urn:a\"b");
	xml_out_open(&b, "m");
	xml_out_int(&b, "n", INT64_MIN);
	xml_out_text(&b, "t", "<a & 'b' \"c\">");
	xml_out_close(&b, "m");
	xml_out_close(&b, "l");
	assert_string_equal(b.at, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
				  "<l xmlns=\"urn:a&quot;b\"><m><n>-9223372036854775808</n>"
				  "<t>&lt;a &amp; &apos;b&apos; &quot;c&quot;&gt;</t></m></l>");
	buf_release(&b);
}

static void expect_text(const char *text, const char *comes_back)
{
	struct arena *a = arena_new();
	struct err e;
	struct buf b;
	buf_init(&b);
	xml_out_text(&b, "t", text);
	const struct xml *x = xml_parse(a, buf_slice(&b), &e);
	if (x == NULL)
		fail_msg("%s", e.text);
	assert_string_equal(x->text, comes_back);
	assert_int_equal(xml_can_say(text), str_eq(text, comes_back));
	buf_release(&b);
	arena_free(a);
}

static void test_text_comes_back(void **state)
{
	(void)state;
	expect_text("", "");
	expect_text(" \t\r\n]]> &amp; ", " \t\r\n]]> &amp; ");
	expect_text("\xc3\xbc\xe2\x82\xac\xf0\x9f\x93\xac", "\xc3\xbc\xe2\x82\xac\xf0\x9f\x93\xac");
}

static void test_what_xml_cannot_say(void **state)
{
	(void)state;
	expect_text("a\001b\033[2J", "a?b?[2J");
	expect_text("Gr\xfc\xdf", "Gr??");
	expect_text("x\xef\xbf\xbf", "x???");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_document),
		cmocka_unit_test(test_text_comes_back),
		cmocka_unit_test(test_what_xml_cannot_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
