/*
 * match_priv.h - what the files of the matching share: match.c knows the order of it,
 * match_read.c reads headers and bodies of both sides, match_pair.c makes the pairs.
 */
#ifndef MIGRATE_MATCH_PRIV_H
#define MIGRATE_MATCH_PRIV_H

#include "migrate/match.h"

struct matcher {
	struct box *box;
	struct box_folder *folder;
	int64_t scope;       /* of the cursors: 0 all that is not done, 1 only what is in flight */
	uint64_t candidates; /* found at the last look */
	uint64_t given_up;   /* were in flight, and were not found */
};

static inline struct store *matcher_store(const struct matcher *m)
{
	return m->box->opts->store;
}

/* Lists what no row knows, from the target UID `from` on; `candidates` is how many there are. */
int match_find_candidates(struct matcher *m, int64_t from, struct err *e);

/* -- match_read.c -- */

/* Headers of the candidates, and of the messages to be matched, as far as they are not known. */
int match_read_heads(struct matcher *m, struct err *e);
/* Headers of all that is at the target from `from` on, known to a row or not. */
int match_read_target_heads(struct matcher *m, int64_t from, struct err *e);
/* Hashes of candidates without one. A refused read leaves messages without a hash: they match
 * nothing. */
int match_hash_target(struct matcher *m, enum ledger_candidates which, struct err *e);
/* Hashes of messages without one. */
int match_hash_source(struct matcher *m, enum ledger_which which, struct err *e);

/* -- match_pair.c -- */

/* Pairs by hash, for messages that are DONE at an unknown place first: they are there for
 * certain, what was in flight may not be. */
int match_pair_hashes(struct matcher *m, struct err *e);
/* Pairs by header, where that is safe. */
int match_pair_heads(struct matcher *m, struct err *e);
/* In flight and not found: NEW again. */
int match_give_up(struct matcher *m, struct err *e);

#endif
