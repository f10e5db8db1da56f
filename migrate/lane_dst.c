/*
 * The target's side of a lane: what became of each APPEND. One answer is about all of its
 * messages: they are stored, or none of them is (RFC 3502 §6.3.11).
 */
#include <string.h>

#include "migrate/lane_priv.h"

enum { REFUSALS_MAX = 3 }; /* in a row: it is not for one of the groups, or for one message */

struct outcome {
	uint32_t tag;
	size_t n;        /* messages of that APPEND */
	uint64_t bytes;  /* of these together, as the source told their sizes */
	int64_t uidnext; /* before it: what is lower was there */
	struct conn_answer answer;
	bool placed;                   /* APPENDUID tells where they are: */
	uint32_t uids[GROUP_MESSAGES]; /* in the order of the messages */
};

static bool is_of(const struct item *it, uint32_t tag)
{
	return it->append_tag == tag && (it->state == ITEM_APPENDED || it->state == ITEM_STREAMING);
}

size_t lane_said_together(const struct lane *l, uint32_t tag)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n_batches; i++)
		for (size_t k = 0; k < l->batches[i]->n; k++)
			n += is_of(&l->batches[i]->items[k], tag) ? 1 : 0;
	return n;
}

/* Some thousand items at most: looking through them for each answer costs less than keeping
 * an index right. */
typedef void take_outcome(struct lane *l, struct batch *batch, struct item *it,
			  const struct outcome *o);
static void each_item(struct lane *l, const struct outcome *o, take_outcome *take)
{
	for (size_t i = 0; i < l->n_batches; i++) {
		struct batch *batch = l->batches[i];
		for (size_t k = 0; batch->open > 0 && k < batch->n; k++)
			if (is_of(&batch->items[k], o->tag))
				take(l, batch, &batch->items[k], o);
	}
}

/* The set is in the order of the messages and its ranges rise (RFC 4315 §3). One that names
 * more or fewer is about something else: then nobody knows the places. */
static void take_uids(struct outcome *o, struct slice set)
{
	uint64_t told = 0;
	uint32_t low;
	uint32_t high;
	while (told <= o->n && imap_uidset_next(&set, &low, &high)) {
		uint64_t many = (uint64_t)high - low + 1;
		for (uint64_t i = 0; i < many && told + i < o->n; i++)
			o->uids[told + i] = (uint32_t)(low + i);
		told += high < UINT32_MAX ? many : o->n + 1; /* "*" */
	}
	o->placed = told == o->n;
}

/* An APPENDUID for another UIDVALIDITY says that the folder was replaced: its UIDs mean
 * nothing to this ledger. Answers come in the order of the APPENDs, so what is appended from
 * here on gets higher UIDs. */
static void take_places(struct lane *l, struct outcome *o, const struct imap_status *status)
{
	struct slice set = status->args;
	if (o->answer.code != IMAP_CODE_APPENDUID ||
	    (int64_t)o->answer.number[0] != l->folder->row.dst_uidvalidity)
		return;
	(void)slice_until(&set, ' ');
	o->uidnext = l->dst_uidnext;
	take_uids(o, set);
	if (o->placed && o->n > 0)
		l->unexplained |= l->refused_group && (int64_t)o->uids[0] > l->dst_uidnext;
	for (size_t i = 0; o->placed && i < o->n; i++)
		if ((int64_t)o->uids[i] >= l->dst_uidnext)
			l->dst_uidnext = (int64_t)o->uids[i] + 1;
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

/* ---- messages that are refused for their keywords ---- */

bool lane_is_keywordless(const struct lane *l, uint32_t uid)
{
	for (size_t i = 0; i < l->n_keywordless; i++)
		if (l->keywordless[i] == uid)
			return true;
	return l->box->no_keywords;
}

/* It got there, or did not without them either. */
static void forget_keywordless(struct lane *l, uint32_t uid)
{
	for (size_t i = 0; i < l->n_keywordless; i++)
		if (l->keywordless[i] == uid)
			l->keywordless[i--] = l->keywordless[--l->n_keywordless];
}

/* One refusal may have had another reason: only its message loses its keywords. A target that
 * refuses one after the other wants none. */
static void distrust_keywords(struct lane *l, uint32_t uid)
{
	l->box->keywords_doubted = true;
	if (++l->box->keyword_refusals >= REFUSALS_MAX || l->n_keywordless == KEYWORDLESS_MAX)
		l->box->no_keywords = true;
	else
		l->keywordless[l->n_keywordless++] = uid;
}

/* ---- what became of a message ---- */

/* A new message has a UID that none had, nor another one of its APPEND. */
static bool is_older(const struct outcome *o, size_t place)
{
	if (!o->placed || place >= o->n)
		return false;
	for (size_t i = 0; i < place; i++)
		if (o->uids[i] == o->uids[place])
			return true;
	return (int64_t)o->uids[place] < o->uidnext;
}

static void take_done(struct lane *l, struct batch *batch, struct item *it, const struct outcome *o)
{
	it->state = ITEM_DONE;
	if (it->without_keywords)
		forget_keywordless(l, it->uid);
	else if (has_keywords(it->flags))
		l->box->keyword_refusals = 0;
	it->dst_uid = o->placed && it->place < o->n ? o->uids[it->place] : 0;
	it->older = is_older(o, it->place);
	l->unplaced |= it->dst_uid == 0;
	batch->open--;
	if (l->box->group_left > 0 && --l->box->group_left == 0)
		l->box->group_max = 0;
	l->box->counts.copied++;
	l->box->counts.copied_bytes += it->size;
	l->box->progress++;
}

static void take_again(struct lane *l, struct batch *batch, struct item *it,
		       const struct outcome *o)
{
	(void)l;
	(void)o;
	it->state = ITEM_AGAIN;
	batch->open--;
}

static void take_doubtful(struct lane *l, struct batch *batch, struct item *it,
			  const struct outcome *o)
{
	take_again(l, batch, it, o);
	it->doubtful = true;
}

static void take_refused(struct lane *l, struct batch *batch, struct item *it,
			 const struct outcome *o)
{
	lane_item_refused(l, batch, it, o->answer.text);
}

/* "BAD Command Argument Error. 11" is how Exchange refuses keywords (FACTS A2): tried
 * once more without them. */
static void take_refused_alone(struct lane *l, struct batch *batch, struct item *it,
			       const struct outcome *o)
{
	bool may_be_keywords = o->answer.cond == IMAP_BAD || o->answer.code == IMAP_CODE_LIMIT ||
			       strstr(o->answer.text, "keyword") != NULL;
	if (it->without_keywords || !may_be_keywords || !has_keywords(it->flags)) {
		forget_keywordless(l, it->uid);
		take_refused(l, batch, it, o);
		return;
	}
	distrust_keywords(l, it->uid);
	take_again(l, batch, it, o);
}

/* Which of them it was is found by smaller groups, when all else is through; a target that
 * refuses one group after the other does not want any. */
static void group_refused(struct lane *l, const struct outcome *o)
{
	each_item(l, o, take_doubtful);
	l->refused_group = true;
	l->shrink = true;
	if (++l->refused_in_a_row >= REFUSALS_MAX)
		lane_groups_distrust(l);
}

static void add_bytes(struct lane *l, struct outcome *o)
{
	for (size_t i = 0; i < l->n_batches; i++)
		for (size_t k = 0; k < l->batches[i]->n; k++)
			if (is_of(&l->batches[i]->items[k], o->tag))
				o->bytes += l->batches[i]->items[k].told;
}

/* About none of its messages, as such: they go again, those that may fit. */
static int full(struct lane *l, struct outcome *o, struct err *e)
{
	add_bytes(l, o);
	if (lane_is_full(l, o->bytes, e))
		return -1;
	if (o->n > 1)
		group_refused(l, o);
	else
		each_item(l, o, take_again);
	return 0;
}

/* Refused in the middle of a body: the rest is still said when the literal was not
 * synchronising, for the server counts it; else the pipeline drops it. */
static int refused(struct lane *l, struct outcome *o, struct err *e)
{
	(void)conn_refusal(l->dst, &o->answer, e);
	bool is_full = e->kind == ERR_MAILBOX; /* nothing else is that (refusal.h) */
	if (e->kind != ERR_ITEM && !is_full)
		return -1;
	if (l->group.tag == o->tag)
		l->group.answered = true;
	if (is_full)
		return full(l, o, e);
	if (o->n > 1)
		group_refused(l, o);
	else
		each_item(l, o, take_refused_alone);
	return 0;
}

/* Acknowledged before its last byte was said: such an OK cannot be about these messages, and
 * nothing on this connection can be believed. */
static int on_result(struct lane *l, const struct imap_status *status, struct err *e)
{
	struct outcome o = { .tag = status->tag, .n = lane_said_together(l, status->tag) };
	if (o.n == 0)
		return 0;
	conn_answer_of(status, &o.answer);
	if (o.answer.cond != IMAP_OK)
		return refused(l, &o, e);
	if (l->group.open && l->group.tag == o.tag)
		return err_set(e, ERR_RETRY, "%s acknowledged a message before it had it",
			       conn_name(l->dst));
	l->refused_in_a_row = 0;
	take_places(l, &o, status);
	each_item(l, &o, take_done);
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
