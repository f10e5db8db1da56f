/* Observations are run-length coded: a row is a stretch of time in which one server, asked
 * again and again, kept showing the same value. */
#include "base/vec.h"
#include "store/store.h"

/* The columns are NOT NULL, and "no subject" is a value that must compare equal. */
static const char *text_or_empty(const char *s)
{
	return s != NULL ? s : "";
}

/* The id of the newest row, 0 for none; *same_r: it has this value. */
static int newest(struct db *db, const struct observation *o, int64_t *id_r, bool *same_r,
		  struct err *e)
{
	struct db_stmt *st = db_stmt(db,
				     "SELECT id, value = ?4 FROM observation"
				     " WHERE kind = ?1 AND subject = ?2 AND who = ?3"
				     " ORDER BY id DESC LIMIT 1",
				     e);
	if (st == NULL)
		return -1;
	db_bind_text(st, 1, text_or_empty(o->kind));
	db_bind_text(st, 2, text_or_empty(o->subject));
	db_bind_text(st, 3, text_or_empty(o->who));
	db_bind_text(st, 4, text_or_empty(o->value));
	int rc = db_step(st, e);
	*id_r = rc == 1 ? db_col_int(st, 0) : 0;
	*same_r = rc == 1 && db_col_int(st, 1) != 0;
	db_done(st);
	return rc < 0 ? -1 : 0;
}

/* Still the same value: the stretch gets longer, the table does not. */
static int lengthen(struct db *db, int64_t id, int64_t at_ms, struct err *e)
{
	/* max: a clock that was set back does not shorten what was seen. */
	struct db_stmt *st = db_stmt(
		db, "UPDATE observation SET last_ms = max(last_ms, ?2) WHERE id = ?1", e);
	if (st == NULL)
		return -1;
	db_bind_int(st, 1, id);
	db_bind_int(st, 2, at_ms);
	return db_run(st, e);
}

/* Another value, or the first: the old row keeps the last moment at which it was seen. */
static int begin_row(struct db *db, const struct observation *o, int64_t at_ms, struct err *e)
{
	struct db_stmt *st = db_stmt(db,
				     "INSERT INTO observation"
				     " (kind, subject, who, value, first_ms, last_ms)"
				     " VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
				     e);
	if (st == NULL)
		return -1;
	db_bind_text(st, 1, text_or_empty(o->kind));
	db_bind_text(st, 2, text_or_empty(o->subject));
	db_bind_text(st, 3, text_or_empty(o->who));
	db_bind_text(st, 4, text_or_empty(o->value));
	db_bind_int(st, 5, at_ms);
	return db_run(st, e);
}

int store_observe(struct store *s, const struct observation *o, int64_t at_ms, struct err *e)
{
	struct db *db = store_db(s);
	int64_t id;
	bool same;
	if (db_begin(db, e) != 0)
		return -1;
	int rc = newest(db, o, &id, &same, e);
	if (rc == 0)
		rc = same ? lengthen(db, id, at_ms, e) : begin_row(db, o, at_ms, e);
	if (rc == 0)
		return db_commit(db, e);
	db_rollback(db);
	return -1;
}

int store_clock_was_set(struct store *s, int64_t by_ms, struct err *e)
{
	struct db_stmt *st = db_stmt(store_db(s),
				     "UPDATE observation SET first_ms = first_ms + ?1,"
				     " last_ms = last_ms + ?1, clock_set_ms = clock_set_ms + ?1",
				     e);
	if (st == NULL)
		return -1;
	db_bind_int(st, 1, by_ms);
	return db_run(st, e);
}

/* Copied out of the statement, which is stepped on. */
static void read_row(struct arena *a, struct db_stmt *st, struct observation *o)
{
	o->kind = arena_strdup(a, db_col_text(st, 0));
	o->subject = arena_strdup(a, db_col_text(st, 1));
	o->who = arena_strdup(a, db_col_text(st, 2));
	o->value = arena_strdup(a, db_col_text(st, 3));
	o->first_ms = db_col_int(st, 4);
	o->last_ms = db_col_int(st, 5);
	o->clock_set_ms = db_col_int(st, 6);
}

int store_observations(struct store *s, struct arena *a, const struct observation *like,
		       struct observation_list *list_r, struct err *e)
{
	VEC(struct observation) rows = { 0 };
	struct db_stmt *st = db_stmt(
		store_db(s),
		"SELECT kind, subject, who, value, first_ms, last_ms,"
		" clock_set_ms FROM observation WHERE kind = ?1 AND subject = ?2"
		" AND (?3 IS NULL OR who = ?3) ORDER BY id",
		e);
	if (st == NULL)
		return -1;
	db_bind_text(st, 1, like->kind);
	db_bind_text(st, 2, like->subject);
	db_bind_text(st, 3, like->who);
	int rc;
	while ((rc = db_step(st, e)) == 1)
		read_row(a, st, vec_push(a, &rows));
	db_done(st);
	*list_r = (struct observation_list){ rows.n, rows.at };
	return rc;
}
