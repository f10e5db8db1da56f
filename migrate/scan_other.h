/*
 * scan_other.h - does a UID still mean the message that the ledger knows by it?
 */
#ifndef MIGRATE_SCAN_OTHER_H
#define MIGRATE_SCAN_OTHER_H

#include "migrate/imap/response.h"
#include "store/ledger.h"

/* True when what FETCH tells now cannot be the message of the row. What is not told on either side
 * speaks for it. `sizes_estimated`: the server's sizes say nothing. Pure. */
bool scan_is_other(const struct ledger_message *known, const struct imap_fetch *now,
		   bool sizes_estimated);

#endif
