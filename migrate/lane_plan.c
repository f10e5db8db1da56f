/*
 * Batches: from the ledger and back to it. One transaction writes the outcomes of the
 * batches that are through, one the intent of the next.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hook.h"
#include "migrate/filter.h"
#include "migrate/lane_priv.h"

/* What the source still owes; two keep it busy without filling memory. */
static size_t open_fetches(const struct lane *l)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n_batches; i++)
		n += l->batches[i]->fetched ? 0 : 1;
	return n;
}

/* The next message to copy; 0 when there is none. Rows that went back to NEW lie behind
 * the cursor: when all else is through, it begins anew. */
static int peek_todo(struct lane *l, struct err *e)
{
	if (l->next != NULL)
		return 1;
	if (l->todo_end && l->again && l->n_batches == 0) {
		ledger_cursor_free(l->cursor);
		l->cursor = ledger_cursor_new(l->box->opts->store, l->folder->row.id,
					      l->box->row.pass, LEDGER_TODO);
		l->todo_end = l->again = false;
	}
	if (l->todo_end)
		return 0;
	int rc;
	do {
		rc = ledger_cursor_next(l->cursor, &l->next, e);
	} while (rc == 1 && !filter_takes_message(l->box->opts->filter, l->next));
	if (rc != 1)
		l->next = NULL;
	l->todo_end = rc == 0;
	return rc;
}

static void add_item(struct batch *batch, const struct ledger_message *m)
{
	struct item *it = &batch->items[batch->n++];
	it->uid = m->uid;
	it->size = m->size;
	it->date = arena_strdup(batch->arena, m->date);
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
static bool belongs(const struct lane *l, const struct batch *batch, uint64_t bytes,
		    const struct ledger_message *m)
{
	if (batch->n == 0)
		return true;
	return !l->box->fetch_single && m->tries == 0 && batch->n < BATCH_MESSAGES &&
	       bytes + m->size <= BATCH_BYTES;
}

static int fill_batch(struct lane *l, struct batch *batch, struct err *e)
{
	uint64_t bytes = 0;
	bool alone = false;
	int rc;
	while (!alone && (rc = peek_todo(l, e)) == 1 && belongs(l, batch, bytes, l->next)) {
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
		bytes += m->size;
		alone = m->tries > 0;
	}
	return !alone && rc < 0 ? -1 : 0;
}

/* Before the FETCH goes out, thus before any APPEND: a kill leaves rows IN_FLIGHT, never a
 * copy that nobody knows. */
static int write_intent(struct lane *l, const struct batch *batch, struct err *e)
{
	struct store *s = l->box->opts->store;
	if (ledger_begin_durable(s, e) != 0)
		return -1;
	for (size_t i = 0; i < batch->n; i++) {
		if (ledger_set_in_flight(s, l->folder->row.id, batch->items[i].uid, l->dst_uidnext,
					 e) != 0) {
			ledger_rollback(s);
			return -1;
		}
	}
	int rc = ledger_commit(s, e);
	hook_point("copy-intent");
	return rc;
}

/* FLAGS and INTERNALDATE again: they may have changed since the scan (take_told). */
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
	imap_add(out, " (UID FLAGS INTERNALDATE BODY.PEEK[])");
	imap_end(out);
	imap_uidset_release(&set);
}

static void free_batch(struct batch *batch)
{
	arena_free(batch->arena);
	free(batch);
}

/* Intent, then FETCH: the order is the whole promise. */
static int plan_one(struct lane *l, struct err *e)
{
	struct batch *batch = mem_alloc(sizeof(*batch));
	batch->arena = arena_new();
	int rc = fill_batch(l, batch, e);
	if (rc != 0 || batch->n == 0 || write_intent(l, batch, e) != 0) {
		rc = rc != 0 || batch->n > 0 ? -1 : 0;
		free_batch(batch);
		return rc;
	}
	batch->open = batch->n;
	send_fetch(l, batch);
	l->batches[l->n_batches++] = batch;
	return 1;
}

int lane_plan(struct lane *l, struct err *e)
{
	int rc = 1;
	while (rc == 1 && l->n_batches < BATCHES_MAX && open_fetches(l) < FETCHES_MAX)
		rc = plan_one(l, e);
	return rc < 0 ? -1 : 0;
}

static int record_done(struct lane *l, const struct item *it, struct err *e)
{
	struct ledger_message m = { .uid = it->uid,
				    .dst_uid = it->dst_uid,
				    .size = it->size,
				    .flags = it->flags,
				    .reason = it->reason };
	memcpy(m.sha, it->sha, SHA256_LEN);
	return ledger_set_done(l->box->opts->store, l->folder->row.id, &m, e);
}

/* A message that only lost its keywords is not to blame for a connection. */
static int record_again(struct lane *l, const struct item *it, struct err *e)
{
	uint32_t tries;
	struct store *s = l->box->opts->store;
	l->again = true;
	if (ledger_set_new(s, l->folder->row.id, it->uid, e) != 0)
		return -1;
	return it->without_keywords ? 0 : ledger_blame(s, l->folder->row.id, it->uid, &tries, e);
}

static int record_item(struct lane *l, const struct item *it, struct err *e)
{
	const struct ledger_message m = { .uid = it->uid, .size = it->size, .reason = it->reason };
	if (it->state == ITEM_DONE)
		return record_done(l, it, e);
	if (it->state == ITEM_AGAIN)
		return record_again(l, it, e);
	if (it->state == ITEM_GONE)
		return ledger_set_absent(l->box->opts->store, l->folder->row.id, it->uid, e);
	if (it->state == ITEM_REFUSED)
		return ledger_set_refused(l->box->opts->store, l->folder->row.id, l->box->row.pass,
					  &m, e);
	return 0; /* without an outcome: it stays IN_FLIGHT */
}

/* Both ends: the FETCH answered and each message with an outcome. */
static bool is_through(const struct batch *batch)
{
	return batch->fetched && batch->open == 0;
}

static int record_batch(struct lane *l, const struct batch *batch, struct err *e)
{
	for (size_t i = 0; i < batch->n; i++)
		if (record_item(l, &batch->items[i], e) != 0)
			return -1;
	return 0;
}

static int record_all(struct lane *l, size_t n, struct err *e)
{
	struct store *s = l->box->opts->store;
	if (ledger_begin(s, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (record_batch(l, l->batches[i], e) != 0) {
			ledger_rollback(s);
			return -1;
		}
	}
	return ledger_commit(s, e);
}

/* From the oldest on and only in a row, so the list stays in the order of the FETCHes. */
int lane_record(struct lane *l, struct err *e)
{
	size_t n = 0;
	while (n < l->n_batches && is_through(l->batches[n]))
		n++;
	if (n == 0)
		return 0;
	hook_point("copy-appended");
	if (record_all(l, n, e) != 0)
		return -1;
	hook_point("copy-recorded");
	for (size_t i = 0; i < n; i++)
		free_batch(l->batches[i]);
	l->n_batches -= n;
	memmove(l->batches, l->batches + n, l->n_batches * sizeof(l->batches[0]));
	return 0;
}

/* The oldest message that the target did not answer, else the one that was passing. */
static const struct item *culprit(const struct lane *l)
{
	for (size_t i = 0; i < l->n_batches; i++) {
		const struct batch *batch = l->batches[i];
		for (size_t k = 0; k < batch->n; k++)
			if (batch->items[k].state == ITEM_APPENDED ||
			    batch->items[k].state == ITEM_STREAMING)
				return &batch->items[k];
	}
	return NULL;
}

/* What has an outcome is written, what was never said to the target is NEW again; only
 * what is between stays IN_FLIGHT and has to be looked for. */
void lane_abandon(struct lane *l, bool blame)
{
	struct err ignored;
	uint32_t tries;
	const struct item *it = culprit(l);
	struct store *s = l->box->opts->store;
	for (size_t i = 0; i < l->n_batches; i++)
		for (size_t k = 0; k < l->batches[i]->n; k++)
			if (l->batches[i]->items[k].state == ITEM_WAITING)
				(void)ledger_set_new(s, l->folder->row.id,
						     l->batches[i]->items[k].uid, &ignored);
	(void)record_all(l, l->n_batches, &ignored);
	if (it != NULL && blame)
		(void)ledger_blame(s, l->folder->row.id, it->uid, &tries, &ignored);
}
