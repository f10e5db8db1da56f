/*
 * The ledger's tables, mailboxes and passes; folders, messages, candidates and the
 * comparison have their own files beside this one.
 */
#include "store/ledger.h"

#include <string.h>

#include "store/ledger_priv.h"

/* Messages are clustered by (folder, uid): a folder is read and written in order. The
 * partial indexes hold only what waits, so they stay small and cost nothing once a
 * message is done. */
static const char schema[] =
	"CREATE TABLE IF NOT EXISTS ledger_mailbox ("
	" id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE, pass INTEGER NOT NULL DEFAULT 0,"
	" begun_ms INTEGER NOT NULL DEFAULT 0, pass_start_ms INTEGER NOT NULL DEFAULT 0,"
	" pass_end_ms INTEGER NOT NULL DEFAULT 0, last_new_ms INTEGER NOT NULL DEFAULT 0,"
	" state INTEGER NOT NULL DEFAULT 0, messages INTEGER NOT NULL DEFAULT 0,"
	" bytes INTEGER NOT NULL DEFAULT 0, err_kind INTEGER NOT NULL DEFAULT 0,"
	" err_text TEXT NOT NULL DEFAULT '', err_hint TEXT NOT NULL DEFAULT '',"
	" verified_ms INTEGER NOT NULL DEFAULT 0, verified INTEGER NOT NULL DEFAULT 0,"
	" compared INTEGER NOT NULL DEFAULT 0, missing INTEGER NOT NULL DEFAULT 0,"
	" differing INTEGER NOT NULL DEFAULT 0, doubled INTEGER NOT NULL DEFAULT 0,"
	" altered INTEGER NOT NULL DEFAULT 0, first_altered TEXT NOT NULL DEFAULT '',"
	" verify_kind INTEGER NOT NULL DEFAULT 0, verify_text TEXT NOT NULL DEFAULT '');"
	"CREATE TABLE IF NOT EXISTS ledger_folder ("
	" id INTEGER PRIMARY KEY, mailbox INTEGER NOT NULL REFERENCES ledger_mailbox,"
	" src_name TEXT NOT NULL, dst_name TEXT NOT NULL, shown TEXT NOT NULL,"
	" src_uidvalidity INTEGER NOT NULL, src_uidnext INTEGER NOT NULL,"
	" src_modseq INTEGER NOT NULL, src_messages INTEGER NOT NULL,"
	" dst_uidvalidity INTEGER NOT NULL, match_from INTEGER NOT NULL,"
	" settled INTEGER NOT NULL, subscribed INTEGER NOT NULL, present INTEGER NOT NULL,"
	" count_status INTEGER NOT NULL, count_exists INTEGER NOT NULL,"
	" count_search INTEGER NOT NULL, count_fetch INTEGER NOT NULL,"
	" UNIQUE (mailbox, src_name));"
	"CREATE TABLE IF NOT EXISTS ledger_message ("
	" folder INTEGER NOT NULL, uid INTEGER NOT NULL, state INTEGER NOT NULL,"
	" present INTEGER NOT NULL DEFAULT 1, size INTEGER NOT NULL, date TEXT NOT NULL,"
	" flags TEXT NOT NULL, new_flags TEXT, sha BLOB, dst_uid INTEGER NOT NULL DEFAULT 0,"
	" dst_uidnext INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,"
	" refused_pass INTEGER NOT NULL DEFAULT 0, reason TEXT,"
	" PRIMARY KEY (folder, uid)) WITHOUT ROWID;"
	"CREATE INDEX IF NOT EXISTS ledger_message_open ON ledger_message (folder, uid)"
	" WHERE state <> 3;"
	"CREATE INDEX IF NOT EXISTS ledger_message_unplaced ON ledger_message (folder, uid)"
	" WHERE dst_uid = 0 AND state = 3;"
	"CREATE INDEX IF NOT EXISTS ledger_message_flags ON ledger_message"
	" (folder, flags, new_flags, dst_uid) WHERE new_flags IS NOT NULL;"
	"CREATE TABLE IF NOT EXISTS ledger_candidate ("
	" folder INTEGER NOT NULL, dst_uid INTEGER NOT NULL, sha BLOB, listed INTEGER NOT NULL,"
	" PRIMARY KEY (folder, dst_uid)) WITHOUT ROWID;"
	"CREATE INDEX IF NOT EXISTS ledger_candidate_sha ON ledger_candidate (folder, sha);";

int ledger_prepare(struct store *s, struct err *e)
{
	if (ledger_begin(s, e) != 0)
		return -1;
	if (db_exec(store_db(s), schema, e) != 0) {
		ledger_rollback(s);
		return err_wrap(e, "making the ledger's tables");
	}
	return ledger_commit(s, e);
}

bool ledger_exists(struct store *s)
{
	struct err e;
	int64_t v;
	return ledger_one(s,
			  &(struct ledger_query){ "SELECT 1 FROM sqlite_schema WHERE name = ?1",
						  ARGS(ARG_TEXT("ledger_candidate")) },
			  &v, &e) == 1;
}

int ledger_begin(struct store *s, struct err *e)
{
	return db_begin(store_db(s), e);
}

int ledger_commit(struct store *s, struct err *e)
{
	return db_commit(store_db(s), e);
}

void ledger_rollback(struct store *s)
{
	db_rollback(store_db(s));
}

static void bind_arg(struct db_stmt *st, int at, const struct ledger_arg *a)
{
	if (a->kind == 'i')
		db_bind_int(st, at, a->i);
	else if (a->kind == 't')
		db_bind_text(st, at, a->p);
	else
		db_bind_blob(st, at, a->p, a->len);
}

struct db_stmt *ledger_stmt(struct store *s, const char *sql, const struct ledger_arg *args,
			    struct err *e)
{
	struct db_stmt *st = db_stmt(store_db(s), sql, e);
	for (int i = 0; st != NULL && args[i].kind != 0; i++)
		bind_arg(st, i + 1, &args[i]);
	return st;
}

int ledger_run(struct store *s, const char *sql, const struct ledger_arg *args, struct err *e)
{
	struct db_stmt *st = ledger_stmt(s, sql, args, e);
	return st == NULL ? -1 : db_run(st, e);
}

int ledger_one(struct store *s, const struct ledger_query *q, int64_t *v_r, struct err *e)
{
	struct db_stmt *st = ledger_stmt(s, q->sql, q->args, e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1)
		*v_r = db_col_int(st, 0);
	db_done(st);
	return rc;
}

static void read_mailbox(struct db_stmt *st, struct ledger_mailbox *m)
{
	memset(m, 0, sizeof(*m));
	m->id = db_col_int(st, 0);
	m->pass = db_col_int(st, 1);
	m->begun_ms = db_col_int(st, 2);
	m->pass_start_ms = db_col_int(st, 3);
	m->pass_end_ms = db_col_int(st, 4);
	m->last_new_ms = db_col_int(st, 5);
	m->state = (int)db_col_int(st, 6);
	m->messages = (uint64_t)db_col_int(st, 7);
	m->bytes = (uint64_t)db_col_int(st, 8);
	m->err.kind = (enum err_kind)db_col_int(st, 9);
	str_copy(m->err.text, sizeof(m->err.text), db_col_text(st, 10));
	str_copy(m->err.hint, sizeof(m->err.hint), db_col_text(st, 11));
	m->verified_ms = db_col_int(st, 12);
	m->verified = db_col_int(st, 13) != 0;
	m->compared = (uint64_t)db_col_int(st, 14);
	m->missing = (uint64_t)db_col_int(st, 15);
	m->differing = (uint64_t)db_col_int(st, 16);
	m->doubled = (uint64_t)db_col_int(st, 17);
	m->verify_err.kind = (enum err_kind)db_col_int(st, 18);
	str_copy(m->verify_err.text, sizeof(m->verify_err.text), db_col_text(st, 19));
	m->altered = (uint64_t)db_col_int(st, 20);
	str_copy(m->first_altered, sizeof(m->first_altered), db_col_text(st, 21));
}

int ledger_mailbox_get(struct store *s, const char *address, struct ledger_mailbox *m_r,
		       struct err *e)
{
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT id, pass, begun_ms, pass_start_ms, pass_end_ms, last_new_ms, state, "
		"messages,"
		" bytes, err_kind, err_text, err_hint, verified_ms, verified, compared, missing,"
		" differing, doubled, verify_kind, verify_text, altered, first_altered"
		" FROM ledger_mailbox WHERE address = ?1",
		ARGS(ARG_TEXT(address)), e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1)
		read_mailbox(st, m_r);
	db_done(st);
	return rc;
}

int ledger_pass_begin(struct store *s, const char *address, int64_t at_ms,
		      struct ledger_mailbox *m_r, struct err *e)
{
	if (ledger_begin(s, e) != 0)
		return -1;
	if (ledger_run(s,
		       "INSERT INTO ledger_mailbox (address, pass, begun_ms) VALUES (?1, 1, ?2)"
		       " ON CONFLICT (address) DO UPDATE SET pass = pass + 1, begun_ms = ?2",
		       ARGS(ARG_TEXT(address), ARG_INT(at_ms)), e) != 0 ||
	    ledger_mailbox_get(s, address, m_r, e) < 0) {
		ledger_rollback(s);
		return -1;
	}
	return ledger_commit(s, e);
}

int ledger_pass_end(struct store *s, const struct ledger_mailbox *m, bool complete, struct err *e)
{
	return ledger_run(
		s,
		complete ? "UPDATE ledger_mailbox SET state = ?2, messages = ?3, bytes = ?4,"
			   " err_kind = ?5, err_text = ?6, err_hint = ?7, pass_start_ms = begun_ms,"
			   " pass_end_ms = ?8 WHERE id = ?1"
			 : "UPDATE ledger_mailbox SET state = ?2, messages = ?3, bytes = ?4,"
			   " err_kind = ?5, err_text = ?6, err_hint = ?7 WHERE id = ?1 AND ?8 = ?8",
		ARGS(ARG_INT(m->id), ARG_INT(m->state), ARG_INT(m->messages), ARG_INT(m->bytes),
		     ARG_INT(m->err.kind), ARG_TEXT(m->err.text), ARG_TEXT(m->err.hint),
		     ARG_INT(m->pass_end_ms)),
		e);
}

int ledger_new_found(struct store *s, int64_t mailbox_id, int64_t at_ms, struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_mailbox SET last_new_ms = max(last_new_ms, ?2)"
			  " WHERE id = ?1",
			  ARGS(ARG_INT(mailbox_id), ARG_INT(at_ms)), e);
}

int ledger_verdict_put(struct store *s, const struct ledger_mailbox *m, struct err *e)
{
	return ledger_run(
		s,
		"UPDATE ledger_mailbox SET verified_ms = ?2, verified = ?3, compared = ?4,"
		" missing = ?5, differing = ?6, doubled = ?7, verify_kind = ?8,"
		" verify_text = ?9, altered = ?10, first_altered = ?11 WHERE id = ?1",
		ARGS(ARG_INT(m->id), ARG_INT(m->verified_ms), ARG_INT(m->verified),
		     ARG_INT(m->compared), ARG_INT(m->missing), ARG_INT(m->differing),
		     ARG_INT(m->doubled), ARG_INT(m->verify_err.kind), ARG_TEXT(m->verify_err.text),
		     ARG_INT(m->altered), ARG_TEXT(m->first_altered)),
		e);
}
