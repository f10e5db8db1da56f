/*
 * scan_gone.h - what a server says vanished (RFC 7162 §3.2.10), against the ledger's rows.
 */
#ifndef MIGRATE_SCAN_GONE_H
#define MIGRATE_SCAN_GONE_H

#include "base/str.h"
#include "store/ledger.h"

struct scan_gone {
	struct store *store; /* borrowed */
	int64_t folder_id;
	uint32_t last_known; /* the highest UID that the ledger has; with `looked` */
	uint32_t up_to;      /* what vanished earlier was told up to here: */
	unsigned now;        /* ranges that vanished while the folder was read */
	bool looked;
	bool distrusted; /* it cannot be what happened: the folder is to be listed */
};

/* Nothing is read yet; the store must live as long. */
void scan_gone_init(struct scan_gone *g, struct store *s, int64_t folder_id);
/* Marks the rows that a set, or a piece of one, names. `earlier`: it is about the time before the
 * folder was opened, told once and in rising order. Whatever the set, it costs each row once, and
 * nothing for UIDs without a row; a server that says more has distrusted set. */
int scan_gone_take(struct scan_gone *g, const struct slice *uids, bool earlier, struct err *e);

#endif
