/*
 * channel_priv.h - what datagrams and streams have in common; only for dns/channel*.c.
 *
 * A send stands in a table by its ID until it has its result. Datagrams (channel_udp.c) stand
 * in a second list in order of time as well; streams (channel_tcp.c) leave time to c-ares.
 */
#ifndef DNS_CHANNEL_PRIV_H
#define DNS_CHANNEL_PRIV_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "dns/channel.h"

enum {
	CHANNEL_HEADER_LEN = 12,
	CHANNEL_QUESTION_MAX = 255 + 4,
	CHANNEL_QUERY_MAX = CHANNEL_HEADER_LEN + CHANNEL_QUESTION_MAX + 11, /* with an OPT */
	ID_BUCKETS = 256,
	RECEIVE_AT_ONCE = 32,
	RECEIVE_MAX = 4096, /* asked for are 1232 octets at most */
};

struct sending {
	struct dns_channel *ch;
	channel_done_fn *fn;
	void *ctx;
	struct sending *next;            /* in its bucket; among the spare ones */
	struct sending *older, *younger; /* datagrams: in order of time */
	struct sending *next_out;        /* datagrams: to be sent after this one */
	int64_t until_ms;                /* datagrams: monotonic; taken for an answer till then */
	bool unsent;
	uint16_t id;
	size_t len, question_len;
	char packet[CHANNEL_QUERY_MAX]; /* the header, then the question as sent, then OPT */
};

struct dns_channels {
	int epoll_fd;              /* borrowed */
	const struct clock *clock; /* borrowed */
	struct sending *spare;     /* owned, used again */
	struct dns_channel *out;   /* channels with unsent datagrams */
	char received[RECEIVE_AT_ONCE][RECEIVE_MAX];
};

struct dns_channel {
	struct dns_channels *all;
	bool tcp, no_route, no_socket;
	int fd; /* of datagrams: owned; of a stream: c-ares'. -1 for none */
	unsigned ignored, strangers;
	struct sockaddr_storage to;
	socklen_t to_len;
	struct sending *by_id[ID_BUCKETS];
	/* Datagrams. */
	struct sending *oldest, *youngest;
	struct sending *out, *out_last;
	struct dns_channel *next_out;
	int keep_ms;
	/* A stream: ares_channel, owned. */
	void *ares;
	bool in_epoll;
};

/* channel.c */

/* The first two octets (RFC 1035 §4.1.1). */
uint16_t packet_id(const void *p);
/* The pending send whose ID the message has, or NULL. */
struct sending *channel_sending_for(const struct dns_channel *ch, const char *p, size_t len);
/* The message has the question of that send, whatever the case of its letters. */
bool sending_is_for(const struct sending *s, const char *p, size_t len);
/* Calls back and forgets it: whatever the call does, this send is over. */
void sending_end(struct sending *s, enum channel_result result, struct slice bytes);
/* Why socket() failed: there was no descriptor or no memory for it, which may pass. */
bool channel_no_socket(int error);
/* What says of itself that this machine cannot reach that address at all. */
bool channel_no_way(int error);

/* channel_udp.c */
/* Queues it: it goes out with the others of this turn, by channel_udp_flush. */
void channel_udp_send(struct dns_channel *ch, struct sending *s);
/* Reads what is there and ends the sends that it answers, which calls back. */
void channel_udp_process(struct dns_channel *ch, uint32_t events);
/* Sends what waits to be sent. */
void channel_udp_flush(struct dns_channel *ch);
/* Takes it out of the lists of datagrams. */
void channel_udp_unlink(struct sending *s);
/* Ends what is under way as CHANNEL_CANCELLED, and closes. */
void channel_udp_close(struct dns_channel *ch);

/* channel_tcp.c; the only file that knows c-ares */
/* Begins or ends c-ares's own globals; once a process. */
bool channel_tcp_library(bool begin);
/* -1 when c-ares has no memory; channel_tcp_close all the same. */
int channel_tcp_open(struct dns_channel *ch, const struct dns_channel_opts *opts);
/* May end `s`, and so call back, before it returns. */
void channel_tcp_send(struct dns_channel *ch, struct sending *s);
/* What epoll told of the connection; c-ares looks at its clock, too. May end sends. */
void channel_tcp_process(struct dns_channel *ch, uint32_t events);
/* Ends all that is under way as CHANNEL_CANCELLED; the channel can be used again. */
void channel_tcp_cancel(struct dns_channel *ch);
/* Ends what is under way the same way, and the channel. Takes one that did not open. */
void channel_tcp_close(struct dns_channel *ch);

#endif
