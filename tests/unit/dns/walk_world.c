#include "walk_world.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include <unistd.h>

const char *const walk_world_hints[] = { WORLD_ROOT, NULL };

static int64_t world_now(void *ctx)
{
	const struct walk_world *w = ctx;
	int64_t now_ms = w->stopped ? w->wall_ms : clock_now_ms(clock_system());
	return now_ms + w->ahead_ms + w->set_ms;
}

static int64_t world_mono(void *ctx)
{
	const struct walk_world *w = ctx;
	int64_t now_ms = w->stopped ? w->mono_ms : clock_mono_ms(clock_system());
	return now_ms + w->ahead_ms;
}

static bool world_sleep(void *ctx, int64_t until_ms, int wake_fd)
{
	const struct walk_world *w = ctx;
	(void)until_ms;
	(void)wake_fd;
	if (!w->stopped)
		fail_msg("nothing may sleep here");
	return false;
}

struct walk_world *walk_world_new(const struct hosted *zones)
{
	struct walk_world *w = mem_alloc(sizeof(*w));
	struct err e = { 0 };
	w->a = arena_new();
	w->net = internet_start(zones);
	w->clock = (struct clock){ world_now, world_mono, world_sleep, NULL, w };
	seeded_rng_init(&w->rng, 1);
	assert_int_equal(pipe(w->wake), 0);
	w->en = dns_engine_new(&(struct dns_engine_opts){ .clock = &w->clock,
							  .rng = &w->rng.rng,
							  .port = internet_port(w->net),
							  .timeout_ms = 250,
							  .tries = 3,
							  .wake_fd = w->wake[0] },
			       &e);
	assert_non_null(w->en);
	return w;
}

void walk_world_free(struct walk_world *w)
{
	if (w == NULL)
		return;
	dns_engine_free(w->en);
	internet_stop(w->net);
	close(w->wake[0]);
	close(w->wake[1]);
	arena_free(w->a);
	free(w);
}

static void stop_clock(struct walk_world *w)
{
	if (w->stopped)
		return;
	w->wall_ms = clock_now_ms(clock_system());
	w->mono_ms = clock_mono_ms(clock_system());
	w->stopped = true;
}

struct dns_engine *walk_world_patient(struct walk_world *w)
{
	struct err e = { 0 };
	stop_clock(w);
	struct dns_engine *en = dns_engine_new(
		&(struct dns_engine_opts){ .clock = &w->clock,
					   .rng = &w->rng.rng,
					   .port = internet_port(w->net),
					   .timeout_ms = 600000,
					   .tries = 3,
					   .wake_fd = -1 },
		&e);
	assert_non_null(en);
	return en;
}

struct walk *walk_world_walk(struct walk_world *w)
{
	return walk_begin(w->a,
			  &(struct walk_opts){ .engine = w->en, .root_hints = walk_world_hints });
}

void walk_world_run(struct walk *walk)
{
	struct err e = { 0 };
	if (walk_run(walk, &e) != 0)
		fail_msg("%s", e.text);
}

void walk_world_run_at_once(struct walk_world *w, struct walk *walk)
{
	stop_clock(w);
	walk_world_run(walk);
	w->stopped = false;
}

void walk_world_until_asked(struct walk_world *w, struct walk *walk, const char *address,
			    unsigned n)
{
	while (walk_open(walk) > 0 && internet_asked_at(w->net, address) < n)
		(void)dns_engine_turn(w->en, 1);
}
