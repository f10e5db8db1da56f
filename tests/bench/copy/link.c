/*
 * OpenSSL over a socket that never blocks. Partial writes from a moving buffer are allowed, for
 * the queue of what is to be said is compacted between two tries.
 */
#include "link.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { INPUT_MAX = 256 * 1024, SILENCE_MS = 60000, IMAPS_PORT = 993 };

struct link {
	const char *host;
	int fd;
	SSL_CTX *ctx;
	SSL *ssl;
	char in[INPUT_MAX + 1];
	size_t in_at, in_end;
	char *out;
	size_t out_at, out_end, out_room;
};

void die(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	(void)fputs("driver: ", stderr);
	(void)vfprintf(stderr, format, args);
	(void)fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static int connected(const struct link_opts *opts)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(IMAPS_PORT) };
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || inet_pton(AF_INET, opts->address, &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		die("%s: cannot connect to %s", opts->host, opts->address);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

struct link *link_open(const struct link_opts *opts)
{
	struct link *l = calloc(1, sizeof(*l));
	if (l == NULL)
		die("out of memory");
	l->host = opts->host;
	l->fd = connected(opts);
	l->ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_verify(l->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(l->ctx,
			 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (SSL_CTX_load_verify_locations(l->ctx, opts->ca_file, NULL) != 1)
		die("%s: no certificates in '%s'", l->host, opts->ca_file);
	l->ssl = SSL_new(l->ctx);
	if (SSL_set1_host(l->ssl, l->host) != 1 || SSL_set_tlsext_host_name(l->ssl, l->host) != 1 ||
	    SSL_set_fd(l->ssl, l->fd) != 1 || SSL_connect(l->ssl) != 1)
		die("%s: TLS: %s", l->host, ERR_error_string(ERR_get_error(), NULL));
	(void)fcntl(l->fd, F_SETFL, O_NONBLOCK);
	return l;
}

void link_close(struct link *l)
{
	SSL_free(l->ssl);
	SSL_CTX_free(l->ctx);
	close(l->fd);
	free(l->out);
	free(l);
}

size_t link_waiting(const struct link *l)
{
	return l->out_end - l->out_at;
}

static void make_room(struct link *l, size_t len)
{
	size_t waiting = link_waiting(l);
	if (l->out_end + len <= l->out_room)
		return;
	if (waiting > 0)
		memmove(l->out, l->out + l->out_at, waiting);
	l->out_at = 0;
	l->out_end = waiting;
	if (waiting + len <= l->out_room)
		return;
	l->out_room = 2 * (waiting + len);
	l->out = realloc(l->out, l->out_room);
	if (l->out == NULL)
		die("out of memory");
}

void link_say(struct link *l, const char *bytes, size_t len)
{
	make_room(l, len);
	memcpy(l->out + l->out_end, bytes, len);
	l->out_end += len;
}

void link_sayf(struct link *l, const char *format, ...)
{
	char text[4096];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(text))
		die("a command of %d bytes", n);
	link_say(l, text, (size_t)n);
}

/* Would block, or the connection is over. */
static bool blocked(struct link *l, int rc)
{
	int why = SSL_get_error(l->ssl, rc);
	if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
		die("%s: the connection ended", l->host);
	return true;
}

bool link_flush(struct link *l)
{
	bool any = false;
	while (link_waiting(l) > 0) {
		int n = SSL_write(l->ssl, l->out + l->out_at, (int)link_waiting(l));
		if (n <= 0 && blocked(l, n))
			break;
		l->out_at += (size_t)n;
		any = true;
	}
	return any;
}

bool link_fill(struct link *l)
{
	bool any = false;
	if (l->in_at > 0) {
		memmove(l->in, l->in + l->in_at, l->in_end - l->in_at);
		l->in_end -= l->in_at;
		l->in_at = 0;
	}
	while (l->in_end < INPUT_MAX) {
		int n = SSL_read(l->ssl, l->in + l->in_end, (int)(INPUT_MAX - l->in_end));
		if (n <= 0 && blocked(l, n))
			break;
		l->in_end += (size_t)n;
		any = true;
	}
	return any;
}

static struct pollfd wants(struct link *l, bool want_read)
{
	int events = (want_read ? POLLIN : 0) | (link_waiting(l) > 0 ? POLLOUT : 0);
	return (struct pollfd){ .fd = l->fd, .events = (short)events };
}

void link_wait(struct link *a, bool read_a, struct link *b, bool read_b)
{
	struct pollfd fds[2] = { wants(a, read_a), wants(b, read_b) };
	if ((read_a && SSL_pending(a->ssl) > 0) || (read_b && SSL_pending(b->ssl) > 0))
		return;
	if (poll(fds, 2, SILENCE_MS) == 0)
		die("nobody said anything for %d s", SILENCE_MS / 1000);
}

char *link_line(struct link *l)
{
	char *line = l->in + l->in_at;
	char *end = memchr(line, '\n', l->in_end - l->in_at);
	if (end == NULL) {
		if (l->in_end - l->in_at == INPUT_MAX)
			die("%s: a line of %d bytes", l->host, INPUT_MAX);
		return NULL;
	}
	l->in_at += (size_t)(end - line) + 1;
	if (end > line && end[-1] == '\r')
		end--;
	*end = '\0';
	return line;
}

size_t link_bytes(struct link *l, size_t most, const char **at_r)
{
	size_t n = l->in_end - l->in_at;
	if (n > most)
		n = most;
	*at_r = l->in + l->in_at;
	l->in_at += n;
	return n;
}
