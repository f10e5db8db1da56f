/*
 * COMPRESS=DEFLATE between the mover and servers in memory: agreed upon, refused, lied about, cut
 * anywhere, and begun in the middle of a folder. The stream itself is tested in unit/io.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "migrate/compress.h"
#include "twins.h"

#define OFFERS "UIDPLUS LITERAL+ MULTIAPPEND NAMESPACE COMPRESS=DEFLATE"
#define HOST   "server.test:993"

static const struct imapd_habits fine = { .capability = OFFERS, .compress = COMPRESS_FINE };

static void always(struct twins *t, const struct imapd_habits *src, const struct imapd_habits *dst)
{
	twins_open(t, src, dst);
	t->opts.compress = compress_new(COMPRESS_ALWAYS, NULL);
}

static void close_all(struct twins *t)
{
	compress_free(t->opts.compress);
	twins_close(t);
}

static void both_sides_are_compressed(void **state)
{
	struct twins t;
	(void)state;
	always(&t, &fine, &fine);
	twins_fill(&t.src.folders[0], 250);
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	assert_int_equal(t.src.compressed, 1);
	assert_int_equal(t.dst.compressed, 1);
	const struct compress_sum sum = compress_sum(t.opts.compress);
	assert_true(sum.bytes > 2 * 250 * 50);
	assert_true(sum.wire < sum.bytes / 2);
	close_all(&t);
}

static void nobody_is_asked_who_does_not_offer_it(void **state)
{
	struct twins t;
	(void)state;
	always(&t, &(struct imapd_habits){ 0 }, &fine);
	twins_fill(&t.src.folders[0], 20);
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	assert_null(strstr(t.src.heard.at, "COMPRESS"));
	assert_int_equal(t.dst.compressed, 1);
	close_all(&t);
}

static void nothing_is_compressed_unasked(void **state)
{
	struct twins t;
	(void)state;
	twins_open(&t, &fine, &fine);
	twins_fill(&t.src.folders[0], 20);
	twins_synced(&t);
	assert_null(strstr(t.src.heard.at, "COMPRESS"));
	assert_null(strstr(t.dst.heard.at, "COMPRESS"));
	twins_close(&t);
}

static void a_refusal_costs_nothing(void **state)
{
	struct twins t;
	const struct imapd_habits active = { .capability = OFFERS, .compress = COMPRESS_ACTIVE };
	(void)state;
	always(&t, &active, &active);
	twins_fill(&t.src.folders[0], 20);
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	assert_int_equal(t.src.connections, 1);
	assert_false(compress_is_wanted(t.opts.compress, HOST));
	close_all(&t);
}

/* Found out by the first answer, and the next connection goes without. */
static void who_says_ok_and_speaks_plainly_is_not_asked_again(void **state)
{
	struct twins t;
	const struct imapd_habits lies = { .capability = OFFERS, .compress = COMPRESS_LIES };
	(void)state;
	always(&t, &lies, &(struct imapd_habits){ 0 });
	twins_fill(&t.src.folders[0], 20);
	(void)twins_pass(&t);
	assert_int_equal(t.result.state, MAILBOX_SYNCED);
	twins_same(&t, "INBOX", "INBOX");
	assert_int_equal(t.src.connections, 2);
	close_all(&t);
}

static void who_says_ok_and_nothing_more_is_not_asked_again(void **state)
{
	struct twins t;
	const struct imapd_habits mute = { .capability = OFFERS, .compress = COMPRESS_MUTE };
	(void)state;
	always(&t, &(struct imapd_habits){ 0 }, &mute);
	twins_fill(&t.src.folders[0], 20);
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	assert_int_equal(t.dst.connections, 2);
	close_all(&t);
}

/* A cut in the middle of the compressed stream is a lost connection like any other. */
static void a_cut_anywhere_loses_and_doubles_nothing(void **state)
{
	(void)state;
	for (size_t after = 300; after < 2600; after += 131) {
		struct twins t;
		struct imapd_habits cut = fine;
		cut.cut_after = after;
		cut.cuts = 1;
		always(&t, &cut, &fine);
		twins_fill(&t.src.folders[0], 60);
		twins_synced(&t);
		twins_same(&t, "INBOX", "INBOX");
		close_all(&t);
		always(&t, &fine, &cut);
		twins_fill(&t.src.folders[0], 60);
		twins_synced(&t);
		twins_same(&t, "INBOX", "INBOX");
		close_all(&t);
	}
}

static void a_session_that_ends_in_an_append_is_gone_on_with(void **state)
{
	(void)state;
	for (unsigned at = 1; at <= 3; at++) {
		struct twins t;
		struct imapd_habits ends = fine;
		ends.capability = "UIDPLUS NAMESPACE COMPRESS=DEFLATE"; /* literals that wait */
		ends.bye = BYE_AFTER_STORING;
		ends.bye_at = at;
		always(&t, &fine, &ends);
		twins_fill(&t.src.folders[0], 12);
		twins_synced(&t);
		twins_same(&t, "INBOX", "INBOX");
		assert_int_equal(t.dst.compressed, 2);
		close_all(&t);
	}
}

/* The measure itself is squeeze's; here a slow line is what the progress says. */
struct slow {
	struct twins *t;
	int64_t now_ms;
};

static void on_progress(void *ctx, const struct migrate_progress *p)
{
	struct slow *s = ctx;
	if (p->counts.copied < 200 || compress_is_wanted(s->t->opts.compress, HOST))
		return;
	for (int i = 0; i < 20; i++) {
		s->now_ms += 500;
		const struct squeeze_sample sample = {
			.now_ms = s->now_ms, .worked_ms = 500, .waited_ms = 500, .bytes = 100000
		};
		compress_add(s->t->opts.compress, HOST, &sample, 100000);
	}
}

/* Time passes though nobody is silent. */
static int64_t ticking(void *ctx)
{
	struct fake_clock *f = ctx;
	return ++f->at_ms;
}

static void it_begins_in_the_middle_of_a_folder(void **state)
{
	struct twins t;
	struct imapd_habits slow_habits = fine;
	(void)state;
	slow_habits.keeps_alive = true; /* it speaks unasked, too */
	twins_open(&t, &slow_habits, &slow_habits);
	struct slow slow = { &t, INT64_C(4000000000000) };
	t.opts.compress = compress_new(COMPRESS_AUTO, NULL);
	t.opts.progress = on_progress;
	t.opts.progress_ctx = &slow;
	t.clock.clock.mono_ms = ticking;
	twins_fill(&t.src.folders[0], 3000);
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	assert_int_equal(t.src.compressed, 1);
	assert_int_equal(t.dst.compressed, 1);
	assert_int_equal(t.src.connections, 1);
	const char *said = strstr(t.src.heard.at, "COMPRESS");
	assert_non_null(said);
	assert_true(said > strstr(t.src.heard.at, "FETCH"));
	assert_non_null(strstr(said, "FETCH"));
	close_all(&t);
}

/* ---- a trial that did not pay ---- */

/* So that a lane looks a few times within one folder. */
static int64_t running(void *ctx)
{
	struct fake_clock *f = ctx;
	f->at_ms += 25;
	return f->at_ms;
}

static void feed(struct slow *s, struct squeeze_sample sample)
{
	s->now_ms += 2LL * SQUEEZE_GAP_MS; /* what the lanes told meanwhile does not count */
	for (int i = 0; i < 20; i++) {
		s->now_ms += 500;
		sample.now_ms = s->now_ms;
		sample.worked_ms = sample.waited_ms = 500;
		compress_add(s->t->opts.compress, HOST, &sample, sample.bytes);
	}
}

/* So large that what is on its way is few of them. */
static void fill_large(struct imapd_folder *f, size_t n)
{
	enum { LARGE = 50000 };
	char *body = mem_alloc(LARGE + 1);
	for (size_t i = 1; i <= n; i++) {
		int head = snprintf(body, LARGE, "Message-ID: <%zu@%s>\r\n\r\n", i, f->name);
		memset(body + head, 'a', (size_t)(LARGE - head));
		(void)imapd_put(f, "\\Seen", "17-Jul-1996 02:44:25 -0700", body);
	}
	free(body);
}

/* On after 20 messages, and found to be worse as soon as both sides are compressed. */
static void on_trial(void *ctx, const struct migrate_progress *p)
{
	struct slow *s = ctx;
	struct compress *c = s->t->opts.compress;
	if (p->counts.copied >= 20 && compress_is_open(c, HOST) && !compress_is_wanted(c, HOST))
		feed(s, (struct squeeze_sample){ .bytes = 100000 });
	else if (s->t->src.compressed + s->t->dst.compressed == 2 && compress_is_wanted(c, HOST))
		feed(s, (struct squeeze_sample){ .bytes = 10000, .compressed = true });
}

static void open_trial(struct twins *t, struct slow *s)
{
	struct imapd_habits habits = fine;
	habits.keeps_alive = true;
	twins_open(t, &habits, &habits);
	*s = (struct slow){ t, INT64_C(4000000000000) };
	t->opts.lanes_per_mailbox = 1;
	t->opts.compress = compress_new(COMPRESS_AUTO, NULL);
	t->opts.progress = on_trial;
	t->opts.progress_ctx = s;
	t->clock.clock.mono_ms = running;
	fill_large(&t->src.folders[0], 300);
	twins_fill(imapd_make(&t->src, "Work", ""), 10);
}

static void a_trial_that_did_not_pay_ends(void **state)
{
	struct twins t;
	struct slow slow;
	(void)state;
	open_trial(&t, &slow);
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	twins_same(&t, "Work", "Work");
	assert_true(compress_is_over(t.opts.compress, HOST));
	assert_int_equal(t.src.compressed, 1);
	assert_int_equal(t.dst.compressed, 1);
	assert_int_equal(t.src.connections, 2);
	assert_int_equal(t.dst.connections, 2);
	/* When nothing was on its way: the folder that was open is opened again, and read. */
	const char *anew = strstr(strstr(t.src.heard.at, "COMPRESS"), "CAPABILITY");
	assert_non_null(anew);
	const char *opened = strstr(anew, "EXAMINE \"Work\"");
	assert_non_null(opened);
	assert_non_null(strstr(opened, "BODY.PEEK[]"));
	twins_synced(&t);
	assert_int_equal(t.result.counts.copied, 0);
	close_all(&t);
}

/* Its server takes no second login: what there is goes on. */
static void on_trial_with_a_closed_door(void *ctx, const struct migrate_progress *p)
{
	struct slow *s = ctx;
	on_trial(ctx, p);
	if (p->counts.copied > 0 && s->t->refusals == 0)
		s->t->refusals = 1000;
}

static void where_no_other_connection_is_given_it_stays_compressed(void **state)
{
	struct twins t;
	struct slow slow;
	(void)state;
	open_trial(&t, &slow);
	t.opts.progress = on_trial_with_a_closed_door;
	t.refusal = "NO [LIMIT] too many connections";
	t.refusal_kind = ERR_WAIT;
	twins_synced(&t);
	twins_same(&t, "INBOX", "INBOX");
	twins_same(&t, "Work", "Work");
	assert_true(compress_is_over(t.opts.compress, HOST));
	assert_int_equal(t.src.connections, 2);
	assert_int_equal(t.dst.connections, 1);
	assert_int_equal(t.refusals, 999); /* asked once */
	close_all(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_are_compressed),
		cmocka_unit_test(nobody_is_asked_who_does_not_offer_it),
		cmocka_unit_test(nothing_is_compressed_unasked),
		cmocka_unit_test(a_refusal_costs_nothing),
		cmocka_unit_test(who_says_ok_and_speaks_plainly_is_not_asked_again),
		cmocka_unit_test(who_says_ok_and_nothing_more_is_not_asked_again),
		cmocka_unit_test(a_cut_anywhere_loses_and_doubles_nothing),
		cmocka_unit_test(a_session_that_ends_in_an_append_is_gone_on_with),
		cmocka_unit_test(it_begins_in_the_middle_of_a_folder),
		cmocka_unit_test(a_trial_that_did_not_pay_ends),
		cmocka_unit_test(where_no_other_connection_is_given_it_stays_compressed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
