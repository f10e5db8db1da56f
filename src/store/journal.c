/*
 * The hash of a row is SHA-256 over: the hash before it, seq, at_ms, kind and ref as 64-bit
 * big-endian numbers, then step, subject and detail, each with its length before it (so that
 * no two different rows have the same bytes). The row before the first one is GENESIS. The
 * newest hash is also kept beside the rows: the loss of the last ones shows too.
 */
#include "store/journal.h"

#include <string.h>

#include "base/digest.h"
#include "base/hook.h"
#include "base/vec.h"

/* Versioned: another encoding would be another text. */
static const char GENESIS[] = "cutover journal 1";

struct head {
	int64_t seq;
	unsigned char hash[SHA256_LEN];
};

/* Big-endian by hand: the hash must be the same on every machine that verifies it. */
static void add_number(struct sha256 *h, uint64_t v)
{
	unsigned char bytes[8];
	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(v >> (56 - 8 * i));
	sha256_add(h, bytes, sizeof(bytes));
}

/* The length before it: "ab","c" and "a","bc" must differ. */
static void add_text(struct sha256 *h, const char *s)
{
	struct slice text = slice_str(s);
	add_number(h, text.len);
	sha256_add(h, text.ptr, text.len);
}

/* Moves the head over `row`, which has its seq. */
static void chain(struct head *head, const struct journal_row *row)
{
	struct sha256 *h = sha256_new();
	sha256_add(h, head->hash, sizeof(head->hash));
	add_number(h, (uint64_t)row->seq);
	add_number(h, (uint64_t)row->at_ms);
	add_number(h, (uint64_t)row->kind);
	add_number(h, (uint64_t)row->ref);
	add_text(h, row->step);
	add_text(h, row->subject);
	add_text(h, row->detail);
	sha256_finish(h, head->hash);
	sha256_free(h);
	head->seq = row->seq;
}

/* A fixed text, so that an empty journal has a hash too. */
static void genesis(struct head *head)
{
	head->seq = 0;
	sha256_of(slice_str(GENESIS), head->hash);
}

/* In the same transaction as the row that is to follow it. */
static int read_head(struct db *db, struct head *head, struct err *e)
{
	struct db_stmt *st = db_stmt(db, "SELECT seq, hash FROM journal_head", e);
	if (st == NULL)
		return -1;
	genesis(head);
	int rc = db_step(st, e);
	if (rc == 1) {
		struct slice hash = db_col_blob(st, 1);
		head->seq = db_col_int(st, 0);
		if (hash.len == SHA256_LEN)
			memcpy(head->hash, hash.ptr, SHA256_LEN);
		else
			rc = err_set(e, ERR_REFUSED, "the journal's newest hash is damaged");
	}
	db_done(st);
	return rc < 0 ? -1 : 0;
}

/* One row, replaced each time: it is the only part of the journal that changes. */
static int write_head(struct db *db, const struct head *head, struct err *e)
{
	struct db_stmt *st = db_stmt(db,
				     "INSERT INTO journal_head (id, seq, hash) VALUES (1, ?1, ?2)"
				     " ON CONFLICT (id) DO UPDATE SET seq = ?1, hash = ?2",
				     e);
	if (st == NULL)
		return -1;
	db_bind_int(st, 1, head->seq);
	db_bind_blob(st, 2, head->hash, sizeof(head->hash));
	return db_run(st, e);
}

/* The database refuses a second outcome too (UNIQUE on ref), should check_ref be wrong. */
static int write_row(struct db *db, const struct journal_row *row, const struct head *head,
		     struct err *e)
{
	struct db_stmt *st = db_stmt(db,
				     "INSERT INTO journal"
				     " (seq, at_ms, kind, ref, step, subject, detail, hash)"
				     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
				     e);
	if (st == NULL)
		return -1;
	db_bind_int(st, 1, row->seq);
	db_bind_int(st, 2, row->at_ms);
	db_bind_int(st, 3, row->kind);
	db_bind_int(st, 4, row->ref);
	db_bind_text(st, 5, row->step);
	db_bind_text(st, 6, row->subject);
	db_bind_text(st, 7, row->detail);
	db_bind_blob(st, 8, head->hash, sizeof(head->hash));
	return db_run(st, e);
}

/* What closes an intent; a note stands alone. */
static bool is_outcome(enum journal_kind kind)
{
	return kind == JOURNAL_DONE || kind == JOURNAL_FAILED || kind == JOURNAL_UNKNOWN;
}

/* The intent that an outcome closes must be there, and open. */
static int check_ref(struct db *db, const struct journal_row *row, struct err *e)
{
	if (!is_outcome(row->kind))
		return row->ref == 0 ? 0
				     : err_set(e, ERR_BUG, "a journal %s cannot close an intent",
					       journal_kind_name(row->kind));
	struct db_stmt *st = db_stmt(db,
				     "SELECT 1 FROM journal WHERE seq = ?1 AND kind = ?2"
				     " AND seq NOT IN (SELECT ref FROM journal WHERE ref = ?1)",
				     e);
	if (st == NULL)
		return -1;
	db_bind_int(st, 1, row->ref);
	db_bind_int(st, 2, JOURNAL_INTENT);
	int rc = db_step(st, e);
	db_done(st);
	if (rc == 0)
		return err_set(e, ERR_BUG, "journal row %lld is no open intent",
			       (long long)row->ref);
	return rc < 0 ? -1 : 0;
}

/* NULL texts become "": what is hashed must be what is read back. */
static struct journal_row complete(const struct journal_row *row, int64_t seq)
{
	struct journal_row full = *row;
	full.seq = seq;
	full.step = row->step != NULL ? row->step : "";
	full.subject = row->subject != NULL ? row->subject : "";
	full.detail = row->detail != NULL ? row->detail : "";
	return full;
}

/* check_ref and read_head see what write_row will follow: another writer cannot come between. */
static int add_in_transaction(struct db *db, const struct journal_row *row, int64_t *seq_r,
			      struct err *e)
{
	struct head head;
	if (check_ref(db, row, e) != 0 || read_head(db, &head, e) != 0)
		return -1;
	const struct journal_row full = complete(row, head.seq + 1);
	chain(&head, &full);
	if (write_row(db, &full, &head, e) != 0 || write_head(db, &head, e) != 0)
		return -1;
	if (seq_r != NULL)
		*seq_r = full.seq;
	return 0;
}

/* The head belongs to this thread from begin to commit: rows get their numbers without gaps. */
static int add(struct db *db, const struct journal_row *row, int64_t *seq_r, struct err *e)
{
	if (db_begin(db, e) != 0)
		return -1;
	if (add_in_transaction(db, row, seq_r, e) == 0)
		return db_commit(db, e);
	db_rollback(db);
	return -1;
}

int journal_add(struct store *s, const struct journal_row *row, int64_t *seq_r, struct err *e)
{
	struct db *db = store_db(s);
	if (row->kind == JOURNAL_INTENT && db_in_transaction(db))
		return err_set(e, ERR_BUG, "an intent inside a transaction is not durable");
	if (is_outcome(row->kind))
		hook_point("journal-outcome");
	if (add(db, row, seq_r, e) != 0)
		return -1;
	if (row->kind == JOURNAL_INTENT)
		hook_point("journal-intent");
	return 0;
}

/* Texts are copied: the columns are SQLite's until the next step. */
static struct journal_row read_row(struct arena *a, struct db_stmt *st)
{
	return (struct journal_row){
		.seq = db_col_int(st, 0),
		.at_ms = db_col_int(st, 1),
		.kind = (enum journal_kind)db_col_int(st, 2),
		.ref = db_col_int(st, 3),
		.step = arena_strdup(a, db_col_text(st, 4)),
		.subject = arena_strdup(a, db_col_text(st, 5)),
		.detail = arena_strdup(a, db_col_text(st, 6)),
	};
}

/* Runs a query whose first columns are those of a row, with ?1 bound to `step`. */
static int query(struct store *s, struct arena *a, const char *sql, const char *step,
		 struct journal_row **rows_r, size_t *n_r, struct err *e)
{
	VEC(struct journal_row) rows = { 0 };
	struct db_stmt *st = db_stmt(store_db(s), sql, e);
	if (st == NULL)
		return -1;
	if (step != NULL)
		db_bind_text(st, 1, step);
	int rc;
	while ((rc = db_step(st, e)) == 1)
		*vec_push(a, &rows) = read_row(a, st);
	db_done(st);
	*rows_r = rows.at;
	*n_r = rows.n;
	return rc;
}

#define ROW_COLUMNS "seq, at_ms, kind, ref, step, subject, detail"

int journal_rows(struct store *s, struct arena *a, const char *step, struct journal_row **rows_r,
		 size_t *n_r, struct err *e)
{
	return query(s, a,
		     "SELECT " ROW_COLUMNS " FROM journal WHERE ?1 IS NULL OR step = ?1"
		     " ORDER BY seq",
		     step, rows_r, n_r, e);
}

int journal_open_intents(struct store *s, struct arena *a, struct journal_row **rows_r, size_t *n_r,
			 struct err *e)
{
	return query(s, a,
		     "SELECT " ROW_COLUMNS " FROM journal AS i WHERE kind = 0 AND NOT EXISTS"
		     " (SELECT 1 FROM journal AS o WHERE o.ref = i.seq AND o.ref <> 0)"
		     " ORDER BY seq",
		     NULL, rows_r, n_r, e);
}

/* ERR_REFUSED: no retry can mend it, and going on would build on it. */
static int broken(int64_t seq, const char *how, struct err *e)
{
	err_set(e, ERR_REFUSED, "the journal's row %lld %s", (long long)seq, how);
	return err_hint(e, "someone or something edited the state outside of cutover: do not go on "
			   "with it; put back a copy from a backup");
}

/* The seq first: a removed row would otherwise be told as a changed one. */
static int verify_row(struct head *head, struct arena *a, struct db_stmt *st, struct err *e)
{
	const struct journal_row row = read_row(a, st);
	struct slice kept = db_col_blob(st, 7);
	if (row.seq != head->seq + 1)
		return broken(head->seq + 1, "is missing", e);
	chain(head, &row);
	const struct slice computed = { (const char *)head->hash, SHA256_LEN };
	return slice_eq(kept, computed) ? 0 : broken(row.seq, "was changed", e);
}

/* An arena a row, for journals grow and this walks all of them. */
static int verify_rows(struct db *db, struct head *head, struct err *e)
{
	struct db_stmt *st = db_stmt(db, "SELECT " ROW_COLUMNS ", hash FROM journal ORDER BY seq",
				     e);
	if (st == NULL)
		return -1;
	genesis(head);
	int rc;
	while ((rc = db_step(st, e)) == 1) {
		struct arena *a = arena_new();
		rc = verify_row(head, a, st, e);
		arena_free(a);
		if (rc != 0)
			break;
	}
	db_done(st);
	return rc;
}

int journal_verify(struct store *s, struct err *e)
{
	struct db *db = store_db(s);
	struct head walked;
	struct head kept;
	if (db_begin(db, e) != 0) /* rows and head of the same moment */
		return -1;
	int rc = verify_rows(db, &walked, e);
	if (rc == 0)
		rc = read_head(db, &kept, e);
	db_rollback(db);
	if (rc != 0)
		return -1;
	/* Rows cut off at the end leave a chain that is whole: only the head beside them
	 * tells. */
	if (kept.seq > walked.seq)
		return broken(walked.seq + 1, "is missing", e);
	if (kept.seq < walked.seq || memcmp(kept.hash, walked.hash, SHA256_LEN) != 0)
		return broken(walked.seq, "is not the one that was written last", e);
	return 0;
}

const char *journal_kind_name(enum journal_kind k)
{
	static const char *const names[] = {
		[JOURNAL_INTENT] = "intent",   [JOURNAL_DONE] = "done", [JOURNAL_FAILED] = "failed",
		[JOURNAL_UNKNOWN] = "unknown", [JOURNAL_NOTE] = "note",
	};
	return names[k];
}
