/*
 * Who keeps the tokens: made in time, once for many threads, remade when refused, not asked for
 * again after a final no. The endpoint is a function, the clock a fake one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/arena.h"
#include "migrate/auth/tokens.h"

struct world {
	struct fake_clock clock;
	atomic_int posts;
	const char *answer; /* NULL: a new token each time */
	int status;
	char forms[4096]; /* the last form */
	char saved[64];
	const char *kept;
};

static int post(void *ctx, const char *url, struct slice form, struct token_reply *reply_r,
		struct err *e)
{
	struct world *w = ctx;
	int n = atomic_fetch_add(&w->posts, 1) + 1;
	(void)url;
	(void)e;
	memcpy(w->forms, form.ptr, form.len);
	w->forms[form.len] = '\0';
	buf_init(&reply_r->body);
	reply_r->status = w->status;
	reply_r->retry_after_s = w->status == 429 ? 7 : 0;
	if (w->answer != NULL)
		buf_adds(&reply_r->body, w->answer);
	else
		buf_addf(&reply_r->body,
			 "{\"access_token\":\"t%d\",\"expires_in\":1000,\"refresh_token\":\"r%d\"}",
			 n, n);
	return 0;
}

static struct secret *load(void *ctx)
{
	struct world *w = ctx;
	return w->kept != NULL ? secret_new(slice_str(w->kept)) : NULL;
}

static void save(void *ctx, const struct secret *refresh)
{
	struct world *w = ctx;
	str_copy(w->saved, sizeof(w->saved), secret_expose(refresh).ptr);
}

static struct token_source *source(struct world *w, enum token_method method)
{
	*w = (struct world){ .status = 200 };
	fake_clock_init(&w->clock, 1000000);
	return token_source_new(&(struct token_opts){
		.method = method,
		.side = "target",
		.app = { .token_url = "https://l/t", .client_id = "c", .scope = "s" },
		.clock = &w->clock.clock,
		.rng = rng_system(),
		.post = post,
		.load = load,
		.save = save,
		.ctx = w });
}

static void expect(struct token_source *s, const char *token)
{
	struct secret *got = NULL;
	struct err e = { 0 };
	if (token_source_get(s, "ann", &got, &e) != 0)
		fail_msg("%s", e.text);
	assert_string_equal(secret_expose(got).ptr, token);
	secret_free(got);
}

static void pass(struct world *w, int64_t ms)
{
	(void)clock_sleep_until(&w->clock.clock, clock_now_ms(&w->clock.clock) + ms, -1);
}

static void test_renewed_before_it_ends(void **state)
{
	struct world w;
	struct token_source *s = source(&w, TOKEN_CLIENT);
	(void)state;
	expect(s, "t1");
	pass(&w, 799 * 1000);
	expect(s, "t1");
	pass(&w, 1000); /* a fifth of its life is left */
	expect(s, "t2");
	token_source_free(s);
}

static void test_a_refused_one_is_replaced_once(void **state)
{
	struct world w;
	struct token_source *s = source(&w, TOKEN_CLIENT);
	struct secret *old = secret_new(SLICE_LIT("t1"));
	(void)state;
	expect(s, "t1");
	token_source_refused(s, "ann", old);
	expect(s, "t2");
	token_source_refused(s, "ben", old); /* a slower thread, with the old one still */
	expect(s, "t2");
	secret_free(old);
	token_source_free(s);
}

static void test_no_endpoint_gets_a_secret_told(void **state)
{
	struct world w = { .status = 200 };
	struct secret *got = NULL;
	struct secret *password = secret_new(SLICE_LIT("hunter2~word"));
	struct err e = { 0 };
	(void)state;
	fake_clock_init(&w.clock, 1000000);
	struct token_source *s = token_source_new(&(struct token_opts){
		.method = TOKEN_CLIENT,
		.side = "target",
		.app = { .token_url = "https://l/t", .client_id = "c", .client_secret = password },
		.clock = &w.clock.clock,
		.rng = rng_system(),
		.post = post,
		.ctx = &w });
	w.answer = "{\"error\":\"invalid_client\",\"error_description\":\"no such secret: "
		   "hunter2~word\"}";
	assert_int_equal(token_source_get(s, "ann", &got, &e), -1);
	assert_non_null(strstr(e.text, "no such secret: ***"));
	token_source_free(s);
	secret_free(password);
}

static void test_a_final_no_is_remembered(void **state)
{
	struct world w;
	struct token_source *s = source(&w, TOKEN_CLIENT);
	struct secret *got = NULL;
	struct err e = { 0 };
	(void)state;
	w.answer = "{\"error\":\"invalid_client\"}";
	for (int i = 0; i < 300; i++) {
		assert_int_equal(token_source_get(s, "ann", &got, &e), -1);
		assert_int_equal(e.kind, ERR_ACCOUNT);
	}
	assert_int_equal(w.posts, 1);
	w.answer = NULL;
	pass(&w, 60 * 1000);
	expect(s, "t2");
	token_source_free(s);
}

static void test_what_passes_is_not(void **state)
{
	struct world w;
	struct token_source *s = source(&w, TOKEN_CLIENT);
	struct secret *got = NULL;
	struct err e = { 0 };
	(void)state;
	w.status = 503;
	assert_int_equal(token_source_get(s, "ann", &got, &e), -1);
	assert_int_equal(e.kind, ERR_RETRY);
	w.status = 429;
	assert_int_equal(token_source_get(s, "ann", &got, &e), -1);
	assert_int_equal(e.kind, ERR_WAIT);
	assert_int_equal(e.until_ms, clock_now_ms(&w.clock.clock) + 7000);
	w.status = 200;
	expect(s, "t3");
	token_source_free(s);
}

static void test_a_refresh_token_asks_nobody(void **state)
{
	struct world w;
	struct token_source *s = source(&w, TOKEN_DEVICE_CODE);
	struct secret *got = NULL;
	struct err e = { 0 };
	(void)state;
	w.kept = "old";
	expect(s, "t1");
	assert_non_null(strstr(w.forms, "grant_type=refresh_token"));
	assert_non_null(strstr(w.forms, "refresh_token=old"));
	assert_string_equal(w.saved, "r1"); /* each works once */
	pass(&w, 1000 * 1000);
	expect(s, "t2");
	assert_non_null(strstr(w.forms, "refresh_token=r1"));
	/* Withdrawn, and nobody is there to log in. */
	pass(&w, 1000 * 1000);
	w.answer = "{\"error\":\"invalid_grant\"}";
	assert_int_equal(token_source_get(s, "ann", &got, &e), -1);
	assert_int_equal(e.kind, ERR_ACCOUNT);
	assert_non_null(strstr(e.text, "needs a person"));
	token_source_free(s);
}

static void *ask(void *ctx)
{
	struct secret *got = NULL;
	struct err e = { 0 };
	(void)token_source_get(ctx, "ann", &got, &e);
	secret_free(got);
	return NULL;
}

static void test_many_threads_one_request(void **state)
{
	enum { THREADS = 16 };
	struct world w;
	struct token_source *s = source(&w, TOKEN_CLIENT);
	pthread_t threads[THREADS];
	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, s), 0);
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	assert_int_equal(w.posts, 1);
	token_source_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_renewed_before_it_ends),
		cmocka_unit_test(test_a_refused_one_is_replaced_once),
		cmocka_unit_test(test_no_endpoint_gets_a_secret_told),
		cmocka_unit_test(test_a_final_no_is_remembered),
		cmocka_unit_test(test_what_passes_is_not),
		cmocka_unit_test(test_a_refresh_token_asks_nobody),
		cmocka_unit_test(test_many_threads_one_request),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
