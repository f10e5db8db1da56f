#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/log.h"

struct captured {
	FILE *out;
	char *text;
	size_t len;
	struct fake_clock clock;
};

static struct log *open_log(struct captured *c, enum log_level level)
{
	c->out = open_memstream(&c->text, &c->len);
	fake_clock_init(&c->clock, 0);
	return log_new(c->out, level, &c->clock.clock);
}

static void expect_and_close(struct captured *c, struct log *l, const char *text)
{
	log_free(l);
	(void)fclose(c->out);
	assert_string_equal(c->text, text);
	free(c->text);
}

static void test_levels(void **state)
{
	struct captured c;
	struct log *l = open_log(&c, LOG_INFO);
	(void)state;
	log_error(l, "a %d", 1);
	log_warn(l, "b");
	log_info(l, "c");
	log_debug(l, "d");
	assert_true(log_wants(l, LOG_INFO));
	assert_false(log_wants(l, LOG_DEBUG));
	expect_and_close(&c, l, "error: a 1\nwarning: b\nc\n");
}

static void test_debug_lines_have_the_time(void **state)
{
	struct captured c;
	struct log *l = open_log(&c, LOG_DEBUG);
	(void)state;
	log_debug(l, "d");
	expect_and_close(&c, l, "1970-01-01T00:00:00Z debug: d\n");
}

static void count_line(void *ctx)
{
	++*(int *)ctx;
}

static void test_each_written_line_is_announced(void **state)
{
	struct captured c;
	int lines = 0;
	(void)state;
	struct log *l = open_log(&c, LOG_INFO);
	log_before(l, count_line, &lines);
	log_info(l, "one");
	log_debug(l, "dropped");
	log_warn(l, "two");
	assert_int_equal(lines, 2);
	expect_and_close(&c, l, "one\nwarning: two\n");
}

static void test_null_is_silent(void **state)
{
	(void)state;
	log_error(NULL, "nobody hears");
	assert_false(log_wants(NULL, LOG_ERROR));
	log_free(NULL);
}

static void test_no_escape_sequence_gets_through(void **state)
{
	struct captured c;
	struct log *l = open_log(&c, LOG_INFO);
	(void)state;
	log_info(l, "%s", "\033]0;title\007");
	log_info(l, "%s", "NO\nerror: faked");
	expect_and_close(&c, l, "?]0;title?\nNO error: faked\n");
}

static void test_long_lines_are_cut(void **state)
{
	struct captured c;
	struct log *l = open_log(&c, LOG_INFO);
	(void)state;
	log_info(l, "%5000d", 1);
	log_free(l);
	(void)fclose(c.out);
	assert_int_equal(c.len, ERR_TEXT_MAX + ERR_HINT_MAX); /* its last byte is the newline */
	assert_int_equal(c.text[c.len - 1], '\n');
	free(c.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_debug_lines_have_the_time),
		cmocka_unit_test(test_each_written_line_is_announced),
		cmocka_unit_test(test_null_is_silent),
		cmocka_unit_test(test_no_escape_sequence_gets_through),
		cmocka_unit_test(test_long_lines_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
