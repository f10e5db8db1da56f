/*
 * Sources that are not what they were: put back from a backup, with UIDs that mean other messages,
 * with other dates, without folders, with a message that nobody can read any more. Nothing may pass
 * for copied that is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "migrate/scan_other.h"
#include "twins.h"

static const struct imapd_habits plain;

static void put(struct imapd_folder *f, const char *date, const char *id)
{
	char body[256];
	(void)snprintf(body, sizeof(body),
		       "Message-ID: <%s@nwtraders.com>\r\nFrom: a@nwtraders.com\r\n"
		       "Date: Mon, 2 Nov 2026 10:00:00 +0100\r\n\r\n%s\r\n",
		       id, id);
	(void)imapd_put(f, "\\Seen", date, body);
}

/* Last night's backup: two messages of today are gone, and their UIDs are given to others. */
static void uids_that_mean_other_messages_are_copied(void **state)
{
	struct twins t;
	struct arena *a = arena_new();
	(void)state;
	twins_open(&t, &plain, &plain);
	struct imapd_folder *inbox = &t.src.folders[0];
	put(inbox, "01-Nov-2026 10:00:00 +0100", "one");
	put(inbox, "02-Nov-2026 10:00:00 +0100", "two");
	put(inbox, "02-Nov-2026 11:00:07 +0100", "three");
	twins_synced(&t);
	assert_true(imapd_take(inbox, 2) && imapd_take(inbox, 3));
	inbox->uidnext = 2;
	put(inbox, "03-Nov-2026 09:30:01 +0100", "four");
	put(inbox, "03-Nov-2026 09:31:02 +0100", "five");
	int64_t before = twins_status(&t, a).last_new_ms;
	t.clock.at_ms += 1000;
	twins_synced(&t);
	assert_int_equal(t.result.counts.copied, 2);
	assert_true(twins_status(&t, a).last_new_ms > before);
	assert_int_equal(t.dst.folders[0].n, 5); /* what was copied stays */
	for (size_t i = 0; i < inbox->n; i++)
		assert_int_equal(imapd_count(&t.dst.folders[0], inbox->at[i].body.at), 1);
	twins_synced(&t);
	assert_int_equal(t.result.counts.copied, 0);
	arena_free(a);
	twins_close(&t);
}

/* Yesterday's state of the target has not what it acknowledged since. */
static void put_target_back(const struct imapd_habits *src)
{
	struct twins t;
	twins_open(&t, src, &plain);
	struct imapd_folder *to = &t.dst.folders[0];
	twins_fill(&t.src.folders[0], 6);
	twins_synced(&t);
	assert_true(imapd_take(to, 5) && imapd_take(to, 6));
	to->uidnext = 5;
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	assert_int_equal(t.result.counts.copied, 2);
	/* One that its user deletes is not put there again. */
	assert_true(imapd_take(to, 6));
	twins_synced(&t);
	assert_int_equal(to->n, 5);
	twins_close(&t);
}

/* The second source tells that nothing changed in the folder, which is not opened then. */
static void a_target_that_was_put_back_gets_it_again(void **state)
{
	(void)state;
	put_target_back(&plain);
	put_target_back(&(struct imapd_habits){ .capability = "UIDPLUS NAMESPACE CONDSTORE" });
}

/* And others have brought it new mail since, as much as it lost or more: UIDNEXT tells nothing. */
static void put_back_and_gone_on(const struct imapd_habits *src, unsigned news)
{
	struct twins t;
	char id[8];
	twins_open(&t, src, &plain);
	struct imapd_folder *inbox = &t.src.folders[0];
	struct imapd_folder *to = &t.dst.folders[0];
	put(inbox, "01-Nov-2026 10:00:00 +0100", "one");
	put(inbox, "02-Nov-2026 10:00:01 +0100", "two");
	put(inbox, "03-Nov-2026 10:00:02 +0100", "three");
	put(inbox, "04-Nov-2026 10:00:03 +0100", "four");
	twins_synced(&t);
	twins_synced(&t);
	assert_true(imapd_take(to, 3) && imapd_take(to, 4));
	to->uidnext = 3;
	for (unsigned i = 1; i <= news; i++) {
		(void)snprintf(id, sizeof(id), "new%u", i);
		put(to, "05-Nov-2026 11:11:11 +0100", id);
	}
	twins_synced(&t);
	assert_int_equal(t.result.counts.copied, 2);
	assert_int_equal(to->n, 4 + news);
	for (size_t i = 0; i < inbox->n; i++)
		assert_int_equal(imapd_count(to, inbox->at[i].body.at), 1);
	twins_synced(&t);
	assert_int_equal(t.result.counts.copied, 0);
	twins_close(&t);
}

/* Where the source tells that nothing changed, as much as it lost cannot be seen. */
static void a_target_that_went_on_since_gets_it_again(void **state)
{
	(void)state;
	put_back_and_gone_on(&plain, 2);
	put_back_and_gone_on(&plain, 5);
	put_back_and_gone_on(&(struct imapd_habits){ .capability = "UIDPLUS NAMESPACE CONDSTORE" },
			     5);
}

static void tell_date(struct imapd_folder *f, size_t i, const char *date)
{
	size_t len = strlen(date) + 1;
	free(f->at[i].date);
	f->at[i].date = mem_alloc(len);
	memcpy(f->at[i].date, date, len);
}

/* A server that takes the file's time for the message's, after its disk was copied. */
static void a_date_that_is_told_otherwise_doubles_nothing(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &plain);
	struct imapd_folder *inbox = &t.src.folders[0];
	put(inbox, "01-Nov-2026 10:00:00 +0100", "one");
	put(inbox, "02-Nov-2026 10:00:00 +0100", "two");
	twins_synced(&t);
	tell_date(inbox, 0, "20-Nov-2026 03:04:05 +0000");
	tell_date(inbox, 1, "20-Nov-2026 03:04:06 +0000");
	twins_synced(&t);
	assert_int_equal(t.result.counts.copied, 0);
	twins_same(&t, "INBOX", "INBOX");
	twins_close(&t);
}

static bool is_other(const char *had, const char *has, uint64_t size, bool estimated)
{
	const struct ledger_message known = { .uid = 7, .size = 100, .date = had };
	const struct imap_fetch now = { .uid = 7,
					.has_date = has != NULL,
					.date = has != NULL ? slice_str(has) : SLICE_LIT(""),
					.has_size = true,
					.size = size };
	return scan_is_other(&known, &now, estimated);
}

static void who_is_another_message(void **state)
{
	static const char had[] = "17-Jul-1996 02:44:25 -0700";
	(void)state;
	assert_false(is_other(had, had, 100, false));
	assert_false(is_other(had, had, 200, false)); /* sizes are told wrongly by many */
	assert_false(is_other(had, "17-Jul-1996 09:44:25 +0000", 100, false));
	assert_false(is_other(had, NULL, 100, false));
	assert_false(is_other("", had, 100, false));
	assert_false(is_other(had, "no date", 100, false));
	/* In the zone of today. */
	assert_false(is_other(had, "17-Jul-1996 02:44:25 -0600", 100, false));
	assert_false(is_other(had, "17-Jul-1996 02:44:25 -0600", 200, true));
	assert_true(is_other(had, "17-Jul-1996 02:44:25 -0600", 200, false));
	assert_true(is_other(had, "18-Jul-1996 02:44:25 -0700", 100, false));
	assert_true(is_other(had, "17-Jul-1996 02:44:26 -0700", 100, false));
	assert_true(is_other(had, "17-Jul-1996 02:44:26 -0700", 100, true));
}

/* Nobody's mailbox is without its INBOX: no folder at all is no answer. */
static void a_source_that_lists_no_folder_is_not_empty(void **state)
{
	struct twins t;
	struct migrate_verdict v;
	struct arena *a = arena_new();
	struct err e;
	(void)state;
	twins_open(&t, &plain, &plain);
	twins_fill(&t.src.folders[0], 3);
	twins_synced(&t);
	t.src.n_folders = 0;
	assert_int_equal(twins_pass(&t), MAILBOX_FAILED);
	assert_non_null(strstr(t.result.err.text, "lists no folder at all"));
	assert_int_equal(twins_status(&t, a).acknowledged, 3);
	assert_int_equal(migrate_verify(&t.opts, &t.mailbox, 1, &v, &e), 0);
	assert_false(v.verified);
	assert_non_null(strstr(v.err.text, "lists no folder at all"));
	t.src.n_folders = 1;
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	arena_free(a);
	twins_close(&t);
}

/* What was not copied of it nobody would miss: it is told, and no more once it is back. */
static void a_folder_that_vanishes_is_told(void **state)
{
	struct twins t;
	struct arena *a = arena_new();
	struct migrate_remark *list;
	size_t n;
	struct err e;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .refused_words = "text 3" });
	twins_fill(imapd_make(&t.src, "Work", ""), 3);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	t.src.n_folders--;
	twins_synced(&t);
	twins_synced(&t);
	assert_int_equal(migrate_remarks(t.store, a, t.mailbox.address, &list, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].kind, "folder");
	assert_string_equal(list[0].folder, "Work");
	assert_string_equal(list[0].detail, "it is not at the source any more; 2 messages of it "
					    "were copied and stay, 1 were not");
	t.src.n_folders++;
	(void)twins_pass(&t);
	assert_int_equal(migrate_remarks(t.store, a, t.mailbox.address, &list, &n, &e), 0);
	assert_int_equal(n, 0);
	arena_free(a);
	twins_close(&t);
}

static int64_t inbox_id(struct twins *t, struct arena *a)
{
	struct ledger_mailbox m;
	struct ledger_folder *list;
	size_t n;
	struct err e;
	assert_int_equal(ledger_mailbox_get(t->store, t->mailbox.address, &m, &e), 1);
	assert_int_equal(ledger_folders(t->store, a, m.id, &list, &n, &e), 0);
	assert_int_equal(n, 1);
	return list[0].id;
}

/* Six were on their way when the power went, and the source cannot read one of them any more: the
 * other five are found at the target all the same. */
static void one_that_cannot_be_read_dooms_no_other(void **state)
{
	struct twins t;
	struct arena *a = arena_new();
	struct err e;
	(void)state;
	twins_open(&t, &plain, &plain);
	twins_fill(&t.src.folders[0], 12);
	twins_synced(&t);
	for (uint32_t uid = 1; uid <= 6; uid++)
		assert_int_equal(ledger_set_in_flight(t.store, inbox_id(&t, a), uid, 1, &e), 0);
	t.src.habits.rotten = 3;
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	assert_int_equal(t.result.counts.refused, 1);
	assert_int_equal(t.dst.folders[0].n, 12);
	arena_free(a);
	twins_close(&t);
}

/* -- a clock that is set while a folder has to be quiet -- */

struct jumping {
	struct clock clock;
	struct fake_clock *real;
	int64_t ahead_ms, told_ms;
};

static int64_t jumping_now(void *ctx)
{
	struct jumping *j = ctx;
	j->told_ms = j->real->at_ms + j->ahead_ms;
	return j->told_ms;
}

static int64_t jumping_mono(void *ctx)
{
	return ((struct jumping *)ctx)->real->at_ms;
}

static bool jumping_sleep(void *ctx, int64_t until_ms, int wake_fd)
{
	struct jumping *j = ctx;
	bool woken = clock_sleep_until(&j->real->clock, j->real->at_ms + until_ms - j->told_ms,
				       wake_fd);
	j->ahead_ms += 3600000;
	return woken;
}

/* The message appears two seconds after its session is dead, whatever the wall clock shows. */
static void a_clock_that_is_set_doubles_nothing(void **state)
{
	for (int64_t late_ms = 1500; late_ms <= 2500; late_ms += 250) {
		struct twins t;
		(void)state;
		twins_open(&t, &plain,
			   &(struct imapd_habits){
				   .bye = BYE_AND_STORE_LATE, .bye_at = 3, .late_ms = late_ms });
		struct jumping j = { { jumping_now, jumping_mono, jumping_sleep, NULL, &j },
				     &t.clock,
				     0,
				     TWINS_BEGIN_MS };
		t.opts.clock = &j.clock;
		twins_fill(&t.src.folders[0], 12);
		twins_synced(&t);
		twins_same(&t, "INBOX", "INBOX");
		twins_close(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uids_that_mean_other_messages_are_copied),
		cmocka_unit_test(a_target_that_was_put_back_gets_it_again),
		cmocka_unit_test(a_target_that_went_on_since_gets_it_again),
		cmocka_unit_test(a_date_that_is_told_otherwise_doubles_nothing),
		cmocka_unit_test(who_is_another_message),
		cmocka_unit_test(a_source_that_lists_no_folder_is_not_empty),
		cmocka_unit_test(a_folder_that_vanishes_is_told),
		cmocka_unit_test(one_that_cannot_be_read_dooms_no_other),
		cmocka_unit_test(a_clock_that_is_set_doubles_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
