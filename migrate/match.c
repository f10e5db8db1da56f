/*
 * What is at the target and known to no row is listed and compared with what the source has:
 * a message that is there is not copied again, and one whose APPEND was cut off is found or
 * becomes NEW.
 *
 * What was in flight is little and must be told for certain: all bodies are read. A whole folder
 * is not: headers tell which messages may be one, and only of these the bodies are read. At a
 * target that writes mail anew bodies prove nothing, headers must do (headkey.h).
 *
 * Order is important: first the folder must be quiet (an APPEND of a lost session may
 * still be running), then all is read, then the pairs are made. It is repeatable: a kill
 * before the pairs leaves candidates with what is known of them, and nothing decided.
 */
#include "migrate/match_priv.h"

#include <stdlib.h>

#include "base/hook.h"
#include "migrate/quiet.h"
#include "migrate/surplus.h"
#include "migrate/window.h"

/* -- what is at the target -- */

/* UIDs wait here, so that no transaction is open while the network is waited for. */
struct uid_list {
	struct matcher *matcher;
	uint32_t from;
	uint32_t uids[1000];
	size_t n;
};

static int write_uids(struct uid_list *l, struct err *e)
{
	struct store *s = matcher_store(l->matcher);
	if (ledger_begin(s, e) != 0)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		if (ledger_candidate_add(s, l->matcher->folder->row.id, l->uids[i], e) != 0) {
			ledger_rollback(s);
			return -1;
		}
	}
	l->n = 0;
	return ledger_commit(s, e);
}

static int on_uid(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct uid_list *l = ctx;
	/* "N:*" always names the last message, even below N. */
	if (ev->kind != IMAP_EV_FETCH || ev->fetch.uid < l->from)
		return 0;
	l->uids[l->n++] = ev->fetch.uid;
	return l->n == sizeof(l->uids) / sizeof(l->uids[0]) ? write_uids(l, e) : 0;
}

/* Only UIDs from the lowest possible on: nothing that we appended lies below. */
static int list_target(struct matcher *m, int64_t from, struct err *e)
{
	struct uid_list *l = mem_alloc(sizeof(*l));
	const struct conn_call call = { on_uid, l };
	const struct window_opts all = { .items = "(UID)", .from = (uint32_t)from };
	l->matcher = m;
	l->from = (uint32_t)from;
	int rc = window_fetch(m->box->dst, &all, &call, e);
	if (rc == 0)
		rc = write_uids(l, e);
	free(l);
	return rc;
}

/* Listed anew each time: what vanished meanwhile is no candidate any more. */
int match_find_candidates(struct matcher *m, int64_t from, struct err *e)
{
	struct store *s = matcher_store(m);
	int64_t folder = m->folder->row.id;
	if (ledger_candidates_begin(s, folder, e) != 0 || list_target(m, from, e) != 0)
		return -1;
	return ledger_candidates_end(s, folder, &m->candidates, e);
}

/* -- a session that is dead here and alive there -- */

enum { QUIET_MOST_MS = 30000, SLOW_BYTES_PER_MS = 1024 };

/* A large message takes its time on a slow line; more than half a minute is not waited for. */
static int64_t quiet_ms(const struct ledger_unresolved *u)
{
	int64_t ms = QUIET_MS + (int64_t)(u->largest / SLOW_BYTES_PER_MS);
	return ms > QUIET_MOST_MS ? QUIET_MOST_MS : ms;
}

/* A message that is not there yet may still come, and would then be there twice: so long
 * as something is missing, the folder must have been quiet for some time (quiet.h), counted by the
 * looks at it, for a clock may be set. With nothing in flight there is nothing to wait for: the
 * plan has waited for a lost ledger. */
static int await_quiet(struct matcher *m, const struct ledger_unresolved *u, int64_t from,
		       struct err *e)
{
	const struct migrate_opts *o = m->box->opts;
	int64_t looked_ms = 0;
	for (;;) {
		uint64_t before = m->candidates;
		if (match_find_candidates(m, from, e) != 0)
			return -1;
		if (m->candidates != before)
			looked_ms = 0;
		/* Exactly as many: with more, some are not ours. */
		if (u->in_flight == 0 || m->candidates == u->in_flight || looked_ms >= quiet_ms(u))
			return 0;
		int64_t next_ms = clock_now_ms(o->clock) + QUIET_LOOK_EVERY_MS;
		uint32_t noop = imap_command(conn_out(m->box->dst->conn), "NOOP");
		if (wait_until(o->clock, next_ms, o->cancel, e) != 0 ||
		    conn_expect_ok(m->box->dst->conn, noop, NULL, e) != 0)
			return -1;
		looked_ms += QUIET_LOOK_EVERY_MS;
	}
}

/* -- the order of it -- */

bool match_by_headers(const struct box *b)
{
	if (b->opts->match == MIGRATE_MATCH_AUTO)
		return (b->dst->preset->flags & PRESET_REWRITES) != 0;
	return b->opts->match == MIGRATE_MATCH_HEADERS;
}

/* Reads until nothing new is found there. */
static int read_all(struct matcher *m, int64_t from, bool heads, struct err *e)
{
	uint64_t seen = 0;
	while (m->candidates > seen) {
		seen = m->candidates;
		int rc = heads ? match_read_heads(m, e)
			       : match_hash_target(m, LEDGER_CANDIDATES_UNHASHED, e);
		if (rc != 0 || match_find_candidates(m, from, e) != 0)
			return -1;
	}
	return 0;
}

/* Everything is hashed on both sides; the target's first, for of the ways in which a message may
 * have been altered that one counts which is there. */
static int pair_certainly(struct matcher *m, int64_t from, struct err *e)
{
	if (read_all(m, from, false, e) != 0 ||
	    (m->candidates > 0 && match_hash_source(m, LEDGER_UNHASHED, e) != 0))
		return -1;
	hook_point("match-hashed");
	return match_pair_hashes(m, e);
}

static int hash_both(struct matcher *m, enum ledger_which src, enum ledger_candidates dst,
		     struct err *e)
{
	if (m->candidates == 0)
		return 0;
	if (match_hash_target(m, dst, e) != 0 || match_hash_source(m, src, e) != 0)
		return -1;
	return match_pair_hashes(m, e);
}

/* Of messages that share their header the bodies decide. What is left then and was kept from
 * being alike by a server's own view of a header (where it ends, what a field is) has at least
 * the same size. */
static int pair_alike(struct matcher *m, struct err *e)
{
	if (match_pair_hashes(m, e) != 0 ||
	    hash_both(m, LEDGER_ALIKE, LEDGER_CANDIDATES_ALIKE, e) != 0)
		return -1;
	return hash_both(m, LEDGER_NEAR, LEDGER_CANDIDATES_NEAR, e);
}

/* Hashes of the source tell exact duplicates from messages that only share their header; those of
 * the target may be equal all the same, for not every message is written anew. */
static int pair_by_policy(struct matcher *m, struct err *e)
{
	if (match_pair_hashes(m, e) != 0 || match_pair_heads(m, e) != 0 ||
	    match_hash_source(m, LEDGER_ALIKE, e) != 0 || match_pair_heads(m, e) != 0)
		return -1;
	return hash_both(m, LEDGER_ALIKE, LEDGER_CANDIDATES_ALIKE, e);
}

static int pair_all(struct matcher *m, int64_t from, struct err *e)
{
	bool by_headers = match_by_headers(m->box);
	if (!by_headers && m->scope == 1)
		return pair_certainly(m, from, e);
	if (read_all(m, from, true, e) != 0)
		return -1;
	hook_point("match-hashed");
	return by_headers ? pair_by_policy(m, e) : pair_alike(m, e);
}

/* The quiet was waited for, and yet is no proof: what was given up may be stored later still, and
 * then lies there twice. So the folder is watched for second copies from the first place that such
 * a one could get: where we looked from, or, behind a lost ledger, where new messages begin. */
static int match_from(struct matcher *m, const struct ledger_unresolved *u, int64_t from,
		      struct err *e)
{
	struct store *s = matcher_store(m);
	if (await_quiet(m, u, from, e) != 0)
		return err_wrap(e, "looking what is in '%s' at the target already",
				m->folder->row.shown);
	if (pair_all(m, from, e) != 0)
		return err_wrap(e, "comparing '%s' with what is at the target already",
				m->folder->row.shown);
	if (match_give_up(m, e) != 0)
		return -1;
	if (m->given_up > 0)
		surplus_doubt(m->box, m->folder, from);
	else if (m->scope == 0)
		surplus_doubt(m->box, m->folder, m->folder->dst_open.uidnext);
	m->folder->row.match_from = 0;
	if (ledger_candidates_drop(s, m->folder->row.id, e) != 0)
		return -1;
	return ledger_folder_put(s, m->box->row.id, &m->folder->row, e);
}

/* With a ledger that knows the folder only what was in flight is in doubt; without
 * (match_from), everything that is not done. */
int match_run(struct box *b, struct box_folder *f, struct err *e)
{
	struct matcher m = { .box = b, .folder = f };
	struct ledger_unresolved u;
	if (ledger_unresolved(b->opts->store, f->row.id, &u, e) != 0)
		return -1;
	int64_t from = u.from;
	m.scope = f->row.match_from == 0;
	if (f->row.match_from > 0 && (from == 0 || f->row.match_from < from))
		from = f->row.match_from;
	return from > 0 ? match_from(&m, &u, from, e) : 0;
}
