/*
 * match.h - finds out which messages are at the target already, so that none is doubled:
 * after a crash those that were in flight; at first sight of a target folder that is not
 * empty, or after a UIDVALIDITY changed, all of them. By SHA-256 of the bodies with even
 * line ends, for the target may have stored others (lineends.h), or by header where the
 * policy says so (headkey.h); each message of the target is taken once, so exact duplicates
 * arrive as often as they exist.
 */
#ifndef MIGRATE_MATCH_H
#define MIGRATE_MATCH_H

#include "migrate/box.h"

/* Both folders are open. Looks where the ledger says that it must (row.match_from, and
 * unresolved messages); afterwards nothing is IN_FLIGHT and every DONE has its UID. */
int match_run(struct box *b, struct box_folder *f, struct err *e);
/* What the mailbox's policy says: messages are known by their headers. The target is open. */
bool match_by_headers(const struct box *b);

#endif
