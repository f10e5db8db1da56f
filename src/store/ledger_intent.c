/*
 * Intents: one row for a whole batch, where a mark on each of its messages would be written, and
 * written again, for every message that ever moves. Only after a kill does a range become
 * marks; it may then name more messages than were on their way, which costs a look at the
 * target and loses nothing.
 */
#include "base/vec.h"
#include "store/ledger_priv.h"

int ledger_intent_add(struct store *s, struct ledger_intent *i, struct err *e)
{
	int rc = ledger_run(s,
			    "INSERT INTO ledger_intent (folder, uid_from, uid_to, dst_uidnext)"
			    " VALUES (?1, ?2, ?3, ?4)",
			    ARGS(ARG_INT(i->folder_id), ARG_INT(i->from), ARG_INT(i->to),
				 ARG_INT(i->dst_uidnext)),
			    e);
	if (rc == 0)
		i->id = db_last_rowid(store_db(s));
	return rc;
}

int ledger_intent_drop(struct store *s, int64_t id, struct err *e)
{
	return ledger_run(s, "DELETE FROM ledger_intent WHERE id = ?1", ARGS(ARG_INT(id)), e);
}

static int read_intents(struct store *s, struct arena *a, int64_t mailbox_id,
			struct ledger_intent **list_r, size_t *n_r, struct err *e)
{
	VEC(struct ledger_intent) list = { 0 };
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT i.id, i.folder, uid_from, uid_to, dst_uidnext FROM ledger_intent i"
		" JOIN ledger_folder f ON f.id = i.folder WHERE f.mailbox = ?1",
		ARGS(ARG_INT(mailbox_id)), e);
	if (st == NULL)
		return -1;
	int rc;
	while ((rc = db_step(st, e)) == 1)
		*vec_push(a, &list) = (struct ledger_intent){
			.id = db_col_int(st, 0),
			.folder_id = db_col_int(st, 1),
			.from = (uint32_t)db_col_int(st, 2),
			.to = (uint32_t)db_col_int(st, 3),
			.dst_uidnext = db_col_int(st, 4),
		};
	db_done(st);
	*list_r = list.at;
	*n_r = list.n;
	return rc;
}

/* A message in two ranges was tried twice: the lower place is the one to look from. */
static int resolve_one(struct store *s, const struct ledger_intent *i, struct err *e)
{
	if (ledger_run(s,
		       "UPDATE ledger_message SET state = 2, dst_uidnext ="
		       " CASE WHEN state = 2 THEN min(dst_uidnext, ?4) ELSE ?4 END,"
		       " sha = iif(state = 2, sha, NULL),"
		       " copy_sha = iif(state = 2, copy_sha, NULL),"
		       " repair = iif(state = 2, repair, NULL)"
		       " WHERE folder = ?1 AND uid BETWEEN ?2 AND ?3 AND state <> 3",
		       ARGS(ARG_INT(i->folder_id), ARG_INT(i->from), ARG_INT(i->to),
			    ARG_INT(i->dst_uidnext)),
		       e) != 0)
		return -1;
	return ledger_intent_drop(s, i->id, e);
}

int ledger_intents_resolve(struct store *s, int64_t mailbox_id, struct err *e)
{
	struct arena *a = arena_new();
	struct ledger_intent *list;
	size_t n;
	int rc = read_intents(s, a, mailbox_id, &list, &n, e);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = resolve_one(s, &list[i], e);
	arena_free(a);
	return rc;
}
