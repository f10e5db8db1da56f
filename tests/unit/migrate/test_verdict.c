#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_target_that_writes_messages_anew),
		cmocka_unit_test(test_a_repaired_message_is_not_missing),
		cmocka_unit_test(test_lost_keywords_are_told_once),
		cmocka_unit_test(test_a_folder_that_is_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
