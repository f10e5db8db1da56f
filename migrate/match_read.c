/*
 * Headers and hashes for the matching, in sets: a lost connection repeats one set, not the
 * folder. What was read waits in memory until its FETCH is over, so that no transaction is
 * open while the network is waited for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/bodies.h"
#include "migrate/heads.h"
#include "migrate/imap/uidset.h"
#include "migrate/match_priv.h"
#include "migrate/repair.h"

enum { SET_MAX = 200 };

/* What one FETCH brought, written together. */
struct found {
	struct matcher *matcher;
	bool at_dst, heads; /* heads: keys of headers, else hashes */
	size_t n;
	union {
		struct body bodies[SET_MAX];
		struct head head[SET_MAX];
	};
};

static int on_body(void *ctx, const struct body *body, struct err *e)
{
	struct found *l = ctx;
	(void)e;
	if (l->n < SET_MAX)
		l->bodies[l->n++] = *body;
	l->matcher->box->progress++;
	return 0;
}

static int write_head(struct found *l, const struct head *head, struct err *e)
{
	const struct ledger_head h = {
		.at_dst = l->at_dst,
		.uid = head->uid,
		.size = head->size,
		.key = head->key.has_id ? head->key.key : NULL,
		.weak = head->key.has_rest ? head->key.weak : NULL,
	};
	return ledger_head_put(matcher_store(l->matcher), l->matcher->folder->row.id, &h, e);
}

/* A copy that was altered on its way is known by the hash that it must have. Which one it is the
 * candidates say; when none of them is it, it is the one that every message gets on wish. 1: there
 * is one, 0, -1. */
static int copy_of(struct found *l, const struct body *body, const struct body_copy **copy_r,
		   struct err *e)
{
	struct store *s = matcher_store(l->matcher);
	int64_t folder = l->matcher->folder->row.id;
	int rc = ledger_candidate_has(s, folder, body->even, e);
	*copy_r = NULL;
	for (size_t i = 0; i < BODY_COPIES && rc == 0; i++) {
		const struct body_copy *c = &body->copies[i];
		if (c->did == 0)
			continue;
		rc = ledger_candidate_has(s, folder, c->even, e);
		if (rc == 1 || *copy_r == NULL)
			*copy_r = c;
	}
	return rc < 0 ? -1 : *copy_r != NULL;
}

static int write_src_hash(struct found *l, const struct body *body, struct err *e)
{
	struct ledger_message m = { .uid = body->uid, .size = body->size };
	const struct body_copy *copy;
	char how[REPAIR_TEXT_MAX];
	int rc = copy_of(l, body, &copy, e);
	if (rc < 0)
		return -1;
	memcpy(m.sha, body->even, SHA256_LEN);
	if (rc == 1) {
		m.has_copy_sha = true;
		memcpy(m.copy_sha, copy->even, SHA256_LEN);
		m.repair = repair_text(copy->did, how);
	}
	return ledger_set_sha(matcher_store(l->matcher), l->matcher->folder->row.id, &m, e);
}

static int write_hash(struct found *l, const struct body *body, struct err *e)
{
	if (!l->at_dst)
		return write_src_hash(l, body, e);
	return ledger_candidate_sha(matcher_store(l->matcher), l->matcher->folder->row.id,
				    body->uid, body->even, e);
}

static int write_found(struct found *l, struct err *e)
{
	struct store *s = matcher_store(l->matcher);
	if (ledger_begin(s, e) != 0)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		if ((l->heads ? write_head(l, &l->head[i], e) : write_hash(l, &l->bodies[i], e)) !=
		    0) {
			ledger_rollback(s);
			return -1;
		}
	}
	l->n = 0;
	return ledger_commit(s, e);
}

static int on_head(void *ctx, const struct head *head, struct err *e)
{
	struct found *l = ctx;
	if (l->n < SET_MAX)
		l->head[l->n++] = *head;
	l->matcher->box->progress++;
	/* More than were asked for one by one: written as they come (match_read_target_heads). */
	return l->n == SET_MAX ? write_found(l, e) : 0;
}

/* Looked for whatever the project wishes now: an earlier run may have wished it. */
static const struct migrate_repair receipts_only = { .read_receipts = true };

static int read_found(struct found *l, struct slice set, struct err *e)
{
	const struct box *b = l->matcher->box;
	struct session *side = l->at_dst ? b->dst : b->src;
	const struct bodies_call bodies = {
		.on_body = on_body,
		.ctx = l,
		.alter = { l->at_dst ? NULL : &receipts_only, l->at_dst ? NULL : b->opts->repair },
	};
	struct heads_call heads = { .on_head = on_head, .ctx = l };
	return l->heads ? heads_read(side, set, &heads, e) : bodies_read(side, set, &bodies, e);
}

/* Writes what it brought, also when it was refused in the middle; *refused_r tells. */
static int take_text(struct found *l, struct slice set, bool *refused_r, struct err *e)
{
	int rc = read_found(l, set, e);
	*refused_r = rc != 0 && e->kind == ERR_ITEM;
	return rc == 0 || *refused_r ? write_found(l, e) : -1;
}

/* One that the server cannot read must not take the others with it: what is not known to be there
 * would be copied again. */
static int take_each(struct found *l, struct slice set, struct err *e)
{
	uint32_t low;
	uint32_t high;
	bool refused;
	char one[16];
	while (imap_uidset_next(&set, &low, &high)) {
		for (uint64_t uid = low; uid <= high; uid++) {
			(void)snprintf(one, sizeof(one), "%u", (unsigned)uid);
			if (take_text(l, slice_str(one), &refused, e) != 0)
				return -1;
		}
	}
	return 0;
}

static int take_set(struct found *l, struct imap_uidset *set, struct err *e)
{
	bool refused;
	int rc = take_text(l, imap_uidset_text(set), &refused, e);
	if (rc == 0 && refused && set->count > 1)
		rc = take_each(l, imap_uidset_text(set), e);
	imap_uidset_clear(set);
	box_report(l->matcher->box, MAILBOX_SYNCING, false);
	return rc;
}

static int take_candidates(struct found *l, enum ledger_candidates which, struct err *e)
{
	struct matcher *m = l->matcher;
	struct ledger_uid_page page = { .which = which };
	struct imap_uidset set;
	int rc;
	imap_uidset_init(&set);
	while ((rc = ledger_candidates_page(matcher_store(m), m->folder->row.id, &page, e)) == 0 &&
	       page.n > 0) {
		for (size_t i = 0; i < page.n; i++)
			imap_uidset_add(&set, page.uids[i]);
		if ((rc = take_set(l, &set, e)) != 0)
			break;
	}
	imap_uidset_release(&set);
	return rc;
}

static int take_messages(struct found *l, enum ledger_which which, struct err *e)
{
	struct matcher *m = l->matcher;
	const struct ledger_message *row;
	struct imap_uidset set;
	struct ledger_cursor *c = ledger_cursor_new(matcher_store(m), m->folder->row.id, m->scope,
						    which);
	int rc;
	imap_uidset_init(&set);
	while ((rc = ledger_cursor_next(c, &row, e)) == 1) {
		imap_uidset_add(&set, row->uid);
		if (set.count == session_at_most(m->box->src, SET_MAX) &&
		    (rc = take_set(l, &set, e)) != 0)
			break;
	}
	if (rc == 0 && set.count > 0)
		rc = take_set(l, &set, e);
	imap_uidset_release(&set);
	ledger_cursor_free(c);
	return rc < 0 ? -1 : 0;
}

static struct found *found_new(struct matcher *m, bool at_dst, bool heads)
{
	struct found *l = mem_alloc(sizeof(*l));
	l->matcher = m;
	l->at_dst = at_dst;
	l->heads = heads;
	return l;
}

int match_read_heads(struct matcher *m, struct err *e)
{
	struct found *dst = found_new(m, true, true);
	struct found *src = found_new(m, false, true);
	int rc = take_candidates(dst, LEDGER_CANDIDATES_UNHEADED, e);
	if (rc == 0)
		rc = take_messages(src, LEDGER_UNHEADED, e);
	if (rc == 0)
		rc = take_messages(src, LEDGER_UNPLACED, e);
	free(dst);
	free(src);
	return rc;
}

int match_read_target_heads(struct matcher *m, int64_t from, struct err *e)
{
	struct found *l = found_new(m, true, true);
	struct heads_call call = { .on_head = on_head, .ctx = l };
	char set[32];
	(void)snprintf(set, sizeof(set), "%lld:*", (long long)from);
	int rc = heads_read(m->box->dst, slice_str(set), &call, e);
	if (rc == 0)
		rc = write_found(l, e);
	free(l);
	return rc;
}

int match_hash_target(struct matcher *m, enum ledger_candidates which, struct err *e)
{
	struct found *l = found_new(m, true, false);
	int rc = take_candidates(l, which, e);
	free(l);
	return rc;
}

int match_hash_source(struct matcher *m, enum ledger_which which, struct err *e)
{
	struct found *l = found_new(m, false, false);
	int rc = take_messages(l, which, e);
	free(l);
	return rc;
}
