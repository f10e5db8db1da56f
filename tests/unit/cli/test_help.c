#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cli/help.h"

struct page {
	struct term t;
	char *text;
	size_t len;
};

static void page_begin(struct page *p)
{
	*p = (struct page){ 0 };
	FILE *f = open_memstream(&p->text, &p->len);
	p->t = (struct term){ .out = f, .err = f, .width = 80 };
}

static const char *page_end(struct page *p)
{
	assert_int_equal(fclose(p->t.out), 0);
	return p->text;
}

/* At the begin of a line: "      --name", or with its letter before it. */
static bool lists(const char *text, const struct option *o)
{
	struct arena *a = arena_new();
	const char *head = o->letter != '\0' ? arena_printf(a, "\n  -%c, --%s ", o->letter, o->name)
					     : arena_printf(a, "\n      --%s ", o->name);
	bool there = strstr(text, head) != NULL;
	arena_free(a);
	return there;
}

static void holds_each_global_option_on(const char *text, bool lab)
{
	for (int i = 0; i < OPT_N; i++) {
		const enum option_id id = (enum option_id)i;
		if (option_is_global(id) &&
		    lists(text, option_row(id)) != (option_is_lab(id) == lab))
			fail_msg("--%s is on the wrong page", option_row(id)->name);
	}
}

static void lab_options_are_on_their_own_page_only(void **state)
{
	struct page p;
	(void)state;
	for (const struct command *const *at = command_table(); *at != NULL; at++) {
		page_begin(&p);
		help_print(&p.t, *at);
		holds_each_global_option_on(page_end(&p), false);
		assert_non_null(strstr(p.text, "cutover help " HELP_LAB));
		free(p.text);
	}
	page_begin(&p);
	help_lab(&p.t);
	holds_each_global_option_on(page_end(&p), true);
	free(p.text);
}

/* Else `cutover help lab` could mean two things. */
static void no_command_has_the_name_of_that_page(void **state)
{
	(void)state;
	assert_null(command_find(HELP_LAB));
}

static void the_man_page_has_every_option(void **state)
{
	struct page p;
	(void)state;
	page_begin(&p);
	help_man(&p.t);
	const char *text = page_end(&p);
	const char *lab = strstr(text, ".SH OPTIONS FOR A CLOSED LAB");
	assert_non_null(lab);
	assert_non_null(strstr(text, "\\-\\-fail\\-on"));
	assert_true(strstr(text, "\\-\\-root\\-hints") > lab);
	assert_non_null(strstr(lab, "\\-\\-https\\-port"));
	free(p.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lab_options_are_on_their_own_page_only),
		cmocka_unit_test(no_command_has_the_name_of_that_page),
		cmocka_unit_test(the_man_page_has_every_option),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
