/*
 * mutf7.h - modified UTF-7, the coding of mailbox names (RFC 3501 §5.1.3).
 */
#ifndef MIGRATE_IMAP_MUTF7_H
#define MIGRATE_IMAP_MUTF7_H

#include "base/buf.h"

/* Appends the UTF-8 of a name from the wire. False, with nothing appended, when it is
 * no modified UTF-7 (bad base64, lone surrogate, raw 8-bit): treat it as raw bytes. */
bool mutf7_decode(struct buf *out, struct slice name);
/* Appends the wire form of a UTF-8 name; false, with nothing appended, when it is no
 * UTF-8. */
bool mutf7_encode(struct buf *out, struct slice utf8);

#endif
