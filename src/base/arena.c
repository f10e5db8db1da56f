/*
 * A list of chunks, the newest first; a request that does not fit opens a new one.
 * Big requests get a chunk of their own behind the newest, so that its rest stays
 * in use. Chunks are malloc'ed one by one: ASan sees the end of each. The first is small, for many
 * arenas hold little and a chunk's zeroes are not free.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 1024, CHUNK_SIZE = 16 * 1024, SPARE_MAX = 12, ALIGN = _Alignof(max_align_t) };

/* There, what is used after arena_reset must be seen: nothing is used again. */
#ifdef __has_feature
#define HAS_ASAN __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#else
#define HAS_ASAN 0
#endif

struct chunk {
	struct chunk *next;
	size_t used, size;
	_Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct chunk *head;  /* owned */
	struct chunk *spare; /* owned: zeroed ones of CHUNK_SIZE */
	size_t spare_n;
	bool wipes;
};

/* abort, not exit: nothing that runs at exit may need memory or touch the state. */
static _Noreturn void out_of_memory(void)
{
	fputs("cutover: out of memory; what was done is recorded, run the same command again\n",
	      stderr);
	abort();
}

void *mem_alloc(size_t size)
{
	void *p = calloc(1, size > 0 ? size : 1);
	if (p == NULL)
		out_of_memory();
	return p;
}

void *mem_grow(void *p, size_t size)
{
	void *q = realloc(p, size > 0 ? size : 1);
	if (q == NULL)
		out_of_memory();
	return q;
}

void *mem_must(void *p)
{
	if (p == NULL)
		out_of_memory();
	return p;
}

char *mem_strdup(const char *s)
{
	size_t len = strlen(s) + 1;
	return memcpy(mem_alloc(len), s, len);
}

/* From calloc, so an arena's memory is zero without a memset for each piece. */
static struct chunk *chunk_new(size_t size)
{
	struct chunk *c = mem_alloc(sizeof(*c) + size);
	c->size = size;
	return c;
}

struct arena *arena_new(void)
{
	struct arena *a = mem_alloc(sizeof(*a));
	a->head = chunk_new(FIRST_SIZE);
	return a;
}

struct arena *arena_new_wiped(void)
{
	struct arena *a = arena_new();
	a->wipes = true;
	return a;
}

static void free_chunk(const struct arena *a, struct chunk *c)
{
	if (a->wipes)
		explicit_bzero(c->bytes, c->used);
	free(c);
}

static void free_chunks(const struct arena *a, struct chunk *list)
{
	for (struct chunk *c = list; c != NULL;) {
		struct chunk *next = c->next;
		free_chunk(a, c);
		c = next;
	}
}

void arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	free_chunks(a, a->head);
	free_chunks(a, a->spare);
	free(a);
}

/* Zeroed and put aside; odd sizes and what is too much go. */
static void put_aside(struct arena *a, struct chunk *c)
{
	if (HAS_ASAN || c->size != CHUNK_SIZE || a->spare_n == SPARE_MAX) {
		free_chunk(a, c);
		return;
	}
	memset(c->bytes, 0, c->used);
	c->used = 0;
	c->next = a->spare;
	a->spare = c;
	a->spare_n++;
}

void arena_reset(struct arena *a)
{
	struct chunk *list = a->head;
	a->head = NULL;
	while (list != NULL) {
		struct chunk *next = list->next;
		put_aside(a, list);
		list = next;
	}
	a->head = chunk_new(FIRST_SIZE);
}

static struct chunk *take_chunk(struct arena *a)
{
	struct chunk *c = a->spare;
	if (c == NULL)
		return chunk_new(CHUNK_SIZE);
	a->spare = c->next;
	a->spare_n--;
	return c;
}

/* Behind the newest, never before it: the newest one's rest would be lost. */
static void *big_alloc(struct arena *a, size_t size)
{
	struct chunk *c = chunk_new(size);
	c->used = size;
	c->next = a->head->next;
	a->head->next = c;
	return c->bytes;
}

void *arena_alloc(struct arena *a, size_t size)
{
	if (size > SIZE_MAX - ALIGN)
		out_of_memory();
	/* Every piece is rounded up, so the next one begins aligned. */
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	/* A quarter: the rest of a chunk that is given up for a new one is never larger. */
	if (size > CHUNK_SIZE / 4)
		return big_alloc(a, size);
	if (a->head->size - a->head->used < size) {
		struct chunk *c = take_chunk(a);
		c->next = a->head;
		a->head = c;
	}
	void *p = a->head->bytes + a->head->used;
	a->head->used += size;
	return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	/* A product that wraps would give less room than the caller believes. */
	if (size != 0 && n > SIZE_MAX / size)
		out_of_memory();
	return arena_alloc(a, n * size);
}

void *arena_memdup(struct arena *a, const void *p, size_t len)
{
	void *copy = arena_alloc(a, len > 0 ? len : 1);
	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

char *arena_slice(struct arena *a, struct slice s)
{
	char *copy = arena_alloc(a, s.len + 1);
	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_slice(a, slice_str(s));
}

/* Most texts are short: they are formatted once, and copied. */
char *arena_printf(struct arena *a, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	va_list again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	char *s = arena_alloc(a, len > 0 ? (size_t)len + 1 : 1);
	if (len > 0 && (size_t)len < sizeof(text))
		memcpy(s, text, (size_t)len + 1);
	else if (len > 0)
		(void)vsnprintf(s, (size_t)len + 1, fmt, again);
	va_end(again);
	return s;
}
