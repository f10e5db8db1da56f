/*
 * One easy handle a request, all in one multi handle. The addresses go in by
 * CURLOPT_RESOLVE, so the system's resolver is never asked and the certificate is still
 * compared with the name. Results are collected first and handed over afterwards: `done` may
 * begin or abandon others.
 */
#include "io/http.h"

#include <curl/curl.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "io/curl_socket.h"

enum { DEFAULT_PORT = 443, DEFAULT_TIMEOUT_MS = 5000, DEFAULT_AT_ONCE = 512 };

struct request {
	struct http *http;
	struct http_get *get; /* borrowed */
	struct arena *arena;  /* borrowed: the answer's */
	CURL *easy;           /* owned */
	struct curl_slist *resolve;
	struct buf body;
	char why[CURL_ERROR_SIZE];
	bool cut;
	struct request *next;
};

struct http {
	struct http_opts opts;
	CURLM *multi;              /* owned */
	struct request *under_way; /* owned */
	size_t open;
};

struct http *http_new(const struct http_opts *opts, struct err *e)
{
	CURLM *multi = curl_multi_init();
	if (multi == NULL) {
		(void)err_set(e, ERR_BUG, "starting libcurl failed");
		return NULL;
	}
	struct http *h = mem_alloc(sizeof(*h));
	h->opts = *opts;
	h->opts.port = opts->port != 0 ? opts->port : DEFAULT_PORT;
	h->opts.timeout_ms = opts->timeout_ms > 0 ? opts->timeout_ms : DEFAULT_TIMEOUT_MS;
	h->opts.at_once = opts->at_once > 0 ? opts->at_once : DEFAULT_AT_ONCE;
	h->multi = multi;
	curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)h->opts.at_once);
	return h;
}

/* Out of the list and out of libcurl; its `get` may be begun again. */
static void request_free(struct request *r)
{
	struct http *h = r->http;
	struct request **at = &h->under_way;
	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	h->open--;
	r->get->under_way = NULL;
	(void)curl_multi_remove_handle(h->multi, r->easy);
	curl_easy_cleanup(r->easy);
	curl_slist_free_all(r->resolve);
	buf_release(&r->body);
	free(r);
}

void http_free(struct http *h)
{
	if (h == NULL)
		return;
	while (h->under_way != NULL)
		request_free(h->under_way);
	(void)curl_multi_cleanup(h->multi);
	free(h);
}

/* Stopping short of the whole makes libcurl end with an error, which `cut` explains. */
static size_t on_body(const char *p, size_t size, size_t n, void *ctx)
{
	struct request *r = ctx;
	size_t len = size * n;
	size_t room = r->get->body_max - r->body.len;
	r->cut = len > room;
	buf_add(&r->body, p, len < room ? len : room);
	return r->cut ? 0 : len;
}

/* "+HOST:PORT:ADDRESS,ADDRESS", IPv6 in brackets. With the plus libcurl forgets the entry after
 * CURLOPT_DNS_CACHE_TIMEOUT; else it would keep those of a million hosts. */
static struct curl_slist *resolve_list(struct request *r)
{
	struct buf text;
	buf_init(&text);
	buf_addf(&text, "+%s:%u:", r->get->host, (unsigned)r->http->opts.port);
	for (size_t i = 0; r->get->addresses[i] != NULL; i++) {
		const char *address = r->get->addresses[i];
		bool six = strchr(address, ':') != NULL;
		buf_addf(&text, "%s%s%s%s", i > 0 ? "," : "", six ? "[" : "", address,
			 six ? "]" : "");
	}
	struct curl_slist *list = curl_slist_append(NULL, text.at);
	buf_release(&text);
	return list;
}

/* Nothing of the environment, no other scheme, no second place to go to. No connection is kept: a
 * policy host is asked once, and those of a thousand domains would hold all the places. */
static void set_options(struct request *r)
{
	const struct http_opts *o = &r->http->opts;
	CURL *c = r->easy;
	curl_easy_setopt(c, CURLOPT_URL,
			 arena_printf(r->arena, "https://%s:%u%s", r->get->host, (unsigned)o->port,
				      r->get->path));
	curl_socket_private(c);
	curl_easy_setopt(c, CURLOPT_RESOLVE, r->resolve);
	curl_easy_setopt(c, CURLOPT_DNS_CACHE_TIMEOUT, (long)o->timeout_ms / 1000 + 1);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)o->timeout_ms);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)o->timeout_ms);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "cutover");
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, r);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, r->why);
	curl_easy_setopt(c, CURLOPT_PRIVATE, r);
	if (o->ca_file != NULL) {
		curl_easy_setopt(c, CURLOPT_CAINFO, o->ca_file);
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL); /* instead of the system's, not beside */
	}
}

void http_submit(struct http *h, struct arena *a, struct http_get *get)
{
	struct request *r = mem_alloc(sizeof(*r));
	r->http = h;
	r->get = get;
	r->arena = a;
	buf_init(&r->body);
	r->resolve = resolve_list(r);
	r->easy = mem_must(curl_easy_init());
	r->next = h->under_way;
	h->under_way = r;
	h->open++;
	get->answer = (struct http_answer){ .content_type = "", .body = { "", 0 } };
	get->under_way = r;
	set_options(r);
	(void)curl_multi_add_handle(h->multi, r->easy);
}

void http_abandon(struct http *h, struct http_get *get)
{
	(void)h;
	if (get->under_way != NULL)
		request_free(get->under_way);
}

size_t http_open(const struct http *h)
{
	return h->open;
}

/* libcurl gives one result for a chain that is not trusted and for a name that is not in it. */
static const char *certificate_note(const struct request *r)
{
	long result = X509_V_OK;
	(void)curl_easy_getinfo(r->easy, CURLINFO_SSL_VERIFYRESULT, &result);
	if (result == X509_V_OK || result == X509_V_ERR_UNSPECIFIED)
		return arena_printf(r->arena, "the certificate is not for %s", r->get->host);
	return arena_printf(r->arena, "the certificate cannot be trusted: %s",
			    X509_verify_cert_error_string(result));
}

static const char *failure_note(const struct request *r, CURLcode rc)
{
	switch (rc) {
	case CURLE_PEER_FAILED_VERIFICATION: return certificate_note(r);
	case CURLE_OPERATION_TIMEDOUT:
		return arena_printf(r->arena, "no answer within %d s",
				    (r->http->opts.timeout_ms + 999) / 1000);
	case CURLE_COULDNT_CONNECT: return "no connection to the web server";
	case CURLE_SSL_CONNECT_ERROR: return "setting up TLS failed";
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR: return "the connection was cut before the answer";
	default: break;
	}
	char *why = arena_strdup(r->arena, r->why[0] != '\0' ? r->why : curl_easy_strerror(rc));
	str_make_printable(why);
	return why;
}

/* What a server says of itself may be shown. */
static const char *printable(struct arena *a, const char *text)
{
	char *copy = arena_strdup(a, text);
	str_make_printable(copy);
	return copy;
}

/* A body that was cut has a status all the same; any other failure has none. */
static void fill_answer(struct request *r, CURLcode rc)
{
	struct http_answer *answer = &r->get->answer;
	long status = 0;
	const char *type = NULL;
	const char *location = NULL;
	if (rc != CURLE_OK && !(rc == CURLE_WRITE_ERROR && r->cut)) {
		answer->note = failure_note(r, rc);
		return;
	}
	(void)curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(r->easy, CURLINFO_CONTENT_TYPE, &type);
	(void)curl_easy_getinfo(r->easy, CURLINFO_REDIRECT_URL, &location);
	answer->status = (int)status;
	answer->content_type = type != NULL ? printable(r->arena, type) : "";
	answer->location = location != NULL ? printable(r->arena, location) : NULL;
	answer->body = (struct slice){ arena_slice(r->arena, buf_slice(&r->body)), r->body.len };
	answer->cut = r->cut;
}

/* The answer belongs to the caller's arena; the request is gone when `done` is called. */
static void finish(struct request *r, CURLcode rc)
{
	struct http_get *get = r->get;
	fill_answer(r, rc);
	request_free(r);
	if (get->done != NULL)
		get->done(get->ctx, get);
}

/* One at a time: `done` may abandon any other, and its message with it. */
static void finish_ready(struct http *h)
{
	const CURLMsg *msg;
	struct request *r;
	int left;
	while ((msg = curl_multi_info_read(h->multi, &left)) != NULL) {
		CURLcode rc = msg->data.result;
		if (msg->msg == CURLMSG_DONE &&
		    curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &r) == CURLE_OK)
			finish(r, rc);
	}
}

void http_turn(struct http *h, int other_fd, int max_ms)
{
	struct curl_waitfd other = { .fd = other_fd, .events = CURL_WAIT_POLLIN };
	int running;
	(void)curl_multi_perform(h->multi, &running);
	finish_ready(h);
	(void)curl_multi_poll(h->multi, other_fd >= 0 ? &other : NULL, other_fd >= 0 ? 1 : 0,
			      max_ms, NULL);
	(void)curl_multi_perform(h->multi, &running);
	finish_ready(h);
}
