#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "migrate/lane.h"
#include "migrate/report.h"
#include "scripted.h"

/* A lane between two scripted servers and a ledger of its own. */
struct world {
	char dir[64];
	struct store *store;
	struct fake_clock clock;
	struct seeded_rng rng;
	struct migrate_opts opts;
	struct migrate_mailbox mailbox;
	struct reporter reporter;
	struct box box;
	struct box_folder folder;
	struct buf said_src, said_dst;
};

static const struct step capable[] = {
	{ "CAPABILITY", "* CAPABILITY IMAP4rev1 UIDPLUS LITERAL+\r\n% OK\r\n", false, false },
	{ NULL, NULL, false, false },
};

static struct session *session_of(struct world *w, const struct step *steps, struct buf *heard)
{
	struct session *s;
	struct err e;
	const struct conn_env env = { &w->clock.clock, NULL, 1000 };
	assert_int_equal(session_on(scripted(steps, heard), &env, &s, &e), 0);
	buf_clear(heard);
	return s;
}

static void add_message(struct world *w, uint32_t uid, const char *flags)
{
	struct err e;
	const struct ledger_message m = {
		.uid = uid, .size = 10, .date = "17-Jul-1996 02:44:25 -0700", .flags = flags
	};
	assert_int_equal(ledger_add(w->store, w->folder.row.id, &m, &e), 0);
}

static void world_open(struct world *w, const struct step *src, const struct step *dst)
{
	struct err e;
	memset(w, 0, sizeof(*w));
	str_copy(w->dir, sizeof(w->dir), "/tmp/cutover-lane-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	assert_int_equal(store_open(&(struct store_opts){ .dir = w->dir }, &w->store, &e), 0);
	assert_int_equal(ledger_prepare(w->store, &e), 0);
	fake_clock_init(&w->clock, 1000000);
	seeded_rng_init(&w->rng, 1);
	w->opts = (struct migrate_opts){
		.clock = &w->clock.clock, .rng = &w->rng.rng, .store = w->store, .timeout_ms = 1000
	};
	w->mailbox.address = "a@treyresearch.com";
	w->box = (struct box){ .opts = &w->opts, .mailbox = &w->mailbox };
	w->box.reporter = &w->reporter;
	assert_int_equal(ledger_pass_begin(w->store, w->mailbox.address, 1, &w->box.row, &e), 0);
	w->folder.row.src_name = w->folder.row.dst_name = w->folder.row.shown = "INBOX";
	w->folder.row.dst_uidvalidity = 42;
	assert_int_equal(ledger_folder_put(w->store, w->box.row.id, &w->folder.row, &e), 0);
	w->folder.dst_open.uidnext = 100;
	buf_init(&w->said_src);
	buf_init(&w->said_dst);
	w->box.src = session_of(w, src, &w->said_src);
	w->box.dst = session_of(w, dst, &w->said_dst);
}

static void world_close(struct world *w)
{
	char command[128];
	session_free(w->box.src);
	session_free(w->box.dst);
	store_close(w->store);
	buf_release(&w->said_src);
	buf_release(&w->said_dst);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", w->dir);
	assert_int_equal(system(command), 0);
}

static struct ledger_message row_of(struct world *w, uint32_t uid)
{
	const struct ledger_message *m;
	struct ledger_message found = { .uid = 0 };
	struct err e;
	struct ledger_cursor *c = ledger_cursor_new(w->store, w->folder.row.id, 1, LEDGER_ALL);
	while (ledger_cursor_next(c, &m, &e) == 1)
		if (m->uid == uid)
			found = *m;
	found.date = found.flags = found.new_flags = NULL; /* the cursor's */
	found.reason = found.reason != NULL ? "some" : NULL;
	ledger_cursor_free(c);
	return found;
}

static void assert_heard(const struct buf *heard, const char *words)
{
	if (strstr(heard->at, words) == NULL)
		fail_msg("'%s' was not said, but: %s", words, heard->at);
}

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
	add_message(&w, 6, "");
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

static void test_refused_keywords_are_lost_by_name(void **state)
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
	assert_int_equal(row_of(&w, 1).state, LEDGER_DONE);
	assert_non_null(row_of(&w, 1).reason);
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
		cmocka_unit_test(test_refused_message_is_an_item),
		cmocka_unit_test(test_refused_keywords_are_lost_by_name),
		cmocka_unit_test(test_cut_source_pads_nothing),
		cmocka_unit_test(test_throttling_names_a_time),
		cmocka_unit_test(test_missing_message_is_gone_or_named),
		cmocka_unit_test(test_uid_behind_the_body),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
