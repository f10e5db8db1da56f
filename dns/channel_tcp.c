/*
 * A stream to one address, by c-ares. No configuration of the machine is read: every option
 * that c-ares would look up is given. Its sockets are opened by our own functions, so that "no
 * route" is told apart from "refused".
 */
#include <ares.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "dns/channel_priv.h"

enum { PARTS_MAX = 8 };

bool channel_tcp_library(bool begin)
{
	if (begin)
		return ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
	ares_library_cleanup();
	return true;
}

/* As c-ares would, plus CLOEXEC: a password command must not inherit it. */
static ares_socket_t open_socket(int domain, int type, int protocol, void *ctx)
{
	struct dns_channel *ch = ctx;
	int fd = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	ch->no_socket = fd < 0 && channel_no_socket(errno);
	ch->no_route = fd < 0 && !ch->no_socket;
	return fd;
}

/* What open_socket made is ours to close. */
static int close_socket(ares_socket_t fd, void *ctx)
{
	(void)ctx;
	return close(fd);
}

static int connect_socket(ares_socket_t fd, const struct sockaddr *to, ares_socklen_t len,
			  void *ctx)
{
	struct dns_channel *ch = ctx;
	int rc = connect(fd, to, len);
	ch->no_route = rc != 0 && errno != EINPROGRESS && channel_no_way(errno);
	return rc;
}

/* Some servers write an answer only when the one before is acknowledged (Nagle), which we would
 * do 40 ms later. The kernel forgets the wish after a while, so it is told each time. */
static void acknowledge_at_once(ares_socket_t fd)
{
	int yes = 1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof(yes));
}

static ares_ssize_t receive(ares_socket_t fd, void *p, size_t len, int flags, struct sockaddr *from,
			    ares_socklen_t *from_len, void *ctx)
{
	(void)ctx;
	ares_ssize_t n = recvfrom(fd, p, len, flags, from, from_len);
	acknowledge_at_once(fd);
	return n;
}

/* writev without SIGPIPE. What the stream does not take at once c-ares hands in again. */
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

/* c-ares tells what it waits for. One server: never more than one socket. */
static void on_socket_state(void *ctx, ares_socket_t fd, int readable, int writable)
{
	struct dns_channel *ch = ctx;
	uint32_t events = (readable ? (uint32_t)EPOLLIN : 0) | (writable ? (uint32_t)EPOLLOUT : 0);
	struct epoll_event ev = { .events = events, .data.ptr = ch };
	bool wanted = events != 0;
	int change = ch->in_epoll ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	if (wanted)
		(void)epoll_ctl(ch->all->epoll_fd, change, fd, &ev);
	else if (ch->in_epoll)
		(void)epoll_ctl(ch->all->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	ch->in_epoll = wanted;
	ch->fd = wanted ? fd : -1;
}

/* As c-ares wants it. */
static struct ares_addr_port_node node_of(const struct dns_channel *ch)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct ares_addr_port_node node = { .family = ch->to.ss_family };
	if (node.family == AF_INET6) {
		memcpy(&v6, &ch->to, sizeof(v6));
		memcpy(&node.addr.addr6, &v6.sin6_addr, sizeof(v6.sin6_addr));
		node.tcp_port = node.udp_port = ntohs(v6.sin6_port);
	} else {
		memcpy(&v4, &ch->to, sizeof(v4));
		node.addr.addr4 = v4.sin_addr;
		node.tcp_port = node.udp_port = ntohs(v4.sin_port);
	}
	return node;
}

/* NOCHECKRESP: rcodes come to us, and are not acted upon behind our back. The server in the
 * options is a placeholder, for they take no IPv6 address and no port; ares_set_servers_ports
 * puts the right one in. */
int channel_tcp_open(struct dns_channel *ch, const struct dns_channel_opts *opts)
{
	char lookups[] = "b"; /* servers only, no hosts file; copied by c-ares */
	struct in_addr nobody = { 0 };
	struct ares_addr_port_node node = node_of(ch);
	ares_channel ares;
	struct ares_options o = {
		.flags = ARES_FLAG_IGNTC | ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH |
			 ARES_FLAG_NOALIASES | ARES_FLAG_USEVC,
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
	if (ares_init_options(&ares, &o, mask) != ARES_SUCCESS)
		return -1;
	ch->ares = ares;
	ares_set_socket_functions(ares, &socket_functions, ch);
	return ares_set_servers_ports(ares, &node) == ARES_SUCCESS ? 0 : -1;
}

void channel_tcp_close(struct dns_channel *ch)
{
	if (ch->ares != NULL)
		ares_destroy(ch->ares);
}

/* c-ares knows "connection refused" only; the socket functions have seen the errno. */
static enum channel_result result_of(const struct dns_channel *ch, int status)
{
	switch (status) {
	case ARES_SUCCESS: return CHANNEL_BYTES;
	case ARES_ETIMEOUT: return CHANNEL_SILENT;
	case ARES_ECANCELLED: /* fall through */
	case ARES_EDESTRUCTION: return CHANNEL_CANCELLED;
	default: break;
	}
	if (ch->no_socket)
		return CHANNEL_NO_SOCKET;
	return ch->no_route ? CHANNEL_NO_ROUTE : CHANNEL_REFUSED;
}

static void on_done(void *arg, int status, int timeouts, unsigned char *bytes, int len)
{
	(void)timeouts;
	struct sending *s = arg;
	void *at = bytes;
	struct slice got = { at, bytes != NULL && len > 0 ? (size_t)len : 0 };
	sending_end(s, result_of(s->ch, status), got);
}

void channel_tcp_send(struct dns_channel *ch, struct sending *s)
{
	ares_send(ch->ares, (const unsigned char *)s->packet, (int)s->len, on_done, s);
}

void channel_tcp_cancel(struct dns_channel *ch)
{
	ares_cancel(ch->ares);
}

void channel_tcp_process(struct dns_channel *ch, uint32_t events)
{
	bool in = (events & (uint32_t)(EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
	bool out = (events & (uint32_t)EPOLLOUT) != 0;
	ares_process_fd(ch->ares, in ? ch->fd : ARES_SOCKET_BAD, out ? ch->fd : ARES_SOCKET_BAD);
}
