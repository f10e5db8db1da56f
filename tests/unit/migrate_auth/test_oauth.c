/*
 * The texts of OAuth: what is posted, what answers mean. Signatures are judged in base/test_sign
 * and, end to end, by a strict endpoint; here it is the parts that they cover.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/json.h"
#include "migrate/auth/oauth.h"

static const char url[] = "https://login.example/token";

/* RFC 7636 appendix B, by a generator that gives its octets. */
static void fill_rfc7636(void *ctx, void *p, size_t len)
{
	static const unsigned char octets[] = { 116, 24,  223, 180, 151, 153, 224, 37,
						79,  250, 96,  125, 216, 173, 187, 186,
						22,  212, 37,  77,  105, 214, 191, 240,
						91,  88,  5,   88,  83,  132, 141, 121 };
	(void)ctx;
	memcpy(p, octets, len < sizeof(octets) ? len : sizeof(octets));
}

static void test_pkce_of_the_rfc(void **state)
{
	const struct rng rng = { fill_rfc7636, NULL };
	struct oauth_pkce pkce;
	(void)state;
	oauth_pkce_make(&rng, &pkce);
	assert_string_equal(pkce.verifier, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
	assert_string_equal(pkce.challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

static void test_forms_are_escaped(void **state)
{
	struct secret *word = secret_new(SLICE_LIT("a&b=c d+\xc3\xa9"));
	const struct oauth_app app = { .token_url = url,
				       .client_id = "id",
				       .client_secret = word,
				       .scope = "https://x/.default y" };
	const struct oauth_moment at = { 0, rng_system() };
	struct buf form;
	(void)state;
	oauth_form_init(&form);
	oauth_form_client(&app, &at, &form);
	assert_string_equal(form.at, "grant_type=client_credentials&client_id=id"
				     "&client_secret=a%26b%3Dc%20d%2B%C3%A9"
				     "&scope=https%3A%2F%2Fx%2F.default%20y");
	oauth_form_wipe(&form);
	secret_free(word);
}

static void test_authorize_url(void **state)
{
	const struct rng rng = { fill_rfc7636, NULL };
	const struct oauth_app app = { .authorize_url = "https://l/a?x=1",
				       .client_id = "c",
				       .scope = "s" };
	struct oauth_pkce pkce;
	struct buf out;
	(void)state;
	oauth_pkce_make(&rng, &pkce);
	buf_init(&out);
	oauth_authorize_url(&app, &pkce, "http://localhost:7/", &out);
	assert_true(str_starts(out.at,
			       "https://l/a?x=1&response_type=code&client_id=c"
			       "&redirect_uri=http%3A%2F%2Flocalhost%3A7%2F&scope=s&state="));
	assert_true(str_ends(out.at, "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
				     "&code_challenge_method=S256"));
	assert_null(strstr(out.at, "code_verifier"));
	buf_release(&out);
}

static void test_a_token(void **state)
{
	struct oauth_answer a;
	struct err e = { 0 };
	(void)state;
	assert_int_equal(
		oauth_answer_parse(SLICE_LIT("{\"access_token\":\"t\",\"token_type\":\"bearer\","
					     "\"expires_in\":\"3599\",\"refresh_token\":\"r\"}"),
				   &a, &e),
		0);
	assert_string_equal(secret_expose(a.access).ptr, "t");
	assert_string_equal(secret_expose(a.refresh).ptr, "r");
	assert_int_equal(a.lifetime_s, 3599);
	oauth_answer_release(&a);
}

static void test_what_is_no_token(void **state)
{
	static const char *const bodies[] = {
		"",
		"<html>",
		"[]",
		"{}",
		"{\"access_token\":\"\"}",
		"{\"access_token\":7}",
		"{\"access_token\":\"a b\"}",
		"{\"access_token\":\"a\\r\\nLOGOUT\"}",
		"{\"access_token\":\"t\",\"token_type\":\"mac\"}",
	};
	struct oauth_answer a;
	struct err e = { 0 };
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_int_equal(oauth_answer_parse(slice_str(bodies[i]), &a, &e), -1);
		assert_int_equal(e.kind, ERR_WORLD);
	}
}

struct refused {
	const char *body;
	enum err_kind kind;
	const char *says, *hint;
};
static const struct refused refused[] = {
	{ "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: "
	  "Invalid.\\r\\nTrace\"}",
	  ERR_ACCOUNT, "the client secret is wrong (invalid_client: AADSTS7000215: Invalid.)",
	  "value" },
	/* Not AADSTS70011, which is its beginning. */
	{ "{\"error\":\"unauthorized_client\",\"error_description\":\"AADSTS700116: x\"}",
	  ERR_ACCOUNT, "the application may not do this", "delegation" },
	{ "{\"error\":\"invalid_scope\",\"error_description\":\"AADSTS70011: x\"}", ERR_ACCOUNT,
	  "the scope is wrong", "auth.scope" },
	{ "{\"error\":\"temporarily_unavailable\"}", ERR_RETRY, "not now", "" },
	{ "{\"error\":\"weird\\u001b[31m\"}", ERR_ACCOUNT, "it refused (weird?[31m", "see what" },
};

static void test_refusals_in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct oauth_answer a;
		struct err e = { 0 };
		assert_int_equal(oauth_answer_parse(slice_str(refused[i].body), &a, &e), 0);
		assert_null(a.access);
		assert_int_equal(oauth_refusal(&a, url, &e), -1);
		assert_int_equal(e.kind, refused[i].kind);
		if (strstr(e.text, refused[i].says) == NULL)
			fail_msg("'%s' lacks '%s'", e.text, refused[i].says);
		assert_non_null(strstr(e.hint, refused[i].hint));
		oauth_answer_release(&a);
	}
}

static struct oauth_answer answer_with(const char *error)
{
	struct oauth_answer a = { 0 };
	str_copy(a.error, sizeof(a.error), error);
	return a;
}

static void test_device_polling(void **state)
{
	struct oauth_device d;
	struct oauth_poll p;
	struct err e = { 0 };
	struct oauth_answer pending = answer_with("authorization_pending");
	struct oauth_answer slow = answer_with("slow_down");
	struct oauth_answer declined = answer_with("access_denied");
	(void)state;
	assert_int_equal(
		oauth_device_parse(SLICE_LIT("{\"device_code\":\"d\",\"user_code\":\"U-1\","
					     "\"verification_uri\":\"https://v\","
					     "\"expires_in\":30}"),
				   url, &d, &e),
		0);
	oauth_poll_begin(&p, &d, 1000);
	assert_int_equal(p.next_ms, 6000); /* five seconds when not told */
	assert_int_equal(oauth_poll_take(&p, &pending, 6000), OAUTH_POLL_AGAIN);
	assert_int_equal(p.next_ms, 11000);
	assert_int_equal(oauth_poll_take(&p, &slow, 11000), OAUTH_POLL_AGAIN);
	assert_int_equal(p.next_ms, 21000); /* five more, for good */
	assert_int_equal(oauth_poll_take(&p, &declined, 21000), OAUTH_POLL_REFUSED);
	assert_string_equal(declined.error, "access_denied");
	assert_int_equal(oauth_poll_take(&p, &pending, 21000), OAUTH_POLL_REFUSED);
	assert_string_equal(pending.error, "expired_token"); /* the next one would be too late */
	oauth_device_release(&d);
	assert_int_equal(oauth_device_parse(SLICE_LIT("{\"user_code\":\"U\"}"), url, &d, &e), -1);
}

struct redirect {
	const char *target;
	int rc;
	enum err_kind kind;
};

static void test_redirects(void **state)
{
	static const struct redirect redirects[] = {
		{ "/?code=a%2Fb&state=S", 0, ERR_NONE },
		{ "/?state=S&code=a%2fb", 0, ERR_NONE },
		{ "/?code=a%2Fb&state=T", -1, ERR_ITEM },
		{ "/?code=a%2Fb", -1, ERR_ITEM },
		{ "/?code=a&code=b&state=S", -1, ERR_ITEM },
		{ "/?code=a%2&state=S", -1, ERR_ITEM },
		{ "/?state=S", -1, ERR_ITEM },
		{ "/favicon.ico", -1, ERR_ITEM },
		{ "/?error=access_denied&state=S", -1, ERR_ACCOUNT },
		{ "/?error=access_denied", -1, ERR_ITEM },
	};
	const struct oauth_pkce pkce = { .state = "S" };
	(void)state;
	for (size_t i = 0; i < sizeof(redirects) / sizeof(redirects[0]); i++) {
		struct secret *code = NULL;
		struct err e = { 0 };
		int rc = oauth_redirect_parse(slice_str(redirects[i].target), &pkce, &code, &e);
		assert_int_equal(rc, redirects[i].rc);
		assert_int_equal(e.kind, redirects[i].kind);
		if (rc == 0)
			assert_string_equal(secret_expose(code).ptr, "a/b");
		secret_free(code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pkce_of_the_rfc),  cmocka_unit_test(test_forms_are_escaped),
		cmocka_unit_test(test_authorize_url),    cmocka_unit_test(test_a_token),
		cmocka_unit_test(test_what_is_no_token), cmocka_unit_test(test_refusals_in_words),
		cmocka_unit_test(test_device_polling),   cmocka_unit_test(test_redirects),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
