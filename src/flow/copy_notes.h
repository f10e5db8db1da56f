/*
 * copy_notes.h - what a person should look at before the switch, though no copy failed over it:
 * messages that the target will not take, mailboxes that do not fit its quota, and mailboxes whose
 * mail lies elsewhere.
 */
#ifndef FLOW_COPY_NOTES_H
#define FLOW_COPY_NOTES_H

#include "flow/copy.h"

/* Why this mailbox looks like that of a user whose mail is on a disk (POP): in words, the arena's.
 * NULL: it does not. `median_bytes`: what its peers have; 0: there are too few of them. */
const char *copy_small_reason(struct arena *a, const struct migrate_shape *s, uint64_t median_bytes,
			      int64_t now_ms);

/* The largest message that the target takes: as the project says, else as the server told
 * (`told`, 0 not), else by what is known of the provider; 0: nobody knows. *who_r: whose word
 * that is, static. */
uint64_t copy_target_limit(const struct project *p, uint64_t told, const char **who_r);

/* Looks through the ledger at these mailboxes; list and texts are the arena's. */
int copy_notes(struct flow *f, struct arena *a, const struct copy_list *boxes,
	       const struct copy_note **list_r, size_t *n_r, struct err *e);

#endif
