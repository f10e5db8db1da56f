/* A person's word about a mailbox: on the record, also beside a writer, and heeded by a copy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "flow/copy_hold.h"
#include "flow/flow_priv.h"
#include "flow/gate_dropped.h"
#include "store/ledger.h"

#define ANNA "anna@treyresearch.com"
#define BEN  "ben@treyresearch.com"

struct world {
	char dir[64];
	struct arena *a;
	struct fake_clock clock;
	struct seeded_rng rng;
	struct flow *copying; /* has the writer's lock */
	struct flow *beside;
};

static struct flow *open_flow(struct world *w, enum flow_memory memory)
{
	struct err e;
	const struct project *p;
	struct flow *f = NULL;
	const char *path = arena_printf(w->a, "%s/cutover.yaml", w->dir);
	const char *text = "domain: treyresearch.com\nmailboxes: users.csv\n"
			   "copy: { quiet_hours: [ \"10:00-11:00 UTC\" ] }\n";
	assert_int_equal(project_parse(w->a, path, slice_str(text), &p, &e), 0);
	const struct flow_opts opts = {
		.project = p, .memory = memory, .clock = &w->clock.clock, .rng = &w->rng.rng
	};
	assert_int_equal(flow_open(&opts, &f, &e), 0);
	return f;
}

static int set_up(void **state)
{
	struct err e;
	struct world *w = calloc(1, sizeof(*w));
	int64_t at_ms;
	assert_non_null(w);
	w->a = arena_new();
	str_copy(w->dir, sizeof(w->dir), "/tmp/cutover-words-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	const char *csv = "EmailAddress,UserName,Password\n" ANNA ",a,x\n" BEN ",b,x\n";
	assert_int_equal(
		file_replace(arena_printf(w->a, "%s/users.csv", w->dir), slice_str(csv), 0600, &e),
		0);
	assert_true(time_parse(slice_str("2026-11-22T09:00Z"), &at_ms));
	fake_clock_init(&w->clock, at_ms);
	seeded_rng_init(&w->rng, 1);
	w->copying = open_flow(w, FLOW_WRITE_STORE);
	w->beside = open_flow(w, FLOW_BESIDE_STORE);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	char command[128];
	flow_close(w->beside);
	flow_close(w->copying);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", w->dir);
	assert_int_equal(system(command), 0);
	arena_free(w->a);
	free(w);
	return 0;
}

static int say(struct world *w, enum word_verb verb, const char *address, const char *reason)
{
	struct err e;
	size_t n;
	const char *const list[] = { address, NULL };
	const struct word word = { .verb = verb, .reason = reason };
	return flow_say(w->beside, &word, list, &n, &e) == 0 ? (int)n : -1;
}

static void test_the_last_word_is_in_force(void **state)
{
	struct world *w = *state;
	struct words words;
	struct err e;
	assert_int_equal(say(w, WORD_STOP, "ANNA@treyresearch.com", ""), 1);
	assert_int_equal(say(w, WORD_STOP, ANNA, ""), 0); /* said already */
	assert_int_equal(say(w, WORD_REMOVE, BEN, " "), -1);
	assert_int_equal(say(w, WORD_REMOVE, BEN, "left"), 1);
	assert_int_equal(say(w, WORD_STOP, "carla@treyresearch.com", ""), -1);
	assert_int_equal(flow_words(w->copying, w->a, &words, &e), 0);
	assert_int_equal(words.n, 2);
	assert_true(words_hold(&words, ANNA));
	assert_false(words_removed(&words, ANNA));
	assert_true(words_removed(&words, BEN));
	assert_string_equal(words_of(&words, BEN)->reason, "left");
	assert_int_equal(say(w, WORD_START, BEN, ""), 1);
	assert_int_equal(flow_words(w->copying, w->a, &words, &e), 0);
	assert_false(words_hold(&words, BEN));
}

static void test_a_running_copy_hears_it_within_a_second(void **state)
{
	struct world *w = *state;
	const struct migrate_mailbox anna = { .address = ANNA };
	struct copy_hold h;
	struct err e;
	assert_int_equal(copy_hold_begin(&h, w->copying, w->a, &e), 0);
	assert_int_equal(copy_hold_may(&h, &anna, &e), 0);
	assert_int_equal(say(w, WORD_STOP, ANNA, ""), 1);
	w->clock.at_ms += 1000;
	assert_int_equal(copy_hold_may(&h, &anna, &e), -1);
	assert_int_equal(e.kind, ERR_CANCELLED);
	assert_int_equal(say(w, WORD_START, ANNA, ""), 1);
	w->clock.at_ms += 1000;
	assert_int_equal(copy_hold_may(&h, &anna, &e), 0);
	copy_hold_end(&h);
}

static void test_a_quiet_hour_pauses_until_its_end(void **state)
{
	struct world *w = *state;
	const struct migrate_mailbox anna = { .address = ANNA };
	struct copy_hold h;
	struct err e;
	char text[TIME_TEXT_MAX];
	assert_int_equal(copy_hold_begin(&h, w->copying, w->a, &e), 0);
	w->clock.at_ms += (int64_t)90 * 60 * 1000;
	assert_int_equal(copy_hold_may(&h, &anna, &e), -1);
	assert_int_equal(e.kind, ERR_WAIT);
	assert_string_equal(time_format(e.until_ms, text), "2026-11-22T11:00:00Z");
	w->clock.at_ms += 1000;
	assert_int_equal(copy_hold_may(&h, &anna, &e), -1);
	assert_int_equal(copy_hold_paused_ms(&h), 1000);
	w->clock.at_ms = e.until_ms;
	assert_int_equal(copy_hold_may(&h, &anna, &e), 0);
	assert_int_equal(h.paused_until_ms, 0);
	assert_int_equal(copy_hold_paused_ms(&h), (int64_t)30 * 60 * 1000);
	copy_hold_end(&h);
}

/* As a pass leaves it that saw so many messages. */
static void was_copied(struct world *w, const char *address, uint64_t messages)
{
	struct ledger_mailbox m;
	struct err e;
	assert_int_equal(ledger_pass_begin(w->copying->store, address, 1, &m, &e), 0);
	m.state = MAILBOX_SYNCED;
	m.messages = messages;
	assert_int_equal(ledger_pass_end(w->copying->store, &m, true, &e), 0);
}

static struct gate_dropped dropped_now(struct world *w, const char *listed)
{
	struct migrate_mailbox box = { .address = listed };
	const struct copy_list list = { .n = 1, .mailboxes = &box };
	struct gate_dropped d;
	struct words words;
	struct err e;
	assert_int_equal(flow_words(w->copying, w->a, &words, &e), 0);
	assert_int_equal(gate_dropped(w->copying, w->a, &list, &words, &d, &e), 0);
	return d;
}

static void test_a_row_that_was_lost_is_missed(void **state)
{
	struct world *w = *state;
	was_copied(w, ANNA, 7);
	was_copied(w, BEN, 3);
	was_copied(w, "bne@treyresearch.com", 0); /* mistyped: nobody ever saw mail there */
	struct gate_dropped d = dropped_now(w, "Anna@TreyResearch.com");
	assert_int_equal(d.n, 1);
	assert_string_equal(d.addresses[0], BEN);
	assert_int_equal(say(w, WORD_REMOVE, BEN, "left in May"), 1);
	assert_int_equal(dropped_now(w, ANNA).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_last_word_is_in_force, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_running_copy_hears_it_within_a_second,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_row_that_was_lost_is_missed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_a_quiet_hour_pauses_until_its_end, set_up,
						tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
