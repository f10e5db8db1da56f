/*
 * The comparison of both sides: each message seen is a row of a temporary table, and the
 * differences are counted by SQL, so that no list lives in memory. Messages are told
 * apart by folder and hash; of equal ones it only matters how many there are.
 */
#include <stdio.h>
#include <string.h>

#include "store/ledger_priv.h"

int ledger_compare_begin(struct store *s, int64_t mailbox_id, struct err *e)
{
	if (db_exec(store_db(s),
		    "CREATE TEMP TABLE IF NOT EXISTS seen (mailbox INTEGER, folder TEXT, sha BLOB,"
		    " dst INTEGER, date INTEGER, flags TEXT COLLATE NOCASE, uid INTEGER);"
		    "CREATE INDEX IF NOT EXISTS temp.seen_key ON seen (mailbox, folder, sha);",
		    e) != 0)
		return -1;
	return ledger_run(s, "DELETE FROM temp.seen WHERE mailbox = ?1", ARGS(ARG_INT(mailbox_id)),
			  e);
}

int ledger_compare_add(struct store *s, const struct ledger_seen *m, struct err *e)
{
	return ledger_run(s,
			  "INSERT INTO temp.seen (mailbox, folder, sha, dst, date, flags, uid)"
			  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
			  ARGS(ARG_INT(m->mailbox_id), ARG_TEXT(m->folder),
			       ARG_BLOB(m->sha, SHA256_LEN), ARG_INT(m->at_dst), ARG_INT(m->date_s),
			       ARG_TEXT(m->flags), ARG_INT(m->uid)),
			  e);
}

/* How often each message is on either side: n_src, n_dst. */
#define BY_MESSAGE                                                                                 \
	"SELECT folder, min(uid) FILTER (WHERE dst = 0) AS uid, sum(dst = 0) AS n_src,"            \
	" sum(dst = 1) AS n_dst FROM temp.seen WHERE mailbox = ?1 GROUP BY folder, sha"

static int count_messages(struct store *s, int64_t mailbox_id, struct ledger_comparison *c,
			  struct err *e)
{
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT total(n_src), total(max(n_src - n_dst, 0)),"
		" total(CASE WHEN n_src > 0 THEN max(n_dst - n_src, 0) ELSE 0 END),"
		" total(min(n_src, n_dst)) FROM (" BY_MESSAGE ")",
		ARGS(ARG_INT(mailbox_id)), e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1) {
		c->compared = (uint64_t)db_col_int(st, 0);
		c->missing = (uint64_t)db_col_int(st, 1);
		c->doubled = (uint64_t)db_col_int(st, 2);
		c->differing = (uint64_t)db_col_int(st, 3); /* pairs, until the equal go off */
	}
	db_done(st);
	return rc < 0 ? -1 : 0;
}

/* Pairs that are equal in date and flags too. */
static int count_equal(struct store *s, int64_t mailbox_id, struct ledger_comparison *c,
		       struct err *e)
{
	int64_t equal = 0;
	int rc = ledger_one(
		s,
		&(struct ledger_query){
			"SELECT total(min(n_src, n_dst)) FROM (SELECT sum(dst = 0) AS n_src,"
			" sum(dst = 1) AS n_dst FROM temp.seen WHERE mailbox = ?1"
			" GROUP BY folder, sha, date, flags)",
			ARGS(ARG_INT(mailbox_id)) },
		&equal, e);
	if (rc == 1 && (uint64_t)equal <= c->differing)
		c->differing -= (uint64_t)equal;
	return rc < 0 ? -1 : 0;
}

struct sentence {
	const char *sql, *format; /* folder, uid */
};

static int find_first(struct store *s, int64_t mailbox_id, struct sentence q,
		      struct ledger_comparison *c, struct err *e)
{
	struct db_stmt *st = ledger_stmt(s, q.sql, ARGS(ARG_INT(mailbox_id)), e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1)
		(void)snprintf(c->first, sizeof(c->first), "'%s', UID %lld: %s", db_col_text(st, 0),
			       (long long)db_col_int(st, 1), q.format);
	db_done(st);
	return rc < 0 ? -1 : 0;
}

static const struct sentence missing = {
	"SELECT folder, uid FROM (" BY_MESSAGE ") WHERE n_src > n_dst ORDER BY folder, uid LIMIT 1",
	"not at the target",
};
static const struct sentence doubled = {
	"SELECT folder, uid FROM (" BY_MESSAGE ") WHERE n_src > 0 AND n_dst > n_src"
	" ORDER BY folder, uid LIMIT 1",
	"more often at the target than at the source",
};
static const struct sentence differing = {
	"SELECT a.folder, a.uid FROM temp.seen a JOIN temp.seen b ON b.mailbox = a.mailbox"
	" AND b.folder = a.folder AND b.sha = a.sha AND b.dst = 1"
	" WHERE a.mailbox = ?1 AND a.dst = 0 AND (a.date <> b.date OR a.flags <> b.flags)"
	" ORDER BY a.folder, a.uid LIMIT 1",
	"other date or flags at the target",
};

int ledger_compare_end(struct store *s, int64_t mailbox_id, struct ledger_comparison *c_r,
		       struct err *e)
{
	memset(c_r, 0, sizeof(*c_r));
	int rc = count_messages(s, mailbox_id, c_r, e) != 0 ? -1
							    : count_equal(s, mailbox_id, c_r, e);
	if (rc == 0 && c_r->missing > 0)
		rc = find_first(s, mailbox_id, missing, c_r, e);
	else if (rc == 0 && c_r->doubled > 0)
		rc = find_first(s, mailbox_id, doubled, c_r, e);
	else if (rc == 0 && c_r->differing > 0)
		rc = find_first(s, mailbox_id, differing, c_r, e);
	struct err ignored;
	if (ledger_run(s, "DELETE FROM temp.seen WHERE mailbox = ?1", ARGS(ARG_INT(mailbox_id)),
		       rc == 0 ? e : &ignored) != 0)
		rc = -1;
	return rc;
}
