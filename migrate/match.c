/*
 * What is at the target and known to no row is listed, hashed on both sides, and claimed
 * by hash: a message that is there is not copied again, and one whose APPEND was cut off
 * is found or becomes NEW. Hashes are of even line ends, since a target may change those.
 *
 * Order is important: first the folder must be quiet (an APPEND of a lost session may
 * still be running), then all is hashed, then the pairs are made. It is repeatable: a kill
 * before the pairs leaves candidates with their hashes, and nothing decided.
 */
#include "migrate/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/hook.h"
#include "migrate/bodies.h"
#include "migrate/imap/uidset.h"
#include "migrate/quiet.h"

enum { SET_MAX = 200 };

struct matcher {
	struct box *box;
	struct box_folder *folder;
	int64_t scope; /* of the cursors: 0 all that is not done, 1 only what is in flight */
	uint64_t candidates;
};

static struct store *store_of(const struct matcher *m)
{
	return m->box->opts->store;
}

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
	struct store *s = store_of(l->matcher);
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
	struct imap_pipeline *out = conn_out(m->box->dst->conn);
	const struct conn_call call = { on_uid, l };
	l->matcher = m;
	l->from = (uint32_t)from;
	uint32_t tag = imap_begin(out);
	imap_addf(out, "UID FETCH %u:* (UID)", l->from);
	imap_end(out);
	int rc = conn_expect_ok(m->box->dst->conn, tag, &call, e);
	if (rc == 0)
		rc = write_uids(l, e);
	free(l);
	return rc;
}

/* Listed anew each time: what vanished meanwhile is no candidate any more. */
static int find_candidates(struct matcher *m, int64_t from, struct err *e)
{
	struct store *s = store_of(m);
	int64_t folder = m->folder->row.id;
	if (ledger_candidates_begin(s, folder, e) != 0 || list_target(m, from, e) != 0)
		return -1;
	return ledger_candidates_end(s, folder, &m->candidates, e);
}

/* -- hashes -- */

/* Those of a FETCH, written together. */
struct hash_list {
	struct matcher *matcher;
	bool at_dst;
	struct body bodies[SET_MAX];
	size_t n;
};

static int on_body(void *ctx, const struct body *body, struct err *e)
{
	struct hash_list *l = ctx;
	(void)e;
	if (l->n < SET_MAX)
		l->bodies[l->n++] = *body;
	l->matcher->box->progress++;
	return 0;
}

static int write_hash(struct hash_list *l, const struct body *body, struct err *e)
{
	struct store *s = store_of(l->matcher);
	int64_t folder = l->matcher->folder->row.id;
	struct ledger_message m = { .uid = body->uid, .size = body->size };
	if (l->at_dst)
		return ledger_candidate_sha(s, folder, body->uid, body->even, e);
	memcpy(m.sha, body->even, SHA256_LEN);
	return ledger_set_sha(s, folder, &m, e);
}

static int write_hashes(struct hash_list *l, struct err *e)
{
	struct store *s = store_of(l->matcher);
	if (ledger_begin(s, e) != 0)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		if (write_hash(l, &l->bodies[i], e) != 0) {
			ledger_rollback(s);
			return -1;
		}
	}
	l->n = 0;
	return ledger_commit(s, e);
}

/* Reads the set and writes the hashes. A refused read leaves messages without a hash:
 * they match nothing. */
static int hash_set(struct matcher *m, bool at_dst, struct imap_uidset *set, struct err *e)
{
	struct hash_list *l = mem_alloc(sizeof(*l));
	const struct bodies_call call = { on_body, l };
	l->matcher = m;
	l->at_dst = at_dst;
	int rc = bodies_read(at_dst ? m->box->dst : m->box->src, imap_uidset_text(set), &call, e);
	if (rc == 0 || e->kind == ERR_ITEM)
		rc = write_hashes(l, e);
	free(l);
	imap_uidset_clear(set);
	return rc;
}

/* In sets, so that progress is kept: a lost connection repeats one set, not the folder. */
static int hash_target(struct matcher *m, struct err *e)
{
	uint32_t uids[SET_MAX];
	uint32_t after = 0;
	size_t n;
	struct imap_uidset set;
	int rc;
	imap_uidset_init(&set);
	while ((rc = ledger_candidates_unhashed(store_of(m), m->folder->row.id, after, uids,
						SET_MAX, &n, e)) == 0 &&
	       n > 0) {
		for (size_t i = 0; i < n; i++)
			imap_uidset_add(&set, uids[i]);
		after = uids[n - 1];
		if ((rc = hash_set(m, true, &set, e)) != 0)
			break;
		box_report(m->box, MAILBOX_SYNCING, false);
	}
	imap_uidset_release(&set);
	return rc;
}

static int hash_source(struct matcher *m, struct err *e)
{
	const struct ledger_message *row;
	struct imap_uidset set;
	struct ledger_cursor *c = ledger_cursor_new(store_of(m), m->folder->row.id, m->scope,
						    LEDGER_UNHASHED);
	int rc;
	imap_uidset_init(&set);
	while ((rc = ledger_cursor_next(c, &row, e)) == 1) {
		imap_uidset_add(&set, row->uid);
		if (set.count == SET_MAX && (rc = hash_set(m, false, &set, e)) != 0)
			break;
	}
	if (rc == 0 && set.count > 0)
		rc = hash_set(m, false, &set, e);
	imap_uidset_release(&set);
	ledger_cursor_free(c);
	return rc < 0 ? -1 : 0;
}

/* -- pairs -- */

/* A message that is found gets its place. One that was in flight went out with its flags;
 * to another, whose copy somebody else made, they wait to be added. 1: found. */
static int claim(struct matcher *m, const struct ledger_message *row, struct err *e)
{
	struct store *s = store_of(m);
	struct ledger_message done = *row;
	int rc = ledger_candidate_claim(s, m->folder->row.id, row->sha, &done.dst_uid, e);
	if (rc != 1)
		return rc;
	if (row->state == LEDGER_NEW || row->state == LEDGER_REFUSED) {
		done.new_flags = row->new_flags != NULL ? row->new_flags : row->flags;
		done.flags = "";
		if (done.new_flags[0] == '\0')
			done.new_flags = NULL;
		done.reason = NULL;
	}
	if (row->state != LEDGER_DONE) {
		m->box->counts.known++;
		m->box->counts.known_bytes += row->size;
	}
	m->box->progress++;
	return ledger_set_done(s, m->folder->row.id, &done, e) != 0 ? -1 : 1;
}

/* In flight and not found: the APPEND never happened, now it may. */
static int settle_row(struct matcher *m, const struct ledger_message *row, struct err *e)
{
	int rc = row->has_sha && m->candidates > 0 ? claim(m, row, e) : 0;
	if (rc < 0)
		return -1;
	if (rc == 0 && row->state == LEDGER_IN_FLIGHT)
		return ledger_set_new(store_of(m), m->folder->row.id, row->uid, e);
	return 0;
}

/* Page by page in a transaction each: a cursor's page is read before it is written. */
static int settle(struct matcher *m, enum ledger_which which, struct err *e)
{
	const struct ledger_message *row;
	struct store *s = store_of(m);
	struct ledger_cursor *c = ledger_cursor_new(s, m->folder->row.id, m->scope, which);
	int rc;
	if (ledger_begin(s, e) != 0) {
		ledger_cursor_free(c);
		return -1;
	}
	while ((rc = ledger_cursor_next(c, &row, e)) == 1)
		if (settle_row(m, row, e) != 0)
			break;
	ledger_cursor_free(c);
	if (rc != 0) {
		ledger_rollback(s);
		return -1;
	}
	return ledger_commit(s, e);
}

/* Messages that are DONE at an unknown place (no APPENDUID) choose first: they are there
 * for certain, what was in flight may not be. */
static int settle_done_first(struct matcher *m, struct err *e)
{
	return settle(m, LEDGER_UNPLACED, e) != 0 || settle(m, LEDGER_UNMATCHED, e) != 0 ? -1 : 0;
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
 * as something is missing, the folder must have been quiet for some time (quiet.h). With
 * nothing in flight there is nothing to wait for: the plan has waited for a lost ledger. */
static int await_quiet(struct matcher *m, const struct ledger_unresolved *u, int64_t from,
		       struct err *e)
{
	const struct migrate_opts *o = m->box->opts;
	int64_t since = clock_now_ms(o->clock);
	for (;;) {
		uint64_t before = m->candidates;
		if (find_candidates(m, from, e) != 0)
			return -1;
		int64_t now = clock_now_ms(o->clock);
		if (m->candidates != before)
			since = now;
		/* Exactly as many: with more, some are not ours. */
		if (u->in_flight == 0 || m->candidates == u->in_flight ||
		    now - since >= quiet_ms(u))
			return 0;
		uint32_t noop = imap_command(conn_out(m->box->dst->conn), "NOOP");
		if (wait_until(o->clock, now + QUIET_LOOK_EVERY_MS, o->cancel, e) != 0 ||
		    conn_expect_ok(m->box->dst->conn, noop, NULL, e) != 0)
			return -1;
	}
}

/* Hashes until nothing new is found there. */
static int hash_all(struct matcher *m, int64_t from, struct err *e)
{
	uint64_t hashed = 0;
	while (m->candidates > hashed) {
		hashed = m->candidates;
		if (hash_target(m, e) != 0 || find_candidates(m, from, e) != 0)
			return -1;
	}
	return m->candidates > 0 ? hash_source(m, e) : 0;
}

static int match_from(struct matcher *m, const struct ledger_unresolved *u, int64_t from,
		      struct err *e)
{
	if (await_quiet(m, u, from, e) != 0)
		return err_wrap(e, "looking what is in '%s' at the target already",
				m->folder->row.shown);
	if (hash_all(m, from, e) != 0)
		return err_wrap(e, "comparing '%s' with what is at the target already",
				m->folder->row.shown);
	hook_point("match-hashed");
	if (settle_done_first(m, e) != 0)
		return -1;
	m->folder->row.match_from = 0;
	if (ledger_candidates_drop(store_of(m), m->folder->row.id, e) != 0)
		return -1;
	return ledger_folder_put(store_of(m), m->box->row.id, &m->folder->row, e);
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
