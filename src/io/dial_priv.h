/*
 * dial_priv.h - what dial.c, dial_error.c and stream_curl.c share: one attempt to connect.
 */
#ifndef IO_DIAL_PRIV_H
#define IO_DIAL_PRIV_H

#include <curl/curl.h>

#include "base/arena.h"
#include "io/dial.h"

enum { DIAL_HIDDEN = 3 };

struct dialing {
	const struct dial_opts *opts; /* borrowed */
	struct arena *arena;          /* borrowed; for url, host and the like */
	const char *scheme, *host, *port;
	const char *url;                    /* as libcurl gets it: no user, no password */
	const char *name;                   /* "host:port" */
	CURL *easy;                         /* owned until a stream takes it */
	struct secret *hidden[DIAL_HIDDEN]; /* owned: the login as it goes over the wire; NULLs */
	struct dial_seen seen;
	bool offers_sasl;    /* AUTH=PLAIN or AUTH=LOGIN was among the capabilities */
	bool offers_plain;   /* AUTH=PLAIN was */
	bool offers_token;   /* so was AUTH=OAUTHBEARER or AUTH=XOAUTH2 */
	bool login_disabled; /* and LOGINDISABLED */
	char why[CURL_ERROR_SIZE];
};

/* Takes the login out of a server's words: some repeat what they have not understood. */
void dial_redact(const struct dialing *d, char *text);

/* Fills *e and d->seen.trouble from libcurl's result; returns -1. */
int dial_error(struct dialing *d, CURLcode rc, struct err *e);

/* The logged-in connection as a stream; takes over `easy`, copies the name. */
struct stream *stream_curl(CURL *take_easy, const char *name);

#endif
