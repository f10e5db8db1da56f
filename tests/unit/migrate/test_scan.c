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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_mail_is_dated_by_the_scan),
		cmocka_unit_test(test_mail_comes_while_it_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
