/*
 * store.h - the run's memory: `.cutover/` beside the project file, state.db inside.
 *
 * Documents (the last of each name), observations (what was seen, from when to when),
 * and by their own headers the journal and the ledger. One writer at a time.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/clock.h"
#include "store/db.h"

struct store;

struct store_opts {
	/* ".cutover"; made with mode 0700 when missing. NULL: in memory, gone with store_close: for
	 * tests, which then cost no disk; no lock, for nobody else can see it. */
	const char *dir;
	bool read_only; /* needs no lock; fails (ERR_USAGE) when there is no store yet */
	/* Writes a few rows of the journal also while another process has the lock: without it
	 * then, and only to a schema of this very version. */
	bool beside;
};
/* Takes the writer's lock (flock: a dead process cannot hold it) and brings the schema
 * up to date. ERR_REFUSED names the process that has the lock. A database of a newer
 * cutover is refused. */
int store_open(const struct store_opts *opts, struct store **store_r, struct err *e);
/* Takes NULL. The database is closed before the lock goes, so that the next writer finds it
 * whole. */
void store_close(struct store *s);
/* For the journal and the ledger; borrowed until store_close. */
struct db *store_db(struct store *s);

/* Documents: JSON texts by name ("snapshot", "findings", "plan", "gates" …). */
int store_put(struct store *s, const char *name, const char *text, int64_t at_ms, struct err *e);
/* *text_r NULL when there is none; arena's. */
int store_get(struct store *s, struct arena *a, const char *name, const char **text_r,
	      int64_t *at_ms_r, struct err *e);

/* Observations: `who` saw `subject` having `value`. A row lasts as long as the value
 * stays; another value begins a new row. */
struct observation {
	const char *kind, *subject, *who, *value;
	int64_t first_ms, last_ms;
	int64_t clock_set_ms; /* how far both were moved by store_clock_was_set */
};
/* Atomic. NULL texts count as ""; of `o` only the texts are read. A clock that went
 * back never shortens a row. */
int store_observe(struct store *s, const struct observation *o, int64_t at_ms, struct err *e);
struct observation_list {
	size_t n;
	struct observation *rows; /* the arena's, oldest first */
};
/* Tells every moment of every row as the clock does that was set by so much (< 0: back) since they
 * were written. */
int store_clock_was_set(struct store *s, int64_t by_ms, struct err *e);
/* The rows with the kind, subject and who of `like`; who NULL: of everybody. */
int store_observations(struct store *s, struct arena *a, const struct observation *like,
		       struct observation_list *list_r, struct err *e);

#endif
