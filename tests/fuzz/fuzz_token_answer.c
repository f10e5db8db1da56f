/* Any bytes as an answer of a token endpoint, of a device endpoint, and as a redirect: a token is
 * printable and whole, a refusal has words, anything else is an error. */
#include <string.h>

#include "fuzz_input.h"
#include "migrate/auth/oauth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_token(const struct secret *token)
{
	struct slice s = secret_expose(token);
	if (s.len == 0)
		abort();
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
			abort();
}

static void check_answer(struct slice body)
{
	struct oauth_answer a;
	struct err e;
	if (oauth_answer_parse(body, &a, &e) != 0)
		return;
	if ((a.access == NULL) == (a.error[0] == '\0'))
		abort();
	if (a.access != NULL)
		check_token(a.access);
	if (a.access != NULL && (a.lifetime_s <= 0 || a.lifetime_s > 30 * 86400))
		abort();
	if (a.access == NULL && (oauth_refusal(&a, "https://l/t", &e) != -1 || e.text[0] == '\0'))
		abort();
	oauth_answer_release(&a);
}

static void check_device(struct slice body)
{
	struct oauth_device d;
	struct err e;
	if (oauth_device_parse(body, "https://l/d", &d, &e) != 0)
		return;
	check_token(d.code);
	if (d.url[0] == '\0' || d.user_code[0] == '\0' || d.interval_s <= 0 || d.expires_s <= 0)
		abort();
	oauth_device_release(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct oauth_pkce pkce = { .state = "S" };
	const struct slice body = { (const char *)data, size };
	struct secret *code = NULL;
	struct err e;
	check_answer(body);
	check_device(body);
	if (oauth_redirect_parse(body, &pkce, &code, &e) == 0 && secret_is_empty(code))
		abort();
	secret_free(code);
	return 0;
}
