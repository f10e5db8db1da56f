/*
 * Flags are compared as text, so there is one text for each set: system flags in one
 * spelling, sorted, each once, without \Recent, which belongs to the session and which no
 * client can set (RFC 3501 §2.3.2).
 */
#include "migrate/imap/flags.h"

#include <stdlib.h>
#include <strings.h>

static const char *const system_flags[] = { "\\Answered", "\\Deleted", "\\Draft", "\\Flagged",
					    "\\Seen" };

/* Case is ignored, length decides at last: a total order, so that doubles stand side by side. */
static int compare(const void *a, const void *b)
{
	struct slice x = *(const struct slice *)a;
	struct slice y = *(const struct slice *)b;
	size_t n = x.len < y.len ? x.len : y.len;
	int c = n == 0 ? 0 : strncasecmp(x.ptr, y.ptr, n);
	if (c != 0)
		return c;
	return x.len < y.len ? -1 : x.len > y.len;
}

static struct slice spelled(struct slice flag)
{
	for (size_t i = 0; i < sizeof(system_flags) / sizeof(system_flags[0]); i++)
		if (slice_eq_nocase(flag, slice_str(system_flags[i])))
			return slice_str(system_flags[i]);
	return flag;
}

/* What no flag may hold (RFC 3501 §9, flag-keyword) and what could be read as something else
 * in a command of ours. */
static bool is_flag(struct slice flag)
{
	for (size_t i = 0; i < flag.len; i++)
		if ((unsigned char)flag.ptr[i] < 0x20 || flag.ptr[i] == 0x7f ||
		    flag.ptr[i] == '"' || flag.ptr[i] == '{' || (flag.ptr[i] == '\\' && i > 0))
			return false;
	return flag.len > 0 && flag.len <= IMAP_FLAG_MAX;
}

/* A fixed list: how many flags a message has is the server's choice, our stack is not. */
static size_t split(struct slice text, struct slice list[IMAP_FLAGS_MAX])
{
	size_t n = 0;
	while (text.len > 0 && n < IMAP_FLAGS_MAX) {
		struct slice flag = slice_until(&text, ' ');
		if (is_flag(flag) && !slice_eq_nocase(flag, SLICE_LIT("\\Recent")))
			list[n++] = spelled(flag);
	}
	return n;
}

static void add_flag(struct buf *out, size_t start, struct slice flag)
{
	if (out->len > start)
		buf_addc(out, ' ');
	buf_add(out, flag.ptr, flag.len);
}

void imap_flags_canonical(struct buf *out, struct slice text)
{
	struct slice list[IMAP_FLAGS_MAX];
	size_t start = out->len;
	size_t n = split(text, list);
	if (n > 1)
		qsort(list, n, sizeof(list[0]), compare);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || compare(&list[i - 1], &list[i]) != 0)
			add_flag(out, start, list[i]);
}

bool imap_flags_has(struct slice flags, const char *flag)
{
	while (flags.len > 0)
		if (slice_eq_nocase(slice_until(&flags, ' '), slice_str(flag)))
			return true;
	return false;
}

static bool has(struct slice flags, struct slice flag)
{
	while (flags.len > 0)
		if (slice_eq_nocase(slice_until(&flags, ' '), flag))
			return true;
	return false;
}

/* "\*" lets a client make keywords of its own, never system flags (RFC 3501 §7.1). */
static bool is_permitted(struct slice flag, struct slice permanent)
{
	if (permanent.ptr == NULL || has(permanent, flag))
		return true;
	return flag.ptr[0] != '\\' && imap_flags_has(permanent, "\\*");
}

size_t imap_flags_permitted(struct buf *out, struct slice flags, struct slice permanent)
{
	size_t start = out->len;
	size_t dropped = 0;
	while (flags.len > 0) {
		struct slice flag = slice_until(&flags, ' ');
		if (flag.len == 0)
			continue;
		if (is_permitted(flag, permanent))
			add_flag(out, start, flag);
		else
			dropped++;
	}
	return dropped;
}

bool imap_flags_equal(struct slice a, struct slice b)
{
	return slice_eq_nocase(a, b);
}

/* For a target that added flags of its own: nothing of the source's is missing then. */
bool imap_flags_within(struct slice a, struct slice b)
{
	while (a.len > 0)
		if (!has(b, slice_until(&a, ' ')))
			return false;
	return true;
}
