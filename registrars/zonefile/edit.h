/*
 * edit.h - a change set made in the text of a master file. Private to the provider.
 */
#ifndef REGISTRARS_ZONEFILE_EDIT_H
#define REGISTRARS_ZONEFILE_EDIT_H

#include "registrars/zonefile/master.h"
#include "zone/change.h"

/* Appends the new file to *out: the planned RRsets exactly as their after-images, the
 * serial raised, every other entry byte for byte — except that an entry which inherited
 * its owner or TTL from one that went away gets it written out. The before-images must
 * have been compared. Memory beside *out: the planned RRsets' records. -1 with *e
 * (ERR_REFUSED) when the zone has not exactly one SOA record, or the file cannot be read. */
int edit_apply(const struct master_text *m, const struct change_set *cs, int64_t now_ms,
	       struct buf *out, struct err *e);

/* Whether `after` is `before` with exactly the change set done and the serial raised, both read
 * anew, by our reader and by ldns; memory as above. -1 with *e (ERR_BUG): the text must not be
 * used. */
int edit_verify(const struct master_text *before, const struct master_text *after,
		const struct change_set *cs, struct err *e);

#endif
