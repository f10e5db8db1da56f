/* What a filter takes, and how it says what it leaves out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "migrate/filter.h"

static bool takes(const char *pattern, const char *shown)
{
	const char *const list[] = { pattern, NULL };
	const struct migrate_filter f = { .folders = list };
	return filter_takes_folder(&f, shown);
}

static void test_folder_patterns(void **state)
{
	(void)state;
	assert_true(filter_takes_folder(NULL, "INBOX"));
	assert_true(takes("Archive", "archive"));
	assert_true(takes("Archive", "Archive/2024"));
	assert_false(takes("Archive", "Archives"));
	assert_false(takes("Archive", "Old/Archive"));
	assert_true(takes("*2024", "Archive/2024"));
	assert_true(takes("*a*a*b", "xaaab"));
	assert_false(takes("*2024", "Archive/2025"));
	assert_false(takes("Archive*", "Arch"));
	assert_true(takes("*", "anything/at all"));
}

static void test_not_these_folders(void **state)
{
	(void)state;
	const char *const junk[] = { "Junk", "Trash*", NULL };
	const char *const none[] = { NULL };
	const struct migrate_filter f = { .folders = none, .folders_not = junk };
	assert_true(filter_takes_folder(&f, "INBOX"));
	assert_false(filter_takes_folder(&f, "junk"));
	assert_false(filter_takes_folder(&f, "Trash/2020"));
}

/* 2026-01-01T00:00:00Z */
#define NEW_YEAR_MS (INT64_C(1767225600) * 1000)

static void test_dates_and_sizes(void **state)
{
	(void)state;
	struct ledger_message m = { .size = 100, .date = "31-Dec-2025 23:59:59 +0000" };
	const struct migrate_filter since = { .since_ms = NEW_YEAR_MS };
	const struct migrate_filter before = { .before_ms = NEW_YEAR_MS };
	const struct migrate_filter small = { .max_bytes = 99 };
	assert_false(filter_takes_message(&since, &m));
	assert_true(filter_takes_message(&before, &m));
	m.date = "01-Jan-2026 01:00:00 +0100";
	assert_true(filter_takes_message(&since, &m));
	assert_false(filter_takes_message(&before, &m));
	assert_false(filter_takes_message(&small, &m));
	m.size = 99;
	assert_true(filter_takes_message(&small, &m));
	m.date = "no date at all";
	assert_true(filter_takes_message(&since, &m));
}

static void test_words(void **state)
{
	(void)state;
	const char *const junk[] = { "Junk", "Trash", NULL };
	const struct migrate_filter f = { .folders_not = junk,
					  .since_ms = NEW_YEAR_MS,
					  .max_bytes = 5 };
	struct buf text;
	buf_init(&text);
	filter_describe(&f, &text);
	assert_string_equal(text.at, "the folders Junk, Trash; mail older than "
				     "2026-01-01T00:00:00Z; messages over 5 bytes");
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folder_patterns),
		cmocka_unit_test(test_not_these_folders),
		cmocka_unit_test(test_dates_and_sizes),
		cmocka_unit_test(test_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
