/*
 * Candidates: messages found at the target that no row of the folder knows. A message of
 * the source takes the one with its hash; each can be taken once, so that exact
 * duplicates are counted.
 */
#include <string.h>

#include "store/ledger_priv.h"

int ledger_candidates_begin(struct store *s, int64_t folder_id, struct err *e)
{
	return ledger_run(s, "UPDATE ledger_candidate SET listed = 0 WHERE folder = ?1",
			  ARGS(ARG_INT(folder_id)), e);
}

/* Listed again it keeps its hash: bodies are read once. */
int ledger_candidate_add(struct store *s, int64_t folder_id, uint32_t dst_uid, struct err *e)
{
	return ledger_run(
		s,
		"INSERT INTO ledger_candidate (folder, dst_uid, listed) VALUES (?1, ?2, 1)"
		" ON CONFLICT (folder, dst_uid) DO UPDATE SET listed = 1",
		ARGS(ARG_INT(folder_id), ARG_INT(dst_uid)), e);
}

int ledger_candidates_end(struct store *s, int64_t folder_id, uint64_t *n_r, struct err *e)
{
	int64_t n = 0;
	if (ledger_run(
		    s,
		    "DELETE FROM ledger_candidate WHERE folder = ?1 AND (listed = 0 OR dst_uid IN"
		    " (SELECT dst_uid FROM ledger_message WHERE folder = ?1 AND state = 3))",
		    ARGS(ARG_INT(folder_id)), e) != 0 ||
	    ledger_run(s,
		       "DELETE FROM ledger_head WHERE folder = ?1 AND dst = 1 AND uid NOT IN"
		       " (SELECT dst_uid FROM ledger_candidate WHERE folder = ?1)",
		       ARGS(ARG_INT(folder_id)), e) != 0)
		return -1;
	int rc = ledger_one(
		s,
		&(struct ledger_query){ "SELECT count(*) FROM ledger_candidate WHERE folder = ?1",
					ARGS(ARG_INT(folder_id)) },
		&n, e);
	*n_r = (uint64_t)n;
	return rc < 0 ? -1 : 0;
}

#define PAGE_OF "SELECT c.dst_uid FROM ledger_candidate c "
#define HEADS   "JOIN ledger_head h ON h.folder = ?1 AND h.dst = 1 AND h.uid = c.dst_uid "
#define ABOVE   "WHERE c.folder = ?1 AND c.dst_uid > ?2 AND "
#define RISING  " ORDER BY c.dst_uid LIMIT ?3"

static const char *const pages[] = {
	[LEDGER_CANDIDATES_UNHEADED] = PAGE_OF ABOVE
	"NOT EXISTS (SELECT 1 FROM ledger_head h WHERE h.folder = ?1 AND h.dst = 1"
	" AND h.uid = c.dst_uid)" RISING,
	[LEDGER_CANDIDATES_UNHASHED] = PAGE_OF ABOVE "c.sha IS NULL" RISING,
	[LEDGER_CANDIDATES_ALIKE] = PAGE_OF HEADS ABOVE "c.sha IS NULL AND " LEDGER_HEAD_ALIKE(0)
		RISING,
	[LEDGER_CANDIDATES_NEAR] = PAGE_OF HEADS ABOVE "c.sha IS NULL AND " LEDGER_HEAD_NEAR(0)
		RISING,
};

int ledger_candidates_page(struct store *s, int64_t folder_id, struct ledger_uid_page *page,
			   struct err *e)
{
	const size_t max = sizeof(page->uids) / sizeof(page->uids[0]);
	page->n = 0;
	struct db_stmt *st = ledger_stmt(
		s, pages[page->which], ARGS(ARG_INT(folder_id), ARG_INT(page->after), ARG_INT(max)),
		e);
	if (st == NULL)
		return -1;
	int rc = 0;
	while (page->n < max && (rc = db_step(st, e)) == 1)
		page->uids[page->n++] = (uint32_t)db_col_int(st, 0);
	db_done(st);
	if (page->n > 0)
		page->after = page->uids[page->n - 1];
	return rc < 0 ? -1 : 0;
}

int ledger_candidate_sha(struct store *s, int64_t folder_id, uint32_t dst_uid,
			 const unsigned char sha[SHA256_LEN], struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_candidate SET sha = ?3 WHERE folder = ?1 AND dst_uid = ?2",
			  ARGS(ARG_INT(folder_id), ARG_INT(dst_uid), ARG_BLOB(sha, SHA256_LEN)), e);
}

int ledger_candidate_has(struct store *s, int64_t folder_id, const unsigned char sha[SHA256_LEN],
			 struct err *e)
{
	int64_t there = 0;
	const struct ledger_query q = {
		"SELECT EXISTS (SELECT 1 FROM ledger_candidate WHERE folder = ?1 AND sha = ?2)",
		ARGS(ARG_INT(folder_id), ARG_BLOB(sha, SHA256_LEN))
	};
	int rc = ledger_one(s, &q, &there, e);
	return rc < 0 ? -1 : there != 0;
}

/* Found and taken by one statement: no two messages get the same one. */
int ledger_candidate_claim(struct store *s, int64_t folder_id, const unsigned char sha[SHA256_LEN],
			   uint32_t *dst_uid_r, struct err *e)
{
	int64_t uid = 0;
	int rc = ledger_one(s,
			    &(struct ledger_query){
				    "DELETE FROM ledger_candidate WHERE folder = ?1 AND dst_uid ="
				    " (SELECT min(dst_uid) FROM ledger_candidate"
				    "  WHERE folder = ?1 AND sha = ?2) RETURNING dst_uid",
				    ARGS(ARG_INT(folder_id), ARG_BLOB(sha, SHA256_LEN)) },
			    &uid, e);
	*dst_uid_r = (uint32_t)uid;
	return rc;
}

int ledger_candidates_drop(struct store *s, int64_t folder_id, struct err *e)
{
	if (ledger_run(s, "DELETE FROM ledger_candidate WHERE folder = ?1",
		       ARGS(ARG_INT(folder_id)), e) != 0)
		return -1;
	return ledger_run(s, "DELETE FROM ledger_head WHERE folder = ?1", ARGS(ARG_INT(folder_id)),
			  e);
}
