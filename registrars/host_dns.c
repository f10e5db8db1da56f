/*
 * DNS over TCP (RFC 7766), one connection an exchange: two octets of length, then the
 * message. io/tcp tells what is certain about a failure, and its kinds are handed on.
 */
#include "io/tcp.h"
#include "registrars/host.h"

enum { DNS_PORT = 53, MESSAGE_MAX = 65535, LENGTH_LEN = 2 };

/* A transfer may take ten timeouts, and a second more for each 4 KiB that came: nothing that gets
 * on is met by it, and a record now and then is not for ever in time. The end of all is
 * sixteen times what a zone file may have here. */
enum { TRANSFER_TIMEOUTS = 10, TRANSFER_OCTETS_A_S = 4096, TRANSFER_MAX_MIB = 1024 };

int registrar_server_check(const char *server, struct err *e)
{
	return tcp_server_check(server, e);
}

static struct tcp *open_to(const struct host_world *w, const char *server, struct err *e)
{
	return tcp_open(
		&(struct tcp_opts){
			.server = server,
			.what = "DNS server",
			.port = DNS_PORT,
			.timeout_ms = w->timeout_ms,
			.clock = w->clock,
			.cancel = w->cancel,
		},
		e);
}

/* Length and message in one write, so that they share a segment (RFC 7766 §8). */
static int send_message(struct tcp *t, struct slice message, struct err *e)
{
	struct buf framed;
	buf_init(&framed);
	buf_addc(&framed, (char)(message.len >> 8));
	buf_addc(&framed, (char)(message.len & 0xff));
	buf_add(&framed, message.ptr, message.len);
	int rc = tcp_send(t, buf_slice(&framed), e);
	buf_release(&framed);
	return rc;
}

/* The length comes first and bounds what is read: a server cannot send more than it announced. */
static int recv_message(struct tcp *t, struct buf *out, struct err *e)
{
	char head[2];
	if (tcp_recv(t, head, sizeof(head), e) != 0)
		return -1;
	size_t len = (size_t)(unsigned char)head[0] << 8 | (unsigned char)head[1];
	if (tcp_recv(t, buf_reserve(out, len), len, e) != 0)
		return -1;
	buf_added(out, len);
	return 0;
}

/* NULL, or a connection that has taken the request. */
static struct tcp *ask(const struct host_world *w, const char *server, struct slice request,
		       struct err *e)
{
	if (request.len > MESSAGE_MAX) {
		(void)err_set(e, ERR_USAGE, "a DNS message of %zu octets is too long", request.len);
		return NULL;
	}
	struct tcp *t = open_to(w, server, e);
	if (t == NULL || send_message(t, request, e) == 0)
		return t;
	tcp_close(t);
	return NULL;
}

int host_dns_exchange(const struct host_world *w, const char *server, struct slice request,
		      struct buf *reply, struct err *e)
{
	struct tcp *t = ask(w, server, request, e);
	int rc = t != NULL ? recv_message(t, reply, e) : -1;
	tcp_close(t);
	return rc;
}

struct headway {
	const char *server;
	int64_t began_ms; /* monotonic */
	uint64_t octets;
};

/* Between two messages, which is also when a stream without a pause can be interrupted. */
static int judge_headway(const struct host_world *w, const struct headway *h, struct err *e)
{
	int64_t took_ms = clock_mono_ms(w->clock) - h->began_ms;
	int64_t may_ms = (int64_t)w->timeout_ms * TRANSFER_TIMEOUTS +
			 (int64_t)(h->octets * 1000 / TRANSFER_OCTETS_A_S);
	if (cancel_check(w->cancel, e) != 0)
		return -1;
	if (h->octets >> 20 >= TRANSFER_MAX_MIB)
		return err_set(e, ERR_WORLD, "the zone transfer from %s did not end in %d MiB",
			       h->server, TRANSFER_MAX_MIB);
	if (took_ms <= may_ms)
		return 0;
	(void)err_set(e, ERR_RETRY, "the zone transfer from %s is too slow: %llu octets in %lld s",
		      h->server, (unsigned long long)h->octets, (long long)(took_ms / 1000));
	return err_hint(e, "a longer network.provider_timeout gives it ten times as much more");
}

/* One buffer for all messages; each is gone when the sink has had it. */
int host_dns_transfer(const struct host_world *w, const char *server, struct slice request,
		      const struct registrar_sink *sink, struct err *e)
{
	struct headway h = { .server = server, .began_ms = clock_mono_ms(w->clock) };
	struct tcp *t = ask(w, server, request, e);
	struct buf message;
	int more = t != NULL ? 1 : -1;
	buf_init(&message);
	while (more == 1) {
		buf_clear(&message);
		tcp_extend(t); /* a large zone takes its time: the deadline is for a message */
		more = recv_message(t, &message, e);
		if (more == 0)
			more = sink->each(sink->ctx, buf_slice(&message), e);
		h.octets += LENGTH_LEN + message.len;
		if (more == 1 && judge_headway(w, &h, e) != 0)
			more = -1;
	}
	buf_release(&message);
	tcp_close(t);
	return more;
}
