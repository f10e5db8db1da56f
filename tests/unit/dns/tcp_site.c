#include "tcp_site.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ldns/ldns.h>

#include "base/vec.h"

enum { REFUSED = 5, CONNECTIONS_MAX = 64 };

struct connection {
	struct tcp_site *site;
	int fd;
	pthread_t thread;
};

struct tcp_site {
	struct arena *a;
	struct tcp_site_opts opts;
	int fd, stop[2];
	VEC(const char *) lines;
	size_t n;
	struct connection at[CONNECTIONS_MAX];
	pthread_t thread;
};

static bool read_all(int fd, unsigned char *to, size_t len)
{
	for (size_t got = 0; got < len;) {
		ssize_t n = recv(fd, to + got, len - got, 0);
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

/* True when the other end of `stop` was written to; else `fd` has something. */
static bool is_over(const struct tcp_site *s, int fd)
{
	struct pollfd fds[2] = { { .fd = s->stop[0], .events = POLLIN },
				 { .fd = fd, .events = POLLIN } };
	(void)poll(fds, 2, -1);
	return fds[0].revents != 0;
}

static void push(ldns_pkt *p, const char *line)
{
	ldns_rr *rr = NULL;
	if (ldns_rr_new_frm_str(&rr, line, 60, NULL, NULL) != LDNS_STATUS_OK)
		abort();
	(void)ldns_pkt_push_rr(p, LDNS_SECTION_ANSWER, rr);
}

/* One message, which is freed. False when nobody listens any more. */
static bool send_message(int fd, ldns_pkt *p)
{
	uint8_t *out = NULL;
	size_t len = 0;
	if (ldns_pkt2wire(&out, p, &len) != LDNS_STATUS_OK)
		abort();
	unsigned char size[2] = { (unsigned char)(len >> 8), (unsigned char)(len & 255) };
	bool sent = send(fd, size, 2, MSG_NOSIGNAL) == 2 &&
		    send(fd, out, len, MSG_NOSIGNAL) == (ssize_t)len;
	LDNS_FREE(out);
	ldns_pkt_free(p);
	return sent;
}

static ldns_pkt *reply_to(const ldns_pkt *query)
{
	ldns_pkt *p = ldns_pkt_clone(query);
	ldns_pkt_set_qr(p, true);
	ldns_pkt_set_aa(p, true);
	return p;
}

/* Records number `from` to the end. */
static bool send_records(const struct tcp_site *s, int fd, const ldns_pkt *query, size_t from)
{
	for (size_t i = from; i < s->lines.n;) {
		ldns_pkt *p = reply_to(query);
		for (unsigned k = 0; k < s->opts.per_message && i < s->lines.n; k++)
			push(p, s->lines.at[i++]);
		if (s->opts.way == SITE_WHOLE && i == s->lines.n)
			push(p, s->lines.at[0]);
		if (s->opts.way == SITE_STRANGE && from == 0)
			ldns_pkt_set_id(p, (uint16_t)(ldns_pkt_id(p) + 1));
		if (!send_message(fd, p))
			return false;
	}
	return true;
}

/* False: the connection shall be closed. */
static bool transfer(const struct tcp_site *s, int fd, const ldns_pkt *query)
{
	if (s->opts.way == SITE_REFUSES) {
		ldns_pkt *p = reply_to(query);
		ldns_pkt_set_rcode(p, REFUSED);
		return send_message(fd, p);
	}
	bool sent = send_records(s, fd, query, 0);
	while (sent && s->opts.way == SITE_ENDLESS)
		sent = send_records(s, fd, query, 1);
	if (s->opts.way == SITE_RUBBISH)
		(void)!send(fd, "\0\5rubbish", 9, MSG_NOSIGNAL);
	return sent && s->opts.way != SITE_STOPS;
}

static bool answer(const struct tcp_site *s, int fd)
{
	unsigned char head[2], in[2048];
	ldns_pkt *query = NULL;
	if (!read_all(fd, head, 2))
		return false;
	size_t len = (size_t)(head[0] << 8 | head[1]);
	if (len > sizeof(in) || !read_all(fd, in, len) ||
	    ldns_wire2pkt(&query, in, len) != LDNS_STATUS_OK)
		return false;
	bool goes_on = true;
	if (ldns_rr_get_type(ldns_rr_list_rr(ldns_pkt_question(query), 0)) == LDNS_RR_TYPE_AXFR) {
		goes_on = transfer(s, fd, query);
	} else {
		ldns_pkt *p = reply_to(query);
		push(p, s->lines.at[0]);
		goes_on = send_message(fd, p);
	}
	ldns_pkt_free(query);
	return goes_on;
}

static void *converse(void *ctx)
{
	const struct connection *c = ctx;
	while (!is_over(c->site, c->fd) && answer(c->site, c->fd))
		;
	close(c->fd);
	return NULL;
}

static void *serve(void *ctx)
{
	struct tcp_site *s = ctx;
	while (s->n < CONNECTIONS_MAX && !is_over(s, s->fd)) {
		struct connection *c = &s->at[s->n];
		*c = (struct connection){ .site = s, .fd = accept(s->fd, NULL, NULL) };
		if (c->fd >= 0 && pthread_create(&c->thread, NULL, converse, c) == 0)
			s->n++;
	}
	return NULL;
}

struct tcp_site *tcp_site_start(const struct tcp_site_opts *opts)
{
	struct tcp_site *s = mem_alloc(sizeof(*s));
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(opts->port) };
	struct slice rest = slice_str(opts->text);
	int on = 1;
	s->a = arena_new();
	s->opts = *opts;
	while (rest.len > 0)
		*vec_push(s->a, &s->lines) = arena_slice(s->a, slice_until(&rest, '\n'));
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	(void)inet_pton(AF_INET, opts->address, &at.sin_addr);
	(void)setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(s->fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(s->fd, 8) != 0 ||
	    pipe(s->stop) != 0 || pthread_create(&s->thread, NULL, serve, s) != 0)
		abort();
	return s;
}

void tcp_site_stop(struct tcp_site *s)
{
	if (s == NULL)
		return;
	(void)!write(s->stop[1], "x", 1);
	(void)pthread_join(s->thread, NULL);
	for (size_t i = 0; i < s->n; i++)
		(void)pthread_join(s->at[i].thread, NULL);
	close(s->fd);
	close(s->stop[0]);
	close(s->stop[1]);
	arena_free(s->a);
	free(s);
}
