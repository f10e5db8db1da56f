/*
 * All of one pair of folders: open both, scan, match, copy, carry flags, settle.
 *
 * What each part leaves in the ledger is all that the next one knows: a kill between any two of
 * them is met by doing the whole again. UIDVALIDITY is looked at before anything else, for every
 * UID of the ledger rests on it, at both sides; it is written down before the first copy. Both
 * sides' answers are read in the order in which they were asked for, whatever fails: an answer
 * that was left behind would be taken for the next folder's.
 */
#include "base/hook.h"
#include "migrate/ahead.h"
#include "migrate/carry.h"
#include "migrate/lane.h"
#include "migrate/match.h"
#include "migrate/merged.h"
#include "migrate/place.h"
#include "migrate/scan.h"

/* Both are opened at once, and the scan is asked for in the same flight. */
static int open_both(struct box *b, struct box_folder *f, struct ahead *o, struct err *e)
{
	struct err ignored;
	ahead_open(b, f, o);
	if (conn_flush(b->src->conn, e) < 0 || conn_flush(b->dst->conn, e) < 0)
		return -1;
	if (session_selected(b->src, o->src_tag, &f->src_open, e) != 0) {
		/* Their answers would be taken for the next folder's. */
		(void)scan_skip(b, &o->scan, &ignored);
		(void)session_selected(b->dst, o->dst_tag, &f->dst_open, &ignored);
		(void)place_skip(b, &o->place, &ignored);
		return err_wrap(e, "opening '%s' at the source", f->row.shown);
	}
	if (session_selected(b->dst, o->dst_tag, &f->dst_open, e) != 0) {
		(void)scan_skip(b, &o->scan, &ignored);
		(void)place_skip(b, &o->place, &ignored);
		return err_wrap(e, "opening '%s' at the target", f->row.dst_name);
	}
	return 0;
}

/* New UIDs for old mail: matched by hash from the first UID on, or all would be copied twice
 * (RFC 3501 §2.3.1.1). */
static int source_changed(struct box *b, struct box_folder *f, const struct scan *scan,
			  struct err *e)
{
	struct ledger_folder *row = &f->row;
	if (row->src_uidvalidity == f->src_open.uidvalidity)
		return 0;
	if (scan->changes_only)
		return err_set(e, ERR_RETRY, "'%s' changed at the source while it was opened",
			       row->shown);
	if (row->src_uidvalidity >= 0) {
		log_warn(b->opts->log, "%s: UIDVALIDITY of '%s' changed at the source",
			 b->mailbox->address, row->shown);
		row->match_from = 1;
		if (ledger_folder_forget_src(b->opts->store, row->id, e) != 0)
			return -1;
	}
	row->src_uidvalidity = f->src_open.uidvalidity;
	row->src_uidnext = row->src_modseq = row->src_messages = -1;
	return 0;
}

/* `put_back`: what speaks for that it has not what it acknowledged; NULL. */
static int target_changed(struct box *b, struct box_folder *f, const char *put_back, struct err *e)
{
	struct ledger_folder *row = &f->row;
	if (row->dst_uidvalidity == f->dst_open.uidvalidity && put_back == NULL)
		return 0;
	if (row->dst_uidvalidity >= 0) {
		log_warn(b->opts->log, "%s: %s '%s' at the target: all of it is looked through",
			 b->mailbox->address,
			 put_back != NULL ? put_back : "UIDVALIDITY changed in", row->shown);
		if (ledger_folder_forget_dst(b->opts->store, row->id, e) != 0)
			return -1;
	}
	row->dst_uidvalidity = f->dst_open.uidvalidity;
	/* What lies there may be ours, from a run whose ledger is lost. */
	row->match_from = f->dst_open.exists == 0 ? 0 : 1;
	return 0;
}

/* Durable before anything is copied: what is to be matched must be known after a crash. */
static int check_validity(struct box *b, struct box_folder *f, struct ahead *opened, struct err *e)
{
	struct store *s = b->opts->store;
	const char *put_back;
	f->row.settled = false;
	if (place_take(b, f, &opened->place, &put_back, e) != 0 || ledger_begin(s, e) != 0)
		return -1;
	if (source_changed(b, f, &opened->scan, e) != 0 || target_changed(b, f, put_back, e) != 0 ||
	    ledger_folder_put(s, b->row.id, &f->row, e) != 0) {
		ledger_rollback(s);
		return -1;
	}
	return ledger_commit(s, e);
}

/* Settled means that an unchanged listing is enough next time: only when nothing is open. */
static int settle(struct box *b, struct box_folder *f, struct err *e)
{
	struct ledger_open open;
	if (ledger_open_of(b->opts->store, f->row.id, &open, e) != 0)
		return -1;
	f->row.settled = !open.messages && !open.flags;
	f->row.src_uidnext = f->src_open.uidnext;
	f->row.src_messages = f->row.count_fetch;
	/* What was listed before the scan: changes since then are seen again, not missed. */
	f->row.src_modseq = f->src->modseq;
	if (f->row.dst_uidnext < f->dst_open.uidnext)
		f->row.dst_uidnext = f->dst_open.uidnext;
	return ledger_folder_put(b->opts->store, b->row.id, &f->row, e);
}

/* Dovecot stores a third more messages a second in a folder that is not the selected one.
 * The answer is of no interest: the lane passes over it. */
static int leave_target(struct box *b, struct box_folder *f, struct err *e)
{
	struct ledger_open open;
	if (ledger_open_of(b->opts->store, f->row.id, &open, e) != 0)
		return -1;
	f->filled = open.messages;
	f->looks_ahead = !open.flags && (b->dst->caps & CAP_UIDPLUS) != 0;
	f->dst_left = (b->dst->caps & CAP_UNSELECT) != 0 && f->filled;
	if (f->dst_left)
		(void)imap_command(conn_out(b->dst->conn), "UNSELECT");
	return 0;
}

/* Selected again, it must still be the same folder: places found in another one would be
 * wrong. */
static int return_to_target(struct box *b, struct box_folder *f, struct err *e)
{
	int64_t uidvalidity = f->dst_open.uidvalidity;
	if (!f->dst_left)
		return 0;
	f->dst_left = false;
	if (session_selected(b->dst, session_select(b->dst, f->row.dst_name, false), &f->dst_open,
			     e) != 0)
		return err_wrap(e, "opening '%s' at the target again", f->row.dst_name);
	if (f->dst_open.uidvalidity != uidvalidity)
		return err_set(e, ERR_RETRY, "'%s' changed at the target while it was filled",
			       f->row.dst_name);
	return 0;
}

/* What is left when all is copied: without APPENDUID the places of the messages are to be
 * found, and flags that changed are to be carried. Mostly there is nothing. */
static int finish_target(struct box *b, struct box_folder *f, struct err *e)
{
	struct ledger_unresolved u;
	struct ledger_open open;
	if (ledger_unresolved(b->opts->store, f->row.id, &u, e) != 0 ||
	    ledger_open_of(b->opts->store, f->row.id, &open, e) != 0)
		return -1;
	if (u.from == 0 && !open.flags)
		return 0;
	if (ahead_take_back(b, f, e) != 0 || return_to_target(b, f, e) != 0 ||
	    match_run(b, f, e) != 0)
		return -1;
	return carry_flags(b, f, e);
}

/* Nor is it passed over by its listing: what keeps it back may be over the next time. */
int box_folder_unread(struct box *b, struct box_folder *f, struct err *e)
{
	struct ledger_folder *row = &f->row;
	if (f->counted || b->opts->dry_run)
		return 0;
	row->count_status = row->count_exists = row->count_search = row->count_fetch = -1;
	row->settled = false;
	return ledger_folder_put(b->opts->store, b->row.id, row, e);
}

/* Order is important: what is there is matched before anything is copied, flags come after the
 * copies they belong to. */
int box_folder_run(struct box *b, struct box_folder *f, struct err *e)
{
	struct ahead opened;
	hook_point("folder-open");
	if (open_both(b, f, &opened, e) != 0)
		return -1;
	if (check_validity(b, f, &opened, e) != 0)
		return -1;
	if (scan_run(b, f, &opened.scan, e) != 0)
		return -1;
	f->counted = true;
	hook_point("folder-scanned");
	if (match_run(b, f, e) != 0 || merged_stand(b, f, e) != 0 || leave_target(b, f, e) != 0 ||
	    lane_run(b, f, e) != 0)
		return -1;
	if (finish_target(b, f, e) != 0 || settle(b, f, e) != 0)
		return -1;
	hook_point("folder-done");
	return 0;
}
