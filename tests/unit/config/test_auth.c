/* How both sides are logged in to: presets, and what does not go together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "scratch.h"

#define HEAD  "domain: treyresearch.com\n"
#define APP   "client_id: c, client_secret: env:S"
#define MS(m) HEAD "target: { provider: microsoft365, auth: { " m ", tenant: t.example } }\n"

static const struct project *load(struct scratch *s, const char *text)
{
	const struct project *p = scratch_project(s, text);
	if (p == NULL)
		fail_msg("%s\n%s\n%s", s->e.text, s->e.hint, text);
	return p;
}

static void microsoft(void **state)
{
	const struct project *p = load(*state, MS("method: oauth-client-credentials, " APP));
	const struct project_auth *a = &p->target_auth;
	assert_string_equal(a->token_url,
			    "https://login.microsoftonline.com/t.example/oauth2/v2.0/token");
	assert_string_equal(a->scope, "https://outlook.office365.com/.default");
	assert_string_equal(p->target_imap, "imaps://outlook.office365.com");
	assert_null(a->device_url);
	assert_false(project_auth_by_csv(a));
	assert_true(project_auth_by_csv(&p->source_auth));
	p = load(*state, MS("method: oauth-device-code, client_id: c, cloud: gcc-high"));
	assert_string_equal(p->target_auth.device_url,
			    "https://login.microsoftonline.us/t.example/oauth2/v2.0/devicecode");
	assert_string_equal(p->target_auth.scope,
			    "https://outlook.office365.us/IMAP.AccessAsUser.All offline_access");
	assert_string_equal(p->target_imap, "imaps://outlook.office365.us");
	p = load(*state, MS("method: oauth-authorization-code, client_id: c"));
	assert_string_equal(p->target_auth.authorize_url,
			    "https://login.microsoftonline.com/t.example/oauth2/v2.0/authorize");
	assert_string_equal(p->target_auth.scope,
			    "https://outlook.office.com/IMAP.AccessAsUser.All offline_access");
}

static void google(void **state)
{
	const struct project *p = load(*state,
				       HEAD "source: { auth: { method: google-service-account, "
					    "service_account: file:sa.json } }\n");
	assert_string_equal(p->source_imap, "imaps://imap.gmail.com");
	assert_string_equal(p->source_auth.token_url, "https://oauth2.googleapis.com/token");
	assert_string_equal(p->source_auth.scope,
			    "https://www.googleapis.com/auth/gmail.imap_admin");
}

/* What the file says stands, whatever the preset knows. */
static void the_file_has_the_last_word(void **state)
{
	const struct project *p = load(
		*state, HEAD "target: { provider: microsoft365, imap: imaps://x.example, auth: { "
			     "method: oauth-client-credentials, client_id: c, certificate: "
			     "file:app.pem, scope: s, token_url: https://y.example/t } }\n");
	assert_string_equal(p->target_imap, "imaps://x.example");
	assert_string_equal(p->target_auth.token_url, "https://y.example/t");
	assert_string_equal(p->target_auth.scope, "s");
}

static void administrators(void **state)
{
	const struct project *p = load(
		*state, HEAD "source: { auth: { master_user: cyrus, master_password: env:M, "
			     "master_by: authzid } }\n");
	assert_false(project_auth_by_csv(&p->source_auth));
	assert_string_equal(p->source_auth.master_separator, "*");
}

struct refusal {
	const char *auth, *says, *remedy;
};

static const struct refusal refusals[] = {
	{ "method: oauth-client-credentials", "lacks client_id", "application's id" },
	{ "method: oauth-client-credentials, client_id: c, scope: s, token_url: https://x/t",
	  "nothing that proves the application", "certificate: file:app.pem" },
	{ "method: oauth-client-credentials, " APP ", scope: s", "lacks token_url", "tenant" },
	{ "method: oauth-client-credentials, certificate: file:a, " APP
	  ", scope: s, token_url: https://x/t",
	  "both given", "keep one" },
	{ "method: oauth-device-code, client_id: c, scope: s, token_url: https://x/t",
	  "lacks device_url", "oauth-authorization-code" },
	{ "method: google-service-account", "lacks service_account", "service-account.json" },
	{ "method: token", "lacks token", "cmd:PROGRAM" },
	{ "client_secret: env:S", "client_secret is not used by method password",
	  "oauth-client-credentials" },
	{ "method: token, token: env:T, login_forms: [ address ]",
	  "login_forms is not used by method token", "method: password" },
	{ "master_user: m", "has no password", "master_password" },
	{ "master_password: env:M", "without master_user", "master_user" },
	{ "master_user: m, master_password: env:M, master_by: authzid, master_separator: \"+\"",
	  "not used by master_by: authzid", "leave it out" },
	{ "login_forms: [ \"domain\\\\user\" ]", "no login_domain", "login_domain: DOMAIN" },
	{ "login_forms: [ upn ]", "must be address, local-part", "login_forms" },
	{ "login_domain: T", "without domain\\user", "login_forms" },
	{ "method: oauth-device-code, token_url: http://x/t", "must begin with https://",
	  "token_url" },
	{ "tenant: a/b", "letters, digits", "tenant" },
	{ "client_secret: hunter2", "client_secret", "env:CLIENT_SECRET" },
};

static void refuses_with_remedy(void **state)
{
	struct scratch *s = *state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		const char *text = arena_printf(s->arena, HEAD "source:\n  auth: { %s }\n",
						r->auth);
		if (scratch_project(s, text) != NULL)
			fail_msg("taken: %s", text);
		if (strstr(s->e.text, r->says) == NULL || strstr(s->e.hint, r->remedy) == NULL ||
		    strstr(s->e.text, ":3: ") == NULL)
			fail_msg("%s\n%s\nfor %s", s->e.text, s->e.hint, text);
		assert_null(strstr(s->e.text, "hunter2"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(microsoft),
		cmocka_unit_test(google),
		cmocka_unit_test(the_file_has_the_last_word),
		cmocka_unit_test(administrators),
		cmocka_unit_test(refuses_with_remedy),
	};
	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
