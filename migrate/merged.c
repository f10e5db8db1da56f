/*
 * The doubtful ones are read at the target a hundred at a time; they are few but where a mailbox
 * has everything twice. (Who is doubtful: merged_ask.c.)
 */
#include "migrate/merged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/bodies.h"
#include "migrate/imap/uidset.h"
#include "migrate/match.h"

enum { AT_ONCE = 100, ID_SHOWN = 160 };

struct doubtful {
	uint32_t uid, dst_uid;
	uint64_t size;
	bool has_copy_sha;
	unsigned char sha[SHA256_LEN], copy_sha[SHA256_LEN];
	bool read, same;       /* what has its place at the target */
	char id[ID_SHOWN + 1]; /* its Message-ID */
};

struct look {
	struct box *box;
	const struct box_folder *folder;
	struct doubtful at[AT_ONCE];
	size_t n;
};

/* A copy that was altered on wish is as good as the original. */
static bool is_content_of(const struct doubtful *d, const struct body *body)
{
	return memcmp(body->even, d->sha, SHA256_LEN) == 0 ||
	       (d->has_copy_sha && memcmp(body->even, d->copy_sha, SHA256_LEN) == 0);
}

static int on_body(void *ctx, const struct body *body, struct err *e)
{
	struct look *l = ctx;
	(void)e;
	for (size_t i = 0; i < l->n; i++) {
		struct doubtful *d = &l->at[i];
		if (d->dst_uid != body->uid)
			continue;
		d->read = true;
		d->same = is_content_of(d, body);
		str_copy(d->id, sizeof(d->id), body->message_id);
	}
	l->box->progress++;
	return 0;
}

static int refuse(struct look *l, const struct doubtful *d, struct err *e)
{
	char reason[ID_SHOWN + 160];
	const struct ledger_message m = { .uid = d->uid, .size = d->size, .reason = reason };
	if (d->read)
		(void)snprintf(reason, sizeof(reason),
			       "the target keeps one message a Message-ID, and under <%s> it has "
			       "another content (UID %u there)",
			       d->id, d->dst_uid);
	else
		(void)snprintf(reason, sizeof(reason),
			       "the target merged it with another message (UID %u there), and does "
			       "not give that one",
			       d->dst_uid);
	log_warn(l->box->opts->log, "%s: '%s', UID %u: %s", l->box->mailbox->address,
		 l->folder->row.shown, d->uid, reason);
	return ledger_set_refused(l->box->opts->store, l->folder->row.id, l->box->row.pass, &m, e);
}

static int write_refusals(struct look *l, struct err *e)
{
	struct store *s = l->box->opts->store;
	if (ledger_begin(s, e) != 0)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		if (!l->at[i].same && refuse(l, &l->at[i], e) != 0) {
			ledger_rollback(s);
			return -1;
		}
	}
	l->n = 0;
	return ledger_commit(s, e);
}

/* Those of the page, by one FETCH. */
static int judge(struct look *l, struct err *e)
{
	const struct bodies_call call = { .on_body = on_body, .ctx = l, .with_ids = true };
	struct imap_uidset set;
	if (l->n == 0)
		return 0;
	imap_uidset_init(&set);
	for (size_t i = 0; i < l->n; i++)
		imap_uidset_add(&set, l->at[i].dst_uid);
	int rc = bodies_read(l->box->dst, imap_uidset_text(&set), &call, e);
	imap_uidset_release(&set);
	return rc == 0 ? write_refusals(l, e) : -1;
}

/* Without a hash, or a place of its folder, there is nothing to compare. */
static void take(struct look *l, const struct ledger_message *row)
{
	struct doubtful *d = &l->at[l->n];
	if (!row->has_sha || row->dst_uid == 0 || row->dst_uid == LEDGER_ELSEWHERE)
		return;
	*d = (struct doubtful){ .uid = row->uid,
				.dst_uid = row->dst_uid,
				.size = row->size,
				.has_copy_sha = row->has_copy_sha };
	memcpy(d->sha, row->sha, SHA256_LEN);
	memcpy(d->copy_sha, row->copy_sha, SHA256_LEN);
	l->n++;
}

int merged_open_target(struct box *b, const struct box_folder *f, bool *same_r, struct err *e)
{
	struct session_folder open;
	if (session_selected(b->dst, session_select(b->dst, f->row.dst_name, true), &open, e) != 0)
		return -1;
	*same_r = open.uidvalidity == f->row.dst_uidvalidity;
	return 0;
}

static int look(struct look *l, struct ledger_cursor *c, struct err *e)
{
	const struct ledger_message *row;
	size_t at_most = session_at_most(l->box->dst, AT_ONCE);
	bool opened = false;
	bool same = true;
	int rc;
	while (same && (rc = ledger_cursor_next(c, &row, e)) == 1) {
		if (!opened && merged_open_target(l->box, l->folder, &same, e) != 0)
			return -1;
		opened = true;
		take(l, row);
		if (same && l->n == at_most && judge(l, e) != 0)
			return -1;
	}
	/* Another folder by now: the next pass matches all of it anew. */
	return !same ? 0 : rc < 0 ? -1 : judge(l, e);
}

bool merged_is_possible(const struct box *b)
{
	return (b->dst->preset->flags & PRESET_ONE_PER_MESSAGE_ID) != 0 && !match_by_headers(b);
}

int merged_look(struct box *b, const struct box_folder *f, struct err *e)
{
	if (!merged_is_possible(b))
		return 0;
	struct look *l = mem_alloc(sizeof(*l));
	struct ledger_cursor *c = ledger_cursor_new(b->opts->store, f->row.id, b->row.pass,
						    LEDGER_KEPT_NO_MORE);
	l->box = b;
	l->folder = f;
	int rc = look(l, c, e);
	ledger_cursor_free(c);
	free(l);
	return rc == 0 ? 0 : err_wrap(e, "looking at what '%s' was merged with", f->row.dst_name);
}
