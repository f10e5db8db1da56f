/*
 * Each signer alone. What is wanted was computed with Python's hashlib and hmac and with
 * openssl(1).
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/json.h"
#include "registrars/rest/signer.h"
#include "tests/unit/base/test_key.h"

static const struct signer *find(const char *name)
{
	for (unsigned i = 0; signer_at(i) != NULL; i++) {
		if (str_eq(signer_at(i)->name, name))
			return signer_at(i);
	}
	fail_msg("there is no signer \"%s\"", name);
	return NULL;
}

/* 00 01 02 … */
static void count_up(void *ctx, void *p, size_t len)
{
	unsigned char *to = p;
	(void)ctx;
	for (size_t i = 0; i < len; i++)
		to[i] = (unsigned char)i;
}

static const struct rng counting = { count_up, NULL };

/* A session's variables and a request. */
struct scene {
	struct arena *a;
	struct vars vars;
	struct desc_signer desc;
	struct signing s;
	struct signed_headers made;
};

static void begin(struct scene *x, const char *name, const struct desc_field *params, size_t n)
{
	*x = (struct scene){ .a = arena_new(), .desc = { find(name), { n, params }, { 0 } } };
	x->s = (struct signing){
		.desc = &x->desc,
		.vars = &x->vars,
		.now_s = 1795773600,
		.rng = &counting,
		.method = "POST",
	};
}

static void end(struct scene *x)
{
	for (size_t i = 0; i < x->made.n; i++)
		buf_release(&x->made.values[i]);
	arena_free(x->a);
}

static const char *header(const struct scene *x, const char *name)
{
	for (size_t i = 0; i < x->made.n; i++) {
		if (str_eq(x->made.names[i], name))
			return x->made.values[i].at;
	}
	return "(none)";
}

static void test_ovh(void **state)
{
	static const struct desc_field params[] = { { "application", "AK", NULL },
						    { "secret", "{s}", NULL },
						    { "consumer", "{c}", NULL } };
	struct scene x;
	struct err e = { 0 };
	(void)state;
	begin(&x, "ovh", params, 3);
	vars_set(&x.vars, x.a, "s", "AS");
	vars_set(&x.vars, x.a, "c", "CK");
	x.s.now_s = 1795773660;
	x.s.url = "https://eu.api.ovh.com/1.0/domain/zone/x.example/record?a=b";
	x.s.body = SLICE_LIT("{\"ttl\":60}");
	assert_int_equal(x.desc.kind->sign(&x.s, &x.made, &e), 0);
	assert_string_equal(header(&x, "X-Ovh-Signature"),
			    "$1$85d2400fdbd6e8a5eba6ddca10c9607b9252d5ac");
	assert_string_equal(header(&x, "X-Ovh-Timestamp"), "1795773660");
	assert_string_equal(header(&x, "X-Ovh-Application"), "AK");
	assert_string_equal(header(&x, "X-Ovh-Consumer"), "CK");
	end(&x);
}

static void test_a_value_is_missing(void **state)
{
	static const struct desc_field params[] = { { "application", "AK", NULL },
						    { "secret", "{s}", NULL },
						    { "consumer", "CK", NULL } };
	struct scene x;
	struct err e = { 0 };
	(void)state;
	begin(&x, "ovh", params, 3);
	vars_set(&x.vars, x.a, "s", NULL);
	x.s.url = "https://eu.api.ovh.com/";
	assert_int_equal(x.desc.kind->sign(&x.s, &x.made, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.text, "the \"secret\" of the signer has no value"));
	end(&x);
}

static void test_dynadot(void **state)
{
	static const struct desc_field params[] = { { "key", "K1", NULL },
						    { "secret", "S3", NULL } };
	struct scene x;
	struct err e = { 0 };
	(void)state;
	begin(&x, "dynadot", params, 2);
	x.s.url = "https://api.dynadot.com/restful/v2/domains/x.example/records?a=b";
	x.s.body = SLICE_LIT("{}");
	assert_int_equal(x.desc.kind->sign(&x.s, &x.made, &e), 0);
	assert_string_equal(header(&x, "X-Request-Id"), "00010203-0405-4607-8809-0a0b0c0d0e0f");
	assert_string_equal(header(&x, "X-Signature"),
			    "vf0ENnJR26bDEY2YdkZQeLIsE8MSEEVGy2ibXdgON7Q=");
	end(&x);
}

static void test_transip(void **state)
{
	static const char wanted[] =
		"e+2hXeKh8JykfSZQo7yxvL2EAVnS3Vox6eHs7f3Gws6F02MPT77npNXetr2ZNDqHl1Fbla"
		"vQDY9hbMRgI/UAg9+LVElXVdUWwsznBAkzv9Fo0/ywuDpEc2xMy1QtgUqavcISNvXtB6Cp"
		"/gt2r9B7SILjrk9tWQEzBloAlj95TnD4QByOSdg0rwXdomBbtx0zODZhPVpoFm8GW/0ofw"
		"tvQUW13upubcg9PZpo7zvPRuK+/R6CPsfxJPkTA3yDwF26hgT4XVA7nPqcj0JbHVAR3RAU"
		"is0jLisXAHDGxDELXXW/rfhnr2dClNEi2ZW8r/tEaXEIPlx2zwV2NT5nguNZCg==";
	static const struct desc_field params[] = { { "key", "{key}", NULL } };
	struct scene x;
	struct err e = { 0 };
	(void)state;
	begin(&x, "transip", params, 1);
	vars_set(&x.vars, x.a, "key", TEST_KEY_PEM);
	x.s.body = SLICE_LIT("{\"login\":\"x\"}");
	assert_int_equal(x.desc.kind->begin(&x.s, x.a, &x.vars, &e), 0);
	assert_string_equal(vars_get(&x.vars, "nonce"), "000102030405060708090a0b0c0d0e0f");
	assert_int_equal(x.desc.kind->sign(&x.s, &x.made, &e), 0);
	assert_int_equal(x.made.n, 0); /* only the login is signed */
	x.s.is_login = true;
	assert_int_equal(x.desc.kind->sign(&x.s, &x.made, &e), 0);
	assert_string_equal(header(&x, "Signature"), wanted);
	vars_set(&x.vars, x.a, "key", "-----BEGIN NOTHING-----");
	assert_int_equal(x.desc.kind->sign(&x.s, &x.made, &e), -1);
	assert_non_null(strstr(e.text, "the private key of the signer"));
	end(&x);
}

static const struct desc_field google_params[] = { { "key", "{key}", NULL },
						   { "scope", "SC", NULL },
						   { "audience", "AU", NULL } };

/* The console's file, without the member of that name. */
static const char *key_file(struct arena *a, const char *without)
{
	static const char *const members[][2] = { { "client_email", "a@b.example" },
						  { "private_key", TEST_KEY_PEM },
						  { "private_key_id", "k1" },
						  { "project_id", "p-1" } };
	struct js *file = js_object();
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (!str_eq(members[i][0], without))
			js_set_str(file, members[i][0], members[i][1]);
	}
	const char *text = js_text(a, file);
	js_free(file);
	return text;
}

static void test_google(void **state)
{
	static const char wanted[] =
		"eyJ0eXAiOiJKV1QiLCJraWQiOiJrMSIsImFsZyI6IlJTMjU2In0.eyJpc3MiOiJhQGIuZX"
		"hhbXBsZSIsInNjb3BlIjoiU0MiLCJhdWQiOiJBVSIsImlhdCI6MTc5NTc3MzYwMCwiZXhw"
		"IjoxNzk1Nzc3MjAwfQ.mKTiR5C5XZ9gfQYbD5hYDBzHJqhMIwlBrpxP6I8muHcwrp8eo1Z"
		"i6iSsQ7gBMpm-DFwPgMtY8KNpaX_a-jLxji-fsraNYxyrOsNdksrrwf1h88UndJLjViMZr"
		"grQ3VM2O2zBbz_ynw5DmK_TXyMPUOlCU9QZsVRN8fHcQfCX_Dyjicae79U1ke8uySuytEe"
		"eX-5ZYIkWoK6GH7TI1IWZZOHyJnuj-SUAyKFYQx-tuEFU6MaDCWfr3EDNoQAkMFDD6CLfQ"
		"AFHhGo5eoSyZUGq5HoGo8hZNoPrlNMlzVtlZ65TILqGXRLVLCF6Yvj8EgThFfREtpfbysX"
		"U76nIHxwb9w";
	struct scene x;
	struct err e = { 0 };
	(void)state;
	begin(&x, "google", google_params, 3);
	vars_set(&x.vars, x.a, "key", key_file(x.a, ""));
	assert_int_equal(x.desc.kind->begin(&x.s, x.a, &x.vars, &e), 0);
	assert_string_equal(vars_get(&x.vars, "assertion"), wanted);
	assert_string_equal(vars_get(&x.vars, "project"), "p-1");
	vars_set(&x.vars, x.a, "project", "given");
	assert_int_equal(x.desc.kind->begin(&x.s, x.a, &x.vars, &e), 0);
	assert_string_equal(vars_get(&x.vars, "project"), "given");
	end(&x);
}

static void test_what_is_no_key_file(void **state)
{
	static const char *const without[] = { "client_email", "private_key", "private_key_id",
					       "project_id" };
	struct scene x;
	struct err e = { 0 };
	(void)state;
	begin(&x, "google", google_params, 3);
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		vars_set(&x.vars, x.a, "key", key_file(x.a, without[i]));
		assert_int_equal(x.desc.kind->begin(&x.s, x.a, &x.vars, &e), -1);
		assert_non_null(strstr(e.text, without[i]));
	}
	vars_set(&x.vars, x.a, "key", "ya29.secret words, no JSON");
	assert_int_equal(x.desc.kind->begin(&x.s, x.a, &x.vars, &e), -1);
	assert_null(strstr(e.text, "ya29"));
	assert_null(vars_get(&x.vars, "assertion"));
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ovh),     cmocka_unit_test(test_a_value_is_missing),
		cmocka_unit_test(test_dynadot), cmocka_unit_test(test_transip),
		cmocka_unit_test(test_google),  cmocka_unit_test(test_what_is_no_key_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
