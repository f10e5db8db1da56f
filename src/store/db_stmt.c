/*
 * Prepared statements, kept by the address of their text and checked against the text
 * itself, so that a string that moved costs a new preparation and never a wrong answer.
 * A statement that is in use already (a query inside the loop of the same query) is
 * prepared a second time, and that one is not kept.
 */
#include <stdlib.h>
#include <string.h>

#include "store/db_priv.h"

struct db_stmt {
	struct db *db;        /* borrowed */
	sqlite3_stmt *handle; /* owned */
	const char *sql;      /* borrowed; the key */
	struct db_stmt *next;
	bool cached, busy;
	bool bind_failed; /* told by the next step */
};

/* The low bits of an address say little (alignment), so some higher ones are mixed in. */
static struct db_stmt **bucket(struct db *db, const char *sql)
{
	uintptr_t key = (uintptr_t)sql;
	return &db->cache[(key ^ key >> 7) / 8 % DB_BUCKETS];
}

/* PERSISTENT: SQLite then takes the memory from the heap, not from its small lookaside. */
static struct db_stmt *prepare(struct db *db, const char *sql, struct err *e)
{
	sqlite3_stmt *handle;
	if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL) !=
	    SQLITE_OK) {
		db_error(db, "reading", e);
		return NULL;
	}
	struct db_stmt *st = mem_alloc(sizeof(*st));
	st->db = db;
	st->handle = handle;
	st->sql = sql;
	return st;
}

/* Finalises even a statement that failed; its error has been told by the step. */
static void drop(struct db_stmt *st)
{
	sqlite3_finalize(st->handle);
	free(st);
}

/* The kept statement of this text that is free; *taken_r: the place is in use. */
static struct db_stmt *find(struct db *db, const char *sql, bool *taken_r)
{
	struct db_stmt **at = bucket(db, sql);
	*taken_r = false;
	while (*at != NULL && (*at)->sql != sql)
		at = &(*at)->next;
	struct db_stmt *st = *at;
	if (st == NULL)
		return NULL;
	*taken_r = st->busy;
	if (st->busy)
		return NULL;
	if (strcmp(sqlite3_sql(st->handle), sql) == 0)
		return st;
	*at = st->next; /* another text at the same address */
	drop(st);
	return NULL;
}

/* Only one of each text is kept; the nested use is rare and pays for itself. */
static struct db_stmt *find_or_prepare(struct db *db, const char *sql, struct err *e)
{
	bool taken;
	struct db_stmt *st = find(db, sql, &taken);
	if (st != NULL)
		return st;
	st = prepare(db, sql, e);
	if (st != NULL && !taken) {
		struct db_stmt **head = bucket(db, sql);
		st->cached = true;
		st->next = *head;
		*head = st;
	}
	return st;
}

struct db_stmt *db_stmt(struct db *db, const char *sql, struct err *e)
{
	db_lock(db);
	struct db_stmt *st = db_check_lost(db, e) == 0 ? find_or_prepare(db, sql, e) : NULL;
	if (st == NULL) {
		db_unlock(db);
		return NULL;
	}
	st->busy = true;
	return st; /* the mutex stays locked until db_done */
}

void db_done(struct db_stmt *st)
{
	if (st == NULL)
		return;
	struct db *db = st->db;
	if (st->cached) {
		(void)sqlite3_reset(st->handle); /* repeats the step's error, told already */
		(void)sqlite3_clear_bindings(st->handle);
		st->busy = false;
		st->bind_failed = false;
	} else {
		drop(st);
	}
	db_unlock(db);
}

void db_drop_statements(struct db *db)
{
	for (size_t i = 0; i < DB_BUCKETS; i++) {
		while (db->cache[i] != NULL) {
			struct db_stmt *st = db->cache[i];
			db->cache[i] = st->next;
			drop(st);
		}
	}
}

/* Kept for db_step, so that ten binds need no ten checks. */
static void note_bind(struct db_stmt *st, int rc)
{
	st->bind_failed |= rc != SQLITE_OK;
}

void db_bind_int(struct db_stmt *st, int at, int64_t v)
{
	note_bind(st, sqlite3_bind_int64(st->handle, at, v));
}

void db_bind_text(struct db_stmt *st, int at, const char *s)
{
	note_bind(st, sqlite3_bind_text(st->handle, at, s, -1, SQLITE_STATIC));
}

void db_bind_blob(struct db_stmt *st, int at, const void *p, size_t len)
{
	/* A NULL pointer would bind NULL: an empty blob is none. */
	note_bind(st, sqlite3_bind_blob64(st->handle, at, len > 0 ? p : "", len, SQLITE_STATIC));
}

void db_bind_null(struct db_stmt *st, int at)
{
	note_bind(st, sqlite3_bind_null(st->handle, at));
}

int db_step(struct db_stmt *st, struct err *e)
{
	if (st->bind_failed)
		return err_set(e, ERR_BUG, "binding a value that is too big or has no place in: %s",
			       st->sql);
	int rc = sqlite3_step(st->handle);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	return db_error(st->db, sqlite3_stmt_readonly(st->handle) ? "reading" : "writing", e);
}

int64_t db_col_int(struct db_stmt *st, int at)
{
	return sqlite3_column_int64(st->handle, at);
}

const char *db_col_text(struct db_stmt *st, int at)
{
	const unsigned char *s = sqlite3_column_text(st->handle, at);
	return s != NULL ? (const char *)s : "";
}

struct slice db_col_blob(struct db_stmt *st, int at)
{
	/* In this order: column_bytes after column_blob (SQLite's rule). */
	const char *p = sqlite3_column_blob(st->handle, at);
	return (struct slice){ p, (size_t)sqlite3_column_bytes(st->handle, at) };
}

bool db_col_is_null(struct db_stmt *st, int at)
{
	return sqlite3_column_type(st->handle, at) == SQLITE_NULL;
}

int db_run(struct db_stmt *st, struct err *e)
{
	int rc = db_step(st, e) < 0 ? -1 : 0;
	db_done(st);
	return rc;
}
