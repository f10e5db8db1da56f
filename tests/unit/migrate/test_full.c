/*
 * A target that is full takes what there is room for: a large message, or a group with one, keeps
 * no other behind, and what stayed behind is told by name. What it costs is bounded.
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
static const char multi[] = "UIDPLUS LITERAL+ NAMESPACE MULTIAPPEND";

enum { LARGE = 100000 };

static void put_large(struct imapd_folder *f, size_t bytes)
{
	char *body = mem_alloc(bytes + 1);
	memset(body, 'x', bytes);
	memcpy(body, "Subject: large\r\n\r\n", 18);
	memcpy(body + bytes - 2, "\r\n", 3);
	(void)imapd_put(f, "", "17-Jul-1996 02:44:25 -0700", body);
	free(body);
}

static size_t remarks_of(struct twins *t, struct arena *a, struct migrate_remark **list_r)
{
	size_t n;
	struct err e;
	assert_int_equal(migrate_remarks(t->store, a, t->mailbox.address, list_r, &n, &e), 0);
	return n;
}

/* Of a group that was refused whole, and of other folders. */
static void what_fits_arrives(const char *capability)
{
	struct twins t;
	struct arena *a = arena_new();
	struct migrate_remark *list;
	twins_open(&t, &plain,
		   &(struct imapd_habits){ .quota_bytes = LARGE, .capability = capability });
	struct imapd_folder *inbox = &t.src.folders[0];
	twins_fill(inbox, 5);
	put_large(inbox, LARGE); /* UID 6 */
	twins_fill(inbox, 20);
	twins_fill(imapd_make(&t.src, "Work", ""), 7);
	assert_int_equal(twins_pass(&t), MAILBOX_FAILED);
	assert_int_equal(t.result.err.kind, ERR_MAILBOX);
	assert_non_null(strstr(t.result.err.text, "the mailbox is full"));
	assert_int_equal(t.dst.folders[0].n, 25);
	twins_same(&t, "Work", "Work");
	assert_true(t.dst.appends < 45);
	assert_int_equal(twins_status(&t, a).refused, 0);
	assert_int_equal(remarks_of(&t, a, &list), 1);
	assert_string_equal(list[0].kind, "no room");
	assert_string_equal(list[0].folder, "INBOX");
	assert_int_equal(list[0].uid, 6);
	assert_non_null(strstr(list[0].detail, "the mailbox is full"));
	assert_non_null(strstr(list[0].detail, "(100000 bytes)"));
	t.dst.habits.quota_bytes = 0;
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	assert_int_equal(remarks_of(&t, a, &list), 0);
	arena_free(a);
	twins_close(&t);
}

static void a_large_message_keeps_no_other_behind(void **state)
{
	(void)state;
	what_fits_arrives(multi);
	what_fits_arrives(NULL);
	what_fits_arrives("NAMESPACE MULTIAPPEND"); /* nor told where they are */
}

/* Thousands that have no room: neither are they read at the source nor said, each of them. */
static void what_has_no_room_costs_little(void **state)
{
	struct twins t;
	struct arena *a = arena_new();
	struct migrate_remark *list;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .quota = 33, .capability = multi });
	for (int i = 0; i < 30; i++)
		twins_fill(&t.src.folders[0], 200);
	assert_int_equal(twins_pass(&t), MAILBOX_FAILED);
	assert_int_equal(t.dst.folders[0].n, 33);
	assert_true(t.src.bytes_fetched < 4000 * 80);
	assert_int_equal(remarks_of(&t, a, &list), 6000 - 33);
	arena_free(a);
	twins_close(&t);
}

/* Each a little smaller than the one before: nobody tries them all. */
static void a_target_that_never_has_room_is_given_up(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .quota_bytes = 10 });
	for (size_t i = 0; i < 40; i++)
		put_large(&t.src.folders[0], LARGE - i * 1000);
	assert_int_equal(twins_pass(&t), MAILBOX_FAILED);
	assert_int_equal(t.dst.folders[0].n, 0);
	assert_true(t.dst.appends <= 40);
	twins_close(&t);
}

/* Sizes that are told too small: no message is said twice for that. */
static void sizes_that_are_told_wrong_end_too(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &(struct imapd_habits){ .size_off = -80 },
		   &(struct imapd_habits){ .quota_bytes = 10, .capability = multi });
	twins_fill(&t.src.folders[0], 300);
	assert_int_equal(twins_pass(&t), MAILBOX_FAILED);
	assert_int_equal(t.dst.folders[0].n, 0);
	twins_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_message_keeps_no_other_behind),
		cmocka_unit_test(what_has_no_room_costs_little),
		cmocka_unit_test(a_target_that_never_has_room_is_given_up),
		cmocka_unit_test(sizes_that_are_told_wrong_end_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
