/*
 * One allocation with the length before the bytes, and a NUL behind them for calls that
 * want a string. It is never grown or copied, so there is one place to wipe.
 */
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct secret {
	size_t len;
	char bytes[];
};

struct secret *secret_new(struct slice bytes)
{
	struct secret *s = mem_alloc(sizeof(*s) + bytes.len + 1);
	s->len = bytes.len;
	if (bytes.len > 0)
		memcpy(s->bytes, bytes.ptr, bytes.len);
	return s;
}

void secret_free(struct secret *s)
{
	if (s == NULL)
		return;
	secret_wipe(s->bytes, s->len);
	free(s);
}

struct slice secret_expose(const struct secret *s)
{
	return (struct slice){ s->bytes, s->len };
}

bool secret_is_empty(const struct secret *s)
{
	return s == NULL || s->len == 0;
}

void secret_wipe(void *p, size_t len)
{
	explicit_bzero(p, len);
}
