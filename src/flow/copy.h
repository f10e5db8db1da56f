/*
 * copy.h - the step that moves the mailboxes of the users CSV, and what it shows.
 */
#ifndef FLOW_COPY_H
#define FLOW_COPY_H

#include "flow/flow.h"
#include "migrate/migrate.h"

struct copy_mailbox {
	const char *address;
	size_t row; /* line of the CSV */
	enum mailbox_state state;
	struct migrate_counts counts;
	const char *folder; /* being copied; NULL */
	struct err err;     /* for FAILED and SYNCED_WITH_ERRORS */
};

/* A moment of a pass; also its end. */
struct copy_progress {
	size_t n;
	const struct copy_mailbox *mailboxes;
	int64_t started_ms, now_ms;
	uint64_t messages, messages_done; /* found at the source; known, copied or refused */
	uint64_t bytes, bytes_done;
	uint64_t copied, copied_bytes; /* by this pass */
	double gb_per_hour;            /* of this pass; 0 while it is too early to tell */
	int64_t left_ms;               /* at that rate; -1: cannot be told yet */
	bool ended;
};

enum copy_verify { COPY_VERIFY_NEW, COPY_VERIFY_ALL, COPY_VERIFY_NONE };

struct copy_wishes {
	size_t pilot;            /* only the first n rows; 0: all */
	const char *const *only; /* only these addresses, NULL-terminated; NULL: all */
	enum copy_verify verify; /* NEW: the mailboxes that were never verified */
};

/* True when a comparison of both sides found all well and stands for the mailbox as it is
 * now: at most a tenth of what is at the target came after it (docs/decisions/0002). */
bool copy_is_verified(const struct migrate_status *s);

/* One pass. The outcome is STEP_STOP when a mailbox failed or is incomplete; *end_r (arena)
 * tells of each. ERR_USAGE for a bad CSV or an address in `only` that it does not have. */
int flow_copy(struct flow *f, struct arena *a, const struct copy_wishes *wishes,
	      const struct copy_progress **end_r, struct step_outcome *out, struct err *e);

/* The progress document, version 1 (docs/documents.md); `status --json` shows it. */
struct js *copy_progress_to_js(const struct copy_progress *p);

/* The users CSV as the mover wants it. */
struct copy_list {
	struct user_list *users; /* owned */
	size_t n;
	struct migrate_mailbox *mailboxes; /* arena's */
};
/* Reads and checks the CSV, then takes the rows that `wishes` asks for. The mailboxes point
 * into `users` and the arena: both must live as long. ERR_USAGE for a bad CSV, a row without a
 * target password, an unknown address in `only`. */
int copy_list_load(struct flow *f, struct arena *a, const struct copy_wishes *wishes,
		   struct copy_list *list_r, struct err *e);
/* Frees the users, whose secrets are wiped; list->mailboxes point nowhere then. */
void copy_list_release(struct copy_list *l);

#endif
