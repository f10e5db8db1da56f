/*
 * Folders that were renamed between two passes, at the source or at the target, and folders that
 * look alike: what is known of them is not guessed, and nothing is copied twice that is known.
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
static const struct imapd_habits told = { .capability = "UIDPLUS LITERAL+ NAMESPACE CONDSTORE" };

static void put(struct imapd_folder *f, unsigned minute)
{
	char date[40];
	char body[80];
	(void)snprintf(date, sizeof(date), "17-Jul-1996 02:%02u:25 -0700", minute);
	(void)snprintf(body, sizeof(body), "Subject: %u of %s\r\n\r\ntext\r\n", minute, f->name);
	(void)imapd_put(f, "", date, body);
}

static void fill(struct imapd_folder *f, unsigned n)
{
	for (unsigned i = 1; i <= n; i++)
		put(f, i);
}

static void name_it(struct imapd *d, const char *from, const char *to)
{
	struct imapd_folder *f = imapd_find(d, from);
	size_t len = strlen(to) + 1;
	assert_non_null(f);
	free(f->name);
	f->name = mem_alloc(len);
	memcpy(f->name, to, len);
}

/* The only remark, when there is to be one. */
static const char *remark(struct twins *t, struct arena *a)
{
	struct migrate_remark *list;
	size_t n;
	struct err e;
	assert_int_equal(migrate_remarks(t->store, a, t->mailbox.address, &list, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].kind, "folder");
	return list[0].detail;
}

static void renamed_at_the_target(const struct imapd_habits *habits)
{
	struct twins t;
	struct arena *a = arena_new();
	twins_open(&t, habits, habits);
	struct imapd_folder *work = imapd_make(&t.src, "Work", "");
	fill(work, 9);
	twins_synced(&t);
	name_it(&t.dst, "Work", "Archive/Work");
	put(work, 10);
	twins_synced(&t);
	assert_int_equal(t.result.counts.copied, 1);
	assert_null(imapd_find(&t.dst, "Work"));
	twins_same(&t, "Work", "Archive/Work");
	assert_string_equal(remark(&t, a), "'Archive/Work' at the target: it was renamed there");
	twins_synced(&t);
	assert_int_equal(t.result.counts.copied, 0);
	arena_free(a);
	twins_close(&t);
}

static void a_folder_renamed_at_the_target_is_followed(void **state)
{
	(void)state;
	renamed_at_the_target(&plain);
	renamed_at_the_target(&told);
}

/* What looks like a new name and is another folder, or is where mail is deleted. */
static void made_anew(void change(struct twins *t))
{
	struct twins t;
	twins_open(&t, &plain, &plain);
	fill(imapd_make(&t.src, "Work", ""), 4);
	twins_synced(&t);
	change(&t);
	(void)twins_pass(&t);
	twins_same(&t, "Work", "Work");
	twins_close(&t);
}

static void thrown_away(struct twins *t)
{
	(void)imapd_make(&t->dst, "Bin", "\\Trash");
	name_it(&t->dst, "Work", "Bin/Work");
}

/* Of the same UIDVALIDITY, with other mail. */
static void replaced(struct twins *t)
{
	struct imapd_folder *f = imapd_find(&t->dst, "Work");
	name_it(&t->dst, "Work", "Other");
	for (uint32_t uid = 1; uid <= 4; uid++)
		assert_true(imapd_take(f, uid));
	f->uidnext = 1;
	for (unsigned i = 11; i <= 15; i++)
		put(f, i);
}

static void of_two_nobody_knows_which(struct twins *t)
{
	uint32_t uidvalidity = imapd_find(&t->dst, "Work")->uidvalidity;
	name_it(&t->dst, "Work", "Other");
	imapd_make(&t->dst, "Another", "")->uidvalidity = uidvalidity;
}

static void what_is_no_rename_is_copied(void **state)
{
	(void)state;
	made_anew(thrown_away);
	made_anew(replaced);
	made_anew(of_two_nobody_knows_which);
}

static void renamed_at_the_source(const struct imapd_habits *habits)
{
	struct twins t;
	struct arena *a = arena_new();
	twins_open(&t, habits, habits);
	fill(imapd_make(&t.src, "Work", ""), 9);
	twins_synced(&t);
	name_it(&t.src, "Work", "Projects");
	put(imapd_find(&t.src, "Projects"), 10);
	twins_synced(&t);
	assert_int_equal(t.result.counts.copied, 1);
	assert_null(imapd_find(&t.dst, "Projects"));
	twins_same(&t, "Projects", "Work");
	assert_string_equal(remark(&t, a),
			    "'Work' at the target: it is called 'Projects' at the source now");
	twins_synced(&t);
	assert_int_equal(t.result.counts.copied, 0);
	arena_free(a);
	twins_close(&t);
}

static void a_folder_renamed_at_the_source_keeps_its_copy(void **state)
{
	(void)state;
	renamed_at_the_source(&plain);
	renamed_at_the_source(&told);
}

/* The UIDVALIDITY of the one that is gone, and other mail: all of it is copied. */
static void another_folder_at_the_source_is_copied(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &plain);
	struct imapd_folder *work = imapd_make(&t.src, "Work", "");
	fill(work, 4);
	twins_synced(&t);
	name_it(&t.src, "Work", "Other");
	for (uint32_t uid = 1; uid <= 4; uid++)
		assert_true(imapd_take(work, uid));
	work->uidnext = 1;
	for (unsigned i = 11; i <= 16; i++)
		put(work, i);
	twins_synced(&t);
	assert_int_equal(t.result.counts.copied, 6);
	twins_same(&t, "Other", "Other");
	twins_close(&t);
}

/* A letter of their names cannot be shown. */
static void folders_that_look_alike_are_told_apart(void **state)
{
	struct twins t;
	struct arena *a = arena_new();
	struct migrate_verdict v;
	struct err e;
	const char *const *names;
	(void)state;
	twins_open(&t, &plain, &plain);
	fill(imapd_make(&t.src, "a&AAE-b", ""), 3);
	fill(imapd_make(&t.src, "a&AAI-b", ""), 5);
	twins_synced(&t);
	assert_int_equal(migrate_folder_names(t.store, a, t.mailbox.address, &names, &e), 0);
	assert_string_equal(names[2], arena_printf(a, "%s (a&AAI-b)", names[1]));
	struct imapd_folder *first = &t.dst.folders[1];
	struct imapd_folder *second = &t.dst.folders[2];
	assert_int_equal(first->n, 3);
	assert_int_equal(second->n, 5);
	assert_int_equal(migrate_verify(&t.opts, &t.mailbox, 1, &v, &e), 0);
	assert_true(v.verified);
	/* The one misses a message that its namesake has. */
	(void)imapd_put(second, "", first->at[1].date, first->at[1].body.at);
	assert_true(imapd_take(first, 2));
	assert_int_equal(migrate_verify(&t.opts, &t.mailbox, 1, &v, &e), 0);
	assert_false(v.verified);
	assert_int_equal(v.missing, 1);
	assert_string_equal(v.err.text,
			    arena_printf(a, "'%s', UID 2: not at the target", names[1]));
	arena_free(a);
	twins_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_renamed_at_the_target_is_followed),
		cmocka_unit_test(what_is_no_rename_is_copied),
		cmocka_unit_test(a_folder_renamed_at_the_source_keeps_its_copy),
		cmocka_unit_test(another_folder_at_the_source_is_copied),
		cmocka_unit_test(folders_that_look_alike_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
