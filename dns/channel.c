/*
 * One c-ares channel with one server. No configuration of the machine is read: every
 * option that c-ares would look up is given. c-ares never repeats a datagram (one try, a
 * long timeout): a question that nobody waits for any more stays known until its time is
 * over, so that its late answer is not taken for a forgery.
 */
#include "dns/channel.h"

#include <ares.h>
#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"

enum {
	HEADER_LEN = 12,
	QUESTION_MAX = 255 + 4,
	PARTS_MAX = 8,
	ID_BUCKETS = 256,
	ERRORS_MAX = 256, /* of the error queue, read at once */
	RCODE_FORMERR = 1,
	RCODE_NOTIMP = 4,
};

struct sending {
	struct dns_channel *ch;
	uint16_t id;
	size_t question_len;
	char question[QUESTION_MAX]; /* as sent: name, type, class */
	channel_done_fn *fn;
	void *ctx;
	struct sending *next; /* in its bucket */
};

struct dns_channel {
	ares_channel ares; /* owned */
	bool tcp, no_route;
	int epoll_fd;
	int fd; /* c-ares' one socket, -1 for none */
	bool in_epoll;
	unsigned ignored, strangers;
	struct slice datagram; /* the last one, in c-ares' own buffer: only for on_done */
	struct ares_addr_port_node to;
	struct sending *by_id[ID_BUCKETS]; /* owned */
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

/* The list in which a send with that ID is. */
static struct sending *const *bucket_of(const struct dns_channel *ch, uint16_t id)
{
	return &ch->by_id[id % ID_BUCKETS];
}

bool dns_channel_has_id(const struct dns_channel *ch, uint16_t id)
{
	const struct sending *s = *bucket_of(ch, id);
	while (s != NULL && s->id != id)
		s = s->next;
	return s != NULL;
}

/* As c-ares would, plus CLOEXEC: a password command must not inherit it. A datagram socket is
 * never connected, or the kernel would hide strangers' datagrams; so ICMP errors must be
 * asked for. */
static ares_socket_t open_socket(int domain, int type, int protocol, void *ctx)
{
	struct dns_channel *ch = ctx;
	int on = 1;
	int fd = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	ch->no_route = fd < 0;
	if (fd < 0 || type != SOCK_DGRAM)
		return fd;
	if (domain == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	else
		(void)setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	return fd;
}

/* What open_socket made is ours to close. */
static int close_socket(ares_socket_t fd, void *ctx)
{
	(void)ctx;
	return close(fd);
}

/* What says of itself that this machine cannot reach that address at all. */
static void note_error(struct dns_channel *ch, int error)
{
	ch->no_route = error == ENETUNREACH || error == EADDRNOTAVAIL || error == EAFNOSUPPORT ||
		       error == EHOSTUNREACH || error == EINVAL;
}

/* Streams only; a datagram carries its address. */
static int connect_socket(ares_socket_t fd, const struct sockaddr *to, ares_socklen_t len,
			  void *ctx)
{
	struct dns_channel *ch = ctx;
	ch->no_route = false;
	if (!ch->tcp)
		return 0;
	int rc = connect(fd, to, len);
	if (rc != 0 && errno != EINPROGRESS)
		note_error(ch, errno);
	return rc;
}

/* The send whose ID the datagram has, or NULL. */
static const struct sending *sending_for(const struct dns_channel *ch, const char *p, size_t len)
{
	if (len < HEADER_LEN)
		return NULL;
	const struct sending *s = *bucket_of(ch, packet_id(p));
	while (s != NULL && s->id != packet_id(p))
		s = s->next;
	return s;
}

/* The same test that c-ares makes before it takes a datagram for an answer. */
static bool is_expected(const struct dns_channel *ch, const char *p, size_t len)
{
	const struct sending *s = sending_for(ch, p, len);
	if (s == NULL || len < HEADER_LEN + s->question_len)
		return false;
	struct slice question = { s->question, s->question_len };
	return slice_eq_nocase((struct slice){ p + HEADER_LEN, question.len }, question);
}

/* Some servers that know no EDNS answer FORMERR with a header alone. c-ares would drop it for
 * want of the question, which the ID tells. Returns the new length. */
static size_t complete_bare_error(const struct dns_channel *ch, char *p, size_t len, size_t room)
{
	static const char no_records[8] = { 0 };
	const struct sending *s = len == HEADER_LEN ? sending_for(ch, p, len) : NULL;
	if (s == NULL || memcmp(p + 4, no_records, sizeof(no_records)) != 0 ||
	    room < len + s->question_len)
		return len;
	unsigned rcode = (unsigned char)p[3] & 0x0f;
	if (rcode != RCODE_FORMERR && rcode != RCODE_NOTIMP)
		return len;
	p[5] = 1;
	memcpy(p + HEADER_LEN, s->question, s->question_len);
	return len + s->question_len;
}

/* Address and port are those that were asked. */
static bool is_from_server(const struct dns_channel *ch, const struct sockaddr_storage *from)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	if (from->ss_family != ch->to.family)
		return false;
	if (from->ss_family == AF_INET6) {
		memcpy(&v6, from, sizeof(v6));
		return ntohs(v6.sin6_port) == ch->to.udp_port &&
		       memcmp(&v6.sin6_addr, &ch->to.addr.addr6, sizeof(v6.sin6_addr)) == 0;
	}
	memcpy(&v4, from, sizeof(v4));
	return ntohs(v4.sin_port) == ch->to.udp_port &&
	       v4.sin_addr.s_addr == ch->to.addr.addr4.s_addr;
}

/* The errno that one entry of the error queue stands for, or 0. */
static int read_queued_error(const struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	     c = CMSG_NXTHDR((struct msghdr *)m, c)) {
		bool v4 = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR;
		bool v6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR;
		struct sock_extended_err ee;
		if (!v4 && !v6)
			continue;
		memcpy(&ee, CMSG_DATA(c), sizeof(ee));
		return (int)ee.ee_errno;
	}
	return 0;
}

/* Empties the error queue (else epoll would never rest). True when the port is closed; other
 * errors may pass (a route that changes), so the question just stays without an answer. */
static bool drain_errors(int fd)
{
	bool refused = false;
	for (int i = 0; i < ERRORS_MAX; i++) {
		char control[512];
		struct msghdr m = { .msg_control = control, .msg_controllen = sizeof(control) };
		if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			break;
		refused = refused || read_queued_error(&m) == ECONNREFUSED;
	}
	return refused;
}

/* One datagram of the server; strangers' are counted and skipped. -1 with errno as recvfrom. */
static ssize_t receive_datagram(struct dns_channel *ch, int fd, struct slice room,
				struct sockaddr_storage *from)
{
	for (;;) {
		socklen_t from_len = sizeof(*from);
		ssize_t got = recvfrom(fd, (void *)room.ptr, room.len, 0, (struct sockaddr *)from,
				       &from_len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno != EAGAIN) {
			bool refused = errno == ECONNREFUSED;
			if (drain_errors(fd) || refused) {
				errno = ECONNREFUSED;
				return -1;
			}
			continue;
		}
		if (got < 0 || is_from_server(ch, from))
			return got;
		ch->strangers++;
	}
}

/* Counted before c-ares drops it; on TCP a read is any piece of a message, so nothing can be
 * told there. */
static ares_ssize_t receive(ares_socket_t fd, void *p, size_t len, int flags, struct sockaddr *from,
			    ares_socklen_t *from_len, void *ctx)
{
	struct dns_channel *ch = ctx;
	struct sockaddr_storage who = { 0 };
	if (ch->tcp)
		return recvfrom(fd, p, len, flags, from, from_len);
	ssize_t got = receive_datagram(ch, fd, (struct slice){ p, len }, &who);
	if (got < 0)
		return got;
	if (from != NULL && from_len != NULL)
		memcpy(from, &who, *from_len < sizeof(who) ? *from_len : sizeof(who));
	size_t full = complete_bare_error(ch, p, (size_t)got, len);
	if (!is_expected(ch, p, full))
		ch->ignored++;
	ch->datagram = (struct slice){ p, full };
	return (ares_ssize_t)full;
}

/* The socket address of the server; returns its length. */
static socklen_t server_address(const struct dns_channel *ch, struct sockaddr_storage *to)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	if (ch->to.family == AF_INET6) {
		v6.sin6_port = htons((uint16_t)ch->to.udp_port);
		memcpy(&v6.sin6_addr, &ch->to.addr, sizeof(v6.sin6_addr));
		memcpy(to, &v6, sizeof(v6));
		return sizeof(v6);
	}
	v4.sin_port = htons((uint16_t)ch->to.udp_port);
	memcpy(&v4.sin_addr, &ch->to.addr, sizeof(v4.sin_addr));
	memcpy(to, &v4, sizeof(v4));
	return sizeof(v4);
}

/* writev without SIGPIPE. A datagram is one part, for which the kernel may have no room: that
 * is a lost datagram, and no failure. What a stream does not take at once c-ares hands in
 * again. */
static ares_ssize_t transmit(ares_socket_t fd, const struct iovec *parts, int n, void *ctx)
{
	struct dns_channel *ch = ctx;
	struct iovec some[PARTS_MAX];
	struct sockaddr_storage to;
	struct msghdr m = { .msg_iov = some, .msg_iovlen = n < PARTS_MAX ? (size_t)n : PARTS_MAX };
	memcpy(some, parts, m.msg_iovlen * sizeof(*some));
	if (!ch->tcp) {
		m.msg_namelen = server_address(ch, &to);
		m.msg_name = &to;
	}
	ssize_t sent = sendmsg(fd, &m, MSG_NOSIGNAL);
	if (sent >= 0 || ch->tcp)
		return sent;
	if (errno == EAGAIN || errno == ENOBUFS || errno == EPERM)
		return (ares_ssize_t)some[0].iov_len;
	note_error(ch, errno);
	return -1;
}

static const struct ares_socket_functions socket_functions = {
	.asocket = open_socket,
	.aclose = close_socket,
	.aconnect = connect_socket,
	.arecvfrom = receive,
	.asendv = transmit,
};

/* c-ares tells what it waits for. One server and one transport: never more than one socket. */
static void on_socket_state(void *ctx, ares_socket_t fd, int readable, int writable)
{
	struct dns_channel *ch = ctx;
	uint32_t events = (readable ? (uint32_t)EPOLLIN : 0) | (writable ? (uint32_t)EPOLLOUT : 0);
	struct epoll_event ev = { .events = events, .data.ptr = ch };
	bool wanted = events != 0;
	if (wanted)
		(void)epoll_ctl(ch->epoll_fd, ch->in_epoll ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd,
				&ev);
	else if (ch->in_epoll)
		(void)epoll_ctl(ch->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	ch->in_epoll = wanted;
	ch->fd = wanted ? fd : -1;
}

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

bool dns_channel_address_ok(const char *address)
{
	struct ares_addr_port_node node;
	return read_address(&(struct dns_channel_opts){ .address = address, .port = 1 }, &node);
}

/* IGNTC and NOCHECKRESP: truncation and rcodes come to us, and are not acted upon behind our
 * back. The server in the options is a placeholder, for they take no IPv6 address and no port;
 * ares_set_servers_ports puts the right one in. */
static int open_ares(struct dns_channel *ch, const struct dns_channel_opts *opts)
{
	char lookups[] = "b"; /* servers only, no hosts file; copied by c-ares */
	struct in_addr nobody = { 0 };
	struct ares_options o = {
		.flags = ARES_FLAG_IGNTC | ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH |
			 ARES_FLAG_NOALIASES | (opts->tcp ? ARES_FLAG_USEVC : ARES_FLAG_STAYOPEN),
		.timeout = opts->keep_ms,
		.tries = 1,
		.ndots = 1,
		.servers = &nobody,
		.nservers = 1,
		.lookups = lookups,
		.sock_state_cb = on_socket_state,
		.sock_state_cb_data = ch,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
		   ARES_OPT_SERVERS | ARES_OPT_DOMAINS | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
	if (!read_address(opts, &ch->to) || ares_init_options(&ch->ares, &o, mask) != ARES_SUCCESS)
		return -1;
	ares_set_socket_functions(ch->ares, &socket_functions, ch);
	return ares_set_servers_ports(ch->ares, &ch->to) == ARES_SUCCESS ? 0 : -1;
}

struct dns_channel *dns_channel_new(const struct dns_channel_opts *opts, struct err *e)
{
	struct dns_channel *ch = mem_alloc(sizeof(*ch));
	ch->tcp = opts->tcp;
	ch->epoll_fd = opts->epoll_fd;
	ch->fd = -1;
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

/* c-ares knows "connection refused" only; the socket functions have seen the errno. */
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

/* `s` is in its bucket: it was put there by dns_channel_send and leaves it only here. */
static void unlink_sending(struct sending *s)
{
	struct sending **at = &s->ch->by_id[s->id % ID_BUCKETS];
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
}

/* c-ares took it for our question, so it differs in case at most. */
static bool is_case_changed(const struct sending *s, struct slice got)
{
	return got.ptr != NULL && got.len >= HEADER_LEN + s->question_len &&
	       memcmp(got.ptr + HEADER_LEN, s->question, s->question_len) != 0;
}

/* c-ares clips datagrams to 512 octets unless it does EDNS itself, which it then also undoes by
 * itself. It hands on the buffer that we have filled, so the rest is still there. */
static size_t whole_len(const struct dns_channel *ch, const void *bytes, int len)
{
	size_t clipped = bytes != NULL && len > 0 ? (size_t)len : 0;
	bool same = clipped > 0 && !ch->tcp && bytes == ch->datagram.ptr;
	return same && ch->datagram.len > clipped ? ch->datagram.len : clipped;
}

/* Unlinked before the callback: whatever that does, this send is over. */
static void on_done(void *arg, int status, int timeouts, unsigned char *bytes, int len)
{
	(void)timeouts;
	struct sending *s = arg;
	void *at = bytes;
	struct channel_got got = { .result = result_of(s->ch, status) };
	got.bytes = (struct slice){ at, whole_len(s->ch, at, len) };
	got.case_changed = got.result == CHANNEL_BYTES && is_case_changed(s, got.bytes);
	unlink_sending(s);
	s->fn(s->ctx, &got);
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
	struct sending **bucket = &ch->by_id[packet_id(packet.ptr) % ID_BUCKETS];
	*s = (struct sending){ .ch = ch, .id = packet_id(packet.ptr), .fn = fn, .ctx = ctx };
	keep_question(s, packet);
	s->next = *bucket;
	*bucket = s;
	ares_send(ch->ares, (const unsigned char *)packet.ptr, (int)packet.len, on_done, s);
}

void dns_channel_cancel(struct dns_channel *ch)
{
	ares_cancel(ch->ares);
}

void dns_channel_process(struct dns_channel *ch, uint32_t events)
{
	bool in = (events & (uint32_t)(EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
	bool out = (events & (uint32_t)EPOLLOUT) != 0;
	if (ch->fd < 0)
		return;
	ares_process_fd(ch->ares, in ? ch->fd : ARES_SOCKET_BAD, out ? ch->fd : ARES_SOCKET_BAD);
	/* An error that a send has reported stays in the queue, and epoll would never rest. */
	if ((events & (uint32_t)EPOLLERR) != 0 && ch->fd >= 0 && !ch->tcp)
		(void)drain_errors(ch->fd);
}

unsigned dns_channel_ignored(const struct dns_channel *ch)
{
	return ch->ignored;
}

unsigned dns_channel_strangers(const struct dns_channel *ch)
{
	return ch->strangers;
}
