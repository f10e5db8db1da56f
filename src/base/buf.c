/*
 * Grows by doubling, so appending n bytes one by one costs O(n). One byte more than
 * asked for is always there, for the NUL; buf_reserve keeps it free, buf_added writes
 * it. Memory that grew is not wiped: whoever puts a secret in reserves its room at once.
 */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { FIRST_CAP = 64 };

void buf_init(struct buf *b)
{
	b->at = mem_alloc(FIRST_CAP);
	b->len = 0;
	b->cap = FIRST_CAP;
}

void buf_release(struct buf *b)
{
	free(b->at);
	*b = (struct buf){ 0 };
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->at[0] = '\0';
}

char *buf_reserve(struct buf *b, size_t len)
{
	size_t cap = b->cap;
	/* "<=", not "<": one byte stays for the NUL. */
	while (cap - b->len <= len)
		cap *= 2;
	if (cap != b->cap) {
		b->at = mem_grow(b->at, cap);
		b->cap = cap;
	}
	return b->at + b->len;
}

void buf_added(struct buf *b, size_t len)
{
	assert(b->cap - b->len > len);
	b->len += len;
	b->at[b->len] = '\0';
}

void buf_add(struct buf *b, const void *p, size_t len)
{
	char *to = buf_reserve(b, len);
	if (len > 0)
		memcpy(to, p, len);
	buf_added(b, len);
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addu(struct buf *b, uint64_t v)
{
	char text[20];
	size_t at = sizeof(text);
	do {
		text[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	buf_add(b, text + at, sizeof(text) - at);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	va_list again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len > 0) {
		(void)vsnprintf(buf_reserve(b, (size_t)len + 1), (size_t)len + 1, fmt, again);
		buf_added(b, (size_t)len);
	}
	va_end(again);
}

void buf_consume(struct buf *b, size_t len)
{
	assert(len <= b->len);
	memmove(b->at, b->at + len, b->len - len);
	b->len -= len;
	b->at[b->len] = '\0';
}

struct slice buf_slice(const struct buf *b)
{
	return (struct slice){ b->at, b->len };
}
