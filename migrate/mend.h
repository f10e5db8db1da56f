/*
 * mend.h - a refused message once more, altered as the project wishes it (repair.h). The
 * original's hash stays in the ledger beside that of the copy and the words for what was done.
 */
#ifndef MIGRATE_MEND_H
#define MIGRATE_MEND_H

#include "migrate/box.h"

/* `path` is the file of the refused message `row`. 1: it needed repair and the target has it now;
 * 0: it stays refused (nothing to repair, or refused again); -1. */
int mend(struct box *b, struct box_folder *f, const struct ledger_message *row, const char *path,
	 struct err *e);

#endif
