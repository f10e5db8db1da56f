#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/dial.h"
#include "world.h"

/* Two folders of 450 messages each: worth a second lane. Every connection can give both, so it
 * does not matter which lane takes which. */
enum { FOLDERS = 2, MESSAGES = 450, BATCH = 100, STEPS = 64, TEXT_MAX = 64 * 1024 };

struct site {
	struct step src[STEPS], dst[STEPS], dst_again[STEPS];
	char *texts[STEPS]; /* owned */
	size_t n_texts;
	atomic_int src_dials, dst_dials;
	int refuse_dial; /* this one of the source, from 1; 0: none */
	int cut_dial;    /* this one of the source ends in its first body */
	struct buf heard[16];
	atomic_size_t n_heard;
};

static char *text_new(struct site *s)
{
	char *text = malloc(TEXT_MAX);
	assert_non_null(text);
	s->texts[s->n_texts++] = text;
	text[0] = '\0';
	return text;
}

static const char *scan_text(struct site *s)
{
	char *text = text_new(s);
	size_t at = 0;
	for (int uid = 1; uid <= MESSAGES; uid++)
		at += (size_t)snprintf(text + at, TEXT_MAX - at,
				       "* %d FETCH (UID %d FLAGS () INTERNALDATE "
				       "\"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 1)\r\n",
				       uid, uid);
	(void)snprintf(text + at, TEXT_MAX - at, "%% OK\r\n");
	return text;
}

static struct step batch_step(struct site *s, int first)
{
	int last = first + BATCH - 1 < MESSAGES ? first + BATCH - 1 : MESSAGES;
	char *words = text_new(s);
	char *text = text_new(s);
	size_t at = 0;
	(void)snprintf(words, TEXT_MAX, "UID FETCH %d:%d (", first, last);
	for (int uid = first; uid <= last; uid++)
		at += (size_t)snprintf(text + at, TEXT_MAX - at,
				       "* %d FETCH (UID %d BODY[] {1}\r\na)\r\n", uid, uid);
	(void)snprintf(text + at, TEXT_MAX - at, "%% OK\r\n");
	return (struct step){ words, text, false, false };
}

#define CAPS(more) "* CAPABILITY IMAP4rev1 UIDPLUS LIST-EXTENDED LIST-STATUS" more "\r\n% OK\r\n"

static void site_init(struct site *s)
{
	static const char listed[] =
		"* LIST () \"/\" INBOX\r\n* LIST () \"/\" B\r\n"
		"* STATUS INBOX (MESSAGES 450 UIDNEXT 451 UIDVALIDITY 1)\r\n"
		"* STATUS B (MESSAGES 450 UIDNEXT 451 UIDVALIDITY 1)\r\n% OK\r\n";
	/* Only INBOX: a folder of the source's name would be somebody else's copy. */
	static const char there[] =
		"* LIST () \"/\" INBOX\r\n"
		"* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 9)\r\n% OK\r\n";
	static const char again[] = "* LIST () \"/\" INBOX\r\n* LIST () \"/\" B\r\n"
				    "* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 9)\r\n"
				    "* STATUS B (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 9)\r\n% OK\r\n";
	static const char empty[] =
		"* 0 EXISTS\r\n* OK [UIDVALIDITY 9] .\r\n* OK [UIDNEXT 1] .\r\n% OK\r\n";
	size_t n = 0;
	memset(s, 0, sizeof(*s));
	s->src[n++] = (struct step){ "CAPABILITY", CAPS(""), false, false };
	s->src[n++] = (struct step){ "RETURN", listed, false, false };
	for (int k = 0; k < FOLDERS; k++) {
		s->src[n++] = (struct step){ "EXAMINE",
					     "* 450 EXISTS\r\n* OK [UIDVALIDITY 1] .\r\n% OK\r\n",
					     false, false };
		s->src[n++] = (struct step){ "UID FETCH 1:* ", scan_text(s), false, false };
		for (int first = 1; first <= MESSAGES; first += BATCH)
			s->src[n++] = batch_step(s, first);
	}
	s->dst[0] = (struct step){ "CAPABILITY", CAPS(" LITERAL+ MULTIAPPEND"), false, false };
	s->dst[1] = (struct step){ "RETURN", there, false, false };
	for (size_t i = 2; i < 8; i++)
		s->dst[i] = (struct step){ "SELECT", empty, false, false };
	/* For the connections of a second attempt. */
	memcpy(s->dst_again, s->dst, sizeof(s->dst));
	s->dst_again[1].answer = again;
}

/* The target tells where each message lies; `refused` (a first UID) is the group that it does not
 * take at first, and takes in twelves then. */
static void site_places(struct site *s, int refused)
{
	static const char *const names[] = { " APPEND \"INBOX\"", " APPEND \"B\"" };
	size_t n = 8;
	for (int k = 0; k < FOLDERS; k++) {
		for (int first = 1; first <= MESSAGES; first += BATCH) {
			int last = first + BATCH - 1 < MESSAGES ? first + BATCH - 1 : MESSAGES;
			char *text = text_new(s);
			(void)snprintf(text, TEXT_MAX, "%% OK [APPENDUID 9 %d:%d] .\r\n", first,
				       last);
			if (k == 0 && first == refused)
				(void)snprintf(text, TEXT_MAX, "%% NO one of them\r\n");
			s->dst[n++] = (struct step){ names[k], text, false, false };
		}
		for (int first = refused; k == 0 && first > 0 && first <= MESSAGES; first += 12) {
			int last = first + 11 < MESSAGES ? first + 11 : MESSAGES;
			char *text = text_new(s);
			(void)snprintf(text, TEXT_MAX, "%% OK [APPENDUID 9 %d:%d] .\r\n", first,
				       last);
			s->dst[n++] = (struct step){ names[0], text, false, false };
			if (first == refused) /* nothing of it is there */
				s->dst[n++] = (struct step){
					"STATUS \"INBOX\" (UIDNEXT)",
					"* STATUS INBOX (UIDNEXT 401)\r\n% OK\r\n", false, false
				};
		}
	}
}

static void site_release(struct site *s)
{
	for (size_t i = 0; i < s->n_texts; i++)
		free(s->texts[i]);
	for (size_t i = 0; i < s->n_heard; i++)
		buf_release(&s->heard[i]);
}

/* Both sides, from any lane's thread. */
static int dial(void *ctx, const struct dial_opts *opts, struct stream **stream_r, struct err *e)
{
	struct site *s = ctx;
	size_t at = atomic_fetch_add(&s->n_heard, 1);
	bool is_src = strstr(opts->url, "source") != NULL;
	int turn = 1 + atomic_fetch_add(is_src ? &s->src_dials : &s->dst_dials, 1);
	buf_init(&s->heard[at]);
	if (is_src && turn == s->refuse_dial)
		return err_set(e, ERR_RETRY, "Maximum number of connections exceeded");
	*stream_r = scripted(is_src ? s->src : turn > 2 ? s->dst_again : s->dst, &s->heard[at]);
	if (is_src && turn == s->cut_dial)
		*stream_r = stream_fail(*stream_r, 45000); /* behind the scan */
	return 0;
}

static size_t count_in(const char *text, const char *words)
{
	size_t n = 0;
	for (const char *at = text; (at = strstr(at, words)) != NULL; at++)
		n++;
	return n;
}

static size_t heard_of(const struct site *s, const char *words)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n_heard; i++)
		n += count_in(s->heard[i].at, words);
	return n;
}

/* By sources only: a target is examined, too, when dates are read back. */
static size_t heard_at_src(const struct site *s, const char *words)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n_heard; i++)
		if (strstr(s->heard[i].at, "UID SEARCH") != NULL)
			n += count_in(s->heard[i].at, words);
	return n;
}

static void copy(struct site *s, size_t lanes, struct migrate_result *result)
{
	struct store *store;
	struct seeded_rng rng;
	struct err e;
	const struct migrate_mailbox box = { .address = "a@treyresearch.com",
					     .src = { .url = "imaps://source.test" },
					     .dst = { .url = "imaps://target.test" } };
	assert_int_equal(store_open(&(struct store_opts){ .dir = NULL }, &store, &e), 0);
	seeded_rng_init(&rng, 1);
	const struct migrate_opts opts = { .dial = dial,
					   .dial_ctx = s,
					   .clock = clock_system(),
					   .rng = &rng.rng,
					   .store = store,
					   .mailboxes_at_once = 1,
					   .lanes_per_mailbox = lanes,
					   .timeout_ms = 180 * 1000 };
	assert_int_equal(migrate_copy(&opts, &box, 1, result, &e), 0);
	store_close(store);
}

static void expect_all(const struct migrate_result *r)
{
	if (r->state != MAILBOX_SYNCED)
		fail_msg("%s: %s", mailbox_state_name(r->state), r->err.text);
	assert_int_equal(r->counts.copied, FOLDERS * MESSAGES);
	assert_int_equal(r->counts.folders, FOLDERS);
}

static void test_two_folders_at_once(void **state)
{
	struct site s;
	struct migrate_result r;
	(void)state;
	site_init(&s);
	copy(&s, 2, &r);
	expect_all(&r);
	assert_int_equal(s.src_dials, 2);
	assert_int_equal(s.dst_dials, 2);
	assert_int_equal(heard_at_src(&s, "EXAMINE"), FOLDERS); /* no folder twice */
	assert_int_equal(heard_of(&s, " APPEND"), FOLDERS * 5);
	site_release(&s);
}

/* Each folder but the first is opened ahead, and none of them a second time. */
static void test_one_lane_opens_each_folder_once(void **state)
{
	struct site s;
	struct migrate_result r;
	(void)state;
	site_init(&s);
	site_places(&s, 0);
	copy(&s, 1, &r);
	expect_all(&r);
	assert_int_equal(s.src_dials, 1);
	assert_int_equal(heard_at_src(&s, "EXAMINE"), FOLDERS);
	site_release(&s);
}

/* The last group of INBOX is refused behind the opening of B: back to INBOX, and B in its turn. */
static void test_a_folder_opened_ahead_is_taken_back(void **state)
{
	struct site s;
	struct migrate_result r;
	(void)state;
	site_init(&s);
	site_places(&s, 401);
	size_t n = 0;
	while (s.src[n].words != NULL)
		n++;
	s.src[n++] = batch_step(&s, 401);
	for (size_t k = 0; k < 2; k++) {
		s.src[n++] = (struct step){ "EXAMINE",
					    "* 450 EXISTS\r\n* OK [UIDVALIDITY 1] .\r\n% OK\r\n",
					    false, false };
		s.src[n++] = (struct step){ "UID FETCH 1:* ", scan_text(&s), false, false };
	}
	copy(&s, 1, &r);
	expect_all(&r);
	assert_int_equal(s.src_dials, 1);
	assert_int_equal(heard_at_src(&s, "EXAMINE \"INBOX\""), 2);
	assert_int_equal(heard_at_src(&s, "EXAMINE \"B\""), 2);
	assert_int_equal(heard_of(&s, "UID FETCH 401:450"), FOLDERS + 1);
	assert_int_equal(heard_of(&s, "APPEND \"INBOX\""), 5 + 5);
	assert_int_equal(heard_of(&s, "APPEND \"B\""), 5);
	site_release(&s);
}

static void test_a_lane_without_connection_is_done_without(void **state)
{
	struct site s;
	struct migrate_result r;
	(void)state;
	site_init(&s);
	site_places(&s, 0);
	s.refuse_dial = 2;
	copy(&s, 2, &r);
	expect_all(&r);
	assert_int_equal(s.src_dials, 2);
	site_release(&s);
}

/* The other lane goes on; the next attempt asks for one connection less and takes what is
 * left. */
static void test_a_cut_lane_keeps_no_other_back(void **state)
{
	struct site s;
	struct migrate_result r;
	(void)state;
	site_init(&s);
	s.cut_dial = 1;
	copy(&s, 2, &r);
	expect_all(&r);
	assert_in_range(s.src_dials, 2, 3); /* 2: the other lane was so quick as to take both */
	site_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_folders_at_once),
		cmocka_unit_test(test_one_lane_opens_each_folder_once),
		cmocka_unit_test(test_a_folder_opened_ahead_is_taken_back),
		cmocka_unit_test(test_a_lane_without_connection_is_done_without),
		cmocka_unit_test(test_a_cut_lane_keeps_no_other_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
