/*
 * Whole passes with a mirror, between two servers in memory: what its users do at either side, what
 * servers do, and that nothing goes but what should.
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

static const struct imapd_habits plain;
static const struct imapd_habits moves = { .capability = "UIDPLUS LITERAL+ NAMESPACE MOVE" };
static const struct migrate_mirror ten = { 10 };

static struct imapd_folder *inbox(struct imapd *d)
{
	return &d->folders[0];
}

static struct imapd_folder *removed(struct twins *t)
{
	return imapd_find(&t->dst, "cutover removed");
}

static size_t n_removed(struct twins *t)
{
	const struct imapd_folder *f = removed(t);
	return f != NULL ? f->n : 0;
}

/* INBOX with `n` messages, and a folder to file them in; all copied. */
static void begin(struct twins *t, const struct imapd_habits *dst, size_t n)
{
	twins_open(t, &plain, dst);
	(void)imapd_make(&t->src, "Filed", "");
	twins_fill(inbox(&t->src), n);
	twins_synced(t);
	t->opts.mirror = &ten;
}

/* As a client does it: a copy in the other folder, and gone in this one. */
static void file(struct twins *t, uint32_t uid)
{
	struct imapd_folder *from = inbox(&t->src);
	for (size_t i = 0; i < from->n; i++)
		if (from->at[i].uid == uid)
			(void)imapd_put(imapd_find(&t->src, "Filed"), from->at[i].flags,
					from->at[i].date, from->at[i].body.at);
	assert_true(imapd_take(from, uid));
}

static void flag_at_target(struct twins *t, size_t at, const char *flags)
{
	struct imapd_message *m = &inbox(&t->dst)->at[at];
	char *copy = strdup(flags);
	assert_non_null(copy);
	free(m->flags);
	m->flags = copy;
}

/* The first only sees it. */
static void two_passes(struct twins *t)
{
	twins_synced(t);
	assert_int_equal(n_removed(t), 0);
	twins_synced(t);
}

static const char *note_of(struct twins *t, struct arena *a, const char *folder)
{
	struct migrate_remark *list;
	struct err e;
	size_t n;
	assert_int_equal(migrate_remarks(t->store, a, t->mailbox.address, &list, &n, &e), 0);
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].kind, "mirror") && str_eq(list[i].folder, folder))
			return list[i].detail;
	return "";
}

static void assert_noted(struct twins *t, const char *words)
{
	struct arena *a = arena_new();
	const char *note = note_of(t, a, "INBOX");
	if (strstr(note, words) == NULL)
		fail_msg("'%s' is not noted, but: %s", words, note);
	arena_free(a);
}

static void test_filed_and_deleted_mail_goes_aside(void **state)
{
	struct twins t;
	struct arena *a = arena_new();
	(void)state;
	begin(&t, &moves, 10);
	file(&t, 3);
	file(&t, 7);
	assert_true(imapd_take(inbox(&t.src), 5));
	two_passes(&t);
	twins_same(&t, "INBOX", "INBOX");
	twins_same(&t, "Filed", "Filed");
	assert_int_equal(n_removed(&t), 3);
	assert_false(removed(&t)->subscribed);
	assert_int_equal(t.result.counts.mirror_moved, 2);
	assert_int_equal(t.result.counts.mirror_deleted, 1);
	assert_int_equal(t.result.counts.mirror_kept, 0);
	assert_noted(&t,
		     "3 put into 'cutover removed' (2 moved elsewhere at the source, 1 deleted");
	struct migrate_status st = twins_status(&t, a);
	assert_int_equal(st.mirror_moved, 2);
	assert_int_equal(st.mirror_deleted, 1);
	assert_int_equal(st.acknowledged, 9);
	assert_int_equal(st.messages, 9);
	unsigned done = t.dst.moves;
	twins_synced(&t); /* and no more */
	assert_int_equal(t.dst.moves, done);
	assert_int_equal(t.result.counts.mirror_moved + t.result.counts.mirror_deleted, 0);
	assert_int_equal(twins_status(&t, a).mirror_moved, 2);
	arena_free(a);
	twins_close(&t);
}

static void test_without_the_option_nothing_goes(void **state)
{
	struct twins t;
	(void)state;
	begin(&t, &moves, 10);
	t.opts.mirror = NULL;
	file(&t, 3);
	two_passes(&t);
	assert_int_equal(inbox(&t.dst)->n, 10);
	assert_int_equal(t.dst.moves, 0);
	twins_close(&t);
}

static void test_a_dry_run_only_looks(void **state)
{
	struct twins t;
	(void)state;
	begin(&t, &moves, 10);
	file(&t, 3);
	twins_synced(&t);
	t.opts.dry_run = true;
	twins_synced(&t);
	assert_int_equal(t.result.counts.mirror_moved, 1);
	assert_noted(&t, "1 would be put into 'cutover removed'");
	assert_int_equal(inbox(&t.dst)->n, 10);
	assert_null(removed(&t));
	twins_close(&t);
}

static void test_what_its_user_touched_stays(void **state)
{
	struct twins t;
	(void)state;
	begin(&t, &moves, 10);
	for (uint32_t uid = 1; uid <= 4; uid++)
		assert_true(imapd_take(inbox(&t.src), uid));
	flag_at_target(&t, 0, "\\Seen \\Flagged");
	flag_at_target(&t, 1, "\\Seen todo");
	flag_at_target(&t, 2, "");
	two_passes(&t);
	assert_int_equal(n_removed(&t), 1);
	assert_int_equal(inbox(&t.dst)->n, 9);
	assert_int_equal(t.result.counts.mirror_kept, 3);
	assert_noted(&t, "3 flags changed at the target");
	twins_close(&t);
}

static void test_what_was_there_or_came_there_stays(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &moves);
	twins_fill(inbox(&t.src), 10);
	(void)imapd_put(inbox(&t.dst), "\\Seen", "17-Jul-1996 02:44:25 -0700",
			inbox(&t.src)->at[0].body.at);
	twins_synced(&t);
	(void)imapd_put(inbox(&t.dst), "", "17-Jul-1996 02:44:25 -0700", "new\r\n\r\nmail\r\n");
	assert_int_equal(inbox(&t.dst)->n, 11);
	t.opts.mirror = &ten;
	assert_true(imapd_take(inbox(&t.src), 1)); /* adopted */
	assert_true(imapd_take(inbox(&t.src), 2)); /* copied */
	two_passes(&t);
	assert_int_equal(n_removed(&t), 1);
	assert_int_equal(inbox(&t.dst)->n, 10);
	assert_noted(&t, "1 not known for certain to be put there by cutover");
	twins_close(&t);
}

static void test_an_emptied_mailbox_is_no_users_work(void **state)
{
	struct twins t;
	static const struct migrate_mirror all = { 100 };
	(void)state;
	begin(&t, &moves, 40);
	for (uint32_t uid = 1; uid <= 25; uid++)
		assert_true(imapd_take(inbox(&t.src), uid));
	(void)twins_pass(&t);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	assert_non_null(strstr(t.result.err.text, "25 of 40 messages that were copied"));
	assert_non_null(strstr(t.result.err.hint, "--mirror-limit"));
	assert_int_equal(inbox(&t.dst)->n, 40);
	assert_int_equal(t.dst.moves, 0);
	t.opts.mirror = &all;
	twins_synced(&t);
	assert_int_equal(inbox(&t.dst)->n, 15);
	while (inbox(&t.src)->n > 0)
		assert_true(imapd_take(inbox(&t.src), inbox(&t.src)->at[0].uid));
	(void)twins_pass(&t);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS); /* however few they are */
	assert_non_null(strstr(t.result.err.text, "no message any more"));
	assert_int_equal(inbox(&t.dst)->n, 15);
	twins_close(&t);
}

static void refused_by(const struct imapd_habits *dst, const char *words)
{
	struct twins t;
	begin(&t, dst, 10);
	file(&t, 3);
	(void)twins_pass(&t);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	if (strstr(t.result.err.text, words) == NULL)
		fail_msg("%s", t.result.err.text);
	assert_int_equal(inbox(&t.dst)->n, 10);
	assert_int_equal(t.dst.moves, 0);
	twins_close(&t);
}

static void test_servers_that_cannot_do_it_safely(void **state)
{
	(void)state;
	refused_by(&(struct imapd_habits){ .capability = "UIDPLUS LITERAL+ NAMESPACE" }, "no MOVE");
	refused_by(&(struct imapd_habits){ .capability = "MOVE LITERAL+ NAMESPACE" }, "no UIDPLUS");
	refused_by(&(struct imapd_habits){ .capability = "UIDPLUS MOVE LITERAL+ NAMESPACE ID "
							 "X-GM-EXT-1",
					   .greeting = "* OK Gimap ready for requests",
					   .id = "(\"name\" \"GImap\")" },
		   "goes from all");
}

/* The copies are made all the same, and the mailbox has not failed. */
static void test_a_folder_that_cannot_be_made_keeps_all(void **state)
{
	struct twins t;
	(void)state;
	begin(&t, &moves, 10);
	t.dst.habits.makes_nothing = true;
	file(&t, 3);
	(void)twins_pass(&t);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	assert_non_null(strstr(t.result.err.text, "making the folder 'cutover removed'"));
	assert_int_equal(inbox(&t.dst)->n, 10);
	t.dst.habits.makes_nothing = false;
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	twins_close(&t);
}

/* The server hides a part of its mail: its counts say so. */
static void test_a_truncated_listing_is_no_deletion(void **state)
{
	struct twins t;
	(void)state;
	begin(&t, &moves, 30);
	t.src.habits.message_limit = 20;
	(void)twins_pass(&t);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	assert_non_null(strstr(t.result.err.text, "may show only a part"));
	assert_int_equal(inbox(&t.dst)->n, 30);
	t.src.habits.message_limit = 0;
	two_passes(&t);
	twins_same(&t, "INBOX", "INBOX");
	twins_close(&t);
}

static void test_folders_that_vanish_or_change_are_kept(void **state)
{
	struct twins t;
	(void)state;
	begin(&t, &moves, 10);
	file(&t, 1);
	file(&t, 2);
	twins_synced(&t);
	inbox(&t.src)->uidvalidity += 7;
	imapd_find(&t.src, "Filed")->uidvalidity += 7; /* not a new name of the same */
	str_copy(imapd_find(&t.src, "Filed")->name, 6, "Other");
	two_passes(&t);
	assert_int_equal(imapd_find(&t.dst, "Filed")->n, 2);
	assert_int_equal(inbox(&t.dst)->n, 10);
	assert_int_equal(t.result.counts.mirror_kept, 2);
	twins_close(&t);
}

/* A MOVE that is done and not answered, or done in part: each message goes once. */
static void test_a_cut_or_halved_move_ends_equal(void **state)
{
	static const struct imapd_habits habits[] = {
		{ .capability = "UIDPLUS LITERAL+ NAMESPACE MOVE", .move_bye_at = 1 },
		{ .capability = "UIDPLUS LITERAL+ NAMESPACE MOVE", .move_most = 2 },
	};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct twins t;
		begin(&t, &habits[i], 10);
		for (uint32_t uid = 1; uid <= 5; uid++)
			file(&t, uid);
		(void)twins_pass(&t);
		(void)twins_pass(&t);
		for (int n = 0; n < 3; n++)
			(void)twins_pass(&t);
		assert_int_equal(n_removed(&t), 5);
		twins_same(&t, "INBOX", "INBOX");
		twins_same(&t, "Filed", "Filed");
		twins_close(&t);
	}
}

/* Gone by two listings, and there again: then it is copied again. */
static void test_what_comes_back_is_copied_again(void **state)
{
	struct twins t;
	(void)state;
	begin(&t, &moves, 10);
	char body[256];
	str_copy(body, sizeof(body), inbox(&t.src)->at[3].body.at);
	assert_true(imapd_take(inbox(&t.src), 4));
	two_passes(&t);
	assert_int_equal(n_removed(&t), 1);
	/* The very UID, as no server should do it. */
	uint32_t next = inbox(&t.src)->uidnext;
	struct imapd_folder *f = inbox(&t.src);
	f->uidnext = 4;
	(void)imapd_put(f, "\\Seen", "17-Jul-1996 02:44:25 -0700", body);
	f->uidnext = next;
	struct imapd_message back = f->at[f->n - 1];
	memmove(&f->at[4], &f->at[3], (f->n - 4) * sizeof(f->at[0]));
	f->at[3] = back;
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	twins_close(&t);
}

/* A message whose new place cannot be copied to is not taken from its old one. */
static void test_one_that_may_have_moved_to_what_is_refused_stays(void **state)
{
	struct twins t;
	(void)state;
	begin(&t, &moves, 10);
	t.dst.habits.refused_words = "Subject: m3";
	file(&t, 3);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	assert_int_equal(inbox(&t.dst)->n, 10);
	assert_noted(&t, "1 may be one that is not copied yet");
	twins_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filed_and_deleted_mail_goes_aside),
		cmocka_unit_test(test_without_the_option_nothing_goes),
		cmocka_unit_test(test_a_dry_run_only_looks),
		cmocka_unit_test(test_what_its_user_touched_stays),
		cmocka_unit_test(test_what_was_there_or_came_there_stays),
		cmocka_unit_test(test_an_emptied_mailbox_is_no_users_work),
		cmocka_unit_test(test_servers_that_cannot_do_it_safely),
		cmocka_unit_test(test_a_folder_that_cannot_be_made_keeps_all),
		cmocka_unit_test(test_a_truncated_listing_is_no_deletion),
		cmocka_unit_test(test_folders_that_vanish_or_change_are_kept),
		cmocka_unit_test(test_a_cut_or_halved_move_ends_equal),
		cmocka_unit_test(test_what_comes_back_is_copied_again),
		cmocka_unit_test(test_one_that_may_have_moved_to_what_is_refused_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
