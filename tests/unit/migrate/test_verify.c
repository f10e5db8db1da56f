#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

#define BODY(seq, uid, text) "* " seq " FETCH (UID " uid " FLAGS () BODY[] " text ")\r\n"

static const struct step both[] = {
	{ "INBOX", "* 2 EXISTS\r\n* OK [UIDVALIDITY 42]\r\n% OK opened\r\n", false, false },
	{ "UID FETCH", BODY("1", "1", "{1}\r\na") BODY("2", "2", "{1}\r\nb") "% OK\r\n", false,
	  false },
	{ NULL, NULL, false, false },
};

/* Compares the two; *c_r says what was found, w->box.trouble what could not be read. */
static void compare(struct world *w, struct ledger_comparison *c_r)
{
	struct err e;
	assert_int_equal(ledger_compare_begin(w->store, w->box.row.id, &e), 0);
	if (box_compare(&w->box, &w->folder.row, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(ledger_compare_end(w->store, w->box.row.id, c_r, &e), 0);
}

static void test_all_was_read(void **state)
{
	struct world w;
	struct ledger_comparison c;
	(void)state;
	world_open(&w, both, both);
	compare(&w, &c);
	assert_int_equal(c.compared, 2);
	assert_int_equal(w.box.trouble.kind, ERR_NONE);
	world_close(&w);
}

static void expect_unread(const char *answer, const char *trouble)
{
	const struct step src[] = {
		{ "INBOX", "* 2 EXISTS\r\n* OK [UIDVALIDITY 42]\r\n% OK opened\r\n", false, false },
		{ "UID FETCH", answer, false, false },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct ledger_comparison c;
	world_open(&w, src, both);
	compare(&w, &c);
	assert_int_equal(c.missing, 0); /* nothing that was read is missed */
	if (trouble == NULL) {
		assert_int_equal(w.box.trouble.kind, ERR_NONE);
	} else {
		assert_int_equal(w.box.trouble.kind, ERR_REFUSED);
		assert_string_equal(w.box.trouble.text, trouble);
	}
	world_close(&w);
}

static void test_source_gives_less_than_it_has(void **state)
{
	static const char half[] = "'INBOX': only 1 of 2 messages could be read at the source";
	(void)state;
	expect_unread(BODY("1", "1", "{1}\r\na") "% OK\r\n", half);
	expect_unread(BODY("1", "1", "{1}\r\na") BODY("2", "2", "NIL") "% OK\r\n", half);
	expect_unread(BODY("1", "1", "{1}\r\na") "* 3 EXISTS\r\n% OK\r\n", half);
	/* Deleted while it was read, as the server says: nobody can miss it. */
	expect_unread(BODY("1", "1", "{1}\r\na") "* 2 EXPUNGE\r\n% OK\r\n", NULL);
}

static void test_target_gives_less_than_it_has(void **state)
{
	static const struct step dst[] = {
		{ "INBOX", "* 3 EXISTS\r\n* OK [UIDVALIDITY 42]\r\n% OK opened\r\n", false, false },
		{ "UID FETCH", BODY("1", "1", "{1}\r\na") BODY("2", "2", "{1}\r\nb") "% OK\r\n",
		  false, false },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct ledger_comparison c;
	(void)state;
	world_open(&w, both, dst);
	compare(&w, &c);
	assert_string_equal(w.box.trouble.text,
			    "'INBOX': only 2 of 3 messages could be read at the target");
	world_close(&w);
}

/* Refused by name because the source does not give it: accepted or not there, not here. */
static void test_refused_need_not_be_read(void **state)
{
	static const struct step src[] = {
		{ "INBOX", "* 3 EXISTS\r\n* OK [UIDVALIDITY 42]\r\n% OK opened\r\n", false, false },
		{ "UID FETCH", BODY("1", "1", "{1}\r\na") BODY("2", "2", "{1}\r\nb") "% OK\r\n",
		  false, false },
		{ NULL, NULL, false, false },
	};
	const struct ledger_message three = { .uid = 3, .reason = "no body" };
	struct world w;
	struct ledger_comparison c;
	struct err e;
	(void)state;
	world_open(&w, src, both);
	w.folder.row.src_uidvalidity = 42;
	add_message(&w, 3, "");
	assert_int_equal(ledger_set_refused(w.store, w.folder.row.id, 1, &three, &e), 0);
	compare(&w, &c);
	assert_int_equal(c.compared, 2);
	assert_int_equal(w.box.trouble.kind, ERR_NONE);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_was_read),
		cmocka_unit_test(test_source_gives_less_than_it_has),
		cmocka_unit_test(test_target_gives_less_than_it_has),
		cmocka_unit_test(test_refused_need_not_be_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
