/*
 * flags.h - lists of flags and keywords (RFC 3501 §2.3.2) as text "\Answered \Seen $Fwd".
 *
 * The canonical form is what the ledger keeps and compares: no \Recent, system flags in
 * their own spelling, each once, sorted (ASCII case ignored), one blank between.
 */
#ifndef MIGRATE_IMAP_FLAGS_H
#define MIGRATE_IMAP_FLAGS_H

#include "base/buf.h"

enum {
	IMAP_FLAGS_MAX = 256, /* more on one message are dropped */
	IMAP_FLAG_MAX = 255,  /* octets of one; servers take fifty or so */
};

/* Appends the canonical form. What cannot be a flag (control characters, quotes, literals, what is
 * longer than any) is left out. */
void imap_flags_canonical(struct buf *out, struct slice text);
/* Appends those of `flags` (canonical) that `permanent` (PERMANENTFLAGS, or NULL ptr when
 * the server told none: then all) lets a client set. Returns how many were left out. */
size_t imap_flags_permitted(struct buf *out, struct slice flags, struct slice permanent);
/* Both canonical: equal, keywords compared without case as servers may fold them. */
bool imap_flags_equal(struct slice a, struct slice b);
/* True when every flag of `a` is in `b`; both canonical. */
bool imap_flags_within(struct slice a, struct slice b);
/* True when `flag` is one of `flags`, canonical or as a server sent them; case is ignored. */
bool imap_flags_has(struct slice flags, const char *flag);

#endif
