/*
 * Servers as they are (docs/servers.md has the list): each case is a whole pass of the mover
 * between two servers in memory, one of them with a habit of a real one.
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

/* -- 1: keywords -- */

static void keywords_that_are_refused_are_left_out_and_noted(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .refuses_keywords = true });
	(void)imapd_put(&t.src.folders[0], "\\Seen $Label1 Work", "17-Jul-1996 02:44:25 -0700",
			"Subject: k\r\n\r\nk\r\n");
	twins_fill(&t.src.folders[0], 5);
	(void)twins_pass(&t);
	twins_same(&t, "INBOX", "INBOX");
	assert_non_null(strstr(t.dst.folders[0].at[0].flags, "\\Seen"));
	for (size_t i = 0; i < t.dst.folders[0].n; i++)
		assert_null(strstr(t.dst.folders[0].at[i].flags, "Work"));
	twins_close(&t);
}

/* -- 2: throttling -- */

static void a_named_time_is_waited_for_to_the_millisecond(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain,
		   &(struct imapd_habits){ .throttled = 2,
					   .backoff_ms = 299961,
					   .capability = "UIDPLUS NAMESPACE" });
	twins_fill(&t.src.folders[0], 20);
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	assert_true(twins_passed_ms(&t) >= 2 * INT64_C(299961));
	assert_true(t.clock.slept_ms < 2 * INT64_C(299961) + 10000);
	twins_close(&t);
}

static void too_many_connections_at_login_are_waited_for(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &plain);
	t.refusals = 3;
	t.refusal_kind = ERR_ACCOUNT; /* all that the dialler could tell */
	t.refusal = "A002 NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded "
		    "(mail_max_userip_connections=10)";
	twins_fill(&t.src.folders[0], 3);
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	assert_true(twins_passed_ms(&t) >= 5000 + 10000 + 20000);
	twins_close(&t);
}

static void a_wrong_password_is_not_tried_again(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &plain);
	t.refusals = 100;
	t.refusal_kind = ERR_ACCOUNT;
	t.refusal = "A002 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)";
	assert_int_equal(twins_pass(&t), MAILBOX_FAILED);
	assert_int_equal(t.result.err.kind, ERR_ACCOUNT);
	assert_int_equal(t.refusals, 99);
	twins_close(&t);
}

static void a_days_bandwidth_that_is_used_up_is_no_wrong_password(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &plain);
	t.refusals = 1;
	t.refusal_kind = ERR_ACCOUNT;
	t.refusal = "A002 NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)";
	twins_fill(&t.src.folders[0], 3);
	twins_synced(&t);
	assert_true(twins_passed_ms(&t) >= INT64_C(3600000));
	twins_close(&t);
}

/* -- 3: a token that ends in mid-APPEND -- */

static void end_session(enum imapd_bye when, const char *capability)
{
	for (unsigned at = 1; at <= 8; at++) {
		struct twins t;
		twins_open(&t, &plain,
			   &(struct imapd_habits){
				   .bye = when, .bye_at = at, .capability = capability });
		twins_fill(&t.src.folders[0], 12);
		twins_synced(&t);
		twins_same(&t, "INBOX", "INBOX");
		twins_close(&t);
	}
}

static void an_expired_token_loses_and_doubles_nothing(void **state)
{
	(void)state;
	end_session(BYE_BEFORE_LITERAL, "UIDPLUS NAMESPACE");
	end_session(BYE_BEFORE_LITERAL, "UIDPLUS LITERAL+ NAMESPACE");
	end_session(BYE_AFTER_STORING, "UIDPLUS NAMESPACE");
	end_session(BYE_AFTER_STORING, "UIDPLUS LITERAL+ NAMESPACE");
	end_session(BYE_AFTER_STORING, "LITERAL+");
}

/* -- 4: authenticated but not connected -- */

static void a_mailbox_that_is_not_connected_at_first_is_tried_again(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .not_connected = 1 });
	twins_fill(&t.src.folders[0], 3);
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	twins_close(&t);
}

static void one_that_never_is_fails_as_a_missing_right(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .not_connected = 1000 });
	twins_fill(&t.src.folders[0], 3);
	assert_int_equal(twins_pass(&t), MAILBOX_FAILED);
	assert_int_equal(t.result.err.kind, ERR_ACCOUNT);
	assert_non_null(strstr(t.result.err.hint, "licence"));
	assert_true(t.dst.connections <= 4);
	twins_close(&t);
}

/* -- 5: what comes between -- */

static void noise_and_odd_lists_confuse_nothing(void **state)
{
	struct twins t;
	const struct imapd_habits odd = { .noise = true, .odd_list = true };
	(void)state;
	twins_open(&t, &odd, &odd);
	twins_fill(&t.src.folders[0], 30);
	twins_fill(imapd_make(&t.src, "2024", ""), 3);
	twins_fill(imapd_make(&t.src, "quote\"and\\back", ""), 3);
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	twins_same(&t, "2024", "2024");
	twins_same(&t, "quote\"and\\back", "quote\"and\\back");
	assert_int_equal(t.dst.n_folders, 3);
	assert_int_equal(t.result.counts.folders, 3);
	twins_close(&t);
}

/* -- 6: sizes that are estimates -- */

static void wrong_sizes_throw_nothing_away(void **state)
{
	struct twins t;
	(void)state;
	for (int off = -20; off <= 20; off += 40) {
		twins_open(&t, &(struct imapd_habits){ .size_off = off }, &plain);
		twins_fill(&t.src.folders[0], 10);
		twins_synced(&t);
		twins_same(&t, "INBOX", "INBOX");
		twins_synced(&t);
		assert_int_equal(t.result.counts.copied, 0);
		twins_close(&t);
	}
}

static void a_target_that_rewrites_is_filled_once(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .rewrites = true });
	twins_fill(&t.src.folders[0], 10);
	twins_synced(&t);
	twins_synced(&t);
	assert_int_equal(t.result.counts.copied, 0);
	assert_int_equal(t.dst.folders[0].n, 10);
	twins_close(&t);
}

/* -- 7, 8: places -- */

static void without_uidplus_places_are_found(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .capability = "LITERAL+" });
	twins_fill(&t.src.folders[0], 10);
	twins_fill(&t.src.folders[0], 4); /* exact duplicates */
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	twins_synced(&t);
	assert_int_equal(t.result.counts.copied, 0);
	twins_close(&t);
}

static void a_new_uidvalidity_on_either_side_copies_nothing_again(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain, &plain);
	twins_fill(&t.src.folders[0], 10);
	twins_synced(&t);
	t.src.folders[0].uidvalidity++;
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	t.dst.folders[0].uidvalidity++;
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	twins_close(&t);
}

/* -- 9: Yahoo -- */

#define YAHOO "ID ENABLE UIDPLUS LITERAL+ NAMESPACE XYMHIGHESTMODSEQ MESSAGELIMIT=10"

static void a_part_of_a_folder_is_never_taken_for_all_of_it(void **state)
{
	struct twins t;
	struct arena *a = arena_new();
	(void)state;
	twins_open(&t,
		   &(struct imapd_habits){ .message_limit = 10,
					   .capability = "ID UIDPLUS LITERAL+ NAMESPACE" },
		   &plain);
	twins_fill(&t.src.folders[0], 13);
	(void)twins_pass(&t);
	assert_int_equal(t.dst.folders[0].n, 10);
	assert_false(twins_status(&t, a).counts_agree);
	assert_string_equal(twins_status(&t, a).counts_note,
			    "'INBOX': STATUS 13, EXISTS 10, SEARCH 10, FETCH 10");
	arena_free(a);
	twins_close(&t);
}

static void read_in_windows(const char *capability)
{
	struct twins t;
	struct migrate_verdict v;
	struct err e;
	struct arena *a = arena_new();
	twins_open(&t, &(struct imapd_habits){ .message_limit = 10, .capability = capability },
		   &plain);
	twins_fill(&t.src.folders[0], 57);
	for (size_t i = 0; i < 57; i++) /* UIDs with gaps */
		t.src.folders[0].at[i].uid = (uint32_t)(3 * i + 1);
	t.src.folders[0].uidnext = 200;
	twins_fill(imapd_make(&t.src, "Ten", ""), 10);
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	twins_same(&t, "Ten", "Ten");
	assert_true(twins_status(&t, a).counts_agree);
	assert_int_equal(migrate_verify(&t.opts, &t.mailbox, 1, &v, &e), 0);
	if (!v.verified)
		fail_msg("%s", v.err.text);
	assert_int_equal(v.compared, 67);
	assert_int_equal(t.src.offences, 0);
	arena_free(a);
	twins_close(&t);
}

static void a_big_folder_is_read_in_windows(void **state)
{
	(void)state;
	read_in_windows(YAHOO " UIDONLY PARTIAL");
	read_in_windows(YAHOO " UIDONLY");
}

/* -- 12: Gmail -- */

static void long_literals_wait_at_a_literal_minus_server(void **state)
{
	struct twins t;
	char *body = test_malloc(20001);
	(void)state;
	memset(body, 'x', 20000);
	body[20000] = '\0';
	twins_open(&t, &plain,
		   &(struct imapd_habits){ .capability = "UIDPLUS NAMESPACE LITERAL-" });
	(void)imapd_put(&t.src.folders[0], "", "17-Jul-1996 02:44:25 -0700", body);
	twins_fill(&t.src.folders[0], 5);
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	assert_non_null(strstr(t.dst.heard.at, "{20000}"));
	test_free(body);
	twins_close(&t);
}

#define GMAIL "UIDPLUS NAMESPACE X-GM-EXT-1 LITERAL-"

/* "m<n>" with Gmail's number n. */
static void put_labelled(struct imapd_folder *f, uint64_t n)
{
	char body[64];
	(void)snprintf(body, sizeof(body), "Subject: m%d\r\n\r\n", (int)n);
	(void)imapd_put(f, "", "17-Jul-1996 02:44:25 -0700", body);
	f->at[f->n - 1].gm_id = n;
}

/* 1 is in INBOX, Kunden and Starred, 2 in Kunden, 3 archived without a label. */
static void copy_labels(struct twins *t, bool as_folders)
{
	struct migrate_verdict v;
	struct err e;
	twins_open(t, &(struct imapd_habits){ .capability = GMAIL }, &plain);
	struct imapd_folder *all = imapd_make(&t->src, "[Gmail]/All Mail", "\\All");
	struct imapd_folder *starred = imapd_make(&t->src, "[Gmail]/Starred", "\\Flagged");
	struct imapd_folder *label = imapd_make(&t->src, "Kunden", "");
	for (uint64_t n = 1; n <= 3; n++)
		put_labelled(all, n);
	put_labelled(starred, 1);
	put_labelled(label, 1);
	put_labelled(label, 2);
	put_labelled(&t->src.folders[0], 1);
	(void)imapd_make(&t->dst, "Archive", "\\Archive");
	t->opts.labels_as_folders = as_folders;
	twins_synced(t);
	assert_int_equal(t->dst.n_folders, 3);
	assert_int_equal(t->dst.folders[0].n, 1);
	assert_int_equal(imapd_find(&t->dst, "Archive")->n, 1);
	assert_int_equal(imapd_count(imapd_find(&t->dst, "Archive"), "Subject: m3\r\n\r\n"), 1);
	assert_int_equal(migrate_verify(&t->opts, &t->mailbox, 1, &v, &e), 0);
	if (!v.verified)
		fail_msg("%s", v.err.text);
	twins_synced(t);
	assert_int_equal(t->result.counts.copied, 0);
}

static void a_message_with_many_labels_is_fetched_and_copied_once(void **state)
{
	struct twins t;
	(void)state;
	copy_labels(&t, false);
	assert_int_equal(imapd_find(&t.dst, "Kunden")->n, 1);
	assert_int_equal(t.src.appends, 0);
	twins_close(&t);
}

static void or_for_each_label_as_the_project_wishes(void **state)
{
	struct twins t;
	(void)state;
	copy_labels(&t, true);
	assert_int_equal(imapd_find(&t.dst, "Kunden")->n, 2);
	twins_close(&t);
}

/* It leaves INBOX before it was copied, and only the label is left. */
static void a_twin_whose_home_is_lost_is_copied_itself(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &(struct imapd_habits){ .capability = GMAIL },
		   &(struct imapd_habits){ .not_connected = 1000 });
	put_labelled(&t.src.folders[0], 1);
	put_labelled(imapd_make(&t.src, "Kunden", ""), 1);
	t.opts.dry_run = true; /* both are in the ledger, nothing is copied */
	(void)twins_pass(&t);
	t.opts.dry_run = false;
	t.dst.habits.not_connected = 0;
	buf_release(&t.src.folders[0].at[0].body);
	free(t.src.folders[0].at[0].flags);
	free(t.src.folders[0].at[0].date);
	t.src.folders[0].n = 0;
	twins_synced(&t);
	assert_int_equal(imapd_find(&t.dst, "Kunden")->n, 1);
	assert_int_equal(t.dst.folders[0].n, 0);
	twins_close(&t);
}

/* A dry run saw 1 with the label "Kunden" and 2 without one. */
static void look_at_labels(struct twins *t)
{
	twins_open(t, &(struct imapd_habits){ .capability = GMAIL }, &plain);
	struct imapd_folder *all = imapd_make(&t->src, "[Gmail]/All Mail", "\\All");
	put_labelled(all, 1);
	put_labelled(all, 2);
	put_labelled(imapd_make(&t->src, "Kunden", ""), 1);
	(void)imapd_make(&t->dst, "Archive", "\\Archive");
	t->opts.dry_run = true;
	twins_synced(t);
	t->opts.dry_run = false;
}

/* Both sides read again agree that all is there, and it is. */
static void expect_all_there(struct twins *t)
{
	struct migrate_verdict v;
	struct err e;
	const struct imapd_folder *to[] = { imapd_find(&t->dst, "Archive"),
					    imapd_find(&t->dst, "Kunden"),
					    imapd_find(&t->dst, "Clients") };
	size_t one = 0;
	size_t two = 0;
	for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
		one += imapd_count(to[i], "Subject: m1\r\n\r\n");
		two += imapd_count(to[i], "Subject: m2\r\n\r\n");
	}
	assert_int_equal(one, 1);
	assert_int_equal(two, 1);
	assert_int_equal(migrate_verify(&t->opts, &t->mailbox, 1, &v, &e), 0);
	if (!v.verified)
		fail_msg("%s", v.err.text);
	assert_int_equal(v.compared, 2);
}

static void a_label_that_is_deleted_takes_no_message_with_it(void **state)
{
	struct twins t;
	(void)state;
	look_at_labels(&t);
	imapd_unmake(&t.src);
	twins_synced(&t);
	expect_all_there(&t);
	twins_close(&t);
}

static void nor_one_that_is_renamed(void **state)
{
	struct twins t;
	(void)state;
	look_at_labels(&t);
	imapd_unmake(&t.src);
	put_labelled(imapd_make(&t.src, "Clients", ""), 1);
	twins_synced(&t);
	expect_all_there(&t);
	twins_close(&t);
}

/* The folder that was read first counts on the copy of one that is read behind it, where the
 * message was refused and is no more. */
static void lose_home(const char *capability)
{
	struct twins t;
	twins_open(&t, &(struct imapd_habits){ .capability = capability },
		   &(struct imapd_habits){ .refused_words = "m1" });
	struct imapd_folder *label = imapd_make(&t.src, "Kunden", "");
	put_labelled(label, 1);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	put_labelled(&t.src.folders[0], 1);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	t.dst.habits.refused_words = NULL;
	assert_true(imapd_take(label, 1));
	twins_synced(&t);
	assert_int_equal(t.dst.folders[0].n, 1);
	twins_close(&t);
}

static void a_home_that_is_lost_behind_its_twin(void **state)
{
	(void)state;
	lose_home(GMAIL);
	lose_home(GMAIL " CONDSTORE"); /* nothing changed in the folder that waits for it */
}

static void one_message_a_message_id_leaves_nothing_to_copy(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &plain,
		   &(struct imapd_habits){ .one_per_message_id = true,
					   .greeting = "* OK Gimap ready for requests",
					   .capability = "UIDPLUS NAMESPACE X-GM-EXT-1 LITERAL-" });
	twins_fill(&t.src.folders[0], 6);
	twins_fill(&t.src.folders[0], 3);
	(void)twins_pass(&t);
	assert_int_equal(t.dst.folders[0].n, 6);
	(void)twins_pass(&t);
	assert_int_equal(t.result.counts.copied, 0);
	assert_int_equal(t.dst.folders[0].n, 6);
	twins_close(&t);
}

/* -- 12b -- */

static void servers_that_want_to_be_told_who_we_are_are_told(void **state)
{
	struct twins t;
	const struct imapd_habits strict = { .needs_id = true };
	(void)state;
	twins_open(&t, &strict, &strict);
	twins_fill(&t.src.folders[0], 3);
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	twins_close(&t);
}

/* -- 14, silence -- */

static void a_cut_at_any_byte_loses_and_doubles_nothing(void **state)
{
	(void)state;
	for (size_t at = 40; at < 2600; at += 83) {
		struct twins t;
		const struct imapd_habits cut = { .cut_after = at, .cuts = 1 };
		bool at_src = at % 2 == 0;
		twins_open(&t, at_src ? &cut : &plain, at_src ? &plain : &cut);
		twins_fill(&t.src.folders[0], 12);
		if (twins_pass(&t) != MAILBOX_SYNCED)
			twins_synced(&t);
		twins_same(&t, "INBOX", "INBOX");
		twins_close(&t);
	}
}

static void a_server_that_falls_silent_is_given_up(void **state)
{
	struct twins t;
	(void)state;
	for (int at_src = 0; at_src < 2; at_src++) {
		const struct imapd_habits mute = { .mute = true };
		twins_open(&t, at_src ? &mute : &plain, at_src ? &plain : &mute);
		twins_fill(&t.src.folders[0], 3);
		assert_int_equal(twins_pass(&t), MAILBOX_FAILED);
		assert_non_null(strstr(t.result.err.text, "said nothing for 60 s"));
		twins_close(&t);
	}
}

/* Plain IMAP has no fence: what a dead session stores after it was looked for in vain is there
 * twice. It is told by name, and stays. */
static void what_a_dead_session_stores_late_is_told(void **state)
{
	struct twins t;
	struct migrate_remark *list;
	size_t n;
	struct err e;
	struct arena *a = arena_new();
	(void)state;
	twins_open(
		&t, &plain,
		&(struct imapd_habits){ .bye = BYE_AND_STORE_LATE, .bye_at = 3, .late_ms = 20000 });
	twins_fill(&t.src.folders[0], 12);
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	t.clock.at_ms += 60000;
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	assert_non_null(strstr(t.result.err.text, "more than once at the target"));
	assert_int_equal(migrate_remarks(t.store, a, t.mailbox.address, &list, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].kind, "doubled");
	assert_int_equal(list[0].uid, 3);
	assert_int_equal(t.dst.folders[0].n, 13);
	assert_int_equal(imapd_count(&t.dst.folders[0], t.src.folders[0].at[2].body.at), 2);
	arena_free(a);
	twins_close(&t);
}

/* What the one side says is no sign of life of the other. */
static void a_source_that_hangs_in_a_body_is_given_up_while_the_target_talks(void **state)
{
	const struct imapd_habits hangs = { .hang_after = 900, .hangs = 1 };
	const struct imapd_habits talks = { .keeps_alive = true };
	struct twins t;
	(void)state;
	twins_open(&t, &hangs, &talks);
	twins_fill(&t.src.folders[0], 9);
	twins_synced(&t);
	assert_int_equal(t.src.habits.hangs, 0);
	assert_in_range(twins_passed_ms(&t), 60000, 120000);
	twins_same(&t, "INBOX", "INBOX");
	twins_close(&t);
}

static void a_target_that_hangs_is_given_up_while_the_source_talks(void **state)
{
	const struct imapd_habits hangs = { .hang_after = 900, .hangs = 1 };
	const struct imapd_habits talks = { .keeps_alive = true };
	struct twins t;
	(void)state;
	twins_open(&t, &talks, &hangs);
	twins_fill(&t.src.folders[0], 30);
	twins_synced(&t);
	assert_int_equal(t.dst.habits.hangs, 0);
	assert_in_range(twins_passed_ms(&t), 60000, 120000);
	twins_same(&t, "INBOX", "INBOX");
	twins_close(&t);
}

/* -- 15: counts -- */

static void an_empty_search_of_a_full_folder_closes_the_gate(void **state)
{
	struct twins t;
	struct arena *a = arena_new();
	(void)state;
	twins_open(&t, &(struct imapd_habits){ .blind_search = true }, &plain);
	twins_fill(&t.src.folders[0], 3);
	(void)twins_pass(&t);
	twins_same(&t, "INBOX", "INBOX");
	assert_false(twins_status(&t, a).counts_agree);
	assert_non_null(strstr(twins_status(&t, a).counts_note, "SEARCH 0"));
	assert_null(strstr(t.src.heard.at, "CHARSET"));
	arena_free(a);
	twins_close(&t);
}

/* -- 16: odd messages -- */

static void odd_messages_arrive_as_they_are(void **state)
{
	static const char *const odd[] = {
		"",
		"\r\n",
		"Subject: header only\r\n\r\n",
		"no header at all",
		"Subject: bare\n\nline\nfeeds\n",
		"Subject: \xfc\xe4 8-bit\r\n\r\n\xff\xfe\r\n",
		"Message-ID: <same@x>\r\nSubject: a\r\n\r\na\r\n",
		"Message-ID: <same@x>\r\nSubject: b\r\n\r\nb\r\n",
		"Message-ID: <same@x>\r\nSubject: b\r\n\r\nb\r\n",
		"A1 LOGOUT\r\n* BYE {3}\r\n)\r\n",
	};
	struct twins t;
	char *line = test_malloc(20100);
	(void)state;
	memset(line, 'l', 20096);
	memcpy(line, "Subject: long\r\n\r\n", 17);
	str_copy(line + 20090, 10, "\r\n");
	twins_open(&t, &plain, &plain);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		(void)imapd_put(&t.src.folders[0], "", "17-Jul-1996 02:44:25 -0700", odd[i]);
	(void)imapd_put(&t.src.folders[0], "", "17-Jul-1996 02:44:25 -0700", line);
	uint32_t nul = imapd_put(&t.src.folders[0], "", "17-Jul-1996 02:44:25 -0700", "");
	buf_add(&t.src.folders[0].at[nul - 1].body, "Subject: n\r\n\r\na\0b\r\n", 19);
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	test_free(line);
	twins_close(&t);
}

static void a_refused_message_is_named_and_the_rest_arrives(void **state)
{
	struct twins t;
	struct arena *a = arena_new();
	struct migrate_refusal *list;
	size_t n;
	struct err e;
	(void)state;
	twins_open(&t, &plain, &(struct imapd_habits){ .refused_words = "text 7" });
	twins_fill(&t.src.folders[0], 12);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	assert_int_equal(t.dst.folders[0].n, 11);
	assert_int_equal(migrate_refusals(t.store, a, t.mailbox.address, &list, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].uid, 7);
	assert_non_null(strstr(list[0].reason, "NUL"));
	arena_free(a);
	twins_close(&t);
}

/* RFC 3502 wants a group stored whole or not at all; Stalwart stores what goes before the one that
 * it refuses. */
static void a_group_that_is_stored_in_part_doubles_nothing(void **state)
{
	for (int part = 0; part < 2; part++) {
		struct twins t;
		(void)state;
		twins_open(&t, &plain,
			   &(struct imapd_habits){ .refused_words = "text 7",
						   .stores_part = part == 1,
						   .capability = "UIDPLUS LITERAL+ MULTIAPPEND "
								 "NAMESPACE" });
		twins_fill(&t.src.folders[0], 12);
		for (int pass = 0; pass < 2; pass++) {
			assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
			assert_int_equal(t.result.counts.refused, 1);
			assert_int_equal(t.dst.folders[0].n, 11);
		}
		assert_int_equal(t.dst.connections, part == 1 ? 3 : 2);
		twins_close(&t);
	}
}

/* What got there is kept, no message is blamed, and with more room the rest follows. */
static void is_full(const char *words, const char *capability)
{
	struct twins t;
	struct arena *a = arena_new();
	twins_open(&t, &plain,
		   &(struct imapd_habits){
			   .quota = 10, .full_words = words, .capability = capability });
	twins_fill(&t.src.folders[0], 25);
	assert_int_equal(twins_pass(&t), MAILBOX_FAILED);
	assert_int_equal(t.result.err.kind, ERR_MAILBOX);
	assert_non_null(strstr(t.result.err.text, "the mailbox is full"));
	assert_non_null(strstr(t.result.err.hint, "more room"));
	struct migrate_status st = twins_status(&t, a);
	assert_int_equal(st.messages, 25);
	assert_int_equal(st.acknowledged, 10);
	assert_int_equal(st.refused, 0);
	t.dst.habits.quota = 0;
	twins_synced(&t);
	assert_int_equal(t.dst.folders[0].n, 25);
	arena_free(a);
	twins_close(&t);
}

static void a_full_mailbox_is_told_and_goes_on_when_it_has_room(void **state)
{
	(void)state;
	is_full(NULL, NULL);
	is_full("Over quota", "UIDPLUS LITERAL+ NAMESPACE");
	is_full("[ALERT] You exceeded your mail quota.", "UIDPLUS NAMESPACE");
}

/* RFC 6855: a source that alters UTF-8 in headers for clients of the old kind is told that we are
 * none; a target that has nothing else gets names and messages in its coding; and the ledger knows
 * a folder by one name whichever coding was spoken. */
static void utf8_in_headers_arrives_as_it_is(void **state)
{
	static const char mail[] = "From: \xc3\xa9"
				   "lise@example.org\r\n"
				   "Subject: Gr\xc3\xbc\xc3\x9f\r\n\r\nhallo\r\n";
	static const char dated[] = "01-Nov-2026 10:00:00 +0000";
	struct twins t;
	struct migrate_verdict v;
	struct err e;
	(void)state;
	twins_open(&t,
		   &(struct imapd_habits){ .capability = "UIDPLUS NAMESPACE ENABLE UTF8=ACCEPT",
					   .downgrades = true },
		   &(struct imapd_habits){ .capability = "UIDPLUS LITERAL+ MULTIAPPEND NAMESPACE "
							 "ENABLE UTF8=ONLY",
					   .utf8_only = true });
	struct imapd_folder *from = imapd_make(&t.src, "Entw&APw-rfe &- mehr", "");
	(void)imapd_put(from, "\\Seen", dated, mail);
	(void)imapd_put(from, "", dated, "Subject: plain\r\n\r\nhallo\r\n");
	twins_synced(&t);
	struct imapd_folder *to = imapd_find(&t.dst, "Entw&APw-rfe &- mehr");
	assert_int_equal(imapd_count(to, mail), 1);
	assert_int_equal(to->n, 2);
	assert_int_equal(migrate_verify(&t.opts, &t.mailbox, 1, &v, &e), 0);
	if (!v.verified)
		fail_msg("%s", v.err.text);
	t.src.habits.capability = "UIDPLUS NAMESPACE"; /* the next time it offers nothing */
	twins_synced(&t);
	assert_int_equal(to->n, 2);
	assert_int_equal(t.src.offences + t.dst.offences, 0);
	assert_non_null(strstr(t.dst.heard.at, "CREATE \"Entw\xc3\xbc"
					       "rfe & mehr\""));
	assert_non_null(strstr(t.src.heard.at, "EXAMINE \"Entw&APw-rfe &- mehr\""));
	twins_close(&t);
}

static void a_rotten_message_is_found_by_asking_one_by_one(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &(struct imapd_habits){ .rotten = 5 }, &plain);
	twins_fill(&t.src.folders[0], 12);
	assert_int_equal(twins_pass(&t), MAILBOX_SYNCED_WITH_ERRORS);
	assert_int_equal(t.dst.folders[0].n, 11);
	assert_int_equal(t.result.counts.refused, 1);
	twins_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keywords_that_are_refused_are_left_out_and_noted),
		cmocka_unit_test(a_named_time_is_waited_for_to_the_millisecond),
		cmocka_unit_test(too_many_connections_at_login_are_waited_for),
		cmocka_unit_test(a_wrong_password_is_not_tried_again),
		cmocka_unit_test(a_days_bandwidth_that_is_used_up_is_no_wrong_password),
		cmocka_unit_test(an_expired_token_loses_and_doubles_nothing),
		cmocka_unit_test(a_mailbox_that_is_not_connected_at_first_is_tried_again),
		cmocka_unit_test(one_that_never_is_fails_as_a_missing_right),
		cmocka_unit_test(noise_and_odd_lists_confuse_nothing),
		cmocka_unit_test(wrong_sizes_throw_nothing_away),
		cmocka_unit_test(a_target_that_rewrites_is_filled_once),
		cmocka_unit_test(without_uidplus_places_are_found),
		cmocka_unit_test(a_new_uidvalidity_on_either_side_copies_nothing_again),
		cmocka_unit_test(a_part_of_a_folder_is_never_taken_for_all_of_it),
		cmocka_unit_test(a_big_folder_is_read_in_windows),
		cmocka_unit_test(long_literals_wait_at_a_literal_minus_server),
		cmocka_unit_test(a_message_with_many_labels_is_fetched_and_copied_once),
		cmocka_unit_test(or_for_each_label_as_the_project_wishes),
		cmocka_unit_test(a_twin_whose_home_is_lost_is_copied_itself),
		cmocka_unit_test(a_label_that_is_deleted_takes_no_message_with_it),
		cmocka_unit_test(nor_one_that_is_renamed),
		cmocka_unit_test(a_home_that_is_lost_behind_its_twin),
		cmocka_unit_test(one_message_a_message_id_leaves_nothing_to_copy),
		cmocka_unit_test(servers_that_want_to_be_told_who_we_are_are_told),
		cmocka_unit_test(a_cut_at_any_byte_loses_and_doubles_nothing),
		cmocka_unit_test(a_server_that_falls_silent_is_given_up),
		cmocka_unit_test(what_a_dead_session_stores_late_is_told),
		cmocka_unit_test(a_source_that_hangs_in_a_body_is_given_up_while_the_target_talks),
		cmocka_unit_test(a_target_that_hangs_is_given_up_while_the_source_talks),
		cmocka_unit_test(an_empty_search_of_a_full_folder_closes_the_gate),
		cmocka_unit_test(odd_messages_arrive_as_they_are),
		cmocka_unit_test(a_refused_message_is_named_and_the_rest_arrives),
		cmocka_unit_test(a_group_that_is_stored_in_part_doubles_nothing),
		cmocka_unit_test(a_full_mailbox_is_told_and_goes_on_when_it_has_room),
		cmocka_unit_test(a_rotten_message_is_found_by_asking_one_by_one),
		cmocka_unit_test(utf8_in_headers_arrives_as_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
