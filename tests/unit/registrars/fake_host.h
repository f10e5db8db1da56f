/*
 * fake_host.h - a world for the tests of the providers: one file in memory, one DNS server
 * that is a function, a clock that stands still, and a record of what was asked.
 */
#ifndef TESTS_FAKE_HOST_H
#define TESTS_FAKE_HOST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "registrars/call.h"

enum { FAKE_NOW_S = 1795773600 }; /* 2026-11-27T10:00:00Z */

struct fake_world {
	struct registrar_host host;
	struct fake_clock clock;
	struct seeded_rng rng;
	struct arena *arena;
	/* DNS: answers one request; -1 with *e is a failure of the network. */
	int (*serve)(void *ctx, struct slice request, struct buf *reply, struct err *e);
	void *serve_ctx;
	unsigned queries, updates, transfers;
	/* The file. */
	struct buf file;
	unsigned file_writes, file_reads;
	/* Puts other bytes into the file before the n-th read (0: never). */
	unsigned edit_before_read;
	const char *edit_text;
};

static inline int fake_exchange(void *ctx, const char *server, struct slice request, bool writes,
				struct buf *reply, struct err *e)
{
	struct fake_world *w = ctx;
	(void)server;
	w->queries += writes ? 0 : 1;
	w->updates += writes ? 1 : 0;
	assert_non_null(w->serve);
	return w->serve(w->serve_ctx, request, reply, e);
}

static inline int fake_file_read(void *ctx, const char *path, struct buf *out, struct err *e)
{
	struct fake_world *w = ctx;
	(void)path;
	(void)e;
	if (++w->file_reads == w->edit_before_read) {
		buf_clear(&w->file);
		buf_adds(&w->file, w->edit_text);
	}
	buf_add(out, w->file.at, w->file.len);
	return 0;
}

static inline int fake_file_write(void *ctx, const char *path, struct slice bytes, struct err *e)
{
	struct fake_world *w = ctx;
	(void)path;
	(void)e;
	w->file_writes++;
	buf_clear(&w->file);
	buf_add(&w->file, bytes.ptr, bytes.len);
	return 0;
}

static inline struct fake_world *fake_world_new(void)
{
	struct fake_world *w = mem_alloc(sizeof(*w));
	fake_clock_init(&w->clock, (int64_t)FAKE_NOW_S * 1000);
	seeded_rng_init(&w->rng, 7);
	buf_init(&w->file);
	w->arena = arena_new();
	w->host = (struct registrar_host){
		.clock = &w->clock.clock,
		.rng = &w->rng.rng,
		.dns_exchange = fake_exchange,
		.file_read = fake_file_read,
		.file_write = fake_file_write,
		.ctx = w,
	};
	return w;
}

static inline void fake_world_free(struct fake_world *w)
{
	buf_release(&w->file);
	arena_free(w->arena);
	free(w);
}

/* A session of one provider with that world; fails the test when it does not open. */
static inline struct registrar_call *fake_open(struct fake_world *w, const struct registrar *r,
					       const struct registrar_config *config, bool dry_run)
{
	const struct registrar *const table[] = { r, NULL };
	struct registrar_call_opts opts = {
		.table = table,
		.provider = r->name,
		.config = config,
		.dry_run = dry_run,
		.timeout_ms = 1000,
		.clock = &w->clock.clock,
		.rng = &w->rng.rng,
		.host = &w->host,
	};
	struct registrar_call *c = NULL;
	struct err e = { 0 };
	if (registrar_open(&opts, &c, &e) != 0)
		fail_msg("%s", e.text);
	return c;
}

/* A set out of a NULL-terminated list; NULL list: absent. */
static inline const struct rrset *fake_set(struct arena *a, const char *name, uint16_t type,
					   uint32_t ttl, const char *const *rdata)
{
	struct err e = { 0 };
	size_t n = 0;
	if (rdata == NULL || rdata[0] == NULL)
		return NULL;
	while (rdata[n] != NULL)
		n++;
	const struct rrset *s = rrset_make(a, name, type, ttl, n, rdata, &e);
	if (s == NULL)
		fail_msg("%s", e.text);
	return s;
}

static inline int fake_setup(void **state)
{
	*state = fake_world_new();
	return 0;
}

static inline int fake_teardown(void **state)
{
	fake_world_free(*state);
	return 0;
}

#define FAKE_TEST(fn) cmocka_unit_test_setup_teardown(fn, fake_setup, fake_teardown)

#endif
