/*
 * Folders as servers spell them: every source folder has one of its own at the target, whatever
 * its name is, and a second pass finds it again.
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
static const struct imapd_habits cpanel = { .delimiter = '.',
					    .name_space = "((\"INBOX.\" \".\")) NIL NIL" };

struct row {
	const char *src, *attrs, *dst;
};

/* Makes the source's folders with two messages each, copies, and looks where they went; then
 * once more, when nothing may change. */
static void check(struct twins *t, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		twins_fill(imapd_make(&t->src, rows[i].src, rows[i].attrs), 2);
	twins_fill(&t->src.folders[0], 2);
	twins_synced(t);
	twins_same(t, "INBOX", "INBOX");
	for (size_t i = 0; i < n; i++)
		twins_same(t, rows[i].src, rows[i].dst);
	size_t folders = t->dst.n_folders;
	twins_synced(t);
	assert_int_equal(t->result.counts.copied, 0);
	assert_int_equal(t->dst.n_folders, folders);
}
#define CHECK(t, rows) check(t, rows, sizeof(rows) / sizeof((rows)[0]))

/* Once, however many passes there are. */
static void what_has_another_name_is_in_the_report(void **state)
{
	static const struct row rows[] = {
		{ "INBOX.Projekte.2019", "", "Projekte/2019" },
		{ "INBOX.In/Out", "", "In_Out" },
		{ "INBOX.In_Out", "", "In_Out_2" },
	};
	struct migrate_remark *list;
	struct twins t;
	size_t n;
	struct err e;
	struct arena *a = arena_new();
	(void)state;
	twins_open(&t, &cpanel, &plain);
	CHECK(&t, rows);
	assert_int_equal(migrate_remarks(t.store, a, t.mailbox.address, &list, &n, &e), 0);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(list[i].kind, "folder");
	assert_string_equal(list[0].folder, "In\\/Out");
	assert_non_null(strstr(list[0].detail, "'In_Out' at the target: "));
	assert_string_equal(list[1].folder, "In_Out");
	assert_string_equal(list[1].detail,
			    "'In_Out_2' at the target: another folder has that name there already");
	arena_free(a);
	twins_close(&t);
}

static void prefixes_and_delimiters_are_translated(void **state)
{
	static const struct row rows[] = {
		{ "INBOX.Sent", "", "Sent" },
		{ "INBOX.Projekte.2019", "", "Projekte/2019" },
		{ "INBOX.In/Out", "", "In_Out" },
		{ "INBOX.In_Out", "", "In_Out_2" },
		{ "INBOX.R&-D", "", "R&-D" },
		{ "INBOX.M&APw-ller", "", "M&APw-ller" },
		{ "INBOX.&ZeVnLIqe-", "", "&ZeVnLIqe-" },
		{ "INBOX.tail ", "", "tail " },
	};
	struct twins t;
	(void)state;
	twins_open(&t, &cpanel, &plain);
	CHECK(&t, rows);
	twins_close(&t);
}

static void and_the_other_way_round(void **state)
{
	static const struct row rows[] = {
		{ "Sent/v1.2", "", "INBOX.Sent.v1_2" },
		{ "Sent/v1_2", "", "INBOX.Sent.v1_2_2" },
		{ "INBOX/Child", "", "INBOX.Child" },
	};
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &cpanel);
	CHECK(&t, rows);
	twins_close(&t);
}

static void names_that_differ_only_by_case_never_meet(void **state)
{
	static const struct row rows[] = {
		{ "Kunden", "", "Kunden" },
		{ "KUNDEN", "", "KUNDEN_2" },
		{ "kunden/a", "", "kunden/a" },
	};
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .folds_case = true });
	CHECK(&t, rows);
	assert_string_equal(t.dst.folders[1].name, "Kunden");
	twins_close(&t);
}

static void a_folder_that_is_there_in_another_case_is_taken(void **state)
{
	static const struct row rows[] = { { "projekte", "", "Projekte" } };
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .folds_case = true });
	(void)imapd_make(&t.dst, "Projekte", "");
	CHECK(&t, rows);
	assert_int_equal(t.dst.n_folders, 2);
	twins_close(&t);
}

static void cases_stay_apart_where_the_target_tells_them(void **state)
{
	static const struct row rows[] = { { "Kunden", "", "Kunden" }, { "KUNDEN", "", "KUNDEN" } };
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &plain);
	CHECK(&t, rows);
	twins_close(&t);
}

static void reserved_names_get_a_number(void **state)
{
	static const struct row rows[] = { { "Files", "", "Files_2" },
					   { "Files/2024", "", "Files/2024" } };
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .reserved = "Files" });
	CHECK(&t, rows);
	twins_close(&t);
}

static void a_preset_knows_them_before_anything_is_refused(void **state)
{
	static const struct row rows[] = { { "Files", "", "Files_2" }, { "a ", "", "a" } };
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .reserved = "Files", .no_blanks = true });
	t.mailbox.dst.preset = "exchange-online";
	CHECK(&t, rows);
	assert_null(strstr(t.dst.heard.at, "CREATE \"Files\""));
	assert_null(strstr(t.dst.heard.at, "CREATE \"a \""));
	twins_close(&t);
}

static void blanks_that_are_refused_are_trimmed(void **state)
{
	static const struct row rows[] = {
		{ " begin", "", "begin" },
		{ "end ", "", "end_2" }, /* it was asked for first, and refused */
		{ "end", "", "end" },
		{ "a /b", "", "a/b" },
	};
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .no_blanks = true });
	CHECK(&t, rows);
	twins_close(&t);
}

static void what_is_too_deep_is_made_flat(void **state)
{
	struct twins t;
	char deep[1024] = "d";
	char flat[1024] = "d";
	(void)state;
	for (int i = 1; i < 310; i++) {
		str_copy(deep + strlen(deep), 4, "/d");
		str_copy(flat + strlen(flat), 4, "_d");
	}
	const struct row rows[] = { { deep, "", flat } };
	twins_open(&t, &plain, &plain);
	CHECK(&t, rows);
	twins_close(&t);
}

static void uses_are_found_by_attribute_before_names(void **state)
{
	static const struct row rows[] = {
		{ "Gesendete Elemente", "", "Gesendet" },
		{ "Ablage", "\\Archive", "Archiv" },
		{ "Trash", "\\Trash", "M&APw-ll" },
		{ "Corbeille", "", "Corbeille" },
	};
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &plain);
	(void)imapd_make(&t.dst, "Gesendet", "\\Sent");
	(void)imapd_make(&t.dst, "Archiv", "\\Archive");
	(void)imapd_make(&t.dst, "M&APw-ll", "\\Trash");
	CHECK(&t, rows);
	twins_close(&t);
}

/* Exchange tells no special use: its standard folders are known by name, in any language. */
static void a_target_without_attributes_is_known_by_its_names(void **state)
{
	static const struct row rows[] = {
		{ "Sent", "\\Sent", "Gesendete Elemente" },
		{ "Entw&APw-rfe", "", "Entw&APw-rfe" },
		{ "Papierkorb", "\\Trash", "Gel&APY-schte Elemente" },
		{ "Spam", "", "Junk-E-Mail" },
	};
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &plain);
	(void)imapd_make(&t.dst, "Gesendete Elemente", "");
	(void)imapd_make(&t.dst, "Gel&APY-schte Elemente", "");
	(void)imapd_make(&t.dst, "Junk-E-Mail", "");
	CHECK(&t, rows);
	twins_close(&t);
}

static void a_rule_is_a_persons_word(void **state)
{
	static const struct migrate_folder_rule rules[] = {
		{ "Gesendet", "Sent Items" },
		{ "Alt", "Archiv/Alt" },
		{ "Alt/2019", "Neunzehn" },
		{ NULL, NULL },
	};
	static const struct row rows[] = {
		{ "Gesendet", "\\Sent", "Sent Items" },
		{ "Alt", "", "Archiv/Alt" },
		{ "Alt/2018", "", "Archiv/Alt/2018" },
		{ "Alt/2019", "", "Neunzehn" },
		{ "Altes", "", "Altes" },
	};
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &plain);
	(void)imapd_make(&t.dst, "Sent", "\\Sent");
	t.opts.folder_rules = rules;
	CHECK(&t, rows);
	twins_close(&t);
}

static void subscriptions_are_carried_once(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &plain);
	imapd_make(&t.src, "A", "")->subscribed = true;
	(void)imapd_make(&t.src, "B", "");
	twins_synced(&t);
	assert_true(imapd_find(&t.dst, "A")->subscribed);
	assert_false(imapd_find(&t.dst, "B")->subscribed);
	imapd_find(&t.dst, "A")->subscribed = false; /* its user does not want it */
	twins_synced(&t);
	assert_false(imapd_find(&t.dst, "A")->subscribed);
	twins_close(&t);
}

static void a_folder_that_no_name_helps_stays_behind_by_name(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .makes_nothing = true });
	twins_fill(imapd_make(&t.src, "A", ""), 2);
	twins_fill(&t.src.folders[0], 2);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	assert_non_null(strstr(t.result.err.text, "'A'"));
	twins_same(&t, "INBOX", "INBOX");
	twins_close(&t);
}

/* Whatever was tried, the next pass asks for its own name first. */
static void a_refused_folder_keeps_its_name_for_the_next_pass(void **state)
{
	static const struct row rows[] = { { "A\"b", "", "A\"b" } };
	struct migrate_remark *list;
	struct twins t;
	size_t n;
	struct err e;
	struct arena *a = arena_new();
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .makes_nothing = true });
	twins_fill(imapd_make(&t.src, "A\"b", ""), 2);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	t.dst.habits.makes_nothing = false;
	twins_synced(&t);
	twins_same(&t, rows[0].src, rows[0].dst);
	assert_int_equal(t.dst.n_folders, 2);
	assert_int_equal(migrate_remarks(t.store, a, t.mailbox.address, &list, &n, &e), 0);
	assert_int_equal(n, 0);
	arena_free(a);
	twins_close(&t);
}

/* A disk that is full is no word about a name. */
static void a_server_in_trouble_gets_no_other_names(void **state)
{
	static const struct row rows[] = { { "A", "", "A" }, { "A/b", "", "A/b" } };
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .disk_full = true });
	for (size_t i = 0; i < 2; i++)
		twins_fill(imapd_make(&t.src, rows[i].src, ""), 2);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	assert_non_null(strstr(t.dst.heard.at, "CREATE"));
	assert_null(strstr(t.dst.heard.at, "_2"));
	assert_null(strstr(t.dst.heard.at, "A_b"));
	t.dst.habits.disk_full = false;
	twins_synced(&t);
	for (size_t i = 0; i < 2; i++)
		twins_same(&t, rows[i].src, rows[i].dst);
	assert_int_equal(t.dst.n_folders, 3);
	twins_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_and_delimiters_are_translated),
		cmocka_unit_test(what_has_another_name_is_in_the_report),
		cmocka_unit_test(and_the_other_way_round),
		cmocka_unit_test(names_that_differ_only_by_case_never_meet),
		cmocka_unit_test(a_folder_that_is_there_in_another_case_is_taken),
		cmocka_unit_test(cases_stay_apart_where_the_target_tells_them),
		cmocka_unit_test(reserved_names_get_a_number),
		cmocka_unit_test(a_preset_knows_them_before_anything_is_refused),
		cmocka_unit_test(blanks_that_are_refused_are_trimmed),
		cmocka_unit_test(what_is_too_deep_is_made_flat),
		cmocka_unit_test(uses_are_found_by_attribute_before_names),
		cmocka_unit_test(a_target_without_attributes_is_known_by_its_names),
		cmocka_unit_test(a_rule_is_a_persons_word),
		cmocka_unit_test(subscriptions_are_carried_once),
		cmocka_unit_test(a_folder_that_no_name_helps_stays_behind_by_name),
		cmocka_unit_test(a_refused_folder_keeps_its_name_for_the_next_pass),
		cmocka_unit_test(a_server_in_trouble_gets_no_other_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
