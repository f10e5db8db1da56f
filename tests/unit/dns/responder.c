#include "responder.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"

enum {
	PACKET_MAX = 2048,
	HEADER = 12,
	OPT_LEN = 11,
	FORMERR = 1,
	FLAG_QR_AA = 0x84,
	FLAG_TC = 0x02,
	SERVFAIL = 2
};

struct packet {
	size_t len;
	unsigned char at[PACKET_MAX];
};

struct responder {
	enum responder_script script;
	int family, udp, other, tcp, stop[2]; /* other: a stranger's socket */
	atomic_uint seen, seen_do, connections;
	char address[64];
	pthread_t thread;
	struct packet *first; /* owned; for ANSWERS_THE_OLD */
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

/* Over the address, by the root, as if by RSA/SHA-256 (RFC 4034 §3.1); no key fits it. */
static void add_signature(struct packet *r)
{
	enum { SIGNATURE_LEN = 512 };
	static const unsigned char record[] = { 0xc0,
						12,
						0,
						46,
						0,
						1,
						0,
						0,
						0,
						60,
						(18 + 1 + SIGNATURE_LEN) >> 8,
						(18 + 1 + SIGNATURE_LEN) & 0xff,
						0,
						1,
						8,
						3,
						0,
						0,
						0,
						60,
						0x70,
						0,
						0,
						0,
						0x60,
						0,
						0,
						0,
						0x12,
						0x34,
						0 };
	memcpy(r->at + r->len, record, sizeof(record));
	r->len += sizeof(record);
	memset(r->at + r->len, 0xa5, SIGNATURE_LEN);
	r->len += SIGNATURE_LEN;
	r->at[7] = 2;
}

/* The query's own, which is its end. */
static void add_opt(const struct packet *q, struct packet *r)
{
	memcpy(r->at + r->len, q->at + q->len - OPT_LEN, OPT_LEN);
	r->len += OPT_LEN;
	r->at[11] = 1;
}

static void shout(struct packet *r)
{
	for (size_t i = HEADER; r->at[i] != 0; i++) {
		if (r->at[i] >= 'a' && r->at[i] <= 'z')
			r->at[i] = (unsigned char)(r->at[i] - ('a' - 'A'));
	}
}

struct peer {
	struct sockaddr_storage at;
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

/* What the script makes of an answer; nothing for a script that only answers. */
static void spoil(const struct responder *s, const struct packet *q, struct packet *r)
{
	bool edns = q->at[11] > 0;
	if (s->script == BREAKS)
		r->len -= 2;
	if (s->script == SIGNS && edns)
		add_signature(r);
	if ((s->script == SPEAKS_EDNS || s->script == SIGNS) && edns)
		add_opt(q, r);
	if (s->script == MANGLES_CASE)
		shout(r);
	if (s->script == BARE_FORMERR && edns) {
		*r = (struct packet){ .len = HEADER };
		memcpy(r->at, q->at, 2);
		r->at[2] = FLAG_QR_AA;
		r->at[3] = FORMERR;
	}
}

static void answer_to(const struct responder *s, const struct packet *q, struct packet *r)
{
	bool cut = s->script == TRUNCATES || s->script == TRUNCATES_ONLY || s->script == KEEPS_TCP;
	bool formerr = s->script == REFUSES_EDNS && q->at[11] > 0;
	reply_head(q, cut ? FLAG_TC : 0, s->script == SAYS_SERVFAIL ? SERVFAIL : formerr, r);
	if (!cut && !formerr && s->script != SAYS_SERVFAIL)
		add_address(r);
	spoil(s, q, r);
}

/* The first question is kept and answered when the third comes. */
static bool is_old_time(const struct responder *s, struct packet *q, unsigned nth)
{
	if (s->script != ANSWERS_THE_OLD)
		return true;
	if (nth == 1)
		*s->first = *q;
	*q = *s->first;
	return nth == 3;
}

static void send_all(const struct responder *s, const struct peer *to, const struct packet *r)
{
	if (s->script == STRANGER_FIRST || s->script == STRANGER_ONLY)
		(void)sendto(s->other, r->at, r->len, 0, (const struct sockaddr *)&to->at, to->len);
	if (s->script == LIES_FIRST || s->script == LIES_ONLY)
		send_lies(s, to, r);
	if (s->script != LIES_ONLY && s->script != STRANGER_ONLY)
		send_to(s, to, r);
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
	if (got < HEADER + 5)
		return;
	q.len = (size_t)got;
	if (edns && (q.at[q.len - 4] & 0x80) != 0)
		(void)atomic_fetch_add(&s->seen_do, 1);
	if (drops(s, edns, nth) || !is_old_time(s, &q, nth))
		return;
	answer_to(s, &q, &r);
	send_all(s, &from, &r);
}

/* One question of a connection; false at its end. */
static bool answer_stream(int fd)
{
	struct packet q = { 0 };
	struct packet r;
	unsigned char head[2];
	if (recv(fd, head, 2, MSG_WAITALL) != 2)
		return false;
	q.len = (size_t)head[0] << 8 | head[1];
	if (q.len > sizeof(q.at) || recv(fd, q.at, q.len, MSG_WAITALL) != (ssize_t)q.len)
		return false;
	reply_head(&q, 0, 0, &r);
	add_address(&r);
	unsigned char len[2] = { (unsigned char)(r.len >> 8), (unsigned char)r.len };
	(void)send(fd, len, 2, MSG_NOSIGNAL | MSG_MORE);
	(void)send(fd, r.at, r.len, MSG_NOSIGNAL);
	return true;
}

static void on_connection(struct responder *s)
{
	int fd = accept(s->tcp, NULL, NULL);
	if (fd < 0)
		return;
	(void)atomic_fetch_add(&s->connections, 1);
	while (answer_stream(fd) && s->script == KEEPS_TCP)
		;
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

/* The loopback address of the family; port 0. */
static struct peer loopback(int family)
{
	struct peer p = { .len = sizeof(struct sockaddr_in) };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (family == AF_INET) {
		memcpy(&p.at, &v4, sizeof(v4));
		return p;
	}
	p.len = sizeof(v6);
	memcpy(&p.at, &v6, sizeof(v6));
	return p;
}

/* The port is in the same place for both families. */
static unsigned port_of(const struct peer *p)
{
	struct sockaddr_in v4;
	memcpy(&v4, &p->at, sizeof(v4));
	return ntohs(v4.sin_port);
}

static int open_bound(const struct responder *s, int type, struct peer *at)
{
	int fd = socket(s->family, type, 0);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&at->at, at->len) == 0 &&
	    getsockname(fd, (struct sockaddr *)&at->at, &at->len) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Both sockets on one free port; another try when somebody has the port for TCP. */
static bool bind_both(struct responder *s)
{
	struct peer elsewhere = loopback(s->family);
	s->other = open_bound(s, SOCK_DGRAM, &elsewhere);
	for (s->tcp = -1; s->other >= 0 && s->tcp < 0;) {
		struct peer at = loopback(s->family);
		s->udp = open_bound(s, SOCK_DGRAM, &at);
		s->tcp = open_bound(s, SOCK_STREAM, &at);
		(void)snprintf(s->address, sizeof(s->address), "%s#%u",
			       s->family == AF_INET ? "127.0.0.1" : "::1", port_of(&at));
		if (s->tcp < 0)
			close(s->udp);
	}
	if (s->other < 0)
		return false;
	if (s->script != TRUNCATES_ONLY) {
		(void)listen(s->tcp, 16);
		return true;
	}
	close(s->tcp);
	s->tcp = -1;
	return true;
}

static struct responder *start(enum responder_script script, int family)
{
	struct responder *s = mem_alloc(sizeof(*s));
	s->script = script;
	s->family = family;
	s->first = mem_alloc(sizeof(*s->first));
	if (!bind_both(s)) {
		free(s->first);
		free(s);
		return NULL;
	}
	if (pipe(s->stop) != 0 || pthread_create(&s->thread, NULL, serve, s) != 0)
		abort();
	return s;
}

struct responder *responder_start(enum responder_script script)
{
	struct responder *s = start(script, AF_INET);
	if (s == NULL)
		abort();
	return s;
}

struct responder *responder_start_v6(enum responder_script script)
{
	return start(script, AF_INET6);
}

void responder_stop(struct responder *s)
{
	(void)!write(s->stop[1], "x", 1);
	(void)pthread_join(s->thread, NULL);
	close(s->udp);
	close(s->other);
	if (s->tcp >= 0)
		close(s->tcp);
	free(s->first);
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

unsigned responder_seen_do(const struct responder *s)
{
	return atomic_load(&s->seen_do);
}

unsigned responder_connections(const struct responder *s)
{
	return atomic_load(&s->connections);
}
