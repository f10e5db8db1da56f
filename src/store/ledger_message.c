/*
 * Messages: one small statement a change; the caller groups them in transactions.
 *
 * In the texts of SQL states are their numbers (enum ledger_state), and 4294967295 is
 * LEDGER_ELSEWHERE. `state <> 3` stands beside the state that is meant because a partial index is
 * taken only where its own condition stands in the query, word for word: what waits is found among
 * what waits, not among a million of messages that are done. `?2 = ?2` names an argument that this
 * statement does not need, for all of a list are bound alike.
 */
#include <string.h>

#include "base/vec.h"
#include "store/ledger_priv.h"

static int64_t size_of(const struct ledger_message *m)
{
	return (int64_t)(m->size < LEDGER_SIZE_MAX ? m->size : LEDGER_SIZE_MAX);
}

struct sums_added {
	int64_t messages, bytes;
};

/* Of what was just added, in the same transaction; there is no trigger for it (schema.c). NULL: an
 * INSERT that failed, which SQLite took back whole. */
static int end_add(struct store *s, int64_t folder_id, const struct sums_added *n, struct err *e)
{
	struct err ignored;
	if (n == NULL) {
		(void)ledger_commit(s, &ignored);
		return -1;
	}
	if (ledger_run(s,
		       "INSERT INTO ledger_sum (folder, present, present_bytes, done,"
		       " done_bytes, refused, flag_changes) VALUES (?1, ?2, ?3, 0, 0, 0, 0)"
		       " ON CONFLICT (folder) DO UPDATE SET present = present + ?2,"
		       " present_bytes = present_bytes + ?3",
		       ARGS(ARG_INT(folder_id), ARG_INT(n->messages), ARG_INT(n->bytes)), e) != 0) {
		ledger_rollback(s);
		return -1;
	}
	return ledger_commit(s, e);
}

int ledger_add(struct store *s, int64_t folder_id, const struct ledger_message *m, struct err *e)
{
	if (ledger_begin(s, e) != 0)
		return -1;
	int rc = ledger_run(s,
			    "INSERT INTO ledger_message (folder, uid, state, size, date, flags)"
			    " VALUES (?1, ?2, 1, ?3, ?4, ?5)",
			    ARGS(ARG_INT(folder_id), ARG_INT(m->uid), ARG_INT(size_of(m)),
				 ARG_TEXT(m->date), ARG_TEXT(m->flags)),
			    e);
	const struct sums_added n = { 1, size_of(m) };
	return end_add(s, folder_id, rc == 0 ? &n : NULL, e);
}

#define ROW       ", (?1, ?, 1, ?, ?, ?)"
#define FIVE_ROWS ROW ROW ROW ROW ROW

/* One statement for all opens table and indexes once. ?1 is the folder, which each row names; a
 * bare ? is the next number. */
static int insert_many(struct store *s, int64_t folder_id, const struct ledger_message *list,
		       struct err *e)
{
	struct db_stmt *st = ledger_stmt(
		s,
		"INSERT INTO ledger_message (folder, uid, state, size, date, flags)"
		" VALUES (?1, ?2, 1, ?3, ?4, ?5)" ROW ROW ROW ROW FIVE_ROWS FIVE_ROWS FIVE_ROWS,
		ARGS(ARG_INT(folder_id)), e);
	if (st == NULL)
		return -1;
	for (int i = 0; i < LEDGER_ADD_MANY; i++) {
		db_bind_int(st, 2 + i * 4, list[i].uid);
		db_bind_int(st, 3 + i * 4, size_of(&list[i]));
		db_bind_text(st, 4 + i * 4, list[i].date);
		db_bind_text(st, 5 + i * 4, list[i].flags);
	}
	return db_run(st, e);
}

int ledger_add_many(struct store *s, int64_t folder_id, const struct ledger_message *list,
		    struct err *e)
{
	struct sums_added n = { LEDGER_ADD_MANY, 0 };
	if (ledger_begin(s, e) != 0)
		return -1;
	for (int i = 0; i < LEDGER_ADD_MANY; i++)
		n.bytes += size_of(&list[i]);
	return end_add(s, folder_id, insert_many(s, folder_id, list, e) == 0 ? &n : NULL, e);
}

/* As ledger_folder_forget_src does it for all of them. */
int ledger_forget_message(struct store *s, int64_t folder_id, uint32_t uid, struct err *e)
{
	static const char *const sql[] = {
		"INSERT OR IGNORE INTO ledger_candidate (folder, dst_uid, sha, listed)"
		" SELECT folder, dst_uid, CASE WHEN copy_sha IS NULL THEN sha END, 0"
		" FROM ledger_message WHERE folder = ?1 AND uid = ?2 AND state = 3"
		"  AND dst_uid NOT IN (0, 4294967295)",
		"DELETE FROM ledger_message WHERE folder = ?1 AND uid = ?2",
		"DELETE FROM ledger_head WHERE folder = ?1 AND dst = 0 AND uid = ?2",
		"UPDATE ledger_folder SET match_from = 1 WHERE id = ?1 AND ?2 = ?2",
	};
	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++)
		if (ledger_run(s, sql[i], ARGS(ARG_INT(folder_id), ARG_INT(uid)), e) != 0)
			return -1;
	return 0;
}

int ledger_set_absent_range(struct store *s, int64_t folder_id, uint32_t from, uint32_t to,
			    struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_message SET present = 0, gone_pass ="
			  " (SELECT b.pass FROM ledger_folder f JOIN ledger_mailbox b"
			  "  ON b.id = f.mailbox WHERE f.id = ?1)"
			  " WHERE folder = ?1 AND uid BETWEEN ?2 AND ?3 AND present = 1",
			  ARGS(ARG_INT(folder_id), ARG_INT(from), ARG_INT(to)), e);
}

int ledger_set_absent(struct store *s, int64_t folder_id, uint32_t uid, struct err *e)
{
	return ledger_set_absent_range(s, folder_id, uid, uid, e);
}

int ledger_last_uid(struct store *s, int64_t folder_id, uint32_t *uid_r, struct err *e)
{
	int64_t uid = 0;
	const struct ledger_query q = { "SELECT max(uid) FROM ledger_message WHERE folder = ?1",
					ARGS(ARG_INT(folder_id)) };
	int rc = ledger_one(s, &q, &uid, e);
	*uid_r = (uint32_t)uid;
	return rc < 0 ? -1 : 0;
}

int ledger_last_place(struct store *s, int64_t folder_id, struct ledger_last_place *p_r,
		      struct err *e)
{
	*p_r = (struct ledger_last_place){ .dst_uid = 0 };
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT dst_uid, iif(appended AND NOT EXISTS (SELECT 1 FROM ledger_note n"
		"  JOIN ledger_folder f ON f.mailbox = n.mailbox AND f.shown = n.folder"
		"  WHERE f.id = ?1 AND n.kind = 'date' AND n.uid = m.uid), date, '')"
		" FROM ledger_message m WHERE folder = ?1 AND state = 3"
		" AND dst_uid NOT IN (0, 4294967295) ORDER BY uid DESC LIMIT 1",
		ARGS(ARG_INT(folder_id)), e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1) {
		p_r->dst_uid = (uint32_t)db_col_int(st, 0);
		str_copy(p_r->date, sizeof(p_r->date), db_col_text(st, 1));
	}
	db_done(st);
	return rc < 0 ? -1 : 0;
}

/* In flight, the message went out with its old flags: the change waits like for one
 * that is done. NULL says that the target has them already. */
int ledger_set_flags(struct store *s, int64_t folder_id, const struct ledger_message *m,
		     struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_message SET present = 1,"
			  " new_flags = CASE WHEN state IN (2, 3) AND flags <> ?3"
			  "  AND dst_uid <> 4294967295 THEN ?3 END,"
			  " flags = CASE WHEN state IN (2, 3) THEN flags ELSE ?3 END"
			  " WHERE folder = ?1 AND uid = ?2",
			  ARGS(ARG_INT(folder_id), ARG_INT(m->uid), ARG_TEXT(m->new_flags)), e);
}

/* What is looked for is read anew: how it was to be altered an earlier reading did not know. */
int ledger_set_in_flight(struct store *s, int64_t folder_id, uint32_t uid, int64_t dst_uidnext,
			 struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_message SET state = 2, dst_uidnext = ?3,"
			  " sha = NULL, copy_sha = NULL, repair = NULL"
			  " WHERE folder = ?1 AND uid = ?2",
			  ARGS(ARG_INT(folder_id), ARG_INT(uid), ARG_INT(dst_uidnext)), e);
}

static struct ledger_arg sha_arg(bool has, const unsigned char sha[SHA256_LEN])
{
	const struct ledger_arg none = ARG_NULL;
	const struct ledger_arg some = ARG_BLOB(sha, SHA256_LEN);
	return has ? some : none;
}

/* tries starts anew: the message got through. OR FAIL: a statement that fires a trigger keeps
 * copies of the pages that it changes, to be able to take back a part of it, a third of its cost.
 * This one changes one row, checks it before it writes, and what its trigger does can break no
 * rule; whatever else fails loses the transaction. */
int ledger_set_done(struct store *s, int64_t folder_id, int64_t pass,
		    const struct ledger_message *m, struct err *e)
{
	return ledger_run(s,
			  "UPDATE OR FAIL ledger_message SET state = 3, size = ?3, sha = ?4,"
			  " dst_uid = ?5,"
			  " reason = ?6, flags = ?7, new_flags = ?8, copy_sha = ?9, repair = ?10,"
			  " tries = 0, appended = ?11, done_pass = ?12"
			  " WHERE folder = ?1 AND uid = ?2",
			  ARGS(ARG_INT(folder_id), ARG_INT(m->uid), ARG_INT(size_of(m)),
			       sha_arg(!m->by_header, m->sha), ARG_INT(m->dst_uid),
			       ARG_TEXT(m->reason), ARG_TEXT(m->flags), ARG_TEXT(m->new_flags),
			       sha_arg(m->has_copy_sha, m->copy_sha), ARG_TEXT(m->repair),
			       ARG_INT(m->appended), ARG_INT(pass)),
			  e);
}

/* The next pass tries it anew, alone as before: with all its lost connections on the account it
 * would be refused unread for ever. */
int ledger_set_refused(struct store *s, int64_t folder_id, int64_t pass,
		       const struct ledger_message *m, struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_message SET state = 4, size = ?3, reason = ?4,"
			  " refused_pass = ?5, copy_sha = NULL, repair = NULL,"
			  " tries = min(tries, 1)"
			  " WHERE folder = ?1 AND uid = ?2",
			  ARGS(ARG_INT(folder_id), ARG_INT(m->uid), ARG_INT(size_of(m)),
			       ARG_TEXT(m->reason), ARG_INT(pass)),
			  e);
}

/* What should have been changed once it was there goes along from the start. */
int ledger_set_new(struct store *s, int64_t folder_id, uint32_t uid, struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_message SET state = 1, dst_uid = 0, dst_uidnext = 0,"
			  " copy_sha = NULL, repair = NULL, flags = coalesce(new_flags, flags), "
			  "new_flags = NULL"
			  " WHERE folder = ?1 AND uid = ?2",
			  ARGS(ARG_INT(folder_id), ARG_INT(uid)), e);
}

int ledger_flight_over(struct store *s, int64_t folder_id, struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_message SET state = 1, dst_uid = 0, dst_uidnext = 0,"
			  " copy_sha = NULL, repair = NULL, flags = coalesce(new_flags, flags),"
			  " new_flags = NULL WHERE folder = ?1 AND state <> 3 AND state = 2",
			  ARGS(ARG_INT(folder_id)), e);
}

int ledger_set_sha(struct store *s, int64_t folder_id, const struct ledger_message *m,
		   struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_message SET sha = ?3, size = ?4, copy_sha = ?5,"
			  " repair = ?6 WHERE folder = ?1 AND uid = ?2",
			  ARGS(ARG_INT(folder_id), ARG_INT(m->uid), ARG_BLOB(m->sha, SHA256_LEN),
			       ARG_INT(size_of(m)), sha_arg(m->has_copy_sha, m->copy_sha),
			       ARG_TEXT(m->repair)),
			  e);
}

int ledger_blame(struct store *s, int64_t folder_id, uint32_t uid, uint32_t *tries_r, struct err *e)
{
	int64_t tries = 0;
	int rc = ledger_one(
		s,
		&(struct ledger_query){ "UPDATE ledger_message SET tries = tries + 1"
					" WHERE folder = ?1 AND uid = ?2 RETURNING tries",
					ARGS(ARG_INT(folder_id), ARG_INT(uid)) },
		&tries, e);
	*tries_r = (uint32_t)tries;
	return rc < 0 ? -1 : 0;
}

/* Each condition is an index's, to the word. */
int ledger_open_of(struct store *s, int64_t folder_id, struct ledger_open *o_r, struct err *e)
{
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT EXISTS (SELECT 1 FROM ledger_message"
		"  WHERE folder = ?1 AND state <> 3 AND present = 1),"
		" EXISTS (SELECT 1 FROM ledger_message"
		"  WHERE folder = ?1 AND new_flags IS NOT NULL AND present = 1)",
		ARGS(ARG_INT(folder_id)), e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1) {
		o_r->messages = db_col_int(st, 0) != 0;
		o_r->flags = db_col_int(st, 1) != 0;
	}
	db_done(st);
	return rc < 0 ? -1 : 0;
}

/* A change for a message whose place is unknown waits until it is found. */
static struct db_stmt *flag_rows(struct store *s, int64_t folder_id, size_t max,
				 const struct ledger_flag_group *after, struct err *e)
{
	return ledger_stmt(s,
			   "SELECT uid, dst_uid, flags, new_flags FROM ledger_message"
			   " WHERE folder = ?1 AND new_flags IS NOT NULL AND state = 3"
			   " AND dst_uid <> 0 AND (flags, new_flags, dst_uid) > (?3, ?4, ?5)"
			   " ORDER BY flags, new_flags, dst_uid LIMIT ?2",
			   ARGS(ARG_INT(folder_id), ARG_INT(max),
				ARG_TEXT(after->n > 0 ? after->flags : ""),
				ARG_TEXT(after->n > 0 ? after->new_flags : ""),
				ARG_INT(after->n > 0 ? after->dst_uids[after->n - 1] : 0)),
			   e);
}

/* Row values compare as a whole, so the next group begins right behind the last row of this
 * one. */
int ledger_flag_group(struct store *s, struct arena *a, int64_t folder_id, size_t max,
		      struct ledger_flag_group *g_r, struct err *e)
{
	struct db_stmt *st = flag_rows(s, folder_id, max, g_r, e);
	memset(g_r, 0, sizeof(*g_r));
	if (st == NULL)
		return -1;
	g_r->uids = ARENA_ARRAY(a, max, uint32_t);
	g_r->dst_uids = ARENA_ARRAY(a, max, uint32_t);
	int rc;
	while ((rc = db_step(st, e)) == 1) {
		if (g_r->n == 0) {
			g_r->flags = arena_strdup(a, db_col_text(st, 2));
			g_r->new_flags = arena_strdup(a, db_col_text(st, 3));
		} else if (!str_eq(g_r->flags, db_col_text(st, 2)) ||
			   !str_eq(g_r->new_flags, db_col_text(st, 3))) {
			rc = 0;
			break;
		}
		g_r->uids[g_r->n] = (uint32_t)db_col_int(st, 0);
		g_r->dst_uids[g_r->n++] = (uint32_t)db_col_int(st, 1);
	}
	db_done(st);
	return rc;
}

/* The same for each row of the group, as one. ?1 folder, ?2 UID, ?3 the text. */
static int change_group(struct store *s, int64_t folder_id, const struct ledger_flag_group *g,
			const struct ledger_query *q, struct err *e)
{
	if (ledger_begin(s, e) != 0)
		return -1;
	for (size_t i = 0; i < g->n; i++) {
		if (ledger_run(s, q->sql, ARGS(ARG_INT(folder_id), ARG_INT(g->uids[i]), q->args[0]),
			       e) != 0) {
			ledger_rollback(s);
			return -1;
		}
	}
	return ledger_commit(s, e);
}

#define FLAGS_LOST "flags not changed: "

int ledger_flags_carried(struct store *s, int64_t folder_id, const struct ledger_flag_group *g,
			 struct err *e)
{
	const struct ledger_query q = {
		"UPDATE ledger_message SET flags = new_flags, new_flags = NULL,"
		" reason = CASE WHEN reason LIKE ?3 THEN NULL ELSE reason END"
		" WHERE folder = ?1 AND uid = ?2",
		ARGS(ARG_TEXT(FLAGS_LOST "%"))
	};
	return change_group(s, folder_id, g, &q, e);
}

int ledger_flags_refused(struct store *s, int64_t folder_id, const struct ledger_flag_group *g,
			 const char *reason, struct err *e)
{
	const struct ledger_query q = { "UPDATE ledger_message SET reason = '" FLAGS_LOST "' || ?3"
					" WHERE folder = ?1 AND uid = ?2",
					ARGS(ARG_TEXT(reason)) };
	return change_group(s, folder_id, g, &q, e);
}

int ledger_flags_lost(struct store *s, int64_t folder_id, const struct ledger_flag_group *g,
		      const char *reason, struct err *e)
{
	const struct ledger_query q = {
		"UPDATE ledger_message SET flags = new_flags, new_flags = NULL,"
		" reason = CASE WHEN reason LIKE '" FLAGS_LOST "%' THEN ''"
		"  ELSE coalesce(reason || '; ', '') END ||"
		"  'keywords are not taken by the target: ' || ?3"
		" WHERE folder = ?1 AND uid = ?2",
		ARGS(ARG_TEXT(reason))
	};
	return change_group(s, folder_id, g, &q, e);
}

int ledger_unresolved(struct store *s, int64_t folder_id, struct ledger_unresolved *u_r,
		      struct err *e)
{
	memset(u_r, 0, sizeof(*u_r));
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT coalesce(min(at), 0), total(n), coalesce(max(size), 0) FROM"
		" (SELECT min(dst_uidnext) AS at, count(*) AS n, max(size) AS size"
		"  FROM ledger_message WHERE folder = ?1 AND state <> 3 AND state = 2"
		" UNION ALL SELECT min(dst_uidnext), 0, 0 FROM ledger_message"
		"  WHERE folder = ?1 AND dst_uid = 0 AND state = 3)",
		ARGS(ARG_INT(folder_id)), e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1) {
		u_r->from = db_col_int(st, 0);
		u_r->in_flight = (uint64_t)db_col_int(st, 1);
		u_r->largest = (uint64_t)db_col_int(st, 2);
	}
	db_done(st);
	return rc < 0 ? -1 : 0;
}

int ledger_refusals(struct store *s, struct arena *a, int64_t mailbox_id,
		    struct ledger_refusal **list_r, size_t *n_r, struct err *e)
{
	VEC(struct ledger_refusal) list = { 0 };
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT f.shown, m.uid, m.size, m.reason, f.id, f.src_uidvalidity, m.kept = 1"
		" FROM ledger_folder f"
		" JOIN ledger_message m ON m.folder = f.id AND m.state <> 3 AND m.state = 4"
		" WHERE f.mailbox = ?1 AND f.present = 1 AND m.present = 1 ORDER BY f.id, m.uid",
		ARGS(ARG_INT(mailbox_id)), e);
	if (st == NULL)
		return -1;
	int rc;
	while ((rc = db_step(st, e)) == 1) {
		struct ledger_refusal *r = vec_push(a, &list);
		r->folder = arena_strdup(a, db_col_text(st, 0));
		r->uid = (uint32_t)db_col_int(st, 1);
		r->size = (uint64_t)db_col_int(st, 2);
		r->reason = arena_strdup(a, db_col_text(st, 3));
		r->folder_id = db_col_int(st, 4);
		r->uidvalidity = db_col_int(st, 5);
		r->kept = db_col_int(st, 6) != 0;
	}
	db_done(st);
	*list_r = list.at;
	*n_r = list.n;
	return rc;
}
