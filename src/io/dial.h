/*
 * dial.h - opens a connection and logs in: libcurl's CURLOPT_CONNECT_ONLY does TCP,
 * proxies, TLS with verification, STARTTLS and SASL; then our cores talk.
 */
#ifndef IO_DIAL_H
#define IO_DIAL_H

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "io/cancel.h"
#include "io/stream.h"

enum dial_tls {
	DIAL_TLS_REQUIRED, /* by the scheme or STARTTLS; verified */
	DIAL_TLS_TRY,      /* SMTP probe: STARTTLS when offered, then verified */
	DIAL_TLS_NONE,     /* only for hosts that the project file names */
};

/* What was seen on the way, filled also on failure. A plain value. */
struct dial_seen {
	bool tls;            /* TLS was begun (and verified, when dial_open returned 0) */
	char greeting[512];  /* the server's first line, printable; "" for none */
	char last_line[512]; /* its last one */
};

struct dial_opts {
	const char *url;        /* imaps://host[:port], imap:// (STARTTLS), smtp:// */
	const char *connect_to; /* "127.1.2.3" or NULL: connect there, verify url's host */
	const char *user;       /* NULL: no login */
	const struct secret *password;
	const char *ca_file; /* NULL: the system's */
	enum dial_tls tls;
	int timeout_ms;         /* for the whole of connect, TLS and login */
	const char *bind_to;    /* local address for tests; NULL */
	const char *helo;       /* SMTP: the name that EHLO says; NULL */
	struct dial_seen *seen; /* NULL: not wanted */
	const struct cancel *cancel;
	const struct clock *clock;
	struct log *log;
};

/* Blocking, with the timeout and the cancel. On -1 the kind tells what to do:
 *   ERR_ACCOUNT    the server refused this user or password ("the server refused this
 *                  password"; its own words are in the text);
 *   ERR_REFUSED    the certificate (host, reason and remedy in text and hint), or there is
 *                  no encryption: nothing secret was sent;
 *   ERR_RETRY      refused or cut connection, timeout, the server is busy;
 *   ERR_WORLD      name not found, a port that speaks something else;
 *   ERR_USAGE      the url, the CA file, or a user or password that cannot be sent;
 *   ERR_CANCELLED.
 * The environment is not asked: no netrc, no proxy. The stream must be used by one thread
 * at a time, from any thread. Any number of threads may dial at once. */
int dial_open(const struct dial_opts *opts, struct stream **stream_r, struct err *e);

/* Before the first thread: process-wide initialisation of libcurl; SIGPIPE is ignored from
 * then on (a closed connection is an error of the write, not the end of the process). */
void dial_global_init(void);

#endif
