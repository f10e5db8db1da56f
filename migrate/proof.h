/*
 * proof.h - what a pass owes when its folders are copied: quarantine and repair of what was
 * refused, surplus copies by name, dates read back.
 */
#ifndef MIGRATE_PROOF_H
#define MIGRATE_PROOF_H

#include "migrate/box.h"

/* After the last folder of an attempt; both sessions are idle, whatever folder they have open.
 * Repeatable: what was done is in the ledger. */
int box_proof(struct box *b, struct err *e);

#endif
