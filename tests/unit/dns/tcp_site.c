#include "tcp_site.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ldns/ldns.h>

#include "base/arena.h"

enum { REFUSED = 5 };

struct tcp_site {
	int fd, stop[2];
	const char *text;
	unsigned how_many;
	pthread_t thread;
};

static bool read_all(int fd, unsigned char *to, size_t len)
{
	for (size_t got = 0; got < len;) {
		ssize_t n = read(fd, to + got, len - got);
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

/* The SOA alone, or the first records. */
static void fill(const struct tcp_site *s, ldns_pkt *p, bool transfer)
{
	struct slice rest = slice_str(s->text);
	unsigned most = transfer ? s->how_many : 1;
	if (most == 0)
		ldns_pkt_set_rcode(p, REFUSED);
	struct arena *a = arena_new();
	for (unsigned i = 0; i < most && rest.len > 0; i++) {
		ldns_rr *rr = NULL;
		const char *line = arena_slice(a, slice_until(&rest, '\n'));
		if (ldns_rr_new_frm_str(&rr, line, 60, NULL, NULL) != LDNS_STATUS_OK)
			abort();
		(void)ldns_pkt_push_rr(p, LDNS_SECTION_ANSWER, rr);
	}
	arena_free(a);
}

static bool answer(const struct tcp_site *s, int fd)
{
	unsigned char head[2], in[2048];
	ldns_pkt *p = NULL;
	uint8_t *out = NULL;
	size_t out_len = 0;
	if (!read_all(fd, head, 2))
		return false;
	size_t len = (size_t)(head[0] << 8 | head[1]);
	if (len > sizeof(in) || !read_all(fd, in, len) ||
	    ldns_wire2pkt(&p, in, len) != LDNS_STATUS_OK)
		return false;
	ldns_pkt_set_qr(p, true);
	ldns_pkt_set_aa(p, true);
	fill(s, p, ldns_rr_get_type(ldns_rr_list_rr(ldns_pkt_question(p), 0)) == LDNS_RR_TYPE_AXFR);
	if (ldns_pkt2wire(&out, p, &out_len) != LDNS_STATUS_OK)
		abort();
	unsigned char size[2] = { (unsigned char)(out_len >> 8), (unsigned char)(out_len & 255) };
	bool sent = write(fd, size, 2) == 2 && write(fd, out, out_len) == (ssize_t)out_len;
	LDNS_FREE(out);
	ldns_pkt_free(p);
	return sent;
}

/* True when the other end of `stop` was written to; else `fd` has something. */
static bool is_over(const struct tcp_site *s, int fd)
{
	struct pollfd fds[2] = { { .fd = s->stop[0], .events = POLLIN },
				 { .fd = fd, .events = POLLIN } };
	(void)poll(fds, 2, -1);
	return fds[0].revents != 0;
}

static void *serve(void *ctx)
{
	const struct tcp_site *s = ctx;
	while (!is_over(s, s->fd)) {
		int fd = accept(s->fd, NULL, NULL);
		while (fd >= 0 && !is_over(s, fd) && answer(s, fd))
			;
		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

struct tcp_site *tcp_site_start(const char *address, uint16_t port, const char *text,
				unsigned how_many)
{
	struct tcp_site *s = mem_alloc(sizeof(*s));
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	int on = 1;
	s->text = text;
	s->how_many = how_many;
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	(void)inet_pton(AF_INET, address, &at.sin_addr);
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
	close(s->fd);
	close(s->stop[0]);
	close(s->stop[1]);
	free(s);
}
