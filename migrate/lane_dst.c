/*
 * The target's side of a lane: what became of each APPEND.
 */
#include <string.h>

#include "migrate/lane_priv.h"

/* At most 800 items: looking through them costs less than keeping an index right. */
static struct item *find_append(struct lane *l, uint32_t tag, struct batch **batch_r)
{
	for (size_t i = 0; i < l->n_batches; i++) {
		for (size_t k = 0; k < l->batches[i]->n; k++) {
			struct item *it = &l->batches[i]->items[k];
			if (it->append_tag != tag)
				continue;
			*batch_r = l->batches[i];
			return it;
		}
	}
	return NULL;
}

/* An APPENDUID for another UIDVALIDITY says that the folder was replaced: its UID means
 * nothing to this ledger. */
static void appended(struct lane *l, struct batch *batch, struct item *it,
		     const struct conn_answer *answer)
{
	it->state = ITEM_DONE;
	batch->open--;
	if (answer->code == IMAP_CODE_APPENDUID && answer->number[1] <= UINT32_MAX &&
	    (int64_t)answer->number[0] == l->folder->row.dst_uidvalidity) {
		it->dst_uid = (uint32_t)answer->number[1];
		/* Answers come in the order of the APPENDs, so what is appended from here
		 * on gets a higher UID. */
		if ((int64_t)it->dst_uid >= l->dst_uidnext)
			l->dst_uidnext = (int64_t)it->dst_uid + 1;
	}
	l->box->counts.copied++;
	l->box->counts.copied_bytes += it->size;
	l->box->progress++;
}

static bool has_keywords(const char *flags)
{
	struct slice rest = slice_str(flags);
	while (rest.len > 0) {
		struct slice flag = slice_until(&rest, ' ');
		if (flag.len > 0 && flag.ptr[0] != '\\')
			return true;
	}
	return false;
}

/* "BAD Command Argument Error. 11" is how Exchange refuses keywords (FACTS A2): tried
 * once more without them, from now on for the whole mailbox. */
static bool try_without_keywords(struct lane *l, struct item *it, const struct conn_answer *answer)
{
	if (it->without_keywords || !has_keywords(it->flags) ||
	    (answer->cond != IMAP_BAD && answer->code != IMAP_CODE_LIMIT &&
	     strstr(answer->text, "keyword") == NULL))
		return false;
	l->box->no_keywords = true;
	it->without_keywords = true;
	return true;
}

static int not_appended(struct lane *l, struct batch *batch, struct item *it,
			const struct conn_answer *answer, struct err *e)
{
	/* Refused in the middle of its body: the rest is still said when the literal was
	 * not synchronising, for the server counts it; else the pipeline drops it. */
	(void)conn_refusal(l->dst, answer, e);
	if (e->kind != ERR_ITEM)
		return -1;
	if (try_without_keywords(l, it, answer)) {
		it->state = ITEM_AGAIN;
		batch->open--;
		return 0;
	}
	lane_item_refused(l, batch, it, answer->text);
	return 0;
}

/* Acknowledged before its last byte was said: such an OK cannot be about this message, and
 * nothing on this connection can be believed. */
static int on_result(struct lane *l, const struct imap_status *status, struct err *e)
{
	struct conn_answer answer;
	struct batch *batch = NULL;
	struct item *it = find_append(l, status->tag, &batch);
	if (it == NULL || (it->state != ITEM_APPENDED && it->state != ITEM_STREAMING))
		return 0;
	conn_answer_of(status, &answer);
	if (answer.cond != IMAP_OK)
		return not_appended(l, batch, it, &answer, e);
	if (it->state == ITEM_STREAMING)
		return err_set(e, ERR_RETRY, "%s acknowledged a message before it had it",
			       conn_name(l->dst));
	appended(l, batch, it, &answer);
	return 0;
}

int lane_dst_event(struct lane *l, struct err *e)
{
	struct imap_event ev;
	int rc = conn_event(l->dst, &ev, e);
	if (rc != 1)
		return rc;
	if (ev.kind == IMAP_EV_STATUS && ev.status.tag != 0 && on_result(l, &ev.status, e) != 0)
		return -1;
	return 1;
}
