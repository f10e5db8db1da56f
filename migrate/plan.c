/*
 * Both sides' folders are listed, those of the source are paired with those of the target
 * (plan_pair.c; plan_moved.c: also when one was renamed since), what is missing is made
 * (plan_make.c), and the pairs are kept in the ledger.
 */
#include "base/hook.h"
#include "migrate/plan_priv.h"
#include "migrate/quiet.h"

/* One that was told another name in this pass has that one; without a detail, it has none. */
static int save_renamed(struct planner *p, struct err *e)
{
	struct store *s = p->box->opts->store;
	for (size_t i = 0; i < p->renamed.n; i++)
		if (ledger_notes_drop(s, &p->renamed.at[i], e) != 0 ||
		    (p->renamed.at[i].detail != NULL &&
		     ledger_note_add(s, &p->renamed.at[i], e) != 0))
			return -1;
	return 0;
}

/* Folders that were copied once and are gone at the source now keep their rows. */
int plan_save(struct planner *p, struct err *e)
{
	struct store *s = p->box->opts->store;
	if (ledger_begin(s, e) != 0)
		return -1;
	int rc = 0;
	for (size_t i = 0; i < p->n_known && rc == 0; i++) {
		p->known[i].present = false;
		rc = ledger_folder_put(s, p->box->row.id, &p->known[i], e);
	}
	for (size_t i = 0; i < p->list.n && rc == 0; i++)
		rc = ledger_folder_put(s, p->box->row.id, &p->list.at[i].row, e);
	if (rc == 0)
		rc = save_renamed(p, e);
	if (rc != 0) {
		ledger_rollback(s);
		return -1;
	}
	return ledger_commit(s, e);
}

/* Both at once. Sizes are asked of the source only: the forecast needs them, the target's mean
 * nothing. */
static int list_both(struct planner *p, struct err *e)
{
	struct box *b = p->box;
	const struct listing_opts src = { .sizes = true,
					  .root = b->mailbox->src.root,
					  .some = true };
	const struct listing_opts dst = { .root = b->mailbox->dst.root };
	const struct listing_asked at_src = listing_ask(b->src, b->arena, &src);
	const struct listing_asked at_dst = listing_ask(b->dst, b->arena, &dst);
	if (conn_flush(b->dst->conn, e) < 0 || listing_take(&at_src, &p->src, e) != 0 ||
	    listing_take(&at_dst, &p->dst, e) != 0)
		return -1;
	return ledger_folders(b->opts->store, b->arena, b->row.id, &p->known, &p->n_known, e);
}

/* Somebody was here before this ledger knew the folder: it holds mail, or it has a name
 * that only a run like ours would make. */
static bool is_foreign(const struct planner *p, const struct box_folder *f)
{
	const struct listed *there = listing_find(&p->dst, f->row.dst_name);
	if (f->row.dst_uidvalidity >= 0 || there == NULL)
		return false;
	return there->messages > 0 ||
	       (!imap_name_is_inbox(slice_str(there->name)) && listing_special(there) == NULL);
}

/* A ledger that was lost cannot tell what is on its way still. Once for a pass: a
 * session fills one folder after the other, so all of it is quiet, or none. */
static int await_others(struct planner *p, struct err *e)
{
	bool foreign = false;
	for (size_t i = 0; i < p->list.n; i++)
		foreign |= is_foreign(p, &p->list.at[i]);
	if (foreign && !p->box->quiet && quiet_await_listing(p->box, &p->dst, e) != 0)
		return -1;
	p->box->quiet = true;
	return 0;
}

/* What is left out of the listing is told: nothing stays behind in silence. */
static void tell_left_out(struct planner *p)
{
	const struct listing *l = &p->src;
	struct log *log = p->box->opts->log;
	const char *who = p->box->mailbox->address;
	if (l->foreign > 0)
		log_info(log,
			 "%s: %zu folders of other namespaces (shared, other users') are not "
			 "this mailbox's and stay",
			 who, l->foreign);
	if (l->views > 0)
		log_info(log, "%s: %zu folders only show messages of the others and need no copy",
			 who, l->views);
	if (l->unnamed > 0) {
		struct err e;
		err_set(&e, ERR_MAILBOX, "the source lists %zu folders without a name", l->unnamed);
		log_warn(log, "%s: %s", who, e.text);
		box_trouble(p->box, &e);
	}
}

static void naming_init(struct planner *p)
{
	struct box *b = p->box;
	p->naming = (struct naming){ .arena = b->arena,
				     .src = &b->src->style,
				     .dst = &b->dst->style,
				     .src_preset = b->src->preset,
				     .dst_preset = b->dst->preset,
				     .at_dst = &p->dst,
				     .rules = b->opts->folder_rules };
}

int box_plan(struct box *b, struct err *e)
{
	struct planner p = { .box = b };
	if (list_both(&p, e) != 0)
		return -1;
	naming_init(&p);
	tell_left_out(&p);
	if (plan_moved_at_src(&p, e) != 0)
		return -1;
	plan_pair_all(&p);
	if (plan_moved_at_dst(&p, e) != 0 || plan_tell_vanished(&p, e) != 0)
		return -1;
	if (!b->opts->dry_run && await_others(&p, e) != 0)
		return -1;
	hook_point("folders-planned");
	if (plan_save(&p, e) != 0)
		return -1;
	if (!b->opts->dry_run &&
	    (plan_make_folders(&p, e) != 0 || plan_subscribe(&p, e) != 0 || plan_save(&p, e) != 0))
		return -1;
	b->folders = p.list.at;
	b->n_folders = p.list.n;
	return 0;
}
