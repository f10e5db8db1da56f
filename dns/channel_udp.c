/*
 * Datagrams to one address. What is to be sent in a turn goes out by one call, and what has
 * come is read by one: a busy server then answers many while we look at many, instead of the
 * two taking turns at each packet.
 *
 * A datagram is sent once. A question that nobody waits for any more stays known until its time
 * is over, so that its late answer is not taken for a forgery.
 */
#include <errno.h>
#include <linux/errqueue.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "dns/channel_priv.h"

enum {
	SEND_AT_ONCE = 64,
	READS_MAX = 8,    /* calls for one event: others want their turn, too */
	ERRORS_MAX = 256, /* of the error queue, read at once */
	RCODE_FORMERR = 1,
	RCODE_NOTIMP = 4,
};

/* CLOEXEC: a password command must not inherit it. It is never connected, or the kernel would
 * hide strangers' datagrams; so ICMP errors must be asked for. */
static int open_socket(struct dns_channel *ch)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = ch };
	bool v6 = ch->to.ss_family == AF_INET6;
	int on = 1;
	int fd = socket(ch->to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR, &on,
			 sizeof(on));
	(void)epoll_ctl(ch->all->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
	return fd;
}

void channel_udp_close(struct dns_channel *ch)
{
	struct dns_channel **at = &ch->all->out;
	dns_channel_cancel(ch);
	while (*at != NULL && *at != ch)
		at = &(*at)->next_out;
	if (*at == ch)
		*at = ch->next_out;
	if (ch->fd >= 0)
		(void)close(ch->fd); /* which takes it out of the epoll set, too */
}

/* In order of time; and of those to be sent, where it is the last. */
static void link_youngest(struct dns_channel *ch, struct sending *s)
{
	s->older = ch->youngest;
	s->younger = NULL;
	if (ch->youngest != NULL)
		ch->youngest->younger = s;
	else
		ch->oldest = s;
	ch->youngest = s;
}

static void put_out(struct dns_channel *ch, struct sending *s)
{
	s->unsent = true;
	s->next_out = NULL;
	if (ch->out == NULL) {
		ch->next_out = ch->all->out;
		ch->all->out = ch;
		ch->out = s;
	} else {
		ch->out_last->next_out = s;
	}
	ch->out_last = s;
}

/* Rare but for the first: what is sent leaves from the front. */
static void take_out(struct dns_channel *ch, struct sending *s)
{
	struct sending *before = NULL;
	for (struct sending *x = ch->out; x != s; x = x->next_out)
		before = x;
	if (before == NULL)
		ch->out = s->next_out;
	else
		before->next_out = s->next_out;
	if (ch->out_last == s)
		ch->out_last = before;
	s->unsent = false;
}

void channel_udp_unlink(struct sending *s)
{
	struct dns_channel *ch = s->ch;
	if (s->unsent)
		take_out(ch, s);
	if (s->older != NULL)
		s->older->younger = s->younger;
	else
		ch->oldest = s->younger;
	if (s->younger != NULL)
		s->younger->older = s->older;
	else
		ch->youngest = s->older;
}

void channel_udp_send(struct dns_channel *ch, struct sending *s)
{
	int64_t now_ms = clock_mono_ms(ch->all->clock);
	s->until_ms = now_ms + ch->keep_ms;
	s->unsent = false;
	link_youngest(ch, s);
	while (ch->oldest->until_ms < now_ms)
		sending_end(ch->oldest, CHANNEL_SILENT, (struct slice){ 0 });
	if (ch->fd < 0)
		ch->fd = open_socket(ch);
	if (ch->fd < 0)
		sending_end(s, channel_no_socket(errno) ? CHANNEL_NO_SOCKET : CHANNEL_NO_ROUTE,
			    (struct slice){ 0 });
	else
		put_out(ch, s);
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

/* Nobody listens there: none of them will be answered. */
static void refuse_all(struct dns_channel *ch)
{
	while (ch->oldest != NULL)
		sending_end(ch->oldest, CHANNEL_REFUSED, (struct slice){ 0 });
}

/* For a datagram the kernel may have no room: that is a lost datagram, and no failure. An ICMP
 * error of an earlier one is told to whoever sends next. */
static void first_not_sent(struct dns_channel *ch, int error)
{
	struct sending *s = ch->out;
	if (error == EINTR)
		return;
	if (drain_errors(ch->fd) || error == ECONNREFUSED)
		refuse_all(ch);
	else if (error == EAGAIN || error == ENOBUFS || error == EPERM)
		take_out(ch, s);
	else
		sending_end(s, channel_no_way(error) ? CHANNEL_NO_ROUTE : CHANNEL_REFUSED,
			    (struct slice){ 0 });
}

void channel_udp_flush(struct dns_channel *ch)
{
	struct mmsghdr messages[SEND_AT_ONCE];
	struct iovec parts[SEND_AT_ONCE];
	while (ch->out != NULL) {
		unsigned n = 0;
		for (struct sending *s = ch->out; s != NULL && n < SEND_AT_ONCE; s = s->next_out) {
			parts[n] = (struct iovec){ s->packet, s->len };
			messages[n] = (struct mmsghdr){ .msg_hdr = { .msg_name = &ch->to,
								     .msg_namelen = ch->to_len,
								     .msg_iov = &parts[n],
								     .msg_iovlen = 1 } };
			n++;
		}
		int sent = sendmmsg(ch->fd, messages, n, MSG_NOSIGNAL);
		if (sent < 0)
			first_not_sent(ch, errno);
		for (int i = 0; i < sent; i++)
			take_out(ch, ch->out);
	}
}

/* Address and port are those that were asked. */
static bool is_from_server(const struct dns_channel *ch, const struct sockaddr_storage *from)
{
	struct sockaddr_in a4, b4;
	struct sockaddr_in6 a6, b6;
	if (from->ss_family != ch->to.ss_family)
		return false;
	if (from->ss_family == AF_INET6) {
		memcpy(&a6, from, sizeof(a6));
		memcpy(&b6, &ch->to, sizeof(b6));
		return a6.sin6_port == b6.sin6_port &&
		       memcmp(&a6.sin6_addr, &b6.sin6_addr, sizeof(a6.sin6_addr)) == 0;
	}
	memcpy(&a4, from, sizeof(a4));
	memcpy(&b4, &ch->to, sizeof(b4));
	return a4.sin_port == b4.sin_port && a4.sin_addr.s_addr == b4.sin_addr.s_addr;
}

/* Some servers that know no EDNS answer FORMERR with a header alone: the ID tells the question.
 * Returns the new length. */
static size_t complete_bare_error(const struct sending *s, char *p, size_t len)
{
	static const char no_records[8] = { 0 };
	if (len != CHANNEL_HEADER_LEN || memcmp(p + 4, no_records, sizeof(no_records)) != 0)
		return len;
	unsigned rcode = (unsigned char)p[3] & 0x0f;
	if (rcode != RCODE_FORMERR && rcode != RCODE_NOTIMP)
		return len;
	p[5] = 1;
	memcpy(p + CHANNEL_HEADER_LEN, s->packet + CHANNEL_HEADER_LEN, s->question_len);
	return len + s->question_len;
}

/* Whatever fits no question is counted and never used. */
static void take_datagram(struct dns_channel *ch, const struct sockaddr_storage *from,
			  struct slice got)
{
	char *p = (char *)got.ptr;
	if (!is_from_server(ch, from)) {
		ch->strangers++;
		return;
	}
	struct sending *s = channel_sending_for(ch, p, got.len);
	size_t len = s != NULL ? complete_bare_error(s, p, got.len) : got.len;
	if (s == NULL || !sending_is_for(s, p, len))
		ch->ignored++;
	else
		sending_end(s, CHANNEL_BYTES, (struct slice){ p, len });
}

/* How many came; -1 with errno. */
static int receive(struct dns_channel *ch)
{
	struct mmsghdr messages[RECEIVE_AT_ONCE];
	struct iovec parts[RECEIVE_AT_ONCE];
	struct sockaddr_storage from[RECEIVE_AT_ONCE];
	for (size_t i = 0; i < RECEIVE_AT_ONCE; i++) {
		parts[i] = (struct iovec){ ch->all->received[i], RECEIVE_MAX };
		messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_name = &from[i],
							     .msg_namelen = sizeof(from[i]),
							     .msg_iov = &parts[i],
							     .msg_iovlen = 1 } };
	}
	int n = recvmmsg(ch->fd, messages, RECEIVE_AT_ONCE, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		take_datagram(ch, &from[i],
			      (struct slice){ ch->all->received[i], messages[i].msg_len });
	return n;
}

/* An error that a send has reported stays in the queue, and epoll would never rest. */
void channel_udp_process(struct dns_channel *ch, uint32_t events)
{
	bool refused = false;
	int n = RECEIVE_AT_ONCE;
	for (int i = 0; i < READS_MAX && n == RECEIVE_AT_ONCE; i++) {
		n = receive(ch);
		refused = refused || (n < 0 && errno == ECONNREFUSED);
	}
	if ((events & (uint32_t)EPOLLERR) != 0 || refused)
		refused = drain_errors(ch->fd) || refused;
	if (refused)
		refuse_all(ch);
}
