/*
 * logins.h - tries every login before anything is copied.
 */
#ifndef MIGRATE_LOGINS_H
#define MIGRATE_LOGINS_H

#include "migrate/login.h"

struct login_result {
	enum login_class class;
	struct err err;             /* for all classes but LOGIN_FINE */
	struct migrate_quota quota; /* for LOGIN_FINE, as far as the server tells */
};
struct login_check { /* one a mailbox, in the order given */
	struct login_result src, dst;
};

/* Called after each mailbox's two logins, by any thread, one at a time. */
typedef void logins_progress_fn(void *ctx, size_t done, size_t failed);

struct logins_opts {
	const struct migrate_opts *migrate;
	logins_progress_fn *progress; /* NULL */
	void *progress_ctx;
};

/* Logs in to both sides of each mailbox, a few at a time, opens INBOX read-only and leaves.
 * Each row costs a server one login, wrong passwords too; a server that cannot be reached is not
 * tried again for each row. -1 only when cancelled. */
int logins_check(const struct logins_opts *opts, const struct migrate_mailbox *boxes, size_t n,
		 struct login_check *checks, struct err *e);

#endif
