#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "twins.h"

static const struct imapd_habits plain = { .greeting = NULL };

/* Both sides read again, after a pass. */
static struct migrate_verdict verify(struct twins *t)
{
	struct migrate_verdict v;
	struct err e;
	if (migrate_verify(&t->opts, &t->mailbox, 1, &v, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(t->src.offences + t->dst.offences, 0);
	return v;
}

static void expect_verified(const struct migrate_verdict *v, uint64_t compared)
{
	if (!v->verified)
		fail_msg("%s", v->err.text);
	assert_int_equal(v->compared, compared);
	assert_int_equal(v->missing + v->differing + v->doubled, 0);
}

static size_t remarks(struct twins *t, struct arena *a, struct migrate_remark **list_r)
{
	size_t n;
	struct err e;
	assert_int_equal(migrate_remarks(t->store, a, t->mailbox.address, list_r, &n, &e), 0);
	return n;
}

/* Dated message by message, so that headers tell them apart, but for the last two. */
static void fill(struct imapd_folder *f)
{
	for (int i = 1; i <= 6; i++) {
		char body[256];
		(void)snprintf(body, sizeof(body),
			       "Message-ID: <%d@nwtraders.com>\r\nFrom: a@nwtraders.com\r\n"
			       "Date: Mon, 2 Nov 2026 10:00:0%d +0100\r\n\r\ntext\r\n",
			       i < 6 ? i : 5, i < 6 ? i : 5);
		(void)imapd_put(f, "\\Seen", "17-Jul-1996 02:44:25 -0700", body);
	}
}

static void drop_last(struct imapd_folder *f)
{
	struct imapd_message *m = &f->at[--f->n];
	free(m->flags);
	free(m->date);
	buf_release(&m->body);
}

/* By bytes nothing of it would be there. */
static void test_a_target_that_writes_messages_anew(void **state)
{
	const struct imapd_habits anew = { .rewrites = true };
	struct twins t;
	struct migrate_remark *list;
	(void)state;
	twins_open(&t, &plain, &anew);
	t.opts.match = MIGRATE_MATCH_HEADERS;
	fill(imapd_find(&t.src, "INBOX"));
	twins_synced(&t);
	struct migrate_verdict v = verify(&t);
	expect_verified(&v, 6);
	assert_true(v.by_headers);
	assert_string_equal(migrate_compared_by(&v),
			    "by their headers: this server writes messages anew");
	struct arena *a = arena_new();
	struct migrate_status st = twins_status(&t, a);
	assert_true(st.verdict.by_headers && st.verdict.verified);
	assert_int_equal(remarks(&t, a, &list), 0);
	/* Of the two with one header one is missing, and one is once more there. */
	struct imapd_folder *dst = imapd_find(&t.dst, "INBOX");
	drop_last(dst);
	(void)imapd_put(dst, "\\Seen", "17-Jul-1996 02:44:25 -0700", dst->at[0].body.at);
	v = verify(&t);
	assert_false(v.verified);
	assert_int_equal(v.missing, 1);
	assert_int_equal(v.doubled, 1);
	assert_string_equal(v.err.text, "'INBOX', UID 6: not at the target (compared by their "
					"headers: this server writes messages anew)");
	assert_int_equal(remarks(&t, a, &list), 2);
	assert_string_equal(list[0].kind, "missing");
	assert_int_equal(list[0].uid, 6);
	assert_string_equal(list[1].kind, "doubled");
	assert_int_equal(list[1].uid, 1);
	assert_int_equal(list[1].dst_uid, 7);
	arena_free(a);
	twins_close(&t);
}

/* A repaired copy has other bytes, and was asked for. */
static void test_a_repaired_message_is_not_missing(void **state)
{
	const struct imapd_habits strict = { .refused_words = "b\nc" };
	const struct migrate_repair repair = { .bare_lf = true };
	struct twins t;
	char dir[128];
	(void)state;
	twins_open(&t, &plain, &strict);
	(void)snprintf(dir, sizeof(dir), "%s/q", t.dir);
	t.opts.repair = &repair;
	t.opts.quarantine_dir = dir;
	fill(imapd_find(&t.src, "INBOX"));
	(void)imapd_put(imapd_find(&t.src, "INBOX"), "\\Seen", "17-Jul-1996 02:44:25 -0700",
			"a: x\r\n\r\nb\nc\r\n");
	(void)twins_pass(&t);
	struct migrate_verdict v = verify(&t);
	expect_verified(&v, 7);
	assert_int_equal(v.repaired, 1);
	assert_int_equal(v.altered, 0);
	twins_close(&t);
}

/* One loss of keywords is recorded, and not found anew by each comparison. */
static void test_lost_keywords_are_told_once(void **state)
{
	const struct imapd_habits keywordless = { .refuses_keywords = true };
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &keywordless);
	(void)imapd_put(imapd_find(&t.src, "INBOX"), "\\Seen $Label", "17-Jul-1996 02:44:25 -0700",
			"a: x\r\n\r\nb\r\n");
	(void)twins_pass(&t);
	struct migrate_verdict v = verify(&t);
	expect_verified(&v, 1);
	assert_int_equal(v.losses, 1);
	twins_close(&t);
}

/* It is named, and what else there is is compared all the same. */
static void test_a_folder_that_is_gone(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &plain);
	fill(imapd_make(&t.src, "Archive", ""));
	fill(imapd_find(&t.src, "INBOX"));
	twins_synced(&t);
	fill(imapd_make(&t.src, "New", ""));
	struct migrate_verdict v = verify(&t);
	assert_false(v.verified);
	assert_string_equal(v.err.text, "the folder 'New' was never copied");
	assert_int_equal(v.compared, 12);
	assert_int_equal(v.missing, 0);
	twins_close(&t);
}

static const struct imapd_habits gmail = { .one_per_message_id = true,
					   .greeting = "* OK Gimap ready for requests",
					   .capability = "UIDPLUS NAMESPACE X-GM-EXT-1 LITERAL-" };
#define GDATE "17-Jul-1996 02:44:25 -0700"

/* Fewer at the target than at the source, each explained by its Message-ID. */
static void test_what_is_kept_once_is_merged_and_not_missing(void **state)
{
	struct twins t;
	struct migrate_remark *list;
	struct arena *a = arena_new();
	(void)state;
	twins_open(&t, &plain, &gmail);
	twins_fill(&t.src.folders[0], 6);
	twins_fill(&t.src.folders[0], 3); /* once more, byte for byte */
	twins_fill(imapd_make(&t.src, "Work", ""), 2);
	(void)imapd_put(imapd_find(&t.src, "Work"), "\\Seen", GDATE,
			t.src.folders[0].at[0].body.at); /* two labels of one message */
	twins_synced(&t);
	assert_int_equal(t.dst.folders[0].n, 6);
	assert_int_equal(imapd_find(&t.dst, "Work")->n, 3);
	struct migrate_verdict v = verify(&t);
	expect_verified(&v, 12);
	assert_int_equal(v.merged, 3);
	assert_int_equal(v.missing + v.differing + v.doubled, 0);
	assert_int_equal(remarks(&t, a, &list), 3);
	assert_string_equal(list[2].kind, "merged");
	assert_string_equal(list[2].detail, "<3@INBOX>");
	assert_int_equal(list[2].uid, 9);
	assert_int_equal(list[2].dst_uid, 3);
	assert_int_equal(twins_status(&t, a).verdict.merged, 3);
	twins_synced(&t);
	arena_free(a);
	twins_close(&t);
}

/* ---- what the rule really loses: acknowledged, and not there ---- */

#define OTHER_1 "Message-ID: <1@INBOX>\r\nSubject: m1\r\n\r\nanother text\r\n"

static void open_gmail(struct twins *t, char dir_r[128])
{
	twins_open(t, &plain, &gmail);
	(void)snprintf(dir_r, 128, "%s/q", t->dir);
	t->opts.quarantine_dir = dir_r;
	t->opts.keep_refused = true;
}

/* One message is refused by name, and its file has all of it. */
static void expect_kept(struct twins *t, const char *folder, uint32_t uid, const char *body)
{
	struct arena *a = arena_new();
	struct migrate_refusal *list;
	struct buf text;
	size_t n;
	struct err e;
	assert_int_equal(migrate_refusals(t->store, a, t->mailbox.address, &list, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].folder, folder);
	assert_int_equal(list[0].uid, uid);
	assert_non_null(strstr(list[0].reason, "one message a Message-ID, and under <1@INBOX> it "
					       "has another content"));
	assert_non_null(list[0].file);
	buf_init(&text);
	assert_int_equal(file_read(arena_printf(a, "%s/%s", t->opts.quarantine_dir, list[0].file),
				   1000, &text, &e),
			 0);
	assert_string_equal(text.at, body);
	buf_release(&text);
	arena_free(a);
}

static void test_another_content_under_one_message_id_is_kept_as_a_file(void **state)
{
	struct twins t;
	char dir[128];
	(void)state;
	open_gmail(&t, dir);
	twins_fill(&t.src.folders[0], 2);
	twins_fill(&t.src.folders[0], 2); /* merged, and the same: no matter */
	(void)imapd_put(&t.src.folders[0], "\\Seen", GDATE, OTHER_1);
	(void)imapd_put(&t.src.folders[0], "\\Seen", GDATE, "Subject: no id\r\n\r\nx\r\n");
	(void)imapd_put(&t.src.folders[0], "\\Seen", GDATE, "Subject: no id\r\n\r\nx\r\n");
	/* The second pass does not send it again: it would be merged again. */
	for (int pass = 0; pass < 3; pass++) {
		assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
		assert_int_equal(t.result.counts.refused, 1);
		assert_int_equal(t.result.counts.copied, pass == 0 ? 7 : 0);
		expect_kept(&t, "INBOX", 5, OTHER_1);
		assert_int_equal(t.dst.folders[0].n, 4);
		assert_int_equal(t.dst.appends, 7);
	}
	assert_int_equal(t.dst.offences, 0);
	struct migrate_verdict v = verify(&t);
	expect_verified(&v, 6);
	assert_int_equal(v.merged, 2);
	twins_close(&t);
}

static void expect_no_file(const struct twins *t, const char *dir, int folder, uint32_t uid)
{
	char file[200];
	(void)snprintf(file, sizeof(file), "%s/m1-f%d-v%u-u%u.eml", dir, folder,
		       t->src.folders[folder - 1].uidvalidity, uid);
	assert_false(file_exists(file));
}

/* Evidence of a merge is the message that has its place: with that one gone it is sent, and that
 * the other one is missing now the comparison tells. */
static void test_a_merged_message_is_sent_when_its_place_is_free(void **state)
{
	struct twins t;
	char dir[128];
	(void)state;
	open_gmail(&t, dir);
	twins_fill(&t.src.folders[0], 2);
	(void)imapd_put(&t.src.folders[0], "\\Seen", GDATE, OTHER_1);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	expect_kept(&t, "INBOX", 3, OTHER_1);
	assert_true(imapd_take(&t.dst.folders[0], 1));
	twins_synced(&t);
	assert_int_equal(imapd_count(&t.dst.folders[0], OTHER_1), 1);
	expect_no_file(&t, dir, 1, 3);
	struct migrate_verdict v = verify(&t);
	assert_int_equal(v.missing, 1);
	assert_non_null(strstr(v.err.text, "'INBOX', UID 1: "));
	twins_close(&t);
}

/* In a folder that was made anew the old places say nothing: another message may have that UID. */
static void test_a_merged_message_is_sent_to_a_folder_that_is_new(void **state)
{
	struct twins t;
	char dir[128];
	(void)state;
	open_gmail(&t, dir);
	twins_fill(&t.src.folders[0], 2);
	(void)imapd_put(&t.src.folders[0], "\\Seen", GDATE, OTHER_1);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	t.dst.folders[0].uidvalidity += 7;
	t.dst.folders[0].at[0].body.at[strlen("Message-ID: <")] = '7';
	assert_true(imapd_take(&t.src.folders[0], 1));
	twins_synced(&t);
	assert_int_equal(imapd_count(&t.dst.folders[0], OTHER_1), 1);
	twins_close(&t);
}

/* What came to the target by another way was there first. */
static void test_another_content_that_was_there_before(void **state)
{
	struct twins t;
	char dir[128];
	(void)state;
	open_gmail(&t, dir);
	(void)imapd_put(&t.dst.folders[0], "\\Seen", GDATE, OTHER_1);
	twins_fill(&t.src.folders[0], 3);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	expect_kept(&t, "INBOX", 1, t.src.folders[0].at[0].body.at);
	/* Once it makes room the message gets there, and needs no file. */
	assert_true(imapd_take(&t.dst.folders[0], 1));
	twins_synced(&t);
	assert_int_equal(imapd_count(&t.dst.folders[0], t.src.folders[0].at[0].body.at), 1);
	expect_no_file(&t, dir, 1, 1);
	twins_close(&t);
}

/* ---- in another folder, where it gets a UID of its own ---- */

/* As long as message 1, and not the same. */
#define AS_LONG_1 "Message-ID: <1@INBOX>\r\nSubject: m9\r\n\r\ntext 9\r\n"

/* By the number that two of our contents share. No body is read but of these. */
static void test_another_content_in_another_folder_is_found_by_its_number(void **state)
{
	struct twins t;
	char dir[128];
	(void)state;
	open_gmail(&t, dir);
	twins_fill(&t.src.folders[0], 4);
	(void)imapd_put(imapd_make(&t.src, "Work", ""), "\\Seen", GDATE, AS_LONG_1);
	(void)imapd_put(imapd_find(&t.src, "Work"), "\\Seen", GDATE,
			t.src.folders[0].at[1].body.at); /* two labels of one message */
	for (int pass = 0; pass < 2; pass++) {
		assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
		expect_kept(&t, "Work", 1, AS_LONG_1);
		assert_int_equal(t.dst.appends, 6);
		assert_true(t.dst.bytes_fetched <= 2 * strlen(AS_LONG_1));
	}
	assert_int_equal(t.dst.offences, 0);
	struct migrate_verdict v = verify(&t);
	expect_verified(&v, 5);
	twins_close(&t);
}

/* One that somebody else put there has no number that we know. */
static void test_another_content_in_another_folder_is_found_by_its_size(void **state)
{
	struct twins t;
	char dir[128];
	(void)state;
	open_gmail(&t, dir);
	(void)imapd_put(imapd_make(&t.dst, "All", ""), "\\Seen", GDATE, AS_LONG_1);
	(void)imapd_put(imapd_make(&t.src, "Work", ""), "\\Seen", GDATE, OTHER_1);
	for (int pass = 0; pass < 2; pass++) {
		assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
		expect_kept(&t, "Work", 1, OTHER_1);
		assert_int_equal(t.dst.appends, 1);
	}
	twins_close(&t);
}

/* The first pass ends before anything is asked: what is to be asked is in the ledger. */
static void test_what_was_not_asked_is_asked_by_the_next_pass(void **state)
{
	struct twins t;
	char dir[128];
	(void)state;
	open_gmail(&t, dir);
	twins_fill(&t.src.folders[0], 2);
	(void)imapd_put(imapd_make(&t.src, "Work", ""), "\\Seen", GDATE, AS_LONG_1);
	t.opts.match = MIGRATE_MATCH_HEADERS; /* as bytes prove nothing then, nothing is asked */
	twins_synced(&t);
	t.opts.match = MIGRATE_MATCH_AUTO;
	struct err e;
	struct ledger_mailbox m;
	struct ledger_folder *list;
	size_t n;
	struct arena *a = arena_new();
	assert_int_equal(ledger_mailbox_get(t.store, t.mailbox.address, &m, &e), 1);
	assert_int_equal(ledger_folders(t.store, a, m.id, &list, &n, &e), 0);
	assert_int_equal(n, 2);
	for (uint32_t uid = 1; uid <= 2; uid++)
		assert_int_equal(ledger_set_unasked(t.store, list[0].id, uid, &e), 0);
	assert_int_equal(ledger_set_unasked(t.store, list[1].id, 1, &e), 0);
	arena_free(a);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	expect_kept(&t, "Work", 1, AS_LONG_1);
	assert_int_equal(t.dst.appends, 3);
	twins_close(&t);
}

/* What is merged has the date of the first. */
static void test_another_content_in_another_folder_is_found_by_its_date(void **state)
{
	struct twins t;
	char dir[128];
	(void)state;
	open_gmail(&t, dir);
	(void)imapd_put(imapd_make(&t.dst, "All", ""), "\\Seen", "18-Jul-1996 11:12:13 -0700",
			"Message-ID: <1@INBOX>\r\nSubject: m1\r\n\r\nANOTHER text\r\n");
	(void)imapd_put(imapd_make(&t.src, "Work", ""), "\\Seen", GDATE, OTHER_1);
	for (int pass = 0; pass < 2; pass++) {
		assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
		expect_kept(&t, "Work", 1, OTHER_1);
		assert_int_equal(t.dst.appends, 1);
	}
	twins_close(&t);
}

/* Neither a size, a date nor a number tells of one that somebody else put into another folder: the
 * comparison does, and the next pass keeps it. */
static void test_another_content_in_another_folder_is_found_by_the_comparison(void **state)
{
	struct twins t;
	struct migrate_remark *list;
	struct arena *a = arena_new();
	char dir[128];
	(void)state;
	open_gmail(&t, dir);
	(void)imapd_put(imapd_make(&t.dst, "All", ""), "\\Seen", GDATE,
			"Message-ID: <1@INBOX>\r\nSubject: m1\r\n\r\nANOTHER text\r\n");
	(void)imapd_put(imapd_make(&t.src, "Work", ""), "\\Seen", GDATE, OTHER_1);
	twins_synced(&t);
	struct migrate_verdict v = verify(&t);
	assert_false(v.verified);
	assert_int_equal(v.missing, 1);
	assert_int_equal(v.merged, 0);
	assert_string_equal(v.err.text,
			    "'Work', UID 1: not at the target: the target keeps one message a "
			    "Message-ID, and under <1@INBOX> it has another content");
	assert_int_equal(remarks(&t, a, &list), 1);
	assert_string_equal(list[0].kind, "missing");
	assert_non_null(strstr(list[0].detail, "<1@INBOX> it has another content"));
	for (int pass = 0; pass < 2; pass++) {
		assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
		expect_kept(&t, "Work", 1, OTHER_1);
		v = verify(&t);
		expect_verified(&v, 0);
	}
	arena_free(a);
	twins_close(&t);
}

/* A copy of it in another folder is no copy in this one; nor is one that somebody removed. */
static void test_a_message_in_another_folder_only_is_missing(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &gmail);
	twins_fill(&t.src.folders[0], 3);
	twins_fill(&t.src.folders[0], 3);
	(void)imapd_make(&t.src, "Bin", "");
	twins_synced(&t);
	struct imapd_folder *dst = imapd_find(&t.dst, "INBOX");
	(void)imapd_put(imapd_find(&t.dst, "Bin"), "\\Seen", GDATE, dst->at[2].body.at);
	drop_last(dst);
	struct migrate_verdict v = verify(&t);
	assert_false(v.verified);
	assert_int_equal(v.merged, 2);
	assert_int_equal(v.missing, 2);
	assert_non_null(strstr(v.err.text, "has <3@INBOX> in 'Bin' only"));
	twins_close(&t);
}

/* The same at a server without that rule: nothing is excused. */
static void test_a_duplicate_that_is_gone_elsewhere_is_missing(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &plain);
	twins_fill(&t.src.folders[0], 3);
	twins_fill(&t.src.folders[0], 3);
	twins_synced(&t);
	drop_last(imapd_find(&t.dst, "INBOX"));
	struct migrate_verdict v = verify(&t);
	assert_int_equal(v.missing, 1);
	assert_int_equal(v.merged, 0);
	twins_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_target_that_writes_messages_anew),
		cmocka_unit_test(test_a_repaired_message_is_not_missing),
		cmocka_unit_test(test_lost_keywords_are_told_once),
		cmocka_unit_test(test_a_folder_that_is_gone),
		cmocka_unit_test(test_what_is_kept_once_is_merged_and_not_missing),
		cmocka_unit_test(test_another_content_under_one_message_id_is_kept_as_a_file),
		cmocka_unit_test(test_another_content_in_another_folder_is_found_by_its_date),
		cmocka_unit_test(test_a_merged_message_is_sent_when_its_place_is_free),
		cmocka_unit_test(test_a_merged_message_is_sent_to_a_folder_that_is_new),
		cmocka_unit_test(test_another_content_that_was_there_before),
		cmocka_unit_test(test_another_content_in_another_folder_is_found_by_its_size),
		cmocka_unit_test(test_another_content_in_another_folder_is_found_by_its_number),
		cmocka_unit_test(test_what_was_not_asked_is_asked_by_the_next_pass),
		cmocka_unit_test(test_another_content_in_another_folder_is_found_by_the_comparison),
		cmocka_unit_test(test_a_message_in_another_folder_only_is_missing),
		cmocka_unit_test(test_a_duplicate_that_is_gone_elsewhere_is_missing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
