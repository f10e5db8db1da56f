/*
 * copy_hold.h - why a mailbox may not go on right now: a person stopped it, or the hour is quiet.
 */
#ifndef FLOW_COPY_HOLD_H
#define FLOW_COPY_HOLD_H

#include "config/quiet_hours.h"
#include "flow/words.h"
#include "migrate/migrate.h"

struct copy_hold {
	struct flow *f;
	size_t quiet_n;
	struct quiet_hours *quiet; /* the arena's that it was begun with */
	struct arena *arena;       /* owned: of the words */
	struct words words;
	int64_t read_mono_ms;
	int64_t paused_until_ms; /* quiet hours that were met last; may be over */
	int64_t paused_ms;       /* all that were met, to their ends */
};

/* Reads the words that are in force; the project's windows are the arena's. */
int copy_hold_begin(struct copy_hold *h, struct flow *f, struct arena *a, struct err *e);
/* Frees the words; what `a` holds stays. */
void copy_hold_end(struct copy_hold *h);
/* migrate_may_fn's contract, `ctx` a struct copy_hold: words are read anew about once a second. */
int copy_hold_may(void *ctx, const struct migrate_mailbox *m, struct err *e);
/* How long it has been quiet so far, in ms. */
int64_t copy_hold_paused_ms(const struct copy_hold *h);
/* Reads the words now. */
int copy_hold_refresh(struct copy_hold *h, struct err *e);

#endif
