#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "registrars/route53/hosted_zone.h"
#include "registrars/route53/route53.h"

struct given {
	const char *id, *secret, *token, *zone_id, *region, *base_url; /* NULL: not given */
};

static const struct given good = { "AKIAEXAMPLE", "s3cret/+", NULL, NULL, NULL, NULL };

struct values {
	size_t n;
	struct registrar_value at[6];
};

static void add(struct values *v, const char *name, const char *text, bool is_secret)
{
	if (text == NULL)
		return;
	v->at[v->n++] = (struct registrar_value){
		.name = name,
		.text = is_secret ? NULL : text,
		.secret = is_secret ? secret_new(slice_str(text)) : NULL,
	};
}

static int open_with(const struct given *g, void **session_r, struct err *e)
{
	static const struct registrar_host host = { .ctx = NULL };
	struct values v = { .n = 0 };
	add(&v, "access_key_id", g->id, true);
	add(&v, "secret_access_key", g->secret, true);
	add(&v, "session_token", g->token, true);
	add(&v, "zone_id", g->zone_id, false);
	add(&v, "region", g->region, false);
	add(&v, "base_url", g->base_url, false);
	const struct registrar_config config = { "a.example.", v.n, v.at };
	int rc = registrar_route53.open(&registrar_route53, &host, &config, session_r, e);
	for (size_t i = 0; i < v.n; i++)
		secret_free((struct secret *)v.at[i].secret);
	return rc;
}

static void test_what_is_not_given_has_a_default(void **state)
{
	void *session;
	struct err e;
	(void)state;
	assert_int_equal(open_with(&good, &session, &e), 0);
	const struct session *s = session;
	assert_string_equal(s->region, "us-east-1");
	assert_string_equal(s->base_url, "https://route53.amazonaws.com");
	assert_null(s->token);
	assert_null(s->zone_id);
	registrar_route53.close(session);
}

static void test_what_is_given_is_taken(void **state)
{
	const struct given g = {
		" AKIA\n",         "s",          "token==\n",
		"/hostedzone/Z1X", "cn-north-1", "https://Api.Example:8443/Sand/"
	};
	void *session;
	struct err e;
	(void)state;
	assert_int_equal(open_with(&g, &session, &e),
			 -1); /* a newline at its end is a blank in it */
	const struct given h = {
		" AKIA",           "s",          "token==",
		"/hostedzone/Z1X", "cn-north-1", "https://Api.Example:8443/Sand/"
	};
	assert_int_equal(open_with(&h, &session, &e), 0);
	const struct session *s = session;
	assert_string_equal(secret_expose(s->key_id).ptr, "AKIA");
	assert_string_equal(secret_expose(s->token).ptr, "token==");
	assert_string_equal(s->zone_id, "Z1X");
	assert_string_equal(s->region, "cn-north-1");
	assert_string_equal(s->base_url, "https://api.example:8443/Sand");
	registrar_route53.close(session);
}

static void expect_refused(const struct given *g, const char *told)
{
	void *session = NULL;
	struct err e = { 0 };
	assert_int_equal(open_with(g, &session, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	if (strstr(e.text, told) == NULL)
		fail_msg("\"%s\" does not tell of %s", e.text, told);
	assert_null(strstr(e.text, "s3cret"));
}

static void test_what_is_refused(void **state)
{
	struct given g;
	(void)state;
	g = good;
	g.id = "";
	expect_refused(&g, "access_key_id");
	g = good;
	g.secret = "s3cret\r\nx: y";
	expect_refused(&g, "secret_access_key");
	g = good;
	g.token = "s3cret s3cret";
	expect_refused(&g, "session_token");
	g = good;
	g.zone_id = "Z1/../Z2";
	expect_refused(&g, "zone_id");
	g = good;
	g.region = "us-east-1/x";
	expect_refused(&g, "region");
	g = good;
	g.region = "";
	expect_refused(&g, "region");
	g = good;
	g.base_url = "http://127.0.0.1/";
	expect_refused(&g, "base_url");
	g.base_url = "https://a.example/?x=";
	expect_refused(&g, "base_url");
	g.base_url = "https://user@a.example";
	expect_refused(&g, "base_url");
}

static void test_ids(void **state)
{
	static const char *const bad[] = { "",
					   "/hostedzone/",
					   "hostedzone/Z1",
					   "z1",
					   "Z1 ",
					   "Z1?",
					   "Z123456789012345678901234567890123" };
	struct arena *a = arena_new();
	(void)state;
	assert_string_equal(hosted_zone_id(a, "Z1D633PJN98FT9"), "Z1D633PJN98FT9");
	assert_string_equal(hosted_zone_id(a, "/hostedzone/Z1D633PJN98FT9"), "Z1D633PJN98FT9");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(hosted_zone_id(a, bad[i]));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_not_given_has_a_default),
		cmocka_unit_test(test_what_is_given_is_taken),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_ids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
