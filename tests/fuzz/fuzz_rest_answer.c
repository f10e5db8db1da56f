/*
 * Any bytes as the answers of a described provider, built in or of the tests: the first line is its
 * name, the octet behind it what is wanted of it, the rest is cut into answers, each with a status.
 * Whatever is answered, it must end, no request may leave the provider's hosts, and an apply that
 * says that nothing changed must not have written.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "registrars/call.h"
#include "registrars/providers/builtin.h"
#include "registrars/rest/rest.h"
#include "tests/unit/base/test_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ANSWERS_MAX = 40 };

extern const struct builtin described_in_tests[];
extern const size_t described_in_test_n;

struct world {
	const uint8_t *data;
	size_t size, at;
	unsigned answers, good_writes;
};

static const int statuses[] = {
	200, 200, 200, 201, 204, 400, 401, 403, 404, 409, 429, 500, 503, 302
};

/* Up to a zero octet. */
static struct slice next_body(struct world *w)
{
	size_t begin = w->at;
	while (w->at < w->size && w->data[w->at] != 0)
		w->at++;
	struct slice body = { (const char *)w->data + begin, w->at - begin };
	w->at += w->at < w->size ? 1 : 0;
	return body;
}

static int answer(void *ctx, struct arena *a, const struct registrar_http *request,
		  struct registrar_reply *reply_r, struct err *e)
{
	static const struct registrar_field retry = { "retry-after", "1" };
	struct world *w = ctx;
	if (!str_starts(request->url, "https://"))
		abort();
	if (w->at >= w->size || ++w->answers > ANSWERS_MAX)
		return err_set(e, ERR_RETRY, "the connection was cut");
	int status = statuses[w->data[w->at++] % (sizeof(statuses) / sizeof(statuses[0]))];
	struct slice body = next_body(w);
	*reply_r = (struct registrar_reply){
		.status = status,
		.body = { arena_slice(a, body), body.len },
		.header_n = 1,
		.headers = &retry,
	};
	w->good_writes += request->writes && status < 300 ? 1 : 0;
	return 0;
}

static int no_wait(void *ctx, int64_t ms, const char *why, struct err *e)
{
	(void)ctx;
	(void)ms;
	(void)why;
	(void)e;
	return 0;
}

/* What the signers take for a key; to the others it is a secret like any. */
static struct secret *make_secret(const struct registrar *r)
{
	struct arena *a = arena_new();
	struct js *file = js_object();
	js_set_str(file, "client_email", "a@b.example");
	js_set_str(file, "private_key", TEST_KEY_PEM);
	js_set_str(file, "private_key_id", "k");
	js_set_str(file, "project_id", "p");
	struct secret *s = secret_new(slice_str(str_eq(r->name, "google")    ? js_text(a, file)
						: str_eq(r->name, "transip") ? TEST_KEY_PEM
									     : "s"));
	js_free(file);
	arena_free(a);
	return s;
}

/* A value for each option, so that every provider opens. */
static size_t fill(const struct registrar *r, const struct secret *secret,
		   struct registrar_value *values, size_t max)
{
	size_t n = 0;
	for (const struct registrar_option *o = r->options; o->name != NULL && n < max; o++) {
		if (!o->required && !str_eq(o->name, "base_url"))
			continue;
		values[n++] = (struct registrar_value){
			o->name,
			o->secret                     ? NULL
			: str_eq(o->name, "base_url") ? "https://api.example"
						      : "x",
			o->secret ? secret : NULL,
		};
	}
	return n;
}

static void apply(struct registrar_call *c, struct arena *a, struct world *w)
{
	static const char *const old[] = { "10 mx1.old.example." };
	static const char *const fresh[] = { "0 new.example." };
	struct err e = { 0 };
	enum registrar_applied applied;
	const struct change change = {
		"b.a.",
		RR_MX,
		rrset_make(a, "b.a.", RR_MX, 3600, 1, old, &e),
		rrset_make(a, "b.a.", RR_MX, 3600, 1, fresh, &e),
		"",
	};
	const struct change_set set = { "test", "b.a.", 1, &change };
	if (registrar_apply(c, &set, &applied, &e) != 0 && applied == APPLIED_NONE &&
	    w->good_writes > 0)
		abort();
}

static void use(struct registrar_call *c, struct world *w, unsigned what)
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
		apply(c, a, w);
	arena_free(a);
}

static const struct builtin *find_in(const struct builtin *list, size_t n, struct slice name)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list[i].name) - strlen(".json");
		if (slice_eq((struct slice){ list[i].name, len }, name))
			return &list[i];
	}
	return NULL;
}

static const struct builtin *find_description(struct slice name)
{
	const struct builtin *b = find_in(builtins, builtin_n, name);
	return b != NULL ? b : find_in(described_in_tests, described_in_test_n, name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	struct fake_clock clock;
	struct registrar_value values[16];
	struct slice rest = { (const char *)data, size };
	const struct builtin *b = find_description(slice_until(&rest, '\n'));
	if (b == NULL || rest.len == 0)
		return 0;
	struct described *d = described_new(b->name,
					    (struct slice){ (const char *)b->text, b->len }, &e);
	if (d == NULL)
		abort();
	struct world w = { data, size, size - rest.len + 1, 0, 0 };
	struct secret *secret = make_secret(described_registrar(d));
	struct seeded_rng rng;
	fake_clock_init(&clock, INT64_C(1795773600000));
	seeded_rng_init(&rng, 7);
	const struct registrar *const table[] = { described_registrar(d), NULL };
	const struct registrar_host host = {
		.clock = &clock.clock, .rng = &rng.rng, .http = answer, .wait = no_wait, .ctx = &w
	};
	const struct registrar_config config = { "b.a.", fill(table[0], secret, values, 16),
						 values };
	struct registrar_call *c = NULL;
	if (registrar_open(&(struct registrar_call_opts){ .table = table,
							  .provider = table[0]->name,
							  .config = &config,
							  .timeout_ms = 1,
							  .clock = &clock.clock,
							  .host = &host },
			   &c, &e) != 0)
		abort();
	use(c, &w, (unsigned char)rest.ptr[0] % 3);
	registrar_close(c);
	secret_free(secret);
	described_free(d);
	return 0;
}
