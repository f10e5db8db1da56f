/*
 * The comparison of both sides: each message seen is a row of a temporary table, and the
 * differences are counted by SQL, so that no list lives in memory. Messages are told
 * apart by folder and hash; of equal ones it only matters how many there are. Equal means
 * here: with even line ends. How many pairs are equal to the byte, in date and in flags is
 * counted behind it.
 */
#include <stdio.h>
#include <string.h>

#include "store/ledger_priv.h"

/* Indexed by what is grouped for: a mailbox may have a million rows. */
int ledger_compare_begin(struct store *s, int64_t mailbox_id, struct err *e)
{
	if (db_exec(store_db(s),
		    "CREATE TEMP TABLE IF NOT EXISTS seen (mailbox INTEGER, folder TEXT, even BLOB,"
		    " sha BLOB, dst INTEGER, date INTEGER, flags TEXT COLLATE NOCASE, uid INTEGER,"
		    " refused INTEGER);"
		    "CREATE INDEX IF NOT EXISTS temp.seen_key ON seen (mailbox, folder, even, "
		    "sha);",
		    e) != 0)
		return -1;
	return ledger_run(s, "DELETE FROM temp.seen WHERE mailbox = ?1", ARGS(ARG_INT(mailbox_id)),
			  e);
}

/* Whether the ledger has it as REFUSED is noted now, by source UID: such a one may be missing. */
int ledger_compare_add(struct store *s, const struct ledger_seen *m, struct err *e)
{
	return ledger_run(
		s,
		"INSERT INTO temp.seen (mailbox, folder, even, sha, dst, date, flags,"
		" uid, refused) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
		" EXISTS (SELECT 1 FROM ledger_message"
		"  WHERE folder = ?9 AND uid = ?8 AND (state = 4 OR dst_uid = 4294967295)))",
		ARGS(ARG_INT(m->mailbox_id), ARG_TEXT(m->folder), ARG_BLOB(m->even, SHA256_LEN),
		     ARG_BLOB(m->sha, SHA256_LEN), ARG_INT(m->at_dst), ARG_INT(m->date_s),
		     ARG_TEXT(m->flags), ARG_INT(m->uid), ARG_INT(m->folder_id)),
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

/* How often each message is on either side: n_src, n_dst. `uid` is one that is missed. */
#define SEEN                                                                                       \
	"SELECT folder, even, sum(dst = 0) AS n_src, sum(dst = 1) AS n_dst,"                       \
	" sum(refused) AS n_refused, coalesce(min(uid) FILTER (WHERE dst = 0 AND NOT refused),"    \
	" min(uid) FILTER (WHERE dst = 0)) AS uid FROM temp.seen WHERE mailbox = ?1"
#define BY_MESSAGE SEEN " GROUP BY folder, even"
#define BY_BYTES   SEEN " GROUP BY folder, even, sha"
#define PAIRS      "SELECT total(min(n_src, n_dst)) FROM "

static int count_messages(struct store *s, int64_t mailbox_id, struct ledger_comparison *c,
			  struct err *e)
{
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT total(n_src - min(n_refused, max(n_src - n_dst, 0))),"
		" total(max(n_src - n_dst - n_refused, 0)),"
		" total(CASE WHEN n_src > 0 THEN max(n_dst - n_src, 0) ELSE 0 END)"
		" FROM (" BY_MESSAGE ")",
		ARGS(ARG_INT(mailbox_id)), e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1) {
		c->compared = (uint64_t)db_col_int(st, 0);
		c->missing = (uint64_t)db_col_int(st, 1);
		c->doubled = (uint64_t)db_col_int(st, 2);
	}
	db_done(st);
	return rc < 0 ? -1 : 0;
}

static int count_pairs(struct store *s, int64_t mailbox_id, const char *sql, uint64_t *n_r,
		       struct err *e)
{
	int64_t n = 0;
	const struct ledger_query q = { sql, ARGS(ARG_INT(mailbox_id)) };
	int rc = ledger_one(s, &q, &n, e);
	*n_r = (uint64_t)n;
	return rc < 0 ? -1 : 0;
}

/* The finer the sorting, the fewer pairs: what falls out is not equal in that respect. */
static int count_unlike(struct store *s, int64_t mailbox_id, struct ledger_comparison *c,
			struct err *e)
{
	uint64_t pairs;
	uint64_t same_bytes;
	uint64_t same_rest;
	if (count_pairs(s, mailbox_id, PAIRS "(" BY_MESSAGE ")", &pairs, e) != 0 ||
	    count_pairs(s, mailbox_id, PAIRS "(" BY_BYTES ")", &same_bytes, e) != 0 ||
	    count_pairs(s, mailbox_id, PAIRS "(" BY_MESSAGE ", date, flags)", &same_rest, e) != 0)
		return -1;
	c->altered = pairs - same_bytes;
	c->differing = pairs - same_rest;
	return 0;
}

enum { FIRST_MAX = sizeof(((struct ledger_comparison *)0)->first) };

struct sentence {
	const char *sql, *text; /* gives folder, uid */
};

static int find_first(struct store *s, int64_t mailbox_id, const struct sentence *q,
		      char first_r[FIRST_MAX], struct err *e)
{
	struct db_stmt *st = ledger_stmt(s, q->sql, ARGS(ARG_INT(mailbox_id)), e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1)
		(void)snprintf(first_r, FIRST_MAX, "'%s', UID %lld%s", db_col_text(st, 0),
			       (long long)db_col_int(st, 1), q->text);
	db_done(st);
	return rc < 0 ? -1 : 0;
}

static const struct sentence missing = {
	"SELECT folder, uid FROM (" BY_MESSAGE ") WHERE n_src > n_dst + n_refused"
	" ORDER BY folder, uid LIMIT 1",
	": not at the target",
};
static const struct sentence doubled = {
	"SELECT folder, uid FROM (" BY_MESSAGE ") WHERE n_src > 0 AND n_dst > n_src"
	" ORDER BY folder, uid LIMIT 1",
	": more often at the target than at the source",
};
static const struct sentence differing = {
	"SELECT a.folder, a.uid FROM temp.seen a JOIN temp.seen b ON b.mailbox = a.mailbox"
	" AND b.folder = a.folder AND b.even = a.even AND b.dst = 1"
	" WHERE a.mailbox = ?1 AND a.dst = 0 AND (a.date <> b.date OR a.flags <> b.flags)"
	" ORDER BY a.folder, a.uid LIMIT 1",
	": other date or flags at the target",
};
static const struct sentence altered = {
	"WITH bytes AS MATERIALIZED (" BY_BYTES ") SELECT a.folder, a.uid FROM bytes a"
	" JOIN bytes b ON b.folder = a.folder AND b.even = a.even AND b.n_dst > b.n_src"
	" WHERE a.n_src > a.n_dst ORDER BY a.folder, a.uid LIMIT 1",
	"",
};

/* The worst difference is named: missing, then doubled, then differing. */
static int name_first(struct store *s, int64_t mailbox_id, struct ledger_comparison *c,
		      struct err *e)
{
	const struct sentence *q = c->missing > 0     ? &missing
				   : c->doubled > 0   ? &doubled
				   : c->differing > 0 ? &differing
						      : NULL;
	if (q != NULL && find_first(s, mailbox_id, q, c->first, e) != 0)
		return -1;
	return c->altered > 0 ? find_first(s, mailbox_id, &altered, c->first_altered, e) : 0;
}

int ledger_compare_end(struct store *s, int64_t mailbox_id, struct ledger_comparison *c_r,
		       struct err *e)
{
	memset(c_r, 0, sizeof(*c_r));
	int rc = count_messages(s, mailbox_id, c_r, e) != 0 ||
				 count_unlike(s, mailbox_id, c_r, e) != 0 ||
				 name_first(s, mailbox_id, c_r, e) != 0
			 ? -1
			 : 0;
	struct err ignored;
	if (ledger_run(s, "DELETE FROM temp.seen WHERE mailbox = ?1", ARGS(ARG_INT(mailbox_id)),
		       rc == 0 ? e : &ignored) != 0)
		rc = -1;
	return rc;
}
