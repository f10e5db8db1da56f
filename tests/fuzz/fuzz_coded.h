/*
 * fuzz_coded.h - any bytes as the answers of a provider of code: the first octet chooses what is
 * wanted of it, the rest is cut into answers, each an octet for the status and a body up to a
 * zero. Whatever is answered, it must end, and no request may leave the provider's hosts.
 */
#ifndef TESTS_FUZZ_CODED_H
#define TESTS_FUZZ_CODED_H

#include <stdlib.h>

#include "registrars/call.h"

enum { FUZZ_ANSWERS_MAX = 60, FUZZ_VALUES_MAX = 16 };

struct fuzz_world {
	const uint8_t *data;
	size_t size, at;
	unsigned answers;
};

/* Up to a zero octet. */
static inline struct slice fuzz_next_body(struct fuzz_world *w)
{
	size_t begin = w->at;
	while (w->at < w->size && w->data[w->at] != 0)
		w->at++;
	struct slice body = { (const char *)w->data + begin, w->at - begin };
	w->at += w->at < w->size ? 1 : 0;
	return body;
}

static inline int fuzz_answer(void *ctx, struct arena *a, const struct registrar_http *request,
			      struct registrar_reply *reply_r, struct err *e)
{
	static const int statuses[] = { 200, 200, 200, 200, 401, 403, 405, 429, 500, 302 };
	struct fuzz_world *w = ctx;
	if (!str_starts(request->url, "https://api.example/"))
		abort();
	if (w->at >= w->size || ++w->answers > FUZZ_ANSWERS_MAX)
		return err_set(e, ERR_RETRY, "the connection was cut");
	int status = statuses[w->data[w->at++] % (sizeof(statuses) / sizeof(statuses[0]))];
	struct slice body = fuzz_next_body(w);
	*reply_r = (struct registrar_reply){ .status = status,
					     .body = { arena_slice(a, body), body.len } };
	return 0;
}

static inline int fuzz_no_wait(void *ctx, int64_t ms, const char *why, struct err *e)
{
	(void)ctx;
	(void)ms;
	(void)why;
	(void)e;
	return 0;
}

static inline void fuzz_apply(struct registrar_call *c, struct arena *a)
{
	static const char *const old_mx[] = { "10 mx1.old.example." };
	static const char *const new_mx[] = { "0 new.example." };
	static const char *const token[] = { "\"MS=ms1\"" };
	struct err e = { 0 };
	enum registrar_applied applied;
	const struct change changes[] = {
		{ "b.a.", RR_MX, rrset_make(a, "b.a.", RR_MX, 3600, 1, old_mx, &e),
		  rrset_make(a, "b.a.", RR_MX, 300, 1, new_mx, &e), "" },
		{ "t.b.a.", RR_TXT, NULL, rrset_make(a, "t.b.a.", RR_TXT, 300, 1, token, &e), "" },
	};
	const struct change_set set = { "test", "b.a.", 2, changes };
	if (registrar_apply(c, &set, &applied, &e) == 0 && applied != APPLIED_ALL)
		abort();
}

static inline void fuzz_use(struct registrar_call *c, unsigned what)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	const struct zone *zone;
	const struct rrset *set;
	if (what == 0)
		(void)registrar_list(c, a, &zone, &e);
	else if (what == 1)
		(void)registrar_read(c, a, "b.a.", RR_TXT, &set, &e);
	else
		fuzz_apply(c, a);
	arena_free(a);
}

/* A value for each option that is required, so that the provider opens. */
static inline size_t fuzz_fill(const struct registrar *r, const struct secret *secret,
			       struct registrar_value *values)
{
	size_t n = 0;
	for (const struct registrar_option *o = r->options; o->name != NULL; o++) {
		bool base = str_eq(o->name, "base_url");
		if (!o->required && !base)
			continue;
		if (n == FUZZ_VALUES_MAX)
			abort();
		values[n++] = (struct registrar_value){
			o->name,
			o->secret                      ? NULL
			: base                         ? "https://api.example"
			: str_eq(o->name, "client_ip") ? "192.0.2.1"
						       : "x",
			o->secret ? secret : NULL,
		};
	}
	return n;
}

static inline int fuzz_coded(const struct registrar *r, const uint8_t *data, size_t size)
{
	const struct registrar *const table[] = { r, NULL };
	struct registrar_value values[FUZZ_VALUES_MAX];
	struct fuzz_world w = { data, size, 1, 0 };
	struct fake_clock clock;
	struct err e = { 0 };
	struct registrar_call *c = NULL;
	if (size < 2)
		return 0;
	fake_clock_init(&clock, INT64_C(1795773600000));
	struct secret *secret = secret_new(SLICE_LIT("s"));
	const struct registrar_host host = {
		.clock = &clock.clock, .http = fuzz_answer, .wait = fuzz_no_wait, .ctx = &w
	};
	const struct registrar_config config = { "b.a.", fuzz_fill(r, secret, values), values };
	const struct registrar_call_opts opts = { .table = table,
						  .provider = r->name,
						  .config = &config,
						  .timeout_ms = 1,
						  .clock = &clock.clock,
						  .host = &host };
	if (registrar_open(&opts, &c, &e) != 0)
		abort();
	fuzz_use(c, data[0] % 3);
	registrar_close(c);
	secret_free(secret);
	return 0;
}

#endif
