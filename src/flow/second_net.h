/*
 * second_net.h - the provider's own snapshots of the zone. A rollback works from before-images;
 * when somebody edited the zone since, it refuses, and a snapshot is another way back.
 */
#ifndef FLOW_SECOND_NET_H
#define FLOW_SECOND_NET_H

#include "flow/flow.h"
#include "flow/provider.h"
#include "store/journal.h"

/* Has one taken before the first write of that set, where the provider keeps them; its id goes into
 * the journal (a note of the step "snapshot"). That none could be taken is told and journalled, and
 * is an error (ERR_REFUSED) only with policy.snapshot: required. Not in a dry run. */
int second_net_take(struct flow *f, struct arena *a, struct provider *p,
		    const struct change_set *cs, struct err *e);

/* To a rollback that refuses to undo the change of that journal row: which snapshot was taken
 * before it, and how to restore it. Other errors, and no snapshot, leave *e as it is. */
void second_net_offer(struct flow *f, struct arena *a, int64_t seq, struct err *e);

/* Closes the journal row of a restore that was interrupted, which nothing can look at afterwards:
 * as unknown, and told with the way to be certain. An intent of any other step is left alone. */
int second_net_resolve(struct flow *f, const struct journal_row *row, struct err *e);

/* Puts the whole zone back as that snapshot has it, on the record. ERR_REFUSED for an id that the
 * journal does not know. */
int second_net_restore(struct flow *f, struct arena *a, const char *id, struct err *e);

#endif
