/*
 * The table of signers, each told beside its functions; the cryptography itself is base's. What is
 * put together here holds secrets, so each buffer has its room beforehand (one that grows leaves
 * copies behind) and is wiped.
 */
#include "registrars/rest/signer.h"

#include <string.h>

#include "base/jwt.h"
#include "base/secret.h"

enum { ROOM = 32 * 1024, NONCE_OCTETS = 16, ASSERTION_S = 3600 };

static void open_buf(struct buf *b, size_t more)
{
	buf_init(b);
	(void)buf_reserve(b, ROOM + more);
}

static void close_buf(struct buf *b)
{
	secret_wipe(b->at, b->cap);
	buf_release(b);
}

/* Appends a parameter's value. */
static int add_param(const struct signing *s, const char *name, struct buf *out, struct err *e)
{
	const struct desc_fields *f = &s->desc->params;
	size_t before = out->len;
	for (size_t i = 0; i < f->n; i++) {
		if (str_eq(f->at[i].name, name) &&
		    vars_expand(s->vars, f->at[i].text, VARS_PLAIN, out, e) != 0)
			return -1;
	}
	if (out->len > before)
		return 0;
	(void)err_set(e, ERR_USAGE, "signing a request: the \"%s\" of the signer has no value",
		      name);
	return err_hint(e, "`cutover providers NAME` lists the options; is one of them missing?");
}

static struct buf *add_header(struct signed_headers *out, const char *name)
{
	struct buf *value = &out->values[out->n];
	out->names[out->n++] = name;
	buf_init(value);
	return value;
}

/* A private key that is a parameter, or a part of one. */
static int read_key(struct slice pem, struct sign_key **key_r, struct err *e)
{
	return sign_key_read(pem, key_r, e) == 0 ? 0 : err_wrap(e, "the private key of the signer");
}

/* -- ovh: SHA-1 over both secrets, the whole request and OVH's own time -- */

static int ovh_plain(const struct signing *s, const char *time, struct buf *out, struct err *e)
{
	if (add_param(s, "secret", out, e) != 0)
		return -1;
	buf_addc(out, '+');
	if (add_param(s, "consumer", out, e) != 0)
		return -1;
	buf_addf(out, "+%s+%s+", s->method, s->url);
	buf_add(out, s->body.ptr, s->body.len);
	buf_addf(out, "+%s", time);
	return 0;
}

static int ovh_sign(const struct signing *s, struct signed_headers *out, struct err *e)
{
	char time[32];
	char sum[SHA1_HEX_LEN + 1];
	struct buf plain;
	(void)snprintf(time, sizeof(time), "%lld", (long long)s->now_s);
	open_buf(&plain, strlen(s->url) + s->body.len);
	int rc = ovh_plain(s, time, &plain, e);
	sha1_hex_of(buf_slice(&plain), sum);
	close_buf(&plain);
	buf_adds(add_header(out, "X-Ovh-Timestamp"), time);
	buf_addf(add_header(out, "X-Ovh-Signature"), "$1$%s", sum);
	if (rc != 0 || add_param(s, "application", add_header(out, "X-Ovh-Application"), e) != 0)
		return -1;
	return add_param(s, "consumer", add_header(out, "X-Ovh-Consumer"), e);
}

/* -- google: a service account's key file; its assertion is what the login asks with (RFC 7523) --
 */

static int refuse_key_file(const char *member, struct err *e)
{
	(void)err_set(e, ERR_USAGE, "the key is no service account's key file: it has no \"%s\"",
		      member);
	return err_hint(e, "the JSON file is wanted that the Google Cloud console makes under "
			   "IAM, Service Accounts, Keys");
}

static int set_param(const struct signing *s, const char *name, struct js *object, const char *key,
		     struct err *e)
{
	struct buf text;
	buf_init(&text);
	int rc = add_param(s, name, &text, e);
	js_set_str(object, key, text.at);
	buf_release(&text);
	return rc;
}

static struct js *google_claims(const struct signing *s, const struct js *file, struct err *e)
{
	struct js *claims = js_object();
	js_set_str(claims, "iss", js_get_str(file, "client_email"));
	int rc = set_param(s, "scope", claims, "scope", e);
	rc = rc == 0 ? set_param(s, "audience", claims, "aud", e) : rc;
	js_set_int(claims, "iat", s->now_s);
	js_set_int(claims, "exp", s->now_s + ASSERTION_S);
	if (rc == 0)
		return claims;
	js_free(claims);
	return NULL;
}

static int google_assert(const struct signing *s, const struct js *file, struct buf *jwt,
			 struct err *e)
{
	struct sign_key *key = NULL;
	struct js *claims = google_claims(s, file, e);
	struct js *header = js_object();
	if (claims == NULL || read_key(slice_str(js_get_str(file, "private_key")), &key, e) != 0) {
		js_free(claims);
		js_free(header);
		return -1;
	}
	js_set_str(header, "typ", "JWT");
	js_set_str(header, "kid", js_get_str(file, "private_key_id"));
	jwt_write(key, SIGN_RS256, header, claims, jwt);
	sign_key_free(key);
	return 0;
}

static const struct js *google_file(struct slice text, struct js **tree_r, struct err *e)
{
	static const char *const needed[] = { "client_email", "private_key", "private_key_id",
					      "project_id", NULL };
	struct err ignored; /* what the reader says of bad JSON may repeat a piece of the secret */
	*tree_r = js_parse(text, &ignored);
	for (const char *const *n = needed; *n != NULL; n++) {
		if (js_get_str(*tree_r, *n)[0] == '\0') {
			(void)refuse_key_file(*n, e);
			return NULL;
		}
	}
	return *tree_r;
}

/* {assertion}, and the project of the key file when none is given. */
static int google_begin(const struct signing *s, struct arena *a, struct vars *to, struct err *e)
{
	struct buf text;
	struct js *tree = NULL;
	open_buf(&text, 0);
	int rc = add_param(s, "key", &text, e);
	const struct js *file = rc == 0 ? google_file(buf_slice(&text), &tree, e) : NULL;
	if (file != NULL && vars_get(to, "project") == NULL)
		vars_set(to, a, "project", arena_strdup(a, js_get_str(file, "project_id")));
	secret_wipe(text.at, text.len);
	buf_clear(&text);
	rc = file != NULL ? google_assert(s, file, &text, e) : -1;
	if (rc == 0)
		vars_set(to, a, "assertion", arena_strdup(a, text.at));
	js_free_wiped(tree);
	close_buf(&text);
	return rc;
}

/* -- transip: the login's body signed by the account's key; each body has a {nonce} -- */

static int transip_begin(const struct signing *s, struct arena *a, struct vars *to, struct err *e)
{
	unsigned char octets[NONCE_OCTETS];
	char text[2 * NONCE_OCTETS + 1];
	(void)e;
	s->rng->fill(s->rng->ctx, octets, sizeof(octets));
	hex_encode(octets, sizeof(octets), text);
	vars_set(to, a, "nonce", arena_strdup(a, text));
	return 0;
}

static int transip_sign(const struct signing *s, struct signed_headers *out, struct err *e)
{
	struct sign_key *key = NULL;
	struct buf pem;
	struct buf signature;
	if (!s->is_login)
		return 0;
	open_buf(&pem, 0);
	int rc = add_param(s, "key", &pem, e);
	if (rc == 0)
		rc = read_key(buf_slice(&pem), &key, e);
	close_buf(&pem);
	if (rc != 0)
		return -1;
	buf_init(&signature);
	sign_message(key, SIGN_RS512, s->body, &signature);
	base64_encode(add_header(out, "Signature"), buf_slice(&signature));
	buf_release(&signature);
	sign_key_free(key);
	return 0;
}

/* -- dynadot: HMAC over key, path, the request's own id and body -- */

/* "/restful/v2/…?…" of the whole address. */
static const char *path_of(const char *url)
{
	const char *scheme = strstr(url, "://");
	const char *path = scheme != NULL ? strchr(scheme + 3, '/') : NULL;
	return path != NULL ? path : "/";
}

/* The form of a random UUID (RFC 9562 §5.4). */
static void add_uuid(const struct rng *rng, struct buf *out)
{
	unsigned char b[16];
	char hex[33];
	rng->fill(rng->ctx, b, sizeof(b));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	hex_encode(b, sizeof(b), hex);
	buf_addf(out, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static int dynadot_sum(const struct signing *s, const char *id, unsigned char sum[SHA256_LEN],
		       struct err *e)
{
	struct buf secret;
	struct buf plain;
	open_buf(&secret, 0);
	open_buf(&plain, strlen(s->url) + s->body.len);
	int rc = add_param(s, "secret", &secret, e);
	rc = rc == 0 ? add_param(s, "key", &plain, e) : rc;
	buf_addf(&plain, "\n%s\n%s\n", path_of(s->url), id);
	buf_add(&plain, s->body.ptr, s->body.len);
	hmac_sha256(buf_slice(&secret), buf_slice(&plain), sum);
	close_buf(&secret);
	close_buf(&plain);
	return rc;
}

static int dynadot_sign(const struct signing *s, struct signed_headers *out, struct err *e)
{
	unsigned char sum[SHA256_LEN];
	struct buf *id = add_header(out, "X-Request-Id");
	add_uuid(s->rng, id);
	int rc = dynadot_sum(s, id->at, sum, e);
	base64_encode(add_header(out, "X-Signature"),
		      (struct slice){ (const char *)sum, sizeof(sum) });
	return rc;
}

/* -- the table -- */

static const struct signer signers[] = {
	{ .name = "dynadot", .params = { "key", "secret" }, .sign = dynadot_sign },
	{ .name = "google",
	  .params = { "key", "scope", "audience" },
	  .makes = "assertion",
	  .needs_login = true,
	  .begin = google_begin },
	{ .name = "ovh",
	  .params = { "application", "secret", "consumer" },
	  .needs_time = true,
	  .sign = ovh_sign },
	{ .name = "transip",
	  .params = { "key" },
	  .needs_login = true,
	  .begin = transip_begin,
	  .sign = transip_sign },
};
enum { SIGNER_N = sizeof(signers) / sizeof(signers[0]) };

const struct signer *signer_at(unsigned i)
{
	return i < SIGNER_N ? &signers[i] : NULL;
}
