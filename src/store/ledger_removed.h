/*
 * ledger_removed.h - what was copied, is gone at the source, and may be taken away at the target:
 * which messages those are, and what was taken away. The memory of a mirror (migrate/mirror.h).
 *
 * A removal is an intent first (durable, before the target is asked), then an outcome with its
 * time; removals that were made are never forgotten. Any thread, as ledger.h.
 */
#ifndef STORE_LEDGER_REMOVED_H
#define STORE_LEDGER_REMOVED_H

#include "store/ledger.h"

/* A message that was copied and is gone at the source, with what the ledger knows for and against
 * taking it away. */
struct ledger_gone {
	uint32_t uid, dst_uid; /* dst_uid 0: its place is not known */
	uint64_t size;
	const char *flags; /* as last carried; the arena's */
	bool fresh;        /* seen gone by no earlier pass than this */
	bool appended;     /* by an APPEND of ours, and its place is what the target answered */
	bool altered;      /* the copy is not what the source had (policy.repair) */
	bool shared;       /* another message has the same place, or leans on this copy */
	bool elsewhere; /* the same bytes are at the source now, and their copy is at the target */
	bool open;      /* one of about its size at the source is not copied yet */
};
struct ledger_gone_list {
	uint32_t after;           /* 0: from the first on; becomes the last one's UID */
	size_t max;               /* at most so many */
	struct ledger_gone *rows; /* the arena's, by rising UID */
	size_t n;                 /* 0: no more */
};
/* Gathers them for the mailbox, of folders that the last pass saw; what was gathered before is
 * dropped. Reads each row of the mailbox once. Temporary: a kill leaves nothing. */
int ledger_gone_begin(struct store *s, const struct ledger_mailbox *m, struct err *e);
/* The next ones of a folder; those that were removed already are not among them. */
int ledger_gone_next(struct store *s, struct arena *a, int64_t folder_id,
		     struct ledger_gone_list *list, struct err *e);
/* Drops what was gathered. */
int ledger_gone_end(struct store *s, int64_t mailbox_id, struct err *e);
/* How many messages of a folder were copied and not removed since, gone ones included. */
int ledger_copied(struct store *s, int64_t folder_id, uint64_t *n_r, struct err *e);
/* Copied messages in folders that are not at the source any more. */
int ledger_copied_of_lost_folders(struct store *s, int64_t mailbox_id, uint64_t *n_r,
				  struct err *e);

struct ledger_removal {
	int64_t mailbox_id, folder_id;
	int64_t src_uidvalidity, dst_uidvalidity;
	uint32_t uid, dst_uid;
	bool moved; /* the same bytes were elsewhere; false: its user deleted it */
	int64_t at_ms;
};
/* It is about to be taken away. In a durable transaction, before the target is asked. */
int ledger_removal_intend(struct store *s, const struct ledger_removal *r, struct err *e);
/* How the intent ended: it is not there any more, or it is (the intent is dropped). Of *r
 * folder_id, dst_uidvalidity, dst_uid and at_ms matter. */
int ledger_removal_end(struct store *s, const struct ledger_removal *r, bool is_gone,
		       struct err *e);
struct ledger_intended {
	uint32_t dst_uids[100]; /* rising */
	size_t n;
};
/* The first intents of a folder without an outcome, at this UIDVALIDITY of the target; those at
 * another one are dropped, for nothing can be said of them. */
int ledger_removals_open(struct store *s, int64_t folder_id, int64_t dst_uidvalidity,
			 struct ledger_intended *list_r, struct err *e);
/* Removed messages that are at the source all the same are to be copied again; what was only
 * intended is IN_FLIGHT and looked for at the target. After each scan of a folder. */
int ledger_removed_reappeared(struct store *s, int64_t folder_id, struct err *e);

struct ledger_removed {
	uint64_t moved, deleted;
	int64_t last_ms; /* 0: never */
};
/* What was taken away of a whole mailbox, since then (0: ever). */
int ledger_removed_figures(struct store *s, int64_t mailbox_id, int64_t since_ms,
			   struct ledger_removed *f_r, struct err *e);

#endif
