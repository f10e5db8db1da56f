/*
 * Transfers have an epoll set of their own within the engine's: so an event of the engine's is a
 * channel's or stands for all of them. They are served outside of the channels' callbacks, a
 * piece each turn, so that a fast one delays nothing.
 */
#include "dns/transfer.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "dns/engine_priv.h"
#include "io/tcp.h"

enum { PIECE = 32 * 1024, EVENTS_MAX = 32, LENGTH_LEN = 2, HEADER_LEN = 12 };

struct dns_transfer {
	struct link link; /* of the engine's transfers; first member */
	struct dns_engine *en;
	struct dns_transfer_opts opts; /* its texts are not used any more */
	int fd;                        /* owned */
	uint16_t id;
	struct buf out; /* what is still to be sent */
	struct buf in;
	struct timer timer;
};

static unsigned u16_at(const char *p)
{
	return (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

void dns_transfer_abandon(struct dns_transfer *t)
{
	if (t == NULL)
		return;
	link_remove(&t->link);
	timer_clear(&t->en->timers, &t->timer);
	(void)close(t->fd); /* leaves the epoll set with it */
	buf_release(&t->out);
	buf_release(&t->in);
	free(t);
}

static void end(struct dns_transfer *t)
{
	struct dns_transfer_opts opts = t->opts;
	dns_transfer_abandon(t);
	opts.ended(opts.ctx);
}

static void on_late(struct timer *timer)
{
	end((struct dns_transfer *)(void *)((char *)timer - offsetof(struct dns_transfer, timer)));
}

/* The question behind its length (RFC 1035 §4.2.2); no OPT, which old servers refuse here. */
static int build(struct dns_transfer *t, struct err *e)
{
	struct dns_query_opts opts = { .id = t->id };
	buf_addc(&t->out, 0);
	buf_addc(&t->out, 0);
	if (dns_query_build(&t->opts.question, &opts, &t->out, e) != 0)
		return -1;
	size_t len = t->out.len - LENGTH_LEN;
	t->out.at[0] = (char)(len >> 8);
	t->out.at[1] = (char)(len & 0xff);
	return 0;
}

/* The set is made with the first transfer. */
static bool wait_for(struct dns_transfer *t, uint32_t events, int how)
{
	struct dns_engine *en = t->en;
	struct epoll_event all = { .events = EPOLLIN, .data.ptr = en };
	struct epoll_event own = { .events = events, .data.ptr = t };
	if (en->transfers_fd < 0) {
		en->transfers_fd = epoll_create1(EPOLL_CLOEXEC);
		if (en->transfers_fd < 0)
			return false;
		(void)epoll_ctl(en->epoll_fd, EPOLL_CTL_ADD, en->transfers_fd, &all);
	}
	return epoll_ctl(en->transfers_fd, how, t->fd, &own) == 0;
}

struct dns_transfer *dns_transfer_begin(struct dns_engine *en, const struct dns_transfer_opts *opts,
					struct err *e)
{
	if (en->cancelled) {
		(void)err_set(e, ERR_CANCELLED, "asking the DNS was interrupted");
		return NULL;
	}
	int fd = tcp_dial(opts->address, en->opts.port, e);
	if (fd < 0)
		return NULL;
	struct dns_transfer *t = mem_alloc(sizeof(*t));
	*t = (struct dns_transfer){ .en = en, .opts = *opts, .fd = fd, .timer.fire = on_late };
	t->id = (uint16_t)rng_u64(en->opts.rng);
	buf_init(&t->out);
	buf_init(&t->in);
	int rc = build(t, e);
	if (rc == 0 && !wait_for(t, EPOLLOUT, EPOLL_CTL_ADD))
		rc = err_errno(e, ERR_WORLD, "waiting for the connection to %s", opts->address);
	if (rc != 0) {
		dns_transfer_abandon(t);
		return NULL;
	}
	link_append(&en->transfers, &t->link);
	int64_t now = clock_mono_ms(en->opts.clock);
	timer_set(&en->timers, &t->timer, now + opts->limit_ms);
	pace_take(&en->pace, now);
	return t;
}

/* False: the connection is of no use. */
static bool send_more(struct dns_transfer *t)
{
	ssize_t n = send(t->fd, t->out.at, t->out.len, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	buf_consume(&t->out, (size_t)n);
	return t->out.len > 0 || wait_for(t, EPOLLIN, EPOLL_CTL_MOD);
}

/* Hands out whole messages; false when that is enough. */
static bool hand_out(struct dns_transfer *t)
{
	size_t at = 0;
	bool more = true;
	while (more && t->in.len - at >= LENGTH_LEN) {
		const char *p = t->in.at + at;
		size_t len = u16_at(p);
		if (len < HEADER_LEN)
			return false;
		if (t->in.len - at - LENGTH_LEN < len)
			break;
		p += LENGTH_LEN;
		more = u16_at(p) == t->id && t->opts.message(t->opts.ctx, (struct slice){ p, len });
		at += LENGTH_LEN + len;
	}
	buf_consume(&t->in, at);
	return more;
}

static bool read_more(struct dns_transfer *t)
{
	ssize_t n = recv(t->fd, buf_reserve(&t->in, PIECE), PIECE, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	buf_added(&t->in, (size_t)n);
	return n > 0 && hand_out(t);
}

/* One at a time, for each may end others; what is left over comes again. */
void transfers_serve(struct dns_engine *en)
{
	struct epoll_event event;
	for (int i = 0; i < EVENTS_MAX; i++) {
		if (epoll_wait(en->transfers_fd, &event, 1, 0) <= 0)
			return;
		struct dns_transfer *t = event.data.ptr;
		if (t->out.len > 0 ? !send_more(t) : !read_more(t))
			end(t);
	}
}

/* Their time is over in this turn: the end of one may give up another. */
void transfers_cancel(struct dns_engine *en)
{
	for (struct link *l = en->transfers.next; l != &en->transfers; l = l->next)
		timer_set(&en->timers, &((struct dns_transfer *)(void *)l)->timer, 0);
}

void transfers_release(struct dns_engine *en)
{
	struct link *next = NULL;
	for (struct link *l = en->transfers.next; l != &en->transfers; l = next) {
		next = l->next;
		dns_transfer_abandon((struct dns_transfer *)(void *)l);
	}
	if (en->transfers_fd >= 0)
		(void)close(en->transfers_fd);
	en->transfers_fd = -1;
}
