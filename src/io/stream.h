/*
 * stream.h - bytes in and out without blocking; what a protocol core is wired to.
 *
 * Streams stack (rawlog over a connection; memory or fail-after-n in tests). One
 * thread at a time.
 */
#ifndef IO_STREAM_H
#define IO_STREAM_H

#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

struct stream;

enum { STREAM_AGAIN = -2, STREAM_FAILED = -1, STREAM_END = 0 };

/* Up to `size` bytes: their number, STREAM_END when the other side closed,
 * STREAM_AGAIN when it would block (wait with io/wait.h), STREAM_FAILED with *e
 * (ERR_RETRY: a cut connection). */
ssize_t stream_recv(struct stream *s, void *to, size_t size, struct err *e);
/* Number of bytes taken (may be fewer), STREAM_AGAIN or STREAM_FAILED. After STREAM_AGAIN
 * the next send begins with the same bytes, and no fewer of them (TLS has begun a record
 * with them); they may have moved in memory. */
ssize_t stream_send(struct stream *s, const void *from, size_t len, struct err *e);
/* For poll; -1 when it is always ready (memory). */
int stream_fd(const struct stream *s);
/* True when received bytes are held inside (TLS): poll would not tell. */
bool stream_pending(const struct stream *s);
/* "imap.nwtraders.com:993", for messages; borrowed. */
const char *stream_name(const struct stream *s);
/* Closes without ceremony and frees; takes NULL. */
void stream_free(struct stream *s);

/* What an implementation provides (stream_curl, stream_rawlog, stream_mem, stream_fail). */
struct stream_ops {
	ssize_t (*recv)(struct stream *s, void *to, size_t size, struct err *e);
	ssize_t (*send)(struct stream *s, const void *from, size_t len, struct err *e);
	int (*fd)(const struct stream *s);
	bool (*pending)(const struct stream *s);
	const char *(*name)(const struct stream *s);
	void (*free)(struct stream *s);
};
struct stream {
	const struct stream_ops *ops;
};

struct log;
/* Writes what passes over `under` (owned) to `log`, directions marked, one line a
 * protocol line, literals as their size only, of a FETCH response no quoted string but the
 * date (mail is never logged), credentials never (they are exchanged
 * before the stream exists). Is `under` itself when the log drops debug lines. */
struct stream *stream_rawlog(struct stream *under, struct log *log);
/* What passed under stream_deflate, and what it was above. */
struct stream_traffic {
	uint64_t in, out;           /* bytes of the streams that the protocol sees */
	uint64_t wire_in, wire_out; /* compressed */
	bool broken;                /* what came was no deflate stream */
};
/* COMPRESS=DEFLATE (RFC 4978): from now on both directions of `top` (owned) are raw deflate
 * streams (RFC 1951); `early` was received behind the server's OK already. Returns the new top:
 * compressed is what passes below a rawlog, which goes on to show the protocol. *traffic
 * (borrowed) is kept up to date.
 * Each send is flushed, so that the other side can read all of it: send what belongs together at
 * once. Receiving costs no memory but the caller's buffer and a fixed window, however small the
 * bytes were made. What cannot be inflated is ERR_RETRY; the end of the deflate stream is
 * STREAM_END, as is the connection's in the middle of it. */
struct stream *stream_deflate(struct stream *top, struct slice early,
			      struct stream_traffic *traffic);
/* Where a rawlog keeps the stream below it; NULL for any other stream. For who inserts one. */
struct stream **stream_rawlog_under(struct stream *s);
struct buf;
/* Reads from `input` (borrowed) in pieces of at most `piece` bytes; keeps what is sent in
 * *sent (borrowed; NULL: nowhere). For tests and fuzzers. */
struct stream *stream_mem(struct slice input, size_t piece, struct buf *sent);
/* Fails with ERR_RETRY once `after` bytes in both directions together have passed. */
struct stream *stream_fail(struct stream *under, size_t after);

#endif
