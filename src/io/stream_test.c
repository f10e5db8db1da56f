/* The streams that tests and fuzzers put where a connection would be. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "io/stream.h"

struct mem {
	struct stream stream;
	struct slice input; /* borrowed; what is left of it */
	size_t piece;
	struct buf *sent; /* borrowed; may be NULL */
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static ssize_t mem_recv(struct stream *s, void *to, size_t size, struct err *e)
{
	struct mem *m = (struct mem *)s;
	size_t n = smaller(smaller(size, m->piece), m->input.len);
	(void)e;
	if (n == 0)
		return STREAM_END;
	memcpy(to, m->input.ptr, n);
	m->input.ptr += n;
	m->input.len -= n;
	return (ssize_t)n;
}

static ssize_t mem_send(struct stream *s, const void *from, size_t len, struct err *e)
{
	struct mem *m = (struct mem *)s;
	size_t n = smaller(len, m->piece);
	(void)e;
	if (m->sent != NULL)
		buf_add(m->sent, from, n);
	return (ssize_t)n;
}

static int mem_fd(const struct stream *s)
{
	(void)s;
	return -1;
}

static bool mem_pending(const struct stream *s)
{
	(void)s;
	return true;
}

static const char *mem_name(const struct stream *s)
{
	(void)s;
	return "memory";
}

static void mem_free(struct stream *s)
{
	free(s);
}

struct stream *stream_mem(struct slice input, size_t piece, struct buf *sent)
{
	static const struct stream_ops ops = {
		.recv = mem_recv,
		.send = mem_send,
		.fd = mem_fd,
		.pending = mem_pending,
		.name = mem_name,
		.free = mem_free,
	};
	struct mem *m = mem_alloc(sizeof(*m));
	m->stream.ops = &ops;
	m->input = input;
	m->piece = piece > 0 ? piece : 1;
	m->sent = sent;
	return &m->stream;
}

struct failing {
	struct stream stream;
	struct stream *under; /* owned */
	size_t left;
};

static int fail_now(const struct failing *f, struct err *e)
{
	err_set(e, ERR_RETRY, "the connection to '%s' was cut", stream_name(f->under));
	return STREAM_FAILED;
}

static ssize_t fail_recv(struct stream *s, void *to, size_t size, struct err *e)
{
	struct failing *f = (struct failing *)s;
	if (f->left == 0)
		return fail_now(f, e);
	ssize_t n = stream_recv(f->under, to, smaller(size, f->left), e);
	if (n > 0)
		f->left -= (size_t)n;
	return n;
}

static ssize_t fail_send(struct stream *s, const void *from, size_t len, struct err *e)
{
	struct failing *f = (struct failing *)s;
	if (f->left == 0)
		return fail_now(f, e);
	ssize_t n = stream_send(f->under, from, smaller(len, f->left), e);
	if (n > 0)
		f->left -= (size_t)n;
	return n;
}

static int fail_fd(const struct stream *s)
{
	return stream_fd(((const struct failing *)s)->under);
}

/* A cut connection is noticed at once. */
static bool fail_pending(const struct stream *s)
{
	const struct failing *f = (const struct failing *)s;
	return f->left == 0 || stream_pending(f->under);
}

static const char *fail_name(const struct stream *s)
{
	return stream_name(((const struct failing *)s)->under);
}

static void fail_free(struct stream *s)
{
	stream_free(((struct failing *)s)->under);
	free(s);
}

struct stream *stream_fail(struct stream *under, size_t after)
{
	static const struct stream_ops ops = {
		.recv = fail_recv,
		.send = fail_send,
		.fd = fail_fd,
		.pending = fail_pending,
		.name = fail_name,
		.free = fail_free,
	};
	struct failing *f = mem_alloc(sizeof(*f));
	f->stream.ops = &ops;
	f->under = under;
	f->left = after;
	return &f->stream;
}
