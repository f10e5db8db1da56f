/*
 * tcp_site.h - a name server that speaks only TCP: one zone, answered from its text, and given
 * away to whoever asks for a transfer, well or badly; a thread for each connection.
 */
#ifndef TESTS_UNIT_DNS_TCP_SITE_H
#define TESTS_UNIT_DNS_TCP_SITE_H

#include <stdint.h>

struct tcp_site;

/* How a transfer goes on. */
enum tcp_site_way {
	SITE_WHOLE,   /* every record, then the SOA again */
	SITE_REFUSES, /* REFUSED */
	SITE_STOPS,   /* no closing SOA: the connection is closed */
	SITE_HANGS,   /* the same, but it stays open */
	SITE_ENDLESS, /* the records without the SOA again and again */
	SITE_RUBBISH, /* after the records bytes that are no message */
	SITE_STRANGE, /* messages with another ID */
};

struct tcp_site_opts {
	const char *address;
	uint16_t port;
	const char *text;     /* one record a line, names absolute, the SOA first */
	unsigned per_message; /* records in one message of a transfer */
	enum tcp_site_way way;
};
struct tcp_site *tcp_site_start(const struct tcp_site_opts *opts);
/* Takes NULL. */
void tcp_site_stop(struct tcp_site *s);

#endif
