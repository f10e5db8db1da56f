/*
 * A host that does not answer: who tries it, how often, and who fails.
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

#include "migrate/reach.h"

enum { BOXES = 50 };

static const struct imapd_habits plain;

/* Fifty mailboxes of one target; every second one has a source of its own that is always there. */
struct office {
	struct twins t;
	const char *down;    /* the host that does not answer */
	unsigned down_tries; /* so many times */
	unsigned refused;    /* so often it was tried in vain */
	const char *why;
	enum err_kind kind;
	enum dial_trouble trouble;
	struct migrate_mailbox boxes[BOXES];
	struct migrate_result results[BOXES];
	char names[BOXES][32];
	char *said;
	size_t said_len;
	FILE *out;
	struct log *log;
};

static int office_dial(void *ctx, const struct dial_opts *d, struct stream **stream_r,
		       struct err *e)
{
	struct office *o = ctx;
	struct twins *t = &o->t;
	if (str_eq(d->url, o->down) && o->refused < o->down_tries) {
		o->refused++;
		d->seen->trouble = o->trouble;
		return err_set(e, o->kind, "connecting to '%s': %s", d->url, o->why);
	}
	str_copy(d->seen->greeting, sizeof(d->seen->greeting), "* OK ready");
	*stream_r = imapd_connect(str_eq(d->url, "imaps://dst.test") ? &t->dst : &t->src);
	return 0;
}

static void office_open(struct office *o, const char *down, unsigned tries)
{
	memset(o, 0, sizeof(*o));
	twins_open(&o->t, &plain, &plain);
	o->down = down;
	o->down_tries = tries;
	o->why = "connection refused";
	o->kind = ERR_RETRY;
	o->trouble = DIAL_NO_HOST;
	o->out = open_memstream(&o->said, &o->said_len);
	o->t.opts.log = o->log = log_new(o->out, LOG_INFO, &o->t.clock.clock);
	o->t.opts.dial = office_dial;
	o->t.opts.dial_ctx = o;
	for (size_t i = 0; i < BOXES; i++) {
		(void)snprintf(o->names[i], sizeof(o->names[i]), "u%zu@treyresearch.com", i);
		o->boxes[i] = o->t.mailbox;
		o->boxes[i].address = o->names[i];
		o->boxes[i].src.user = o->boxes[i].dst.user = o->names[i];
		if (i % 2 == 1)
			o->boxes[i].src.url = "imaps://other.test";
	}
}

/* One after the other, in the order of the list; how many came through. */
static size_t office_copy(struct office *o)
{
	struct err e = { .kind = ERR_NONE };
	size_t n = 0;
	if (migrate_copy(&o->t.opts, o->boxes, BOXES, o->results, &e) != 0)
		fail_msg("%s", e.text);
	for (size_t i = 0; i < BOXES; i++)
		n += o->results[i].state == MAILBOX_SYNCED;
	assert_int_equal(fflush(o->out), 0);
	return n;
}

static void office_close(struct office *o)
{
	log_free(o->log);
	(void)fclose(o->out);
	free(o->said);
	twins_close(&o->t);
}

static size_t lines_of(const struct office *o, const char *words)
{
	size_t n = 0;
	for (const char *at = o->said; (at = strstr(at, words)) != NULL; at++)
		n++;
	return n;
}

static void all_fail_alike(const struct office *o, size_t from, size_t step)
{
	for (size_t i = from; i < BOXES; i += step) {
		assert_int_equal(o->results[i].state, MAILBOX_FAILED);
		assert_string_equal(o->results[i].err.text, o->results[from].err.text);
		assert_int_equal(o->results[i].err.kind, o->results[from].err.kind);
		assert_string_not_equal(o->results[i].err.hint, "");
	}
}

static void a_dead_host_is_tried_as_by_one_mailbox_and_another_is_not_touched(void **state)
{
	struct office o;
	(void)state;
	office_open(&o, "imaps://src.test", UINT32_MAX);
	assert_int_equal(office_copy(&o), BOXES / 2);
	all_fail_alike(&o, 0, 2);
	assert_int_equal(o.results[0].err.kind, ERR_WORLD);
	assert_non_null(strstr(o.results[48].err.text, "connection refused"));
	assert_int_equal(o.refused, 3);
	assert_int_equal(lines_of(&o, "trying again"), 1);
	assert_true(o.t.clock.slept_ms < 2000);
	office_close(&o);
}

static void a_dead_target_fails_all_after_as_many_tries(void **state)
{
	struct office o;
	(void)state;
	office_open(&o, "imaps://dst.test", UINT32_MAX);
	assert_int_equal(office_copy(&o), 0);
	all_fail_alike(&o, 0, 1);
	assert_int_equal(o.refused, 3);
	assert_int_equal(lines_of(&o, "trying again"), 1);
	office_close(&o);
}

static void a_host_that_is_back_after_two_tries_fails_nobody(void **state)
{
	struct office o;
	(void)state;
	office_open(&o, "imaps://dst.test", 2);
	assert_int_equal(office_copy(&o), BOXES);
	assert_int_equal(o.refused, 2);
	assert_int_equal(lines_of(&o, "trying again"), 1);
	office_close(&o);
}

/* Nothing is waited for: a person has to act. Some mailboxes look, in case one server of many has
 * an old certificate. */
static void a_certificate_is_refused_by_a_few_for_all(void **state)
{
	struct office o;
	(void)state;
	office_open(&o, "imaps://dst.test", UINT32_MAX);
	o.kind = ERR_REFUSED;
	o.trouble = DIAL_CERTIFICATE;
	o.why = "its certificate cannot be trusted";
	assert_int_equal(office_copy(&o), 0);
	assert_int_equal(o.refused, 3);
	assert_int_equal(o.results[BOXES - 1].err.kind, ERR_REFUSED);
	assert_int_equal(lines_of(&o, "trying again"), 0);
	office_close(&o);
}

/* All is copied, then a host is down: it is not each mailbox that finds out. */
static void a_comparison_tries_a_dead_host_as_one_mailbox(void **state)
{
	static struct migrate_verdict verdicts[BOXES];
	struct office o;
	struct err e = { .kind = ERR_NONE };
	(void)state;
	office_open(&o, "imaps://src.test", 0);
	assert_int_equal(office_copy(&o), BOXES);
	o.down_tries = UINT32_MAX;
	if (migrate_verify(&o.t.opts, o.boxes, BOXES, verdicts, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(o.refused, 3);
	for (size_t i = 0; i < BOXES; i++) {
		assert_int_equal(verdicts[i].verified, i % 2 == 1);
		if (i % 2 == 0)
			assert_string_equal(verdicts[i].err.text, verdicts[0].err.text);
	}
	assert_non_null(strstr(verdicts[0].err.text, "connection refused"));
	o.down_tries = o.refused + 2;
	if (migrate_verify(&o.t.opts, o.boxes, BOXES, verdicts, &e) != 0)
		fail_msg("%s", e.text);
	for (size_t i = 0; i < BOXES; i++)
		assert_true(verdicts[i].verified);
	office_close(&o);
}

/* -- many at the same time -- */

#define HOST "imaps://a.test"

struct crowd {
	struct fake_clock clock;
	struct reach *reach;
	struct err why, told;
	int64_t again_ms;
};

static void crowd_open(struct crowd *c)
{
	fake_clock_init(&c->clock, 1000000);
	c->reach = reach_new(&c->clock.clock);
	err_set(&c->why, ERR_RETRY, "no answer");
	err_clear(&c->told);
}

static enum reach_go enter(struct crowd *c, struct reach_ticket *t)
{
	const struct reach_ask ask = { HOST, t, &c->again_ms };
	return reach_enter(c->reach, &ask, &c->told);
}

static void eight_refused_at_once_are_one_miss_and_one_probes(void **state)
{
	struct crowd c;
	struct reach_ticket t[8];
	struct reach_ticket late;
	(void)state;
	crowd_open(&c);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(enter(&c, &t[i]), REACH_GO);
	for (size_t i = 0; i < 8; i++) {
		struct reach_word word = reach_missed(c.reach, HOST, &t[i], &c.why);
		assert_true(word.common);
		assert_int_equal(word.first, i == 0);
		assert_int_equal(word.again_ms, 1000375);
	}
	assert_int_equal(enter(&c, &late), REACH_LATER);
	assert_int_equal(c.again_ms, 1000375);
	c.clock.at_ms = 1000375;
	assert_int_equal(enter(&c, &t[0]), REACH_GO);
	assert_int_equal(enter(&c, &late), REACH_LATER);
	assert_true(c.again_ms > c.clock.at_ms);
	reach_dropped(c.reach, HOST, &t[0]); /* interrupted: the next one may */
	assert_int_equal(enter(&c, &late), REACH_GO);
	reach_answered(c.reach, HOST, &late);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(enter(&c, &t[i]), REACH_GO);
	reach_free(c.reach);
}

/* Makes the host's next tries in vain, each in its time, until it is given up; how many. */
static unsigned misses_until_given_up(struct crowd *c)
{
	struct reach_ticket t;
	for (unsigned n = 0; n < 100; n++) {
		enum reach_go go = enter(c, &t);
		if (go == REACH_GIVEN_UP)
			return n;
		if (go == REACH_LATER) {
			c->clock.at_ms = c->again_ms;
			assert_int_equal(enter(c, &t), REACH_GO);
		}
		(void)reach_missed(c->reach, HOST, &t, &c->why);
	}
	return 0;
}

static void a_given_up_host_is_looked_at_again_a_minute_later(void **state)
{
	struct crowd c;
	struct reach_ticket t;
	struct reach_ticket other;
	(void)state;
	crowd_open(&c);
	assert_int_equal(misses_until_given_up(&c), 3);
	assert_string_equal(c.told.text, "no answer");
	c.clock.at_ms += 60000;
	assert_int_equal(enter(&c, &t), REACH_GO);
	assert_int_equal(enter(&c, &other), REACH_LATER);
	assert_int_equal(reach_missed(c.reach, HOST, &t, &c.why).again_ms, 0);
	assert_int_equal(enter(&c, &other), REACH_GIVEN_UP);
	c.clock.at_ms += 60000;
	assert_int_equal(enter(&c, &t), REACH_GO);
	reach_answered(c.reach, HOST, &t);
	assert_int_equal(enter(&c, &other), REACH_GO);
	reach_free(c.reach);
}

static void a_host_that_answered_once_gets_more_patience(void **state)
{
	struct crowd c;
	struct reach_ticket t;
	(void)state;
	crowd_open(&c);
	assert_int_equal(enter(&c, &t), REACH_GO);
	reach_answered(c.reach, HOST, &t);
	reach_left(c.reach, HOST);
	assert_int_equal(misses_until_given_up(&c), 7);
	assert_true(c.clock.at_ms - 1000000 > 15000);
	reach_free(c.reach);
}

/* It takes no more connections: that is not for the others to fail of. */
static void a_host_where_somebody_works_is_not_given_up(void **state)
{
	struct crowd c;
	struct reach_ticket t;
	(void)state;
	crowd_open(&c);
	assert_int_equal(enter(&c, &t), REACH_GO);
	reach_answered(c.reach, HOST, &t);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(enter(&c, &t), REACH_GO);
		assert_false(reach_missed(c.reach, HOST, &t, &c.why).common);
	}
	reach_left(c.reach, HOST);
	assert_int_equal(enter(&c, &t), REACH_GO);
	assert_true(reach_missed(c.reach, HOST, &t, &c.why).first);
	reach_free(c.reach);
}

/* Two that began together: one got through, so the other's silence is its own. */
static void a_miss_that_began_before_an_answer_says_nothing(void **state)
{
	struct crowd c;
	struct reach_ticket one;
	struct reach_ticket two;
	(void)state;
	crowd_open(&c);
	assert_int_equal(enter(&c, &one), REACH_GO);
	assert_int_equal(enter(&c, &two), REACH_GO);
	reach_answered(c.reach, HOST, &one);
	reach_left(c.reach, HOST);
	assert_false(reach_missed(c.reach, HOST, &two, &c.why).common);
	assert_int_equal(enter(&c, &two), REACH_GO);
	reach_free(c.reach);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dead_host_is_tried_as_by_one_mailbox_and_another_is_not_touched),
		cmocka_unit_test(a_dead_target_fails_all_after_as_many_tries),
		cmocka_unit_test(a_host_that_is_back_after_two_tries_fails_nobody),
		cmocka_unit_test(a_certificate_is_refused_by_a_few_for_all),
		cmocka_unit_test(a_comparison_tries_a_dead_host_as_one_mailbox),
		cmocka_unit_test(eight_refused_at_once_are_one_miss_and_one_probes),
		cmocka_unit_test(a_given_up_host_is_looked_at_again_a_minute_later),
		cmocka_unit_test(a_host_that_answered_once_gets_more_patience),
		cmocka_unit_test(a_host_where_somebody_works_is_not_given_up),
		cmocka_unit_test(a_miss_that_began_before_an_answer_says_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
