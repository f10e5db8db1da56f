/* apply_priv.h - shared by apply.c, applied.c and rollback.c. */
#ifndef FLOW_APPLY_PRIV_H
#define FLOW_APPLY_PRIV_H

#include "flow/apply.h"
#include "store/journal.h"

/* "name TYPE, name TYPE" of all changes. */
const char *apply_subject(struct arena *a, const struct change_set *cs);
/* What one group of changes was for. */
struct apply_intent {
	const char *step;
	int64_t undoes; /* seq of the intent that this undoes; 0 */
	const struct change_set *changes;
};
/* Writes down what is about to be done, with the whole change set, before anything is: what a
 * crash leaves behind must be enough to find out. *seq_r is the row's number. */
int apply_journal_intent(struct flow *f, struct arena *a, const struct apply_intent *intent,
			 int64_t *seq_r, struct err *e);
/* Closes an intent (its seq, step and subject are read): DONE, FAILED (nothing changed) or
 * UNKNOWN. */
int apply_journal_outcome(struct flow *f, const struct journal_row *intent, enum journal_kind kind,
			  struct err *e);
/* The change set in an intent's row (arena), and the seq of what it undoes, else 0. NULL with
 * *e when the row cannot be read. */
const struct change_set *apply_intent_changes(struct arena *a, const struct journal_row *row,
					      int64_t *undoes_r, struct err *e);
/* True for the steps that write to the zone: other rows of the journal have intents too, but
 * nothing in the zone to be resolved. */
bool apply_is_change_step(const char *step);
/* flow_apply for a group that undoes another (`intent->undoes`). */
int apply_run(struct flow *f, struct arena *a, const struct apply_intent *intent,
	      struct apply_report *report, struct err *e);

#endif
