/*
 * buf.h - the one growable byte buffer.
 *
 * Bytes live in at[0..len); they are always followed by a NUL that is not
 * counted, so text can be printed as it stands. Owned by its holder: buf_release().
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/err.h"
#include "base/str.h"

struct buf {
	char *at; /* owned; never NULL after buf_init */
	size_t len, cap;
};

/* Empty, with memory of its own; end it with buf_release. */
void buf_init(struct buf *b);
/* Frees the bytes and zeroes the struct: only buf_init makes it usable again. Bytes are not
 * wiped. */
void buf_release(struct buf *b);
/* Empty again, memory kept. */
void buf_clear(struct buf *b);
/* Appends bytes. They must not lie in this buffer: growing moves it. NULL is fine when len is
 * 0. */
void buf_add(struct buf *b, const void *p, size_t len);
/* One byte, NUL included. */
void buf_addc(struct buf *b, char c);
/* A terminated string, its terminator left out. */
void buf_adds(struct buf *b, const char *s);
/* Decimal digits. */
void buf_addu(struct buf *b, uint64_t v);
/* Formatted text of any length; arguments must not point into the buffer. Nothing when the
 * format fails. */
void buf_addf(struct buf *b, const char *fmt, ...) ERR_PRINTF(2, 3);
/* Room for at least `len` more bytes; returns where they go. Follow with buf_added(). */
char *buf_reserve(struct buf *b, size_t len);
/* Counts bytes that were written where buf_reserve said; at most as many as were reserved. */
void buf_added(struct buf *b, size_t len);
/* Drops `len` bytes at the front (len <= b->len). */
void buf_consume(struct buf *b, size_t len);
/* Borrows what is in it now: good until the next call that adds, consumes or releases. */
struct slice buf_slice(const struct buf *b);

#endif
