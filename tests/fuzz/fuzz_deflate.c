/*
 * The compressed stream (RFC 4978). What comes is the input, in pieces of the size that its first
 * byte tells: every call comes back, and gives no more than was asked for. Then the same bytes are
 * sent and received again: nothing is lost or changed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "io/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENOUGH = 256 * 1024 }; /* of a bomb */

static void receive(struct slice wire, size_t piece, struct buf *got)
{
	struct stream_traffic traffic = { 0 };
	struct slice early = { wire.ptr, wire.len < piece ? wire.len : piece };
	struct slice rest = { wire.ptr + early.len, wire.len - early.len };
	struct stream *s = stream_deflate(stream_mem(rest, piece, NULL), early, &traffic);
	struct err e;
	char to[777];
	ssize_t n;
	while (got->len < ENOUGH &&
	       ((n = stream_recv(s, to, sizeof(to), &e)) > 0 || n == STREAM_AGAIN)) {
		if (n > (ssize_t)sizeof(to))
			abort();
		buf_add(got, to, n > 0 ? (size_t)n : 0);
	}
	if (traffic.in != got->len || traffic.wire_in > wire.len)
		abort();
	stream_free(s);
}

static void send(struct slice bytes, size_t piece, struct buf *wire)
{
	struct stream_traffic traffic = { 0 };
	struct stream *s = stream_deflate(stream_mem((struct slice){ "", 0 }, piece, wire),
					  (struct slice){ "", 0 }, &traffic);
	struct err e;
	while (bytes.len > 0) {
		ssize_t n = stream_send(s, bytes.ptr, bytes.len, &e);
		if (n <= 0 || (size_t)n > bytes.len)
			abort();
		bytes.ptr += n;
		bytes.len -= (size_t)n;
	}
	stream_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf got;
	struct buf wire;
	if (size == 0)
		return 0;
	size_t piece = (size_t)data[0] + 1;
	struct slice input = { (const char *)data + 1, size - 1 };
	buf_init(&got);
	buf_init(&wire);
	receive(input, piece, &got);
	buf_clear(&got);
	send(input, piece, &wire);
	receive(buf_slice(&wire), piece, &got);
	if (input.len < ENOUGH && !slice_eq(buf_slice(&got), input))
		abort();
	buf_release(&got);
	buf_release(&wire);
	return 0;
}
