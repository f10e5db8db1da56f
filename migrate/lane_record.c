/*
 * Outcomes go back to the ledger: one transaction for all batches that are through.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hook.h"
#include "migrate/lane_priv.h"
#include "migrate/merged.h"

/* Where another message may have its place, whether it is the same one is looked at in the end. */
static int doubt_merged(struct lane *l, const struct item *it, struct err *e)
{
	struct store *s = l->box->opts->store;
	if (!merged_is_possible(l->box))
		return 0;
	return it->older ? ledger_set_kept(s, l->folder->row.id, it->uid, true, e)
			 : ledger_set_unasked(s, l->folder->row.id, it->uid, e);
}

/* At an unknown place it is looked for, and the ledger must know from where. */
static int record_done(struct lane *l, const struct item *it, const struct ledger_intent *in,
		       struct err *e)
{
	struct store *s = l->box->opts->store;
	struct ledger_message m = { .uid = it->uid,
				    .dst_uid = it->dst_uid,
				    .size = it->size,
				    .flags = it->carried != NULL ? it->carried : it->flags,
				    .new_flags = it->carried != NULL ? it->flags : NULL,
				    .reason = it->reason,
				    .appended = it->dst_uid != 0 && !it->older };
	char how[REPAIR_TEXT_MAX];
	memcpy(m.sha, it->sha, SHA256_LEN);
	if (it->did != 0) {
		m.has_copy_sha = true;
		memcpy(m.copy_sha, it->copy_sha, SHA256_LEN);
		m.repair = repair_text(it->did, how);
	}
	if (it->dst_uid == 0 &&
	    ledger_set_in_flight(s, l->folder->row.id, it->uid, in->dst_uidnext, e) != 0)
		return -1;
	if (ledger_set_done(s, l->folder->row.id, l->box->row.pass, &m, e) != 0)
		return -1;
	return it->dst_uid != 0 ? doubt_merged(l, it, e) : 0;
}

/* Only what a FETCH left out is to blame, and travels alone then: a message that lost its
 * keywords, or was refused together with others, is not. */
static int record_again(struct lane *l, const struct item *it, const struct ledger_intent *in,
			struct err *e)
{
	uint32_t tries;
	struct store *s = l->box->opts->store;
	l->again = true;
	l->doubtful |= it->doubtful;
	if (it->doubtful)
		return ledger_set_in_flight(s, l->folder->row.id, it->uid, in->dst_uidnext, e);
	if (ledger_set_new(s, l->folder->row.id, it->uid, e) != 0)
		return -1;
	return it->blamed ? ledger_blame(s, l->folder->row.id, it->uid, &tries, e) : 0;
}

static int record_item(struct lane *l, const struct item *it, const struct ledger_intent *in,
		       struct err *e)
{
	struct store *s = l->box->opts->store;
	const struct ledger_message m = { .uid = it->uid, .size = it->size, .reason = it->reason };
	if (it->state == ITEM_DONE)
		return record_done(l, it, in, e);
	if (it->state == ITEM_AGAIN)
		return record_again(l, it, in, e);
	if (it->state == ITEM_GONE)
		return ledger_set_absent(s, l->folder->row.id, it->uid, e);
	if (it->state == ITEM_REFUSED)
		return ledger_set_refused(s, l->folder->row.id, l->box->row.pass, &m, e);
	if (it->state == ITEM_WAITING)
		return 0; /* never said to the target: NEW, as it was */
	return ledger_set_in_flight(s, l->folder->row.id, it->uid, in->dst_uidnext, e);
}

/* Both ends: the FETCH answered and each message with an outcome. */
static bool is_through(const struct batch *batch)
{
	return batch->fetched && batch->open == 0;
}

/* Each message has its own state then, and the intent has done its duty. */
static int record_batch(struct lane *l, const struct batch *batch, struct err *e)
{
	for (size_t i = 0; i < batch->n; i++)
		if (record_item(l, &batch->items[i], &batch->intent, e) != 0)
			return -1;
	return ledger_intent_drop(l->box->opts->store, batch->intent.id, e);
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
		lane_batch_free(l->batches[i]);
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

/* Over a group of messages nobody knows which: the next connection makes smaller groups,
 * until it is one. */
static void blame(struct lane *l)
{
	struct err ignored;
	uint32_t tries;
	const struct item *it = culprit(l);
	if (it == NULL)
		return;
	if (lane_said_together(l, it->append_tag) > 1)
		lane_groups_distrust(l);
	else
		(void)ledger_blame(l->box->opts->store, l->folder->row.id, it->uid, &tries,
				   &ignored);
}

/* What has an outcome is written, what was never said to the target is NEW still; only what
 * is between is IN_FLIGHT and has to be looked for. Should the ledger fail, the intents
 * stay, and say the same of all. */
void lane_abandon(struct lane *l, bool is_blamed)
{
	struct err ignored;
	(void)record_all(l, l->n_batches, &ignored);
	if (is_blamed)
		blame(l);
}
