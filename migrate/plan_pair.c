/*
 * Which folder of the source becomes which of the target. A pairing that the ledger knows
 * stays; else naming.h tells what it is called there. No two folders share a target: a second
 * one of a name gets a number. Whatever is called otherwise than at the source is told.
 */
#include "migrate/filter.h"
#include "migrate/imap/flags.h"
#include "migrate/plan_priv.h"

bool plan_is_taken(const struct planner *p, const char *dst_name)
{
	for (size_t i = 0; i < p->n_known; i++)
		if (naming_same(&p->naming, p->known[i].dst_name, dst_name))
			return true;
	for (size_t i = 0; i < p->list.n; i++)
		if (naming_same(&p->naming, p->list.at[i].row.dst_name, dst_name))
			return true;
	return false;
}

/* A second folder of one name gets a number: two source folders in one target could not be
 * told apart again. */
const char *plan_free_name(struct planner *p, const char *name)
{
	const char *tried = name;
	for (unsigned i = 2; plan_is_taken(p, tried); i++)
		tried = arena_printf(p->box->arena, "%s_%u", name, i);
	return tried;
}

const char *plan_shown_at_dst(const struct planner *p, const char *name)
{
	struct buf b;
	buf_init(&b);
	imap_name_show(&b, slice_str(name), p->naming.dst);
	str_make_printable(b.at);
	const char *shown = arena_slice(p->box->arena, buf_slice(&b));
	buf_release(&b);
	return shown;
}

/* For people, once a folder: afterwards the ledger knows the pair, and reports list it. */
void plan_tell_name(struct planner *p, const char *shown, const char *name, const char *why)
{
	struct arena *a = p->box->arena;
	const char *shown_there = plan_shown_at_dst(p, name);
	log_info(p->box->opts->log, "%s: '%s' goes to '%s' at the target: %s",
		 p->box->mailbox->address, shown, shown_there, why);
	*vec_push(a, &p->renamed) = (struct ledger_note){
		.mailbox_id = p->box->row.id,
		.kind = "folder",
		.folder = shown,
		.detail = arena_printf(a, "'%s' at the target: %s", shown_there, why),
	};
}

/* `told_as`: how reports call the source's folder. */
static const char *choose_name(struct planner *p, const struct listed *src, const char *shown,
			       const char *told_as)
{
	struct naming_wish w = naming_by_use(&p->naming, src, shown);
	if (w.name == NULL || (w.exists && plan_is_taken(p, w.name)))
		w = naming_own(&p->naming, src, shown);
	const char *name = plan_free_name(p, w.name);
	if (!str_eq(name, w.name))
		w.why = "another folder has that name there already";
	else if (w.why == NULL && !str_eq(plan_shown_at_dst(p, name), shown))
		w.why = "its own name cannot be had there";
	if (w.why != NULL)
		plan_tell_name(p, told_as, name, w.why);
	return name;
}

struct ledger_folder *plan_known_folder(const struct planner *p, const char *src_name)
{
	for (size_t i = 0; i < p->n_known; i++)
		if (str_eq(p->known[i].src_name, src_name))
			return &p->known[i];
	return NULL;
}

void plan_forget_note(struct planner *p, const char *shown)
{
	*vec_push(p->box->arena, &p->renamed) = (struct ledger_note){ .mailbox_id = p->box->row.id,
								      .kind = "folder",
								      .folder = shown };
}

static bool is_paired_as(const struct planner *p, const char *shown)
{
	for (size_t i = 0; i < p->list.n; i++)
		if (str_eq(p->list.at[i].row.shown, shown))
			return true;
	return false;
}

/* Also when the ledger knows another folder by that name. */
static bool is_shown(const struct planner *p, const char *shown, const struct listed *src)
{
	if (is_paired_as(p, shown))
		return true;
	for (size_t i = 0; i < p->n_known; i++)
		if (str_eq(p->known[i].shown, shown) && !str_eq(p->known[i].src_name, src->name))
			return true;
	return false;
}

/* Reports, remarks and the comparison know a folder by what is shown of it: two that look alike
 * to a person (INBOX.Sent and Sent, a letter that cannot be shown) must not look alike there. The
 * one that was there first keeps its name. */
static const char *shown_apart(const struct planner *p, const char *shown, const struct listed *src)
{
	struct arena *a = p->box->arena;
	char *wire = arena_strdup(a, src->name);
	str_make_printable(wire);
	const char *tried = arena_printf(a, "%s (%s)", shown, wire);
	for (unsigned i = 2; is_shown(p, tried, src); i++)
		tried = arena_printf(a, "%s (%s, %u)", shown, wire, i);
	return tried;
}

/* A known pairing stays whatever the rules say now: the messages are there. */
static void pair(struct planner *p, const struct listed *src)
{
	const struct ledger_folder *known = plan_known_folder(p, src->name);
	const char *shown = naming_shown(&p->naming, src);
	struct ledger_folder row = { .id = 0 };
	if (known != NULL) {
		row = *known;
		if (is_paired_as(p, row.shown))
			row.shown = shown_apart(p, row.shown, src);
		if (!row.present) /* back again */
			plan_forget_note(p, row.shown);
	} else {
		row.src_name = src->name;
		row.shown = is_shown(p, shown, src) ? shown_apart(p, shown, src) : shown;
		row.dst_name = choose_name(p, src, shown, row.shown);
		row.src_uidvalidity = row.src_uidnext = row.src_modseq = row.src_messages = -1;
		row.dst_uidvalidity = row.dst_uidnext = -1;
		row.count_status = row.count_exists = row.count_search = row.count_fetch = -1;
	}
	const struct listed *dst = listing_find(&p->dst, row.dst_name);
	row.present = true;
	row.left_out = !filter_takes_folder(p->box->opts->filter, shown);
	*vec_push(p->box->arena, &p->list) = (struct box_folder){
		.row = row,
		.src = src,
		.exists_at_dst = dst != NULL && !dst->noselect,
		.dst_uidvalidity = dst != NULL ? dst->uidvalidity : -1,
		.dst_uidnext = dst != NULL ? dst->uidnext : -1,
	};
}

static bool is_listed(const struct planner *p, const struct ledger_folder *known)
{
	for (size_t i = 0; i < p->list.n; i++)
		if (p->list.at[i].row.id == known->id)
			return true;
	return false;
}

/* Deleted, renamed, or withheld by a server in trouble: from now on nobody misses what was not
 * copied of it, so it is told once. */
int plan_tell_vanished(struct planner *p, struct err *e)
{
	struct box *b = p->box;
	struct ledger_figures fig;
	for (size_t i = 0; i < p->n_known; i++) {
		const struct ledger_folder *f = &p->known[i];
		if (!f->present || is_listed(p, f))
			continue;
		if (ledger_figures(b->opts->store, b->row.id, f->id, &fig, e) != 0)
			return -1;
		const char *what = arena_printf(b->arena,
						"it is not at the source any more; %llu messages "
						"of it were copied and stay, %llu were not",
						(unsigned long long)fig.done,
						(unsigned long long)(fig.present - fig.done));
		log_warn(b->opts->log, "%s: '%s': %s", b->mailbox->address, f->shown, what);
		*vec_push(b->arena, &p->renamed) = (struct ledger_note){ .mailbox_id = b->row.id,
									 .kind = "folder",
									 .folder = f->shown,
									 .detail = what };
	}
	return 0;
}

/* Folders with an attribute choose first, so that a folder that only has a well-known
 * name does not take their place; All Mail last, when all that has another folder is known. */
void plan_pair_all(struct planner *p)
{
	for (int round = 0; round < 4; round++) {
		for (size_t i = 0; i < p->src.n; i++) {
			const struct listed *f = &p->src.at[i];
			bool inbox = imap_name_is_inbox(slice_str(f->name));
			bool all = imap_flags_has(slice_str(f->attrs), "\\All");
			int turn = inbox ? 0 : all ? 3 : listing_special(f) != NULL ? 1 : 2;
			if (!f->noselect && turn == round)
				pair(p, f);
		}
	}
}
