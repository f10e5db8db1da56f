/*
 * dates.h - an INTERNALDATE that the target silently replaced is noticed: some of those that a
 * pass has appended are read back. All are when both sides are compared (verify).
 */
#ifndef MIGRATE_DATES_H
#define MIGRATE_DATES_H

#include "migrate/box.h"

/* For all folders that were filled in this attempt, in few round trips. Each difference is a note
 * of the kind "date", and trouble. */
int dates_read_back(struct box *b, struct err *e);
/* Queues the question for the dates of these messages in the folder that is open, or is being
 * opened; its tag. */
uint32_t dates_ask(struct session *s, const struct ledger_placed_list *placed, bool at_src);

#endif
