#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "migrate/scan.h"
#include "world.h"

#define SEEN(n) "* " n " FETCH (UID " n " FLAGS () INTERNALDATE \"d\" RFC822.SIZE 1)\r\n"

/* As folder.c does it, behind an EXAMINE that told `exists`. */
static int scan(struct world *w, int64_t exists, struct err *e)
{
	static const struct listed listed = { .messages = -1, .modseq = -1 };
	struct scan s;
	w->folder.src = &listed;
	w->folder.src_open.exists = exists;
	scan_send(&w->box, &w->folder, &s);
	return scan_run(&w->box, &w->folder, &s, e);
}

static int64_t last_new(struct world *w)
{
	struct ledger_mailbox m;
	struct err e;
	assert_int_equal(ledger_mailbox_get(w->store, w->mailbox.address, &m, &e), 1);
	return m.last_new_ms;
}

/* Known when the scan is over, whatever happens to the pass then. */
static void test_new_mail_is_dated_by_the_scan(void **state)
{
	static const struct step src[] = {
		{ "UID FETCH", SEEN("1") SEEN("2") "% OK\r\n", false, false },
		{ "UID SEARCH", "* SEARCH 1 2\r\n% OK\r\n", false, false },
		{ "UID FETCH", SEEN("1") SEEN("2") "% OK\r\n", false, false },
		{ "UID SEARCH", "* SEARCH 1 2\r\n% OK\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	struct world w;
	struct err e;
	(void)state;
	world_open(&w, src, capable);
	assert_int_equal(scan(&w, 2, &e), 0);
	int64_t at = clock_now_ms(&w.clock.clock);
	assert_int_equal(last_new(&w), at);
	w.clock.at_ms += 5000;
	assert_int_equal(scan(&w, 2, &e), 0); /* nothing new in it */
	assert_int_equal(last_new(&w), at);
	world_close(&w);
}

/* Mail that comes, or goes, while the folder is read: the second reading counts right. */
static void expect_agreement(const struct step *src, int64_t exists, int64_t n)
{
	struct world w;
	struct err e;
	world_open(&w, src, capable);
	assert_int_equal(scan(&w, exists, &e), 0);
	assert_int_equal(w.folder.row.count_exists, n);
	assert_int_equal(w.folder.row.count_search, n);
	assert_int_equal(w.folder.row.count_fetch, n);
	assert_int_equal(w.folder.row.count_status, n);
	world_close(&w);
}

static void test_mail_comes_while_it_is_read(void **state)
{
	static const struct step comes[] = {
		{ "UID FETCH", SEEN("1") "* 2 EXISTS\r\n% OK\r\n", false, false },
		{ "UID SEARCH", "* SEARCH 1 2\r\n% OK\r\n", false, false },
		{ "STATUS", "* STATUS INBOX (MESSAGES 2)\r\n% OK\r\n", false, false },
		{ "UID FETCH", SEEN("1") SEEN("2") "% OK\r\n", false, false },
		{ "UID SEARCH", "* SEARCH 1 2\r\n% OK\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	static const struct step goes[] = {
		{ "UID FETCH", SEEN("1") SEEN("2") SEEN("3") "* 2 EXPUNGE\r\n% OK\r\n", false,
		  false },
		{ "UID SEARCH", "* SEARCH 1 3\r\n% OK\r\n", false, false },
		{ "STATUS", "* 1 EXPUNGE\r\n* STATUS INBOX (MESSAGES 1)\r\n% OK\r\n", false,
		  false },
		{ "UID FETCH", SEEN("3") "% OK\r\n", false, false },
		{ "UID SEARCH", "* SEARCH 3\r\n% OK\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	(void)state;
	expect_agreement(comes, 1, 2);
	expect_agreement(goes, 3, 1);
}

/* -- what changed since, and what is gone -- */

/* UIDs 1 to 5 are known, as of MODSEQ 5 of UIDVALIDITY 7. */
struct since {
	const struct step *src;
	int64_t listed_modseq; /* 0: 9 */
	int64_t opened_modseq; /* as session_folder has it; 0: 9 */
	bool no_modseq;
	bool no_qresync;
};

static struct world *known(const struct since *since, int64_t exists)
{
	static struct listed listed;
	struct world *w = mem_alloc(sizeof(*w));
	struct err e;
	struct scan s;
	world_open(w, since->src, capable);
	for (uint32_t uid = 1; uid <= 5; uid++)
		add_message(w, uid, "");
	listed = (struct listed){ .messages = -1, .uidvalidity = 7, .modseq = 9 };
	if (since->listed_modseq != 0)
		listed.modseq = since->listed_modseq;
	w->folder.row.src_uidvalidity = 7;
	w->folder.row.src_modseq = 5;
	w->folder.src = &listed;
	w->folder.src_open = (struct session_folder){ .exists = exists, .modseq = 9 };
	if (since->opened_modseq != 0 || since->no_modseq)
		w->folder.src_open.modseq = since->opened_modseq;
	w->box.src->caps |= CAP_CONDSTORE;
	w->box.src->qresync = !since->no_qresync;
	scan_send(&w->box, &w->folder, &s);
	assert_int_equal(scan_run(&w->box, &w->folder, &s, &e), 0);
	return w;
}

/* The digits of the UIDs that the ledger has at the source. */
static void assert_present(struct world *w, const char *digits)
{
	for (uint32_t uid = 1; uid <= 6; uid++)
		assert_int_equal(row_of(w, uid).present,
				 strchr(digits, (int)('0' + uid)) != NULL ? 1 : 0);
}

static void assert_listed_whole(struct world *w, bool whole)
{
	assert_int_equal(strstr(w->said_src.at, "STATUS") != NULL, whole);
	assert_int_equal(w->folder.row.count_fetch, w->folder.row.count_exists);
	assert_int_equal(w->folder.row.count_fetch, w->folder.row.count_search);
}

static void end_known(struct world *w)
{
	world_close(w);
	free(w);
}

#define CHANGES(answer)                                                                            \
	{                                                                                          \
		"CHANGEDSINCE 5 VANISHED", answer, false, false                                    \
	}
#define FOUND(numbers)                                                                             \
	{                                                                                          \
		"UID SEARCH", "* SEARCH " numbers "\r\n% OK\r\n", false, false                     \
	}
/* The listing as a whole that follows when nothing else explains the counts. */
#define WHOLE(n, seen)                                                                             \
	{ "STATUS", "* STATUS INBOX (MESSAGES " n ")\r\n% OK\r\n", false, false },                 \
	{                                                                                          \
		"UID FETCH 1:* ", seen "% OK\r\n", false, false                                    \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, NULL, false, false                                                           \
	}
#define ALL_FIVE SEEN("1") SEEN("2") SEEN("3") SEEN("4") SEEN("5")

static void test_what_vanished_is_told_with_what_changed(void **state)
{
	static const struct step src[] = {
		CHANGES("* VANISHED (EARLIER) 2,4:5,9:4294967295\r\n" SEEN("6") "% OK\r\n"),
		FOUND("1 3 6"), END
	};
	(void)state;
	struct world *w = known(&(struct since){ .src = src }, 3);
	assert_listed_whole(w, false);
	assert_present(w, "136");
	assert_heard(&w->said_src, "UID FETCH 1:4294967295 ");
	end_known(w);
}

/* One goes while the folder is read: no EXPUNGE comes any more. */
static void test_what_vanishes_meanwhile(void **state)
{
	static const struct step src[] = { CHANGES("* VANISHED 2\r\n% OK\r\n"), FOUND("1 3 4 5"),
					   END };
	(void)state;
	struct world *w = known(&(struct since){ .src = src }, 5);
	assert_listed_whole(w, false);
	assert_int_equal(w->folder.row.count_exists, 4);
	assert_present(w, "1345");
	end_known(w);
}

/* Whoever asks for the next changes is not told these again: they count in whatever order they
 * come, also behind a FETCH that nobody asked for. */
static void test_changes_in_any_order(void **state)
{
#define FLAGS(uid, flags) "* 1 FETCH (UID " uid " FLAGS (" flags ") MODSEQ (8))\r\n"
	static const struct step src[] = {
		CHANGES(FLAGS("5", "\\Seen") FLAGS("2", "\\Flagged") SEEN("6") FLAGS("4", "\\Seen")
				FLAGS("6", "\\Seen") FLAGS("2", "\\Seen") "% OK\r\n"),
		{ "UID SEARCH", FLAGS("3", "\\Seen") "* SEARCH 1 2 3 4 5 6\r\n% OK\r\n", false,
		  false },
		END
	};
	struct arena *a = arena_new();
	struct err e;
	(void)state;
	struct world *w = known(&(struct since){ .src = src }, 6);
	assert_listed_whole(w, false);
	for (uint32_t uid = 1; uid <= 6; uid++) {
		struct ledger_message m = { .uid = uid };
		assert_int_equal(ledger_message_get(w->store, a, w->folder.row.id, &m, &e), 1);
		assert_string_equal(m.flags, uid > 1 ? "\\Seen" : "");
		assert_true(m.present);
	}
	end_known(w);
	arena_free(a);
}

/* A server that says that all is gone, and counts five: they are there. */
static void test_a_lie_about_what_vanished(void **state)
{
	static const struct step src[] = { CHANGES("* VANISHED (EARLIER) 1:4294967295\r\n% OK\r\n"),
					   FOUND("1 2 3 4 5"), WHOLE("5", ALL_FIVE),
					   FOUND("1 2 3 4 5"), END };
	(void)state;
	struct world *w = known(&(struct since){ .src = src }, 5);
	assert_listed_whole(w, true);
	assert_present(w, "12345");
	end_known(w);
}

/* Sets that fall, or that are none, are not believed, though the counts would agree. */
static void test_sets_that_no_server_means(void **state)
{
	static const char *const sets[] = {
		"4,2", "2,2,4", "2,4,x", "2:4,3", "0", "2,4,4294967296"
	};
	(void)state;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		char answer[128];
		(void)snprintf(answer, sizeof(answer), "* VANISHED (EARLIER) %s\r\n%% OK\r\n",
			       sets[i]);
		const struct step src[] = { CHANGES(answer), FOUND("1 3 5"),
					    WHOLE("3", SEEN("1") SEEN("3") SEEN("5")),
					    FOUND("1 3 5"), END };
		struct world *w = known(&(struct since){ .src = src }, 3);
		assert_listed_whole(w, true);
		assert_present(w, "135");
		end_known(w);
	}
}

/* Ranges told again and again would cost the rows each time. */
static void test_a_flood_of_ranges_is_not_walked(void **state)
{
	struct buf answer;
	(void)state;
	buf_init(&answer);
	for (int i = 0; i < 20000; i++)
		buf_adds(&answer, i % 2 == 0 ? "* VANISHED 1:4294967295\r\n" : "* 5 EXISTS\r\n");
	buf_adds(&answer, "* 5 EXISTS\r\n% OK\r\n");
	const struct step src[] = { CHANGES(answer.at), FOUND("1 2 3 4 5"), WHOLE("5", ALL_FIVE),
				    FOUND("1 2 3 4 5"), END };
	struct world *w = known(&(struct since){ .src = src }, 5);
	assert_listed_whole(w, true);
	assert_present(w, "12345");
	end_known(w);
	buf_release(&answer);
}

/* RFC 7162 §3.1.2.2: a folder without MODSEQ refuses the question. */
static void test_a_folder_that_counts_no_changes(void **state)
{
	static const struct step refuses[] = { CHANGES("% BAD no CHANGEDSINCE here\r\n"),
					       FOUND("1 2 3 4 5"), WHOLE("5", ALL_FIVE),
					       FOUND("1 2 3 4 5"), END };
	static const struct step silent[] = { CHANGES("% OK\r\n"), FOUND("1 2 3 4 5"),
					      WHOLE("5", ALL_FIVE), FOUND("1 2 3 4 5"), END };
	const struct since cases[] = { { .src = refuses },
				       { .src = silent, .no_modseq = true },
				       { .src = silent, .opened_modseq = 4 } };
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *w = known(&cases[i], 5);
		assert_listed_whole(w, true);
		assert_present(w, "12345");
		end_known(w);
	}
}

/* An index that was rebuilt counts from the beginning: what it says changed since is nothing. */
static void test_a_count_that_began_anew_is_not_asked(void **state)
{
	static const struct step src[] = { { "UID FETCH 1:* ", ALL_FIVE "% OK\r\n", false, false },
					   FOUND("1 2 3 4 5"),
					   END };
	(void)state;
	struct world *w = known(&(struct since){ .src = src, .listed_modseq = 4 }, 5);
	assert_null(strstr(w->said_src.at, "CHANGEDSINCE"));
	assert_listed_whole(w, false);
	end_known(w);
}

/* CONDSTORE alone says nothing of what is gone: the counts do. */
static void test_without_qresync_the_counts_tell(void **state)
{
	static const struct step src[] = { { "(CHANGEDSINCE 5)", "% OK\r\n", false, false },
					   FOUND("1 3"),
					   WHOLE("2", SEEN("1") SEEN("3")),
					   FOUND("1 3"),
					   END };
	(void)state;
	struct world *w = known(&(struct since){ .src = src, .no_qresync = true }, 2);
	assert_listed_whole(w, true);
	assert_present(w, "13");
	end_known(w);
}

static bool enables(const char *capability, const char *enabled, bool reads_only)
{
	const struct step steps[] = { { "CAPABILITY", capability, false, false },
				      { "ENABLE", enabled, false, false },
				      END };
	struct fake_clock clock;
	struct session *s;
	struct buf heard;
	struct err e;
	fake_clock_init(&clock, 1000);
	buf_init(&heard);
	const struct conn_env env = { .clock = &clock.clock, .timeout_ms = 1000 };
	const struct session_start how = { .greeting = "", .reads_only = reads_only };
	assert_int_equal(session_begin(scripted(steps, &heard), &env, &how, &s, &e), 0);
	bool on = s->qresync;
	assert_true(!on || strstr(heard.at, "ENABLE QRESYNC") != NULL);
	session_free(s);
	buf_release(&heard);
	return on;
}

static void test_only_what_the_server_says_is_on(void **state)
{
	static const char offers[] = "* CAPABILITY IMAP4rev1 ENABLE QRESYNC\r\n% OK\r\n";
	static const char is_on[] = "* ENABLED QRESYNC\r\n% OK\r\n";
	(void)state;
	assert_true(enables(offers, is_on, true));
	assert_false(enables(offers, "* ENABLED\r\n% OK\r\n", true));
	assert_false(enables(offers, "% BAD what\r\n", true));
	assert_false(enables(offers, is_on, false)); /* where mail is appended nobody asks */
	assert_false(enables("* CAPABILITY IMAP4rev1 ENABLE CONDSTORE\r\n% OK\r\n", is_on, true));
	assert_false(enables("* CAPABILITY IMAP4rev1 ENABLE QRESYNC MESSAGELIMIT=100\r\n% OK\r\n",
			     is_on, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_mail_is_dated_by_the_scan),
		cmocka_unit_test(test_mail_comes_while_it_is_read),
		cmocka_unit_test(test_what_vanished_is_told_with_what_changed),
		cmocka_unit_test(test_what_vanishes_meanwhile),
		cmocka_unit_test(test_changes_in_any_order),
		cmocka_unit_test(test_a_lie_about_what_vanished),
		cmocka_unit_test(test_sets_that_no_server_means),
		cmocka_unit_test(test_a_flood_of_ranges_is_not_walked),
		cmocka_unit_test(test_a_folder_that_counts_no_changes),
		cmocka_unit_test(test_a_count_that_began_anew_is_not_asked),
		cmocka_unit_test(test_without_qresync_the_counts_tell),
		cmocka_unit_test(test_only_what_the_server_says_is_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
