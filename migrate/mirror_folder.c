/*
 * One pair of folders. Both sides are asked once more just before: a message that is at the source
 * after all, or that its new owner has touched, stays. The intent is durable before the MOVE, and
 * what became of it the target itself says: what is not in the folder any more has gone. So a
 * killed run and a MOVE that was refused halfway are the same case.
 */
#include "base/hook.h"
#include "migrate/imap/flags.h"
#include "migrate/imap/uidset.h"
#include "migrate/mirror_priv.h"
#include "migrate/refusal.h"

/* A page of rows with what both sides say of them. */
struct page {
	struct mirror *m;
	struct box_folder *f;
	const struct ledger_gone *rows[MIRROR_PAGE]; /* by rising UID of the source */
	struct mirror_look looks[MIRROR_PAGE];
	size_t n;
};

/* -- commands about sets of UIDs -- */

/* Target UIDs need not rise with the source's, and a set wants them rising. */
static void add_sorted(struct imap_uidset *set, const uint32_t *uids, size_t n)
{
	uint32_t last = 0;
	for (size_t done = 0; done < n; done++) {
		uint32_t least = UINT32_MAX;
		for (size_t i = 0; i < n; i++)
			if (uids[i] > last && uids[i] < least)
				least = uids[i];
		if (least == UINT32_MAX)
			return;
		imap_uidset_add(set, least);
		last = least;
	}
}

static uint32_t say_about(struct session *s, const char *verb, const uint32_t *uids, size_t n)
{
	struct imap_pipeline *out = conn_out(s->conn);
	struct imap_uidset set;
	imap_uidset_init(&set);
	add_sorted(&set, uids, n);
	uint32_t tag = imap_begin(out);
	imap_add(out, verb);
	imap_add_slice(out, imap_uidset_text(&set));
	imap_uidset_release(&set);
	return tag;
}

static uint32_t ask_fetch(struct session *s, const uint32_t *uids, size_t n)
{
	uint32_t tag = say_about(s, "UID FETCH ", uids, n);
	imap_add(conn_out(s->conn), " (UID FLAGS RFC822.SIZE)");
	imap_end(conn_out(s->conn));
	return tag;
}

/* -- what both sides say -- */

static int on_source(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct page *p = ctx;
	(void)e;
	for (size_t i = 0; ev->kind == IMAP_EV_FETCH && i < p->n; i++)
		if (p->rows[i]->uid == ev->fetch.uid)
			p->looks[i].at_src = true;
	return 0;
}

/* What the target was given of the row's flags is what it took of them. EXAMINE, for a dry run,
 * says that none can be changed (RFC 3501 §6.3.2). */
static bool are_as_set(const struct page *p, const char *flags, struct slice told)
{
	const struct session_folder *open = &p->f->dst_open;
	struct slice permanent = { NULL, 0 };
	struct buf set;
	struct buf there;
	if (open->has_permanent && !p->m->box->opts->dry_run)
		permanent = slice_str(open->permanent);
	buf_init(&set);
	buf_init(&there);
	(void)imap_flags_permitted(&set, slice_str(flags), permanent);
	imap_flags_canonical(&there, told);
	bool same = imap_flags_equal(buf_slice(&set), buf_slice(&there));
	buf_release(&set);
	buf_release(&there);
	return same;
}

/* Where sizes are estimated, or messages written anew or altered on wish, a size says nothing. */
static bool is_of_size(const struct page *p, const struct ledger_gone *row, uint64_t told)
{
	const unsigned inexact = PRESET_SIZES_ESTIMATED | PRESET_REWRITES;
	return (p->m->box->dst->preset->flags & inexact) != 0 || row->altered || told == row->size;
}

static int on_target(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct page *p = ctx;
	(void)e;
	for (size_t i = 0; ev->kind == IMAP_EV_FETCH && i < p->n; i++) {
		struct mirror_look *look = &p->looks[i];
		if (p->rows[i]->dst_uid != ev->fetch.uid)
			continue;
		look->at_dst = true;
		look->same_size = is_of_size(p, p->rows[i], ev->fetch.size);
		look->same_flags = ev->fetch.has_flags &&
				   are_as_set(p, p->rows[i]->flags, ev->fetch.flags);
	}
	return 0;
}

/* Both at once. */
static int look(struct page *p, struct err *e)
{
	uint32_t src[MIRROR_PAGE];
	uint32_t dst[MIRROR_PAGE];
	struct box *b = p->m->box;
	const struct conn_call from_src = { on_source, p };
	const struct conn_call from_dst = { on_target, p };
	for (size_t i = 0; i < p->n; i++) {
		p->looks[i] = (struct mirror_look){ .at_src = false };
		src[i] = p->rows[i]->uid;
		dst[i] = p->rows[i]->dst_uid;
	}
	uint32_t src_tag = ask_fetch(b->src, src, p->n);
	uint32_t dst_tag = ask_fetch(b->dst, dst, p->n);
	if (conn_flush(b->src->conn, e) < 0 ||
	    conn_expect_ok(b->dst->conn, dst_tag, &from_dst, e) != 0)
		return -1;
	return conn_expect_ok(b->src->conn, src_tag, &from_src, e);
}

/* -- taking away -- */

struct still {
	const uint32_t *uids;
	size_t n;
	bool there[MIRROR_PAGE];
};

static int on_still(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct still *s = ctx;
	(void)e;
	for (size_t i = 0; ev->kind == IMAP_EV_FETCH && i < s->n; i++)
		if (s->uids[i] == ev->fetch.uid)
			s->there[i] = true;
	return 0;
}

/* Asks the target what is there still, and writes that down. */
static int settle(struct mirror *m, const struct box_folder *f, const uint32_t *uids, size_t n,
		  struct err *e)
{
	struct box *b = m->box;
	struct still still = { uids, n, { false } };
	const struct conn_call call = { on_still, &still };
	struct ledger_removal r = { .folder_id = f->row.id,
				    .dst_uidvalidity = f->row.dst_uidvalidity,
				    .at_ms = clock_now_ms(b->opts->clock) };
	if (conn_expect_ok(b->dst->conn, ask_fetch(b->dst, uids, n), &call, e) != 0 ||
	    ledger_begin(b->opts->store, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		r.dst_uid = uids[i];
		if (ledger_removal_end(b->opts->store, &r, !still.there[i], e) != 0) {
			ledger_rollback(b->opts->store);
			return -1;
		}
	}
	if (ledger_commit(b->opts->store, e) != 0)
		return -1;
	b->progress += n;
	hook_point("mirror-recorded");
	return 0;
}

static int settle_open(struct mirror *m, const struct box_folder *f, struct ledger_intended *open,
		       struct err *e)
{
	while (open->n > 0)
		if (settle(m, f, open->dst_uids, open->n, e) != 0 ||
		    ledger_removals_open(m->box->opts->store, f->row.id, f->row.dst_uidvalidity,
					 open, e) != 0)
			return -1;
	return 0;
}

/* That it is there already is as good. Not subscribed: it is a user's matter only when something
 * is missed. */
static int make_folder(struct mirror *m, struct err *e)
{
	struct conn *c = m->box->dst->conn;
	struct imap_pipeline *out = conn_out(c);
	struct conn_answer answer;
	if (m->made)
		return 0;
	uint32_t tag = imap_begin(out);
	imap_add(out, "CREATE ");
	imap_add_mailbox(out, slice_str(m->to));
	imap_end(out);
	if (conn_wait(c, tag, NULL, &answer, e) != 0)
		return -1;
	m->made = answer.cond == IMAP_OK || refusal_says_exists(&answer);
	if (m->made)
		return 0;
	(void)conn_refusal(c, &answer, e);
	return err_wrap(e, "making the folder '%s'", MIRROR_FOLDER);
}

static int intend(struct page *p, const enum mirror_verdict *verdicts, struct err *e)
{
	struct box *b = p->m->box;
	struct ledger_removal r = { .mailbox_id = b->row.id,
				    .folder_id = p->f->row.id,
				    .src_uidvalidity = p->f->row.src_uidvalidity,
				    .dst_uidvalidity = p->f->row.dst_uidvalidity,
				    .at_ms = clock_now_ms(b->opts->clock) };
	if (ledger_begin_durable(b->opts->store, e) != 0)
		return -1;
	for (size_t i = 0; i < p->n; i++) {
		r.uid = p->rows[i]->uid;
		r.dst_uid = p->rows[i]->dst_uid;
		r.moved = verdicts[i] == MIRROR_MOVED;
		if (mirror_may_go(verdicts[i]) &&
		    ledger_removal_intend(b->opts->store, &r, e) != 0) {
			ledger_rollback(b->opts->store);
			return -1;
		}
	}
	return ledger_commit(b->opts->store, e);
}

/* A refusal is told after the ledger knows what became of each. */
static int take_away(struct page *p, const enum mirror_verdict *verdicts, struct err *e)
{
	uint32_t uids[MIRROR_PAGE];
	size_t n = 0;
	struct conn_answer answer;
	struct session *dst = p->m->box->dst;
	for (size_t i = 0; i < p->n; i++)
		if (mirror_may_go(verdicts[i]))
			uids[n++] = p->rows[i]->dst_uid;
	if (n == 0 || p->m->box->opts->dry_run)
		return 0;
	if (make_folder(p->m, e) != 0 || intend(p, verdicts, e) != 0)
		return -1;
	hook_point("mirror-intent");
	uint32_t tag = say_about(dst, "UID MOVE ", uids, n);
	imap_add(conn_out(dst->conn), " ");
	imap_add_mailbox(conn_out(dst->conn), slice_str(p->m->to));
	imap_end(conn_out(dst->conn));
	if (conn_wait(dst->conn, tag, NULL, &answer, e) != 0)
		return -1;
	hook_point("mirror-moved");
	if (settle(p->m, p->f, uids, n, e) != 0)
		return -1;
	return answer.cond == IMAP_OK ? 0 : conn_refusal(dst->conn, &answer, e);
}

/* -- the folder -- */

/* What the ledger speaks against is counted and goes no further. */
static void choose(struct page *p, const struct ledger_gone_list *list, struct mirror_tally *t)
{
	p->n = 0;
	for (size_t i = 0; i < list->n; i++) {
		enum mirror_verdict v = mirror_judge(&list->rows[i], NULL);
		if (mirror_may_go(v))
			p->rows[p->n++] = &list->rows[i];
		else
			t->n[v]++;
	}
}

static int run_page(struct page *p, const struct ledger_gone_list *list, struct mirror_tally *t,
		    struct err *e)
{
	enum mirror_verdict verdicts[MIRROR_PAGE];
	choose(p, list, t);
	if (p->n == 0)
		return 0;
	if (box_check(p->m->box, e) != 0 || look(p, e) != 0)
		return -1;
	for (size_t i = 0; i < p->n; i++) {
		verdicts[i] = mirror_judge(p->rows[i], &p->looks[i]);
		t->n[verdicts[i]]++;
	}
	return take_away(p, verdicts, e);
}

static int run_pages(struct mirror *m, struct box_folder *f, struct mirror_tally *t, struct err *e)
{
	struct page p = { .m = m, .f = f };
	struct ledger_gone_list list = { .max = session_at_most(m->box->dst, MIRROR_PAGE) };
	if (list.max > session_at_most(m->box->src, MIRROR_PAGE))
		list.max = session_at_most(m->box->src, MIRROR_PAGE);
	do {
		struct arena *a = arena_new();
		int rc = ledger_gone_next(m->box->opts->store, a, f->row.id, &list, e);
		if (rc == 0)
			rc = run_page(&p, &list, t, e);
		arena_free(a);
		if (rc != 0)
			return -1;
	} while (list.n > 0);
	return 0;
}

/* In a dry run the target, too, is only read. */
static int open_both(struct mirror *m, struct box_folder *f, bool *same_r, struct err *e)
{
	struct box *b = m->box;
	struct session_folder src;
	uint32_t src_tag = session_select(b->src, f->row.src_name, true);
	uint32_t dst_tag = session_select(b->dst, f->row.dst_name, b->opts->dry_run);
	if (conn_flush(b->src->conn, e) < 0 ||
	    session_selected(b->dst, dst_tag, &f->dst_open, e) != 0 ||
	    session_selected(b->src, src_tag, &src, e) != 0)
		return -1;
	*same_r = src.uidvalidity == f->row.src_uidvalidity &&
		  f->dst_open.uidvalidity == f->row.dst_uidvalidity;
	return 0;
}

int mirror_settle(struct mirror *m, struct box_folder *f, struct err *e)
{
	struct ledger_intended open;
	struct session_folder dst;
	struct session *s = m->box->dst;
	if (ledger_removals_open(m->box->opts->store, f->row.id, f->row.dst_uidvalidity, &open,
				 e) != 0)
		return -1;
	if (open.n == 0)
		return 0;
	if (session_selected(s, session_select(s, f->row.dst_name, true), &dst, e) != 0)
		return -1;
	return dst.uidvalidity == f->row.dst_uidvalidity ? settle_open(m, f, &open, e) : 0;
}

int mirror_folder(struct mirror *m, struct box_folder *f, struct mirror_tally *t_r, struct err *e)
{
	bool same = false;
	const struct mirror_tally planned = *t_r;
	if (open_both(m, f, &same, e) != 0)
		return -1;
	*t_r = (struct mirror_tally){ .copied = planned.copied };
	if (!same) {
		for (size_t i = 0; i < MIRROR_VERDICTS; i++)
			t_r->n[MIRROR_KEEP_UNREADABLE] += planned.n[i];
		return 0;
	}
	return run_pages(m, f, t_r, e);
}
