/*
 * token.h - reads the tokens of one whole response line (RFC 3501 §9).
 *
 * The line is the logical one: short literals stand in it as "{n}CRLF bytes"; those
 * that were streamed past stand as "{0}CRLF". Quoted strings are unescaped in
 * place, so the line must be writable. Nothing is read beyond `end`; every verb
 * answers false on a mismatch and then leaves the position undefined (give up).
 */
#ifndef MIGRATE_IMAP_TOKEN_H
#define MIGRATE_IMAP_TOKEN_H

#include "base/str.h"

enum { IMAP_NESTING_MAX = 32 };

struct imap_reader {
	char *at, *end; /* borrowed */
};

/* True when nothing is left. */
bool imap_read_end(const struct imap_reader *r);
/* The next byte, 0 at the end. */
char imap_peek(const struct imap_reader *r);
/* Exactly this byte. */
bool imap_read_char(struct imap_reader *r, char c);
/* One blank or more: servers that send two are forgiven. */
bool imap_read_space(struct imap_reader *r);
/* A run of bytes up to blank, parenthesis, quote or end; brackets are part of it. */
bool imap_read_atom(struct imap_reader *r, struct slice *s_r);
/* Decimal digits, one at least, within 64 bits. */
bool imap_read_number(struct imap_reader *r, uint64_t *v_r);
/* A quoted string or a literal. */
bool imap_read_string(struct imap_reader *r, struct slice *s_r);
/* A string or an atom (a numeric or bracketed atom is fine). */
bool imap_read_astring(struct imap_reader *r, struct slice *s_r);
/* A string, or NIL which gives *is_nil_r. */
bool imap_read_nstring(struct imap_reader *r, struct slice *s_r, bool *is_nil_r);
/* The inside of a parenthesised list of atoms, as it stands: "\Seen $Label1". */
bool imap_read_flat_list(struct imap_reader *r, struct slice *s_r);
/* The name of a FETCH item, section included: "BODY[HEADER.FIELDS (DATE)]<0>". */
bool imap_read_item_name(struct imap_reader *r, struct slice *s_r);
/* Any value: atom, string, list of values; deeper than IMAP_NESTING_MAX is refused. */
bool imap_skip_value(struct imap_reader *r);
/* All that is left. */
struct slice imap_read_rest(struct imap_reader *r);

#endif
