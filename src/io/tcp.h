/*
 * tcp.h - a plain TCP connection that is written straight down: open, send, receive. For
 * short exchanges without TLS (DNS messages, RFC 7766); what logs in goes through io/dial.
 *
 * Every call blocks, and ends by the deadline or the cancel. What an error tells:
 *   ERR_USAGE      the server is no address: nothing was tried;
 *   ERR_WORLD      there is no connection: nothing has left this process;
 *   ERR_RETRY      the connection was there: what the other side has taken is not known;
 *   ERR_CANCELLED  the user interrupted; when it comes from tcp_send or tcp_recv, as
 *                  unknown as ERR_RETRY.
 */
#ifndef IO_TCP_H
#define IO_TCP_H

#include "base/clock.h"
#include "base/str.h"
#include "io/cancel.h"

struct tcp;

/* All borrowed, until tcp_close. */
struct tcp_opts {
	const char *server; /* see tcp_server_check */
	const char *what;   /* "DNS server": what messages call it */
	uint16_t port;      /* where the server names none */
	int timeout_ms;     /* from tcp_open to the last byte; tcp_extend begins anew */
	const struct clock *clock;
	const struct cancel *cancel; /* may be NULL */
};

/* 0 when `server` is an address, with a port or without: "192.0.2.1", "192.0.2.1#5353",
 * "2001:db8::1". Else ERR_USAGE. Numbers only: a name would need a resolver, and its
 * answer could be spoofed. */
int tcp_server_check(const char *server, struct err *e);

/* Only begins to connect, and never waits: for those who wait for many things at once. A
 * non-blocking socket, the caller's to close; it becomes writable when the connection is there or
 * has failed, which the first send tells. `port`: where `server` names none. -1 with ERR_USAGE or
 * ERR_WORLD. */
int tcp_dial(const char *server, uint16_t port, struct err *e);

/* Connects. NULL with ERR_USAGE, ERR_WORLD or ERR_CANCELLED. One thread at a time. */
struct tcp *tcp_open(const struct tcp_opts *opts, struct err *e);

/* All of the bytes, or -1. */
int tcp_send(struct tcp *t, struct slice bytes, struct err *e);

/* Exactly `len` bytes, or -1; an end before them is an error. `to` may hold a part then. */
int tcp_recv(struct tcp *t, char *to, size_t len, struct err *e);

/* The whole timeout again, from now on. */
void tcp_extend(struct tcp *t);

/* Closes and frees; takes NULL. */
void tcp_close(struct tcp *t);

#endif
