/*
 * journal.h - what was done to the world: intent, then outcome, hash-chained.
 *
 * Every row's hash covers its content and the hash of the row before it, so that a
 * changed or removed row shows. Rows are only ever added. Both verbs are durable when
 * they return 0.
 */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "store/store.h"

enum journal_kind {
	JOURNAL_INTENT,  /* about to be done; closed by one of the next three */
	JOURNAL_DONE,    /* read back: it is so */
	JOURNAL_FAILED,  /* it is not so: nothing changed, and nothing will of that write */
	JOURNAL_UNKNOWN, /* not certain: done in part, or not seen and nobody said no */
	JOURNAL_NOTE,    /* a fact without an effect: an acceptance, a start, an end */
};

struct journal_row {
	int64_t seq;
	int64_t at_ms;
	enum journal_kind kind;
	int64_t ref;         /* the intent's seq for an outcome, else 0 */
	const char *step;    /* "stage", "switch", "rollback", "accept" … */
	const char *subject; /* "treyresearch.com. MX" */
	const char *detail;  /* JSON text; "" for none */
};

/* Adds a row; `seq` of the given one is ignored, *seq_r (may be NULL) is its own. An intent
 * must not be added inside a transaction, for it would not be durable before the act
 * (ERR_BUG); an outcome or a note inside one becomes durable with its commit. An outcome
 * needs an intent that is still open (ERR_BUG). Test points: "journal-intent" after an
 * intent is durable, "journal-outcome" before an outcome is written. */
int journal_add(struct store *s, const struct journal_row *row, int64_t *seq_r, struct err *e);
/* All rows (step NULL) or those of one step, in order. */
int journal_rows(struct store *s, struct arena *a, const char *step, struct journal_row **rows_r,
		 size_t *n_r, struct err *e);
/* Intents without an outcome, in order. */
int journal_open_intents(struct store *s, struct arena *a, struct journal_row **rows_r, size_t *n_r,
			 struct err *e);
/* -1 with ERR_REFUSED naming the first row whose chain is broken. */
int journal_verify(struct store *s, struct err *e);
/* A stable lower-case word for documents; static. */
const char *journal_kind_name(enum journal_kind k);

#endif
