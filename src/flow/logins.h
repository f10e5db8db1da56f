/*
 * logins.h - how each side is logged in to, from the project file: passwords of the CSV, an
 * administrator, or tokens; and the trial of all logins before a copy.
 */
#ifndef FLOW_LOGINS_H
#define FLOW_LOGINS_H

#include "flow/flow.h"
#include "migrate/logins.h"

struct logins;

/* Resolves the secrets of both sides; asks no server yet. `f` must outlive it. ERR_USAGE for a
 * secret that cannot be read, or a key that is none. */
int logins_new(struct flow *f, struct logins **logins_r, struct err *e);
/* Wipes secrets and tokens; no mailbox may be under way. Takes NULL. */
void logins_free(struct logins *l);

/* Fills the login of one side's endpoint: user, password, authzid, forms, tokens. Texts are the
 * arena's or the row's, secrets and tokens the logins'. */
void logins_source(const struct logins *l, struct arena *a, const struct user_row *row,
		   struct migrate_endpoint *ep);
void logins_target(const struct logins *l, struct arena *a, const struct user_row *row,
		   struct migrate_endpoint *ep);

struct copy_wishes;

/* One row of the users CSV as it was tried. */
struct login_row {
	const char *address;
	size_t row;
	const char *src_user, *dst_user; /* as the CSV has them */
	struct login_check check;
	const char *tight; /* why it cannot fit the target's quota (copy_room.h); NULL */
};
struct login_trial {
	int64_t at_ms;
	size_t n;
	const struct login_row *rows;
	size_t failed;                   /* rows with a failure on either side */
	size_t counts[2][LOGIN_CLASSES]; /* source, target */
};
/* Tries the logins of the rows that `wishes` asks for; copies nothing. STEP_STOP when some fail.
 * *trial_r is the arena's. */
int flow_check_logins(struct flow *f, struct arena *a, const struct copy_wishes *wishes,
		      const struct login_trial **trial_r, struct step_outcome *out, struct err *e);
/* The logins document, version 1 (docs/documents.md). */
struct js *login_trial_to_js(const struct login_trial *t);

#endif
