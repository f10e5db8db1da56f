/*
 * The sums of each folder are kept by triggers (schema.c), so whatever statement changes or removes
 * a row changes them in the same transaction, and none can forget to; ledger_add and
 * ledger_add_many, the only ones that make rows, add to them themselves. Here they are read, and
 * compared with the rows that they are about.
 */
#include "base/vec.h"
#include "store/ledger_priv.h"

int ledger_figures(struct store *s, int64_t mailbox_id, int64_t folder_id,
		   struct ledger_figures *f_r, struct err *e)
{
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT coalesce(sum(present), 0), coalesce(sum(present_bytes), 0),"
		" coalesce(sum(done), 0), coalesce(sum(done_bytes), 0), coalesce(sum(refused), 0),"
		" coalesce(sum(flag_changes), 0), coalesce(sum(since), 0)"
		" FROM ledger_sum WHERE folder IN"
		" (SELECT id FROM ledger_folder WHERE (mailbox = ?1 AND present = 1 AND ?2 = 0)"
		"  OR id = ?2)",
		ARGS(ARG_INT(mailbox_id), ARG_INT(folder_id)), e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1) {
		f_r->present = (uint64_t)db_col_int(st, 0);
		f_r->present_bytes = (uint64_t)db_col_int(st, 1);
		f_r->done = (uint64_t)db_col_int(st, 2);
		f_r->done_bytes = (uint64_t)db_col_int(st, 3);
		f_r->refused = (uint64_t)db_col_int(st, 4);
		f_r->flag_changes = (uint64_t)db_col_int(st, 5);
		f_r->since_verified = (uint64_t)db_col_int(st, 6);
	}
	db_done(st);
	return rc < 0 ? -1 : 0;
}

#define COLUMNS                                                                                    \
	"folder, present, present_bytes, done, done_bytes, refused, flag_changes, verified_pass,"  \
	" since"
/* After which pass folder ?1 was last compared: of this no row tells. */
#define VERIFIED "coalesce((SELECT verified_pass FROM ledger_sum WHERE folder = ?1), 0)"
/* The rows of folder ?1 as sums. */
#define ROWS                                                                                       \
	"SELECT ?1, count(*), coalesce(sum(size), 0), count(*) FILTER (WHERE state = 3),"          \
	" coalesce(sum(size) FILTER (WHERE state = 3), 0), count(*) FILTER (WHERE state = 4),"     \
	" count(new_flags), " VERIFIED                                                             \
	", count(*) FILTER (WHERE state = 3 AND done_pass > " VERIFIED                             \
	") FROM ledger_message WHERE folder = ?1 AND present = 1"

/* One statement: nothing can change between the two sides of it. 1 they differ, 0, -1. A folder
 * without a row of sums has none to add. */
static int differs(struct store *s, int64_t folder_id, struct err *e)
{
	int64_t wrong = 0;
	const struct ledger_query q = {
		"SELECT count(*) FROM (" ROWS " EXCEPT SELECT " COLUMNS " FROM"
		" (SELECT " COLUMNS " FROM ledger_sum"
		"  UNION ALL SELECT ?1, 0, 0, 0, 0, 0, 0, 0, 0"
		"  WHERE NOT EXISTS (SELECT 1 FROM ledger_sum WHERE folder = ?1))"
		" WHERE folder = ?1)",
		ARGS(ARG_INT(folder_id))
	};
	return ledger_one(s, &q, &wrong, e) < 0 ? -1 : wrong != 0;
}

static int mend(struct store *s, int64_t folder_id, struct err *e)
{
	return ledger_run(s, "INSERT OR REPLACE INTO ledger_sum (" COLUMNS ") " ROWS,
			  ARGS(ARG_INT(folder_id)), e);
}

static int folder_ids(struct store *s, struct arena *a, int64_t mailbox_id, int64_t **ids_r,
		      size_t *n_r, struct err *e)
{
	VEC(int64_t) list = { 0 };
	struct db_stmt *st = ledger_stmt(s, "SELECT id FROM ledger_folder WHERE mailbox = ?1",
					 ARGS(ARG_INT(mailbox_id)), e);
	int rc = st == NULL ? -1 : 0;
	while (st != NULL && (rc = db_step(st, e)) == 1)
		*vec_push(a, &list) = db_col_int(st, 0);
	if (st != NULL)
		db_done(st);
	*ids_r = list.at;
	*n_r = list.n;
	return rc;
}

/* Folder by folder: each holds up the others of its copy for as long as its rows take. */
int ledger_sums_check(struct store *s, int64_t mailbox_id, uint64_t *wrong_r, struct err *e)
{
	struct arena *a = arena_new();
	int64_t *ids;
	size_t n;
	*wrong_r = 0;
	int rc = folder_ids(s, a, mailbox_id, &ids, &n, e);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		int wrong = differs(s, ids[i], e);
		if (wrong < 0 || (wrong == 1 && mend(s, ids[i], e) != 0))
			rc = -1;
		*wrong_r += wrong == 1 ? 1 : 0;
	}
	arena_free(a);
	return rc;
}
