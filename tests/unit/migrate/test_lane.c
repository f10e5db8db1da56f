#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "migrate/lane.h"
#include "world.h"

#define BODY(seq, uid, text) "* " seq " FETCH (UID " uid " FLAGS (\\Seen) BODY[] " text ")\r\n"

static void test_copies_and_records(void **state)
{
	static const struct step src[] = {
		{ "CAPABILITY", "* CAPABILITY IMAP4rev1\r\n% OK\r\n", false, false },
		{ "UID FETCH 5:6 ",
		  BODY("1", "5", "{3}\r\nabc") BODY("2", "6", "\"\"") "% OK done\r\n", false,
		  false },
		{ NULL, NULL, false, false },
	};
	static const struct step dst[] = {
		{ "CAPABILITY", "* CAPABILITY IMAP4rev1 UIDPLUS LITERAL+\r\n% OK\r\n", false,
		  false },
		{ "APPEND", "% OK [APPENDUID 42 100] done\r\n", false, false },
		{ "APPEND", "* 7 EXISTS\r\n% OK [APPENDUID 42 107] done\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct err e;
	unsigned char sha[SHA256_LEN];
	(void)state;
	world_open(&w, src, dst);
	add_message(&w, 5, "");
	const struct ledger_message empty = { .uid = 6, .date = "", .flags = "" };
	assert_int_equal(ledger_add(w.store, w.folder.row.id, &empty, &e), 0);
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	assert_heard(&w.said_dst,
		     "APPEND \"INBOX\" (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {3+}<3>");
	struct ledger_message five = row_of(&w, 5);
	struct ledger_message six = row_of(&w, 6);
	assert_int_equal(five.state, LEDGER_DONE);
	assert_int_equal(five.dst_uid, 100);
	sha256_of(SLICE_LIT("abc\r\n"), sha); /* with even line ends */
	assert_memory_equal(five.sha, sha, SHA256_LEN);
	assert_int_equal(six.dst_uid, 107);
	assert_int_equal(w.box.counts.copied, 2);
	world_close(&w);
}

/* Nothing, in place of a message that has a size, is what servers give of one that they cannot
 * read. */
static void test_an_empty_body_is_no_message(void **state)
{
	static const struct step src[] = {
		{ "UID FETCH 1:3 ",
		  BODY("1", "1", "{0}\r\n") BODY("2", "2", "\"\"")
			  BODY("3", "3", "{1}\r\nc") "% OK done\r\n",
		  false, false },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct err e;
	(void)state;
	world_open(&w, src, capable);
	for (uint32_t uid = 1; uid <= 3; uid++)
		add_message(&w, uid, "");
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	assert_int_equal(row_of(&w, 1).state, LEDGER_REFUSED);
	assert_int_equal(row_of(&w, 2).state, LEDGER_REFUSED);
	assert_int_equal(row_of(&w, 2).size, 10);
	assert_int_equal(row_of(&w, 3).state, LEDGER_DONE);
	assert_int_equal(w.box.counts.refused, 2);
	assert_heard(&w.said_dst, "{1+}<1>");
	assert_null(strstr(w.said_dst.at, "<0>"));
	world_close(&w);
}

/* Without LITERAL+: the one that is refused at its literal keeps nobody back. */
static void test_refused_message_is_an_item(void **state)
{
	static const struct step src[] = {
		{ "UID FETCH 1:3 ",
		  BODY("1", "1", "{2}\r\naa") BODY("2", "2", "{3}\r\nbbb")
			  BODY("3", "3", "{4}\r\ncccc") "% OK done\r\n",
		  false, false },
		{ NULL, NULL, false, false },
	};
	static const struct step dst[] = {
		{ "CAPABILITY", "* CAPABILITY IMAP4rev1 UIDPLUS\r\n% OK\r\n", false, false },
		{ "{3}", "% NO [TOOBIG] too big for us\r\n", true, false },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct err e;
	(void)state;
	world_open(&w, src, dst);
	for (uint32_t uid = 1; uid <= 3; uid++)
		add_message(&w, uid, "");
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	assert_int_equal(row_of(&w, 1).state, LEDGER_DONE);
	assert_int_equal(row_of(&w, 2).state, LEDGER_REFUSED);
	assert_non_null(row_of(&w, 2).reason);
	assert_int_equal(row_of(&w, 3).state, LEDGER_DONE);
	assert_int_equal(w.box.counts.refused, 1);
	/* Its body was never sent, and the next command is whole. */
	assert_heard(&w.said_dst, "{4}<4>");
	world_close(&w);
}

/* They wait for a STORE: only that refusal is sure to be about them. */
static void assert_waits(struct world *w, uint32_t uid, const char *carried, const char *all)
{
	struct ledger_message row = row_of(w, uid);
	assert_int_equal(row.state, LEDGER_DONE);
	assert_null(row.reason);
	assert_flags(w, uid, carried, all);
}

/* A lower-case keyword stands behind the system flags, where they are in order. */
static void test_refused_keyword_behind_a_system_flag_waits(void **state)
{
	static const struct step src[] = {
		{ "UID FETCH 1 ",
		  "* 1 FETCH (UID 1 FLAGS (\\Seen work) BODY[] {1}\r\na)\r\n% OK\r\n", false,
		  false },
		{ "UID FETCH 1 ",
		  "* 1 FETCH (UID 1 FLAGS (\\Seen work) BODY[] {1}\r\na)\r\n% OK\r\n", false,
		  false },
		{ NULL, NULL, false, false },
	};
	static const struct step dst[] = {
		{ "CAPABILITY", "* CAPABILITY IMAP4rev1 LITERAL+\r\n% OK\r\n", false, false },
		{ "APPEND", "% BAD Command Argument Error. 11\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct err e;
	(void)state;
	world_open(&w, src, dst);
	add_message(&w, 1, "\\Seen work");
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	assert_heard(&w.said_dst, "(\\Seen work)");
	assert_heard(&w.said_dst, "(\\Seen)");
	assert_waits(&w, 1, "\\Seen", "\\Seen work");
	assert_int_equal(w.box.counts.refused, 0);
	world_close(&w);
}

/* Whatever the first was refused for: the others keep theirs. */
static void test_one_refusal_takes_keywords_from_one_message(void **state)
{
	static const struct step src[] = {
		{ "UID FETCH 1:3 ",
		  "* 1 FETCH (UID 1 BODY[] {1}\r\na)\r\n* 2 FETCH (UID 2 BODY[] {1}\r\nb)\r\n"
		  "* 3 FETCH (UID 3 BODY[] {1}\r\nc)\r\n% OK\r\n",
		  false, false },
		{ "UID FETCH 1 ", "* 1 FETCH (UID 1 BODY[] {1}\r\na)\r\n% OK\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	static const struct step dst[] = {
		{ "CAPABILITY", "* CAPABILITY IMAP4rev1 LITERAL+\r\n% OK\r\n", false, false },
		{ "($One)", "% NO [LIMIT] message refused by a filter\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct err e;
	(void)state;
	world_open(&w, src, dst);
	add_message(&w, 1, "$One");
	add_message(&w, 2, "$Two");
	add_message(&w, 3, "$Three");
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	assert_heard(&w.said_dst, "($Two)");
	assert_heard(&w.said_dst, "($Three)");
	assert_heard(&w.said_dst, "()");
	assert_false(w.box.no_keywords);
	assert_waits(&w, 1, "", "$One");
	assert_flags(&w, 2, "$Two", NULL);
	assert_flags(&w, 3, "$Three", NULL);
	for (uint32_t uid = 2; uid <= 3; uid++)
		assert_int_equal(row_of(&w, uid).state, LEDGER_DONE);
	world_close(&w);
}

/* Three in a row: no further one is tried with them. */
static void test_a_target_that_takes_no_keywords(void **state)
{
	static const struct step src[] = {
		{ "UID FETCH 1:3 ",
		  "* 1 FETCH (UID 1 BODY[] {1}\r\na)\r\n* 2 FETCH (UID 2 BODY[] {1}\r\nb)\r\n"
		  "* 3 FETCH (UID 3 BODY[] {1}\r\nc)\r\n% OK\r\n",
		  false, false },
		{ "UID FETCH 1:3 ",
		  "* 1 FETCH (UID 1 BODY[] {1}\r\na)\r\n* 2 FETCH (UID 2 BODY[] {1}\r\nb)\r\n"
		  "* 3 FETCH (UID 3 BODY[] {1}\r\nc)\r\n% OK\r\n",
		  false, false },
		{ NULL, NULL, false, false },
	};
	static const struct step dst[] = {
		{ "CAPABILITY", "* CAPABILITY IMAP4rev1 LITERAL+\r\n% OK\r\n", false, false },
		{ "($X)", "% BAD Command Argument Error. 11\r\n", false, false },
		{ "($X)", "% BAD Command Argument Error. 11\r\n", false, false },
		{ "($X)", "% BAD Command Argument Error. 11\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct err e;
	(void)state;
	world_open(&w, src, dst);
	for (uint32_t uid = 1; uid <= 3; uid++)
		add_message(&w, uid, "$X");
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	assert_true(w.box.no_keywords);
	for (uint32_t uid = 1; uid <= 3; uid++)
		assert_waits(&w, uid, "", "$X");
	world_close(&w);
}

static void test_refused_keywords_wait(void **state)
{
	static const struct step src[] = {
		{ "UID FETCH 1 ", "* 1 FETCH (UID 1 FLAGS ($X \\Seen) BODY[] {1}\r\na)\r\n% OK\r\n",
		  false, false },
		{ "UID FETCH 1 ", "* 1 FETCH (UID 1 FLAGS ($X \\Seen) BODY[] {1}\r\na)\r\n% OK\r\n",
		  false, false },
		{ NULL, NULL, false, false },
	};
	static const struct step dst[] = {
		{ "CAPABILITY", "* CAPABILITY IMAP4rev1 LITERAL+\r\n% OK\r\n", false, false },
		{ "APPEND", "% BAD Command Argument Error. 11\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct err e;
	(void)state;
	world_open(&w, src, dst);
	add_message(&w, 1, "$X \\Seen");
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	assert_heard(&w.said_dst, "($X \\Seen)");
	assert_heard(&w.said_dst, "(\\Seen)");
	assert_waits(&w, 1, "\\Seen", "$X \\Seen");
	assert_int_equal(w.box.counts.refused, 0);
	world_close(&w);
}

/* Cut in the middle of a body: the APPEND is never completed, the message may be looked
 * for, the one behind it was never sent. */
static void test_cut_source_pads_nothing(void **state)
{
	static const struct step src[] = {
		{ "UID FETCH", "* 1 FETCH (UID 1 BODY[] {100}\r\nhalf of", false, true },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct err e;
	(void)state;
	world_open(&w, src, capable);
	add_message(&w, 1, "");
	add_message(&w, 2, "");
	assert_int_equal(lane_run(&w.box, &w.folder, &e), -1);
	assert_int_equal(e.kind, ERR_RETRY);
	assert_int_equal(w.said_dst.len, 0); /* no whole command */
	assert_int_equal(row_of(&w, 1).state, LEDGER_IN_FLIGHT);
	assert_int_equal(row_of(&w, 1).tries, 1);
	assert_int_equal(row_of(&w, 2).state, LEDGER_NEW);
	world_close(&w);
}

static void test_throttling_names_a_time(void **state)
{
	static const struct step src[] = {
		{ "UID FETCH", BODY("1", "1", "{1}\r\na") "% OK\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	static const struct step dst[] = {
		{ "CAPABILITY", "* CAPABILITY IMAP4rev1 LITERAL+\r\n% OK\r\n", false, false },
		{ "APPEND",
		  "% NO Request is throttled. Suggested Backoff Time: 30000 milliseconds\r\n"
		  "* BYE Connection closed. 14\r\n",
		  false, true },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct err e;
	(void)state;
	world_open(&w, src, dst);
	add_message(&w, 1, "");
	assert_int_equal(lane_run(&w.box, &w.folder, &e), -1);
	assert_int_equal(e.kind, ERR_WAIT);
	assert_int_equal(e.until_ms, clock_now_ms(&w.clock.clock) + 30000);
	assert_int_equal(row_of(&w, 1).state, LEDGER_IN_FLIGHT);
	world_close(&w);
}

static void test_missing_message_is_gone_or_named(void **state)
{
	static const struct step src[] = {
		{ "UID FETCH 1:2 ", "% OK\r\n", false, false }, /* brings neither */
		{ "UID FETCH 1 (UID FLAGS", "% OK\r\n", false, false },
		{ "UID FETCH 1 (UID)", "% OK\r\n", false, false }, /* not there */
		{ "UID FETCH 2 (UID FLAGS", "% OK\r\n", false, false },
		{ "UID FETCH 2 (UID)", "* 1 FETCH (UID 2)\r\n% OK\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct err e;
	(void)state;
	world_open(&w, src, capable);
	add_message(&w, 1, "");
	add_message(&w, 2, "");
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	assert_false(row_of(&w, 1).present);
	assert_int_equal(row_of(&w, 2).state, LEDGER_REFUSED);
	world_close(&w);
}

/* The UID stands behind the body (Exchange tells items in its own order). */
static void test_uid_behind_the_body(void **state)
{
	static const struct step src[] = {
		{ "UID FETCH 1:2 ", "* 1 FETCH (BODY[] {1}\r\na UID 1)\r\n% OK\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	static const struct step one[] = {
		{ "UID FETCH 1 ", "* 1 FETCH (BODY[] {1}\r\na UID 1)\r\n% OK\r\n", false, false },
		{ "UID FETCH 2 ", "* 2 FETCH (BODY[] {1}\r\nb UID 2)\r\n% OK\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct err e;
	(void)state;
	world_open(&w, src, capable);
	add_message(&w, 1, "");
	add_message(&w, 2, "");
	assert_int_equal(lane_run(&w.box, &w.folder, &e), -1);
	assert_int_equal(e.kind, ERR_RETRY);
	assert_true(w.box.fetch_single);
	session_free(w.box.src);
	session_free(w.box.dst);
	w.box.src = session_of(&w, one, &w.said_src);
	w.box.dst = session_of(&w, capable, &w.said_dst);
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	assert_int_equal(row_of(&w, 1).state, LEDGER_DONE);
	assert_int_equal(row_of(&w, 2).state, LEDGER_DONE);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies_and_records),
		cmocka_unit_test(test_an_empty_body_is_no_message),
		cmocka_unit_test(test_refused_message_is_an_item),
		cmocka_unit_test(test_refused_keywords_wait),
		cmocka_unit_test(test_one_refusal_takes_keywords_from_one_message),
		cmocka_unit_test(test_a_target_that_takes_no_keywords),
		cmocka_unit_test(test_refused_keyword_behind_a_system_flag_waits),
		cmocka_unit_test(test_cut_source_pads_nothing),
		cmocka_unit_test(test_throttling_names_a_time),
		cmocka_unit_test(test_missing_message_is_gone_or_named),
		cmocka_unit_test(test_uid_behind_the_body),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
