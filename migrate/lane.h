/*
 * lane.h - copies the messages of one folder that the ledger has as NEW: one source and
 * one target connection and a bounded buffer between them (docs/migrate.md).
 */
#ifndef MIGRATE_LANE_H
#define MIGRATE_LANE_H

#include "migrate/box.h"

/* Both folders are open. Returns 0 when nothing is left to copy; on -1 what is unclear is
 * IN_FLIGHT in the ledger. Refused messages are recorded there, and are no error. */
int lane_run(struct box *b, struct box_folder *f, struct err *e);

#endif
