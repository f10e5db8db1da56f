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

/* Which class of trouble ended a dial, for those who count or explain; policy reads the kind. */
enum dial_trouble {
	DIAL_FINE,
	DIAL_NO_HOST,      /* name, port, connection, silence, or it speaks something else */
	DIAL_CERTIFICATE,  /* or no encryption at all: nothing secret was sent */
	DIAL_PASSWORD,     /* refused: wrong, or the user is not known */
	DIAL_PASSWORD_OFF, /* the server takes no password from anybody, or not from this user */
	DIAL_TOKEN,        /* the server refused the token */
	DIAL_TOKEN_OFF,    /* the server takes no token */
	DIAL_NO_ACCESS,    /* the login is right, the mailbox is not open to it */
	DIAL_THROTTLED,    /* too many connections, or not now */
	DIAL_OTHER,
};

/* What was seen on the way, filled also on failure. A plain value. */
struct dial_seen {
	enum dial_trouble trouble;
	bool tls;            /* TLS was begun (and verified, when dial_open returned 0) */
	char greeting[512];  /* the server's first line, printable; "" for none */
	char last_line[512]; /* its last one */
};

struct dial_opts {
	const char *url;               /* imaps://host[:port], imap:// (STARTTLS), smtp:// */
	const char *connect_to;        /* "127.1.2.3" or NULL: connect there, verify url's host */
	const char *user;              /* NULL: no login */
	const struct secret *password; /* NULL with a token */
	/* Instead of a password: an OAuth 2 access token, by OAUTHBEARER (RFC 7628) or XOAUTH2;
	 * NULL. */
	const struct secret *token;
	/* Whose mailbox, when `user` is an administrator (SASL PLAIN, RFC 4616 §2); NULL: user's.
	 */
	const char *authzid;
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
 *   ERR_ACCOUNT    the server refused this user, password or token ("the server refused this
 *                  password"; its own words are in the text);
 *   ERR_REFUSED    the certificate (host, reason and remedy in text and hint), or there is
 *                  no encryption: nothing secret was sent;
 *   ERR_RETRY      refused or cut connection, timeout, the server is busy;
 *   ERR_WORLD      name not found, a port that speaks something else;
 *   ERR_USAGE      the url, the CA file, or a user, password or token that
 *                  cannot be sent;
 *   ERR_CANCELLED.
 * The environment is not asked: no netrc, no proxy. The stream must be used by one thread
 * at a time, from any thread. Any number of threads may dial at once. */
int dial_open(const struct dial_opts *opts, struct stream **stream_r, struct err *e);

/* Before the first thread: process-wide initialisation of libcurl; SIGPIPE is ignored from
 * then on (a closed connection is an error of the write, not the end of the process), and as many
 * files may be open as the system allows. */
void dial_global_init(void);

#endif
