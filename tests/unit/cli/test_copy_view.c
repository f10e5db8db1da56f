/* A copy of many mailboxes in few lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "cli/copy_view.h"

enum { MANY = 1000 };

struct world {
	struct arena *a;
	struct copy_mailbox *boxes;
	struct copy_progress p;
};

/* 1000 synced mailboxes, but for number 3 and 500 (at work), 7 (throttled) and 9 (failed). */
static int set_up(void **state)
{
	struct arena *a = arena_new();
	struct world *w = ARENA_NEW(a, struct world);
	w->a = a;
	w->boxes = ARENA_ARRAY(a, MANY, struct copy_mailbox);
	for (size_t i = 0; i < MANY; i++) {
		w->boxes[i].address = arena_printf(a, "user%03zu@treyresearch.com", i);
		w->boxes[i].state = MAILBOX_SYNCED;
	}
	w->boxes[3].state = w->boxes[500].state = w->boxes[7].state = MAILBOX_SYNCING;
	str_copy(w->boxes[3].folder, sizeof(w->boxes[3].folder), "Archive/2024");
	w->boxes[3].counts = (struct migrate_counts){ .messages = 100, .copied = 40, .known = 2 };
	(void)err_set(&w->boxes[7].err, ERR_WAIT, "Request is throttled");
	w->boxes[7].err.until_ms = INT64_C(1763800000) * 1000;
	w->boxes[9].state = MAILBOX_FAILED;
	(void)err_set(&w->boxes[9].err, ERR_ACCOUNT, "the server refused this password");
	w->p = (struct copy_progress){ .n = MANY, .mailboxes = w->boxes, .left_ms = 3600 * 1000 };
	w->p.bytes_per_s = 1000000;
	w->p.messages_per_s = 12;
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	arena_free(w->a);
	return 0;
}

static void what_moves_comes_first(void **state)
{
	struct world *w = *state;
	const struct copy_lines v = copy_view(w->a, &w->p, 24);
	assert_int_equal(v.n, 7);
	assert_non_null(strstr(v.at[0], "user003@treyresearch.com"));
	assert_non_null(strstr(v.at[0], "42/100"));
	assert_non_null(strstr(v.at[0], "Archive/2024"));
	assert_non_null(strstr(v.at[1], "user500@treyresearch.com"));
	assert_non_null(strstr(v.at[2], "until 2025-11-22T08:26:40Z: Request is throttled"));
	assert_non_null(strstr(v.at[3], "the server refused this password"));
	assert_non_null(strstr(v.at[4],
			       "996 of 1000 mailboxes synced, 2 at work, 1 waiting, 1 with "
			       "errors"));
	assert_non_null(strstr(v.at[5], " messages, "));
	assert_string_equal(v.at[6], "now 3.6 GB/h, 12 messages/s, 1 h 00 min left");
}

static void a_small_terminal_still_has_the_totals(void **state)
{
	struct world *w = *state;
	const struct copy_lines v = copy_view(w->a, &w->p, 6);
	assert_int_equal(v.n, 5);
	assert_string_equal(v.at[1], "… and 3 more");
	assert_non_null(strstr(v.at[2], "996 of 1000"));
	assert_non_null(strstr(copy_view(w->a, &w->p, 0).at[1], "996 of 1000"));
}

static void what_is_compressed_is_told_with_the_rate(void **state)
{
	struct world *w = *state;
	w->p.wire_percent = 41;
	const struct copy_lines v = copy_view(w->a, &w->p, 24);
	assert_string_equal(v.at[6], "now 3.6 GB/h, 12 messages/s, compressed, 0.41 on the wire, "
				     "1 h 00 min left");
}

/* `status --watch` shows what the copy stored. */
static void the_document_gives_the_same_view(void **state)
{
	struct world *w = *state;
	w->p.wire_percent = 41;
	struct js *doc = copy_progress_to_js(&w->p);
	const struct copy_progress back = copy_progress_from_js(w->a, doc);
	js_free(doc);
	const struct copy_lines here = copy_view(w->a, &w->p, 24);
	const struct copy_lines there = copy_view(w->a, &back, 24);
	assert_int_equal(here.n, there.n);
	for (size_t i = 0; i < here.n; i++)
		assert_string_equal(here.at[i], there.at[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_moves_comes_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_small_terminal_still_has_the_totals, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_compressed_is_told_with_the_rate, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_document_gives_the_same_view, set_up,
						tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
