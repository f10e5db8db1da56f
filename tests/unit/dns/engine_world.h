/*
 * engine_world.h - what the engine's tests share: an engine, a scripted server, an arena.
 */
#ifndef TESTS_UNIT_DNS_ENGINE_WORLD_H
#define TESTS_UNIT_DNS_ENGINE_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <poll.h>

#include "dns/engine.h"
#include "responder.h"

/* For an answer on the busiest machine; for one behind a silence that is waited for; for silence
 * alone. */
enum { PATIENT_MS = 5000, SLOW_MS = 300, HASTY_MS = 15 };

struct world {
	struct arena *a;
	struct dns_engine *en;
	struct responder *server;
	struct seeded_rng rng;
};

/* Clock, rng and tries are filled in where `opts` has none. */
static inline void world_open(struct world *w, enum responder_script script,
			      struct dns_engine_opts opts)
{
	struct err e = { 0 };
	w->a = arena_new();
	seeded_rng_init(&w->rng, 1);
	w->server = responder_start(script);
	opts.clock = opts.clock != NULL ? opts.clock : clock_system();
	opts.rng = &w->rng.rng;
	opts.port = 53;
	opts.tries = 3;
	w->en = dns_engine_new(&opts, &e);
	assert_non_null(w->en);
}

static inline void world_init(struct world *w, enum responder_script script, int timeout_ms,
			      int wake_fd)
{
	world_open(w, script,
		   (struct dns_engine_opts){ .timeout_ms = timeout_ms, .wake_fd = wake_fd });
}

static inline void world_release(struct world *w)
{
	dns_engine_free(w->en);
	responder_stop(w->server);
	arena_free(w->a);
}

/* Until the server, a thread of its own, has read so many datagrams; a minute at most. */
static inline void world_until_seen(const struct world *w, unsigned n)
{
	int64_t until_ms = clock_mono_ms(clock_system()) + 60000;
	while (responder_seen(w->server) < n && clock_mono_ms(clock_system()) < until_ms)
		(void)poll(NULL, 0, 1);
}

/* An A question to the world's server. */
static inline struct dns_ask world_ask(const struct world *w)
{
	return (struct dns_ask){ .address = responder_address(w->server),
				 .question = { "www.x.net.", RR_A } };
}

#endif
