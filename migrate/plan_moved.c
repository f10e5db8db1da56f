/*
 * A folder that was renamed since the last pass is known again: by its UIDVALIDITY, which a folder
 * keeps under its new name (RFC 9051 §6.3.6 moves the messages with their UIDs), and by the dates
 * of the newest messages that the ledger has of it, each at its UID. Both must speak for it, and
 * nothing against it: no other folder of that side has the same UIDVALIDITY, UIDNEXT did not go
 * back, and no message there has another date. Else the folder is a new one, and all of it is
 * copied: a second copy is seen, a message that is taken for copied is not.
 */
#include <string.h>

#include "migrate/dates.h"
#include "migrate/imap/date.h"
#include "migrate/plan_priv.h"
#include "migrate/special.h"

/* What the ledger has of a folder, and what another folder says to it. */
struct likeness {
	struct ledger_placed_list placed;
	bool at_src;
	size_t same, other; /* messages with the same date and with another one */
};

static int on_date(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct likeness *l = ctx;
	struct imap_date had;
	struct imap_date has;
	(void)e;
	if (ev->kind != IMAP_EV_FETCH || !ev->fetch.has_date ||
	    !imap_date_parse(ev->fetch.date, &has))
		return 0;
	for (size_t i = 0; i < l->placed.n; i++) {
		const struct ledger_placed *row = &l->placed.rows[i];
		if ((l->at_src ? row->uid : row->dst_uid) != ev->fetch.uid ||
		    !imap_date_parse(slice_str(row->date), &had))
			continue;
		*(had.utc_s == has.utc_s ? &l->same : &l->other) += 1;
	}
	return 0;
}

/* One flight. A folder that cannot be opened is not taken for another. */
static int compare(struct box *b, const struct listed *there, struct likeness *l, struct err *e)
{
	struct session *s = l->at_src ? b->src : b->dst;
	const struct conn_call call = { on_date, l };
	struct session_folder open;
	struct conn_answer answer;
	uint32_t open_tag = session_select(s, there->name, true);
	uint32_t fetch_tag = dates_ask(s, &l->placed, l->at_src);
	int rc = session_selected(s, open_tag, &open, e);
	if (rc != 0 && e->kind != ERR_ITEM)
		return -1;
	bool same = rc == 0 && open.uidvalidity == there->uidvalidity;
	err_clear(e);
	return conn_wait(s->conn, fetch_tag, same ? &call : NULL, &answer, e);
}

/* 1: what is there is what the ledger knows as `row`; 0; -1. */
static int is_that(struct planner *p, const struct ledger_folder *row, const struct listed *there,
		   bool at_src, struct err *e)
{
	struct box *b = p->box;
	struct likeness l = { .at_src = at_src };
	if (ledger_last_placed(b->opts->store, row->id, &l.placed, b->arena, e) != 0)
		return -1;
	if (l.placed.n == 0)
		return 0;
	if (compare(b, there, &l, e) != 0)
		return err_wrap(e, "looking whether '%s' was renamed", row->shown);
	return l.same > 0 && l.other == 0;
}

/* The only one of its side with that UIDVALIDITY; NULL: there is none, or several, where it says
 * nothing. */
static const struct listed *only_one(const struct listing *l, int64_t uidvalidity)
{
	const struct listed *found = NULL;
	for (size_t i = 0; i < l->n; i++) {
		if (l->at[i].noselect || l->at[i].uidvalidity != uidvalidity)
			continue;
		if (found != NULL)
			return NULL;
		found = &l->at[i];
	}
	return found;
}

/* -- at the source -- */

/* Of its messages nothing is believed: all of it is read again, and each whose date is another one
 * is another message (scan_other.h). */
static void take_new_name(struct planner *p, struct ledger_folder *row, const struct listed *there)
{
	struct arena *a = p->box->arena;
	const char *name = naming_shown(&p->naming, there);
	const char *why = arena_printf(a, "it is called '%s' at the source now", name);
	log_info(p->box->opts->log, "%s: '%s': %s", p->box->mailbox->address, row->shown, why);
	row->src_name = there->name;
	row->settled = false;
	row->src_uidnext = row->src_modseq = row->src_messages = -1;
	plan_tell_name(p, row->shown, row->dst_name, why);
}

int plan_moved_at_src(struct planner *p, struct err *e)
{
	for (size_t i = 0; i < p->n_known; i++) {
		struct ledger_folder *row = &p->known[i];
		if (!row->present || row->src_uidvalidity < 0 ||
		    listing_find(&p->src, row->src_name) != NULL)
			continue;
		const struct listed *there = only_one(&p->src, row->src_uidvalidity);
		if (there == NULL || plan_known_folder(p, there->name) != NULL ||
		    (row->src_uidnext > 0 && there->uidnext < row->src_uidnext))
			continue;
		int rc = is_that(p, row, there, true, e);
		if (rc < 0)
			return -1;
		if (rc == 1)
			take_new_name(p, row, there);
	}
	return 0;
}

/* -- at the target -- */

/* Below a folder whose mail goes away by itself. Many programs delete a folder by moving it there:
 * what was copied would be lost with it. */
static bool is_thrown_away(const struct planner *p, const struct listed *there)
{
	for (size_t i = 0; i < p->dst.n; i++) {
		const struct listed *f = &p->dst.at[i];
		const char *use = listing_special(f);
		if (use == NULL)
			use = special_by_name(plan_shown_at_dst(p, f->name));
		size_t len = strlen(f->name);
		if (use != NULL && (str_eq(use, "\\Trash") || str_eq(use, "\\Junk")) &&
		    str_starts(there->name, f->name) &&
		    (there->name[len] == '\0' || there->name[len] == f->delimiter))
			return true;
	}
	return false;
}

/* Where the folder that is missing may be now; NULL. */
static const struct listed *moved_to(const struct planner *p, const struct box_folder *f,
				     uint32_t last)
{
	const struct ledger_folder *row = &f->row;
	if (f->exists_at_dst || row->left_out || row->dst_uidvalidity < 0 || last == 0)
		return NULL;
	const struct listed *there = only_one(&p->dst, row->dst_uidvalidity);
	if (there == NULL || plan_is_taken(p, there->name) || (int64_t)last >= there->uidnext)
		return NULL;
	return there;
}

static void follow(struct planner *p, struct box_folder *f, const struct listed *there)
{
	f->row.dst_name = there->name;
	f->exists_at_dst = true;
	f->dst_uidvalidity = there->uidvalidity;
	f->dst_uidnext = there->uidnext;
	plan_tell_name(p, f->row.shown, there->name, "it was renamed there");
}

int plan_moved_at_dst(struct planner *p, struct err *e)
{
	struct box *b = p->box;
	for (size_t i = 0; i < p->list.n && !b->opts->dry_run; i++) {
		struct box_folder *f = &p->list.at[i];
		struct ledger_last_place last = { .dst_uid = 0 };
		if (!f->exists_at_dst &&
		    ledger_last_place(b->opts->store, f->row.id, &last, e) != 0)
			return -1;
		const struct listed *there = moved_to(p, f, last.dst_uid);
		int rc = there == NULL ? 0 : is_that(p, &f->row, there, false, e);
		if (rc < 0)
			return -1;
		if (rc == 1 && is_thrown_away(p, there))
			log_warn(b->opts->log,
				 "%s: '%s' was moved to '%s' at the target, where it may be "
				 "deleted: it is made and copied anew",
				 b->mailbox->address, f->row.shown,
				 plan_shown_at_dst(p, there->name));
		else if (rc == 1)
			follow(p, f, there);
	}
	return 0;
}
