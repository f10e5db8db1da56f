#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "migrate/lane.h"
#include "world.h"

#define BODY(uid, text) "* " uid " FETCH (UID " uid " FLAGS () BODY[] " text ")\r\n"
#define OFFERS(more)                                                                               \
	{                                                                                          \
		"CAPABILITY", "* CAPABILITY IMAP4rev1 UIDPLUS MULTIAPPEND" more "\r\n% OK\r\n",    \
			false, false                                                               \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, NULL, false, false                                                           \
	}
#define FIVE                                                                                       \
	BODY("1", "{2}\r\naa")                                                                     \
	BODY("2", "{3}\r\nbbb") BODY("3", "{4}\r\ncccc") BODY("4", "\"dd\"") BODY("5", "{1}\r\ne")

/* Gives all five as often as it is asked, in one FETCH or in several. */
static const struct step five[] = {
	{ "UID FETCH 1:5 ", FIVE "% OK\r\n", false, false },
	{ "UID FETCH 1:5 ", FIVE "% OK\r\n", false, false },
	{ "UID FETCH 1:5 ", FIVE "% OK\r\n", false, false },
	END,
};

/* Nothing of a refused group was stored, as RFC 3502 wants it. */
#define NOTHING_NEW                                                                                \
	{                                                                                          \
		"STATUS", "* STATUS INBOX (UIDNEXT 100)\r\n% OK\r\n", false, false                 \
	}

static void open_five(struct world *w, const struct step *src, const struct step *dst)
{
	world_open(w, src, dst);
	for (uint32_t uid = 1; uid <= 5; uid++)
		add_message(w, uid, "");
}

static size_t count(const struct buf *heard, const char *words)
{
	size_t n = 0;
	for (const char *at = heard->at; (at = strstr(at, words)) != NULL; at++)
		n++;
	return n;
}

static void test_many_messages_in_one_append(void **state)
{
	static const struct step dst[] = {
		OFFERS(" LITERAL+"),
		{ "APPEND", "% OK [APPENDUID 42 100:102,107,110] done\r\n", false, false },
		END,
	};
	static const uint32_t places[] = { 100, 101, 102, 107, 110 };
	struct world w;
	struct err e;
	unsigned char sha[SHA256_LEN];
	(void)state;
	open_five(&w, five, dst);
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	assert_int_equal(count(&w.said_dst, "APPEND"), 1);
	assert_heard(&w.said_dst, "{2+}<2> () \"17-Jul-1996 02:44:25 -0700\" {3+}<3> () ");
	for (uint32_t uid = 1; uid <= 5; uid++) {
		assert_int_equal(row_of(&w, uid).state, LEDGER_DONE);
		assert_int_equal(row_of(&w, uid).dst_uid, places[uid - 1]);
	}
	sha256_of(SLICE_LIT("bbb\r\n"), sha);
	struct ledger_message two = row_of(&w, 2);
	assert_memory_equal(two.sha, sha, SHA256_LEN);
	assert_int_equal(w.box.counts.copied, 5);
	world_close(&w);
}

/* The source may give them in any order: a place belongs to the message that was said there. */
static void test_places_follow_the_order_of_saying(void **state)
{
	static const struct step src[] = {
		{ "UID FETCH 1:3 ",
		  BODY("3", "{1}\r\nc") BODY("1", "{1}\r\na") BODY("2", "{1}\r\nb") "% OK\r\n",
		  false, false },
		END,
	};
	static const struct step dst[] = {
		OFFERS(" LITERAL+"),
		{ "APPEND", "% OK [APPENDUID 42 7:9] done\r\n", false, false },
		END,
	};
	struct world w;
	struct err e;
	(void)state;
	world_open(&w, src, dst);
	for (uint32_t uid = 1; uid <= 3; uid++)
		add_message(&w, uid, "");
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	assert_int_equal(row_of(&w, 3).dst_uid, 7);
	assert_int_equal(row_of(&w, 1).dst_uid, 8);
	assert_int_equal(row_of(&w, 2).dst_uid, 9);
	world_close(&w);
}

/* A set that does not count as many as were said tells nothing, nor does none. */
static void test_unbelievable_sets_leave_the_places_open(void **state)
{
	static const char *const answers[] = {
		"% OK [APPENDUID 42 100:103] too few\r\n",
		"% OK [APPENDUID 42 100:105] too many\r\n",
		"% OK [APPENDUID 42 1:4294967295] all\r\n",
		"% OK [APPENDUID 42 100:103,*] star\r\n",
		"% OK [APPENDUID 42 100:103,x] no set\r\n",
		"% OK [APPENDUID 41 100:104] not ours\r\n",
		"% OK no places\r\n",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct step dst[] = { OFFERS(" LITERAL+"),
					    { "APPEND", answers[i], false, false },
					    END };
		struct world w;
		struct err e;
		open_five(&w, five, dst);
		assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
		for (uint32_t uid = 1; uid <= 5; uid++) {
			assert_int_equal(row_of(&w, uid).state, LEDGER_DONE);
			assert_int_equal(row_of(&w, uid).dst_uid, 0);
		}
		world_close(&w);
	}
}

/* All are tried again, in smaller groups; alone, the one that is not wanted has a name. */
static void test_refused_group_names_one_message(void **state)
{
	static const struct step dst[] = {
		OFFERS(" LITERAL+"),
		{ "<2> () \"17-Jul-1996 02:44:25 -0700\" {3+}<3>", "% NO not these\r\n", false,
		  false },
		{ "{4+}<4>", "% NO not this one\r\n", false, false },
		NOTHING_NEW,
		END,
	};
	struct world w;
	struct err e;
	(void)state;
	open_five(&w, five, dst);
	w.box.group_max = 5; /* an eighth of it is one */
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	assert_int_equal(count(&w.said_dst, "APPEND"), 1 + 5);
	for (uint32_t uid = 1; uid <= 5; uid++) {
		assert_int_equal(row_of(&w, uid).state, uid == 3 ? LEDGER_REFUSED : LEDGER_DONE);
		assert_int_equal(row_of(&w, uid).tries,
				 0); /* nobody is to blame for a connection */
	}
	assert_int_equal(w.box.counts.refused, 1);
	assert_int_equal(w.box.counts.copied, 4);
	world_close(&w);
}

/* A target that stores what goes before the one that it refuses, or does not tell whether: all are
 * looked for, and none is said in a group any more. */
static void test_a_part_may_be_there(void **state)
{
	static const char *const answers[] = { "* STATUS INBOX (UIDNEXT 101)\r\n% OK\r\n",
					       "* STATUS INBOX (MESSAGES 7)\r\n% OK\r\n",
					       "% NO not now\r\n" };
	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct step dst[] = { OFFERS(" LITERAL+"),
					    { "APPEND", "% NO not these\r\n", false, false },
					    { "STATUS", answers[i], false, false },
					    END };
		struct world w;
		struct err e;
		open_five(&w, five, dst);
		assert_int_equal(lane_run(&w.box, &w.folder, &e), -1);
		assert_int_equal(e.kind, ERR_RETRY);
		assert_true(w.box.no_groups);
		for (uint32_t uid = 1; uid <= 5; uid++) {
			assert_int_equal(row_of(&w, uid).state, LEDGER_IN_FLIGHT);
			assert_int_equal(row_of(&w, uid).tries, 0);
		}
		world_close(&w);
	}
}

/* A server that was killed while it stored a group refuses the group when it is said again, and
 * finds the messages of the first time when it mends its index: a later group lies behind them. */
static void test_a_gap_may_be_what_was_refused(void **state)
{
	static const struct step dst[] = {
		OFFERS(" LITERAL+"),
		{ "APPEND", "% NO [SERVERBUG] not these\r\n", false, false },
		{ "APPEND", "% OK [APPENDUID 42 102:103] done\r\n", false, false },
		{ "APPEND", "% OK [APPENDUID 42 104] done\r\n", false, false },
		{ "STATUS", "* STATUS INBOX (UIDNEXT 105)\r\n% OK\r\n", false, false },
		END,
	};
	struct world w;
	struct err e;
	(void)state;
	open_five(&w, five, dst);
	w.box.group_max = 2;
	assert_int_equal(lane_run(&w.box, &w.folder, &e), -1);
	assert_int_equal(e.kind, ERR_RETRY);
	assert_true(w.box.no_groups);
	assert_int_equal(count(&w.said_dst, "APPEND"), 3);
	for (uint32_t uid = 1; uid <= 5; uid++)
		assert_int_equal(row_of(&w, uid).state, uid <= 2 ? LEDGER_IN_FLIGHT : LEDGER_DONE);
	world_close(&w);
}

/* What was refused by an earlier pass spoils no group of this one. */
static void test_refused_before_travels_alone(void **state)
{
	static const struct step dst[] = {
		OFFERS(" LITERAL+"),
		{ "{3+}<3>", "% NO still not this one\r\n", false, false },
		END,
	};
	const struct ledger_message two = { .uid = 2, .size = 3, .reason = "no" };
	struct world w;
	struct err e;
	(void)state;
	open_five(&w, five, dst);
	assert_int_equal(ledger_set_refused(w.store, w.folder.row.id, 0, &two, &e), 0);
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	assert_int_equal(count(&w.said_dst, "APPEND"), 3);
	assert_int_equal(row_of(&w, 1).state, LEDGER_DONE);
	assert_int_equal(row_of(&w, 2).state, LEDGER_REFUSED);
	assert_int_equal(row_of(&w, 5).state, LEDGER_DONE);
	world_close(&w);
}

/* NO in place of "+": what stands behind it in the group is not said, and the next command is
 * whole. */
static void test_refused_at_a_literal(void **state)
{
	static const struct step dst[] = {
		OFFERS(""),
		{ "{4}", "% NO [TOOBIG] too big for us\r\n", true, false },
		{ "{4}", "% NO [TOOBIG] too big for us\r\n", true, false },
		NOTHING_NEW,
		END,
	};
	struct world w;
	struct err e;
	(void)state;
	open_five(&w, five, dst);
	w.box.group_max = 5;
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	for (uint32_t uid = 1; uid <= 5; uid++)
		assert_int_equal(row_of(&w, uid).state, uid == 3 ? LEDGER_REFUSED : LEDGER_DONE);
	assert_heard(&w.said_dst, "{1}<1>\n");
	world_close(&w);
}

/* LITERAL- (RFC 7888 §5): the long one is asked for, the short ones are not. */
static void test_literal_minus_in_a_group(void **state)
{
	static char long_body[5000];
	static struct step src[] = { { "UID FETCH 1:3 ", long_body, false, false }, END };
	static const struct step dst[] = {
		OFFERS(" LITERAL-"),
		{ "APPEND", "% OK [APPENDUID 42 7:9] done\r\n", false, false },
		END,
	};
	struct world w;
	struct err e;
	(void)state;
	(void)snprintf(long_body, sizeof(long_body),
		       BODY("1", "{1}\r\na") BODY("2", "{4500}\r\n%04500d")
			       BODY("3", "{1}\r\nb") "%% OK\r\n",
		       0);
	world_open(&w, src, dst);
	for (uint32_t uid = 1; uid <= 3; uid++)
		add_message(&w, uid, "");
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	assert_heard(&w.said_dst, "{1+}<1> () \"17-Jul-1996 02:44:25 -0700\" {4500}<4500> () ");
	assert_int_equal(row_of(&w, 3).dst_uid, 9);
	world_close(&w);
}

/* Nobody knows what a target did with a group that it did not answer: all of it is looked for,
 * and no single message is to blame yet. */
static void test_cut_in_the_middle_of_a_group(void **state)
{
	static const struct step dst[] = { OFFERS(" LITERAL+"),
					   { "APPEND", NULL, false, false },
					   END };
	struct world w;
	struct err e;
	(void)state;
	open_five(&w, five, dst);
	assert_int_equal(lane_run(&w.box, &w.folder, &e), -1);
	assert_int_equal(e.kind, ERR_RETRY);
	for (uint32_t uid = 1; uid <= 5; uid++) {
		assert_int_equal(row_of(&w, uid).state, LEDGER_IN_FLIGHT);
		assert_int_equal(row_of(&w, uid).tries, 0);
	}
	assert_int_equal(w.box.group_max, 12);
	world_close(&w);
}

/* A target that takes no groups in spite of its word gets single messages. */
static void test_groups_are_given_up(void **state)
{
	static struct step src[41];
	static struct step dst[8] = { OFFERS(" LITERAL+") };
	static char bodies[8192];
	struct world w;
	struct err e;
	size_t at = 0;
	(void)state;
	for (unsigned uid = 1; uid <= 40; uid++)
		at += (size_t)snprintf(bodies + at, sizeof(bodies) - at, BODY("%u", "{1}\r\na"),
				       uid, uid);
	(void)snprintf(bodies + at, sizeof(bodies) - at, "%% OK\r\n");
	for (size_t i = 0; i < 4; i++) {
		src[i] = (struct step){ "UID FETCH 1:40 ", bodies, false, false };
		dst[i + 1] = (struct step){ "<1> () ", "% BAD one at a time\r\n", false, false };
	}
	dst[5] = (struct step)NOTHING_NEW;
	world_open(&w, src, dst);
	for (uint32_t uid = 1; uid <= 40; uid++)
		add_message(&w, uid, "");
	w.box.group_max = 12; /* 12, 12, 12 and 4; an eighth of twelve is one */
	assert_int_equal(lane_run(&w.box, &w.folder, &e), 0);
	assert_int_equal(w.box.group_max, 1);
	assert_int_equal(w.box.counts.copied, 40);
	assert_int_equal(w.box.counts.refused, 0);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_messages_in_one_append),
		cmocka_unit_test(test_places_follow_the_order_of_saying),
		cmocka_unit_test(test_unbelievable_sets_leave_the_places_open),
		cmocka_unit_test(test_refused_group_names_one_message),
		cmocka_unit_test(test_a_part_may_be_there),
		cmocka_unit_test(test_a_gap_may_be_what_was_refused),
		cmocka_unit_test(test_refused_before_travels_alone),
		cmocka_unit_test(test_refused_at_a_literal),
		cmocka_unit_test(test_literal_minus_in_a_group),
		cmocka_unit_test(test_cut_in_the_middle_of_a_group),
		cmocka_unit_test(test_groups_are_given_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
