/*
 * walk_world.h - a closed Internet, an engine and a clock that can be put forward, for the tests
 * of the walk.
 */
#ifndef TESTS_UNIT_DNS_WALK_WORLD_H
#define TESTS_UNIT_DNS_WALK_WORLD_H

#include "dns/walk.h"
#include "internet.h"

struct walk_world {
	struct arena *a;
	struct internet *net;
	struct seeded_rng rng;
	struct clock clock; /* the system's until it is stopped, put forward by ahead_ms */
	bool stopped;
	int64_t wall_ms, mono_ms; /* where it stands then */
	int64_t ahead_ms;
	int64_t set_ms; /* the wall clock alone was set by so much */
	int wake[2];    /* a byte in it interrupts the engine */
	struct dns_engine *en;
};

/* The root is at 127.0.0.21. */
struct walk_world *walk_world_new(const struct hosted *zones);
/* Takes NULL. */
void walk_world_free(struct walk_world *w);
/* Another engine, for the caller to free, which calls no server silent while a test runs. From
 * now on the world's clock stands, however slow the machine is: ahead_ms alone moves it. */
struct dns_engine *walk_world_patient(struct walk_world *w);
/* A walk in the world's arena. */
struct walk *walk_world_walk(struct walk_world *w);
/* Turns until every wish is done; fails the test when it is interrupted. */
void walk_world_run(struct walk *walk);
/* As that, while the world's clock stands: what would have to wait for anybody's silence never
 * ends. */
void walk_world_run_at_once(struct walk_world *w, struct walk *walk);
/* Turns until `n` datagrams have come to the address. */
void walk_world_until_asked(struct walk_world *w, struct walk *walk, const char *address,
			    unsigned n);

#define WORLD_ROOT "127.0.0.21"
extern const char *const walk_world_hints[];

#endif
