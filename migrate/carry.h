/*
 * carry.h - flags that changed at the source since a message was copied are changed at
 * the target in the same way: added ones added, removed ones removed, the rest (what the
 * user did at the target) left alone.
 */
#ifndef MIGRATE_CARRY_H
#define MIGRATE_CARRY_H

#include "migrate/box.h"

/* The target folder is open. A refused change stays in the ledger and is trouble, but for keywords
 * that the target does not take: these are a loss, told by name. */
int carry_flags(struct box *b, struct box_folder *f, struct err *e);

#endif
