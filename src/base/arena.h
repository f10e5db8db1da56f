/*
 * arena.h - memory for one unit of work (a step, a query, a mailbox), freed whole.
 *
 * Memory from an arena is zeroed, aligned for any object, and valid until
 * arena_free(). An arena belongs to one thread at a time. When the system has no
 * memory the process ends (see docs/decisions): every effect is journalled, so
 * that is the same as being killed, and resumes the same way.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct arena;

/* Empty; never NULL. Freed by arena_free, on whichever thread holds it then. */
struct arena *arena_new(void);
/* The same for what may hold secrets: its memory is overwritten before it is given back. */
struct arena *arena_new_wiped(void);
/* Frees everything that came from it; takes NULL. */
void arena_free(struct arena *a);
/* The same, but it is empty then and keeps a little of the memory for what comes next. */
void arena_reset(struct arena *a);

/* `size` bytes; never NULL. */
void *arena_alloc(struct arena *a, size_t size);
/* n objects of the given size; the product is checked. */
void *arena_array(struct arena *a, size_t n, size_t size);
#define ARENA_NEW(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, n, type) ((type *)arena_array((a), (n), sizeof(type)))

/* A copy of the string. */
char *arena_strdup(struct arena *a, const char *s);
/* A terminated copy of the slice's bytes. */
char *arena_slice(struct arena *a, struct slice s);
/* `len` bytes copied; `p` may be NULL when there are none. Never NULL, even for no bytes. */
void *arena_memdup(struct arena *a, const void *p, size_t len);
/* Formatted text of any length; "" when the format itself fails (an encoding error). */
char *arena_printf(struct arena *a, const char *fmt, ...) ERR_PRINTF(2, 3);

/* For memory that cannot come from an arena: zeroed, never NULL; the caller's, by free(). */
void *mem_alloc(size_t size);
/* realloc() that never returns NULL; what is new is not zeroed. `p` is the caller's or NULL. */
void *mem_grow(void *p, size_t size);
/* `p` itself, which a library that can only fail for want of memory has made: ends the program
 * when it is NULL, as the others here do. */
void *mem_must(void *p);
/* A copy that the caller frees; `s` is never NULL. */
char *mem_strdup(const char *s);

#endif
