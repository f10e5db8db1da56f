/*
 * Headers while a folder is matched: by them it is known, without reading bodies, which
 * messages of both sides may be one. Counting how often a key is on either side tells whether
 * taking one for the other is safe.
 */
#include "store/ledger_priv.h"

static struct ledger_arg key_arg(const unsigned char *key)
{
	const struct ledger_arg none = ARG_NULL;
	const struct ledger_arg some = ARG_BLOB(key, LEDGER_HEAD_LEN);
	return key == NULL ? none : some;
}

int ledger_head_put(struct store *s, int64_t folder_id, const struct ledger_head *h, struct err *e)
{
	return ledger_run(s,
			  "INSERT OR REPLACE INTO ledger_head (folder, dst, uid, head, weak, size)"
			  " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
			  ARGS(ARG_INT(folder_id), ARG_INT(h->at_dst), ARG_INT(h->uid),
			       key_arg(h->key), key_arg(h->weak), ARG_INT(h->size)),
			  e);
}

/* The same for either column, so that each has its index. ?1 folder, ?2 the source's UID. */
#define GROUP(column)                                                                              \
	"WITH k AS (SELECT " column " AS key FROM ledger_head WHERE folder = ?1 AND dst = 0"       \
	"  AND uid = ?2)"                                                                          \
	" SELECT count(*), (SELECT count(*) FROM ledger_head WHERE folder = ?1 AND dst = 1"        \
	"   AND " column " = (SELECT key FROM k)),"                                                \
	"  CASE WHEN count(*) = count(m.sha) THEN count(DISTINCT m.sha) ELSE 0 END"                \
	" FROM ledger_head h LEFT JOIN ledger_message m ON m.folder = ?1 AND m.uid = h.uid"        \
	" WHERE h.folder = ?1 AND h.dst = 0 AND h." column " = (SELECT key FROM k)"

int ledger_head_group(struct store *s, int64_t folder_id, struct ledger_head_of of,
		      struct ledger_head_group *g_r, struct err *e)
{
	*g_r = (struct ledger_head_group){ .n_src = 0 };
	struct db_stmt *st = ledger_stmt(s, of.weak ? GROUP("weak") : GROUP("head"),
					 ARGS(ARG_INT(folder_id), ARG_INT(of.uid)), e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1) {
		g_r->n_src = (uint64_t)db_col_int(st, 0);
		g_r->n_dst = (uint64_t)db_col_int(st, 1);
		g_r->contents = (uint64_t)db_col_int(st, 2);
	}
	db_done(st);
	return rc < 0 ? -1 : 0;
}

/* Found and taken by one statement, as with hashes. */
#define CLAIM(column)                                                                              \
	"DELETE FROM ledger_candidate WHERE folder = ?1 AND dst_uid = (SELECT o.uid"               \
	" FROM ledger_head h JOIN ledger_head o ON o.folder = ?1 AND o.dst = 1"                    \
	"  AND o." column " = h." column " WHERE h.folder = ?1 AND h.dst = 0 AND h.uid = ?2"       \
	"  AND max(h.size, o.size) <= 2 * min(h.size, o.size) + 16384"                             \
	" ORDER BY abs(h.size - o.size), o.uid LIMIT 1) RETURNING dst_uid"

int ledger_head_claim(struct store *s, int64_t folder_id, struct ledger_head_of of,
		      uint32_t *dst_uid_r, struct err *e)
{
	int64_t uid = 0;
	const struct ledger_query q = { of.weak ? CLAIM("weak") : CLAIM("head"),
					ARGS(ARG_INT(folder_id), ARG_INT(of.uid)) };
	int rc = ledger_one(s, &q, &uid, e);
	*dst_uid_r = (uint32_t)uid;
	return rc;
}

int ledger_head_paired(struct store *s, int64_t folder_id, uint32_t uid, uint32_t dst_uid,
		       struct err *e)
{
	return ledger_run(s,
			  "DELETE FROM ledger_head WHERE folder = ?1 AND dst = 0 AND uid = ?2"
			  " OR folder = ?1 AND dst = 1 AND uid = ?3",
			  ARGS(ARG_INT(folder_id), ARG_INT(uid), ARG_INT(dst_uid)), e);
}
