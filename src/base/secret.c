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

enum { REDACT_MIN = 4 };

static void redact_line(struct slice line, char *text)
{
	static const char mask[] = "***";
	char *at = text;
	while ((at = memmem(at, strlen(at), line.ptr, line.len)) != NULL) {
		memcpy(at, mask, sizeof(mask) - 1);
		at += sizeof(mask) - 1;
		const char *rest = at - (sizeof(mask) - 1) + line.len;
		memmove(at, rest, strlen(rest) + 1);
	}
}

/* Line by line, for a key of many lines is shown so too. Its longest line first would matter only
 * where one is part of another, and then the rest of it tells nothing that a length would not. */
void secret_redact(const struct secret *s, char *text)
{
	struct slice rest = { NULL, 0 };
	if (s != NULL)
		rest = secret_expose(s);
	while (rest.len > 0) {
		struct slice line = slice_until(&rest, '\n');
		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		if (line.len >= REDACT_MIN)
			redact_line(line, text);
	}
}

void secret_wipe(void *p, size_t len)
{
	explicit_bzero(p, len);
}
