/*
 * mirror_rule.h - may a message that is gone at the source be taken away at the target? Pure
 * functions of what is known; nothing here asks anybody.
 *
 * The order of the reasons is that of doubt: what may not be ours first, then what may not be
 * gone, then what its new owner did with it.
 */
#ifndef MIGRATE_MIRROR_RULE_H
#define MIGRATE_MIRROR_RULE_H

#include "store/ledger_removed.h"

/* Where it goes, as people read it; no folder of the source is ever paired with it. */
#define MIRROR_FOLDER "cutover removed"

enum mirror_verdict {
	MIRROR_MOVED,           /* may go: the same bytes are elsewhere, copied */
	MIRROR_DELETED,         /* may go: its user deleted it at the source */
	MIRROR_KEEP_NOT_OURS,   /* it was there before, or its place is not known for certain */
	MIRROR_KEEP_SHARED,     /* another message is at the same place, or leans on it */
	MIRROR_KEEP_FRESH,      /* seen gone by this pass first */
	MIRROR_KEEP_OPEN,       /* it may be one that is not copied yet */
	MIRROR_KEEP_BACK,       /* at the source all the same */
	MIRROR_KEEP_AWAY,       /* not at the target any more: its user moved or deleted it */
	MIRROR_KEEP_OTHER,      /* another message has its place: the size is not the same */
	MIRROR_KEEP_TOUCHED,    /* its flags at the target are not those that were set */
	MIRROR_KEEP_UNREADABLE, /* its folder is another one now, at either side */
	MIRROR_VERDICTS,
};

/* Both sides, just before it would go. */
struct mirror_look {
	bool at_src, at_dst;
	bool same_size, same_flags;
};

/* look NULL: by the ledger alone, as if both sides agreed with it. */
enum mirror_verdict mirror_judge(const struct ledger_gone *g, const struct mirror_look *look);
/* True for the two that may go. */
bool mirror_may_go(enum mirror_verdict v);
/* Why it is kept, for people: "its flags were changed at the target". Static; NULL for the two. */
const char *mirror_reason(enum mirror_verdict v);

/* How many of a folder or mailbox ended how, and of how many that were copied there. */
struct mirror_tally {
	uint64_t n[MIRROR_VERDICTS];
	uint64_t copied; /* 0: not asked, so few vanished */
};
/* Adds the one to the other. */
void mirror_tally_add(struct mirror_tally *to, const struct mirror_tally *more);

enum {
	MIRROR_PERCENT = 10,        /* of a mailbox, unless the user says otherwise */
	MIRROR_FOLDER_PERCENT = 50, /* of one folder, unless the mailbox's is higher */
	MIRROR_ALWAYS = 20,         /* so many deleted messages never are too many */
};
/* Whether so many deletions look like a user's work and not like a mailbox that is emptied. What
 * was moved does not count: it is at the target. */
bool mirror_within(const struct mirror_tally *t, unsigned percent);

#endif
