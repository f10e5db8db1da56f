/*
 * http_call.h - one request over verified HTTPS, straight down: for token endpoints and
 * providers' APIs. Blocking, with a limit on time and size; redirects are answers.
 *
 * Secrets go in as secrets and are never logged; an answer may hold one, so it is wiped.
 */
#ifndef IO_HTTP_CALL_H
#define IO_HTTP_CALL_H

#include "base/buf.h"
#include "base/log.h"
#include "base/secret.h"
#include "io/cancel.h"

/* A host and the address to connect to instead of resolving it; its certificate must still be
 * the host's. Such a host is gone to directly, without a proxy. */
struct http_route {
	const char *host, *address;
};

/* All borrowed, until http_client_free. */
struct http_client_opts {
	const char *ca_file;             /* NULL: the system's */
	const struct http_route *routes; /* network.connect_to; NULL: none */
	size_t routes_n;
	/* How long there may be nothing: until it is connected, TLS included, and between any two
	 * bytes, where it counts in whole seconds; 0: 30 s. */
	int timeout_ms;
	int whole_ms; /* of one call from its beginning to its end; 0: timeout_ms */
	const struct cancel *cancel;
	struct log *log; /* debug lines: method, URL without its query, status */
};

struct http_client;
/* Keeps connections open between its calls. One thread at a time. Honours https_proxy and
 * no_proxy of the environment, as other programs do. Never NULL. */
struct http_client *http_client_new(const struct http_client_opts *opts);
/* Takes NULL. */
void http_client_free(struct http_client *c);

/* The value is `value`, then `secret` ("Bearer " and a token); either may be NULL. */
struct http_header {
	const char *name, *value;
	const struct secret *secret;
};

struct http_request {
	const char *method; /* "GET", "POST", "PATCH" … */
	const char *url;    /* https://host[:port]/path?query, encoded; no user in it */
	const struct http_header *headers;
	size_t headers_n;
	struct slice body; /* borrowed; {NULL, 0}: none. Its type is a header of the caller's */
	size_t body_max;   /* of the answer; 0: 64 KiB */
};

struct http_reply_header {
	char *name, *value; /* owned; name in lower case, value printable */
};

/* Filled by http_client_call; release it whatever that returned. */
struct http_reply {
	int status; /* 200 …; 0: none came */
	/* The request may have left this process: when there is no status, what it did is not
	 * known. */
	bool sent;
	/* On -1: the answer was longer than body_max, and what came of it is not kept. */
	bool too_long;
	struct buf body; /* as it came, may hold a secret */
	size_t headers_n;
	struct http_reply_header *headers; /* in the server's order */
};

/* 0 when there is an answer, whatever its status (3xx too: they are not followed). On -1:
 *   ERR_RETRY      no connection, a cut, the time is over, a name that was not found now;
 *   ERR_REFUSED    the certificate: nothing secret was sent;
 *   ERR_WORLD      no such name, or the answer is longer than body_max;
 *   ERR_USAGE      the URL is none of https, a header has a line end, the CA file, https_proxy;
 *   ERR_CANCELLED. */
int http_client_call(struct http_client *c, const struct http_request *request,
		     struct http_reply *reply_r, struct err *e);
/* Wipes the body. */
void http_reply_release(struct http_reply *r);
/* The first header of that name (case ignored), or NULL. */
const char *http_reply_header(const struct http_reply *r, const char *name);

#endif
