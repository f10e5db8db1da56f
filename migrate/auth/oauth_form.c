/*
 * Forms are application/x-www-form-urlencoded. The client shows who it is in every one of
 * them: by its secret, by an assertion that its key has signed, or, as a public client, not.
 */
#include <string.h>

#include "base/jwt.h"
#include "migrate/auth/oauth.h"

enum {
	FORM_ROOM = 64 * 1024,
	ASSERTION_S = 600, /* ten minutes, the most that Entra takes (FACTS: ENTRA-CERT) */
	SERVICE_S = 3600,  /* an hour, the most that Google takes */
};

void oauth_form_init(struct buf *form)
{
	buf_init(form);
	(void)buf_reserve(form, FORM_ROOM);
}

void oauth_form_wipe(struct buf *form)
{
	secret_wipe(form->at, form->cap);
	buf_release(form);
}

/* What RFC 3986 calls unreserved stays; all else as %XX, which every server takes. */
static void add_escaped(struct buf *out, struct slice s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-._~";
	for (size_t i = 0; i < s.len; i++)
		if (str_has(plain, s.ptr[i]))
			buf_addc(out, s.ptr[i]);
		else
			buf_addf(out, "%%%02X", (unsigned)(unsigned char)s.ptr[i]);
}

static void add(struct buf *out, const char *name, struct slice value)
{
	if (out->len > 0 && out->at[out->len - 1] != '?')
		buf_addc(out, '&');
	buf_adds(out, name);
	buf_addc(out, '=');
	add_escaped(out, value);
}

static void add_text(struct buf *out, const char *name, const char *value)
{
	if (value != NULL)
		add(out, name, slice_str(value));
}

/* ---- assertions ---- */

static void set_bytes(struct js *object, const char *key, const unsigned char *p, size_t len)
{
	struct buf text;
	buf_init(&text);
	base64url_encode(&text, (struct slice){ (const char *)p, len });
	js_set_str(object, key, text.at);
	buf_release(&text);
}

static void add_assertion(struct buf *form, const char *name, const struct sign_key *key,
			  enum sign_alg alg, struct js *take_parts[2])
{
	struct buf jwt;
	buf_init(&jwt);
	jwt_write(key, alg, take_parts[0], take_parts[1], &jwt);
	add(form, name, buf_slice(&jwt));
	secret_wipe(jwt.at, jwt.cap);
	buf_release(&jwt);
}

/* A UUID's form, for Microsoft's documents call it a GUID (RFC 9562 §5.4). */
static void set_jti(struct js *claims, const struct rng *rng)
{
	unsigned char b[16];
	char hex[33];
	char text[40];
	rng->fill(rng->ctx, b, sizeof(b));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	hex_encode(b, sizeof(b), hex);
	(void)snprintf(text, sizeof(text), "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
		       hex + 16, hex + 20);
	js_set_str(claims, "jti", text);
}

static const char *audience_of(const struct oauth_app *app)
{
	return app->audience != NULL ? app->audience : app->token_url;
}

/* RFC 7523 §3: the client speaks of itself. */
static void add_client_assertion(const struct oauth_app *app, const struct oauth_moment *at,
				 struct buf *form)
{
	struct js *header = js_object();
	struct js *claims = js_object();
	int64_t now_s = at->now_ms / 1000;
	js_set_str(header, "typ", "JWT");
	if (app->thumbprint != NULL)
		set_bytes(header, "x5t#S256", app->thumbprint, SHA256_LEN);
	js_set_str(claims, "aud", audience_of(app));
	js_set_str(claims, "iss", app->client_id);
	js_set_str(claims, "sub", app->client_id);
	set_jti(claims, at->rng);
	js_set_int(claims, "nbf", now_s);
	js_set_int(claims, "iat", now_s);
	js_set_int(claims, "exp", now_s + ASSERTION_S);
	add_text(form, "client_assertion_type",
		 "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
	add_assertion(form, "client_assertion", app->key, SIGN_PS256,
		      (struct js *[]){ header, claims });
}

static void add_client(const struct oauth_app *app, const struct oauth_moment *at, struct buf *form)
{
	add_text(form, "client_id", app->client_id);
	if (app->key != NULL)
		add_client_assertion(app, at, form);
	else if (app->client_secret != NULL)
		add(form, "client_secret", secret_expose(app->client_secret));
}

/* ---- the forms ---- */

void oauth_form_client(const struct oauth_app *app, const struct oauth_moment *at, struct buf *form)
{
	add_text(form, "grant_type", "client_credentials");
	add_client(app, at, form);
	add_text(form, "scope", app->scope);
}

void oauth_form_service_account(const struct oauth_app *app, const char *subject,
				const struct oauth_moment *at, struct buf *form)
{
	struct js *header = js_object();
	struct js *claims = js_object();
	int64_t now_s = at->now_ms / 1000;
	js_set_str(header, "typ", "JWT");
	if (app->key_id != NULL)
		js_set_str(header, "kid", app->key_id);
	js_set_str(claims, "iss", app->issuer);
	js_set_str(claims, "sub", subject);
	js_set_str(claims, "scope", app->scope);
	js_set_str(claims, "aud", audience_of(app));
	js_set_int(claims, "iat", now_s);
	js_set_int(claims, "exp", now_s + SERVICE_S);
	add_text(form, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
	add_assertion(form, "assertion", app->key, SIGN_RS256, (struct js *[]){ header, claims });
}

void oauth_form_refresh(const struct oauth_app *app, const struct secret *refresh,
			const struct oauth_moment *at, struct buf *form)
{
	add_text(form, "grant_type", "refresh_token");
	add_client(app, at, form);
	add(form, "refresh_token", secret_expose(refresh));
	add_text(form, "scope", app->scope);
}

void oauth_form_device(const struct oauth_app *app, struct buf *form)
{
	add_text(form, "client_id", app->client_id);
	add_text(form, "scope", app->scope);
}

void oauth_form_device_poll(const struct oauth_app *app, const struct secret *device_code,
			    const struct oauth_moment *at, struct buf *form)
{
	add_text(form, "grant_type", "urn:ietf:params:oauth:grant-type:device_code");
	add_client(app, at, form);
	add(form, "device_code", secret_expose(device_code));
}

void oauth_form_code(const struct oauth_app *app, const struct oauth_code *code,
		     const struct oauth_moment *at, struct buf *form)
{
	add_text(form, "grant_type", "authorization_code");
	add_client(app, at, form);
	add(form, "code", secret_expose(code->code));
	add_text(form, "redirect_uri", code->redirect);
	add_text(form, "code_verifier", code->pkce->verifier);
	add_text(form, "scope", app->scope);
}

/* ---- PKCE ---- */

static void random_text(const struct rng *rng, char text[PKCE_TEXT])
{
	unsigned char bytes[SHA256_LEN];
	struct buf out;
	buf_init(&out);
	rng->fill(rng->ctx, bytes, sizeof(bytes));
	base64url_encode(&out, (struct slice){ (const char *)bytes, sizeof(bytes) });
	str_copy(text, PKCE_TEXT, out.at);
	secret_wipe(out.at, out.cap);
	secret_wipe(bytes, sizeof(bytes));
	buf_release(&out);
}

void oauth_pkce_make(const struct rng *rng, struct oauth_pkce *pkce_r)
{
	unsigned char sum[SHA256_LEN];
	struct buf out;
	random_text(rng, pkce_r->verifier);
	random_text(rng, pkce_r->state);
	sha256_of(slice_str(pkce_r->verifier), sum);
	buf_init(&out);
	base64url_encode(&out, (struct slice){ (const char *)sum, sizeof(sum) });
	str_copy(pkce_r->challenge, PKCE_TEXT, out.at);
	buf_release(&out);
}

void oauth_authorize_url(const struct oauth_app *app, const struct oauth_pkce *pkce,
			 const char *redirect, struct buf *url)
{
	buf_adds(url, app->authorize_url);
	if (strchr(app->authorize_url, '?') == NULL)
		buf_addc(url, '?');
	add_text(url, "response_type", "code");
	add_text(url, "client_id", app->client_id);
	add_text(url, "redirect_uri", redirect);
	add_text(url, "scope", app->scope);
	add_text(url, "state", pkce->state);
	add_text(url, "code_challenge", pkce->challenge);
	add_text(url, "code_challenge_method", "S256");
}
