/*
 * Batches come from the ledger: what is to be copied, and, durably and before its FETCH is
 * sent, the intent to do so. Several batches are planned at once, so that they share a
 * transaction.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hook.h"
#include "migrate/ahead.h"
#include "migrate/filter.h"
#include "migrate/lane_priv.h"

static size_t open_fetches(const struct lane *l)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n_batches; i++)
		n += l->batches[i]->fetched ? 0 : 1;
	return n;
}

static void groups_shrink(struct lane *l)
{
	l->group_max = l->group_max > GROUP_SHRINK ? l->group_max / GROUP_SHRINK : 1;
	l->shrink = false;
	l->refused_in_a_row = 0;
}

/* Not for ever: what spoils groups may be a place in the mail, and lies behind one day. */
void lane_groups_distrust(struct lane *l)
{
	groups_shrink(l);
	l->box->group_max = l->group_max;
	l->box->group_left = GROUPS_GROW_AFTER;
}

/* What there is no room for is not even read at the source. */
static bool is_wanted(struct lane *l, const struct ledger_message *m)
{
	if (!filter_takes_message(l->box->opts->filter, m))
		return false;
	bool fits = lane_fits(l, m->size);
	l->box->room.left |= !fits;
	return fits;
}

/* The next message to copy; 0 when there is none. Rows that went back to NEW lie behind
 * the cursor: when all else is through, it begins anew. */
static int peek_todo(struct lane *l, struct err *e)
{
	if (l->next != NULL)
		return 1;
	if (l->todo_end && l->again && l->n_batches == 0) {
		if (lane_doubt_end(l, e) != 0)
			return -1;
		ledger_cursor_free(l->cursor);
		l->cursor = ledger_cursor_new(l->box->opts->store, l->folder->row.id,
					      l->box->row.pass, LEDGER_TODO);
		l->todo_end = l->again = false;
		if (l->shrink)
			groups_shrink(l);
	}
	if (l->todo_end)
		return 0;
	int rc;
	do {
		rc = ledger_cursor_next(l->cursor, &l->next, e);
	} while (rc == 1 && !is_wanted(l, l->next));
	if (rc != 1)
		l->next = NULL;
	l->todo_end = rc == 0;
	return rc;
}

static void add_item(struct batch *batch, const struct ledger_message *m)
{
	struct item *it = &batch->items[batch->n++];
	it->uid = m->uid;
	it->size = it->told = m->size;
	it->alone = m->state == LEDGER_REFUSED || m->tries > 0;
	it->date = arena_strdup(batch->arena, m->date);
	batch->undated |= it->date[0] == '\0';
	it->flags = arena_strdup(batch->arena, m->flags);
}

static int refuse_now(struct lane *l, const struct ledger_message *m, const char *reason,
		      struct err *e)
{
	struct ledger_message refused = *m;
	refused.reason = reason;
	l->box->counts.refused++;
	return ledger_set_refused(l->box->opts->store, l->folder->row.id, l->box->row.pass,
				  &refused, e);
}

/* A message that a connection was lost over travels alone, so that it cannot take others
 * with it. */
static bool belongs(const struct lane *l, const struct batch *batch, const struct ledger_message *m)
{
	if (batch->n == 0)
		return true;
	return !l->box->fetch_single && m->tries == 0 &&
	       batch->n < session_at_most(l->box->src, BATCH_MESSAGES) &&
	       batch->bytes + m->size <= BATCH_BYTES && batch->bytes + m->size <= lane_window(l);
}

static int fill_batch(struct lane *l, struct batch *batch, struct err *e)
{
	bool alone = false;
	int rc;
	while (!alone && (rc = peek_todo(l, e)) == 1 && belongs(l, batch, l->next)) {
		const struct ledger_message *m = l->next;
		l->next = NULL;
		if (m->tries >= TRIES_MAX) {
			if (refuse_now(l, m,
				       "the connection was lost each time in the middle of it",
				       e) != 0)
				return -1;
			continue;
		}
		add_item(batch, m);
		batch->bytes += m->size;
		alone = m->tries > 0;
	}
	return !alone && rc < 0 ? -1 : 0;
}

static int add_intent(struct lane *l, struct batch *batch, struct err *e)
{
	batch->intent = (struct ledger_intent){ .folder_id = l->folder->row.id,
						.from = batch->items[0].uid,
						.to = batch->items[batch->n - 1].uid,
						.dst_uidnext = l->dst_uidnext };
	return ledger_intent_add(l->box->opts->store, &batch->intent, e);
}

/* Before the FETCH goes out, thus before any APPEND: a kill leaves intents, never a copy that
 * nobody knows. */
static int write_intents(struct lane *l, size_t first, struct err *e)
{
	struct store *s = l->box->opts->store;
	if (ledger_begin_durable(s, e) != 0)
		return -1;
	for (size_t i = first; i < l->n_batches; i++) {
		if (add_intent(l, l->batches[i], e) != 0) {
			ledger_rollback(s);
			return -1;
		}
	}
	int rc = ledger_commit(s, e);
	hook_point("copy-intent");
	return rc;
}

/* FLAGS again: they may have changed since the scan (take_told). A message's date cannot
 * (RFC 3501 §2.3.3 with §2.3.1.1), and to look it up costs a server much. */
static void send_fetch(struct lane *l, struct batch *batch)
{
	struct imap_pipeline *out = conn_out(l->src);
	struct imap_uidset set;
	imap_uidset_init(&set);
	for (size_t i = 0; i < batch->n; i++)
		imap_uidset_add(&set, batch->items[i].uid);
	batch->fetch_tag = imap_begin(out);
	imap_add(out, "UID FETCH ");
	imap_add_slice(out, imap_uidset_text(&set));
	imap_add(out, batch->undated ? " (UID FLAGS INTERNALDATE BODY.PEEK[])"
				     : " (UID FLAGS BODY.PEEK[])");
	imap_end(out);
	imap_uidset_release(&set);
}

void lane_batch_free(struct batch *batch)
{
	arena_free(batch->arena);
	free(batch);
}

/* 1: there is one more, 0: nothing is left, -1. */
static int plan_one(struct lane *l, struct err *e)
{
	struct batch *batch = mem_alloc(sizeof(*batch));
	batch->arena = arena_new();
	int rc = fill_batch(l, batch, e);
	if (rc != 0 || batch->n == 0) {
		lane_batch_free(batch);
		return rc;
	}
	batch->open = batch->n;
	l->batches[l->n_batches++] = batch;
	return 1;
}

/* Without an intent nothing was promised: as if they had not been planned. */
static void drop_planned(struct lane *l, size_t first)
{
	while (l->n_batches > first)
		lane_batch_free(l->batches[--l->n_batches]);
}

static bool may_plan(const struct lane *l)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < l->n_batches; i++)
		bytes += l->batches[i]->bytes;
	return l->n_batches < BATCHES_MAX && open_fetches(l) < FETCHES_MAX &&
	       bytes < lane_window(l);
}

bool lane_is_fetching(const struct lane *l)
{
	return open_fetches(l) > 0;
}

/* Intent, then FETCH: the order is the whole promise. */
int lane_plan(struct lane *l, struct err *e)
{
	size_t first = l->n_batches;
	int rc = 1;
	if (open_fetches(l) > FETCHES_LOW || (lane_is_switching(l) && !lane_is_idle(l)))
		return 0;
	while (rc == 1 && may_plan(l))
		rc = plan_one(l, e);
	/* Refused ones go again: the folder is needed once more. */
	if (rc >= 0 && l->n_batches > first)
		rc = ahead_take_back(l->box, l->folder, e);
	if (rc >= 0 && l->n_batches > first)
		rc = write_intents(l, first, e);
	if (rc < 0) {
		drop_planned(l, first);
		return -1;
	}
	for (size_t i = first; i < l->n_batches; i++)
		send_fetch(l, l->batches[i]);
	return 0;
}
