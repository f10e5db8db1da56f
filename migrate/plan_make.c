/*
 * Makes the folders that the target has not, many at once, and subscribes to them. A name that is
 * refused is followed by a plainer one; a folder that cannot be made stays behind, and the others
 * do not.
 */
#include "base/hook.h"
#include "migrate/plan_priv.h"
#include "migrate/refusal.h"

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
		plan_tell_name(p, f->row.shown, there->name,
			       "the target does not tell cases apart");
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
	f->row.dst_name = plan_free_name(p, name);
	plan_tell_name(p, f->row.shown, f->row.dst_name, why);
	return true;
}

/* It is there by none of these names: the next pass begins with its own again. */
static void give_up_names(struct planner *p, struct box_folder *f)
{
	f->unnameable = true;
	if (f->own_name == NULL || is_others(p, f, f->own_name))
		return;
	f->row.dst_name = f->own_name;
	plan_forget_note(p, f->row.shown);
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

static bool any_missing(const struct planner *p)
{
	for (size_t i = 0; i < p->list.n; i++)
		if (is_missing(&p->list.at[i]))
			return true;
	return false;
}

/* Pairs are in the ledger before a folder is made: a kill in between makes none twice. Once
 * more for each that got another name. */
int plan_make_folders(struct planner *p, struct err *e)
{
	static const struct folder_command create = { "CREATE ", is_missing, created };
	do {
		if (plan_save(p, e) != 0 || run_command(p, &create, e) != 0)
			return -1;
	} while (any_missing(p));
	return 0;
}

int plan_subscribe(struct planner *p, struct err *e)
{
	static const struct folder_command subscribe = { "SUBSCRIBE ", wants_subscription,
							 subscribed };
	return run_command(p, &subscribe, e);
}
