/*
 * copy_quota.h - no more of a mailbox in 24 hours than its host allows: hosts that count (Gmail)
 * shut the whole account out for a day when it is too much, its owner's programs too.
 */
#ifndef FLOW_COPY_QUOTA_H
#define FLOW_COPY_QUOTA_H

#include "flow/flow.h"

struct copy_quota_box {
	uint64_t seen;   /* bytes that the present pass had copied when it last told */
	uint64_t unkept; /* of them, not in the store yet */
	int64_t told_ms; /* the end of the wait that was told last */
};
struct copy_quota {
	struct flow *f;
	uint64_t limit;               /* bytes of a mailbox a day; 0: none */
	struct copy_quota_box *boxes; /* the arena's */
};

/* For `n` mailboxes, by the project's copy.mailbox_bytes_per_day. */
void copy_quota_begin(struct copy_quota *q, struct flow *f, struct arena *a, size_t n);
/* Mailbox i has `copied_bytes` copied in this pass; less than before: a new pass. */
void copy_quota_took(struct copy_quota *q, size_t i, uint64_t copied_bytes);
/* Stores what mailbox i, of that address, has had since the last time. */
int copy_quota_keep(struct copy_quota *q, size_t i, const char *address, struct err *e);
/* As migrate_may_fn: keeps it, and ERR_WAIT until the mailbox may have more. */
int copy_quota_may(struct copy_quota *q, size_t i, const char *address, struct err *e);

#endif
