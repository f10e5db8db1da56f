/*
 * A group of messages that was refused is stored whole or not at all (RFC 3502 §6.3.11): so it is
 * written. There are servers that take one message after the other and say NO to the first that
 * they do not like, and what went before it stays. So the refused are in flight until the target's
 * UIDNEXT has told that nothing of them is there; when it lies higher than what is known explains,
 * all are looked for, by a new attempt, which says one message at a time. The same for a gap before
 * the UIDs of a later group: a server that was killed while it stored a group finds its messages
 * when it mends its index, after it has refused the group for that very reason.
 */
#include "migrate/ahead.h"
#include "migrate/lane_priv.h"

static int on_status(void *ctx, const struct imap_event *ev, struct err *e)
{
	(void)e;
	if (ev->kind == IMAP_EV_FOLDER_STATUS)
		*(int64_t *)ctx = ev->folder.uidnext;
	return 0;
}

/* -1 in *uidnext_r: not told. */
static int ask_uidnext(struct lane *l, int64_t *uidnext_r, struct err *e)
{
	struct imap_pipeline *out = conn_out(l->dst);
	const struct conn_call call = { on_status, uidnext_r };
	struct conn_answer answer;
	*uidnext_r = -1;
	uint32_t tag = imap_begin(out);
	imap_add(out, "STATUS ");
	imap_add_mailbox(out, slice_str(l->folder->row.dst_name));
	imap_add(out, " (UIDNEXT)");
	imap_end(out);
	return conn_wait(l->dst, tag, &call, &answer, e);
}

int lane_doubt_end(struct lane *l, struct err *e)
{
	int64_t uidnext;
	if (!l->doubtful)
		return 0;
	/* What is said of a folder that was opened ahead would be lost among the answers. */
	if (ahead_take_back(l->box, l->folder, e) != 0 || ask_uidnext(l, &uidnext, e) != 0)
		return -1;
	if (uidnext >= 0 && uidnext <= l->dst_uidnext && !l->unexplained) {
		l->doubtful = l->refused_group = false;
		return ledger_flight_over(l->box->opts->store, l->folder->row.id, e);
	}
	l->box->no_groups = true;
	l->box->progress++;
	return err_set(e, ERR_RETRY,
		       "%s may have stored a part of what it refused: it is looked for, and one "
		       "message at a time is said now",
		       conn_name(l->dst));
}
