/*
 * gate_dropped.h - mailboxes that were copied and that the users CSV lists no more.
 */
#ifndef FLOW_GATE_DROPPED_H
#define FLOW_GATE_DROPPED_H

#include "flow/copy.h"
#include "flow/gates.h"
#include "flow/words.h"

/* Whose mail the ledger knows, who is not in the list (case does not count), and whom nobody
 * removed by word: a row that was lost on the way, or another list than the one that was copied.
 * One that never showed a message was a mistyped row and is left out. *list_r is the arena's. */
int gate_dropped(struct flow *f, struct arena *a, const struct copy_list *listed,
		 const struct words *words, struct gate_dropped *dropped_r, struct err *e);

#endif
