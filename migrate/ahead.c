/*
 * A folder that was taken is this lane's whatever comes: taken back, it is opened in its turn.
 */
#include "migrate/ahead.h"

#include "migrate/place.h"

static void open_now(struct box *b, struct box_folder *f, struct ahead *a)
{
	a->src_tag = session_select(b->src, f->row.src_name, true);
	scan_send(b, f, &a->scan);
	a->dst_tag = session_select(b->dst, f->row.dst_name, false);
	place_ask(b, f, &a->place);
	a->begun = true;
}

void ahead_begin(struct box *b, struct box_folder *present)
{
	struct ahead *a = &b->ahead;
	if (a->begun || b->take == NULL)
		return;
	if (a->folder == NULL)
		a->folder = b->take(b->take_ctx);
	if (a->folder == NULL)
		return;
	open_now(b, a->folder, a);
	present->dst_left = true;
}

bool ahead_is_begun(const struct box *b)
{
	return b->ahead.begun;
}

/* The same folder still, or the UIDs that the ledger has mean other messages. */
int ahead_return_to_source(struct box *b, const struct box_folder *f, struct err *e)
{
	struct session_folder open;
	if (session_selected(b->src, session_select(b->src, f->row.src_name, true), &open, e) != 0)
		return err_wrap(e, "opening '%s' at the source again", f->row.shown);
	if (open.uidvalidity != f->row.src_uidvalidity)
		return err_set(e, ERR_RETRY, "'%s' changed at the source while it was read",
			       f->row.shown);
	return 0;
}

/* What the answers say is asked again in its turn, so a refusal is told then. */
int ahead_take_back(struct box *b, struct box_folder *present, struct err *e)
{
	struct ahead *a = &b->ahead;
	struct conn_answer answer;
	if (!a->begun)
		return 0;
	a->begun = false;
	if (conn_wait(b->src->conn, a->src_tag, NULL, &answer, e) != 0 ||
	    scan_skip(b, &a->scan, e) != 0 ||
	    conn_wait(b->dst->conn, a->dst_tag, NULL, &answer, e) != 0 ||
	    place_skip(b, &a->place, e) != 0)
		return -1;
	return ahead_return_to_source(b, present, e);
}

struct box_folder *ahead_next(struct box *b)
{
	struct box_folder *f = b->ahead.folder;
	if (f == NULL)
		return b->take(b->take_ctx);
	if (!b->ahead.begun)
		b->ahead.folder = NULL;
	return f;
}

void ahead_open(struct box *b, struct box_folder *f, struct ahead *opening_r)
{
	struct ahead *a = &b->ahead;
	if (a->begun && a->folder == f)
		*opening_r = *a;
	else
		open_now(b, f, opening_r);
	*a = (struct ahead){ .folder = NULL };
}
