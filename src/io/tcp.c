/*
 * The socket never blocks; io/wait is the only poll. A refused or late connect is certain
 * (ERR_WORLD). From the first send on nothing is: the kernel may have taken bytes that the
 * other side has read, so each failure there is ERR_RETRY, also one of our own poll.
 */
#include "io/tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "io/wait.h"

enum { SERVER_TEXT_MAX = 80 };

struct tcp {
	struct stream stream; /* first: the ops get a pointer to it; only waited for */
	int fd;               /* owned */
	struct tcp_opts opts;
	int64_t deadline_ms;
};

static int tcp_fd(const struct stream *s)
{
	return ((const struct tcp *)s)->fd;
}

/* A plain socket holds nothing back from poll. */
static bool tcp_pending(const struct stream *s)
{
	(void)s;
	return false;
}

static const char *tcp_name(const struct stream *s)
{
	return ((const struct tcp *)s)->opts.server;
}

static const struct stream_ops wait_ops = {
	.fd = tcp_fd,
	.pending = tcp_pending,
	.name = tcp_name,
};

/* The text after '#', or NULL for the default. */
static bool parse_port(const char *text, uint16_t preset, uint16_t *port_r)
{
	uint64_t port = preset;
	if (text != NULL && (!slice_to_u64(slice_str(text), &port) || port == 0 || port > 65535))
		return false;
	*port_r = (uint16_t)port;
	return true;
}

/* IPv4 first: inet_pton takes no port and no scope, so neither form can be mistaken. */
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

/* Copied to a place where '#' can be cut; a longer text is no address anyway. */
static int parse_server(const struct tcp_opts *opts, struct sockaddr_storage *ss, socklen_t *len_r,
			struct err *e)
{
	char text[SERVER_TEXT_MAX];
	uint16_t port;
	memset(ss, 0, sizeof(*ss));
	str_copy(text, sizeof(text), opts->server);
	char *mark = strchr(text, '#');
	if (mark != NULL)
		*mark++ = '\0';
	if (strlen(opts->server) < sizeof(text) && parse_port(mark, opts->port, &port) &&
	    parse_address(text, port, ss, len_r))
		return 0;
	(void)err_set(e, ERR_USAGE, "\"%.60s\" is no address of a server", opts->server);
	return err_hint(e, "write it as 192.0.2.1, 192.0.2.1#5353 or 2001:db8::1");
}

int tcp_server_check(const char *server, struct err *e)
{
	struct sockaddr_storage ss;
	socklen_t len = 0;
	return parse_server(&(struct tcp_opts){ .server = server, .port = 1 }, &ss, &len, e);
}

/* 0 when ready; -1 with `kind` when the deadline passed or there is no waiting. */
static int await(struct tcp *t, bool write, enum err_kind kind, struct err *e)
{
	struct wait_item item = { .stream = &t->stream, .want_read = !write, .want_write = write };
	int rc = wait_streams(&item, 1, t->opts.clock, t->deadline_ms, t->opts.cancel, e);
	if (rc == 1)
		return 0;
	if (rc < 0) {
		e->kind = e->kind == ERR_CANCELLED ? ERR_CANCELLED : kind;
		return -1;
	}
	(void)err_set(e, kind, "%s the %s %s over TCP: no answer in %d ms",
		      kind == ERR_WORLD ? "connecting to" : "asking", t->opts.what, t->opts.server,
		      t->opts.timeout_ms);
	return err_hint(e, "is it up, and is its TCP port open between here and there?");
}

/* Nothing has been sent yet, which is what makes it ERR_WORLD and not ERR_RETRY. */
static int connect_failed(const struct tcp *t, int number, struct err *e)
{
	errno = number;
	(void)err_errno(e, ERR_WORLD, "connecting to the %s %s over TCP", t->opts.what,
			t->opts.server);
	return err_hint(e, "is the address right, and does the server answer over TCP?");
}

/* A connection that is being made shows its result when it becomes writable. */
static int finish_connect(struct tcp *t, struct err *e)
{
	int failure = 0;
	socklen_t len = sizeof(failure);
	if (await(t, true, ERR_WORLD, e) != 0)
		return -1;
	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &failure, &len) != 0)
		failure = errno;
	return failure == 0 ? 0 : connect_failed(t, failure, e);
}

/* Non-blocking from the start, so that the deadline and the cancel hold for connect too. */
static int connect_to(struct tcp *t, struct err *e)
{
	struct sockaddr_storage ss;
	socklen_t len = 0;
	if (cancel_check(t->opts.cancel, e) != 0 || parse_server(&t->opts, &ss, &len, e) != 0)
		return -1;
	t->fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (t->fd < 0)
		return err_errno(e, ERR_WORLD, "opening a socket for %s", t->opts.server);
	if (connect(t->fd, (const struct sockaddr *)&ss, len) == 0)
		return 0;
	return errno == EINPROGRESS ? finish_connect(t, e) : connect_failed(t, errno, e);
}

int tcp_dial(const char *server, uint16_t port, struct err *e)
{
	struct sockaddr_storage ss;
	socklen_t len = 0;
	if (parse_server(&(struct tcp_opts){ .server = server, .port = port }, &ss, &len, e) != 0)
		return -1;
	int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(e, ERR_WORLD, "opening a socket for %s", server);
	if (connect(fd, (const struct sockaddr *)&ss, len) == 0 || errno == EINPROGRESS)
		return fd;
	(void)err_errno(e, ERR_WORLD, "connecting to %s over TCP", server);
	(void)close(fd);
	return -1;
}

struct tcp *tcp_open(const struct tcp_opts *opts, struct err *e)
{
	struct tcp *t = mem_alloc(sizeof(*t));
	*t = (struct tcp){ .stream = { &wait_ops }, .fd = -1, .opts = *opts };
	tcp_extend(t);
	if (connect_to(t, e) == 0)
		return t;
	tcp_close(t);
	return NULL;
}

void tcp_extend(struct tcp *t)
{
	t->deadline_ms = clock_mono_ms(t->opts.clock) + t->opts.timeout_ms;
}

int tcp_send(struct tcp *t, struct slice bytes, struct err *e)
{
	while (bytes.len > 0) {
		/* MSG_NOSIGNAL: this room cannot know whether somebody ignores SIGPIPE. */
		ssize_t n = send(t->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
		if (n >= 0) {
			bytes.ptr += n;
			bytes.len -= (size_t)n;
		} else if (errno == EAGAIN) {
			if (await(t, true, ERR_RETRY, e) != 0)
				return -1;
		} else if (errno != EINTR) {
			return err_errno(e, ERR_RETRY, "sending to the %s %s", t->opts.what,
					 t->opts.server);
		}
	}
	return 0;
}

int tcp_recv(struct tcp *t, char *to, size_t len, struct err *e)
{
	while (len > 0) {
		ssize_t n = recv(t->fd, to, len, 0);
		if (n > 0) {
			to += n;
			len -= (size_t)n;
		} else if (n == 0) {
			return err_set(e, ERR_RETRY, "the %s %s cut the connection", t->opts.what,
				       t->opts.server);
		} else if (errno == EAGAIN) {
			if (await(t, false, ERR_RETRY, e) != 0)
				return -1;
		} else if (errno != EINTR) {
			return err_errno(e, ERR_RETRY, "reading from the %s %s", t->opts.what,
					 t->opts.server);
		}
	}
	return 0;
}

void tcp_close(struct tcp *t)
{
	if (t == NULL)
		return;
	if (t->fd >= 0)
		close(t->fd);
	free(t);
}
