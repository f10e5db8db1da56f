/* How both sides are logged in to: which options belong to which method, and the URLs and scopes
 * that the provider's name tells (national clouds too). */
#include "config/load.h"

enum method {
	PASSWORD = 1 << 0,
	CLIENT = 1 << 1,
	SERVICE = 1 << 2,
	DEVICE = 1 << 3,
	BROWSER = 1 << 4,
	GIVEN = 1 << 5,
	PERSON = DEVICE | BROWSER,
	MINTED = CLIENT | SERVICE | PERSON,
};

static const struct {
	const char *word;
	enum method method;
} methods[] = {
	{ "password", PASSWORD },
	{ "oauth-client-credentials", CLIENT },
	{ "google-service-account", SERVICE },
	{ "oauth-device-code", DEVICE },
	{ "oauth-authorization-code", BROWSER },
	{ "token", GIVEN },
};

/* Which methods may use an option, and which cannot do without. Presets come before the needs are
 * looked at. */
struct use {
	const char *key;
	unsigned by, needed_by;
	const char *need; /* the remedy */
};
static const struct use uses[] = {
	{ "tenant", CLIENT | PERSON, 0, NULL },
	{ "client_id", CLIENT | PERSON, CLIENT | PERSON,
	  "client_id: the registered application's id" },
	{ "certificate", CLIENT | PERSON, 0, NULL },
	{ "private_key", CLIENT | PERSON, 0, NULL },
	{ "client_secret", CLIENT | PERSON, 0, NULL },
	{ "service_account", SERVICE, SERVICE, "service_account: file:service-account.json" },
	{ "token", GIVEN, GIVEN, "token: cmd:PROGRAM, which prints a token" },
	{ "scope", MINTED, MINTED, "scope: what the token is for" },
	{ "token_url", MINTED, CLIENT | PERSON,
	  "token_url: https://…, or provider: microsoft365 with a tenant" },
	{ "device_url", DEVICE, DEVICE,
	  "device_url: https://…, or provider: microsoft365 with a tenant; or use "
	  "oauth-authorization-code" },
	{ "authorize_url", BROWSER, BROWSER,
	  "authorize_url: https://…, or provider: google, or microsoft365 with a tenant" },
	{ "audience", CLIENT | SERVICE | PERSON, 0, NULL },
	{ "redirect_port", BROWSER, 0, NULL },
	{ "cache", PERSON, 0, NULL },
	{ "master_user", PASSWORD, 0, NULL },
	{ "master_password", PASSWORD, 0, NULL },
	{ "master_by", PASSWORD, 0, NULL },
	{ "master_separator", PASSWORD, 0, NULL },
	{ "login_forms", PASSWORD, 0, NULL },
	{ "login_domain", PASSWORD, 0, NULL },
};

/* One side while it is looked at. */
struct side {
	struct loader *l;
	const char *name; /* "target" */
	struct project_auth *auth;
	enum method method;
};

static enum method method_of(const struct project_auth *auth)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (str_eq(methods[i].word, auth->method))
			return methods[i].method;
	return PASSWORD;
}

static const struct node *given(const struct side *s, const char *key)
{
	return node_get(node_get(node_get(s->l->root, s->name), "auth"), key);
}

static int refuse(const struct side *s, const char *key, const char *text, const char *remedy)
{
	struct arena *a = s->l->arena;
	const char *path = arena_printf(a, "%s.auth%s%s", s->name, key[0] != '\0' ? "." : "", key);
	return load_refuse(s->l, load_line(s->l, path), arena_printf(a, "%s %s", path, text),
			   remedy);
}

/* ---- presets ---- */

static const struct {
	const char *cloud, *login, *mail;
	const char *delegated; /* the host of a person's scope */
} clouds[] = {
	{ "global", "login.microsoftonline.com", "outlook.office365.com", "outlook.office.com" },
	{ "gcc-high", "login.microsoftonline.us", "outlook.office365.us", "outlook.office365.us" },
	{ "dod", "login.microsoftonline.us", "outlook-dod.office365.us",
	  "outlook-dod.office365.us" },
	{ "china", "login.partner.microsoftonline.cn", "partner.outlook.cn", "partner.outlook.cn" },
};

static void otherwise(const char **field, const char *known)
{
	if (*field == NULL)
		*field = known;
}

/* The URLs need the tenant; the host of the mail server does not. */
static void fill_microsoft(const struct side *s, const char **imap)
{
	struct project_auth *auth = s->auth;
	struct arena *a = s->l->arena;
	size_t i = 0;
	while (!str_eq(clouds[i].cloud, auth->cloud)) /* the table of options has no other words */
		i++;
	otherwise(imap, arena_printf(a, "imaps://%s", clouds[i].mail));
	if ((s->method & (CLIENT | PERSON)) == 0)
		return;
	otherwise(&auth->scope,
		  s->method == CLIENT
			  ? arena_printf(a, "https://%s/.default", clouds[i].mail)
			  : arena_printf(a, "https://%s/IMAP.AccessAsUser.All offline_access",
					 clouds[i].delegated));
	if (auth->tenant == NULL)
		return;
	const char *base = arena_printf(a, "https://%s/%s/oauth2/v2.0", clouds[i].login,
					auth->tenant);
	otherwise(&auth->token_url, arena_printf(a, "%s/token", base));
	if (s->method == DEVICE)
		otherwise(&auth->device_url, arena_printf(a, "%s/devicecode", base));
	if (s->method == BROWSER)
		otherwise(&auth->authorize_url, arena_printf(a, "%s/authorize", base));
}

static void fill_google(const struct side *s, const char **imap)
{
	struct project_auth *auth = s->auth;
	otherwise(imap, "imaps://imap.gmail.com");
	if ((s->method & MINTED) == 0)
		return;
	otherwise(&auth->token_url, "https://oauth2.googleapis.com/token");
	otherwise(&auth->scope, s->method == SERVICE
					? "https://www.googleapis.com/auth/gmail.imap_admin"
					: "https://mail.google.com/");
	if (s->method == BROWSER)
		otherwise(&auth->authorize_url,
			  "https://accounts.google.com/o/oauth2/v2/auth?access_type=offline");
}

static void fill(const struct side *s, const char **imap)
{
	if (s->method == SERVICE)
		otherwise(&s->auth->provider, "google");
	otherwise(&s->auth->provider, "generic");
	if (str_eq(s->auth->provider, "microsoft365"))
		fill_microsoft(s, imap);
	else if (str_eq(s->auth->provider, "google"))
		fill_google(s, imap);
}

/* ---- what does not go together ---- */

static const char *const *field_of(const struct project_auth *auth, const char *key)
{
	const struct {
		const char *key;
		const char *const *field;
	} fields[] = {
		{ "client_id", &auth->client_id },
		{ "service_account", &auth->service_account },
		{ "token", &auth->token },
		{ "scope", &auth->scope },
		{ "token_url", &auth->token_url },
		{ "device_url", &auth->device_url },
		{ "authorize_url", &auth->authorize_url },
	};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (str_eq(fields[i].key, key))
			return fields[i].field;
	return NULL;
}

static const char *methods_with(const struct side *s, unsigned by)
{
	const char *text = "";
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if ((by & methods[i].method) != 0)
			text = arena_printf(s->l->arena, "%s%s%s", text,
					    text[0] != '\0' ? ", " : "", methods[i].word);
	return text;
}

/* An option that would be passed over silently is a mistake about what will happen. */
static int check_uses(const struct side *s)
{
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		const struct use *u = &uses[i];
		if (given(s, u->key) != NULL && (u->by & s->method) == 0)
			return refuse(s, u->key,
				      arena_printf(s->l->arena, "is not used by method %s",
						   s->auth->method),
				      arena_printf(s->l->arena, "leave it out, or use method: %s",
						   methods_with(s, u->by)));
		if ((u->needed_by & s->method) != 0 && *field_of(s->auth, u->key) == NULL)
			return refuse(s, "",
				      arena_printf(s->l->arena, "lacks %s, which method %s needs",
						   u->key, s->auth->method),
				      u->need);
	}
	return 0;
}

/* An application proves itself once, not twice; a person's may be a public one. */
static int check_proof(const struct side *s)
{
	const struct project_auth *auth = s->auth;
	if (auth->certificate != NULL && auth->client_secret != NULL)
		return refuse(s, "client_secret", "and certificate are both given",
			      "keep one of the two");
	if (auth->private_key != NULL && auth->certificate == NULL)
		return refuse(s, "private_key", "has no certificate",
			      "give certificate: file:app.pem, whose key this is");
	if (s->method == CLIENT && auth->certificate == NULL && auth->client_secret == NULL)
		return refuse(s, "", "has nothing that proves the application",
			      "give certificate: file:app.pem or client_secret: env:CLIENT_SECRET");
	return 0;
}

static int check_master(const struct side *s)
{
	const struct project_auth *auth = s->auth;
	if (auth->master_user != NULL && auth->master_password == NULL)
		return refuse(s, "master_user", "has no password",
			      "give master_password: env:MASTER_PASSWORD");
	if (auth->master_user == NULL)
		for (const char *const *key = (const char *const[]){ "master_password", "master_by",
								     "master_separator", NULL };
		     *key != NULL; key++)
			if (given(s, *key) != NULL)
				return refuse(s, *key, "is given without master_user",
					      "give master_user, or leave it out");
	if (str_eq(auth->master_by, "authzid") && given(s, "master_separator") != NULL)
		return refuse(s, "master_separator", "is not used by master_by: authzid",
			      "leave it out");
	return 0;
}

static int check_forms(const struct side *s)
{
	const struct project_auth *auth = s->auth;
	bool by_domain = false;
	for (size_t i = 0; auth->login_forms[i] != NULL; i++)
		by_domain |= str_eq(auth->login_forms[i], "domain\\user");
	if (by_domain && auth->login_domain == NULL)
		return refuse(s, "login_forms", "has domain\\user, but there is no login_domain",
			      "give login_domain: DOMAIN");
	if (!by_domain && auth->login_domain != NULL)
		return refuse(s, "login_domain", "is given without domain\\user in login_forms",
			      "give login_forms: [ domain\\user ], or leave it out");
	return 0;
}

static int look_at(const struct side *s, const char **imap)
{
	fill(s, imap);
	if (check_uses(s) != 0 || check_proof(s) != 0)
		return -1;
	return check_master(s) != 0 || check_forms(s) != 0 ? -1 : 0;
}

bool project_auth_by_csv(const struct project_auth *auth)
{
	return method_of(auth) == PASSWORD && auth->master_user == NULL;
}

int project_logins(struct loader *l)
{
	struct project *p = l->p;
	otherwise(&p->target_auth.provider, p->target_provider);
	const struct side target = { l, "target", &p->target_auth, method_of(&p->target_auth) };
	const struct side source = { l, "source", &p->source_auth, method_of(&p->source_auth) };
	return look_at(&target, &p->target_imap) != 0 || look_at(&source, &p->source_imap) != 0 ? -1
												: 0;
}
