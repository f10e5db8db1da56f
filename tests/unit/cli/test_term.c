#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cli/term.h"

struct capture {
	struct term t;
	char *text;
	size_t len;
};

static void capture_begin(struct capture *c, size_t width)
{
	*c = (struct capture){ 0 };
	FILE *f = open_memstream(&c->text, &c->len);
	c->t = (struct term){ .out = f, .err = f, .width = width };
}

static const char *capture_end(struct capture *c)
{
	assert_int_equal(fclose(c->t.out), 0);
	return c->text;
}

static void wraps_between_words_and_indents(void **state)
{
	struct capture c;
	(void)state;
	capture_begin(&c, 20);
	term_wrap(&c.t, "  > ", "one two three four five");
	assert_string_equal(capture_end(&c), "  > one two three\n    four five\n");
	free(c.text);
}

static void a_long_word_stands_alone(void **state)
{
	struct capture c;
	(void)state;
	capture_begin(&c, 10);
	term_wrap(&c.t, "", "a abcdefghijklmnop b");
	assert_string_equal(capture_end(&c), "a\nabcdefghijklmnop\nb\n");
	free(c.text);
}

static void counts_characters_not_bytes(void **state)
{
	struct capture c;
	(void)state;
	capture_begin(&c, 9);
	term_wrap(&c.t, "", "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 \xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6");
	assert_string_equal(capture_end(&c),
			    "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 \xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\n");
	free(c.text);
}

/* A TXT record and an MX name with ESC in them, as servers may send them. */
static void nothing_controls_the_terminal(void **state)
{
	static const char evil[] = "v=spf1 \x1b]0;owned\x07 mx\x1b[2J.x.net \xc2\x9b"
				   "31m";
	struct capture c;
	struct err e;
	(void)state;
	capture_begin(&c, 40);
	term_wrap(&c.t, evil, evil);
	term_wrap_at(&c.t, 4, evil);
	term_print(&c.t, "%s\n\tas it is\n", evil);
	term_paint(&c.t, COLOUR_RED, "%s", evil);
	err_set(&e, ERR_WORLD, "%s", evil);
	err_hint(&e, "%s", evil);
	term_error(&c.t, &e);
	const char *text = capture_end(&c);
	assert_null(strpbrk(text, "\x1b\x07\x9b"));
	assert_non_null(strstr(text, "v=spf1 ?]0;owned? mx?[2J.x.net"));
	assert_non_null(strstr(text, "\n\tas it is\n"));
	free(c.text);
}

static void no_colour_codes_without_a_terminal(void **state)
{
	struct capture c;
	(void)state;
	capture_begin(&c, 80);
	term_paint(&c.t, COLOUR_RED, "bad");
	term_progress(&c.t, "never shown");
	assert_string_equal(capture_end(&c), "bad");
	free(c.text);
}

static void an_error_says_what_to_do(void **state)
{
	struct capture c;
	struct err e;
	(void)state;
	capture_begin(&c, 80);
	err_set(&e, ERR_USAGE, "unknown command 'plna'");
	err_hint(&e, "did you mean 'cutover plan'?");
	term_error(&c.t, &e);
	assert_string_equal(capture_end(&c), "error: unknown command 'plna'\n"
					     "  what to do: did you mean 'cutover plan'?\n");
	free(c.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wraps_between_words_and_indents),
		cmocka_unit_test(a_long_word_stands_alone),
		cmocka_unit_test(counts_characters_not_bytes),
		cmocka_unit_test(nothing_controls_the_terminal),
		cmocka_unit_test(no_colour_codes_without_a_terminal),
		cmocka_unit_test(an_error_says_what_to_do),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
