/*
 * db.h - SQLite (WAL) behind a few verbs; the only home of sqlite3.h.
 *
 * One connection, one mutex: every verb may be called from any thread; a transaction
 * belongs to the thread that began it until it ends, others wait. Full disk and I/O
 * errors are ERR_WORLD with the path and a hint; nothing is half-written by them.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct db;
struct db_stmt;

struct db_opts {
	const char *path;
	bool read_only; /* for status and report while a writer runs */
};
/* Creates the file with mode 0600 when it is not there (not when read_only). A reader that
 * may not write in the directory sees the file as it is when no writer has it open. */
int db_open(const struct db_opts *opts, struct db **db_r, struct err *e);
void db_close(struct db *db); /* takes NULL */

/* Nested begins count; only the outermost commits. Commit is durable (synchronous=FULL)
 * when it returns 0; on -1 the transaction is rolled back. A rollback of an inner one dooms
 * the whole: every later verb and the outermost commit fail, and so does everything after
 * an error that made SQLite roll back itself (disk full), with that error. */
int db_begin(struct db *db, struct err *e);
int db_commit(struct db *db, struct err *e);
void db_rollback(struct db *db);
/* True inside a transaction of the calling thread. */
bool db_in_transaction(struct db *db);

/* Runs statements that answer nothing (schema, PRAGMA); several with ';' between. */
int db_exec(struct db *db, const char *sql, struct err *e);

/* Statements are cached by the address of their text (use string constants). A statement
 * is used between db_stmt and db_done, by one thread; the database is locked meanwhile. */
struct db_stmt *db_stmt(struct db *db, const char *sql, struct err *e);
void db_bind_int(struct db_stmt *st, int at, int64_t v);      /* at counts from 1 */
void db_bind_text(struct db_stmt *st, int at, const char *s); /* NULL binds NULL */
void db_bind_blob(struct db_stmt *st, int at, const void *p, size_t len);
void db_bind_null(struct db_stmt *st, int at);
/* 1 a row, 0 no more rows, -1 failed. */
int db_step(struct db_stmt *st, struct err *e);
int64_t db_col_int(struct db_stmt *st, int at);      /* at counts from 0 */
const char *db_col_text(struct db_stmt *st, int at); /* "" for NULL; until the next step */
struct slice db_col_blob(struct db_stmt *st, int at);
bool db_col_is_null(struct db_stmt *st, int at);
void db_done(struct db_stmt *st); /* takes NULL; resets and gives it back */
/* step once for INSERT/UPDATE/DELETE, then done. */
int db_run(struct db_stmt *st, struct err *e);
int64_t db_last_rowid(struct db *db);

#endif
