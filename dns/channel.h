/*
 * channel.h - packets to one address and back, by c-ares; only for dns/engine.
 *
 * c-ares repeats a datagram, matches ID and question, and drops what does not match.
 * Its sockets are opened and read by our own functions, so that dropped datagrams can
 * be counted and "no route" is told apart from "refused".
 */
#ifndef DNS_CHANNEL_H
#define DNS_CHANNEL_H

#include <poll.h>

#include "base/arena.h"
#include "base/err.h"

struct dns_channel;

struct dns_channel_opts {
	const char *address; /* "ADDR" or "ADDR#PORT" */
	uint16_t port;       /* when the address names none */
	bool tcp;
	int timeout_ms, tries;
};
/* Before the first and after the last channel; may be nested. False: c-ares failed. */
bool dns_channels_begin(void);
/* One for each dns_channels_begin that returned true, after the last channel is freed. */
void dns_channels_end(void);

/* NULL with *e when the address is none (ERR_USAGE) or c-ares fails (ERR_BUG). */
struct dns_channel *dns_channel_new(const struct dns_channel_opts *opts, struct err *e);
/* Pending sends end with CHANNEL_CANCELLED first. Takes NULL. */
void dns_channel_free(struct dns_channel *ch);

enum channel_result {
	CHANNEL_BYTES,
	CHANNEL_SILENT,
	CHANNEL_REFUSED,
	CHANNEL_NO_ROUTE,
	CHANNEL_CANCELLED
};
/* Called once for each send, perhaps before it returns. Bytes are valid in the call. */
typedef void channel_done_fn(void *ctx, enum channel_result result, struct slice bytes);
/* `packet` begins with an ID that no other pending send of this channel has. */
void dns_channel_send(struct dns_channel *ch, struct slice packet, channel_done_fn *fn, void *ctx);
/* Ends all pending sends. */
void dns_channel_cancel(struct dns_channel *ch);

enum { CHANNEL_FDS_MAX = 4 };
/* What to poll for; returns how many entries were filled. */
size_t dns_channel_fds(struct dns_channel *ch, struct pollfd fds[CHANNEL_FDS_MAX]);
/* Milliseconds until it wants to be called, at most `max_ms`. */
int dns_channel_wait_ms(struct dns_channel *ch, int max_ms);
/* After poll: reads, writes, and handles what timed out. */
void dns_channel_process(struct dns_channel *ch, const struct pollfd *fds, size_t n);
/* Datagrams whose ID or question fits no pending send, since the channel was opened. */
unsigned dns_channel_ignored(const struct dns_channel *ch);

#endif
