/*
 * Remarks about single messages, by name; and what they are found by: second copies, places,
 * losses.
 */
#include "base/vec.h"
#include "store/ledger_priv.h"

int ledger_notes_drop(struct store *s, const struct ledger_note *like, struct err *e)
{
	return ledger_run(
		s,
		"DELETE FROM ledger_note WHERE mailbox = ?1 AND kind = ?2"
		" AND (?3 IS NULL OR folder = ?3)",
		ARGS(ARG_INT(like->mailbox_id), ARG_TEXT(like->kind), ARG_TEXT(like->folder)), e);
}

/* Said once: a pass that finds the same again adds nothing. */
int ledger_note_add(struct store *s, const struct ledger_note *n, struct err *e)
{
	return ledger_run(
		s,
		"INSERT INTO ledger_note (mailbox, kind, folder, uid, dst_uid, detail)"
		" SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM ledger_note"
		"  WHERE mailbox = ?1 AND kind = ?2 AND folder = ?3 AND uid = ?4"
		"  AND dst_uid = ?5)",
		ARGS(ARG_INT(n->mailbox_id), ARG_TEXT(n->kind), ARG_TEXT(n->folder),
		     ARG_INT(n->uid), ARG_INT(n->dst_uid),
		     ARG_TEXT(n->detail != NULL ? n->detail : "")),
		e);
}

/* A message that got there with a loss, or altered on wish, is a remark as well: its row tells. */
static const char notes_sql[] =
	"SELECT kind, folder, uid, dst_uid, detail FROM ("
	" SELECT kind, folder, uid, dst_uid, detail, id FROM ledger_note WHERE mailbox = ?1"
	" UNION ALL SELECT 'loss', f.shown, m.uid, m.dst_uid, m.reason, m.uid FROM ledger_folder f"
	"  JOIN ledger_message m ON m.folder = f.id AND (m.reason IS NOT NULL OR m.repair IS NOT"
	"  NULL) WHERE f.mailbox = ?1 AND m.state = 3 AND m.present = 1 AND m.reason IS NOT NULL"
	" UNION ALL SELECT 'repaired', f.shown, m.uid, m.dst_uid, m.repair, m.uid FROM"
	"  ledger_folder f JOIN ledger_message m ON m.folder = f.id AND (m.reason IS NOT NULL OR"
	"  m.repair IS NOT NULL) WHERE f.mailbox = ?1 AND m.state = 3 AND m.repair IS NOT NULL"
	" UNION ALL SELECT 'no room', f.shown, m.uid, 0, m.reason || ' (' || m.size || ' bytes)',"
	"  m.uid FROM ledger_folder f JOIN ledger_message m ON m.folder = f.id AND"
	"  (m.reason IS NOT NULL OR m.repair IS NOT NULL) WHERE f.mailbox = ?1 AND m.state = 1"
	"  AND m.present = 1 AND f.present = 1 AND m.reason IS NOT NULL)"
	" ORDER BY CASE kind WHEN 'missing' THEN 0 WHEN 'doubled' THEN 1 WHEN 'differing' THEN 2"
	"  WHEN 'date' THEN 3 WHEN 'no room' THEN 4 ELSE 5 END, kind, folder, uid LIMIT ?2";

int ledger_notes(struct store *s, struct arena *a, int64_t mailbox_id,
		 struct ledger_note_list *list_r, struct err *e)
{
	VEC(struct ledger_note) list = { 0 };
	struct db_stmt *st = ledger_stmt(s, notes_sql,
					 ARGS(ARG_INT(mailbox_id), ARG_INT(LEDGER_NOTES_MAX)), e);
	if (st == NULL)
		return -1;
	int rc;
	while ((rc = db_step(st, e)) == 1)
		*vec_push(a, &list) = (struct ledger_note){
			.mailbox_id = mailbox_id,
			.kind = arena_strdup(a, db_col_text(st, 0)),
			.folder = arena_strdup(a, db_col_text(st, 1)),
			.uid = (uint32_t)db_col_int(st, 2),
			.dst_uid = (uint32_t)db_col_int(st, 3),
			.detail = arena_strdup(a, db_col_text(st, 4)),
		};
	db_done(st);
	list_r->at = list.at;
	list_r->n = list.n;
	return rc;
}

int ledger_left_behind(struct store *s, int64_t mailbox_id, const char *reason, struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_message SET reason = ?2 WHERE folder IN"
			  " (SELECT id FROM ledger_folder"
			  "  WHERE mailbox = ?1 AND present = 1 AND left_out = 0)"
			  " AND state <> 3 AND state = 1 AND present = 1 AND reason IS NOT ?2",
			  ARGS(ARG_INT(mailbox_id), ARG_TEXT(reason)), e);
}

/* Each candidate once, whatever many rows it equals. By header nothing is said while a message has
 * no place: the candidate may be that one. `folder_id` has candidates with hashes, or
 * with the headers of all that lies there. */
static const char surplus_by_hash[] =
	"SELECT min(m.uid), c.dst_uid FROM ledger_message m JOIN ledger_candidate c"
	" ON c.folder = m.folder AND c.sha = coalesce(m.copy_sha, m.sha)"
	" WHERE m.folder = ?1 AND m.state = 3 GROUP BY c.dst_uid ORDER BY c.dst_uid";
static const char surplus_by_header[] =
	"SELECT min(m.uid), c.dst_uid FROM ledger_candidate c JOIN ledger_head h ON h.folder = ?1"
	" AND h.dst = 1 AND h.uid = c.dst_uid JOIN ledger_head o ON o.folder = ?1 AND o.dst = 1"
	" AND o.head = h.head AND o.uid <> h.uid JOIN ledger_message m ON m.folder = ?1"
	" AND m.dst_uid = o.uid AND m.state = 3 WHERE c.folder = ?1"
	" AND NOT EXISTS (SELECT 1 FROM ledger_message u WHERE u.folder = ?1 AND u.state = 3"
	"  AND u.dst_uid = 0)"
	" AND max(h.size, o.size) <= 2 * min(h.size, o.size) + 16384"
	" GROUP BY c.dst_uid ORDER BY c.dst_uid";

static int write_notes(struct store *s, const struct ledger_note *list, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (ledger_note_add(s, &list[i], e) != 0)
			return -1;
	return 0;
}

int ledger_surplus(struct store *s, int64_t folder_id, struct ledger_note *first, bool by_header,
		   uint64_t *n_r, struct err *e)
{
	struct arena *a = arena_new();
	VEC(struct ledger_note) list = { 0 };
	struct db_stmt *st = ledger_stmt(s, by_header ? surplus_by_header : surplus_by_hash,
					 ARGS(ARG_INT(folder_id)), e);
	int rc = st == NULL ? -1 : 0;
	while (st != NULL && (rc = db_step(st, e)) == 1) {
		struct ledger_note *n = vec_push(a, &list);
		*n = *first;
		n->uid = (uint32_t)db_col_int(st, 0);
		n->dst_uid = (uint32_t)db_col_int(st, 1);
	}
	if (st != NULL)
		db_done(st);
	if (rc == 0)
		rc = write_notes(s, list.at, list.n, e);
	*n_r = list.n;
	if (list.n > 0) {
		first->uid = list.at[0].uid;
		first->dst_uid = list.at[0].dst_uid;
	}
	arena_free(a);
	return rc;
}

/* From the newest on, which were copied last mostly, then turned round. */
int ledger_last_placed(struct store *s, int64_t folder_id, struct ledger_placed_list *list,
		       struct arena *a, struct err *e)
{
	list->n = 0;
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT uid, dst_uid, date FROM (SELECT uid, dst_uid, date FROM ledger_message"
		" WHERE folder = ?1 AND state = 3 AND dst_uid >= ?2 ORDER BY uid DESC LIMIT ?3)"
		" GROUP BY dst_uid HAVING count(*) = 1 ORDER BY dst_uid",
		ARGS(ARG_INT(folder_id), ARG_INT(list->from > 0 ? list->from : 1),
		     ARG_INT(LEDGER_PLACED_MAX)),
		e);
	if (st == NULL)
		return -1;
	int rc = 0;
	while (list->n < LEDGER_PLACED_MAX && (rc = db_step(st, e)) == 1)
		list->rows[list->n++] =
			(struct ledger_placed){ .uid = (uint32_t)db_col_int(st, 0),
						.dst_uid = (uint32_t)db_col_int(st, 1),
						.date = arena_strdup(a, db_col_text(st, 2)) };
	db_done(st);
	return rc < 0 ? -1 : 0;
}

int ledger_set_kept(struct store *s, int64_t folder_id, uint32_t uid, bool kept, struct err *e)
{
	return ledger_run(s, "UPDATE ledger_message SET kept = ?3 WHERE folder = ?1 AND uid = ?2",
			  ARGS(ARG_INT(folder_id), ARG_INT(uid), ARG_INT(kept)), e);
}

int ledger_set_mending(struct store *s, int64_t folder_id, int64_t dst_uidnext,
		       const struct ledger_message *m, struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_message SET state = 2, dst_uidnext = ?3, sha = ?4,"
			  " copy_sha = ?5, repair = ?6 WHERE folder = ?1 AND uid = ?2",
			  ARGS(ARG_INT(folder_id), ARG_INT(m->uid), ARG_INT(dst_uidnext),
			       ARG_BLOB(m->sha, SHA256_LEN), ARG_BLOB(m->copy_sha, SHA256_LEN),
			       ARG_TEXT(m->repair)),
			  e);
}
