/*
 * The comparison of both sides: each message seen is a row of a temporary table, pairs are made
 * by SQL (ledger_pairs.c), and what stays alone or pairs with another is counted and named
 * (ledger_verdict.c), so that no list lives in memory.
 */
#include <stdio.h>
#include <string.h>

#include "store/ledger_compare.h"

/* `key` is what messages are told apart by in a folder: the hash with even line ends, or of the
 * header (`sha` is NULL then). Indexed by what is looked for: a mailbox may have a million rows. */
int ledger_compare_begin(struct store *s, int64_t mailbox_id, struct err *e)
{
	if (db_exec(store_db(s),
		    "CREATE TEMP TABLE IF NOT EXISTS seen (id INTEGER PRIMARY KEY, mailbox INTEGER,"
		    " folder TEXT, key BLOB, weak BLOB, sha BLOB, dst INTEGER, date INTEGER,"
		    " flags TEXT COLLATE NOCASE, uid INTEGER, size INTEGER, refused INTEGER,"
		    " loss INTEGER, repaired INTEGER, name TEXT);"
		    "CREATE INDEX IF NOT EXISTS temp.seen_key ON seen (mailbox, folder, key);"
		    "CREATE INDEX IF NOT EXISTS temp.seen_weak ON seen (mailbox, folder, weak)"
		    " WHERE weak IS NOT NULL;"
		    "CREATE INDEX IF NOT EXISTS temp.seen_name ON seen (mailbox, name)"
		    " WHERE name IS NOT NULL;"
		    "CREATE TEMP TABLE IF NOT EXISTS pair (src INTEGER PRIMARY KEY,"
		    " dst INTEGER NOT NULL UNIQUE, mailbox INTEGER);",
		    e) != 0)
		return -1;
	return ledger_compare_drop(s, mailbox_id, NULL, e);
}

static struct ledger_arg blob_or_null(const unsigned char *p, size_t len)
{
	const struct ledger_arg none = ARG_NULL;
	const struct ledger_arg some = ARG_BLOB(p, len);
	return p == NULL ? none : some;
}

/* What the ledger has to say of a source UID is looked up now: REFUSED or copied with another
 * folder (LEDGER_ELSEWHERE, and there is that other one), such a one may be missing; a loss; and
 * that the copy of exactly these bytes was altered on wish, and to what. */
int ledger_compare_add(struct store *s, const struct ledger_seen *m, struct err *e)
{
	return ledger_run(
		s,
		"INSERT INTO temp.seen (mailbox, folder, key, weak, sha, dst, date, flags, uid,"
		" size, refused, loss, repaired, name)"
		" SELECT ?1, ?2, iif(repaired AND ?5 IS NOT NULL, copy_sha, ?3), ?4,"
		" iif(repaired AND ?5 IS NOT NULL, copy_sha, ?5), ?6, ?7, ?8, ?9, ?10,"
		" refused, loss, repaired, ?12 FROM (SELECT m.copy_sha,"
		"  m.state IS 3 AND m.reason IS NOT NULL AS loss,"
		"  m.state IS 3 AND m.copy_sha IS NOT NULL AND (?5 IS NULL OR m.sha IS ?3)"
		"  AS repaired, m.state IS 4 OR (m.dst_uid IS 4294967295"
		" AND " LEDGER_HOME("m.twin", "m.folder",
				    "?1") ") AS refused"
					  "  FROM (SELECT 1) LEFT JOIN ledger_message m"
					  "  ON m.folder = ?11 AND m.uid = ?9)",
		ARGS(ARG_INT(m->mailbox_id), ARG_TEXT(m->folder),
		     m->by_header ? blob_or_null(m->head, LEDGER_HEAD_LEN)
				  : blob_or_null(m->even, SHA256_LEN),
		     blob_or_null(m->by_header ? m->weak : NULL, LEDGER_HEAD_LEN),
		     blob_or_null(m->by_header ? NULL : m->sha, SHA256_LEN), ARG_INT(m->at_dst),
		     ARG_INT(m->date_s), ARG_TEXT(m->flags), ARG_INT(m->uid), ARG_INT(m->size),
		     ARG_INT(m->folder_id), ARG_TEXT(m->message_id)),
		e);
}

int ledger_compare_unread(struct store *s, const struct ledger_seen *at, uint64_t *n_r,
			  struct err *e)
{
	int64_t n = 0;
	const struct ledger_query q = {
		"SELECT (SELECT count(*) FROM ledger_message WHERE folder = ?3 AND state <> 3"
		"  AND state = 4 AND present = 1) - (SELECT count(*) FROM temp.seen s"
		"  JOIN ledger_message m ON m.folder = ?3 AND m.uid = s.uid AND m.state = 4"
		"  WHERE s.mailbox = ?1 AND s.folder = ?2 AND s.dst = 0 AND s.refused)",
		ARGS(ARG_INT(at->mailbox_id), ARG_TEXT(at->folder), ARG_INT(at->folder_id))
	};
	int rc = ledger_one(s, &q, &n, e);
	*n_r = n > 0 ? (uint64_t)n : 0;
	return rc < 0 ? -1 : 0;
}

int ledger_compare_drop(struct store *s, int64_t mailbox_id, const char *folder, struct err *e)
{
	if (ledger_run(s, "DELETE FROM temp.pair WHERE mailbox = ?1", ARGS(ARG_INT(mailbox_id)),
		       e) != 0)
		return -1;
	return ledger_run(s,
			  "DELETE FROM temp.seen WHERE mailbox = ?1"
			  " AND (?2 IS NULL OR folder = ?2)",
			  ARGS(ARG_INT(mailbox_id), ARG_TEXT(folder)), e);
}

/* The sums that need no look at a single pair. */
static int count_all(struct store *s, int64_t mailbox_id, struct ledger_comparison *c,
		     struct err *e)
{
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT (SELECT count(*) FROM temp.seen s WHERE mailbox = ?1 AND dst = 0 AND NOT"
		"   (refused AND " LEDGER_ALONE ")),"
		" (SELECT count(*) FROM temp.seen s WHERE " LEDGER_MISSING "),"
		" (SELECT count(*) FROM temp.seen s WHERE " LEDGER_DOUBLED "),"
		" (SELECT count(*) FROM " LEDGER_PAIRS " WHERE " LEDGER_ALTERED "),"
		" (SELECT count(*) FROM " LEDGER_PAIRS " WHERE p.mailbox = ?1 AND a.repaired),"
		" (SELECT count(*) FROM temp.seen s WHERE " LEDGER_MERGED ")",
		ARGS(ARG_INT(mailbox_id)), e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1) {
		c->compared = (uint64_t)db_col_int(st, 0);
		c->missing = (uint64_t)db_col_int(st, 1);
		c->doubled = (uint64_t)db_col_int(st, 2);
		c->altered = (uint64_t)db_col_int(st, 3);
		c->repaired = (uint64_t)db_col_int(st, 4);
		c->merged = (uint64_t)db_col_int(st, 5);
	}
	db_done(st);
	return rc < 0 ? -1 : 0;
}

int ledger_compare_end(struct store *s, int64_t mailbox_id, struct ledger_comparison *c_r,
		       struct err *e)
{
	struct err ignored;
	memset(c_r, 0, sizeof(*c_r));
	int rc = ledger_pairs_make(s, mailbox_id, &c_r->by_headers, e) != 0 ||
				 count_all(s, mailbox_id, c_r, e) != 0 ||
				 ledger_verdict_name(s, mailbox_id, c_r, e) != 0
			 ? -1
			 : 0;
	if (ledger_compare_drop(s, mailbox_id, NULL, rc == 0 ? e : &ignored) != 0)
		rc = -1;
	return rc;
}
