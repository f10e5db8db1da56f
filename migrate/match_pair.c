/*
 * Pairs of a message of the source and a candidate of the target. By hash a pair is certain.
 * By header it is only made where no other message can be meant: the source has that header
 * once, or only for exact duplicates, or (in flight) the target has it as often as it was
 * sent. Two messages that share a Message-ID and differ are never taken for one another.
 */
#include "migrate/match_priv.h"

/* A message that is found gets its place. One that was in flight went out with its flags;
 * to another, whose copy somebody else made, they wait to be added. */
static int take_place(struct matcher *m, const struct ledger_message *row,
		      const struct ledger_message *place, struct err *e)
{
	struct store *s = matcher_store(m);
	struct ledger_message done = *row;
	done.dst_uid = place->dst_uid;
	done.by_header = place->by_header;
	if (row->state == LEDGER_NEW || row->state == LEDGER_REFUSED) {
		done.new_flags = row->new_flags != NULL ? row->new_flags : row->flags;
		done.flags = "";
		if (done.new_flags[0] == '\0')
			done.new_flags = NULL;
	}
	if (row->state != LEDGER_DONE) /* it was about one that is not there */
		done.reason = NULL;
	if (row->state != LEDGER_DONE) {
		m->box->counts.known++;
		m->box->counts.known_bytes += row->size;
	}
	m->box->progress++;
	if (ledger_head_paired(s, m->folder->row.id, row->uid, place->dst_uid, e) != 0)
		return -1;
	return ledger_set_done(s, m->folder->row.id, m->box->row.pass, &done, e);
}

static int claim(struct matcher *m, const unsigned char sha[SHA256_LEN],
		 struct ledger_message *place, struct err *e)
{
	return ledger_candidate_claim(matcher_store(m), m->folder->row.id, sha, &place->dst_uid, e);
}

/* A copy that was altered on wish is known by its own hash; what is there as it is at the source
 * is none. */
static int pair_by_hash(struct matcher *m, const struct ledger_message *row, struct err *e)
{
	struct ledger_message place = { .by_header = !row->has_sha };
	struct ledger_message found = *row;
	int rc = row->has_copy_sha ? claim(m, row->copy_sha, &place, e) : 0;
	if (rc == 0 && row->has_sha) {
		found.has_copy_sha = false;
		found.repair = NULL;
		rc = claim(m, row->sha, &place, e);
	}
	return rc == 1 ? take_place(m, &found, &place, e) : rc;
}

/* Whether a candidate with this header can only be this message. */
static bool is_safe(const struct matcher *m, struct ledger_head_of of,
		    const struct ledger_head_group *g)
{
	if (g->n_dst == 0 || g->n_src == 0)
		return false;
	if (of.weak)
		return g->n_src == 1 && g->n_dst == 1;
	return g->n_src == 1 || g->contents == 1 || (m->scope == 1 && g->n_dst >= g->n_src);
}

static int pair_by_head(struct matcher *m, const struct ledger_message *row, struct err *e)
{
	struct store *s = matcher_store(m);
	struct ledger_head_of of = { .uid = row->uid };
	struct ledger_head_group g;
	struct ledger_message place = { .by_header = !row->has_sha };
	if (ledger_head_group(s, m->folder->row.id, of, &g, e) != 0)
		return -1;
	if (g.n_src == 0) {
		of.weak = true;
		if (ledger_head_group(s, m->folder->row.id, of, &g, e) != 0)
			return -1;
	}
	if (!is_safe(m, of, &g))
		return 0;
	int rc = ledger_head_claim(s, m->folder->row.id, of, &place.dst_uid, e);
	return rc == 1 ? take_place(m, row, &place, e) : rc;
}

/* In flight and not found: the APPEND never happened, now it may. */
static int give_up_row(struct matcher *m, const struct ledger_message *row, struct err *e)
{
	if (row->state != LEDGER_IN_FLIGHT)
		return 0;
	m->given_up++;
	return ledger_set_new(matcher_store(m), m->folder->row.id, row->uid, e);
}

typedef int row_fn(struct matcher *m, const struct ledger_message *row, struct err *e);

/* All of it in a transaction: a cursor's page is read before it is written. */
static int for_rows(struct matcher *m, enum ledger_which which, row_fn *fn, struct err *e)
{
	const struct ledger_message *row;
	struct store *s = matcher_store(m);
	struct ledger_cursor *c = ledger_cursor_new(s, m->folder->row.id, m->scope, which);
	int rc;
	if (ledger_begin(s, e) != 0) {
		ledger_cursor_free(c);
		return -1;
	}
	while ((rc = ledger_cursor_next(c, &row, e)) == 1)
		if (fn(m, row, e) < 0)
			break;
	ledger_cursor_free(c);
	if (rc != 0) {
		ledger_rollback(s);
		return -1;
	}
	return ledger_commit(s, e);
}

int match_pair_hashes(struct matcher *m, struct err *e)
{
	if (m->candidates == 0)
		return 0;
	if (for_rows(m, LEDGER_UNPLACED, pair_by_hash, e) != 0)
		return -1;
	return for_rows(m, LEDGER_UNMATCHED, pair_by_hash, e);
}

int match_pair_heads(struct matcher *m, struct err *e)
{
	if (m->candidates == 0)
		return 0;
	if (for_rows(m, LEDGER_UNPLACED, pair_by_head, e) != 0)
		return -1;
	return for_rows(m, LEDGER_UNMATCHED, pair_by_head, e);
}

int match_give_up(struct matcher *m, struct err *e)
{
	return for_rows(m, LEDGER_UNMATCHED, give_up_row, e);
}
