/*
 * ledger_priv.h - what the ledger's files share: statements with their values.
 */
#ifndef STORE_LEDGER_PRIV_H
#define STORE_LEDGER_PRIV_H

#include "store/ledger.h"

/* A value to bind; lists end with a zero kind. */
struct ledger_arg {
	char kind; /* 'i', 't', 'b' or 'n' */
	int64_t i;
	const void *p;
	size_t len;
};
#define ARG_INT(v)                                                                                 \
	{                                                                                          \
		'i', (int64_t)(v), NULL, 0                                                         \
	}
#define ARG_TEXT(s)                                                                                \
	{                                                                                          \
		't', 0, (s), 0                                                                     \
	}
#define ARG_BLOB(p, n)                                                                             \
	{                                                                                          \
		'b', 0, (p), (n)                                                                   \
	}
#define ARG_NULL                                                                                   \
	{                                                                                          \
		'n', 0, NULL, 0                                                                    \
	}
#define ARGS(...) ((const struct ledger_arg[]){ __VA_ARGS__, { 0, 0, NULL, 0 } })

/* A statement with its values bound, NULL with *e; db_done or db_run it. `sql` is a
 * string constant; texts and blobs stay where they are until then. */
struct db_stmt *ledger_stmt(struct store *s, const char *sql, const struct ledger_arg *args,
			    struct err *e);
/* Runs it to its end. */
int ledger_run(struct store *s, const char *sql, const struct ledger_arg *args, struct err *e);
/* A statement and its values, as one argument. */
struct ledger_query {
	const char *sql;
	const struct ledger_arg *args;
};
/* The first column of its first row into *v_r (left alone without a row): 1, 0, -1. */
int ledger_one(struct store *s, const struct ledger_query *q, int64_t *v_r, struct err *e);

/* In another folder of the mailbox is a row of the same message that is copied, or will be: a
 * folder that is gone at the source is never read again, and its rows stay as they were. */
#define LEDGER_HOME(twin_id, own_folder, mailbox_id)                                               \
	"EXISTS (SELECT 1 FROM ledger_message t JOIN ledger_folder f ON f.id = t.folder"           \
	" WHERE t.twin = " twin_id " AND f.mailbox = " mailbox_id " AND t.folder <> " own_folder   \
	" AND t.dst_uid <> 4294967295"                                                             \
	" AND (t.state = 3 OR (t.present = 1 AND f.present = 1)))"

/* Conditions on a row `h` of ledger_head in folder ?1: on side `dst` (0, 1) there is one that may
 * be the same message by its header, or by its size with other line ends. */
#define LEDGER_HEAD_ALIKE(dst)                                                                     \
	"(EXISTS (SELECT 1 FROM ledger_head o WHERE o.folder = ?1 AND o.dst = " #dst               \
	" AND o.head = h.head) OR EXISTS (SELECT 1 FROM ledger_head o WHERE o.folder = ?1"         \
	" AND o.dst = " #dst " AND o.weak = h.weak AND (o.head IS NULL OR h.head IS NULL)))"
#define LEDGER_HEAD_NEAR(dst)                                                                      \
	"EXISTS (SELECT 1 FROM ledger_head o WHERE o.folder = ?1 AND o.dst = " #dst                \
	" AND o.size BETWEEN h.size - h.size / 16 - 16 AND h.size + h.size / 16 + 16)"

#endif
