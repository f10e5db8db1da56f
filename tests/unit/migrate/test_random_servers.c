/*
 * Servers with habits by chance: whatever they do, a pass ends, nothing is doubled, and once
 * they behave the next pass brings what is missing. CUTOVER_SEED and CUTOVER_LONG as in e2e.
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

static bool one_in(struct seeded_rng *rng, unsigned n)
{
	return rng_u64(&rng->rng) % n == 0;
}

static unsigned below(struct seeded_rng *rng, unsigned n)
{
	return (unsigned)(rng_u64(&rng->rng) % n);
}

/* What a server may do to any session. */
static struct imapd_habits any_habits(struct seeded_rng *rng)
{
	static const char *const words[] = {
		NULL,
		"LITERAL+",
		"UIDPLUS NAMESPACE",
		"UIDPLUS LITERAL- NAMESPACE",
		"UIDPLUS LITERAL+ NAMESPACE MULTIAPPEND",
		"UIDPLUS LITERAL+ UNSELECT",
		"UIDPLUS ENABLE UIDONLY MESSAGELIMIT=210 PARTIAL LITERAL+ NAMESPACE"
	};
	struct imapd_habits h = { .capability = words[below(rng, 7)] };
	h.noise = one_in(rng, 2);
	h.odd_list = one_in(rng, 3);
	h.needs_id = one_in(rng, 2);
	h.folds_case = one_in(rng, 3);
	h.no_blanks = one_in(rng, 3);
	h.size_off = one_in(rng, 3) ? 7 : 0;
	h.refuses_keywords = one_in(rng, 4);
	h.not_connected = one_in(rng, 4) ? below(rng, 4) : 0;
	h.throttled = one_in(rng, 4) ? below(rng, 4) : 0;
	h.backoff_ms = below(rng, 3) * 60000;
	h.bye = (enum imapd_bye)below(rng, 3);
	h.bye_at = 1 + below(rng, 15);
	h.cuts = one_in(rng, 2) ? below(rng, 8) : 0;
	h.cut_after = 1 + below(rng, 6000);
	h.mute = one_in(rng, 12);
	h.rotten = one_in(rng, 5) ? 1 + below(rng, 9) : 0;
	return h;
}

/* As before, without what cannot end well. */
static void behave(struct imapd_habits *h)
{
	h->not_connected = h->throttled = h->cuts = 0;
	h->bye = BYE_NEVER;
	h->rotten = 0;
	h->mute = false;
}

static void fill(struct twins *t)
{
	static const char *const names[] = { "Kunden", "kunden", " a", "b ", "c/d", "x.y" };
	twins_fill(&t->src.folders[0], 9);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (imapd_find(&t->src, names[i]) == NULL)
			twins_fill(imapd_make(&t->src, names[i], ""), 3);
}

/* Each of the source's messages, as often as there, in all of the target's folders together. */
static void assert_whole(struct twins *t, uint64_t seed)
{
	for (size_t i = 0; i < t->src.n_folders; i++) {
		for (size_t k = 0; k < t->src.folders[i].n; k++) {
			const char *body = t->src.folders[i].at[k].body.at;
			size_t n = 0;
			for (size_t d = 0; d < t->dst.n_folders; d++)
				n += imapd_count(&t->dst.folders[d], body);
			if (n != 1)
				fail_msg("seed %llu: '%s' UID %u is %zu times at the target",
					 (unsigned long long)seed, t->src.folders[i].name,
					 t->src.folders[i].at[k].uid, n);
		}
	}
}

static void play(uint64_t seed)
{
	struct twins t;
	struct seeded_rng rng;
	seeded_rng_init(&rng, seed);
	const struct imapd_habits src = any_habits(&rng);
	const struct imapd_habits dst = any_habits(&rng);
	twins_open(&t, &src, &dst);
	fill(&t);
	(void)twins_pass(&t);
	(void)twins_pass(&t);
	behave(&t.src.habits);
	behave(&t.dst.habits);
	if (twins_pass(&t) != MAILBOX_SYNCED && twins_pass(&t) != MAILBOX_SYNCED &&
	    twins_pass(&t) != MAILBOX_SYNCED)
		print_message("seed %llu: %s: %s\n", (unsigned long long)seed,
			      mailbox_state_name(t.result.state), t.result.err.text);
	assert_whole(&t, seed);
	twins_close(&t);
}

static void whatever_servers_do_nothing_is_lost_or_doubled(void **state)
{
	const char *text = getenv("CUTOVER_SEED");
	bool is_long = getenv("CUTOVER_LONG") != NULL;
	uint64_t seed = 20261122;
	(void)state;
	if (text != NULL)
		(void)slice_to_u64(slice_str(text), &seed);
	for (uint64_t i = 0; i < (is_long ? 1000 : 20); i++)
		play(seed + i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_servers_do_nothing_is_lost_or_doubled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
