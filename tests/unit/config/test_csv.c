#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "config/csv.h"

static char text[256];
static struct csv csv;
static struct csv_record record;
static const char *why;

static enum csv_result first(const char *s)
{
	str_copy(text, sizeof(text), s);
	csv = (struct csv){ text, text + strlen(text), 1 };
	return csv_next(&csv, &record, &why);
}

static void reads_plain_fields(void **state)
{
	(void)state;
	assert_int_equal(first("a,b c,\r\nd"), CSV_RECORD);
	assert_int_equal(record.n, 3);
	assert_string_equal(record.fields[0].text, "a");
	assert_string_equal(record.fields[1].text, "b c");
	assert_string_equal(record.fields[2].text, "");
	assert_int_equal(csv_next(&csv, &record, &why), CSV_RECORD);
	assert_int_equal(record.line, 2);
	assert_string_equal(record.fields[0].text, "d");
	assert_int_equal(csv_next(&csv, &record, &why), CSV_END);
}

static void reads_quoted_fields(void **state)
{
	(void)state;
	assert_int_equal(first("\"a,\"\"b\"\"\",\"\",\"two\nlines\"\nnext"), CSV_RECORD);
	assert_int_equal(record.n, 3);
	assert_string_equal(record.fields[0].text, "a,\"b\"");
	assert_int_equal(record.fields[1].len, 0);
	assert_string_equal(record.fields[2].text, "two\nlines");
	assert_int_equal(csv_next(&csv, &record, &why), CSV_RECORD);
	assert_int_equal(record.line, 3);
}

static void passes_over_empty_lines(void **state)
{
	(void)state;
	assert_int_equal(first("\n\r\n\na\n\n"), CSV_RECORD);
	assert_int_equal(record.line, 4);
	assert_int_equal(csv_next(&csv, &record, &why), CSV_END);
	assert_int_equal(first(""), CSV_END);
}

static void names_the_line_of_a_fault(void **state)
{
	(void)state;
	assert_int_equal(first("\n\"never\nclosed"), CSV_BAD);
	assert_int_equal(csv.line, 2);
	assert_non_null(strstr(why, "never closed"));
	assert_int_equal(first("a\"b"), CSV_BAD);
	assert_non_null(strstr(why, "quote inside"));
	assert_int_equal(first("\"a\"b"), CSV_BAD);
	assert_non_null(strstr(why, "behind a closing quote"));
}

static void limits_the_fields(void **state)
{
	(void)state;
	assert_int_equal(first(",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,"), CSV_RECORD);
	assert_int_equal(record.n, CSV_FIELDS_MAX);
	assert_int_equal(first(",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,"), CSV_BAD);
}

/* A carriage return alone ends nothing. */
static void keeps_a_lone_carriage_return(void **state)
{
	(void)state;
	assert_int_equal(first("a\rb,c\r"), CSV_RECORD);
	assert_int_equal(record.n, 2);
	assert_string_equal(record.fields[0].text, "a\rb");
	assert_string_equal(record.fields[1].text, "c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_plain_fields),
		cmocka_unit_test(reads_quoted_fields),
		cmocka_unit_test(passes_over_empty_lines),
		cmocka_unit_test(names_the_line_of_a_fault),
		cmocka_unit_test(limits_the_fields),
		cmocka_unit_test(keeps_a_lone_carriage_return),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
