/*
 * One easy handle a client, reset before each call: connections and TLS sessions stay, all
 * else is set anew. Header lines with secrets exist once more in libcurl's list while the
 * call runs; they are wiped there before it is freed.
 */
#include "io/http_call.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "io/curl_socket.h"

enum { DEFAULT_TIMEOUT_MS = 30000, DEFAULT_BODY_MAX = 64 * 1024, HEADERS_MAX = 200 };

struct http_client {
	struct http_client_opts opts;
	CURL *easy; /* owned */
};

struct http_calling {
	const struct http_client *client;
	const struct http_request *request;
	struct http_reply *reply;
	struct arena *arena;
	struct curl_slist *headers, *to; /* owned */
	const char *host;
	size_t body_max;
	bool too_long;
	char why[CURL_ERROR_SIZE];
};

struct http_client *http_client_new(const struct http_client_opts *opts)
{
	struct http_client *c = mem_alloc(sizeof(*c));
	c->opts = *opts;
	if (c->opts.timeout_ms <= 0)
		c->opts.timeout_ms = DEFAULT_TIMEOUT_MS;
	if (c->opts.whole_ms <= 0)
		c->opts.whole_ms = c->opts.timeout_ms;
	c->easy = mem_must(curl_easy_init());
	return c;
}

void http_client_free(struct http_client *c)
{
	if (c == NULL)
		return;
	curl_easy_cleanup(c->easy);
	free(c);
}

/* ---- what is sent ---- */

/* The text is not repeated: a query may hold what is nobody's business. */
static int check_url(struct http_calling *k, struct err *e)
{
	char *user = NULL;
	char *host = NULL;
	CURLU *u = mem_must(curl_url());
	int rc = 0;
	if (!slice_starts_nocase(slice_str(k->request->url), SLICE_LIT("https://")) ||
	    curl_url_set(u, CURLUPART_URL, k->request->url, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_OK) {
		rc = err_set(e, ERR_USAGE, "a URL is none that can be asked");
		err_hint(e, "write it as https://HOST/PATH, without a user in it");
	} else {
		k->host = arena_strdup(k->arena, host);
	}
	curl_free(user);
	curl_free(host);
	curl_url_cleanup(u);
	return rc;
}

static bool has_line_end(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '\0' || s.ptr[i] == '\r' || s.ptr[i] == '\n')
			return true;
	return false;
}

/* "Name: value" with a secret behind it; in a buffer that never grows, wiped at the end. */
static int add_header(struct http_calling *k, const struct http_header *h, struct err *e)
{
	struct slice value = slice_str(h->value);
	struct slice secret = h->secret != NULL ? secret_expose(h->secret) : slice_str(NULL);
	if (has_line_end(slice_str(h->name)) || has_line_end(value) || has_line_end(secret))
		return err_set(e, ERR_USAGE, "the header '%s' has a line end in it", h->name);
	struct buf line;
	buf_init(&line);
	(void)buf_reserve(&line, strlen(h->name) + value.len + secret.len + 3);
	buf_adds(&line, h->name);
	/* libcurl's word for an empty value. */
	buf_adds(&line, value.len + secret.len > 0 ? ": " : ";");
	buf_add(&line, value.ptr, value.len);
	buf_add(&line, secret.ptr, secret.len);
	k->headers = mem_must(curl_slist_append(k->headers, line.at));
	secret_wipe(line.at, line.cap);
	buf_release(&line);
	return 0;
}

static int add_headers(struct http_calling *k, struct err *e)
{
	for (size_t i = 0; i < k->request->headers_n; i++)
		if (add_header(k, &k->request->headers[i], e) != 0)
			return -1;
	/* No "100 Continue" to wait for, and no type that the caller did not name. */
	k->headers = mem_must(curl_slist_append(k->headers, "Expect:"));
	for (size_t i = 0; i < k->request->headers_n; i++)
		if (str_eq_nocase(k->request->headers[i].name, "Content-Type"))
			return 0;
	k->headers = mem_must(curl_slist_append(k->headers, "Content-Type:"));
	return 0;
}

/* True when the host has an address of its own in the routes. */
static bool add_route(struct http_calling *k)
{
	const struct http_client_opts *o = &k->client->opts;
	for (size_t i = 0; i < o->routes_n; i++) {
		if (!str_eq_nocase(o->routes[i].host, k->host))
			continue;
		bool six = strchr(o->routes[i].address, ':') != NULL;
		const char *to = arena_printf(k->arena, "::%s%s%s:", six ? "[" : "",
					      o->routes[i].address, six ? "]" : "");
		k->to = mem_must(curl_slist_append(NULL, to));
		return true;
	}
	return false;
}

/* ---- what comes ---- */

static size_t on_body(const char *p, size_t size, size_t n, void *ctx)
{
	struct http_calling *k = ctx;
	size_t len = size * n;
	k->too_long = len > k->body_max - k->reply->body.len;
	if (k->too_long)
		return 0;
	buf_add(&k->reply->body, p, len);
	return len;
}

/* A status line begins a new answer (after "100 Continue" or a proxy's own). */
static size_t on_header(const char *p, size_t size, size_t n, void *ctx)
{
	struct http_calling *k = ctx;
	struct http_reply *r = k->reply;
	struct slice rest = { p, size * n };
	struct slice line = slice_until(&rest, '\r');
	struct slice value = line;
	struct slice name = slice_until(&value, ':');
	if (slice_starts_nocase(line, SLICE_LIT("HTTP/"))) {
		while (r->headers_n > 0) {
			free(r->headers[--r->headers_n].name);
			free(r->headers[r->headers_n].value);
		}
		return size * n;
	}
	if (name.len == 0 || name.len == line.len || r->headers_n == HEADERS_MAX)
		return size * n;
	struct http_reply_header *h = &r->headers[r->headers_n++];
	h->name = mem_strdup(arena_slice(k->arena, name));
	h->value = mem_strdup(arena_slice(k->arena, slice_trim(value)));
	str_lower(h->name);
	str_make_printable(h->name);
	str_make_printable(h->value);
	return size * n;
}

static int on_progress(void *ctx, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
		       curl_off_t ulnow)
{
	const struct http_calling *k = ctx;
	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;
	return cancel_requested(k->client->opts.cancel) ? 1 : 0;
}

/* ---- the call ---- */

static void set_options(struct http_calling *k)
{
	const struct http_client_opts *o = &k->client->opts;
	CURL *c = k->client->easy;
	curl_easy_reset(c);
	curl_socket_private(c);
	curl_easy_setopt(c, CURLOPT_URL, k->request->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)o->whole_ms);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)o->timeout_ms);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L); /* bytes a second: less is none */
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (o->timeout_ms + 999L) / 1000);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "cutover");
	/* A proxy's own answer must not be taken for the server's. */
	curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	if (add_route(k)) {
		curl_easy_setopt(c, CURLOPT_CONNECT_TO, k->to);
		curl_easy_setopt(c, CURLOPT_PROXY, "");
	}
	if (o->ca_file != NULL) {
		curl_easy_setopt(c, CURLOPT_CAINFO, o->ca_file);
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
}

static void set_message(struct http_calling *k)
{
	CURL *c = k->client->easy;
	if (k->request->body.ptr != NULL) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)k->request->body.len);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, k->request->body.ptr); /* not copied */
	}
	if (str_eq(k->request->method, "HEAD"))
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, k->request->method);
	/* On a kept connection that is cut before an answer, libcurl sends the request once more by
	 * itself: for a write that would be twice. On a fresh one it never does. */
	curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, str_eq(k->request->method, "GET") ? 0L : 1L);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, k->headers);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, k);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, k);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, k->why);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, k);
}

static int bad_certificate(const struct http_calling *k, struct err *e)
{
	long result = X509_V_OK;
	(void)curl_easy_getinfo(k->client->easy, CURLINFO_SSL_VERIFYRESULT, &result);
	if (result == X509_V_OK || result == X509_V_ERR_UNSPECIFIED)
		err_set(e, ERR_REFUSED, "the certificate is not for '%s'", k->host);
	else
		err_set(e, ERR_REFUSED, "the certificate of '%s' cannot be trusted: %s", k->host,
			X509_verify_cert_error_string(result));
	if (result == X509_V_ERR_CERT_HAS_EXPIRED || result == X509_V_ERR_CERT_NOT_YET_VALID)
		return err_hint(e, "is this machine's clock right? else its operator must renew "
				   "it; nothing secret was sent");
	return err_hint(e, "if it is the operator's own authority, or a proxy that looks into TLS, "
			   "name its certificate as network.ca_file; nothing secret was sent");
}

/* libcurl's own words repeat the whole variable, with the password that may stand in it. */
static int bad_proxy(struct err *e)
{
	err_set(e, ERR_USAGE,
		"what https_proxy in the environment says is no proxy that can be "
		"asked");
	return err_hint(e, "write it as http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT; what "
			   "is no letter or digit in user and password as %%XX");
}

/* https_proxy may stand in the environment without anybody thinking of it. */
static int no_connection(const struct http_calling *k, CURLcode rc, struct err *e)
{
	long connect = 0; /* the status that a proxy answered with */
	if (str_starts(k->why, "Unsupported proxy"))
		return bad_proxy(e);
	(void)curl_easy_getinfo(k->client->easy, CURLINFO_HTTP_CONNECTCODE, &connect);
	err_set(e, ERR_RETRY, "asking '%s': %s", k->host,
		k->why[0] != '\0' ? k->why : curl_easy_strerror(rc));
	if (rc == CURLE_COULDNT_RESOLVE_PROXY || connect / 100 > 2)
		return err_hint(e, "that is the proxy which https_proxy in the environment names: "
				   "correct it, or name the host in no_proxy");
	if (rc == CURLE_COULDNT_CONNECT)
		return err_hint(e,
				"check this machine's connection to the internet, and https_proxy "
				"where a proxy is needed");
	return -1;
}

/* Silence and a whole that takes too long are the same code, and told apart by the time. */
static int too_slow(const struct http_calling *k, struct err *e)
{
	const struct http_client_opts *o = &k->client->opts;
	curl_off_t took_us = 0;
	(void)curl_easy_getinfo(k->client->easy, CURLINFO_TOTAL_TIME_T, &took_us);
	bool whole = took_us / 1000 >= o->whole_ms;
	return err_set(e, ERR_RETRY, "'%s' gave no %sanswer within %d s", k->host,
		       whole && o->whole_ms > o->timeout_ms ? "whole " : "",
		       ((whole ? o->whole_ms : o->timeout_ms) + 999) / 1000);
}

static int failure(const struct http_calling *k, CURLcode rc, struct err *e)
{
	switch (rc) {
	case CURLE_ABORTED_BY_CALLBACK: return cancel_check(k->client->opts.cancel, e);
	case CURLE_PEER_FAILED_VERIFICATION: return bad_certificate(k, e);
	case CURLE_SSL_CACERT_BADFILE:
		err_set(e, ERR_USAGE, "the CA file '%s' cannot be read", k->client->opts.ca_file);
		return err_hint(e, "check network.ca_file in the project file: a PEM file is "
				   "wanted");
	case CURLE_COULDNT_RESOLVE_HOST:
		err_set(e, ERR_WORLD, "the name '%s' was not found in the DNS", k->host);
		return err_hint(e, "check the name, and this machine's connection to the internet");
	case CURLE_OPERATION_TIMEDOUT: return too_slow(k, e);
	default: break;
	}
	if (k->too_long)
		return err_set(e, ERR_WORLD, "the answer of '%s' is longer than %zu bytes", k->host,
			       k->body_max);
	return no_connection(k, rc, e);
}

/* Of the URL only what stands before the query: some APIs put keys there. */
static void log_call(const struct http_calling *k)
{
	struct slice rest = slice_str(k->request->url);
	struct slice url = slice_until(&rest, '?');
	log_debug(k->client->opts.log, "%s %.*s: %d", k->request->method, (int)url.len, url.ptr,
		  k->reply->status);
}

static int perform(struct http_calling *k, struct err *e)
{
	CURL *c = k->client->easy;
	long status = 0;
	long sent = 0;
	if (check_url(k, e) != 0 || add_headers(k, e) != 0 ||
	    cancel_check(k->client->opts.cancel, e) != 0)
		return -1;
	set_options(k);
	set_message(k);
	CURLcode rc = curl_easy_perform(c);
	(void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(c, CURLINFO_REQUEST_SIZE, &sent);
	k->reply->sent = sent > 0;
	k->reply->too_long = k->too_long;
	k->reply->status = rc == CURLE_OK ? (int)status : 0;
	log_call(k);
	int result = rc == CURLE_OK ? 0 : failure(k, rc, e);
	/* What points into this call must not outlive it. */
	curl_easy_reset(c);
	return result;
}

static void release_headers(struct curl_slist *list)
{
	for (const struct curl_slist *s = list; s != NULL; s = s->next)
		secret_wipe(s->data, strlen(s->data));
	curl_slist_free_all(list);
}

int http_client_call(struct http_client *c, const struct http_request *request,
		     struct http_reply *reply_r, struct err *e)
{
	struct http_calling k = { .client = c,
				  .request = request,
				  .reply = reply_r,
				  .arena = arena_new(),
				  .host = "",
				  .body_max = request->body_max > 0 ? request->body_max
								    : DEFAULT_BODY_MAX };
	*reply_r = (struct http_reply){ 0 };
	buf_init(&reply_r->body);
	/* All of a small answer's room at once: a buffer that grows leaves copies behind. */
	(void)buf_reserve(&reply_r->body,
			  k.body_max < DEFAULT_BODY_MAX ? k.body_max : DEFAULT_BODY_MAX);
	reply_r->headers = mem_alloc(HEADERS_MAX * sizeof(*reply_r->headers));
	int rc = perform(&k, e);
	release_headers(k.headers);
	curl_slist_free_all(k.to);
	arena_free(k.arena);
	return rc;
}

void http_reply_release(struct http_reply *r)
{
	for (size_t i = 0; i < r->headers_n; i++) {
		free(r->headers[i].name);
		free(r->headers[i].value);
	}
	free(r->headers);
	if (r->body.at != NULL)
		secret_wipe(r->body.at, r->body.cap);
	buf_release(&r->body);
	*r = (struct http_reply){ 0 };
}

const char *http_reply_header(const struct http_reply *r, const char *name)
{
	for (size_t i = 0; i < r->headers_n; i++)
		if (str_eq_nocase(r->headers[i].name, name))
			return r->headers[i].value;
	return NULL;
}
