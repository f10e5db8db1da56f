/*
 * copy.h - the step that moves the mailboxes of the users CSV, and what it shows.
 */
#ifndef FLOW_COPY_H
#define FLOW_COPY_H

#include "flow/copy_history.h"
#include "flow/flow.h"
#include "migrate/migrate.h"

struct copy_mailbox {
	const char *address;
	size_t row; /* line of the CSV */
	enum mailbox_state state;
	struct migrate_counts counts; /* of all its turns in this pass */
	/* Copied in turns that are through (--newest-first, started again): to the next one it is
	 * known already. */
	uint64_t earlier, earlier_bytes;
	char folder[96]; /* being copied; "" */
	/* For FAILED and SYNCED_WITH_ERRORS, and why a person stopped it. While SYNCING: what it
	 * waits for, until err.until_ms. */
	struct err err;
};

/* What a person should look at though nothing failed over it (copy_notes.h). */
struct copy_note {
	const char *mailbox;
	const char *kind; /* "too-large", "quota", "small-mailbox"; static */
	const char *text, *remedy;
};

/* A moment of a pass; also its end. */
struct copy_progress {
	size_t n;
	const struct copy_mailbox *mailboxes; /* in the order of the CSV */
	int64_t started_ms, now_ms;
	uint64_t messages,
		messages_done; /* found at the source; known, copied, refused, left out */
	uint64_t bytes, bytes_done;
	uint64_t copied, copied_bytes; /* by this pass */
	uint64_t left_out, left_out_bytes;
	uint64_t mirrored, mirror_kept; /* gone at the source: moved aside at the target, and not */
	double gb_per_hour; /* of this pass but its quiet hours; 0 while it is too early to tell */
	uint64_t bytes_per_s; /* of the last minute; 0 too early */
	uint64_t messages_per_s;
	uint64_t wire_percent;   /* of the mail that went compressed, on the wire; 0: none did */
	int64_t left_ms;         /* at the rate of the last minute; -1: cannot be told yet */
	int64_t paused_until_ms; /* quiet hours; 0: none */
	int64_t paused_ms;       /* how much of the pass was quiet hours */
	struct copy_forecast forecast;
	size_t note_n;
	const struct copy_note *notes;
	const char *filter; /* what the pass leaves out, in words; NULL: nothing */
	bool dry_run;
	bool ended;
};

enum copy_verify { COPY_VERIFY_NEW, COPY_VERIFY_ALL, COPY_VERIFY_NONE };

struct copy_wishes {
	size_t pilot;            /* only the first n rows; 0: all */
	const char *const *only; /* only these addresses, NULL-terminated; NULL: all */
	enum copy_verify verify; /* NEW: the mailboxes that were never verified */
	/* Over the project's `copy:` section, member by member where given. */
	struct migrate_filter filter;
	/* First what is at most so old, of every mailbox; then the rest. 0: all at once. */
	int64_t newest_ms;
	bool dry_run; /* logs in, lists and counts; makes and copies nothing */
	/* What was copied and is gone at the source is moved aside at the target
	 * (migrate/mirror.h), unless more of a mailbox was deleted than this; 0: the usual
	 * percentage. */
	bool mirror;
	uint64_t mirror_percent;
	bool repeats; /* others follow soon: logins that are refused are told once, then left alone
		       */
	/* flow_check_logins: so many of n mailboxes were tried, so many of these have a login that
	 * fails. From any thread, one call at a time; NULL: nobody looks. */
	void (*on_tried)(void *ctx, size_t done, size_t n, size_t failed);
	void *on_tried_ctx;
};

/* True when a comparison of both sides found all well and stands for the mailbox as it is
 * now: at most a tenth of what is at the target came after it (docs/decisions/0002). */
bool copy_is_verified(const struct migrate_status *s);

/* What the project says of messages that are there already, and of what may be altered (the
 * arena's; NULL: nothing). */
enum migrate_match copy_match(const struct project *p);
const struct migrate_repair *copy_repair(struct arena *a, const struct project *p);

/* One pass. The outcome is STEP_STOP when a mailbox failed, is incomplete or stopped; *end_r
 * (arena) tells of each. ERR_USAGE for a bad CSV, an address in `only` that it does not have, a
 * filter together with COPY_VERIFY_ALL or a mirror; ERR_REFUSED for a mirror after the switch.
 * Mailboxes that were removed (words.h) are told and left alone. */
int flow_copy(struct flow *f, struct arena *a, const struct copy_wishes *wishes,
	      const struct copy_progress **end_r, struct step_outcome *out, struct err *e);

/* Passes for ever, one `every_ms` after the other began, until interrupted (-1, ERR_CANCELLED).
 * `after` (may be NULL) sees the end of each. The CSV is read anew for each pass; one that cannot
 * be used is waited over, but for the first. */
struct copy_rhythm {
	int64_t every_ms;
	void (*after)(void *ctx, const struct copy_progress *end, const struct step_outcome *out);
	void *ctx;
};
int flow_copy_every(struct flow *f, const struct copy_wishes *wishes, const struct copy_rhythm *r,
		    struct err *e);

/* The progress document, version 1 (docs/documents.md); `status --json` shows it. */
struct js *copy_progress_to_js(const struct copy_progress *p);
/* As much of it as a view shows; texts are the arena's. */
struct copy_progress copy_progress_from_js(struct arena *a, const struct js *v);

/* The users CSV as the mover wants it. */
struct copy_list {
	struct user_list *users; /* owned */
	struct logins *logins;   /* owned */
	size_t n;
	struct migrate_mailbox *mailboxes; /* arena's */
	unsigned *priority;                /* 1 begins first; the arena's */
};
/* -1 and ERR_USAGE: the project names no users CSV, and how it would. */
int copy_list_unnamed(const struct project *p, struct err *e);
/* Reads and checks the CSV, then takes the rows that `wishes` asks for. The mailboxes point
 * into the list and the arena: both must live as long. ERR_USAGE for a bad CSV, a row without a
 * target password, an unknown address in `only`. */
int copy_list_load(struct flow *f, struct arena *a, const struct copy_wishes *wishes,
		   struct copy_list *list_r, struct err *e);
/* Frees users and logins, whose secrets are wiped; list->mailboxes point nowhere then. */
void copy_list_release(struct copy_list *l);

#endif
