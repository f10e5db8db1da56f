/*
 * Which folder of the source becomes which of the target. A pairing that the ledger knows
 * stays; else naming.h tells what it is called there. No two folders share a target: a second
 * one of a name gets a number. Whatever is called otherwise than at the source is told.
 */
#include "base/hook.h"
#include "migrate/filter.h"
#include "migrate/imap/flags.h"
#include "migrate/naming.h"
#include "migrate/quiet.h"
#include "migrate/refusal.h"

struct planner {
	struct box *box;
	struct listing src, dst;
	struct naming naming;
	struct ledger_folder *known;
	size_t n_known;
	VEC(struct box_folder) list;
	VEC(struct ledger_note) renamed; /* as reports tell it; the last one of a folder holds */
};

/* -- pairs -- */

static bool is_taken(const struct planner *p, const char *dst_name)
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
static const char *free_name(struct planner *p, const char *name)
{
	const char *tried = name;
	for (unsigned i = 2; is_taken(p, tried); i++)
		tried = arena_printf(p->box->arena, "%s_%u", name, i);
	return tried;
}

static const char *shown_at_dst(const struct planner *p, const char *name)
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
static void tell_name(struct planner *p, const char *shown, const char *name, const char *why)
{
	struct arena *a = p->box->arena;
	const char *shown_there = shown_at_dst(p, name);
	log_info(p->box->opts->log, "%s: '%s' goes to '%s' at the target: %s",
		 p->box->mailbox->address, shown, shown_there, why);
	*vec_push(a, &p->renamed) = (struct ledger_note){
		.mailbox_id = p->box->row.id,
		.kind = "folder",
		.folder = shown,
		.detail = arena_printf(a, "'%s' at the target: %s", shown_there, why),
	};
}

static const char *choose_name(struct planner *p, const struct listed *src, const char *shown)
{
	struct naming_wish w = naming_by_use(&p->naming, src, shown);
	if (w.name == NULL || (w.exists && is_taken(p, w.name)))
		w = naming_own(&p->naming, src, shown);
	const char *name = free_name(p, w.name);
	if (!str_eq(name, w.name))
		w.why = "another folder has that name there already";
	else if (w.why == NULL && !str_eq(shown_at_dst(p, name), shown))
		w.why = "its own name cannot be had there";
	if (w.why != NULL)
		tell_name(p, shown, name, w.why);
	return name;
}

static const struct ledger_folder *known_folder(const struct planner *p, const char *src_name)
{
	for (size_t i = 0; i < p->n_known; i++)
		if (str_eq(p->known[i].src_name, src_name))
			return &p->known[i];
	return NULL;
}

static void forget_note(struct planner *p, const char *shown)
{
	*vec_push(p->box->arena, &p->renamed) = (struct ledger_note){ .mailbox_id = p->box->row.id,
								      .kind = "folder",
								      .folder = shown };
}

/* A known pairing stays whatever the rules say now: the messages are there. */
static void pair(struct planner *p, const struct listed *src)
{
	const struct ledger_folder *known = known_folder(p, src->name);
	struct ledger_folder row = { .id = 0 };
	if (known != NULL) {
		row = *known;
		if (!row.present) /* back again */
			forget_note(p, row.shown);
	} else {
		row.src_name = src->name;
		row.shown = naming_shown(&p->naming, src);
		row.dst_name = choose_name(p, src, row.shown);
		row.src_uidvalidity = row.src_uidnext = row.src_modseq = row.src_messages = -1;
		row.dst_uidvalidity = -1;
		row.count_status = row.count_exists = row.count_search = row.count_fetch = -1;
	}
	const struct listed *dst = listing_find(&p->dst, row.dst_name);
	row.present = true;
	row.left_out = !filter_takes_folder(p->box->opts->filter, row.shown);
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
static int tell_vanished(struct planner *p, struct err *e)
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
static void pair_all(struct planner *p)
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
static int save_pairs(struct planner *p, struct err *e)
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

static uint32_t send_named(struct box *b, const char *verb, const char *name)
{
	struct imap_pipeline *out = conn_out(b->dst->conn);
	uint32_t tag = imap_begin(out);
	imap_add(out, verb);
	imap_add_mailbox(out, slice_str(name));
	imap_end(out);
	return tag;
}

enum { COMMANDS_AT_ONCE = 50 };

/* Runs `verb` for the folders that `wanted` names, many at once, and hands each answer
 * to `took`. */
struct folder_command {
	const char *verb;
	bool (*wanted)(const struct box_folder *f);
	int (*took)(struct planner *p, struct box_folder *f, const struct conn_answer *a,
		    struct err *e);
};

static int run_command(struct planner *p, const struct folder_command *c, struct err *e)
{
	struct {
		uint32_t tag;
		size_t at;
	} open[COMMANDS_AT_ONCE];
	size_t n = 0;
	for (size_t i = 0; i <= p->list.n; i++) {
		if (i < p->list.n && c->wanted(&p->list.at[i])) {
			open[n].tag = send_named(p->box, c->verb, p->list.at[i].row.dst_name);
			open[n++].at = i;
		}
		if (n < COMMANDS_AT_ONCE && i < p->list.n)
			continue;
		for (size_t k = 0; k < n; k++) {
			struct conn_answer answer;
			if (conn_wait(p->box->dst->conn, open[k].tag, NULL, &answer, e) != 0 ||
			    c->took(p, &p->list.at[open[k].at], &answer, e) != 0)
				return -1;
		}
		n = 0;
	}
	return 0;
}

static bool is_missing(const struct box_folder *f)
{
	return !f->exists_at_dst && !f->row.left_out && !f->unnameable;
}

/* Without its own row, which would be in its own way. */
static bool is_others(const struct planner *p, const struct box_folder *self, const char *name)
{
	for (size_t i = 0; i < p->list.n; i++)
		if (&p->list.at[i] != self && str_eq_nocase(p->list.at[i].row.dst_name, name))
			return true;
	return false;
}

static const struct listed *listed_in_any_case(const struct planner *p, const char *name)
{
	for (size_t i = 0; i < p->dst.n; i++)
		if (!p->dst.at[i].noselect && str_eq_nocase(p->dst.at[i].name, name))
			return &p->dst.at[i];
	return NULL;
}

/* The folder is there although it was not listed: made meanwhile by somebody, or known under
 * the same letters in another case. Then it is that one, unless another source folder has it:
 * two of them must not meet in one. True: settled. */
static bool take_existing(struct planner *p, struct box_folder *f)
{
	const struct listed *there = listed_in_any_case(p, f->row.dst_name);
	if (is_others(p, f, f->row.dst_name))
		return false;
	f->exists_at_dst = true;
	if (there == NULL)
		return true;
	if (!str_eq(there->name, f->row.dst_name))
		tell_name(p, f->row.shown, there->name, "the target does not tell cases apart");
	f->row.dst_name = there->name;
	f->dst_uidvalidity = there->uidvalidity;
	f->dst_uidnext = there->uidnext;
	return true;
}

enum { PLAINER_NAMES = 2, NUMBERED_NAMES = 2, NAMES_MAX = PLAINER_NAMES + NUMBERED_NAMES };

/* The next name to be tried for a folder that cannot be made; false when there is none. */
static bool rename_refused(struct planner *p, struct box_folder *f, bool exists, const char *why)
{
	const char *name = NULL;
	while (name == NULL && f->names_tried < PLAINER_NAMES && !exists)
		name = naming_plainer(&p->naming, f->row.dst_name, f->names_tried++);
	if (name == NULL) {
		if (f->names_tried < PLAINER_NAMES)
			f->names_tried = PLAINER_NAMES;
		if (f->names_tried >= NAMES_MAX)
			return false;
		name = arena_printf(p->box->arena, "%s_%u", f->row.dst_name,
				    2 + f->names_tried++ - PLAINER_NAMES);
	}
	if (f->own_name == NULL)
		f->own_name = f->row.dst_name;
	f->row.dst_name = free_name(p, name);
	tell_name(p, f->row.shown, f->row.dst_name, why);
	return true;
}

/* It is there by none of these names: the next pass begins with its own again. */
static void give_up_names(struct planner *p, struct box_folder *f)
{
	f->unnameable = true;
	if (f->own_name == NULL || is_others(p, f, f->own_name))
		return;
	f->row.dst_name = f->own_name;
	forget_note(p, f->row.shown);
}

/* Only this folder stays behind when no name is taken; its messages stay uncopied in
 * the figures, so the mailbox cannot pass for complete. */
static int created(struct planner *p, struct box_folder *f, const struct conn_answer *a,
		   struct err *e)
{
	struct box *b = p->box;
	hook_point("folder-created");
	f->exists_at_dst = a->cond == IMAP_OK;
	if (f->exists_at_dst || (refusal_says_exists(a) && take_existing(p, f)))
		return 0;
	(void)conn_refusal(b->dst->conn, a, e);
	(void)err_wrap(e, "making the folder '%s'", f->row.shown);
	if (e->kind != ERR_ITEM)
		return -1;
	if (!refusal_is_servers_own(a) && rename_refused(p, f, refusal_says_exists(a), a->text)) {
		err_clear(e);
		return 0;
	}
	give_up_names(p, f);
	log_warn(b->opts->log, "%s: %s", b->mailbox->address, e->text);
	e->kind = ERR_MAILBOX;
	box_trouble(b, e);
	err_clear(e);
	return 0;
}

static bool wants_subscription(const struct box_folder *f)
{
	return f->src->subscribed && !f->row.subscribed && f->exists_at_dst;
}

/* Once: what the user unsubscribes at the target later stays so. */
static int subscribed(struct planner *p, struct box_folder *f, const struct conn_answer *a,
		      struct err *e)
{
	struct box *b = p->box;
	(void)e;
	hook_point("folder-subscribed");
	f->row.subscribed = a->cond == IMAP_OK;
	if (a->cond != IMAP_OK)
		log_warn(b->opts->log, "%s: subscribing to '%s': %s", b->mailbox->address,
			 f->row.shown, a->text);
	return 0;
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

static bool any_missing(const struct planner *p)
{
	for (size_t i = 0; i < p->list.n; i++)
		if (is_missing(&p->list.at[i]))
			return true;
	return false;
}

/* Pairs are in the ledger before a folder is made: a kill in between makes none twice. Once
 * more for each that got another name. */
static int make_folders(struct planner *p, struct err *e)
{
	static const struct folder_command create = { "CREATE ", is_missing, created };
	do {
		if (save_pairs(p, e) != 0 || run_command(p, &create, e) != 0)
			return -1;
	} while (any_missing(p));
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
	static const struct folder_command subscribe = { "SUBSCRIBE ", wants_subscription,
							 subscribed };
	if (list_both(&p, e) != 0)
		return -1;
	naming_init(&p);
	tell_left_out(&p);
	pair_all(&p);
	if (tell_vanished(&p, e) != 0)
		return -1;
	if (!b->opts->dry_run && await_others(&p, e) != 0)
		return -1;
	hook_point("folders-planned");
	if (save_pairs(&p, e) != 0)
		return -1;
	if (!b->opts->dry_run && (make_folders(&p, e) != 0 || run_command(&p, &subscribe, e) != 0 ||
				  save_pairs(&p, e) != 0))
		return -1;
	b->folders = p.list.at;
	b->n_folders = p.list.n;
	return 0;
}
