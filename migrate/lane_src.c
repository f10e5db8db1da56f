/*
 * The source's side of a lane: each body that FETCH brings begins an APPEND of exactly
 * its length, and passes through the hash into the target's buffer.
 */
#include <stdlib.h>
#include <string.h>

#include "migrate/imap/flags.h"
#include "migrate/lane_priv.h"

static int compare_uids(const void *key, const void *item)
{
	uint32_t uid = *(const uint32_t *)key;
	uint32_t other = ((const struct item *)item)->uid;
	return uid < other ? -1 : uid > other;
}

static struct item *item_of(struct batch *batch, uint32_t uid)
{
	return bsearch(&uid, batch->items, batch->n, sizeof(batch->items[0]), compare_uids);
}

/* Only among batches whose FETCH is open: an unasked-for FETCH of an older message is not
 * taken for a body. */
static bool find_item(struct lane *l, uint32_t uid, struct batch **batch_r, struct item **item_r)
{
	for (size_t i = 0; i < l->n_batches; i++) {
		struct batch *batch = l->batches[i];
		struct item *it = batch->fetched ? NULL : item_of(batch, uid);
		if (it == NULL)
			continue;
		*batch_r = batch;
		*item_r = it;
		return true;
	}
	return false;
}

void lane_item_refused(struct lane *l, struct batch *batch, struct item *item, const char *reason)
{
	item->state = ITEM_REFUSED;
	item->reason = arena_strdup(batch->arena, reason);
	batch->open--;
	l->box->counts.refused++;
	l->box->progress++;
	log_warn(l->box->opts->log, "%s: '%s', UID %u is not copied: %s", l->box->mailbox->address,
		 l->folder->row.shown, item->uid, reason);
}

/* What FETCH told before the body is newer than what the scan saw. */
static void take_told(struct lane *l, struct batch *batch, struct item *it,
		      const struct imap_fetch *f)
{
	if (f->has_flags) {
		buf_clear(&l->text);
		imap_flags_canonical(&l->text, f->flags);
		if (!str_eq(it->flags, l->text.at))
			it->flags = arena_strdup(batch->arena, l->text.at);
	}
	if (f->has_date)
		it->date = arena_slice(batch->arena, f->date);
}

/* A source that tells the UID behind the body can only be asked for one message at a
 * time: then it is known which one comes. */
static int only_item(struct lane *l, struct batch **batch_r, struct item **item_r, struct err *e)
{
	for (size_t i = 0; i < l->n_batches; i++) {
		if (l->batches[i]->fetched)
			continue;
		if (l->batches[i]->n != 1)
			break;
		*batch_r = l->batches[i];
		*item_r = &l->batches[i]->items[0];
		return 0;
	}
	l->box->fetch_single = true;
	l->box->progress++;
	return err_set(e, ERR_RETRY, "%s tells the UID behind the body: one message at a time now",
		       conn_name(l->src));
}

/* An empty message in place of one that has so many bytes is what servers give of one that they
 * cannot read: copied, it would pass for the message. */
static bool unfit(struct lane *l, struct batch *batch, struct item *it, uint64_t len)
{
	uint64_t limit = l->box->dst->append_limit;
	uint64_t told = it->size;
	const char *why = NULL;
	if (len == 0 && told > 0)
		why = arena_printf(batch->arena,
				   "the source says that it has %llu bytes, and gives none",
				   (unsigned long long)told);
	else if (limit != 0 && len > limit)
		why = arena_printf(batch->arena, "%llu bytes, the target takes %llu at most",
				   (unsigned long long)len, (unsigned long long)limit);
	if (len > 0)
		it->size = len;
	if (why != NULL)
		lane_item_refused(l, batch, it, why);
	return why != NULL;
}

static int begin_body(struct lane *l, const struct imap_event *ev, struct err *e)
{
	struct batch *batch = NULL;
	struct item *it = NULL;
	bool found = ev->fetch.uid != 0 ? find_item(l, ev->fetch.uid, &batch, &it)
					: only_item(l, &batch, &it, e) == 0;
	if (!found && ev->fetch.uid == 0)
		return -1;
	l->current = NULL;
	l->left = ev->literal_len;
	l->awaited = it != NULL && it->state == ITEM_WAITING;
	if (!l->awaited)
		return 0; /* nobody asked: passes into nothing */
	if (unfit(l, batch, it, ev->literal_len))
		return 0;
	take_told(l, batch, it, &ev->fetch);
	it->state = ITEM_STREAMING;
	if (l->disarm != NULL)
		altered_begin(l->disarm);
	l->current = it;
	l->current_batch = batch;
	lane_append_begin(l, ev->literal_len);
	return 0;
}

/* A body that nobody wants is read to its end: only then does the next response begin. */
static void pass_body(struct lane *l, struct slice data)
{
	l->left -= data.len;
	if (l->awaited)
		conn_got(l->src, data.len);
	if (l->current == NULL)
		return;
	lineends_add(&l->ends, data, l->hash);
	if (l->disarm != NULL)
		altered_add(l->disarm, data);
	else
		imap_add_slice(conn_out(l->dst), data);
}

/* A refusal may have come while it passed: then the state is no longer STREAMING, and stays. */
static void end_body(struct lane *l)
{
	if (l->current == NULL)
		return;
	lineends_finish(&l->ends, l->hash, l->current->sha);
	if (l->disarm != NULL)
		l->current->did = altered_finish(l->disarm, l->current->copy_sha);
	if (l->current->state == ITEM_STREAMING)
		l->current->state = ITEM_APPENDED;
	lane_append_end(l);
	l->current = NULL;
}

/* The response is over: a message that came without a body will not get one. */
static void end_fetch(struct lane *l, const struct imap_fetch *f)
{
	struct batch *batch;
	struct item *it;
	if (f->uid == 0 || !find_item(l, f->uid, &batch, &it))
		return;
	if (!f->has_body)
		it->listed = batch->asks;
	else if (it->state == ITEM_WAITING && f->body_is_nil)
		lane_item_refused(l, batch, it, "the source gives no body for it");
}

/* Is the message that FETCH silently left out still there? */
static void ask_for(struct lane *l, struct batch *batch)
{
	struct imap_pipeline *out = conn_out(l->src);
	batch->asks = true;
	batch->fetched = false;
	batch->fetch_tag = imap_begin(out);
	imap_addf(out, "UID FETCH %u (UID)", batch->items[0].uid);
	imap_end(out);
}

static void leave_one(struct lane *l, struct batch *batch, struct item *it)
{
	if (batch->refused) {
		lane_item_refused(l, batch, it, batch->refusal);
	} else if (!batch->asks) {
		ask_for(l, batch);
	} else if (it->listed) {
		lane_item_refused(l, batch, it, "the source lists it and does not give it");
	} else {
		it->state = ITEM_GONE;
		batch->open--;
	}
}

/* Messages that a FETCH did not bring, refused or not, are asked for one by one. Alone
 * they are refused by name, or found to be removed meanwhile. */
static void leave_out(struct lane *l, struct batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		struct item *it = &batch->items[i];
		if (it->state != ITEM_WAITING)
			continue;
		if (batch->n == 1) {
			leave_one(l, batch, it);
			return;
		}
		it->state = ITEM_AGAIN;
		it->blamed = true;
		batch->open--;
	}
}

/* NO to a FETCH is about one of its messages mostly: leave_out finds which. */
static int end_batch(struct lane *l, const struct imap_status *status, struct err *e)
{
	struct conn_answer answer;
	for (size_t i = 0; i < l->n_batches; i++) {
		struct batch *batch = l->batches[i];
		if (batch->fetch_tag != status->tag)
			continue;
		conn_answer_of(status, &answer);
		batch->fetched = true;
		batch->refused = answer.cond != IMAP_OK;
		if (batch->refused && conn_refusal(l->src, &answer, e) != 0 && e->kind != ERR_ITEM)
			return -1;
		str_copy(batch->refusal, sizeof(batch->refusal), answer.text);
		leave_out(l, batch);
	}
	return 0;
}

int lane_src_event(struct lane *l, struct err *e)
{
	struct imap_event ev;
	int rc = conn_event(l->src, &ev, e);
	if (rc != 1)
		return rc;
	switch (ev.kind) {
	case IMAP_EV_LITERAL_BEGIN: return begin_body(l, &ev, e) != 0 ? -1 : 1;
	case IMAP_EV_LITERAL_DATA: pass_body(l, ev.data); return 1;
	case IMAP_EV_LITERAL_END: end_body(l); return 1;
	case IMAP_EV_FETCH: end_fetch(l, &ev.fetch); return 1;
	case IMAP_EV_STATUS: return end_batch(l, &ev.status, e) != 0 ? -1 : 1;
	default: return 1;
	}
}
