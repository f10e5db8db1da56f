/*
 * merged.h - a target that keeps one message a Message-ID (Gmail) answers OK to a second one and
 * keeps the first one's content. Whether that is the content of the second, too, is read there.
 */
#ifndef MIGRATE_MERGED_H
#define MIGRATE_MERGED_H

#include "migrate/box.h"

/* Of one folder, at such a target: what was answered with the place of an older message is compared
 * with what is in that place, by hash. One of other content is REFUSED by this pass, with the
 * reason: it is at the source alone. Costs a query where there is none. Messages to be looked at
 * are DONE and kept (ledger_set_kept), so a kill before leaves them to the next pass. */
int merged_look(struct box *b, const struct box_folder *f, struct err *e);

#endif
