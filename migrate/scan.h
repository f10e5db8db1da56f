/*
 * scan.h - what is in a source folder, merged into the ledger as it streams by: new
 * messages become rows, flags that changed wait to be carried, what vanished is marked.
 * Nothing grows with the folder but the ledger. Counts the messages by every way there is.
 */
#ifndef MIGRATE_SCAN_H
#define MIGRATE_SCAN_H

#include "migrate/box.h"

/* Queues the commands behind the EXAMINE that is queued already. */
void scan_send(struct box *b, struct box_folder *f, struct scan *s_r);
/* Drops the answers of a scan whose folder turned out to be another one. */
int scan_skip(struct box *b, const struct scan *s, struct err *e);
/* Reads the answers; that a message was seen for the first time is in the ledger with it
 * (last_new_ms). Where the counts disagree everything is asked once more, for mail may have come
 * meanwhile. */
int scan_run(struct box *b, struct box_folder *f, struct scan *s, struct err *e);

#endif
