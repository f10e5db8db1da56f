/*
 * COMPRESS=DEFLATE (RFC 4978) as a layer of the stream. The only user of zlib.
 *
 * Sending: a piece of what is offered is deflated with a sync flush behind it, and counts as taken
 * when the last of its compressed bytes has left. Until then the caller is told AGAIN and keeps the
 * piece, as with a record that TLS has begun. So nothing is held here that nobody waits to write,
 * and a piece is a whole burst mostly: the flush costs five bytes of it.
 *
 * Receiving: inflated straight into the caller's buffer, so a few bytes that mean a gigabyte only
 * fill that, again and again. Compressed bytes that mean nothing at all (empty blocks) could come
 * for ever: after one read in vain the caller is told AGAIN, and its deadline runs.
 */
#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "base/arena.h"
#include "io/stream.h"

enum {
	RAW_WINDOW_BITS = -15, /* no header, no checksum: RFC 4978 wants it so */
	MEM_LEVEL = 7,         /* with the window 192 KiB; a level more saves nothing to speak of */
	PIECE_MAX = 64 * 1024,
	OUT_MAX = 32 * 1024,
	IN_MAX = 16 * 1024, /* a TLS record's */
};

struct deflated {
	struct stream stream;
	struct stream *under;           /* owned */
	struct stream_traffic *traffic; /* borrowed */
	z_stream deflate, inflate;
	bool ended;      /* the server ended its deflate stream */
	bool maybe_more; /* the caller's buffer was filled: inflate may hold more */
	size_t begun;    /* bytes of the piece that is being sent; 0: none */
	size_t eaten;    /* of these, by deflate */
	bool flushed;    /* all of the piece is in `out` or beyond */
	size_t out_at, out_len;
	char *in; /* owned */
	size_t in_max;
	char out[OUT_MAX];
};

static struct deflated *self(const struct stream *s)
{
	return (struct deflated *)s;
}

/* Out of memory ends the process here, too. */
static voidpf z_alloc(voidpf opaque, uInt n, uInt size)
{
	(void)opaque;
	return mem_alloc((size_t)n * size);
}

static void z_free(voidpf opaque, voidpf p)
{
	(void)opaque;
	free(p);
}

/* Bytes may have moved since the last call, never changed: see stream_send. */
static void fill_out(struct deflated *d, const char *from)
{
	z_stream *z = &d->deflate;
	z->next_in = (const Bytef *)from + d->eaten;
	z->avail_in = (uInt)(d->begun - d->eaten);
	z->next_out = (Bytef *)d->out;
	z->avail_out = OUT_MAX;
	(void)deflate(z, Z_SYNC_FLUSH); /* fails only when it is used wrongly */
	d->eaten = d->begun - z->avail_in;
	d->out_at = 0;
	d->out_len = OUT_MAX - z->avail_out;
	d->flushed = z->avail_out > 0; /* else it has more to say: zlib.h */
	d->traffic->wire_out += d->out_len;
}

static ssize_t deflated_send(struct stream *s, const void *from, size_t len, struct err *e)
{
	struct deflated *d = self(s);
	if (len == 0)
		return 0;
	if (d->begun == 0) {
		d->begun = len < PIECE_MAX ? len : PIECE_MAX;
		d->eaten = 0;
		d->flushed = false;
	}
	while (d->out_at < d->out_len || !d->flushed) {
		if (d->out_at == d->out_len)
			fill_out(d, from);
		if (d->out_len == 0)
			break;
		ssize_t n = stream_send(d->under, d->out + d->out_at, d->out_len - d->out_at, e);
		if (n <= 0)
			return n < 0 ? n : STREAM_AGAIN;
		d->out_at += (size_t)n;
	}
	size_t taken = d->begun;
	d->begun = d->out_at = d->out_len = 0;
	d->traffic->out += taken;
	return (ssize_t)taken;
}

static ssize_t broken(struct deflated *d, struct err *e)
{
	d->traffic->broken = true;
	err_set(e, ERR_RETRY,
		"'%s' sent bytes that are not compressed as it said (COMPRESS=DEFLATE)",
		stream_name(d->under));
	return STREAM_FAILED;
}

/* Compressed bytes from below: their number, or what stream_recv says instead. */
static ssize_t refill(struct deflated *d, struct err *e)
{
	ssize_t n = stream_recv(d->under, d->in, d->in_max, e);
	if (n <= 0)
		return n;
	d->inflate.next_in = (Bytef *)d->in;
	d->inflate.avail_in = (uInt)n;
	d->traffic->wire_in += (size_t)n;
	return n;
}

/* What is here already, inflated: number of bytes, AGAIN for none, END, FAILED. */
static ssize_t inflate_some(struct deflated *d, void *to, size_t size, struct err *e)
{
	z_stream *z = &d->inflate;
	z->next_out = to;
	z->avail_out = size < UINT32_MAX ? (uInt)size : UINT32_MAX;
	uInt room = z->avail_out;
	int rc = inflate(z, Z_SYNC_FLUSH);
	size_t n = room - z->avail_out;
	d->ended = rc == Z_STREAM_END;
	bool bad = rc != Z_OK && rc != Z_BUF_ERROR && rc != Z_STREAM_END;
	d->maybe_more = z->avail_out == 0 || bad;
	d->traffic->in += n;
	if (n > 0)
		return (ssize_t)n; /* what is wrong behind these is told by the next call */
	if (bad)
		return broken(d, e);
	return d->ended ? STREAM_END : STREAM_AGAIN;
}

static ssize_t deflated_recv(struct stream *s, void *to, size_t size, struct err *e)
{
	struct deflated *d = self(s);
	if (d->ended)
		return STREAM_END;
	if (size == 0)
		return STREAM_AGAIN;
	if (d->inflate.avail_in > 0 || d->maybe_more) {
		ssize_t n = inflate_some(d, to, size, e);
		if (n != STREAM_AGAIN)
			return n;
	}
	ssize_t n = refill(d, e);
	return n > 0 ? inflate_some(d, to, size, e) : n;
}

static int deflated_fd(const struct stream *s)
{
	return stream_fd(self(s)->under);
}

static bool deflated_pending(const struct stream *s)
{
	const struct deflated *d = self(s);
	return d->ended || d->maybe_more || d->inflate.avail_in > 0 || stream_pending(d->under);
}

static const char *deflated_name(const struct stream *s)
{
	return stream_name(self(s)->under);
}

static void deflated_free(struct stream *s)
{
	struct deflated *d = self(s);
	(void)deflateEnd(&d->deflate);
	(void)inflateEnd(&d->inflate);
	stream_free(d->under);
	free(d->in);
	free(d);
}

/* Bytes that came with the server's OK are at most as many as the caller's buffer holds, and are
 * the first that is inflated. */
static void take_early(struct deflated *d, struct slice early)
{
	d->in_max = early.len > IN_MAX ? early.len : IN_MAX;
	d->in = mem_alloc(d->in_max);
	if (early.len > 0)
		memcpy(d->in, early.ptr, early.len);
	d->inflate.next_in = (Bytef *)d->in;
	d->inflate.avail_in = (uInt)early.len;
	d->traffic->wire_in += early.len;
}

static void z_init(struct deflated *d)
{
	d->deflate.zalloc = d->inflate.zalloc = z_alloc;
	d->deflate.zfree = d->inflate.zfree = z_free;
	/* They fail for want of memory only: what they are asked for is constant. */
	int out = deflateInit2(&d->deflate, Z_BEST_SPEED, Z_DEFLATED, RAW_WINDOW_BITS, MEM_LEVEL,
			       Z_DEFAULT_STRATEGY);
	int in = inflateInit2(&d->inflate, RAW_WINDOW_BITS);
	(void)mem_must(out == Z_OK && in == Z_OK ? d : NULL);
}

static struct stream *deflated_new(struct stream *under, struct slice early,
				   struct stream_traffic *traffic)
{
	static const struct stream_ops ops = {
		.recv = deflated_recv,
		.send = deflated_send,
		.fd = deflated_fd,
		.pending = deflated_pending,
		.name = deflated_name,
		.free = deflated_free,
	};
	struct deflated *d = mem_alloc(sizeof(*d));
	d->stream.ops = &ops;
	d->under = under;
	d->traffic = traffic;
	z_init(d);
	take_early(d, early);
	return &d->stream;
}

struct stream *stream_deflate(struct stream *top, struct slice early,
			      struct stream_traffic *traffic)
{
	struct stream **under = stream_rawlog_under(top);
	if (under == NULL)
		return deflated_new(top, early, traffic);
	*under = deflated_new(*under, early, traffic);
	return top;
}
