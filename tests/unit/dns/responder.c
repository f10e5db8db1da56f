#include "responder.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"

enum { PACKET_MAX = 2048, HEADER = 12, FLAG_QR_AA = 0x84, FLAG_TC = 0x02, SERVFAIL = 2 };

struct responder {
	enum responder_script script;
	int udp, tcp, stop[2];
	atomic_uint seen;
	char address[32];
	pthread_t thread;
};

struct packet {
	size_t len;
	unsigned char at[PACKET_MAX];
};

/* The query's header and question, turned round; flags and rcode added. */
static void reply_head(const struct packet *q, unsigned flags, unsigned rcode, struct packet *r)
{
	size_t end = HEADER;
	while (end < q->len && q->at[end] != 0)
		end += 1 + (size_t)q->at[end];
	end += 5;
	*r = (struct packet){ .len = end };
	memcpy(r->at, q->at, end);
	r->at[2] = (unsigned char)(FLAG_QR_AA | flags | (q->at[2] & 1));
	r->at[3] = (unsigned char)rcode;
	r->at[11] = 0; /* no OPT */
}

static void add_address(struct packet *r)
{
	static const unsigned char record[] = {
		0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 1
	};
	memcpy(r->at + r->len, record, sizeof(record));
	r->len += sizeof(record);
	r->at[7] = 1;
}

struct peer {
	struct sockaddr_in at;
	socklen_t len;
};

static void send_to(const struct responder *s, const struct peer *to, const struct packet *r)
{
	(void)sendto(s->udp, r->at, r->len, 0, (const struct sockaddr *)&to->at, to->len);
}

static void send_lies(const struct responder *s, const struct peer *to, const struct packet *honest)
{
	struct packet lie = *honest;
	lie.at[0] ^= 0x55;
	send_to(s, to, &lie);
	lie = *honest;
	lie.at[HEADER + 1] ^= 0x01; /* another letter: another question */
	send_to(s, to, &lie);
}

static bool drops(const struct responder *s, bool edns, unsigned nth)
{
	return s->script == SILENT || (s->script == DROPS_EDNS && edns) ||
	       (s->script == DROPS_FIRST && nth == 1);
}

static void on_datagram(struct responder *s)
{
	struct packet q = { 0 };
	struct packet r;
	struct peer from = { .len = sizeof(from.at) };
	ssize_t got = recvfrom(s->udp, q.at, sizeof(q.at), 0, (struct sockaddr *)&from.at,
			       &from.len);
	unsigned nth = atomic_fetch_add(&s->seen, 1) + 1;
	bool edns = q.at[11] > 0;
	if (got < HEADER + 5 || drops(s, edns, nth))
		return;
	q.len = (size_t)got;
	bool cut = s->script == TRUNCATES || s->script == TRUNCATES_ONLY;
	bool formerr = s->script == REFUSES_EDNS && edns;
	reply_head(&q, cut ? FLAG_TC : 0, s->script == SAYS_SERVFAIL ? SERVFAIL : formerr, &r);
	if (!cut && !formerr && s->script != SAYS_SERVFAIL)
		add_address(&r);
	if (s->script == BREAKS)
		r.len -= 2;
	if (s->script == LIES_FIRST || s->script == LIES_ONLY)
		send_lies(s, &from, &r);
	if (s->script != LIES_ONLY)
		send_to(s, &from, &r);
}

static void on_connection(const struct responder *s)
{
	struct packet q = { 0 };
	struct packet r;
	unsigned char head[2];
	int fd = accept(s->tcp, NULL, NULL);
	if (fd < 0)
		return;
	if (recv(fd, head, 2, MSG_WAITALL) == 2) {
		q.len = (size_t)head[0] << 8 | head[1];
		if (q.len <= sizeof(q.at) && recv(fd, q.at, q.len, MSG_WAITALL) == (ssize_t)q.len) {
			reply_head(&q, 0, 0, &r);
			add_address(&r);
			unsigned char len[2] = { (unsigned char)(r.len >> 8),
						 (unsigned char)r.len };
			(void)send(fd, len, 2, MSG_NOSIGNAL | MSG_MORE);
			(void)send(fd, r.at, r.len, MSG_NOSIGNAL);
		}
	}
	close(fd);
}

static void *serve(void *ctx)
{
	struct responder *s = ctx;
	for (;;) {
		struct pollfd fds[] = { { .fd = s->stop[0], .events = POLLIN },
					{ .fd = s->udp, .events = POLLIN },
					{ .fd = s->tcp, .events = POLLIN } };
		(void)poll(fds, 3, -1);
		if (fds[0].revents != 0)
			return NULL;
		if (fds[1].revents != 0)
			on_datagram(s);
		if (fds[2].revents != 0)
			on_connection(s);
	}
}

/* Both sockets on one free port; another try when somebody has the port for TCP. */
static void bind_both(struct responder *s)
{
	for (;;) {
		struct sockaddr_in at = { .sin_family = AF_INET };
		socklen_t len = sizeof(at);
		at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		s->udp = socket(AF_INET, SOCK_DGRAM, 0);
		s->tcp = socket(AF_INET, SOCK_STREAM, 0);
		(void)bind(s->udp, (struct sockaddr *)&at, sizeof(at));
		(void)getsockname(s->udp, (struct sockaddr *)&at, &len);
		if (bind(s->tcp, (struct sockaddr *)&at, sizeof(at)) == 0) {
			(void)snprintf(s->address, sizeof(s->address), "127.0.0.1#%u",
				       (unsigned)ntohs(at.sin_port));
			break;
		}
		close(s->udp);
		close(s->tcp);
	}
	if (s->script != TRUNCATES_ONLY) {
		(void)listen(s->tcp, 16);
		return;
	}
	close(s->tcp);
	s->tcp = -1;
}

struct responder *responder_start(enum responder_script script)
{
	struct responder *s = mem_alloc(sizeof(*s));
	s->script = script;
	bind_both(s);
	if (pipe(s->stop) != 0 || pthread_create(&s->thread, NULL, serve, s) != 0)
		abort();
	return s;
}

void responder_stop(struct responder *s)
{
	(void)!write(s->stop[1], "x", 1);
	(void)pthread_join(s->thread, NULL);
	close(s->udp);
	if (s->tcp >= 0)
		close(s->tcp);
	close(s->stop[0]);
	close(s->stop[1]);
	free(s);
}

const char *responder_address(const struct responder *s)
{
	return s->address;
}

unsigned responder_seen(const struct responder *s)
{
	return atomic_load(&s->seen);
}
