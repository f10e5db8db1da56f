/*
 * STATUS, EXISTS, SEARCH and FETCH tell one number, or nobody may believe that all was seen: a
 * server that shows a part of a folder is found out by the one that differs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "twins.h"

static const struct imapd_habits plain;

/* Whichever of the four disagrees, the gate is closed, in the repeats that find nothing new, too.
 */
static void counts_differ(const struct imapd_habits *src, const char *note)
{
	struct twins t;
	struct arena *a = arena_new();
	twins_open(&t, src, &plain);
	twins_fill(&t.src.folders[0], 8);
	twins_fill(imapd_make(&t.src, "Work", ""), 2);
	for (int pass = 0; pass < 3; pass++) {
		(void)twins_pass(&t);
		assert_false(twins_status(&t, a).counts_agree);
		assert_string_equal(twins_status(&t, a).counts_note, note);
	}
	arena_free(a);
	twins_close(&t);
}

static void a_count_that_differs_closes_the_gate_for_good(void **state)
{
	(void)state;
	counts_differ(&(struct imapd_habits){ .search_most = 5 },
		      "'INBOX': STATUS 8, EXISTS 8, SEARCH 5, FETCH 8");
	counts_differ(&(struct imapd_habits){ .hidden = 4 },
		      "'INBOX': STATUS 8, EXISTS 8, SEARCH 8, FETCH 7");
	counts_differ(&(struct imapd_habits){ .message_limit = 5,
					      .capability = "ID UIDPLUS LITERAL+ NAMESPACE" },
		      "'INBOX': STATUS 8, EXISTS 5, SEARCH 5, FETCH 5");
}

/* Verification trusts the count that it was told when it opened the folder. */
static void a_message_that_no_fetch_brings_is_not_verified(void **state)
{
	struct twins t;
	struct migrate_verdict v;
	struct err e;
	(void)state;
	twins_open(&t, &(struct imapd_habits){ .hidden = 4 }, &plain);
	twins_fill(&t.src.folders[0], 8);
	(void)twins_pass(&t);
	assert_int_equal(migrate_verify(&t.opts, &t.mailbox, 1, &v, &e), 0);
	assert_false(v.verified);
	assert_string_equal(v.err.text,
			    "'INBOX': only 7 of 8 messages could be read at the source");
	twins_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_count_that_differs_closes_the_gate_for_good),
		cmocka_unit_test(a_message_that_no_fetch_brings_is_not_verified),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
