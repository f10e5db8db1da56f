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
	const char *path; /* NULL: in memory, gone with db_close */
	bool read_only;   /* for status and report while a writer runs */
};
/* Creates the file with mode 0600 when it is not there (not when read_only). A reader that
 * may not write in the directory sees the file as it is when no writer has it open. */
int db_open(const struct db_opts *opts, struct db **db_r, struct err *e);
/* Takes NULL. No statement may be in use, and no other thread in a verb. */
void db_close(struct db *db);

/* Nested begins count; only the outermost commits. Commit is durable (synchronous=FULL)
 * when it returns 0, but for db_begin_lazy; on -1 the transaction is rolled back. A rollback of an
 * inner one dooms the whole: every later verb and the outermost commit fail, and so does everything
 * after an error that made SQLite roll back itself (disk full), with that error. */
int db_begin(struct db *db, struct err *e);
/* As db_begin, but the commit does not wait for the disk: it survives the death of the program,
 * a power cut takes it away unless a durable commit came after it. Never out of order: what is
 * kept is all up to some commit. For what would only be done anew. A db_begin within it fails
 * (ERR_BUG): its promise could not be kept. */
int db_begin_lazy(struct db *db, struct err *e);
/* Durable when the outermost one returns 0; on -1 the whole transaction is lost. Ends it
 * either way: no db_rollback after it. */
int db_commit(struct db *db, struct err *e);
/* Cannot fail. Of an inner transaction it dooms the whole, for SQLite is never asked for
 * savepoints. */
void db_rollback(struct db *db);
/* True inside a transaction of the calling thread. */
bool db_in_transaction(struct db *db);

/* Runs statements that answer nothing (schema, PRAGMA); several with ';' between. */
int db_exec(struct db *db, const char *sql, struct err *e);

/* Statements are cached by the address of their text (use string constants). A statement
 * is used between db_stmt and db_done, by one thread; the database is locked meanwhile. */
struct db_stmt *db_stmt(struct db *db, const char *sql, struct err *e);
/* `at` counts from 1. A bind that fails (no such place) is told by the next db_step, ERR_BUG. */
void db_bind_int(struct db_stmt *st, int at, int64_t v);
/* Borrowed until db_done: nothing is copied, for a copy makes millions of small ones. NULL binds
 * NULL. */
void db_bind_text(struct db_stmt *st, int at, const char *s);
/* Borrowed until db_done. No bytes bind an empty blob, not NULL. */
void db_bind_blob(struct db_stmt *st, int at, const void *p, size_t len);
/* What no bind has touched is NULL too. */
void db_bind_null(struct db_stmt *st, int at);
/* 1 a row, 0 no more rows, -1 failed. */
int db_step(struct db_stmt *st, struct err *e);
/* `at` counts from 0, as for all columns; 0 for NULL. Only after a step that returned 1. */
int64_t db_col_int(struct db_stmt *st, int at);
/* "" for NULL; valid until the next db_step or db_done. */
const char *db_col_text(struct db_stmt *st, int at);
/* Borrowed until the next db_step or db_done; empty for NULL. */
struct slice db_col_blob(struct db_stmt *st, int at);
/* Ask before the value is read as another type: SQLite converts in place. */
bool db_col_is_null(struct db_stmt *st, int at);
/* Gives the statement and the lock back, on the thread that took them. Takes NULL. */
void db_done(struct db_stmt *st);
/* step once for INSERT/UPDATE/DELETE, then done. */
int db_run(struct db_stmt *st, struct err *e);
/* Of the newest insert on this connection: ask inside the transaction that inserted, or
 * another thread's is told. */
int64_t db_last_rowid(struct db *db);

#endif
