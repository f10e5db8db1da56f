/*
 * filter.h - what a pass is asked to leave out: folders by name, messages by date and size.
 * What is left out stays in the ledger as not copied: it is counted, and no gate takes the
 * mailbox for complete.
 */
#ifndef MIGRATE_FILTER_H
#define MIGRATE_FILTER_H

#include <stdbool.h>

#include "base/buf.h"
#include "migrate/migrate.h"
#include "store/ledger.h"

/* `shown`: the folder as people see it ("Archive/2024"). A pattern's * stands for anything, also
 * '/'; case does not count; a pattern without a * also means the folders below it: who names a
 * folder means what is in it. INBOX is a folder like the others. */
bool filter_pattern_names(const char *pattern, const char *shown);
/* Whether the folders that are asked for name it, and none of those to be left out. NULL takes
 * everything. */
bool filter_takes_folder(const struct migrate_filter *f, const char *shown);
/* By INTERNALDATE and size as the source told them; a date that cannot be read is taken. */
bool filter_takes_message(const struct migrate_filter *f, const struct ledger_message *m);
/* "only folders Sent*; older than 2026-01-01T00:00:00Z": what the filter leaves out, in words. */
void filter_describe(const struct migrate_filter *f, struct buf *out);

#endif
