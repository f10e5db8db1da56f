/*
 * Secrets are resolved once, for a command may be behind a reference. Each call to a token
 * endpoint has a client of its own: tokens are made by any thread, and seldom.
 */
#include "flow/logins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "flow/flow_priv.h"
#include "io/http_call.h"
#include "migrate/auth/tokens.h"

enum { TOKEN_TIMEOUT_MS = 30000, CACHE_MAX = 64 * 1024 };

struct login_side {
	struct flow *flow;
	const char *name; /* "source" */
	const struct project_auth *auth;
	struct http_route *routes; /* the arena's, as is the next */
	const char *cache_path;
	char app_hash[SHA256_HEX_LEN + 1]; /* whose refresh token the cache holds */
	struct secret *client_secret, *master_password;
	struct sign_key *key;
	unsigned char thumbprint[SHA256_LEN];
	struct js *service_account; /* holds a private key until it is read */
	struct login_forms *forms;
	struct token_source *tokens;
};

struct logins {
	struct arena *arena;
	struct login_side src, dst;
};

/* ---- what a token source is handed ---- */

static int64_t retry_after_s(const struct http_reply *reply)
{
	uint64_t s = 0;
	const char *text = http_reply_header(reply, "retry-after");
	return text != NULL && slice_to_u64(slice_str(text), &s) && s <= 3600 ? (int64_t)s : 0;
}

static int post(void *ctx, const char *url, struct slice form, struct token_reply *reply_r,
		struct err *e)
{
	static const struct http_header headers[] = {
		{ "Content-Type", "application/x-www-form-urlencoded", NULL },
		{ "Accept", "application/json", NULL },
	};
	const struct login_side *s = ctx;
	const struct project *p = s->flow->opts.project;
	struct http_reply reply;
	struct http_client *client = http_client_new(
		&(struct http_client_opts){ .ca_file = p->network.ca_file,
					    .routes = s->routes,
					    .routes_n = p->network.connect_to_n,
					    .timeout_ms = TOKEN_TIMEOUT_MS,
					    .cancel = s->flow->cancel,
					    .log = s->flow->opts.log });
	int rc = http_client_call(client,
				  &(struct http_request){ .method = "POST",
							  .url = url,
							  .headers = headers,
							  .headers_n = 2,
							  .body = form },
				  &reply, e);
	if (rc == 0) {
		reply_r->status = reply.status;
		reply_r->retry_after_s = retry_after_s(&reply);
		reply_r->body = reply.body; /* taken over */
		buf_init(&reply.body);
	} else {
		err_wrap(e, "asking for a token for the %s", s->name);
	}
	http_reply_release(&reply);
	http_client_free(client);
	return rc;
}

/* *secret_r stays NULL for a reference that is not given. */
static int resolve(const struct login_side *s, const char *reference, const char *option,
		   struct secret **secret_r, struct err *e)
{
	char what[64];
	(void)snprintf(what, sizeof(what), "%s.%s", s->name, option);
	if (reference == NULL)
		return 0;
	return secret_resolve(s->flow->opts.project, reference, what, secret_r, e);
}

static int given(void *ctx, struct secret **token_r, struct err *e)
{
	const struct login_side *s = ctx;
	return resolve(s, s->auth->token, "auth.token", token_r, e);
}

static void ask(void *ctx, const struct token_ask *what)
{
	const struct login_side *s = ctx;
	const struct flow_show *show = &s->flow->opts.show;
	const struct flow_login login = { s->name, what->url, what->code, what->expires_ms };
	show->login(show->ctx, &login);
}

/* A refresh token of another application, or a file of which others know, is none of ours. */
static struct secret *load(void *ctx)
{
	const struct login_side *s = ctx;
	struct err ignored;
	struct secret *refresh = NULL;
	struct buf text;
	buf_init(&text);
	(void)buf_reserve(&text, (size_t)4 * CACHE_MAX);
	if (file_exists(s->cache_path) && !file_is_shared(s->cache_path) &&
	    file_read(s->cache_path, CACHE_MAX, &text, &ignored) == 0) {
		struct js *doc = js_parse(buf_slice(&text), &ignored);
		const char *token = js_get_str(doc, "refresh_token");
		if (str_eq(js_get_str(doc, "for"), s->app_hash) && token[0] != '\0')
			refresh = secret_new(slice_str(token));
		js_free(doc);
	}
	secret_wipe(text.at, text.cap);
	buf_release(&text);
	return refresh;
}

static void save(void *ctx, const struct secret *refresh)
{
	const struct login_side *s = ctx;
	struct err e;
	struct buf text;
	struct js *doc = js_object();
	js_set_int(doc, "version", 1);
	js_set_str(doc, "for", s->app_hash);
	js_set_str(doc, "refresh_token", secret_expose(refresh).ptr);
	buf_init(&text);
	(void)buf_reserve(&text, (size_t)4 * CACHE_MAX);
	js_write(doc, 0, &text);
	js_free(doc);
	if (file_replace(s->cache_path, buf_slice(&text), S_IRUSR | S_IWUSR, &e) != 0)
		log_warn(s->flow->opts.log, "the login at the %s cannot be kept: %s", s->name,
			 e.text);
	secret_wipe(text.at, text.cap);
	buf_release(&text);
}

/* ---- secrets ---- */

static int read_key(struct login_side *s, struct slice key, struct slice certificate, struct err *e)
{
	if (sign_key_read(key, &s->key, e) != 0)
		return -1;
	return certificate.len > 0 ? sign_thumbprint(certificate, s->key, s->thumbprint, e) : 0;
}

static int read_certificate(struct login_side *s, struct err *e)
{
	struct secret *certificate = NULL;
	struct secret *key = NULL;
	if (s->auth->certificate == NULL)
		return 0;
	int rc = resolve(s, s->auth->certificate, "auth.certificate", &certificate, e);
	if (rc == 0)
		rc = resolve(s, s->auth->private_key, "auth.private_key", &key, e);
	if (rc == 0 && read_key(s, secret_expose(key != NULL ? key : certificate),
				secret_expose(certificate), e) != 0)
		rc = err_wrap(e, "%s.auth.certificate", s->name);
	secret_free(certificate);
	secret_free(key);
	return rc;
}

/* Google's key file: client_email, private_key, private_key_id, token_uri. */
static int read_service_account(struct login_side *s, struct err *e)
{
	struct secret *text = NULL;
	struct err why;
	if (s->auth->service_account == NULL)
		return 0;
	if (resolve(s, s->auth->service_account, "auth.service_account", &text, e) != 0)
		return -1;
	s->service_account = js_parse(secret_expose(text), &why);
	secret_free(text);
	if (js_get_str(s->service_account, "client_email")[0] == '\0') {
		err_set(e, ERR_USAGE, "%s.auth.service_account is no key file of a service account",
			s->name);
		return err_hint(e,
				"Google Cloud console: IAM, Service accounts, Keys, Add key, JSON");
	}
	if (read_key(s, slice_str(js_get_str(s->service_account, "private_key")), slice_str(NULL),
		     e) != 0)
		return err_wrap(e, "%s.auth.service_account", s->name);
	js_set_str(s->service_account, "private_key", NULL);
	return 0;
}

static int read_secrets(struct login_side *s, struct err *e)
{
	if (resolve(s, s->auth->client_secret, "auth.client_secret", &s->client_secret, e) != 0 ||
	    resolve(s, s->auth->master_password, "auth.master_password", &s->master_password, e) !=
		    0)
		return -1;
	return read_certificate(s, e) != 0 || read_service_account(s, e) != 0 ? -1 : 0;
}

/* ---- a side ---- */

static const struct {
	const char *word;
	enum token_method method;
} methods[] = {
	{ "oauth-client-credentials", TOKEN_CLIENT },
	{ "google-service-account", TOKEN_SERVICE_ACCOUNT },
	{ "oauth-device-code", TOKEN_DEVICE_CODE },
	{ "oauth-authorization-code", TOKEN_AUTHORIZATION_CODE },
	{ "token", TOKEN_GIVEN },
};

static struct oauth_app app_of(const struct login_side *s)
{
	const struct project_auth *auth = s->auth;
	struct oauth_app app = { .token_url = auth->token_url,
				 .device_url = auth->device_url,
				 .authorize_url = auth->authorize_url,
				 .client_id = auth->client_id,
				 .scope = auth->scope,
				 .client_secret = s->client_secret,
				 .key = s->key,
				 .thumbprint = s->key != NULL ? s->thumbprint : NULL,
				 .audience = auth->audience };
	if (s->service_account == NULL)
		return app;
	const char *key_id = js_get_str(s->service_account, "private_key_id");
	const char *uri = js_get_str(s->service_account, "token_uri");
	app.issuer = js_get_str(s->service_account, "client_email");
	app.key_id = key_id[0] != '\0' ? key_id : NULL;
	app.thumbprint = NULL;
	if (app.token_url == NULL)
		app.token_url = uri;
	return app;
}

static struct token_source *tokens_of(struct login_side *s, enum token_method method)
{
	const struct flow_opts *o = &s->flow->opts;
	bool keeps = str_eq(s->auth->cache, "file") && s->cache_path != NULL;
	return token_source_new(&(struct token_opts){ .method = method,
						      .side = s->name,
						      .app = app_of(s),
						      .clock = o->clock,
						      .rng = o->rng,
						      .log = o->log,
						      .cancel = s->flow->cancel,
						      .post = post,
						      .given = given,
						      .ask = o->show.login != NULL ? ask : NULL,
						      .load = keeps ? load : NULL,
						      .save = keeps ? save : NULL,
						      .ctx = s,
						      .redirect_port = s->auth->redirect_port });
}

/* With the application and its scope: a changed project must not use an old login. */
static void hash_app(struct login_side *s, struct arena *a)
{
	const struct project_auth *auth = s->auth;
	const char *text = arena_printf(a, "%s\n%s\n%s",
					auth->token_url != NULL ? auth->token_url : "",
					auth->client_id != NULL ? auth->client_id : "",
					auth->scope != NULL ? auth->scope : "");
	sha256_hex_of(slice_str(text), s->app_hash);
}

static void set_routes(struct login_side *s, struct arena *a)
{
	const struct project *p = s->flow->opts.project;
	s->routes = ARENA_ARRAY(a, p->network.connect_to_n + 1, struct http_route);
	for (size_t i = 0; i < p->network.connect_to_n; i++)
		s->routes[i] = (struct http_route){ p->network.connect_to[i].host,
						    p->network.connect_to[i].address };
}

static int side_init(struct login_side *s, struct arena *a, struct err *e)
{
	const struct flow *f = s->flow;
	if (read_secrets(s, e) != 0)
		return -1;
	set_routes(s, a);
	hash_app(s, a);
	if (f->store != NULL)
		s->cache_path = arena_printf(a, "%s/.cutover/login-%s.json", f->opts.project->dir,
					     s->name);
	s->forms = login_forms_new();
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (str_eq(methods[i].word, s->auth->method))
			s->tokens = tokens_of(s, methods[i].method);
	return 0;
}

static void side_release(struct login_side *s)
{
	token_source_free(s->tokens);
	login_forms_free(s->forms);
	js_free(s->service_account);
	sign_key_free(s->key);
	secret_free(s->client_secret);
	secret_free(s->master_password);
}

int logins_new(struct flow *f, struct logins **logins_r, struct err *e)
{
	const struct project *p = f->opts.project;
	struct logins *l = mem_alloc(sizeof(*l));
	l->arena = arena_new();
	l->src = (struct login_side){ .flow = f, .name = "source", .auth = &p->source_auth };
	l->dst = (struct login_side){ .flow = f, .name = "target", .auth = &p->target_auth };
	if (side_init(&l->src, l->arena, e) != 0 || side_init(&l->dst, l->arena, e) != 0) {
		logins_free(l);
		return -1;
	}
	*logins_r = l;
	return 0;
}

void logins_free(struct logins *l)
{
	if (l == NULL)
		return;
	side_release(&l->src);
	side_release(&l->dst);
	arena_free(l->arena);
	free(l);
}

/* ---- a mailbox ---- */

static const char *local_part(struct arena *a, const char *address)
{
	struct slice rest = slice_str(address);
	return arena_slice(a, slice_until(&rest, '@'));
}

/* The forms that the project allows, without the one that the CSV has already. */
static const char *const *other_forms(const struct login_side *s, struct arena *a,
				      const struct user_row *row, const char *user)
{
	size_t n = 0;
	const char *const *forms = s->auth->login_forms;
	const char **list = ARENA_ARRAY(a, 5, const char *);
	for (size_t i = 0; forms[i] != NULL && n < 4; i++) {
		const char *local = local_part(a, row->address);
		const char *form = str_eq(forms[i], "address") ? row->address
				   : str_eq(forms[i], "local-part")
					   ? local
					   : arena_printf(a, "%s\\%s", s->auth->login_domain,
							  local);
		if (!str_eq(form, user))
			list[n++] = form;
	}
	return list;
}

static void fill_login(const struct login_side *s, struct arena *a, const struct user_row *row,
		       struct migrate_endpoint *ep)
{
	const struct project_auth *auth = s->auth;
	ep->tokens = s->tokens;
	if (s->tokens != NULL)
		ep->password = NULL;
	if (project_auth_by_csv(auth)) {
		ep->other_users = other_forms(s, a, row, ep->user);
		ep->forms = s->forms;
	}
	if (auth->master_user == NULL)
		return;
	ep->password = s->master_password;
	if (str_eq(auth->master_by, "authzid")) {
		ep->authzid = ep->user;
		ep->user = auth->master_user;
	} else {
		ep->user = arena_printf(a, "%s%s%s", ep->user, auth->master_separator,
					auth->master_user);
	}
}

void logins_source(const struct logins *l, struct arena *a, const struct user_row *row,
		   struct migrate_endpoint *ep)
{
	ep->user = row->user;
	ep->password = row->password;
	fill_login(&l->src, a, row, ep);
}

void logins_target(const struct logins *l, struct arena *a, const struct user_row *row,
		   struct migrate_endpoint *ep)
{
	ep->user = row->target_user;
	ep->password = row->target_password;
	fill_login(&l->dst, a, row, ep);
}
