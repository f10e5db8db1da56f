/*
 * The items of a FETCH response (RFC 3501 §7.4.2) by name, in any order: Exchange gives
 * RFC822.SIZE before UID whatever was asked for. Items that nobody knows are skipped by
 * their shape.
 */
#include <string.h>

#include "migrate/imap/parse.h"

bool imap_item_is_body(struct slice item)
{
	return slice_starts_nocase(item, SLICE_LIT("BODY[")) ||
	       slice_starts_nocase(item, SLICE_LIT("BINARY[")) ||
	       slice_eq_nocase(item, SLICE_LIT("RFC822")) ||
	       slice_eq_nocase(item, SLICE_LIT("RFC822.TEXT")) ||
	       slice_eq_nocase(item, SLICE_LIT("RFC822.HEADER"));
}

static bool read_uid(struct imap_reader *r, struct imap_fetch *f)
{
	uint64_t v;
	if (!imap_read_number(r, &v) || v == 0 || v > UINT32_MAX)
		return false;
	f->uid = (uint32_t)v;
	return true;
}

static bool read_flags(struct imap_reader *r, struct imap_fetch *f)
{
	f->has_flags = true;
	return imap_read_flat_list(r, &f->flags);
}

enum { DATE_MAX = 64 }; /* twice what a date has: a longer one is none, and is not kept */

static bool read_date(struct imap_reader *r, struct imap_fetch *f)
{
	bool is_nil;
	if (!imap_read_nstring(r, &f->date, &is_nil))
		return false;
	f->has_date = !is_nil;
	if (f->date.len > DATE_MAX)
		f->date.len = 0;
	return true;
}

static bool read_size(struct imap_reader *r, struct imap_fetch *f)
{
	f->has_size = true;
	return imap_read_number(r, &f->size);
}

static bool read_modseq(struct imap_reader *r, struct imap_fetch *f)
{
	return imap_read_char(r, '(') && imap_read_number(r, &f->modseq) && imap_read_char(r, ')');
}

static bool read_body(struct imap_reader *r, struct imap_fetch *f)
{
	f->has_body = true;
	f->body_is_quoted = imap_peek(r) == '"';
	return imap_read_nstring(r, &f->quoted, &f->body_is_nil);
}

static bool read_value(struct imap_reader *r, struct slice item, struct imap_fetch *f)
{
	if (slice_eq_nocase(item, SLICE_LIT("UID")))
		return read_uid(r, f);
	if (slice_eq_nocase(item, SLICE_LIT("FLAGS")))
		return read_flags(r, f);
	if (slice_eq_nocase(item, SLICE_LIT("INTERNALDATE")))
		return read_date(r, f);
	if (slice_eq_nocase(item, SLICE_LIT("RFC822.SIZE")))
		return read_size(r, f);
	if (slice_eq_nocase(item, SLICE_LIT("MODSEQ")))
		return read_modseq(r, f);
	if (slice_eq_nocase(item, SLICE_LIT("X-GM-MSGID")))
		return imap_read_number(r, &f->gm_msgid);
	if (imap_item_is_body(item))
		return read_body(r, f);
	return imap_skip_value(r);
}

bool imap_parse_fetch(struct imap_reader *r, bool partial, struct imap_fetch *f,
		      struct slice *item_r)
{
	*item_r = (struct slice){ NULL, 0 };
	if (!imap_read_char(r, '('))
		return false;
	while (imap_peek(r) != ')') {
		if (!imap_read_item_name(r, item_r) || !imap_read_space(r))
			return false;
		if (partial && imap_read_end(r))
			return true;
		if (!read_value(r, *item_r, f))
			return false;
		(void)imap_read_space(r);
	}
	return !partial;
}
