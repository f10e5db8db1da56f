/* What a person reads of a long list that goes wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cli/bulk_errors.h"

struct heard {
	struct term t;
	struct bulk_errors b;
	char *text;
	size_t len;
};

static void begin(struct heard *h)
{
	*h = (struct heard){ 0 };
	FILE *f = open_memstream(&h->text, &h->len);
	h->t = (struct term){ .out = f, .err = f };
	h->b.term = &h->t;
}

static const char *text(struct heard *h)
{
	assert_int_equal(fflush(h->t.err), 0);
	return h->text;
}

static void end(struct heard *h)
{
	assert_int_equal(fclose(h->t.err), 0);
	free(h->text);
}

static bool failed(struct heard *h, const char *name, const char *why)
{
	struct err e = { 0 };
	(void)err_set(&e, ERR_WORLD, "asking for %s: %s", name, why);
	return bulk_errors_failed(&h->b, name, &e);
}

static size_t lines(const char *text)
{
	size_t n = 0;
	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static void a_refused_line_has_its_number(void **state)
{
	struct heard h;
	struct err e = { 0 };
	(void)state;
	begin(&h);
	(void)err_set(&e, ERR_USAGE, "'no..name' has an empty label");
	bulk_errors_refused(&h.b, 7, "no..name", &e);
	assert_string_equal(text(&h), "error: line 7: 'no..name' has an empty label\n");
	for (uint64_t i = 1; i < 5000; i++)
		bulk_errors_refused(&h.b, 7 + i, "no..name", &e);
	assert_int_equal(h.b.refused, 5000);
	assert_int_equal(lines(text(&h)), BULK_REFUSED_TOLD + 1);
	assert_non_null(strstr(text(&h), "only counted"));
	end(&h);
}

static void no_network_is_said_once(void **state)
{
	struct heard h;
	(void)state;
	begin(&h);
	assert_true(failed(&h, "a.org", "no root server answers"));
	assert_true(failed(&h, "b.org", "no root server answers"));
	assert_string_equal(text(&h), "");
	assert_false(failed(&h, "c.org", "no root server answers"));
	assert_string_equal(text(&h), "error: none of the first 3 domains could be looked at: no "
				      "root server answers\n");
	bulk_errors_flush(&h.b);
	assert_int_equal(lines(text(&h)), 1);
	end(&h);
}

static void other_failures_end_nothing(void **state)
{
	struct heard h;
	(void)state;
	begin(&h);
	assert_true(failed(&h, "a.org", "x"));
	assert_true(failed(&h, "b.org", "y"));
	for (int i = 0; i < 5; i++)
		assert_true(failed(&h, "c.org", "y"));
	assert_int_equal(lines(text(&h)), 7);
	assert_true(
		str_starts(text(&h), "error: asking for a.org: x\nerror: asking for b.org: y\n"));
	end(&h);
}

static void what_was_held_back_is_told_in_the_end(void **state)
{
	struct heard h;
	(void)state;
	begin(&h);
	assert_true(failed(&h, "a.org", "x"));
	bulk_errors_flush(&h.b);
	assert_string_equal(text(&h), "error: asking for a.org: x\n");
	h.b.any_good = true;
	for (int i = 0; i < 5; i++)
		assert_true(failed(&h, "c.org", "x"));
	assert_int_equal(lines(text(&h)), 6);
	end(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_line_has_its_number),
		cmocka_unit_test(no_network_is_said_once),
		cmocka_unit_test(other_failures_end_nothing),
		cmocka_unit_test(what_was_held_back_is_told_in_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
