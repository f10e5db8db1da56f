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
	/* Of a new one that undoes: where that was made; nothing is done elsewhere. In the journal:
	 * where this was to be made. */
	struct place place;
};
/* Writes down what is about to be done, with the whole change set, before anything is: what a
 * crash leaves behind must be enough to find out. *seq_r is the row's number. */
int apply_journal_intent(struct flow *f, struct arena *a, const struct apply_intent *intent,
			 int64_t *seq_r, struct err *e);
/* Closes an intent (its seq, step and subject are read): DONE, FAILED (nothing changed) or
 * UNKNOWN. */
int apply_journal_outcome(struct flow *f, const struct journal_row *intent, enum journal_kind kind,
			  struct err *e);
/* What stands in an intent's row, in the arena. -1 with *e when the row cannot be read. */
int apply_intent_read(struct arena *a, const struct journal_row *row, struct apply_intent *intent_r,
		      struct err *e);
/* True for the steps that write to the zone: other rows of the journal have intents too, but
 * nothing in the zone to be resolved. */
bool apply_is_change_step(const char *step);
/* flow_apply for a group that undoes another (`intent->undoes`). */
int apply_run(struct flow *f, struct arena *a, const struct apply_intent *intent,
	      struct apply_report *report, struct err *e);

/* An RRset that is what neither image of the change says, with both in words. -1. */
int apply_refuse_foreign(struct arena *a, const struct change *c, const struct rrset *now,
			 bool undoes, struct err *e);

/* What a rollback of these groups would make of the zone as it is, as one set from what stands
 * there now (arena). -1 with *e where that rollback would stop. For a dry run: nothing is written.
 */
int apply_rehearse(struct flow *f, struct arena *a, const struct applied_group *groups, size_t n,
		   const struct change_set **set_r, struct err *e);

#endif
