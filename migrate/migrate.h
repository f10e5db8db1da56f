/*
 * migrate.h - the mail mover: copies mailboxes from src to dst and proves it.
 *
 * Repeatable: a pass copies what is new, carries flag changes, and records every
 * message in the ledger (store/ledger.h). Nothing is ever deleted on either side; a mirror, when
 * asked for, moves messages aside at the target.
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
struct pace;
struct compress;

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

/* What may be altered; each is told in the ledger, beside the hash of the original. The first three
 * only in messages that the target refused as they are and that need it. With read_receipts every
 * message goes without requests for a receipt: their header fields get another name of the same
 * length. What is at the target already stays as it is. */
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
	MAILBOX_COMPLETED, /* synced, and the final pass after the switch is over */
	MAILBOX_STOPPED,   /* by a person, until started again */
	MAILBOX_REMOVED,   /* by a person: no longer part of the cutover */
};
/* "Queued" …, as reports and documents spell it; static. */
const char *mailbox_state_name(enum mailbox_state s);

struct migrate_counts {
	uint64_t messages, bytes;      /* found at the source */
	uint64_t copied, copied_bytes; /* by this pass */
	uint64_t known, known_bytes;   /* already at the target by the ledger */
	uint64_t refused;              /* the target refused them: by name in the ledger */
	uint64_t flags_changed, folders;
	/* At the source and not asked for (migrate_filter), folders of their own included. */
	uint64_t left_out, left_out_bytes;
	/* With migrate_opts.mirror: taken away at the target (in a dry run: would be), because they
	 * are elsewhere at the source now or were deleted there; and gone there, but kept. */
	uint64_t mirror_moved, mirror_deleted, mirror_kept;
};

/* That what was copied and is gone at the source is taken away at the target (mirror.h). */
struct migrate_mirror {
	/* No mailbox of which more was deleted is touched; at least 1. */
	unsigned percent;
};

/* What a pass leaves out. What is 0, NULL or empty filters nothing. See filter.h. */
struct migrate_filter {
	const char *const *folders;     /* only these patterns; NULL-terminated */
	const char *const *folders_not; /* not these */
	int64_t since_ms, before_ms;    /* INTERNALDATE: from since on, older than before */
	uint64_t max_bytes;
};

/* Usage and limit of an account, as its server told it; -1 not told. */
struct migrate_quota {
	int64_t bytes_used, bytes_limit;
	int64_t messages_used, messages_limit;
};

/* Progress, from any lane's thread, calls serialised; a few times a second at most. */
struct migrate_progress {
	const struct migrate_mailbox *mailbox;
	enum mailbox_state state;
	struct migrate_counts counts;
	const char *folder; /* being copied; NULL between */
	/* For FAILED and SYNCED_WITH_ERRORS. While SYNCING: what it waits for, until why->until_ms
	 * (throttled by a server, a pause before a retry, held); NULL: it works. */
	const struct err *why;
};
typedef void migrate_progress_fn(void *ctx, const struct migrate_progress *p);

/* A folder of the source and what it becomes, as people write them ("Archiv/2019"); what lies
 * below it moves with it. */
struct migrate_folder_rule {
	const char *from, *to;
};

struct dial_opts;
struct stream;
/* How a logged-in connection is made; dial_open's contract. */
typedef int migrate_dial_fn(void *ctx, const struct dial_opts *opts, struct stream **stream_r,
			    struct err *e);
/* Whether a mailbox may go on: asked before it begins and about once a second while it runs, from
 * any lane's thread, calls serialised. 0 yes. -1 with ERR_WAIT: it pauses until e->until_ms, its
 * connections closed; whoever holds it so has told why. -1 with ERR_CANCELLED: its pass ends as
 * MAILBOX_STOPPED. */
typedef int migrate_may_fn(void *ctx, const struct migrate_mailbox *m, struct err *e);

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
	/* Gmail's labels: false, a message is copied once, to the first of its folders; true, to
	 * the folder of each label. All Mail only gives what has no other folder. */
	bool labels_as_folders;
	const struct migrate_folder_rule *folder_rules; /* from NULL ends them; NULL: none */
	int timeout_ms;                                 /* silence on a connection */
	size_t lanes_per_mailbox; /* folders of one at once, at most; 0: as it pays */
	enum migrate_match match;
	const struct migrate_repair *repair; /* NULL: nothing is altered */
	/* Private; refused messages pass through it as files, and stay there when keep_refused.
	 * NULL: none are kept, and none repaired. */
	const char *quarantine_dir;
	bool keep_refused;
	migrate_progress_fn *progress; /* may be NULL */
	void *progress_ctx;
	migrate_may_fn *may; /* NULL: always */
	void *may_ctx;
	const struct migrate_filter *filter; /* NULL: everything */
	struct pace *pace;                   /* a cap on the rate, borrowed; NULL: none (pace.h) */
	struct compress *compress;           /* borrowed; NULL: nothing is (compress.h) */
	/* NULL: nothing is ever taken away. Not together with a filter, whose doing could not be
	 * told from a user's. */
	const struct migrate_mirror *mirror;
	bool dry_run; /* logs in, lists and reads what there is; nothing is made or copied */
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
	/* The target writes messages anew: they were compared by Message-ID, Date, From, the class
	 * of their size and their number in each folder, not by their bytes. A weaker claim, to be
	 * told with the verdict (migrate_compared_by). */
	bool by_headers;
	uint64_t compared, missing, differing, doubled;
	uint64_t altered;  /* of the compared: the target changed their line ends, only */
	uint64_t repaired; /* of the compared: altered on wish, and there so (migrate_repair) */
	/* Of the compared: there, but without flags that the target refused, or with a date that
	 * it replaced, each noted before (migrate_remarks). Not among `differing`. */
	uint64_t losses;
	/* Of the compared: not there a second time, because the target keeps one message a
	 * Message-ID and has another one of the same bytes in that folder. Each is a remark with
	 * its Message-ID. */
	uint64_t merged;
	char first_altered[256]; /* which, for people; "" none */
	struct err err;          /* why it could not be told, or the first difference */
};
/* "by SHA-256", or in words that this server writes messages anew; static. */
const char *migrate_compared_by(const struct migrate_verdict *v);
/* Re-reads both sides and compares each message's bytes (SHA-256), flags and date, without
 * using the ledger's hashes, but for a copy that was altered on wish, which is compared with the
 * hash of what was sent; at a target that writes messages anew, by their headers. Records the
 * verdict per mailbox (verdicts[n], in the order given) and each difference by name
 * (migrate_remarks). Messages that the ledger knows as refused are not missed: they have their own
 * list. A folder that cannot be read is told in the verdict's err; the others are compared.
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
	/* Of these: after both sides were last compared, by the pass that acknowledged each; all
	 * when they never were. Also what was found again behind a new UIDVALIDITY. */
	uint64_t since_verified;
	uint64_t refused;        /* by the target, each with its reason */
	bool counts_agree;       /* STATUS, EXISTS, SEARCH and FETCH told the same number */
	const char *counts_note; /* which folder, which numbers; NULL */
	int64_t last_new_ms;     /* when a pass last found a new message */
	struct err err;          /* of the last pass */
	/* What the last pass was asked to leave out, when there was any; "" nothing. Such a mailbox
	 * is not complete, whatever its state says. */
	char filter[256];
	uint64_t left_out, left_out_bytes;
	uint64_t append_limit; /* bytes that the target takes in a message, as it told; 0 */
	/* As the last dry run found it: the target's quota, and what was not there yet of what it
	 * was asked for. */
	struct migrate_quota quota;
	uint64_t needed, needed_bytes;
	/* What mirrors took away at the target in all, and when last; 0: never. */
	uint64_t mirror_moved, mirror_deleted;
	int64_t mirror_last_ms;
};
/* The folders that the last pass saw at the source, as people see them ("Archive/2024"): list
 * (NULL-terminated) and texts are the arena's. Empty for an address that had no pass. */
int migrate_folder_names(struct store *store, struct arena *a, const char *address,
			 const char *const **names_r, struct err *e);
/* For gates and reports; no network. 0 with known == false for an address that had no pass;
 * texts are the arena's. */
int migrate_status(struct store *store, struct arena *a, const char *address,
		   struct migrate_status *status_r, struct err *e);
/* Every address that ever had a pass, as the ledger writes it: list (NULL-terminated) and texts are
 * the arena's. */
int migrate_addresses(struct store *store, struct arena *a, const char *const **list_r,
		      struct err *e);
/* A message that did not get to the target. */
struct migrate_refusal {
	const char *address, *folder, *reason;
	const char *file; /* its name in the quarantine directory; NULL: there is none */
	uint32_t uid;
	uint64_t size;
};
/* The copy is over for this mailbox: SYNCED becomes COMPLETED. Other states stay. */
int migrate_complete(struct store *store, const char *address, struct err *e);
/* True for the states of a mailbox whose last pass came through. */
bool migrate_is_through(enum mailbox_state s);

/* What speaks for a mailbox that hides a user's real mail elsewhere (a POP user's is on a disk). */
struct migrate_shape {
	bool known;               /* its source was read */
	uint64_t messages, bytes; /* present in the ledger */
	uint64_t sent;            /* in folders that are for sent mail by name */
	int64_t oldest_ms; /* INTERNALDATE, about: the first message of each folder; 0 none */
};
/* By the ledger, after a pass or a dry run. */
int migrate_shape(struct store *store, struct arena *a, const char *address,
		  struct migrate_shape *shape_r, struct err *e);
/* The size of the source as a pass last counted it; 0 never. */
int migrate_bytes(struct store *store, const char *address, uint64_t *bytes_r, struct err *e);
/* Not yet copied messages over `limit` bytes, largest first, at most 1 000: reason is "". */
int migrate_oversize(struct store *store, struct arena *a, const char *address, uint64_t limit,
		     struct migrate_refusal **list_r, size_t *n_r, struct err *e);
/* All of a mailbox that are still at the source, by folder and UID, for reports; list and
 * texts are the arena's, *n_r 0 when there are none. */
int migrate_refusals(struct store *store, struct arena *a, const char *address,
		     struct migrate_refusal **list_r, size_t *n_r, struct err *e);

/* A remark about a message that did get there, or about a folder. */
struct migrate_remark {
	const char *address;
	/* "doubled", "date", "missing", "differing", "altered"; "folder": a whole folder, that has
	 * another name at the target, or is not at the source any more; "loss": flags that the
	 * target does not take; "repaired": altered as the project wishes it; "no room": not there,
	 * for the target is full; "merged": not there a second time, for the target keeps one
	 * message a Message-ID (the detail); "mirror": what the last mirror did in a folder, and
	 * what it kept. */
	const char *kind;
	const char *folder, *detail; /* detail may be "" */
	uint32_t uid, dst_uid;       /* at the source, at the target; 0: not known */
};
/* The worst kind first, by folder and UID, some thousands of a mailbox at most; list and texts are
 * the arena's. */
int migrate_remarks(struct store *store, struct arena *a, const char *address,
		    struct migrate_remark **list_r, size_t *n_r, struct err *e);

#endif
