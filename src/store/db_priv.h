/*
 * db_priv.h - what db.c, db_stmt.c and db_error.c share: the connection's inside.
 */
#ifndef STORE_DB_PRIV_H
#define STORE_DB_PRIV_H

#include <pthread.h>
#include <sqlite3.h>

#include "store/db.h"

enum { DB_BUCKETS = 128 };

struct db {
	sqlite3 *handle; /* owned */
	char *path;      /* owned; for messages when it is in memory */
	bool read_only, in_memory;
	pthread_mutex_t mutex; /* recursive; held by a transaction and by a statement in use */
	int depth;             /* of nested begins; only touched under the mutex */
	bool lazy;             /* the open transaction commits without fsync */
	bool doomed;           /* the transaction is lost: only its rollback is left to do */
	struct err why;        /* the first error of a doomed transaction */
	struct db_stmt *cache[DB_BUCKETS]; /* owned chains */
};

/* Recursive; every db_lock needs its db_unlock on the same thread. */
void db_lock(struct db *db);
/* Only on the thread that locked; the last of nested ones lets others in. */
void db_unlock(struct db *db);

/* Fills *e from SQLite's last error on this connection; returns -1. */
int db_error(struct db *db, const char *doing, struct err *e);
/* The same for a result code that came without a connection. */
int db_error_code(const char *path, int code, int sys_errno, const char *what, struct err *e);

/* SQLite rolls back by itself on a full disk or an I/O error. What came after would then
 * commit alone: so the transaction is marked as lost. *e says why. */
void db_note_lost(struct db *db, const struct err *e);
/* -1 with the first reason when the transaction is lost. */
int db_check_lost(const struct db *db, struct err *e);

/* Finalises every cached statement. */
void db_drop_statements(struct db *db);

#endif
