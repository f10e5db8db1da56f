/*
 * Reads a folder's messages page by page: between two pages the database is free, so a
 * cursor may stay open while its holder waits for the network or writes.
 */
#include <stdlib.h>
#include <string.h>

#include "store/ledger_priv.h"

enum { PAGE = 256 };

struct ledger_cursor {
	struct store *store;
	int64_t folder_id, pass;
	enum ledger_which which;
	struct arena *arena; /* of the page */
	struct ledger_message rows[PAGE];
	size_t n, at;
	uint32_t last_uid;
	bool at_end;
};

#define FIELDS                                                                                     \
	"SELECT uid, dst_uid, state, present, tries, size, date, flags, new_flags, reason, sha,"   \
	" copy_sha, repair"                                                                        \
	" FROM ledger_message WHERE folder = ?1 AND uid "
#define COLUMNS FIELDS "> ?2 "

/* Correlated, so that each page goes on from its UID instead of judging the whole folder. */
#define HEADED(how)                                                                                \
	" AND EXISTS (SELECT 1 FROM ledger_head h WHERE h.folder = ?1 AND h.dst = 0"               \
	" AND h.uid = ledger_message.uid AND " how ")"

/* Each names ?1 folder, ?2 the UID behind which it goes on, ?3 the pass (`?3 = ?3` where it does
 * not matter: all four are bound), ?4 the page. `state <> 3` picks the index, see ledger_message.c.
 */
static const char *const queries[] = {
	[LEDGER_ALL] = COLUMNS "AND ?3 = ?3 ORDER BY uid LIMIT ?4",
	[LEDGER_TODO] = COLUMNS "AND state <> 3 AND present = 1"
				" AND (state = 1 OR (state = 4 AND refused_pass < ?3))"
				" ORDER BY uid LIMIT ?4",
	[LEDGER_REFUSED_NOW] = COLUMNS "AND state <> 3 AND state = 4 AND present = 1"
				       " AND refused_pass = ?3 ORDER BY uid LIMIT ?4",
	[LEDGER_KEPT_NO_MORE] = COLUMNS "AND kept = 1 AND state = 3 AND ?3 = ?3"
					" ORDER BY uid LIMIT ?4",
	[LEDGER_UNASKED] = COLUMNS "AND kept = 2 AND state = 3 AND ?3 = ?3 ORDER BY uid LIMIT ?4",
	[LEDGER_MERGED] = COLUMNS "AND state <> 3 AND state = 4 AND present = 1"
				  " AND refused_pass < ?3 AND dst_uid <> 0 ORDER BY uid LIMIT ?4",
	[LEDGER_UNPLACED] = COLUMNS
	"AND ?3 = ?3 AND state = 3 AND dst_uid = 0 ORDER BY uid LIMIT ?4",
	[LEDGER_VANISHED] = COLUMNS
	"AND ?3 = ?3 AND present = 0 AND state = 3 ORDER BY uid LIMIT ?4",
	[LEDGER_UNHASHED] = COLUMNS "AND state <> 3 AND sha IS NULL AND present = 1"
				    " AND (state = 2 OR ?3 = 0) ORDER BY uid LIMIT ?4",
	[LEDGER_UNHEADED] = COLUMNS "AND state <> 3 AND present = 1 AND (state = 2 OR ?3 = 0)"
				    " AND NOT EXISTS (SELECT 1 FROM ledger_head h WHERE"
				    "  h.folder = ?1 AND h.dst = 0 AND h.uid = ledger_message.uid)"
				    " ORDER BY uid LIMIT ?4",
	[LEDGER_ALIKE] = COLUMNS "AND sha IS NULL AND present = 1 AND ?3 = ?3" HEADED(
		LEDGER_HEAD_ALIKE(1)) " ORDER BY uid LIMIT ?4",
	[LEDGER_NEAR] = COLUMNS "AND sha IS NULL AND present = 1 AND ?3 = ?3" HEADED(
		LEDGER_HEAD_NEAR(1)) " ORDER BY uid LIMIT ?4",
	[LEDGER_UNMATCHED] = COLUMNS "AND state <> 3 AND (state = 2 OR ?3 = 0)"
				     " ORDER BY uid LIMIT ?4",
};

struct ledger_cursor *ledger_cursor_new(struct store *s, int64_t folder_id, int64_t pass,
					enum ledger_which which)
{
	struct ledger_cursor *c = mem_alloc(sizeof(*c));
	c->store = s;
	c->folder_id = folder_id;
	c->pass = pass;
	c->which = which;
	return c;
}

void ledger_cursor_free(struct ledger_cursor *c)
{
	if (c == NULL)
		return;
	arena_free(c->arena);
	free(c);
}

static const char *text_or_null(struct db_stmt *st, int at, struct arena *a)
{
	return db_col_is_null(st, at) ? NULL : arena_strdup(a, db_col_text(st, at));
}

static bool read_sha(struct db_stmt *st, int at, unsigned char sha_r[SHA256_LEN])
{
	struct slice sha = db_col_blob(st, at);
	if (sha.len != SHA256_LEN)
		return false;
	memcpy(sha_r, sha.ptr, SHA256_LEN);
	return true;
}

static void read_row(struct db_stmt *st, struct arena *a, struct ledger_message *m)
{
	memset(m, 0, sizeof(*m));
	m->uid = (uint32_t)db_col_int(st, 0);
	m->dst_uid = (uint32_t)db_col_int(st, 1);
	m->state = (enum ledger_state)db_col_int(st, 2);
	m->present = db_col_int(st, 3) != 0;
	m->tries = (uint32_t)db_col_int(st, 4);
	m->size = (uint64_t)db_col_int(st, 5);
	m->date = arena_strdup(a, db_col_text(st, 6));
	m->flags = arena_strdup(a, db_col_text(st, 7));
	m->new_flags = text_or_null(st, 8, a);
	m->reason = text_or_null(st, 9, a);
	m->has_sha = read_sha(st, 10, m->sha);
	m->has_copy_sha = read_sha(st, 11, m->copy_sha);
	m->repair = text_or_null(st, 12, a);
}

/* The page's texts live in one arena that the next page replaces. */
static int read_page(struct ledger_cursor *c, struct err *e)
{
	struct db_stmt *st = ledger_stmt(
		c->store, queries[c->which],
		ARGS(ARG_INT(c->folder_id), ARG_INT(c->last_uid), ARG_INT(c->pass), ARG_INT(PAGE)),
		e);
	if (st == NULL)
		return -1;
	arena_free(c->arena);
	c->arena = arena_new();
	c->n = c->at = 0;
	int rc;
	while (c->n < PAGE && (rc = db_step(st, e)) == 1)
		read_row(st, c->arena, &c->rows[c->n++]);
	db_done(st);
	if (c->n > 0)
		c->last_uid = c->rows[c->n - 1].uid;
	c->at_end = c->n < PAGE;
	return c->n < PAGE && rc < 0 ? -1 : 0;
}

/* A page that was not full was the last: no query more to learn that. */
int ledger_cursor_next(struct ledger_cursor *c, const struct ledger_message **m_r, struct err *e)
{
	if (c->at == c->n && !c->at_end && read_page(c, e) != 0)
		return -1;
	if (c->at == c->n)
		return 0;
	*m_r = &c->rows[c->at++];
	return 1;
}

int ledger_message_get(struct store *s, struct arena *a, int64_t folder_id,
		       struct ledger_message *m_r, struct err *e)
{
	struct db_stmt *st = ledger_stmt(s, FIELDS "= ?2",
					 ARGS(ARG_INT(folder_id), ARG_INT(m_r->uid)), e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1)
		read_row(st, a, m_r);
	db_done(st);
	return rc;
}
