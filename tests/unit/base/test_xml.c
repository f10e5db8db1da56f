#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/xml.h"

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static const struct xml *parse(struct arena *a, const char *text)
{
	struct err e;
	const struct xml *x = xml_parse(a, slice_str(text), &e);
	if (x == NULL)
		fail_msg("%s: %s", text, e.text);
	return x;
}

static void test_children_in_order(void **state)
{
	const struct xml *x = parse(*state, "<?xml version=\"1.0\"?>\n<l><r>1</r><s/><r>2</r>"
					    "<t><r>3</r></t><r>4</r></l>\n<!-- end -->\n");
	const struct xml *r = xml_child(x, "r");
	assert_true(xml_is(x, "l"));
	assert_string_equal(r->text, "1");
	r = xml_next(r);
	assert_string_equal(r->text, "2");
	r = xml_next(r);
	assert_string_equal(r->text, "4");
	assert_null(xml_next(r));
	assert_string_equal(xml_text(x, "t/r"), "3");
	assert_string_equal(xml_text(x, "s"), "");
}

static void test_getters_take_null(void **state)
{
	const struct xml *x = parse(*state, "<a><b><c>d</c></b></a>");
	assert_null(xml_child(x, "c"));
	assert_null(xml_child(NULL, "a"));
	assert_null(xml_next(NULL));
	assert_null(xml_at(x, "b/x/c"));
	assert_null(xml_at(NULL, ""));
	assert_ptr_equal(xml_at(x, ""), x);
	assert_string_equal(xml_text(x, "b/c/d"), "");
	assert_string_equal(xml_text(NULL, "b"), "");
	assert_string_equal(xml_attribute(NULL, "b"), "");
	assert_false(xml_is(NULL, "a"));
	assert_false(xml_is(x, "A"));
}

static void test_prefixes_go(void **state)
{
	const struct xml *x = parse(*state, "<p:a xmlns:p='urn:x' xmlns='urn:y' p:k='1' l='2'>"
					    "<b/><p:b>3</p:b></p:a>");
	assert_true(xml_is(x, "a"));
	assert_int_equal(x->attribute_n, 2);
	assert_string_equal(xml_attribute(x, "k"), "1");
	assert_string_equal(xml_attribute(x, "l"), "2");
	assert_string_equal(xml_attribute(x, "xmlns"), "");
	assert_string_equal(xml_next(xml_child(x, "b"))->text, "3");
}

static void test_text_is_joined_and_kept(void **state)
{
	const struct xml *x = parse(*state,
				    "<a> x<b>inner</b>&amp;&#x41;<![CDATA[<&]]>\r\ny<c/> </a>");
	assert_string_equal(x->text, " x&A<&\ny ");
	assert_string_equal(xml_text(x, "b"), "inner");
	x = parse(*state, "<a k=' &quot;&lt;\n'/>");
	assert_string_equal(xml_attribute(x, "k"), " \"< ");
}

static void test_text_becomes_utf8(void **state)
{
	const struct xml *x = parse(*state,
				    "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xfc</a>");
	assert_string_equal(x->text, "\xc3\xbc");
}

static void expect_refused(void **state, struct slice text, const char *told)
{
	struct err e = { 0 };
	const struct xml *x = xml_parse(*state, text, &e);
	if (x != NULL)
		fail_msg("%.*s", (int)text.len, text.ptr);
	assert_int_equal(e.kind, ERR_ITEM);
	if (strstr(e.text, told) == NULL)
		fail_msg("\"%s\" does not tell of %s", e.text, told);
}

static void test_what_is_no_document(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		"<a>",
		"<a></b>",
		"<a",
		"<a/><b/>",
		"<a/>x",
		"<a b=c/>",
		"<a b='1' b='2'/>",
		"<a>&x;</a>",
		"<p:a/>",
		"<a>\x01</a>",
		"<a>\xff</a>",
		"<a>&#0;</a>",
		"<?xml version='1.0' encoding='none'?><a/>",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_refused(state, slice_str(bad[i]), "XML line ");
	expect_refused(state, (struct slice){ NULL, 0 }, "XML line ");
	expect_refused(state, SLICE_LIT("<a>\0</a>"), "XML line ");
	expect_refused(state, SLICE_LIT("<a>\n <b></a>"), "line 2, column ");
}

/* A document cut anywhere is no document. */
static void test_cut_anywhere(void **state)
{
	static const char whole[] = "<?xml version='1.0'?><a k='v'><b>text</b><!-- c --></a>";
	for (size_t len = 0; len < sizeof(whole) - 1; len++)
		expect_refused(state, (struct slice){ whole, len }, "XML line ");
	(void)parse(*state, whole);
}

static void test_a_doctype_is_refused(void **state)
{
	expect_refused(state, SLICE_LIT("<!DOCTYPE a><a/>"), "DOCTYPE");
	expect_refused(state,
		       SLICE_LIT("<!DOCTYPE a [<!ENTITY x 'y'><!ENTITY z '&x;&x;'>]><a>&z;</a>"),
		       "DOCTYPE");
	expect_refused(
		state,
		SLICE_LIT("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"),
		"DOCTYPE");
	expect_refused(state, SLICE_LIT("<!DOCTYPE a SYSTEM 'http://127.0.0.1/x.dtd'><a/>"),
		       "DOCTYPE");
}

static void repeat(struct buf *b, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_adds(b, text);
}

static void nested(struct buf *b, size_t depth)
{
	buf_clear(b);
	repeat(b, "<a>", depth);
	repeat(b, "</a>", depth);
}

static void test_depth_is_limited(void **state)
{
	struct buf b;
	buf_init(&b);
	nested(&b, XML_DEPTH_MAX);
	(void)parse(*state, b.at);
	nested(&b, XML_DEPTH_MAX + 1);
	expect_refused(state, buf_slice(&b), "nested too deep");
	nested(&b, 100000);
	expect_refused(state, buf_slice(&b), "nested too deep");
	buf_release(&b);
}

static void many_children(struct buf *b, size_t n)
{
	buf_clear(b);
	buf_adds(b, "<a>");
	repeat(b, "<b/>", n);
	buf_adds(b, "</a>");
}

static void test_elements_are_limited(void **state)
{
	struct buf b;
	buf_init(&b);
	many_children(&b, XML_NODES_MAX - 1);
	(void)parse(*state, b.at);
	many_children(&b, XML_NODES_MAX);
	expect_refused(state, buf_slice(&b), "too many elements and attributes");
	buf_release(&b);
}

static void test_attributes_count_too(void **state)
{
	struct buf b;
	buf_init(&b);
	buf_adds(&b, "<a>");
	repeat(&b, "<b c='' d='' e=''/>", XML_NODES_MAX / 4);
	buf_adds(&b, "</a>");
	expect_refused(state, buf_slice(&b), "too many elements and attributes");
	buf_release(&b);
}

static void many_attributes(struct buf *b, int n)
{
	buf_clear(b);
	buf_adds(b, "<a");
	for (int i = 0; i < n; i++)
		buf_addf(b, " k%d='v%d'", i, i);
	buf_adds(b, "/>");
}

static void test_attributes_are_limited(void **state)
{
	struct buf b;
	buf_init(&b);
	many_attributes(&b, XML_ATTRIBUTES_MAX);
	assert_string_equal(xml_attribute(parse(*state, b.at), "k63"), "v63");
	many_attributes(&b, XML_ATTRIBUTES_MAX + 1);
	expect_refused(state, buf_slice(&b), "too many attributes");
	buf_release(&b);
}

static void test_bytes_are_limited(void **state)
{
	struct buf b;
	buf_init(&b);
	buf_adds(&b, "<a>");
	(void)memset(buf_reserve(&b, XML_BYTES_MAX - 7), 'x', XML_BYTES_MAX - 7);
	buf_added(&b, XML_BYTES_MAX - 7);
	buf_adds(&b, "</a>");
	assert_int_equal(strlen(parse(*state, b.at)->text), XML_BYTES_MAX - 7);
	buf_addc(&b, '\n');
	expect_refused(state, buf_slice(&b), "more than 16 MiB");
	buf_release(&b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_children_in_order),    TEST(test_getters_take_null),
		TEST(test_prefixes_go),          TEST(test_text_is_joined_and_kept),
		TEST(test_text_becomes_utf8),    TEST(test_what_is_no_document),
		TEST(test_cut_anywhere),         TEST(test_a_doctype_is_refused),
		TEST(test_depth_is_limited),     TEST(test_elements_are_limited),
		TEST(test_attributes_count_too), TEST(test_attributes_are_limited),
		TEST(test_bytes_are_limited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
