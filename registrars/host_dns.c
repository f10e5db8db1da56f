/*
 * DNS over TCP (RFC 7766), one connection an exchange: two octets of length, then the
 * message. The socket is a stream, so that io/wait is the only poll; every step ends by
 * the deadline or the cancel. Until the first octet of the request is taken the failures
 * are ERR_WORLD ("nothing has left"), from then on ERR_RETRY.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/wait.h"
#include "registrars/host.h"

enum { DNS_PORT = 53, MESSAGE_MAX = 65535, SERVER_TEXT_MAX = 80 };

struct conn {
	struct stream stream; /* first: the ops get a pointer to it */
	int fd;
	const char *server; /* as given, for messages */
	const struct host_world *world;
	int64_t deadline_ms;
};

static int conn_fd(const struct stream *s)
{
	return ((const struct conn *)s)->fd;
}

static bool conn_pending(const struct stream *s)
{
	(void)s;
	return false;
}

static const char *conn_name(const struct stream *s)
{
	return ((const struct conn *)s)->server;
}

/* Only waited for: bytes go through the socket below. */
static const struct stream_ops conn_ops = {
	.fd = conn_fd,
	.pending = conn_pending,
	.name = conn_name,
};

/* "#PORT" is optional; 0 is none. */
static bool parse_port(const char *text, uint16_t *port_r)
{
	uint64_t port = DNS_PORT;
	if (text != NULL && (!slice_to_u64(slice_str(text), &port) || port == 0 || port > 65535))
		return false;
	*port_r = (uint16_t)port;
	return true;
}

/* Numbers only: a name would need a resolver, and an answer that could be spoofed. */
static bool parse_address(const char *host, uint16_t port, struct sockaddr_storage *ss,
			  socklen_t *len_r)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
		memcpy(ss, &v4, sizeof(v4));
		*len_r = sizeof(v4);
		return true;
	}
	if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
		memcpy(ss, &v6, sizeof(v6));
		*len_r = sizeof(v6);
		return true;
	}
	return false;
}

static int parse_server(const char *server, struct sockaddr_storage *ss, socklen_t *len_r,
			struct err *e)
{
	char text[SERVER_TEXT_MAX];
	uint16_t port;
	memset(ss, 0, sizeof(*ss));
	str_copy(text, sizeof(text), server);
	char *mark = strchr(text, '#');
	if (mark != NULL)
		*mark++ = '\0';
	if (strlen(server) < sizeof(text) && parse_port(mark, &port) &&
	    parse_address(text, port, ss, len_r))
		return 0;
	(void)err_set(e, ERR_USAGE, "\"%.60s\" is no address of a server", server);
	return err_hint(e, "write it as 192.0.2.1, 192.0.2.1#5353 or 2001:db8::1");
}

int registrar_server_check(const char *server, struct err *e)
{
	struct sockaddr_storage ss;
	socklen_t len = 0;
	return parse_server(server, &ss, &len, e);
}

/* 0 when ready; -1 with `kind` when the deadline passed. */
static int await(struct conn *c, bool write, enum err_kind kind, struct err *e)
{
	struct wait_item item = { .stream = &c->stream, .want_read = !write, .want_write = write };
	int rc = wait_streams(&item, 1, c->world->clock, c->deadline_ms, c->world->cancel, e);
	if (rc < 0)
		return -1;
	if (rc == 1)
		return 0;
	(void)err_set(e, kind, "%s the DNS server %s over TCP: no answer in %d ms",
		      kind == ERR_WORLD ? "connecting to" : "asking", c->server,
		      c->world->timeout_ms);
	return err_hint(e, "is the server up, and is TCP port 53 open between here and there?");
}

/* A connection that is being made shows its result when it becomes writable. */
static int finish_connect(struct conn *c, struct err *e)
{
	int failure = 0;
	socklen_t len = sizeof(failure);
	if (await(c, true, ERR_WORLD, e) != 0)
		return -1;
	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &failure, &len) == 0 && failure == 0)
		return 0;
	errno = failure;
	(void)err_errno(e, ERR_WORLD, "connecting to the DNS server %s over TCP", c->server);
	return err_hint(e, "is the address right, and does the server answer over TCP?");
}

/* Everything in here fails before an octet of the request is out. */
static int conn_open(struct conn *c, struct err *e)
{
	struct sockaddr_storage ss;
	socklen_t len = 0;
	c->fd = -1;
	if (cancel_check(c->world->cancel, e) != 0 || parse_server(c->server, &ss, &len, e) != 0)
		return -1;
	c->fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return err_errno(e, ERR_WORLD, "opening a socket for %s", c->server);
	if (connect(c->fd, (const struct sockaddr *)&ss, len) == 0)
		return 0;
	if (errno == EINPROGRESS)
		return finish_connect(c, e);
	return err_errno(e, ERR_WORLD, "connecting to the DNS server %s over TCP", c->server);
}

static int conn_cut(const struct conn *c, struct err *e)
{
	return err_set(e, ERR_RETRY, "the DNS server %s cut the connection", c->server);
}

static int send_all(struct conn *c, struct slice s, struct err *e)
{
	while (s.len > 0) {
		ssize_t n = send(c->fd, s.ptr, s.len, MSG_NOSIGNAL);
		if (n >= 0) {
			s.ptr += n;
			s.len -= (size_t)n;
		} else if (errno == EAGAIN) {
			if (await(c, true, ERR_RETRY, e) != 0)
				return -1;
		} else if (errno != EINTR) {
			return err_errno(e, ERR_RETRY, "sending to the DNS server %s", c->server);
		}
	}
	return 0;
}

static int recv_all(struct conn *c, char *to, size_t len, struct err *e)
{
	while (len > 0) {
		ssize_t n = recv(c->fd, to, len, 0);
		if (n > 0) {
			to += n;
			len -= (size_t)n;
		} else if (n == 0) {
			return conn_cut(c, e);
		} else if (errno == EAGAIN) {
			if (await(c, false, ERR_RETRY, e) != 0)
				return -1;
		} else if (errno != EINTR) {
			return err_errno(e, ERR_RETRY, "reading from the DNS server %s", c->server);
		}
	}
	return 0;
}

/* Length and message in one write, so that they share a segment (RFC 7766 §8). */
static int send_message(struct conn *c, struct slice message, struct err *e)
{
	struct buf framed;
	if (message.len > MESSAGE_MAX)
		return err_set(e, ERR_USAGE, "a DNS message of %zu octets is too long",
			       message.len);
	buf_init(&framed);
	buf_addc(&framed, (char)(message.len >> 8));
	buf_addc(&framed, (char)(message.len & 0xff));
	buf_add(&framed, message.ptr, message.len);
	int rc = send_all(c, buf_slice(&framed), e);
	buf_release(&framed);
	return rc;
}

static int recv_message(struct conn *c, struct buf *out, struct err *e)
{
	char head[2];
	if (recv_all(c, head, sizeof(head), e) != 0)
		return -1;
	size_t len = (size_t)(unsigned char)head[0] << 8 | (unsigned char)head[1];
	if (recv_all(c, buf_reserve(out, len), len, e) != 0)
		return -1;
	buf_added(out, len);
	return 0;
}

static struct conn conn_on(const struct host_world *w, const char *server)
{
	return (struct conn){
		.stream = { &conn_ops },
		.fd = -1,
		.server = server,
		.world = w,
		.deadline_ms = clock_mono_ms(w->clock) + w->timeout_ms,
	};
}

static void conn_close(struct conn *c)
{
	if (c->fd >= 0)
		close(c->fd);
}

int host_dns_exchange(const struct host_world *w, const char *server, struct slice request,
		      struct buf *reply, struct err *e)
{
	struct conn c = conn_on(w, server);
	int rc = conn_open(&c, e);
	if (rc == 0)
		rc = send_message(&c, request, e);
	if (rc == 0)
		rc = recv_message(&c, reply, e);
	conn_close(&c);
	return rc;
}

/* The deadline is for one message here: a large zone takes its time. */
static int recv_stream(struct conn *c, const struct registrar_sink *sink, struct err *e)
{
	struct buf message;
	int more = 1;
	buf_init(&message);
	while (more == 1) {
		buf_clear(&message);
		c->deadline_ms = clock_mono_ms(c->world->clock) + c->world->timeout_ms;
		more = recv_message(c, &message, e);
		if (more == 0)
			more = sink->each(sink->ctx, buf_slice(&message), e);
	}
	buf_release(&message);
	return more;
}

int host_dns_transfer(const struct host_world *w, const char *server, struct slice request,
		      const struct registrar_sink *sink, struct err *e)
{
	struct conn c = conn_on(w, server);
	int rc = conn_open(&c, e);
	if (rc == 0)
		rc = send_message(&c, request, e);
	if (rc == 0)
		rc = recv_stream(&c, sink, e);
	conn_close(&c);
	return rc;
}
