/*
 * Source and target may differ in prefix, delimiter and in what a name may hold. A name is
 * taken apart by level, decoded, cleaned of what the target cannot hold, and put together
 * in the target's way. Two names may become one by that: the planner finds it and numbers
 * the second.
 */
#include "migrate/imap/name.h"

#include <string.h>

#include "migrate/imap/mutf7.h"

bool imap_name_is_inbox(struct slice wire)
{
	return slice_eq_nocase(wire, SLICE_LIT("INBOX"));
}

/* The name without the namespace's prefix; the INBOX has none. */
static struct slice without_prefix(struct slice wire, const struct imap_name_style *style)
{
	struct slice prefix = slice_str(style->prefix);
	if (prefix.len == 0 || wire.len <= prefix.len || !slice_starts_nocase(wire, prefix))
		return wire;
	return (struct slice){ wire.ptr + prefix.len, wire.len - prefix.len };
}

/* Without a delimiter the server is flat: the name is one level. */
static struct slice next_level(struct slice *rest, char delimiter)
{
	if (delimiter != '\0')
		return slice_until(rest, delimiter);
	struct slice all = *rest;
	*rest = (struct slice){ NULL, 0 };
	return all;
}

/* One level as UTF-8. */
static void decode_level(struct buf *out, struct slice level)
{
	if (mutf7_decode(out, level))
		return;
	bool utf8 = str_is_utf8(level);
	for (size_t i = 0; i < level.len; i++)
		buf_add(out, utf8 || (unsigned char)level.ptr[i] < 0x80 ? &level.ptr[i] : "_", 1);
}

/* Cleaned before it is encoded: afterwards a letter could not be told from base64. */
static void encode_level(struct buf *out, struct buf *level, char delimiter)
{
	for (size_t i = 0; i < level->len; i++) {
		char c = level->at[i];
		if (((unsigned char)c < 0x20 || c == 0x7f || c == '*' || c == '%') ||
		    (delimiter != '\0' && c == delimiter))
			level->at[i] = '_';
	}
	if (level->len == 0)
		buf_addc(level, '_');
	(void)mutf7_encode(out, buf_slice(level));
}

void imap_name_show(struct buf *out, struct slice wire, const struct imap_name_style *style)
{
	struct slice rest = without_prefix(wire, style);
	struct buf level;
	bool first = true;
	buf_init(&level);
	while (rest.len > 0) {
		if (!first)
			buf_addc(out, '/');
		buf_clear(&level);
		decode_level(&level, next_level(&rest, style->delimiter));
		for (size_t i = 0; i < level.len; i++)
			buf_add(out, level.at[i] == '/' ? "\\/" : &level.at[i],
				level.at[i] == '/' ? 2 : 1);
		first = false;
	}
	buf_release(&level);
}

/* Up to the next '/' that has no '\' before it, into `level`. */
static void next_shown(struct slice *rest, struct buf *level)
{
	size_t i = 0;
	for (; i < rest->len && rest->ptr[i] != '/'; i++) {
		if (rest->ptr[i] == '\\' && i + 1 < rest->len && rest->ptr[i + 1] == '/')
			i++;
		buf_addc(level, rest->ptr[i]);
	}
	i += i < rest->len ? 1 : 0;
	*rest = (struct slice){ rest->ptr + i, rest->len - i };
}

static void add_delimiter(struct buf *out, const struct imap_name_style *dst)
{
	buf_addc(out, (char)(dst->delimiter == '\0' ? '_' : dst->delimiter));
}

void imap_name_wire(struct buf *out, struct slice shown, const struct imap_name_style *dst)
{
	struct buf level;
	bool first = true;
	if (imap_name_is_inbox(shown)) {
		buf_adds(out, "INBOX");
		return;
	}
	buf_init(&level);
	buf_adds(out, dst->prefix);
	while (shown.len > 0) {
		buf_clear(&level);
		next_shown(&shown, &level);
		if (!first)
			add_delimiter(out, dst);
		encode_level(out, &level, dst->delimiter);
		first = false;
	}
	buf_release(&level);
}

/* A child of the INBOX: with a target whose folders all live below INBOX its first level
 * would be doubled. */
static void skip_inbox_level(struct slice *rest, const struct imap_name_style *src,
			     const struct imap_name_style *dst)
{
	struct slice below = *rest;
	struct slice first = next_level(&below, src->delimiter);
	if (imap_name_is_inbox(first) && below.len > 0 &&
	    slice_starts_nocase(slice_str(dst->prefix), SLICE_LIT("INBOX")))
		*rest = below;
}

/* INBOX is INBOX everywhere, in any case and without prefix (RFC 3501 §5.1). */
void imap_name_map(struct buf *out, struct slice wire, const struct imap_name_style *src,
		   const struct imap_name_style *dst)
{
	if (imap_name_is_inbox(wire)) {
		buf_adds(out, "INBOX");
		return;
	}
	struct slice rest = without_prefix(wire, src);
	struct buf level;
	bool first = true;
	buf_init(&level);
	skip_inbox_level(&rest, src, dst);
	buf_adds(out, dst->prefix);
	while (rest.len > 0) {
		buf_clear(&level);
		decode_level(&level, next_level(&rest, src->delimiter));
		if (!first)
			add_delimiter(out, dst);
		encode_level(out, &level, dst->delimiter);
		first = false;
	}
	buf_release(&level);
}
