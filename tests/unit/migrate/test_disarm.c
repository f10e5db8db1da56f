/*
 * Copies that are altered on wish, and found again: by the ledger, without it, after a session
 * that was cut off, and where somebody else had copied the original.
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

#define DATE "17-Jul-1996 02:44:25 -0700"
#define BODY "\r\nDisposition-Notification-To: not here\r\n"
#define ASKS                                                                                       \
	"Message-ID: <r1@src>\r\nDisposition-Notification-To: boss@nwtraders.com\r\n"              \
	"X-Confirm-Reading-To: boss@nwtraders.com\r\n" BODY
#define ASKS_NOT                                                                                   \
	"Message-ID: <r1@src>\r\nX-Was-Disposition-Notify-To: boss@nwtraders.com\r\n"              \
	"X-Was-Cfm-Reading-To: boss@nwtraders.com\r\n" BODY
#define ODD "Message-ID: <odd@src>\r\nReturn-Receipt-To: boss@nwtraders.com\r\n\r\nodd\nend\r\n"
#define MENDED                                                                                     \
	"Message-ID: <odd@src>\r\nX-Was-Ret-Rcpt-To: boss@nwtraders.com\r\n\r\nodd\r\nend\r\n"

static const struct imapd_habits plain;
static const struct migrate_repair disarm = { .read_receipts = true };

static void open_with(struct twins *t, const struct imapd_habits *dst)
{
	twins_open(t, &plain, dst);
	t->opts.repair = &disarm;
	twins_fill(&t->src.folders[0], 5);
	(void)imapd_put(&t->src.folders[0], "", DATE, ASKS);
	(void)imapd_put(&t->src.folders[0], "", DATE, ASKS);
	twins_fill(&t->src.folders[0], 5);
}

static void lose_ledger(struct twins *t)
{
	struct err e;
	store_close(t->store);
	assert_int_equal(store_open(&(struct store_opts){ .dir = NULL }, &t->store, &e), 0);
	t->opts.store = t->store;
}

/* Both copies of it, and none of the original. */
static void assert_disarmed(const struct twins *t)
{
	assert_int_equal(imapd_count(&t->dst.folders[0], ASKS_NOT), 2);
	assert_int_equal(imapd_count(&t->dst.folders[0], ASKS), 0);
	assert_int_equal(t->dst.folders[0].n, 12);
}

static struct migrate_verdict verify(struct twins *t)
{
	struct migrate_verdict v;
	struct err e = { .kind = ERR_NONE };
	if (migrate_verify(&t->opts, &t->mailbox, 1, &v, &e) != 0)
		fail_msg("%s", e.text);
	return v;
}

static void assert_verified(struct twins *t, uint64_t repaired)
{
	struct migrate_verdict v = verify(t);
	if (!v.verified)
		fail_msg("%s", v.err.text);
	assert_int_equal(v.compared, 12);
	assert_int_equal(v.repaired, repaired);
	assert_int_equal(v.missing + v.differing + v.doubled + v.altered, 0);
}

static void test_requests_are_disarmed_on_the_way(void **state)
{
	struct twins t;
	struct arena *a = arena_new();
	(void)state;
	open_with(&t, &plain);
	twins_synced(&t);
	assert_disarmed(&t);
	assert_verified(&t, 2);
	twins_synced(&t);
	assert_disarmed(&t);
	arena_free(a);
	twins_close(&t);
}

static void without_the_ledger(const struct imapd_habits *dst, const struct migrate_repair *wish)
{
	struct twins t;
	open_with(&t, dst);
	twins_synced(&t);
	lose_ledger(&t);
	t.opts.repair = wish;
	(void)imapd_put(&t.src.folders[0], "", DATE, "Message-ID: <new@src>\r\n\r\nnew\r\n");
	twins_synced(&t);
	assert_int_equal(t.result.counts.copied, 1);
	assert_int_equal(imapd_count(&t.dst.folders[0], ASKS_NOT), 2);
	assert_int_equal(t.dst.folders[0].n, 13);
	struct migrate_verdict v = verify(&t);
	assert_true(v.verified);
	assert_int_equal(v.repaired, 2);
	assert_int_equal(v.missing + v.doubled, 0);
	twins_close(&t);
}

static void test_they_are_found_again_without_the_ledger(void **state)
{
	static const struct imapd_habits no_uidplus = { .capability = "LITERAL+ NAMESPACE" };
	(void)state;
	without_the_ledger(&plain, &disarm);
	without_the_ledger(&no_uidplus, &disarm);
}

/* What an earlier run wished is not sent again for a later one that does not. */
static void test_they_are_found_again_without_the_wish(void **state)
{
	(void)state;
	without_the_ledger(&plain, NULL);
}

static void test_a_session_that_ends_doubles_none(void **state)
{
	static const char *const capabilities[] = { "UIDPLUS NAMESPACE",
						    "UIDPLUS LITERAL+ NAMESPACE",
						    "UIDPLUS LITERAL+ MULTIAPPEND", "LITERAL+" };
	(void)state;
	for (size_t c = 0; c < 4; c++) {
		for (unsigned at = 1; at <= 7; at += 3) {
			struct twins t;
			open_with(&t, &(struct imapd_habits){ .bye = BYE_AFTER_STORING,
							      .bye_at = at,
							      .capability = capabilities[c] });
			twins_synced(&t);
			assert_disarmed(&t);
			assert_verified(&t, 2);
			twins_close(&t);
		}
	}
}

/* It asks still: nothing that is at the target is altered, and nothing sent beside it. */
static void test_an_original_that_is_there_stays(void **state)
{
	struct twins t;
	(void)state;
	open_with(&t, &plain);
	(void)imapd_put(&t.dst.folders[0], "", DATE, ASKS);
	twins_synced(&t);
	assert_int_equal(imapd_count(&t.dst.folders[0], ASKS), 1);
	assert_int_equal(imapd_count(&t.dst.folders[0], ASKS_NOT), 1);
	assert_int_equal(t.dst.folders[0].n, 12);
	assert_verified(&t, 1);
	twins_close(&t);
}

static void test_a_new_uidvalidity_doubles_none(void **state)
{
	(void)state;
	for (int side = 0; side < 2; side++) {
		struct twins t;
		open_with(&t, &plain);
		twins_synced(&t);
		(side == 0 ? &t.src : &t.dst)->folders[0].uidvalidity += 7;
		twins_synced(&t);
		assert_disarmed(&t);
		assert_verified(&t, 2);
		twins_close(&t);
	}
}

/* A message that was refused and repaired, with its request, is there under that hash. */
static void test_a_repaired_message_is_found_again_without_the_ledger(void **state)
{
	static const struct migrate_repair wish = { .bare_lf = true, .read_receipts = true };
	struct twins t;
	char kept[96];
	(void)state;
	open_with(&t, &(struct imapd_habits){ .refused_words = "odd\nend" });
	(void)snprintf(kept, sizeof(kept), "%s/quarantine", t.dir);
	t.opts.quarantine_dir = kept;
	t.opts.repair = &wish;
	(void)imapd_put(&t.src.folders[0], "", DATE, ODD);
	twins_synced(&t);
	assert_int_equal(imapd_count(&t.dst.folders[0], MENDED), 1);
	lose_ledger(&t);
	twins_synced(&t);
	assert_int_equal(t.result.counts.copied, 0);
	assert_int_equal(t.dst.folders[0].n, 13);
	struct migrate_verdict v = verify(&t);
	assert_true(v.verified);
	assert_int_equal(v.repaired, 3);
	twins_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_are_disarmed_on_the_way),
		cmocka_unit_test(test_they_are_found_again_without_the_ledger),
		cmocka_unit_test(test_they_are_found_again_without_the_wish),
		cmocka_unit_test(test_a_session_that_ends_doubles_none),
		cmocka_unit_test(test_an_original_that_is_there_stays),
		cmocka_unit_test(test_a_new_uidvalidity_doubles_none),
		cmocka_unit_test(test_a_repaired_message_is_found_again_without_the_ledger),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
