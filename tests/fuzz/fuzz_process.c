/*
 * Any bytes as what a plugin writes: the first octet chooses what is wanted of it and whether its
 * greeting is a good one, the rest are its lines. Whatever it says: it ends, no RRset outside of
 * the zone comes out, no text for a terminal has control characters, the secret is nowhere in it,
 * and an apply counts as not done only when the plugin said so or was never asked.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "registrars/call.h"
#include "registrars/process/process.h"
#include "zone/dname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TALKS_MAX = 40 };

static const char secret_text[] = "hunter22";

struct world {
	struct slice rest;
	bool greets;
	unsigned talks, applies;
	bool said_none;
};

static void check_text(const char *text)
{
	if (strstr(text, secret_text) != NULL)
		abort();
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == 0x7f || (c < 0x20 && c != '\n'))
			abort();
	}
}

static int start(void *ctx, const struct registrar_program *p, struct registrar_running **r,
		 struct err *e)
{
	(void)p;
	(void)e;
	*r = ctx;
	return 0;
}

static void stop(void *ctx, struct registrar_running *r)
{
	(void)ctx;
	(void)r;
}

static void note(void *ctx, const char *text)
{
	(void)ctx;
	if (strstr(text, secret_text) != NULL) /* the log makes it printable */
		abort();
}

/* The ids of a session begin with 1, so the greeting is always the same. */
static int greet(const struct registrar_talk *t, struct err *e)
{
	bool hello = memmem(t->request.ptr, t->request.len, "\"hello\"", 7) != NULL;
	struct slice line = hello ? SLICE_LIT(
					    "{\"id\":1,\"ok\":{\"protocol\":1,\"name\":\"toy\","
					    "\"capabilities\":[\"list\",\"read\"],"
					    "\"options\":[{\"name\":\"token\",\"secret\":true}]}}")
				  : SLICE_LIT("{\"id\":2,\"ok\":{}}");
	return t->sink->each(t->sink->ctx, line, e);
}

static int talk(void *ctx, struct registrar_running *r, const struct registrar_talk *t,
		struct err *e)
{
	struct world *w = ctx;
	int more = 1;
	(void)r;
	w->applies += t->writes ? 1 : 0;
	bool greeting = memmem(t->request.ptr, t->request.len, "\"hello\"", 7) != NULL ||
			memmem(t->request.ptr, t->request.len, "\"open\"", 6) != NULL;
	if (w->greets && greeting)
		return greet(t, e);
	while (more == 1 && w->rest.len > 0 && w->talks < TALKS_MAX) {
		struct slice line = slice_until(&w->rest, '\n');
		more = t->sink->each(t->sink->ctx, line, e);
		w->said_none |= memmem(line.ptr, line.len, "none", 4) != NULL;
	}
	w->talks++;
	if (more == 1)
		more = err_set(e, ERR_WORLD, "it is gone");
	if (more != 0 && t->writes)
		e->kind = ERR_RETRY;
	return more;
}

static int no_wait(void *ctx, int64_t ms, const char *why, struct err *e)
{
	(void)ctx;
	(void)ms;
	(void)why;
	(void)e;
	return 0;
}

static void apply(struct registrar_call *c, struct arena *a, struct world *w, struct err *e)
{
	static const char *const fresh[] = { "0 new.example." };
	enum registrar_applied applied;
	const struct change change = { "b.a.", RR_MX, NULL,
				       rrset_make(a, "b.a.", RR_MX, 3600, 1, fresh, e), "" };
	const struct change_set set = { "test", "b.a.", 1, &change };
	if (registrar_apply(c, &set, &applied, e) != 0 && applied == APPLIED_NONE &&
	    w->applies > 0 && !w->said_none)
		abort();
}

static void use(struct registrar_call *c, struct world *w, unsigned what, struct err *e)
{
	struct arena *a = arena_new();
	const struct zone *zone = NULL;
	const struct rrset *set = NULL;
	if (what == 0 && registrar_list(c, a, &zone, e) == 0) {
		for (size_t i = 0; i < zone->n; i++)
			if (!dname_is_within(zone->rrsets[i]->name, "b.a."))
				abort();
	} else if (what == 1 && registrar_read(c, a, "b.a.", RR_TXT, &set, e) == 0) {
		if (set != NULL && (set->type != RR_TXT || !dname_equal(set->name, "b.a.")))
			abort();
	} else if (what == 2) {
		apply(c, a, w, e);
	}
	arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct registrar *const table[] = { &registrar_process, NULL };
	struct err e = { 0 };
	struct fake_clock clock;
	if (size < 1)
		return 0;
	struct world w = { .rest = { (const char *)data + 1, size - 1 }, .greets = data[0] >= 3 };
	struct secret *secret = secret_new(slice_str(secret_text));
	const struct registrar_value values[] = { { "command", "/opt/toy", NULL },
						  { "token", NULL, secret } };
	const struct registrar_config config = { "b.a.", 2, values };
	fake_clock_init(&clock, INT64_C(1795773600000));
	const struct registrar_host host = {
		.clock = &clock.clock,
		.program_start = start,
		.program_talk = talk,
		.program_stop = stop,
		.note = note,
		.wait = no_wait,
		.ctx = &w,
	};
	struct registrar_call *c = NULL;
	if (registrar_open(&(struct registrar_call_opts){ .table = table,
							  .provider = "process",
							  .config = &config,
							  .timeout_ms = 1,
							  .clock = &clock.clock,
							  .host = &host },
			   &c, &e) == 0)
		use(c, &w, data[0] % 3, &e);
	check_text(e.text);
	check_text(e.hint);
	registrar_close(c);
	secret_free(secret);
	return 0;
}
