/*
 * First all of the mailbox is judged by the ledger alone, so that the guard sees the whole before
 * anything is touched; then each folder with something to go is opened on both sides
 * (mirror_folder.c). Mostly nothing is gone, and that costs one query.
 */
#include "migrate/mirror.h"

#include <inttypes.h>

#include "migrate/mirror_priv.h"

/* -- what speaks against it as a whole -- */

static void refuse(struct box *b, const struct err *why)
{
	struct err told;
	err_set(&told, ERR_ITEM, "nothing is taken away at the target: %s", why->text);
	if (why->hint[0] != '\0')
		(void)err_hint(&told, "%s", why->hint);
	log_warn(b->opts->log, "%s: %s", b->mailbox->address, told.text);
	box_trouble(b, &told);
}

/* A bare EXPUNGE would take other people's \Deleted mail as well, and a copy that is expunged
 * afterwards can be there twice or never. Where messages are merged, or folders are labels, one
 * that goes from a folder goes from all. */
static bool server_can(struct box *b, struct err *why_r)
{
	const unsigned needed = CAP_MOVE | CAP_UIDPLUS;
	if ((b->dst->caps & needed) != needed) {
		err_set(why_r, ERR_ITEM, "its server cannot do it safely (%s)",
			(b->dst->caps & CAP_MOVE) == 0 ? "no MOVE, RFC 6851"
						       : "no UIDPLUS, RFC 4315");
		return false;
	}
	if ((b->dst->preset->flags & (PRESET_ONE_PER_MESSAGE_ID | PRESET_LABELS)) == 0)
		return true;
	err_set(why_r, ERR_ITEM, "at %s a message that goes from one label goes from all",
		b->dst->preset->title);
	return false;
}

static bool name_is_free(struct mirror *m, struct err *why_r)
{
	struct box *b = m->box;
	for (size_t i = 0; i < b->n_folders; i++) {
		if (!str_eq_nocase(b->folders[i].row.dst_name, m->to))
			continue;
		err_set(why_r, ERR_ITEM, "the source has a folder '%s' of its own", MIRROR_FOLDER);
		return false;
	}
	return true;
}

/* A server that shows only a part of its mail is the worst that a mirror can meet. */
static bool counts_are_sound(struct box *b, struct err *why_r)
{
	uint64_t messages = 0;
	for (size_t i = 0; i < b->n_folders; i++) {
		const struct ledger_folder *row = &b->folders[i].row;
		if (!ledger_counts_agree(row)) {
			err_set(why_r, ERR_ITEM,
				"the counts of '%s' disagree at the source: it may show only a "
				"part of "
				"its mail",
				row->shown);
			return false;
		}
		messages += (uint64_t)row->count_fetch;
	}
	if (messages == 0)
		err_set(why_r, ERR_ITEM, "the source has no message any more");
	return messages > 0;
}

static bool is_sound(struct mirror *m, struct err *why_r)
{
	struct box *b = m->box;
	if (!server_can(b, why_r))
		return false;
	if (b->trouble.kind == ERR_NONE)
		return name_is_free(m, why_r) && counts_are_sound(b, why_r);
	err_set(why_r, ERR_ITEM, "this pass did not go through without trouble (%s)",
		b->trouble.text);
	return false;
}

/* -- the guard -- */

static int survey_folder(struct box *b, const struct box_folder *f, struct mirror_tally *t,
			 struct err *e)
{
	struct ledger_gone_list page = { .max = MIRROR_PAGE };
	do {
		struct arena *a = arena_new();
		int rc = ledger_gone_next(b->opts->store, a, f->row.id, &page, e);
		for (size_t i = 0; rc == 0 && i < page.n; i++)
			t->n[mirror_judge(&page.rows[i], NULL)]++;
		arena_free(a);
		if (rc != 0)
			return -1;
	} while (page.n > 0);
	return 0;
}

static void say_too_many(struct box *b, const struct mirror_tally *t, const char *folder,
			 struct err *why_r)
{
	err_set(why_r, ERR_ITEM,
		"%" PRIu64 " of %" PRIu64
		" messages that were copied%s%s%s vanished at the source, and "
		"are nowhere else there: is the old mailbox being emptied?",
		t->n[MIRROR_DELETED], t->copied, folder != NULL ? " from '" : "",
		folder != NULL ? folder : "", folder != NULL ? "'" : "");
	(void)err_hint(why_r,
		       "look at the old mailbox; if its user did that, run it with a higher "
		       "--mirror-limit (now %u)",
		       b->opts->mirror->percent);
}

/* Of how many that were copied is told by a reading of all rows. So it is asked only where so many
 * vanished that it matters: a tally without it is within the limits when they are few. */
struct guard {
	struct box *box;
	struct mirror_tally *folders; /* of each */
	struct err *why_r;
};

static int count_copied(struct guard *g, size_t i, struct err *e)
{
	const struct box_folder *f = &g->box->folders[i];
	uint64_t *copied = &g->folders[i].copied;
	return !f->exists_at_dst || *copied > 0
		       ? 0
		       : ledger_copied(g->box->opts->store, f->row.id, copied, e);
}

/* 1: within its limit; 0: not, and why; -1. */
static int guard_folder(struct guard *g, size_t i, struct err *e)
{
	const struct mirror_tally *t = &g->folders[i];
	unsigned percent = g->box->opts->mirror->percent;
	if (percent < MIRROR_FOLDER_PERCENT)
		percent = MIRROR_FOLDER_PERCENT;
	if (mirror_within(t, percent))
		return 1;
	if (count_copied(g, i, e) != 0)
		return -1;
	if (mirror_within(t, percent))
		return 1;
	say_too_many(g->box, t, g->box->folders[i].row.shown, g->why_r);
	return 0;
}

static struct mirror_tally sum_of(const struct guard *g)
{
	struct mirror_tally all = { .copied = 0 };
	for (size_t i = 0; i < g->box->n_folders; i++)
		mirror_tally_add(&all, &g->folders[i]);
	return all;
}

static int guard_mailbox(struct guard *g, struct err *e)
{
	unsigned percent = g->box->opts->mirror->percent;
	struct mirror_tally all = sum_of(g);
	if (mirror_within(&all, percent))
		return 1;
	for (size_t i = 0; i < g->box->n_folders; i++)
		if (count_copied(g, i, e) != 0)
			return -1;
	all = sum_of(g);
	if (mirror_within(&all, percent))
		return 1;
	say_too_many(g->box, &all, NULL, g->why_r);
	return 0;
}

/* 1: within the limits. */
static int survey(struct mirror *m, struct mirror_tally *folders, struct err *why_r, struct err *e)
{
	struct box *b = m->box;
	struct guard g = { .box = b, .folders = folders, .why_r = why_r };
	for (size_t i = 0; i < b->n_folders; i++) {
		if (b->folders[i].exists_at_dst &&
		    survey_folder(b, &b->folders[i], &folders[i], e) != 0)
			return -1;
		int rc = guard_folder(&g, i, e);
		if (rc != 1)
			return rc;
	}
	return guard_mailbox(&g, e);
}

/* -- what is told -- */

static uint64_t going(const struct mirror_tally *t)
{
	return t->n[MIRROR_MOVED] + t->n[MIRROR_DELETED];
}

static uint64_t kept(const struct mirror_tally *t)
{
	uint64_t n = 0;
	for (size_t i = 0; i < MIRROR_VERDICTS; i++)
		n += mirror_may_go((enum mirror_verdict)i) ? 0 : t->n[i];
	return n;
}

/* "moved elsewhere at the source 3, deleted there 1; kept 2: 2 flags changed at the target" */
static void describe(const struct box *b, const struct mirror_tally *t, struct buf *text)
{
	const char *sep = ": ";
	if (going(t) > 0)
		buf_addf(text,
			 "%" PRIu64 " %s '%s' (%" PRIu64 " moved elsewhere at the source, %" PRIu64
			 " deleted there)",
			 going(t), b->opts->dry_run ? "would be put into" : "put into",
			 MIRROR_FOLDER, t->n[MIRROR_MOVED], t->n[MIRROR_DELETED]);
	if (kept(t) == 0)
		return;
	buf_addf(text, "%s%" PRIu64 " gone at the source, and kept", going(t) > 0 ? "; " : "",
		 kept(t));
	for (size_t i = 0; i < MIRROR_VERDICTS; i++) {
		const char *reason = mirror_reason((enum mirror_verdict)i);
		if (reason == NULL || t->n[i] == 0)
			continue;
		buf_addf(text, "%s%" PRIu64 " %s", sep, t->n[i], reason);
		sep = ", ";
	}
}

static int tell(struct box *b, const char *folder, const struct mirror_tally *t, struct err *e)
{
	struct buf text;
	if (going(t) + kept(t) == 0)
		return 0;
	buf_init(&text);
	describe(b, t, &text);
	log_info(b->opts->log, "%s: '%s': %s", b->mailbox->address, folder, text.at);
	const struct ledger_note note = {
		.mailbox_id = b->row.id, .kind = "mirror", .folder = folder, .detail = text.at
	};
	int rc = ledger_note_add(b->opts->store, &note, e);
	buf_release(&text);
	return rc;
}

/* A folder that vanished is a doubt, not many deletions. */
static int tell_lost_folders(struct box *b, struct err *e)
{
	uint64_t n;
	if (ledger_copied_of_lost_folders(b->opts->store, b->row.id, &n, e) != 0)
		return -1;
	if (n > 0)
		log_info(b->opts->log,
			 "%s: %" PRIu64
			 " messages of folders that are not at the source any more are "
			 "kept at the target",
			 b->mailbox->address, n);
	b->counts.mirror_kept += n;
	return 0;
}

/* -- the run -- */

/* Before anything is judged: what a killed run took away is gone already. */
static int settle_all(struct mirror *m, struct err *e)
{
	struct box *b = m->box;
	for (size_t i = 0; i < b->n_folders && !b->opts->dry_run; i++)
		if (b->folders[i].exists_at_dst && mirror_settle(m, &b->folders[i], e) != 0)
			return err_wrap(e, "looking for what was taken away from '%s'",
					b->folders[i].row.shown);
	return 0;
}

static int run_folders(struct mirror *m, const struct mirror_tally *planned, struct err *e)
{
	struct box *b = m->box;
	for (size_t i = 0; i < b->n_folders; i++) {
		struct box_folder *f = &b->folders[i];
		struct mirror_tally t = planned[i];
		if (going(&t) > 0 && mirror_folder(m, f, &t, e) != 0)
			return err_wrap(e, "mirroring '%s'", f->row.shown);
		if (tell(b, f->row.shown, &t, e) != 0)
			return -1;
		mirror_tally_add(&m->tally, &t);
	}
	return 0;
}

/* By the ledger, so that what an attempt did before its connection was lost is counted. */
static int count(struct mirror *m, struct err *e)
{
	struct box *b = m->box;
	struct ledger_removed done;
	if (ledger_removed_figures(b->opts->store, b->row.id, b->row.begun_ms, &done, e) != 0)
		return -1;
	b->counts.mirror_moved = b->opts->dry_run ? m->tally.n[MIRROR_MOVED] : done.moved;
	b->counts.mirror_deleted = b->opts->dry_run ? m->tally.n[MIRROR_DELETED] : done.deleted;
	b->counts.mirror_kept = kept(&m->tally);
	return tell_lost_folders(b, e);
}

static int run(struct mirror *m, struct err *e)
{
	struct box *b = m->box;
	struct err why;
	struct mirror_tally *folders = ARENA_ARRAY(b->arena, b->n_folders + 1, struct mirror_tally);
	const struct ledger_note notes = { .mailbox_id = b->row.id, .kind = "mirror" };
	if (!is_sound(m, &why)) {
		refuse(b, &why);
		return 0;
	}
	if (settle_all(m, e) != 0 || ledger_gone_begin(b->opts->store, &b->row, e) != 0)
		return -1;
	int rc = survey(m, folders, &why, e);
	if (rc == 0)
		refuse(b, &why);
	if (rc == 1 && ledger_notes_drop(b->opts->store, &notes, e) != 0)
		return -1;
	if (rc == 1)
		rc = run_folders(m, folders, e);
	struct err ignored; /* the table is temporary */
	(void)ledger_gone_end(b->opts->store, b->row.id, &ignored);
	return rc;
}

/* A target that refuses the folder, or the MOVE, for whatever reason: the copies are made. Lost
 * connections and waits are the attempt's to handle. */
static bool is_refusal(const struct err *e)
{
	return e->kind == ERR_ITEM || e->kind == ERR_MAILBOX || e->kind == ERR_ACCOUNT;
}

int mirror_run(struct box *b, struct err *e)
{
	struct mirror m = { .box = b };
	struct buf name;
	buf_init(&name);
	imap_name_wire(&name, SLICE_LIT(MIRROR_FOLDER), &b->dst->style);
	m.to = arena_strdup(b->arena, name.at);
	buf_release(&name);
	int rc = run(&m, e);
	struct err why = *e;
	if (rc != 0 && !is_refusal(&why))
		return -1;
	if (rc != 0)
		refuse(b, &why);
	err_clear(e);
	if (count(&m, e) != 0)
		return -1;
	return 0;
}
