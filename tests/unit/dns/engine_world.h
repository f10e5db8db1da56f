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

#include "dns/engine.h"
#include "responder.h"

/* Long enough for a busy machine to answer, short enough to wait for silence. */
enum { PATIENT_MS = 400, HASTY_MS = 15 };

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

/* An A question to the world's server. */
static inline struct dns_ask world_ask(const struct world *w)
{
	return (struct dns_ask){ .address = responder_address(w->server),
				 .question = { "www.x.net.", RR_A } };
}

#endif
