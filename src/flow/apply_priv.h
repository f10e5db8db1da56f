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
int apply_journal_intent(struct flow *f, struct arena *a, const struct apply_intent *intent,
			 int64_t *seq_r, struct err *e);
int apply_journal_outcome(struct flow *f, const struct journal_row *intent, enum journal_kind kind,
			  struct err *e);
/* The change set in an intent's row, and what it undoes. */
const struct change_set *apply_intent_changes(struct arena *a, const struct journal_row *row,
					      int64_t *undoes_r, struct err *e);
bool apply_is_change_step(const char *step);
/* flow_apply for a group that undoes another (`intent->undoes`). */
int apply_run(struct flow *f, struct arena *a, const struct apply_intent *intent,
	      struct apply_report *report, struct err *e);

#endif
