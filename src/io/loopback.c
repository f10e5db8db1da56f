/*
 * Only 127.0.0.1, and only what a browser sends for a redirect: the head of a GET, bounded. Any
 * program of this machine may connect; the answer is judged by its state and code, not by who
 * brings it.
 */
#include "io/loopback.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"

enum { HEAD_MAX = 16 * 1024, SILENCE_MS = 5000, BACKLOG = 8 };

struct loopback {
	int fd;
	int client; /* -1: none */
	uint16_t port;
};

static int bind_to(int fd, uint16_t port, uint16_t *port_r)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	if (bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, BACKLOG) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		return -1;
	*port_r = ntohs(at.sin_port);
	return 0;
}

int loopback_open(uint16_t port, struct loopback **loopback_r, struct err *e)
{
	int on = 1;
	uint16_t bound = 0;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* A second login within a minute finds the port in TIME_WAIT. */
	if (fd >= 0 && port != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind_to(fd, port, &bound) != 0) {
		err_errno(e, ERR_USAGE, "listening on 127.0.0.1:%u for the browser", port);
		err_hint(e, "choose another auth.redirect_port, or 0 for any that is free");
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	*loopback_r = mem_alloc(sizeof(**loopback_r));
	**loopback_r = (struct loopback){ .fd = fd, .client = -1, .port = bound };
	return 0;
}

static void drop_client(struct loopback *l)
{
	if (l->client >= 0)
		(void)close(l->client);
	l->client = -1;
}

void loopback_close(struct loopback *l)
{
	if (l == NULL)
		return;
	drop_client(l);
	(void)close(l->fd);
	free(l);
}

uint16_t loopback_port(const struct loopback *l)
{
	return l->port;
}

/* 1: readable, 0: the deadline passed, -1: cancelled. */
static int wait_fd(int fd, int64_t deadline_ms, const struct loopback_wait *w, struct err *e)
{
	for (;;) {
		struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
					{ .fd = cancel_fd(w->cancel), .events = POLLIN } };
		int64_t left = deadline_ms - clock_mono_ms(w->clock);
		int n = poll(fds, 2, left <= 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left);
		if (cancel_check(w->cancel, e) != 0)
			return -1;
		if (n >= 0)
			return fds[0].revents != 0;
		if (errno != EINTR)
			return err_errno(e, ERR_WORLD, "waiting for the browser");
	}
}

/* 1: the head is whole, 0: this client is not worth waiting for, -1. */
static int read_head(struct loopback *l, const struct loopback_wait *w, struct buf *head,
		     struct err *e)
{
	int64_t deadline = clock_mono_ms(w->clock) + SILENCE_MS;
	while (strstr(head->at, "\r\n\r\n") == NULL) {
		int ready = wait_fd(l->client, deadline, w, e);
		if (ready <= 0)
			return ready;
		char *to = buf_reserve(head, HEAD_MAX + 1);
		ssize_t n = recv(l->client, to, HEAD_MAX - head->len, 0);
		if (n <= 0)
			return 0; /* also when there is no room left */
		buf_added(head, (size_t)n);
		if (memchr(head->at, '\0', head->len) != NULL)
			return 0;
	}
	return 1;
}

/* "GET TARGET HTTP/1.1" */
static bool take_target(const struct buf *head, struct buf *target)
{
	struct slice rest = buf_slice(head);
	struct slice line = slice_until(&rest, '\r');
	struct slice method = slice_until(&line, ' ');
	struct slice what = slice_until(&line, ' ');
	if (!slice_eq(method, SLICE_LIT("GET")) || what.len == 0 ||
	    !slice_starts_nocase(line, SLICE_LIT("HTTP/")))
		return false;
	buf_add(target, what.ptr, what.len);
	return true;
}

/* The head may hold a code: it is wiped. */
static int take_client(struct loopback *l, const struct loopback_wait *w, struct buf *target,
		       struct err *e)
{
	struct buf head;
	buf_init(&head);
	(void)buf_reserve(&head, 2 * HEAD_MAX + 2);
	int rc = read_head(l, w, &head, e);
	if (rc == 1 && !take_target(&head, target))
		rc = 0;
	explicit_bzero(head.at, head.cap);
	buf_release(&head);
	if (rc != 1)
		drop_client(l);
	return rc;
}

int loopback_take(struct loopback *l, const struct loopback_wait *w, struct buf *target,
		  struct err *e)
{
	drop_client(l);
	buf_clear(target);
	for (;;) {
		int rc = wait_fd(l->fd, w->mono_deadline_ms, w, e);
		if (rc <= 0)
			return rc;
		l->client = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (l->client < 0)
			continue; /* gone again */
		rc = take_client(l, w, target, e);
		if (rc != 0)
			return rc;
	}
}

void loopback_answer(struct loopback *l, int status, const char *text)
{
	struct buf page;
	buf_init(&page);
	buf_addf(&page,
		 "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
		 "Content-Length: %zu\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n%s",
		 status, status == 200 ? "OK" : "Not Found", strlen(text), text);
	/* A page that does not fit into an empty socket's buffer is none of ours. */
	(void)send(l->client, page.at, page.len, MSG_NOSIGNAL);
	(void)shutdown(l->client, SHUT_WR);
	buf_release(&page);
	drop_client(l);
}
