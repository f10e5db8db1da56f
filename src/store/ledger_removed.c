/*
 * The judgement is the mover's; here are its facts. They are gathered into a temporary table with
 * one reading of the mailbox for each question: the messages are the outer loop and the few that
 * are gone are looked up by an index (CROSS JOIN keeps SQLite to that order).
 */
#include "store/ledger_removed.h"

#include <string.h>

#include "base/vec.h"
#include "store/ledger_priv.h"

#define OF_MAILBOX "folder IN (SELECT id FROM ledger_folder WHERE mailbox = ?1)"
#define PLACED     "dst_uid NOT IN (0, 4294967295)"

/* A message that was removed keeps its row, and its row of ledger_removed tells it apart. */
static const char gather[] =
	"INSERT INTO temp.gone (mailbox, folder, uid, dst_uid, size, flags, fresh, appended,"
	" altered, sha, twin)"
	" SELECT ?1, m.folder, m.uid, m.dst_uid, m.size, m.flags, m.gone_pass >= ?2, m.appended,"
	" m.copy_sha IS NOT NULL, m.sha, m.twin"
	" FROM ledger_folder f JOIN ledger_message m ON m.folder = f.id AND m.present = 0"
	" WHERE f.mailbox = ?1 AND f.present = 1 AND m.state = 3 AND m.dst_uid <> 4294967295"
	" AND NOT EXISTS (SELECT 1 FROM ledger_removed r WHERE r.folder = m.folder"
	"  AND r.uid = m.uid AND r.src_uidvalidity = f.src_uidvalidity AND r.dst_uid = m.dst_uid"
	"  AND r.dst_uidvalidity = f.dst_uidvalidity AND r.state = 2)";

/* Two rows have one place where a target merges messages. */
static const char note_shared[] =
	"UPDATE temp.gone SET shared = 1 WHERE id IN (SELECT g.id FROM ledger_message m"
	" CROSS JOIN temp.gone g ON g.mailbox = ?1 AND g.folder = m.folder"
	" AND g.dst_uid = m.dst_uid AND g.uid <> m.uid WHERE m." OF_MAILBOX ")";

/* Labels: another row counts on this copy (LEDGER_ELSEWHERE). */
static const char note_leaned_on[] =
	"UPDATE temp.gone SET shared = 1 WHERE mailbox = ?1 AND twin IS NOT NULL"
	" AND EXISTS (SELECT 1 FROM ledger_message m WHERE m.twin = gone.twin AND m.present = 1"
	" AND m." OF_MAILBOX ")";

static const char note_elsewhere[] =
	"UPDATE temp.gone SET elsewhere = 1 WHERE id IN (SELECT g.id FROM ledger_message m"
	" CROSS JOIN temp.gone g ON g.mailbox = ?1 AND g.sha = m.sha"
	" WHERE m." OF_MAILBOX " AND m.present = 1 AND m.state = 3 AND m." PLACED ")";

/* Its bytes are not known yet, so its size speaks: a server may only estimate it. */
static const char note_open[] =
	"UPDATE temp.gone SET open = 1 WHERE mailbox = ?1 AND EXISTS (SELECT 1"
	" FROM ledger_message m WHERE m." OF_MAILBOX " AND m.state <> 3 AND m.present = 1"
	" AND m.size BETWEEN gone.size - gone.size / 16 - 64"
	" AND gone.size + gone.size / 16 + 64)";

static int make_table(struct store *s, struct err *e)
{
	return db_exec(store_db(s),
		       "CREATE TEMP TABLE IF NOT EXISTS gone (id INTEGER PRIMARY KEY,"
		       " mailbox INTEGER NOT NULL, folder INTEGER NOT NULL, uid INTEGER NOT NULL,"
		       " dst_uid INTEGER NOT NULL, size INTEGER NOT NULL, flags TEXT NOT NULL,"
		       " fresh INTEGER NOT NULL, appended INTEGER NOT NULL,"
		       " altered INTEGER NOT NULL, shared INTEGER NOT NULL DEFAULT 0,"
		       " elsewhere INTEGER NOT NULL DEFAULT 0, open INTEGER NOT NULL DEFAULT 0,"
		       " sha BLOB, twin INTEGER);"
		       "CREATE INDEX IF NOT EXISTS temp.gone_uid ON gone (folder, uid);"
		       "CREATE INDEX IF NOT EXISTS temp.gone_place ON gone (folder, dst_uid);"
		       "CREATE INDEX IF NOT EXISTS temp.gone_sha ON gone (mailbox, sha)",
		       e);
}

int ledger_gone_begin(struct store *s, const struct ledger_mailbox *m, struct err *e)
{
	static const char *const notes[] = { note_shared, note_leaned_on, note_elsewhere,
					     note_open };
	int64_t any = 0;
	if (make_table(s, e) != 0 || ledger_gone_end(s, m->id, e) != 0 ||
	    ledger_run(s, gather, ARGS(ARG_INT(m->id), ARG_INT(m->pass)), e) != 0)
		return -1;
	const struct ledger_query q = { "SELECT 1 FROM temp.gone WHERE mailbox = ?1 LIMIT 1",
					ARGS(ARG_INT(m->id)) };
	if (ledger_one(s, &q, &any, e) < 0)
		return -1;
	for (size_t i = 0; any != 0 && i < sizeof(notes) / sizeof(notes[0]); i++)
		if (ledger_run(s, notes[i], ARGS(ARG_INT(m->id)), e) != 0)
			return -1;
	return 0;
}

int ledger_gone_end(struct store *s, int64_t mailbox_id, struct err *e)
{
	return ledger_run(s, "DELETE FROM temp.gone WHERE mailbox = ?1", ARGS(ARG_INT(mailbox_id)),
			  e);
}

static void read_gone(struct db_stmt *st, struct arena *a, struct ledger_gone *g)
{
	*g = (struct ledger_gone){ .uid = (uint32_t)db_col_int(st, 0),
				   .dst_uid = (uint32_t)db_col_int(st, 1),
				   .size = (uint64_t)db_col_int(st, 2),
				   .flags = arena_strdup(a, db_col_text(st, 3)),
				   .fresh = db_col_int(st, 4) != 0,
				   .appended = db_col_int(st, 5) != 0,
				   .altered = db_col_int(st, 6) != 0,
				   .shared = db_col_int(st, 7) != 0,
				   .elsewhere = db_col_int(st, 8) != 0,
				   .open = db_col_int(st, 9) != 0 };
}

int ledger_gone_next(struct store *s, struct arena *a, int64_t folder_id,
		     struct ledger_gone_list *list, struct err *e)
{
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT uid, dst_uid, size, flags, fresh, appended, altered, shared, elsewhere,"
		" open FROM temp.gone WHERE folder = ?1 AND uid > ?2 ORDER BY uid LIMIT ?3",
		ARGS(ARG_INT(folder_id), ARG_INT(list->after), ARG_INT(list->max)), e);
	list->n = 0;
	if (st == NULL)
		return -1;
	list->rows = ARENA_ARRAY(a, list->max, struct ledger_gone);
	int rc;
	while ((rc = db_step(st, e)) == 1)
		read_gone(st, a, &list->rows[list->n++]);
	db_done(st);
	if (list->n > 0)
		list->after = list->rows[list->n - 1].uid;
	return rc;
}

int ledger_copied(struct store *s, int64_t folder_id, uint64_t *n_r, struct err *e)
{
	int64_t n = 0;
	const struct ledger_query q = {
		"SELECT (SELECT count(*) FROM ledger_message WHERE folder = ?1 AND state = 3"
		"  AND " PLACED ") - (SELECT count(*) FROM ledger_removed r"
		"  JOIN ledger_message m ON m.folder = r.folder AND m.uid = r.uid AND m.state = 3"
		"  AND m.dst_uid = r.dst_uid"
		"  WHERE r.folder = ?1 AND r.state = 2)",
		ARGS(ARG_INT(folder_id))
	};
	int rc = ledger_one(s, &q, &n, e);
	*n_r = n > 0 ? (uint64_t)n : 0;
	return rc < 0 ? -1 : 0;
}

int ledger_copied_of_lost_folders(struct store *s, int64_t mailbox_id, uint64_t *n_r, struct err *e)
{
	int64_t n = 0;
	const struct ledger_query q = {
		"SELECT count(*) FROM ledger_folder f JOIN ledger_message m ON m.folder = f.id"
		" WHERE f.mailbox = ?1 AND f.present = 0 AND m.state = 3 AND m." PLACED,
		ARGS(ARG_INT(mailbox_id))
	};
	int rc = ledger_one(s, &q, &n, e);
	*n_r = n > 0 ? (uint64_t)n : 0;
	return rc < 0 ? -1 : 0;
}

int ledger_removal_intend(struct store *s, const struct ledger_removal *r, struct err *e)
{
	return ledger_run(s,
			  "INSERT OR REPLACE INTO ledger_removed (mailbox, folder, src_uidvalidity,"
			  " uid, dst_uidvalidity, dst_uid, moved, state, at_ms)"
			  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8)",
			  ARGS(ARG_INT(r->mailbox_id), ARG_INT(r->folder_id),
			       ARG_INT(r->src_uidvalidity), ARG_INT(r->uid),
			       ARG_INT(r->dst_uidvalidity), ARG_INT(r->dst_uid), ARG_INT(r->moved),
			       ARG_INT(r->at_ms)),
			  e);
}

int ledger_removal_end(struct store *s, const struct ledger_removal *r, bool is_gone, struct err *e)
{
	const char *sql = is_gone ? "UPDATE ledger_removed SET state = 2, at_ms = ?4"
				    " WHERE folder = ?1 AND dst_uidvalidity = ?2 AND dst_uid = ?3"
				    " AND state = 1"
				  : "DELETE FROM ledger_removed WHERE folder = ?1"
				    " AND dst_uidvalidity = ?2 AND dst_uid = ?3 AND state = 1"
				    " AND ?4 = ?4";
	return ledger_run(s, sql,
			  ARGS(ARG_INT(r->folder_id), ARG_INT(r->dst_uidvalidity),
			       ARG_INT(r->dst_uid), ARG_INT(r->at_ms)),
			  e);
}

int ledger_removals_open(struct store *s, int64_t folder_id, int64_t dst_uidvalidity,
			 struct ledger_intended *list_r, struct err *e)
{
	const struct ledger_arg *args = ARGS(ARG_INT(folder_id), ARG_INT(dst_uidvalidity));
	list_r->n = 0;
	if (ledger_run(s,
		       "DELETE FROM ledger_removed WHERE folder = ?1 AND state = 1"
		       " AND dst_uidvalidity <> ?2",
		       args, e) != 0)
		return -1;
	struct db_stmt *st = ledger_stmt(s,
					 "SELECT dst_uid FROM ledger_removed WHERE folder = ?1"
					 " AND dst_uidvalidity = ?2 AND state = 1"
					 " ORDER BY dst_uid LIMIT 100",
					 args, e);
	if (st == NULL)
		return -1;
	int rc;
	while ((rc = db_step(st, e)) == 1)
		list_r->dst_uids[list_r->n++] = (uint32_t)db_col_int(st, 0);
	db_done(st);
	return rc;
}

/* Rows at the source now, of this folder as it is now, that were removed (2) or about to be (1). */
#define BACK(state)                                                                                \
	"folder = ?1 AND present = 1 AND state = 3 AND uid IN (SELECT r.uid"                       \
	" FROM ledger_removed r JOIN ledger_folder f ON f.id = r.folder"                           \
	" WHERE r.folder = ?1 AND r.src_uidvalidity = f.src_uidvalidity"                           \
	" AND r.dst_uidvalidity = f.dst_uidvalidity"                                               \
	" AND r.state = " state " AND r.dst_uid = ledger_message.dst_uid)"

/* Mostly nothing was ever removed there: one look at an index. */
int ledger_removed_reappeared(struct store *s, int64_t folder_id, struct err *e)
{
	static const char *const sql[] = {
		"UPDATE ledger_message SET state = 1, dst_uid = 0, dst_uidnext = 0, appended = 0,"
		" flags = coalesce(new_flags, flags), new_flags = NULL WHERE " BACK("2"),
		"UPDATE ledger_message SET state = 2, dst_uidnext = dst_uid, dst_uid = 0,"
		" appended = 0, sha = NULL, copy_sha = NULL, repair = NULL WHERE " BACK("1"),
		("DELETE FROM ledger_removed WHERE folder = ?1 AND state = 1 AND uid IN"
		 " (SELECT uid FROM ledger_message WHERE folder = ?1 AND present = 1)"),
	};
	int64_t any = 0;
	const struct ledger_query q = { "SELECT 1 FROM ledger_removed WHERE folder = ?1 LIMIT 1",
					ARGS(ARG_INT(folder_id)) };
	int rc = ledger_one(s, &q, &any, e);
	if (rc <= 0)
		return rc;
	if (ledger_begin(s, e) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
		if (ledger_run(s, sql[i], ARGS(ARG_INT(folder_id)), e) != 0) {
			ledger_rollback(s);
			return -1;
		}
	}
	return ledger_commit(s, e);
}

int ledger_removed_figures(struct store *s, int64_t mailbox_id, int64_t since_ms,
			   struct ledger_removed *f_r, struct err *e)
{
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT count(*) FILTER (WHERE moved), count(*) FILTER (WHERE NOT moved),"
		" coalesce(max(at_ms), 0) FROM ledger_removed WHERE mailbox = ?1 AND state = 2"
		" AND at_ms >= ?2",
		ARGS(ARG_INT(mailbox_id), ARG_INT(since_ms)), e);
	memset(f_r, 0, sizeof(*f_r));
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1) {
		f_r->moved = (uint64_t)db_col_int(st, 0);
		f_r->deleted = (uint64_t)db_col_int(st, 1);
		f_r->last_ms = db_col_int(st, 2);
	}
	db_done(st);
	return rc < 0 ? -1 : 0;
}
