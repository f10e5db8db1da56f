/*
 * Folders of the ledger, and what happens to their messages when a UIDVALIDITY changes.
 */
#include "base/vec.h"
#include "store/ledger_priv.h"

static void read_folder(struct db_stmt *st, struct arena *a, struct ledger_folder *f)
{
	f->id = db_col_int(st, 0);
	f->src_name = arena_strdup(a, db_col_text(st, 1));
	f->dst_name = arena_strdup(a, db_col_text(st, 2));
	f->shown = arena_strdup(a, db_col_text(st, 3));
	f->src_uidvalidity = db_col_int(st, 4);
	f->src_uidnext = db_col_int(st, 5);
	f->src_modseq = db_col_int(st, 6);
	f->src_messages = db_col_int(st, 7);
	f->dst_uidvalidity = db_col_int(st, 8);
	f->match_from = db_col_int(st, 9);
	f->settled = db_col_int(st, 10) != 0;
	f->subscribed = db_col_int(st, 11) != 0;
	f->present = db_col_int(st, 12) != 0;
	f->count_status = db_col_int(st, 13);
	f->count_exists = db_col_int(st, 14);
	f->count_search = db_col_int(st, 15);
	f->count_fetch = db_col_int(st, 16);
	f->left_out = db_col_int(st, 17) != 0;
	f->surplus_from = db_col_int(st, 18);
	f->surplus_ms = db_col_int(st, 19);
	f->dst_uidnext = db_col_int(st, 20);
}

int ledger_folders(struct store *s, struct arena *a, int64_t mailbox_id,
		   struct ledger_folder **list_r, size_t *n_r, struct err *e)
{
	VEC(struct ledger_folder) list = { 0 };
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT id, src_name, dst_name, shown, src_uidvalidity, src_uidnext, src_modseq,"
		" src_messages, dst_uidvalidity, match_from, settled, subscribed, present,"
		" count_status, count_exists, count_search, count_fetch, left_out,"
		" surplus_from, surplus_ms, dst_next"
		" FROM ledger_folder WHERE mailbox = ?1 ORDER BY id",
		ARGS(ARG_INT(mailbox_id)), e);
	if (st == NULL)
		return -1;
	int rc;
	while ((rc = db_step(st, e)) == 1)
		read_folder(st, a, vec_push(a, &list));
	db_done(st);
	*list_r = list.at;
	*n_r = list.n;
	return rc;
}

static int add_folder(struct store *s, int64_t mailbox_id, struct ledger_folder *f, struct err *e)
{
	int rc = ledger_run(
		s,
		"INSERT INTO ledger_folder (mailbox, src_name, dst_name, shown, src_uidvalidity,"
		" src_uidnext, src_modseq, src_messages, dst_uidvalidity, match_from, settled,"
		" subscribed, present, count_status, count_exists, count_search, count_fetch)"
		" VALUES (?1, ?2, ?3, ?4, -1, -1, -1, -1, -1, 0, 0, 0, 1, -1, -1, -1, -1)",
		ARGS(ARG_INT(mailbox_id), ARG_TEXT(f->src_name), ARG_TEXT(f->dst_name),
		     ARG_TEXT(f->shown)),
		e);
	if (rc == 0)
		f->id = db_last_rowid(store_db(s));
	return rc;
}

bool ledger_counts_agree(const struct ledger_folder *f)
{
	int64_t n = f->count_fetch;
	return n >= 0 && (f->count_status < 0 || f->count_status == n) &&
	       (f->count_exists < 0 || f->count_exists == n) &&
	       (f->count_search < 0 || f->count_search == n);
}

int ledger_folder_put(struct store *s, int64_t mailbox_id, struct ledger_folder *f, struct err *e)
{
	if (ledger_begin(s, e) != 0)
		return -1;
	if ((f->id == 0 && add_folder(s, mailbox_id, f, e) != 0) ||
	    ledger_run(
		    s,
		    "UPDATE ledger_folder SET dst_name = ?2, shown = ?3, src_uidvalidity = ?4,"
		    " src_uidnext = ?5, src_modseq = ?6, src_messages = ?7, dst_uidvalidity = ?8,"
		    " match_from = ?9, settled = ?10, subscribed = ?11, present = ?12,"
		    " count_status = ?13, count_exists = ?14, count_search = ?15,"
		    " count_fetch = ?16, left_out = ?17, surplus_from = ?18,"
		    " surplus_ms = ?19, src_name = ?20,"
		    " dst_next = ?21 WHERE id = ?1",
		    ARGS(ARG_INT(f->id), ARG_TEXT(f->dst_name), ARG_TEXT(f->shown),
			 ARG_INT(f->src_uidvalidity), ARG_INT(f->src_uidnext),
			 ARG_INT(f->src_modseq), ARG_INT(f->src_messages),
			 ARG_INT(f->dst_uidvalidity), ARG_INT(f->match_from), ARG_INT(f->settled),
			 ARG_INT(f->subscribed), ARG_INT(f->present), ARG_INT(f->count_status),
			 ARG_INT(f->count_exists), ARG_INT(f->count_search),
			 ARG_INT(f->count_fetch), ARG_INT(f->left_out), ARG_INT(f->surplus_from),
			 ARG_INT(f->surplus_ms), ARG_TEXT(f->src_name), ARG_INT(f->dst_uidnext)),
		    e) != 0) {
		ledger_rollback(s);
		return -1;
	}
	return ledger_commit(s, e);
}

/* Statements as one; the argument is the folder's id. */
static int run_all(struct store *s, int64_t folder_id, const char *const *sql, struct err *e)
{
	if (ledger_begin(s, e) != 0)
		return -1;
	for (; *sql != NULL; sql++) {
		if (ledger_run(s, *sql, ARGS(ARG_INT(folder_id)), e) != 0) {
			ledger_rollback(s);
			return -1;
		}
	}
	return ledger_commit(s, e);
}

int ledger_folder_forget_src(struct store *s, int64_t folder_id, struct err *e)
{
	/* A copy that was altered is known by its own hash. */
	static const char *const sql[] = {
		"INSERT OR IGNORE INTO ledger_candidate (folder, dst_uid, sha, listed)"
		" SELECT folder, dst_uid, CASE WHEN copy_sha IS NULL THEN sha END, 0"
		" FROM ledger_message WHERE folder = ?1 AND state = 3"
		"  AND dst_uid NOT IN (0, 4294967295)",
		"DELETE FROM ledger_message WHERE folder = ?1",
		"DELETE FROM ledger_head WHERE folder = ?1 AND dst = 0",
		NULL,
	};
	return run_all(s, folder_id, sql, e);
}

int ledger_folder_forget_dst(struct store *s, int64_t folder_id, struct err *e)
{
	static const char *const sql[] = {
		"UPDATE ledger_message SET state = 1, dst_uid = 0, dst_uidnext = 0, tries = 0,"
		" flags = coalesce(new_flags, flags), new_flags = NULL"
		" WHERE folder = ?1 AND state IN (2, 3) AND dst_uid <> 4294967295",
		/* Merged with a message that had its place in the old one. */
		"UPDATE ledger_message SET state = 1, dst_uid = 0, tries = 0"
		" WHERE folder = ?1 AND state <> 3 AND state = 4 AND dst_uid <> 0",
		"DELETE FROM ledger_candidate WHERE folder = ?1",
		"DELETE FROM ledger_head WHERE folder = ?1 AND dst = 1",
		NULL,
	};
	return run_all(s, folder_id, sql, e);
}
