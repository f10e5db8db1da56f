/* What reports and forecasts ask of the messages; no verb here changes anything. */
#include "base/vec.h"
#include "store/ledger_priv.h"

int ledger_oversize(struct store *s, struct arena *a, int64_t mailbox_id,
		    const struct ledger_larger *than, struct ledger_refusal **list_r, size_t *n_r,
		    struct err *e)
{
	VEC(struct ledger_refusal) list = { 0 };
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT f.shown, m.uid, m.size FROM ledger_folder AS f"
		" JOIN ledger_message AS m ON m.folder = f.id"
		" WHERE f.mailbox = ?1 AND f.present = 1 AND m.present = 1 AND m.state <> 3"
		" AND m.size > ?2 ORDER BY m.size DESC, f.id, m.uid LIMIT ?3",
		ARGS(ARG_INT(mailbox_id), ARG_INT(than->limit), ARG_INT(than->max)), e);
	if (st == NULL)
		return -1;
	int rc;
	while ((rc = db_step(st, e)) == 1)
		*vec_push(a, &list) = (struct ledger_refusal){
			.folder = arena_strdup(a, db_col_text(st, 0)),
			.reason = "",
			.uid = (uint32_t)db_col_int(st, 1),
			.size = (uint64_t)db_col_int(st, 2),
		};
	db_done(st);
	*list_r = list.at;
	*n_r = list.n;
	return rc;
}

int ledger_first_date(struct store *s, struct arena *a, int64_t folder_id, const char **date_r,
		      struct err *e)
{
	struct db_stmt *st = ledger_stmt(s,
					 "SELECT date FROM ledger_message"
					 " WHERE folder = ?1 AND present = 1 ORDER BY uid LIMIT 1",
					 ARGS(ARG_INT(folder_id)), e);
	*date_r = NULL;
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1)
		*date_r = arena_strdup(a, db_col_text(st, 0));
	db_done(st);
	return rc < 0 ? -1 : 0;
}
