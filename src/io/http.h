/*
 * http.h - GET over verified HTTPS, many at once, beside other waiting; by libcurl.
 *
 * Made for small documents of strangers (MTA-STS policies): no redirects, no cookies, no
 * proxy, a limit on size and time, and the address is the caller's, not the system
 * resolver's.
 */
#ifndef IO_HTTP_H
#define IO_HTTP_H

#include "base/arena.h"
#include "base/err.h"

struct http;

struct http_opts {
	const char *ca_file; /* borrowed; NULL: the system's */
	uint16_t port;       /* 443 */
	int timeout_ms;      /* connect, TLS and answer together */
	/* Connections; 0: 512. Further requests queue, and their time runs there too: give room
	 * for all that may be under way, or slow hosts make others look silent. */
	size_t at_once;
};
/* NULL with ERR_BUG when libcurl cannot start. One thread at a time. */
struct http *http_new(const struct http_opts *opts, struct err *e);
/* Drops what is under way, without a call of `done`. Takes NULL. */
void http_free(struct http *h);

struct http_answer {
	int status;               /* 0: there was none, see note */
	const char *content_type; /* "" when there was none; printable */
	const char *location;     /* of a redirect, which is not followed; NULL */
	struct slice body;        /* ends with a NUL that is not counted */
	bool cut;                 /* the body was longer than the limit */
	const char *note;         /* why there is no status, in a person's words; NULL */
};

struct http_get {
	const char *host, *path;      /* https://host/path; the certificate must be host's */
	const char *const *addresses; /* NULL-terminated; tried in order */
	size_t body_max;
	struct http_answer answer; /* filled when it is done; the arena's */
	/* Called once, from http_turn. */
	void (*done)(void *ctx, struct http_get *get);
	void *ctx;
	void *under_way; /* http's own; NULL when it is not under way */
};
/* Begins; `get` and its texts must stay until it is done or abandoned. */
void http_submit(struct http *h, struct arena *a, struct http_get *get);
/* Gives one up, without a call of `done`. */
void http_abandon(struct http *h, struct http_get *get);
/* How many are under way. */
size_t http_open(const struct http *h);
/* Works off what is ready and waits, at most max_ms, for more or for other_fd (-1: none)
 * to become readable. */
void http_turn(struct http *h, int other_fd, int max_ms);

#endif
