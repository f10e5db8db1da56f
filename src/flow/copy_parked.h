/*
 * copy_parked.h - mailboxes whose login was refused: passes that repeat leave them alone, for a
 * server locks an account that is tried with a wrong password again and again.
 */
#ifndef FLOW_COPY_PARKED_H
#define FLOW_COPY_PARKED_H

#include "flow/words.h"
#include "migrate/migrate.h"

struct copy_parked;

/* Empty; for all passes of one run. */
struct copy_parked *copy_parked_new(void);
/* Takes NULL. */
void copy_parked_free(struct copy_parked *p);
/* How a mailbox of a pass ended: one whose login was refused is parked, others are let go. Says
 * so in the log (NULL: nowhere), once. */
void copy_parked_note(struct copy_parked *p, const struct migrate_mailbox *m, const struct err *why,
		      int64_t now_ms, struct log *log);
/* Why it is not to be tried: NULL when it is. It is, when its row changed, when somebody said
 * `mailbox start` since (`word`, NULL none), or six hours later. */
const struct err *copy_parked_reason(const struct copy_parked *p, const struct migrate_mailbox *m,
				     const struct word *word, int64_t now_ms);

#endif
