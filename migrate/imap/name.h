/*
 * name.h - mailbox names: from the source's spelling (prefix, delimiter, modified UTF-7)
 * to the target's.
 */
#ifndef MIGRATE_IMAP_NAME_H
#define MIGRATE_IMAP_NAME_H

#include "base/buf.h"

struct imap_name_style {
	const char *prefix; /* of the personal namespace, wire form: "INBOX." or "" */
	char delimiter;     /* 0: flat */
};

/* "INBOX" in any case (RFC 3501 §5.1). */
bool imap_name_is_inbox(struct slice wire);
/* The name as people read it: UTF-8, '/' between levels, "\/" for one within a level, prefix left
 * out. */
void imap_name_show(struct buf *out, struct slice wire, const struct imap_name_style *style);
/* The wire name of what imap_name_show would show; cleaned as by imap_name_map. */
void imap_name_wire(struct buf *out, struct slice shown, const struct imap_name_style *dst);
/* The wire name at the target. Within a level the target's delimiter, control characters,
 * '*' and '%' become '_', and so does an empty level; a name that is no modified UTF-7 is
 * read as UTF-8, bytes that are neither become '_'. */
void imap_name_map(struct buf *out, struct slice wire, const struct imap_name_style *src,
		   const struct imap_name_style *dst);

#endif
