/*
 * The ledger's mailboxes and passes; folders, messages, candidates and the comparison have
 * their own files beside this one, the tables are in schema.c.
 */
#include "store/ledger.h"

#include <string.h>

#include "base/vec.h"
#include "store/ledger_priv.h"

int ledger_begin(struct store *s, struct err *e)
{
	return db_begin_lazy(store_db(s), e);
}

int ledger_begin_durable(struct store *s, struct err *e)
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
	else if (a->kind == 'n')
		db_bind_null(st, at);
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
	str_copy(m->filter, sizeof(m->filter), db_col_text(st, 22));
	m->left_out = (uint64_t)db_col_int(st, 23);
	m->left_out_bytes = (uint64_t)db_col_int(st, 24);
	m->append_limit = (uint64_t)db_col_int(st, 25);
	m->losses = (uint64_t)db_col_int(st, 26);
	m->repaired = (uint64_t)db_col_int(st, 27);
	m->by_headers = db_col_int(st, 28) != 0;
	m->merged = (uint64_t)db_col_int(st, 29);
	m->quota_bytes_used = db_col_int(st, 30);
	m->quota_bytes = db_col_int(st, 31);
	m->quota_messages_used = db_col_int(st, 32);
	m->quota_messages = db_col_int(st, 33);
	m->needed = (uint64_t)db_col_int(st, 34);
	m->needed_bytes = (uint64_t)db_col_int(st, 35);
}

int ledger_mailbox_get(struct store *s, const char *address, struct ledger_mailbox *m_r,
		       struct err *e)
{
	struct db_stmt *st = ledger_stmt(
		s,
		"SELECT id, pass, begun_ms, pass_start_ms, pass_end_ms, last_new_ms, state, "
		"messages,"
		" bytes, err_kind, err_text, err_hint, verified_ms, verified, compared, missing,"
		" differing, doubled, verify_kind, verify_text, altered, first_altered,"
		" filter, left_out, left_out_bytes, append_limit, losses, repaired, by_headers,"
		" merged, quota_bytes_used, quota_bytes, quota_messages_used, quota_messages,"
		" needed, needed_bytes FROM ledger_mailbox WHERE address = ?1",
		ARGS(ARG_TEXT(address)), e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1)
		read_mailbox(st, m_r);
	db_done(st);
	return rc;
}

int ledger_mailbox_addresses(struct store *s, struct arena *a, const char *const **list_r,
			     struct err *e)
{
	VEC(const char *) list = { 0 };
	int rc;
	struct db_stmt *st = db_stmt(store_db(s),
				     "SELECT address FROM ledger_mailbox ORDER BY address", e);
	if (st == NULL)
		return -1;
	while ((rc = db_step(st, e)) == 1)
		*vec_push(a, &list) = arena_strdup(a, db_col_text(st, 0));
	db_done(st);
	*vec_push(a, &list) = NULL;
	*list_r = list.at;
	return rc;
}

/* One statement makes or takes the row, so two passes of one mailbox cannot both be its first. */
int ledger_pass_begin(struct store *s, const char *address, int64_t at_ms,
		      struct ledger_mailbox *m_r, struct err *e)
{
	if (ledger_begin(s, e) != 0)
		return -1;
	if (ledger_run(s,
		       "INSERT INTO ledger_mailbox (address, pass, begun_ms) VALUES (?1, 1, ?2)"
		       " ON CONFLICT (address) DO UPDATE SET pass = pass + 1, begun_ms = ?2",
		       ARGS(ARG_TEXT(address), ARG_INT(at_ms)), e) != 0 ||
	    ledger_mailbox_get(s, address, m_r, e) < 0 ||
	    ledger_intents_resolve(s, m_r->id, e) != 0) {
		ledger_rollback(s);
		return -1;
	}
	return ledger_commit(s, e);
}

/* Both statements bind the same values; the second names the last ones without using them. */
int ledger_pass_end(struct store *s, const struct ledger_mailbox *m, bool complete, struct err *e)
{
	return ledger_run(
		s,
		complete ? "UPDATE ledger_mailbox SET state = ?2, messages = ?3, bytes = ?4,"
			   " err_kind = ?5, err_text = ?6, err_hint = ?7, pass_start_ms = begun_ms,"
			   " pass_end_ms = ?8, filter = ?9, left_out = ?10, left_out_bytes = ?11,"
			   " append_limit = ?12, quota_bytes = -1, quota_messages = -1"
			   " WHERE id = ?1"
			 : "UPDATE ledger_mailbox SET state = ?2, messages = ?3, bytes = ?4,"
			   " err_kind = ?5, err_text = ?6, err_hint = ?7 WHERE id = ?1"
			   " AND ?8 = ?8 AND ?9 = ?9 AND ?10 = ?10 AND ?11 = ?11 AND ?12 = ?12",
		ARGS(ARG_INT(m->id), ARG_INT(m->state), ARG_INT(m->messages), ARG_INT(m->bytes),
		     ARG_INT(m->err.kind), ARG_TEXT(m->err.text), ARG_TEXT(m->err.hint),
		     ARG_INT(m->pass_end_ms), ARG_TEXT(m->filter), ARG_INT(m->left_out),
		     ARG_INT(m->left_out_bytes), ARG_INT(m->append_limit)),
		e);
}

int ledger_limit_put(struct store *s, const struct ledger_mailbox *m, struct err *e)
{
	return ledger_run(
		s,
		"UPDATE ledger_mailbox SET append_limit = ?2, quota_bytes_used = ?3,"
		" quota_bytes = ?4, quota_messages_used = ?5, quota_messages = ?6, needed = ?7,"
		" needed_bytes = ?8 WHERE id = ?1",
		ARGS(ARG_INT(m->id), ARG_INT(m->append_limit), ARG_INT(m->quota_bytes_used),
		     ARG_INT(m->quota_bytes), ARG_INT(m->quota_messages_used),
		     ARG_INT(m->quota_messages), ARG_INT(m->needed), ARG_INT(m->needed_bytes)),
		e);
}

int ledger_state_move(struct store *s, const char *address, int from, int to, struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_mailbox SET state = ?3 WHERE address = ?1 AND state = ?2",
			  ARGS(ARG_TEXT(address), ARG_INT(from), ARG_INT(to)), e);
}

int ledger_new_found(struct store *s, int64_t mailbox_id, int64_t at_ms, struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_mailbox SET last_new_ms = max(last_new_ms, ?2)"
			  " WHERE id = ?1",
			  ARGS(ARG_INT(mailbox_id), ARG_INT(at_ms)), e);
}

static int put_verdict(struct store *s, const struct ledger_mailbox *m, struct err *e)
{
	return ledger_run(
		s,
		"UPDATE ledger_mailbox SET verified_ms = ?2, verified = ?3, compared = ?4,"
		" missing = ?5, differing = ?6, doubled = ?7, verify_kind = ?8,"
		" verify_text = ?9, altered = ?10, first_altered = ?11, losses = ?12, repaired = "
		"?13,"
		" by_headers = ?14, merged = ?15 WHERE id = ?1",
		ARGS(ARG_INT(m->id), ARG_INT(m->verified_ms), ARG_INT(m->verified),
		     ARG_INT(m->compared), ARG_INT(m->missing), ARG_INT(m->differing),
		     ARG_INT(m->doubled), ARG_INT(m->verify_err.kind), ARG_TEXT(m->verify_err.text),
		     ARG_INT(m->altered), ARG_TEXT(m->first_altered), ARG_INT(m->losses),
		     ARG_INT(m->repaired), ARG_INT(m->by_headers), ARG_INT(m->merged)),
		e);
}

/* What comes later comes by a later pass. */
static int nothing_since(struct store *s, const struct ledger_mailbox *m, struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_sum SET since = 0, verified_pass ="
			  " (SELECT pass FROM ledger_mailbox WHERE id = ?1)"
			  " WHERE folder IN (SELECT id FROM ledger_folder WHERE mailbox = ?1)",
			  ARGS(ARG_INT(m->id)), e);
}

int ledger_verdict_put(struct store *s, const struct ledger_mailbox *m, struct err *e)
{
	if (ledger_begin(s, e) != 0)
		return -1;
	if (put_verdict(s, m, e) != 0 || nothing_since(s, m, e) != 0) {
		ledger_rollback(s);
		return -1;
	}
	return ledger_commit(s, e);
}
