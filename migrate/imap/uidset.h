/*
 * uidset.h - sets of UIDs, "1:5,7,9:12" (RFC 3501 §9, sequence-set): written from rising
 * numbers, read as ranges.
 */
#ifndef MIGRATE_IMAP_UIDSET_H
#define MIGRATE_IMAP_UIDSET_H

#include "base/buf.h"

struct imap_uidset {
	struct buf text;
	uint32_t first, last; /* the open run; 0: none */
	size_t count;
};

/* An empty set. */
void imap_uidset_init(struct imap_uidset *s);
/* Frees the text. */
void imap_uidset_release(struct imap_uidset *s);
/* Empty again, for the next command; the buffer's room is kept. */
void imap_uidset_clear(struct imap_uidset *s);
/* uid must be larger than the one before. */
void imap_uidset_add(struct imap_uidset *s, uint32_t uid);
/* The whole set; the open run is closed by it. Borrowed until the next change. */
struct slice imap_uidset_text(struct imap_uidset *s);

/* How many UIDs a set from the wire names. */
uint64_t imap_uidset_size(struct slice set);
/* The next range of a set from the wire, low end first whatever the order; "*" is
 * 4294967295. False at the end or at garbage. */
bool imap_uidset_next(struct slice *rest, uint32_t *low_r, uint32_t *high_r);

#endif
