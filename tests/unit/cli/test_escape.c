#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/escape.h"

typedef void escape_fn(const char *text, struct buf *out);

static void expect(escape_fn *escape, const char *text, const char *safe)
{
	struct buf b;
	buf_init(&b);
	escape(text, &b);
	assert_string_equal(b.at, safe);
	buf_release(&b);
}

static void markup_is_only_text(void **state)
{
	(void)state;
	expect(escape_xml, "<script>alert('x & \"y\"')</script>",
	       "&lt;script&gt;alert(&#39;x &amp; &quot;y&quot;&#39;)&lt;/script&gt;");
	expect(escape_xml, "a\x1b[2Jb\x01", "a?[2Jb?");
	expect(escape_xml, "Entw\xc3\xbcrfe", "Entw\xc3\xbcrfe");
	expect(escape_xml, "latin \xfc", "latin ?");
	/* U+FFFD, and two that are no characters: a reader of XML would refuse all of the file. */
	expect(escape_xml, "\xef\xbf\xbd \xef\xbf\xbe\xef\xbf\xbf.", "\xef\xbf\xbd ??.");
}

static void a_cell_is_no_formula(void **state)
{
	(void)state;
	expect(escape_csv, "=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\"");
	expect(escape_csv, "+1", "'+1");
	expect(escape_csv, "-1", "'-1");
	expect(escape_csv, "@SUM", "'@SUM");
	expect(escape_csv, "\tx", "\"'\tx\"");
	expect(escape_csv, "1-2=3", "1-2=3");
}

/* What a program splits that takes semicolons, tabs or line ends for the end of a cell. */
static void no_cell_within_a_cell_is_a_formula(void **state)
{
	(void)state;
	expect(escape_csv, "NO;=1+2", "\"NO;'=1+2\"");
	expect(escape_csv, "a; \"@x", "\"a; \"\"'@x\"");
	expect(escape_csv, "a\n-1", "\"a\n'-1\"");
	expect(escape_csv, "a,\t+1", "\"a,\t'+1\"");
	expect(escape_csv, " =1", " '=1");
}

static void a_cell_is_quoted_when_needed(void **state)
{
	(void)state;
	expect(escape_csv, "plain", "plain");
	expect(escape_csv, "", "");
	expect(escape_csv, "a,b", "\"a,b\"");
	expect(escape_csv, "a\nb", "\"a\nb\"");
	expect(escape_csv, "say \"hi\"", "\"say \"\"hi\"\"\"");
}

static void a_path_is_a_uri(void **state)
{
	(void)state;
	expect(escape_uri_path, "../a-b_c/cutover.yaml", "../a-b_c/cutover.yaml");
	expect(escape_uri_path, "my customer/100%#1.yaml", "my%20customer/100%25%231.yaml");
	expect(escape_uri_path, "\xc3\xbc:", "%C3%BC%3A");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markup_is_only_text),
		cmocka_unit_test(a_cell_is_no_formula),
		cmocka_unit_test(no_cell_within_a_cell_is_a_formula),
		cmocka_unit_test(a_cell_is_quoted_when_needed),
		cmocka_unit_test(a_path_is_a_uri),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
