/*
 * Answers are small JSON objects of strangers. A token is taken only when it is a bearer token
 * of printable characters, for it goes into a protocol line; what servers say of an error is
 * made printable and cut to its first line.
 */
#include <string.h>

#include "base/json.h"
#include "migrate/auth/oauth.h"

enum {
	LIFETIME_DEFAULT_S = 300,
	LIFETIME_MAX_S = 30 * 86400,
	DEVICE_INTERVAL_S = 5, /* RFC 8628 §3.2 */
	DEVICE_INTERVAL_MAX_S = 300,
	DEVICE_LIFE_MAX_S = 3600,
	SLOW_DOWN_MS = 5000, /* RFC 8628 §3.5 */
};

/* RFC 6750 §2.1 allows fewer; a blank or a control character would end a line. */
static struct secret *token_of(const struct js *object, const char *key)
{
	const char *text = js_get_str(object, key);
	for (const char *p = text; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			return NULL;
	return text[0] != '\0' ? secret_new(slice_str(text)) : NULL;
}

static void copy_line(char *to, size_t size, const char *text)
{
	struct slice rest = slice_str(text);
	struct slice line = slice_until(&rest, '\n');
	struct slice all = line;
	line = slice_until(&all, '\r');
	size_t len = line.len < size - 1 ? line.len : size - 1;
	memcpy(to, line.ptr, len);
	to[len] = '\0';
	str_make_printable(to);
}

/* Some servers write numbers as text ("expires_in":"3599"). */
static int64_t seconds_of(const struct js *object, const char *key, int64_t otherwise)
{
	uint64_t v = 0;
	if (slice_to_u64(slice_str(js_get_str(object, key)), &v) && v <= INT32_MAX)
		return v > 0 ? (int64_t)v : otherwise;
	int64_t n = js_get_int(object, key);
	return n > 0 ? n : otherwise;
}

static int64_t at_most(int64_t v, int64_t most)
{
	return v < most ? v : most;
}

/* The bytes are not repeated: they may be half a token. */
static struct js *parse_object(struct slice body, struct err *e)
{
	struct err why;
	struct js *doc = js_parse(body, &why);
	if (js_is_object(doc))
		return doc;
	js_free(doc);
	(void)err_set(e, ERR_WORLD, "the answer is no JSON object");
	err_hint(e, "check the URL: it must be the provider's token endpoint");
	return NULL;
}

static void take_error(const struct js *doc, struct oauth_answer *a)
{
	copy_line(a->error, sizeof(a->error), js_get_str(doc, "error"));
	copy_line(a->description, sizeof(a->description), js_get_str(doc, "error_description"));
}

/* "token_type" must be Bearer (any case): others need keys of their own. */
static int take_tokens(const struct js *doc, struct oauth_answer *a, struct err *e)
{
	const char *type = js_get_str(doc, "token_type");
	if (type[0] != '\0' && !str_eq_nocase(type, "Bearer"))
		return err_set(e, ERR_WORLD,
			       "the token is of a kind that mail servers do not take");
	a->access = token_of(doc, "access_token");
	if (a->access == NULL)
		return err_set(e, ERR_WORLD, "the answer holds neither a token nor an error");
	a->refresh = token_of(doc, "refresh_token");
	a->lifetime_s = at_most(seconds_of(doc, "expires_in", LIFETIME_DEFAULT_S), LIFETIME_MAX_S);
	return 0;
}

int oauth_answer_parse(struct slice body, struct oauth_answer *answer_r, struct err *e)
{
	struct js *doc = parse_object(body, e);
	*answer_r = (struct oauth_answer){ 0 };
	if (doc == NULL)
		return -1;
	take_error(doc, answer_r);
	int rc = answer_r->error[0] != '\0' ? 0 : take_tokens(doc, answer_r, e);
	js_free(doc);
	if (rc != 0)
		oauth_answer_release(answer_r);
	return rc;
}

void oauth_answer_release(struct oauth_answer *a)
{
	secret_free(a->access);
	secret_free(a->refresh);
	a->access = a->refresh = NULL;
}

/* ---- refusals in words ---- */

struct explanation {
	const char *said; /* in the description, or the error itself */
	const char *means, *hint;
};

/* Microsoft's codes first: they say more than the error of the RFC that they come with. */
static const struct explanation explanations[] = {
	{ "AADSTS7000215", "the client secret is wrong",
	  "give the secret's value, not its id, from Certificates & secrets" },
	{ "AADSTS7000222", "the client secret has expired", "make a new one and give its value" },
	{ "AADSTS700016", "the application is not known in this tenant",
	  "check auth.client_id and auth.tenant" },
	{ "AADSTS700027", "the certificate is not registered with the application",
	  "upload the certificate under Certificates & secrets, or give the right one" },
	{ "AADSTS700024", "the assertion's time is not now", "check this machine's clock" },
	{ "AADSTS7000218", "the application is not a public client",
	  "give auth.client_secret or auth.certificate, or allow public client flows" },
	{ "AADSTS90002", "there is no such tenant", "check auth.tenant" },
	{ "AADSTS900023", "there is no such tenant", "check auth.tenant" },
	{ "AADSTS65001", "nobody has consented to what the application wants",
	  "grant admin consent for its API permissions" },
	{ "AADSTS70011", "the scope is wrong", "check auth.scope" },
	{ "AADSTS1002012", "the scope is wrong", "for client credentials it ends in /.default" },
	{ "AADSTS53003", "a Conditional Access policy blocks this login",
	  "device code is often blocked: use oauth-authorization-code, or let the policy pass it" },
	{ "AADSTS50076", "a second factor is wanted", "log in again with a person present" },
	{ "AADSTS50079", "a second factor must be set up", "set it up in a browser first" },
	{ "AADSTS700082", "the refresh token has expired", "log in again with a person present" },
	{ "AADSTS50173", "the refresh token was withdrawn", "log in again with a person present" },
	{ "access_denied", "the person or the provider said no", "log in again and agree" },
	{ "authorization_declined", "the person said no", "log in again and agree" },
	{ "expired_token", "nobody entered the code in time", "run the command again" },
	{ "unauthorized_client", "the application may not do this",
	  "Google: give the service account domain-wide delegation with this very scope; others: "
	  "allow this grant for the application" },
	{ "invalid_client", "the application's secret, certificate or id is wrong",
	  "check auth.client_id and what proves it" },
	{ "invalid_scope", "the scope is wrong", "check auth.scope" },
	{ "invalid_grant", "the login is not valid (any more)",
	  "Google: is the user of this domain? Others: log in again with a person present" },
};

static const struct explanation *explain(const struct oauth_answer *a)
{
	for (size_t i = 0; i < sizeof(explanations) / sizeof(explanations[0]); i++) {
		const struct explanation *x = &explanations[i];
		const char *at = strstr(a->description, x->said);
		/* AADSTS70011 is not the beginning of AADSTS700016. */
		if (at != NULL && !str_has("0123456789", at[strlen(x->said)]))
			return x;
		if (str_eq(a->error, x->said))
			return x;
	}
	return NULL;
}

int oauth_refusal(const struct oauth_answer *a, const char *token_url, struct err *e)
{
	const struct explanation *x = explain(a);
	bool passes = str_eq(a->error, "temporarily_unavailable") ||
		      str_eq(a->error, "server_error");
	const char *said = a->description[0] != '\0' ? a->description : "no more than that";
	err_set(e, passes ? ERR_RETRY : ERR_ACCOUNT, "'%s' gave no token: %s (%s: %s)", token_url,
		x != NULL ? x->means
		: passes  ? "not now"
			  : "it refused",
		a->error, said);
	return err_hint(e, "%s", x != NULL ? x->hint : "see what the provider says of this error");
}

/* ---- device code ---- */

static int take_device(const struct js *doc, struct oauth_device *d, struct err *e)
{
	const char *url = js_get_str(doc, "verification_uri");
	if (url[0] == '\0') /* Google's older spelling */
		url = js_get_str(doc, "verification_url");
	copy_line(d->url, sizeof(d->url), url);
	copy_line(d->user_code, sizeof(d->user_code), js_get_str(doc, "user_code"));
	d->code = token_of(doc, "device_code");
	d->expires_s = at_most(seconds_of(doc, "expires_in", LIFETIME_DEFAULT_S),
			       DEVICE_LIFE_MAX_S);
	d->interval_s = at_most(seconds_of(doc, "interval", DEVICE_INTERVAL_S),
				DEVICE_INTERVAL_MAX_S);
	if (d->code != NULL && d->user_code[0] != '\0' && d->url[0] != '\0')
		return 0;
	oauth_device_release(d);
	return err_set(e, ERR_WORLD, "the answer is no device code");
}

int oauth_device_parse(struct slice body, const char *url, struct oauth_device *device_r,
		       struct err *e)
{
	struct oauth_answer refusal = { 0 };
	struct js *doc = parse_object(body, e);
	*device_r = (struct oauth_device){ 0 };
	if (doc == NULL)
		return -1;
	take_error(doc, &refusal);
	int rc = refusal.error[0] != '\0' ? oauth_refusal(&refusal, url, e)
					  : take_device(doc, device_r, e);
	js_free(doc);
	return rc;
}

void oauth_device_release(struct oauth_device *d)
{
	secret_free(d->code);
	d->code = NULL;
}

void oauth_poll_begin(struct oauth_poll *p, const struct oauth_device *d, int64_t now_ms)
{
	p->interval_ms = d->interval_s * 1000;
	p->next_ms = now_ms + p->interval_ms;
	p->ends_ms = now_ms + d->expires_s * 1000;
}

enum oauth_poll_step oauth_poll_take(struct oauth_poll *p, struct oauth_answer *answer,
				     int64_t now_ms)
{
	if (answer->access != NULL)
		return OAUTH_POLL_DONE;
	bool slower = str_eq(answer->error, "slow_down");
	if (!slower && !str_eq(answer->error, "authorization_pending"))
		return OAUTH_POLL_REFUSED;
	if (slower)
		p->interval_ms += SLOW_DOWN_MS;
	p->next_ms = now_ms + p->interval_ms;
	if (p->next_ms < p->ends_ms)
		return OAUTH_POLL_AGAIN;
	str_copy(answer->error, sizeof(answer->error), "expired_token");
	return OAUTH_POLL_REFUSED;
}

/* ---- the redirect ---- */

static int hex_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	char lower[2] = { c, '\0' };
	str_lower(lower);
	const char *at = c != '\0' ? strchr(digits, lower[0]) : NULL;
	return at != NULL ? (int)(at - digits) : -1;
}

/* False for half an escape. '+' is a blank (WHATWG URL, forms). */
static bool unescape(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '%') {
			buf_addc(out, (char)(s.ptr[i] == '+' ? ' ' : s.ptr[i]));
			continue;
		}
		if (s.len - i < 3 || hex_of(s.ptr[i + 1]) < 0 || hex_of(s.ptr[i + 2]) < 0)
			return false;
		buf_addc(out, (char)(hex_of(s.ptr[i + 1]) * 16 + hex_of(s.ptr[i + 2])));
		i += 2;
	}
	return true;
}

/* False when it is not there, or twice: which one is meant then nobody knows. */
static bool query_value(struct slice query, const char *name, struct buf *out)
{
	size_t found = 0;
	while (query.len > 0) {
		struct slice value = slice_until(&query, '&');
		struct slice key = slice_until(&value, '=');
		if (!slice_eq(key, slice_str(name)))
			continue;
		buf_clear(out);
		if (++found > 1 || !unescape(out, value))
			return false;
	}
	return found == 1;
}

static int said_no(struct slice query, struct buf *word, struct err *e)
{
	struct oauth_answer a = { 0 };
	copy_line(a.error, sizeof(a.error), word->at);
	if (query_value(query, "error_description", word))
		copy_line(a.description, sizeof(a.description), word->at);
	return oauth_refusal(&a, "the login page", e);
}

/* Anything else than the answer to this login is somebody else's: a favicon, or a trap. */
static int parse_query(struct slice query, const struct oauth_pkce *pkce, struct buf *word,
		       struct secret **code_r, struct err *e)
{
	if (!query_value(query, "state", word) || word->len != strlen(pkce->state) ||
	    !digest_equal(word->at, pkce->state, word->len))
		return err_set(e, ERR_ITEM, "not the answer to this login");
	if (query_value(query, "error", word))
		return said_no(query, word, e);
	if (!query_value(query, "code", word) || word->len == 0)
		return err_set(e, ERR_ITEM, "an answer without a code");
	*code_r = secret_new(buf_slice(word));
	return 0;
}

int oauth_redirect_parse(struct slice target, const struct oauth_pkce *pkce, struct secret **code_r,
			 struct err *e)
{
	struct buf word;
	struct slice query = target;
	(void)slice_until(&query, '?');
	oauth_form_init(&word);
	int rc = parse_query(query, pkce, &word, code_r, e);
	oauth_form_wipe(&word);
	return rc;
}
