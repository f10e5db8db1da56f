/*
 * parse.h - from one whole response line to its event; for lexer.c only.
 */
#ifndef MIGRATE_IMAP_PARSE_H
#define MIGRATE_IMAP_PARSE_H

#include "migrate/imap/response.h"
#include "migrate/imap/token.h"

/* The line without its CRLF; false when it is malformed. */
bool imap_parse_line(struct imap_reader *r, struct imap_event *ev_r);
/* "OK [CODE …] text" after the tag or star (RFC 3501 §7.1). */
bool imap_parse_status(struct imap_reader *r, uint32_t tag, struct imap_event *ev_r);
/* The items of a FETCH. `partial`: the line ends at a literal's header; what stands
 * before is read, the item whose value it is gets named. */
bool imap_parse_fetch(struct imap_reader *r, bool partial, struct imap_fetch *f,
		      struct slice *item_r);
/* True for BODY[…], RFC822, RFC822.TEXT, RFC822.HEADER, BINARY[…]. */
bool imap_item_is_body(struct slice item);

#endif
