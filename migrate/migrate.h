/*
 * migrate.h - the mail mover: copies mailboxes from src to dst and proves it.
 *
 * Repeatable: a pass copies what is new, carries flag changes, and records every
 * message in the ledger (store/ledger.h). Nothing is ever deleted on either side.
 */
#ifndef MIGRATE_MIGRATE_H
#define MIGRATE_MIGRATE_H

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/secret.h"
#include "io/cancel.h"
#include "store/store.h"

struct login_forms;
struct token_source;

struct migrate_endpoint {
	const char *url;        /* imaps://imap.nwtraders.com */
	const char *connect_to; /* address to connect to instead of resolving; NULL */
	bool allow_plaintext;   /* named in the project file */
	const char *user;
	const struct secret *password; /* NULL with tokens */
	const char *authzid;           /* whose mailbox, when `user` is an administrator; NULL */
	/* Other forms of `user`, tried one after the other when a password is refused,
	 * NULL-terminated; and what remembers the one that worked. Both NULL: none. */
	const char *const *other_users;
	struct login_forms *forms;
	struct token_source *tokens; /* login by OAuth 2 instead of a password; NULL */
	const char *root;            /* UserRoot of the CSV: start below this folder; NULL */
	/* The kind of server (preset.h: "gmail") when the project file names it; NULL: by what the
	 * server says of itself. */
	const char *preset;
};

struct migrate_mailbox {
	const char *address; /* the mailbox's identity in ledger and reports */
	size_t row;          /* line of the users CSV, for messages */
	struct migrate_endpoint src, dst;
};

/* By what a message that is at the target already is known again. */
enum migrate_match {
	MIGRATE_MATCH_AUTO,   /* HEADERS at a target that is known to rewrite mail, else BYTES */
	MIGRATE_MATCH_BYTES,  /* SHA-256 of the body with even line ends */
	MIGRATE_MATCH_HEADERS /* Message-ID, Date, From and the class of the size */
};

/* What may be altered, and only in messages that need it; each is told in the ledger, beside
 * the hash of the original. The first three are for messages that the target refused as they
 * are; read_receipts is for all: a request for a receipt is renamed, so that none is sent for
 * mail of years ago. */
struct migrate_repair {
	bool long_lines, nul, bare_lf, read_receipts;
};

/* The states as a person sees them (Exchange's words). */
enum mailbox_state {
	MAILBOX_QUEUED,
	MAILBOX_SYNCING,
	MAILBOX_SYNCED,
	MAILBOX_SYNCED_WITH_ERRORS,
	MAILBOX_FAILED,
};
/* "Queued" …, as reports and documents spell it; static. */
const char *mailbox_state_name(enum mailbox_state s);

struct migrate_counts {
	uint64_t messages, bytes;      /* found at the source */
	uint64_t copied, copied_bytes; /* by this pass */
	uint64_t known, known_bytes;   /* already at the target by the ledger */
	uint64_t refused;              /* the target refused them: by name in the ledger */
	uint64_t flags_changed, folders;
};

/* Progress, from any lane's thread, calls serialised; a few times a second at most. */
struct migrate_progress {
	const struct migrate_mailbox *mailbox;
	enum mailbox_state state;
	struct migrate_counts counts;
	const char *folder;    /* being copied; NULL between */
	const struct err *why; /* for FAILED and SYNCED_WITH_ERRORS, else NULL */
};
typedef void migrate_progress_fn(void *ctx, const struct migrate_progress *p);

struct dial_opts;
struct stream;
/* How a logged-in connection is made; dial_open's contract. */
typedef int migrate_dial_fn(void *ctx, const struct dial_opts *opts, struct stream **stream_r,
			    struct err *e);

struct migrate_opts {
	migrate_dial_fn *dial; /* NULL: dial_open; tests bring servers of their own */
	void *dial_ctx;
	const struct clock *clock;
	const struct rng *rng;
	struct log *log;
	struct store *store;
	const struct cancel *cancel;
	const char *ca_file;
	size_t mailboxes_at_once;
	int timeout_ms; /* silence on a connection */
	enum migrate_match match;
	bool target_rewrites;                /* the target is known to give back other bytes */
	const struct migrate_repair *repair; /* NULL: nothing is altered */
	const char *quarantine_dir;          /* for refused messages as .eml; NULL: none are kept */
	migrate_progress_fn *progress;       /* may be NULL */
	void *progress_ctx;
};

struct migrate_result { /* one a mailbox, in the order given */
	enum mailbox_state state;
	struct migrate_counts counts;
	struct err err; /* kind ERR_NONE unless FAILED or SYNCED_WITH_ERRORS */
};

/* One pass over the mailboxes. A mailbox's failure is its result, not the function's;
 * -1 only when cancelled, when the store fails, or for our own bug. */
int migrate_copy(const struct migrate_opts *opts, const struct migrate_mailbox *boxes, size_t n,
		 struct migrate_result *results, struct err *e);

/* What a comparison of both sides found in one mailbox. */
struct migrate_verdict {
	/* Everything at the source is at the target. False, with the folder in err, when a server
	 * gave fewer bodies than the folder has messages. */
	bool verified;
	uint64_t compared, missing, differing, doubled;
	uint64_t altered;        /* of the compared: the target changed their line ends, only */
	char first_altered[256]; /* which, for people; "" none */
	struct err err;          /* why it could not be told, or the first difference */
};
/* Re-reads both sides and compares each message's bytes (SHA-256), flags and date, without
 * using the ledger's hashes; records the verdict per mailbox (verdicts[n], in the order
 * given). Messages that the ledger knows as refused are not missed: they have their own list.
 * -1 only when cancelled; what went wrong otherwise is in the verdict's err. */
int migrate_verify(const struct migrate_opts *opts, const struct migrate_mailbox *boxes, size_t n,
		   struct migrate_verdict *verdicts, struct err *e);

/* What the ledger knows of a mailbox. */
struct migrate_status {
	bool known; /* there was a pass */
	enum mailbox_state state;
	int64_t last_pass_start_ms, last_pass_end_ms; /* of the last complete pass; 0: none */
	int64_t last_verified_ms;                     /* 0: never */
	struct migrate_verdict verdict;
	uint64_t messages, bytes; /* at the source, as the last pass counted */
	/* In the ledger as it stands now, whatever the last pass said at its end, also while a
	 * pass runs and after a kill. `present`: messages that a scan saw at the source and none
	 * saw vanish, whether copied, refused, in flight or not tried yet; acknowledged and refused
	 * are parts of it. So acknowledged + refused < present: something seen is not carried.
	 * What a cut pass did not come to scan is in none of them: only in the states SYNCED and
	 * SYNCED_WITH_ERRORS are they about the whole mailbox. */
	uint64_t present;
	uint64_t acknowledged, acknowledged_bytes; /* by the target */
	uint64_t refused;                          /* by the target, each with its reason */
	bool counts_agree;       /* STATUS, EXISTS, SEARCH and FETCH told the same number */
	const char *counts_note; /* which folder, which numbers; NULL */
	int64_t last_new_ms;     /* when a pass last found a new message */
	struct err err;          /* of the last pass */
};
/* For gates and reports; no network. 0 with known == false for an address that had no pass;
 * texts are the arena's. */
int migrate_status(struct store *store, struct arena *a, const char *address,
		   struct migrate_status *status_r, struct err *e);
/* A message that did not get to the target. */
struct migrate_refusal {
	const char *address, *folder, *reason;
	uint32_t uid;
	uint64_t size;
};
/* All of a mailbox that are still at the source, by folder and UID, for reports; list and
 * texts are the arena's, *n_r 0 when there are none. */
int migrate_refusals(struct store *store, struct arena *a, const char *address,
		     struct migrate_refusal **list_r, size_t *n_r, struct err *e);

#endif
