#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "registrars/route53/sigv4.h"

/* The vendor's published examples ("Signature Version 4 test suite", and the ListUsers request of
 * the AWS General Reference), all of 2015-08-30 12:36 UTC with the same key. */
static const int64_t at_ms = INT64_C(1440938160000);

struct example {
	const char *name, *method, *path, *query, *body;
	const char *content_type, *token; /* headers; NULL */
	const char *host, *service, *signature;
};

static const struct example examples[] = {
	{ "get-vanilla", "GET", "/", "", "", NULL, NULL, "example.amazonaws.com", "service",
	  "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
	{ "get-vanilla-query-order-key-case", "GET", "/", "Param1=value1&Param2=value2", "", NULL,
	  NULL, "example.amazonaws.com", "service",
	  "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500" },
	{ "get-space", "GET", "/example space/", "", "", NULL, NULL, "example.amazonaws.com",
	  "service", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741" },
	{ "post-vanilla", "POST", "/", "", "", NULL, NULL, "example.amazonaws.com", "service",
	  "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b" },
	{ "post-x-www-form-urlencoded", "POST", "/", "", "Param1=value1",
	  "application/x-www-form-urlencoded", NULL, "example.amazonaws.com", "service",
	  "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a" },
	{ "post-sts-header-before", "POST", "/", "", "", NULL,
	  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmx"
	  "fpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0K"
	  "PkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZb"
	  "qBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==",
	  "example.amazonaws.com", "service",
	  "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead" },
	{ "ListUsers", "GET", "/", "Action=ListUsers&Version=2010-05-08", "",
	  "application/x-www-form-urlencoded; charset=utf-8", NULL, "iam.amazonaws.com", "iam",
	  "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7" },
};

static size_t headers_of(const struct example *x, const char *time, struct registrar_field *to)
{
	size_t n = 0;
	if (x->content_type != NULL)
		to[n++] = (struct registrar_field){ "content-type", x->content_type };
	to[n++] = (struct registrar_field){ "host", x->host };
	to[n++] = (struct registrar_field){ "x-amz-date", time };
	if (x->token != NULL)
		to[n++] = (struct registrar_field){ "x-amz-security-token", x->token };
	return n;
}

static void sign(const struct example *x, struct buf *out)
{
	char time[SIGV4_TIME_MAX];
	struct registrar_field headers[4];
	struct secret *id = secret_new(SLICE_LIT("AKIDEXAMPLE"));
	struct secret *secret = secret_new(SLICE_LIT("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
	const struct sigv4_key key = { id, secret, "us-east-1", x->service };
	struct sigv4_request r = { .method = x->method,
				   .path = x->path,
				   .query = x->query,
				   .body = slice_str(x->body),
				   .time = sigv4_time(at_ms, time),
				   .headers = headers };
	r.header_n = headers_of(x, time, headers);
	sigv4_authorization(&key, &r, out);
	secret_free(id);
	secret_free(secret);
}

static void test_the_published_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct buf b;
		buf_init(&b);
		sign(&examples[i], &b);
		if (!str_ends(b.at, examples[i].signature))
			fail_msg("%s: %s", examples[i].name, b.at);
		buf_release(&b);
	}
}

static void test_the_whole_header(void **state)
{
	struct buf b;
	(void)state;
	buf_init(&b);
	sign(&examples[0], &b);
	assert_string_equal(
		b.at,
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
		"SignedHeaders=host;x-amz-date, "
		"Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
	buf_release(&b);
}

static void test_time(void **state)
{
	char text[SIGV4_TIME_MAX];
	(void)state;
	assert_string_equal(sigv4_time(at_ms, text), "20150830T123600Z");
	assert_string_equal(sigv4_time(at_ms + 999, text), "20150830T123600Z");
	assert_string_equal(sigv4_time(INT64_C(951782399000), text), "20000228T235959Z");
}

static void test_encoding(void **state)
{
	struct buf b;
	(void)state;
	buf_init(&b);
	sigv4_encode("aZ09-._~ *\\/:+%\xc3\xbc", &b);
	assert_string_equal(b.at, "aZ09-._~%20%2A%5C%2F%3A%2B%25%C3%BC");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_published_examples),
		cmocka_unit_test(test_the_whole_header),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_encoding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
