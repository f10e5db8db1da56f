/*
 * Either UIDNEXT does not lie above the last of ours, which RFC 3501 §2.3.1.1 has it always do,
 * and that message is not there; or its UID was given again since, and what lies there has another
 * date, which no message ever gets (scan_other.h). A message that is only gone was deleted by its
 * user.
 */
#include "migrate/place.h"

#include "migrate/scan_other.h"

/* Without the ledger nothing is asked; whoever needs it next will tell that it cannot be read. */
void place_ask(struct box *b, const struct box_folder *f, struct place *p_r)
{
	struct imap_pipeline *out = conn_out(b->dst->conn);
	struct err ignored;
	*p_r = (struct place){ .tag = 0 };
	if (f->row.dst_uidvalidity < 0 ||
	    ledger_last_place(b->opts->store, f->row.id, &p_r->last, &ignored) != 0 ||
	    p_r->last.dst_uid == 0)
		return;
	p_r->tag = imap_begin(out);
	imap_addf(out, "UID FETCH %u (UID INTERNALDATE)", p_r->last.dst_uid);
	imap_end(out);
}

static int on_place(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct place *p = ctx;
	(void)e;
	if (ev->kind != IMAP_EV_FETCH || ev->fetch.uid != p->last.dst_uid)
		return 0;
	const struct ledger_message ours = { .uid = ev->fetch.uid, .date = p->last.date };
	p->there = true;
	p->other |= scan_is_other(&ours, &ev->fetch, true);
	return 0;
}

int place_take(struct box *b, const struct box_folder *f, struct place *p, const char **why_r,
	       struct err *e)
{
	struct conn_answer answer;
	*why_r = NULL;
	if (p->tag == 0)
		return 0;
	if (conn_wait(b->dst->conn, p->tag, &(struct conn_call){ on_place, p }, &answer, e) != 0)
		return -1;
	if (answer.cond != IMAP_OK || f->row.dst_uidvalidity != f->dst_open.uidvalidity)
		return 0;
	if (p->other)
		*why_r = "another message has the place of one of ours in";
	else if (!p->there && f->dst_open.uidnext > 0 &&
		 (int64_t)p->last.dst_uid >= f->dst_open.uidnext)
		*why_r = "UIDNEXT went back in";
	return 0;
}

int place_skip(struct box *b, const struct place *p, struct err *e)
{
	struct conn_answer answer;
	return p->tag == 0 ? 0 : conn_wait(b->dst->conn, p->tag, NULL, &answer, e);
}
