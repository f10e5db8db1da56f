/*
 * channel.h - packets to one address and back; only for dns/engine.
 *
 * One packet is sent once for each call: repeating is the engine's. What has not the ID and the
 * question of a pending send is dropped; strangers' and mismatched datagrams are counted, and "no
 * route" is told apart from "refused". The channel keeps its socket in the engine's epoll set.
 */
#ifndef DNS_CHANNEL_H
#define DNS_CHANNEL_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"

/* What all channels of an engine have in common. */
struct dns_channels;
/* The epoll descriptor and the clock are borrowed; events carry the channel as data.ptr. NULL:
 * c-ares failed. */
struct dns_channels *dns_channels_new(int epoll_fd, const struct clock *clock);
/* After the last channel. Takes NULL. */
void dns_channels_free(struct dns_channels *all);
/* Sends the datagrams that dns_channel_send has kept. Calls back for those that cannot be. */
void dns_channels_flush(struct dns_channels *all);

struct dns_channel;
struct dns_channel_opts {
	const char *address; /* "ADDR" or "ADDR#PORT" */
	uint16_t port;       /* when the address names none */
	bool tcp;
	int keep_ms; /* how long an answer is still taken; then CHANNEL_SILENT, soon or late */
};
/* True for "ADDR" and "ADDR#PORT", port 1 to 65535. */
bool dns_channel_address_ok(const char *address);
/* NULL with *e when the address is none (ERR_USAGE) or c-ares fails (ERR_BUG). Opens no
 * socket before the first send; a TCP connection is closed when nothing is pending. */
struct dns_channel *dns_channel_new(struct dns_channels *all, const struct dns_channel_opts *opts,
				    struct err *e);
/* Pending sends end with CHANNEL_CANCELLED first. Takes NULL. Not inside a callback. */
void dns_channel_free(struct dns_channel *ch);

enum channel_result {
	CHANNEL_BYTES,
	CHANNEL_SILENT,
	CHANNEL_REFUSED,
	CHANNEL_NO_ROUTE,
	CHANNEL_NO_SOCKET, /* no free descriptor; not sent */
	CHANNEL_CANCELLED
};
/* What became of one send. */
struct channel_got {
	enum channel_result result;
	struct slice bytes; /* for CHANNEL_BYTES, valid in the call */
	bool case_changed;  /* the question's letters are not as they were sent */
};
/* Called once for each send, perhaps before it returns. */
typedef void channel_done_fn(void *ctx, const struct channel_got *got);
/* `packet` is a query of dns_query_build and begins with an ID for which dns_channel_has_id says
 * false. A datagram leaves with dns_channels_flush. */
void dns_channel_send(struct dns_channel *ch, struct slice packet, channel_done_fn *fn, void *ctx);
/* True while a send with that ID is pending. */
bool dns_channel_has_id(const struct dns_channel *ch, uint16_t id);
/* Ends all pending sends. */
void dns_channel_cancel(struct dns_channel *ch);

/* After epoll_wait: reads and writes; `events` is what epoll told of this channel. */
void dns_channel_process(struct dns_channel *ch, uint32_t events);
/* Datagrams whose ID or question fits no pending send, since the channel was opened. */
unsigned dns_channel_ignored(const struct dns_channel *ch);
/* Datagrams from another address or port, since the channel was opened. */
unsigned dns_channel_strangers(const struct dns_channel *ch);

#endif
