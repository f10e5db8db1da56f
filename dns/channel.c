/*
 * The table of pending sends, and which half carries them: datagrams by our own few calls
 * (channel_udp.c), streams by c-ares (channel_tcp.c). docs/decisions/0011 tells why.
 */
#include "dns/channel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "dns/channel_priv.h"

struct dns_channels *dns_channels_new(int epoll_fd, const struct clock *clock)
{
	if (!channel_tcp_library(true))
		return NULL;
	struct dns_channels *all = mem_alloc(sizeof(*all));
	all->epoll_fd = epoll_fd;
	all->clock = clock;
	return all;
}

void dns_channels_free(struct dns_channels *all)
{
	if (all == NULL)
		return;
	while (all->spare != NULL) {
		struct sending *s = all->spare;
		all->spare = s->next;
		free(s);
	}
	free(all);
	(void)channel_tcp_library(false);
}

uint16_t packet_id(const void *p)
{
	const unsigned char *b = p;
	return (uint16_t)((unsigned)b[0] << 8 | b[1]);
}

static struct sending *find_id(const struct dns_channel *ch, uint16_t id)
{
	struct sending *s = ch->by_id[id % ID_BUCKETS];
	while (s != NULL && s->id != id)
		s = s->next;
	return s;
}

bool dns_channel_has_id(const struct dns_channel *ch, uint16_t id)
{
	return find_id(ch, id) != NULL;
}

struct sending *channel_sending_for(const struct dns_channel *ch, const char *p, size_t len)
{
	return len < CHANNEL_HEADER_LEN ? NULL : find_id(ch, packet_id(p));
}

static struct slice question_of(const struct sending *s)
{
	return (struct slice){ s->packet + CHANNEL_HEADER_LEN, s->question_len };
}

bool sending_is_for(const struct sending *s, const char *p, size_t len)
{
	if (len < CHANNEL_HEADER_LEN + s->question_len)
		return false;
	struct slice theirs = { p + CHANNEL_HEADER_LEN, s->question_len };
	return slice_eq(theirs, question_of(s)) || slice_eq_nocase(theirs, question_of(s));
}

bool channel_no_socket(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

bool channel_no_way(int error)
{
	return error == ENETUNREACH || error == EADDRNOTAVAIL || error == EAFNOSUPPORT ||
	       error == EHOSTUNREACH || error == EINVAL;
}

/* "ADDR" or "ADDR#PORT"; 0 when it is neither. */
static socklen_t read_address(const char *address, uint16_t standard, struct sockaddr_storage *to)
{
	struct slice rest = slice_str(address);
	struct slice addr = slice_until(&rest, '#');
	uint64_t port = standard;
	char text[INET6_ADDRSTRLEN + 1];
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	if (addr.len == 0 || addr.len >= sizeof(text))
		return 0;
	if (rest.len > 0 && (!slice_to_u64(rest, &port) || port == 0 || port > UINT16_MAX))
		return 0;
	memcpy(text, addr.ptr, addr.len);
	text[addr.len] = '\0';
	v4.sin_port = v6.sin6_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
		memcpy(to, &v4, sizeof(v4));
		return sizeof(v4);
	}
	if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
		memcpy(to, &v6, sizeof(v6));
		return sizeof(v6);
	}
	return 0;
}

bool dns_channel_address_ok(const char *address)
{
	struct sockaddr_storage to;
	return read_address(address, 1, &to) != 0;
}

struct dns_channel *dns_channel_new(struct dns_channels *all, const struct dns_channel_opts *opts,
				    struct err *e)
{
	struct dns_channel *ch = mem_alloc(sizeof(*ch));
	ch->all = all;
	ch->tcp = opts->tcp;
	ch->keep_ms = opts->keep_ms;
	ch->fd = -1;
	ch->to_len = read_address(opts->address, opts->port, &ch->to);
	if (ch->to_len != 0 && (!ch->tcp || channel_tcp_open(ch, opts) == 0))
		return ch;
	(void)err_set(e, ERR_USAGE, "\"%s\" is no address of a DNS server", opts->address);
	dns_channel_free(ch);
	return NULL;
}

void dns_channel_free(struct dns_channel *ch)
{
	if (ch == NULL)
		return;
	if (ch->tcp)
		channel_tcp_close(ch);
	else
		channel_udp_close(ch);
	free(ch);
}

/* `s` is in its bucket: it was put there by dns_channel_send and leaves it only here. */
static void unlink_sending(struct sending *s)
{
	struct sending **at = &s->ch->by_id[s->id % ID_BUCKETS];
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	if (!s->ch->tcp)
		channel_udp_unlink(s);
}

/* Its question is ours, so it differs in case at most. */
static bool is_case_changed(const struct sending *s, struct slice got)
{
	return got.len >= CHANNEL_HEADER_LEN + s->question_len &&
	       memcmp(got.ptr + CHANNEL_HEADER_LEN, question_of(s).ptr, s->question_len) != 0;
}

void sending_end(struct sending *s, enum channel_result result, struct slice bytes)
{
	struct dns_channels *all = s->ch->all;
	struct channel_got got = { .result = result, .bytes = bytes };
	got.case_changed = result == CHANNEL_BYTES && is_case_changed(s, bytes);
	unlink_sending(s);
	s->fn(s->ctx, &got);
	s->next = all->spare;
	all->spare = s;
}

/* The question is all between header and OPT: name, type, class. 0: there is none. */
static size_t question_len(struct slice packet)
{
	size_t end = CHANNEL_HEADER_LEN;
	while (end < packet.len && packet.ptr[end] != 0)
		end += 1 + (size_t)(unsigned char)packet.ptr[end];
	end += 1 + 4;
	if (end > packet.len || end - CHANNEL_HEADER_LEN > CHANNEL_QUESTION_MAX)
		return 0;
	return end - CHANNEL_HEADER_LEN;
}

/* Hundreds are under way, and thousands a second come and go. */
static struct sending *sending_new(struct dns_channels *all)
{
	struct sending *s = all->spare;
	if (s == NULL)
		return mem_alloc(sizeof(*s));
	all->spare = s->next;
	return s;
}

void dns_channel_send(struct dns_channel *ch, struct slice packet, channel_done_fn *fn, void *ctx)
{
	struct sending *s = sending_new(ch->all);
	struct sending **bucket = &ch->by_id[packet_id(packet.ptr) % ID_BUCKETS];
	size_t len = packet.len < CHANNEL_QUERY_MAX ? packet.len : CHANNEL_QUERY_MAX;
	s->ch = ch;
	s->fn = fn;
	s->ctx = ctx;
	s->id = packet_id(packet.ptr);
	s->len = len;
	s->question_len = question_len(packet);
	memcpy(s->packet, packet.ptr, len);
	s->next = *bucket;
	*bucket = s;
	if (ch->tcp)
		channel_tcp_send(ch, s);
	else
		channel_udp_send(ch, s);
}

/* By bucket: a callback sends nothing, but that would do no harm. */
static void end_all(struct dns_channel *ch)
{
	for (size_t i = 0; i < ID_BUCKETS; i++) {
		while (ch->by_id[i] != NULL)
			sending_end(ch->by_id[i], CHANNEL_CANCELLED, (struct slice){ 0 });
	}
}

void dns_channel_cancel(struct dns_channel *ch)
{
	if (ch->tcp)
		channel_tcp_cancel(ch);
	else
		end_all(ch);
}

void dns_channel_process(struct dns_channel *ch, uint32_t events)
{
	if (ch->fd < 0)
		return;
	if (ch->tcp)
		channel_tcp_process(ch, events);
	else
		channel_udp_process(ch, events);
}

void dns_channels_flush(struct dns_channels *all)
{
	while (all->out != NULL) {
		struct dns_channel *ch = all->out;
		all->out = ch->next_out;
		ch->next_out = NULL;
		channel_udp_flush(ch);
	}
}

unsigned dns_channel_ignored(const struct dns_channel *ch)
{
	return ch->ignored;
}

unsigned dns_channel_strangers(const struct dns_channel *ch)
{
	return ch->strangers;
}
