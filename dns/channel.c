/*
 * One c-ares channel with one server. No configuration of the machine is read: every
 * option that c-ares would look up is given.
 */
#include "dns/channel.h"

#include <ares.h>
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"

enum { HEADER_LEN = 12, QUESTION_MAX = 255 + 4, PARTS_MAX = 8 };

struct sending {
	struct dns_channel *ch;
	uint16_t id;
	size_t question_len;
	char question[QUESTION_MAX]; /* as sent: name, type, class */
	channel_done_fn *fn;
	void *ctx;
	struct sending *next;
};

struct dns_channel {
	ares_channel ares; /* owned */
	bool tcp, no_route;
	unsigned ignored;
	struct sending *pending; /* owned */
};

bool dns_channels_begin(void)
{
	return ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
}

void dns_channels_end(void)
{
	ares_library_cleanup();
}

/* The first two octets (RFC 1035 §4.1.1). */
static uint16_t packet_id(const void *p)
{
	const unsigned char *b = p;
	return (uint16_t)((unsigned)b[0] << 8 | b[1]);
}

/* As c-ares would, plus CLOEXEC: a password command must not inherit it. */
static ares_socket_t open_socket(int domain, int type, int protocol, void *ctx)
{
	(void)ctx;
	return socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

/* What open_socket made is ours to close. */
static int close_socket(ares_socket_t fd, void *ctx)
{
	(void)ctx;
	return close(fd);
}

/* UDP is connected too, so an ICMP error comes back as a refusal and strangers' datagrams are
 * dropped by the kernel. */
static int connect_socket(ares_socket_t fd, const struct sockaddr *to, ares_socklen_t len,
			  void *ctx)
{
	struct dns_channel *ch = ctx;
	int rc = connect(fd, to, len);
	if (rc != 0 && (errno == ENETUNREACH || errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT))
		ch->no_route = true;
	return rc;
}

/* The same test that c-ares makes before it takes a datagram for an answer. */
static bool is_expected(const struct dns_channel *ch, const char *p, size_t len)
{
	for (const struct sending *s = ch->pending; s != NULL; s = s->next) {
		struct slice question = { s->question, s->question_len };
		if (len >= HEADER_LEN + question.len && s->id == packet_id(p) &&
		    slice_eq_nocase((struct slice){ p + HEADER_LEN, question.len }, question))
			return true;
	}
	return false;
}

/* Counted before c-ares drops it; on TCP a read is any piece of a message, so nothing can be
 * told there. */
static ares_ssize_t receive(ares_socket_t fd, void *p, size_t len, int flags, struct sockaddr *from,
			    ares_socklen_t *from_len, void *ctx)
{
	struct dns_channel *ch = ctx;
	ares_ssize_t got = recvfrom(fd, p, len, flags, from, from_len);
	if (got >= 0 && !ch->tcp && !is_expected(ch, p, (size_t)got))
		ch->ignored++;
	return got;
}

/* writev without SIGPIPE. A datagram is one part; what a stream does not take at once c-ares
 * hands in again. */
static ares_ssize_t transmit(ares_socket_t fd, const struct iovec *parts, int n, void *ctx)
{
	struct iovec some[PARTS_MAX];
	struct msghdr m = { .msg_iov = some, .msg_iovlen = n < PARTS_MAX ? (size_t)n : PARTS_MAX };
	(void)ctx;
	memcpy(some, parts, m.msg_iovlen * sizeof(*some));
	return sendmsg(fd, &m, MSG_NOSIGNAL);
}

static const struct ares_socket_functions socket_functions = {
	.asocket = open_socket,
	.aclose = close_socket,
	.aconnect = connect_socket,
	.arecvfrom = receive,
	.asendv = transmit,
};

/* "ADDR" or "ADDR#PORT" as c-ares wants it. */
static bool read_address(const struct dns_channel_opts *opts, struct ares_addr_port_node *node)
{
	struct slice rest = slice_str(opts->address);
	struct slice addr = slice_until(&rest, '#');
	uint64_t port = opts->port;
	char text[INET6_ADDRSTRLEN + 1];
	if (addr.len == 0 || addr.len >= sizeof(text))
		return false;
	if (rest.len > 0 && (!slice_to_u64(rest, &port) || port == 0 || port > UINT16_MAX))
		return false;
	memcpy(text, addr.ptr, addr.len);
	text[addr.len] = '\0';
	*node = (struct ares_addr_port_node){ .udp_port = (int)port, .tcp_port = (int)port };
	node->family = memchr(text, ':', addr.len) != NULL ? AF_INET6 : AF_INET;
	return inet_pton(node->family, text, &node->addr) == 1;
}

/* IGNTC and NOCHECKRESP: truncation and rcodes come to us, and are not acted upon behind our
 * back. The server in the options is a placeholder, for they take no IPv6 address and no port;
 * ares_set_servers_ports puts the right one in. */
static int open_ares(struct dns_channel *ch, const struct dns_channel_opts *opts)
{
	char lookups[] = "b"; /* servers only, no hosts file; copied by c-ares */
	struct in_addr nobody = { 0 };
	struct ares_options o = {
		.flags = ARES_FLAG_IGNTC | ARES_FLAG_NOCHECKRESP | ARES_FLAG_STAYOPEN |
			 ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
			 (opts->tcp ? ARES_FLAG_USEVC : 0),
		.timeout = opts->timeout_ms,
		.tries = opts->tries,
		.ndots = 1,
		.servers = &nobody,
		.nservers = 1,
		.lookups = lookups,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
		   ARES_OPT_SERVERS | ARES_OPT_DOMAINS | ARES_OPT_LOOKUPS;
	struct ares_addr_port_node node;
	if (!read_address(opts, &node) || ares_init_options(&ch->ares, &o, mask) != ARES_SUCCESS)
		return -1;
	ares_set_socket_functions(ch->ares, &socket_functions, ch);
	return ares_set_servers_ports(ch->ares, &node) == ARES_SUCCESS ? 0 : -1;
}

struct dns_channel *dns_channel_new(const struct dns_channel_opts *opts, struct err *e)
{
	struct dns_channel *ch = mem_alloc(sizeof(*ch));
	ch->tcp = opts->tcp;
	if (open_ares(ch, opts) == 0)
		return ch;
	(void)err_set(e, ERR_USAGE, "\"%s\" is no address of a DNS server", opts->address);
	dns_channel_free(ch);
	return NULL;
}

void dns_channel_free(struct dns_channel *ch)
{
	if (ch == NULL)
		return;
	if (ch->ares != NULL)
		ares_destroy(ch->ares);
	free(ch);
}

/* c-ares knows "connection refused" only; connect_socket has seen the errno. */
static enum channel_result result_of(const struct dns_channel *ch, int status)
{
	switch (status) {
	case ARES_SUCCESS: return CHANNEL_BYTES;
	case ARES_ETIMEOUT: return CHANNEL_SILENT;
	case ARES_ECANCELLED: /* fall through */
	case ARES_EDESTRUCTION: return CHANNEL_CANCELLED;
	default: return ch->no_route ? CHANNEL_NO_ROUTE : CHANNEL_REFUSED;
	}
}

/* `s` is in the list: it was put there by dns_channel_send and leaves it only here. */
static void unlink_sending(struct sending *s)
{
	struct sending **at = &s->ch->pending;
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
}

/* Unlinked before the callback: whatever that does, this send is over. */
static void on_done(void *arg, int status, int timeouts, unsigned char *bytes, int len)
{
	(void)timeouts;
	struct sending *s = arg;
	void *at = bytes;
	struct slice got = { at, bytes != NULL && len > 0 ? (size_t)len : 0 };
	unlink_sending(s);
	s->fn(s->ctx, result_of(s->ch, status), got);
	free(s);
}

/* The question is all between header and OPT: name, type, class. */
static void keep_question(struct sending *s, struct slice packet)
{
	size_t end = HEADER_LEN;
	while (end < packet.len && packet.ptr[end] != 0)
		end += 1 + (size_t)(unsigned char)packet.ptr[end];
	end += 1 + 4;
	if (end > packet.len || end - HEADER_LEN > QUESTION_MAX)
		return;
	s->question_len = end - HEADER_LEN;
	memcpy(s->question, packet.ptr + HEADER_LEN, s->question_len);
}

void dns_channel_send(struct dns_channel *ch, struct slice packet, channel_done_fn *fn, void *ctx)
{
	struct sending *s = mem_alloc(sizeof(*s));
	*s = (struct sending){ .ch = ch, .id = packet_id(packet.ptr), .fn = fn, .ctx = ctx };
	keep_question(s, packet);
	s->next = ch->pending;
	ch->pending = s;
	ares_send(ch->ares, (const unsigned char *)packet.ptr, (int)packet.len, on_done, s);
}

void dns_channel_cancel(struct dns_channel *ch)
{
	ares_cancel(ch->ares);
}

size_t dns_channel_fds(struct dns_channel *ch, struct pollfd fds[CHANNEL_FDS_MAX])
{
	ares_socket_t socks[ARES_GETSOCK_MAXNUM];
	unsigned bits = (unsigned)ares_getsock(ch->ares, socks, CHANNEL_FDS_MAX);
	size_t n = 0;
	for (unsigned i = 0; i < CHANNEL_FDS_MAX; i++) {
		bool readable = ARES_GETSOCK_READABLE(bits, i);
		bool writable = ARES_GETSOCK_WRITABLE(bits, i);
		if (!readable && !writable)
			continue;
		fds[n++] = (struct pollfd){
			.fd = socks[i],
			.events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0)),
		};
	}
	return n;
}

int dns_channel_wait_ms(struct dns_channel *ch, int max_ms)
{
	struct timeval max = { .tv_sec = max_ms / 1000, .tv_usec = max_ms % 1000 * 1000L };
	struct timeval room;
	const struct timeval *tv = ares_timeout(ch->ares, &max, &room);
	return (int)(tv->tv_sec * 1000 + (tv->tv_usec + 999) / 1000);
}

void dns_channel_process(struct dns_channel *ch, const struct pollfd *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool in = (fds[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
		bool out = (fds[i].revents & POLLOUT) != 0;
		if (in || out)
			ares_process_fd(ch->ares, in ? fds[i].fd : ARES_SOCKET_BAD,
					out ? fds[i].fd : ARES_SOCKET_BAD);
	}
	ares_process_fd(ch->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* timeouts */
}

unsigned dns_channel_ignored(const struct dns_channel *ch)
{
	return ch->ignored;
}
