/*
 * What a pass does once its folders are copied: refused messages are kept as files and tried
 * again repaired, surplus copies of what was in doubt are looked for, and some of the dates
 * that the target took are read back. Mostly there is nothing of it.
 */
#include "migrate/proof.h"

#include <unistd.h>

#include "base/hook.h"
#include "migrate/dates.h"
#include "migrate/mend.h"
#include "migrate/merged.h"
#include "migrate/quarantine.h"
#include "migrate/surplus.h"

/* Only what was refused of the folder as it is: another UIDVALIDITY means other messages. */
static int open_source(struct box *b, const struct box_folder *f, bool *same_r, struct err *e)
{
	struct session_folder open;
	if (session_selected(b->src, session_select(b->src, f->row.src_name, true), &open, e) != 0)
		return err_wrap(e, "opening '%s' at the source", f->row.shown);
	*same_r = open.uidvalidity == f->row.src_uidvalidity;
	return 0;
}

static int keep_or_mend(struct box *b, struct box_folder *f, const struct ledger_message *row,
			struct err *e)
{
	const char *path;
	int rc = quarantine_keep(b, f, row->uid, &path, e);
	int mended = 0;
	/* One with a place at the target was taken and merged: so would be its repaired copy. */
	if (rc == 1 && b->opts->repair != NULL && row->dst_uid == 0)
		mended = mend(b, f, row, path, e);
	if (rc < 0 || mended < 0)
		return -1;
	if (rc == 1 && (mended == 1 || !b->opts->keep_refused)) {
		(void)unlink(path);
		rc = 0;
	}
	b->progress++;
	hook_point("refused-kept");
	return ledger_set_kept(b->opts->store, f->row.id, row->uid, rc == 1, e);
}

/* With an arena of its own: a target may refuse every message of a mailbox. */
static int keep(struct box *b, struct box_folder *f, const struct ledger_message *row,
		struct err *e)
{
	struct arena *of_mailbox = b->arena;
	b->arena = arena_new();
	int rc = keep_or_mend(b, f, row, e);
	arena_free(b->arena);
	b->arena = of_mailbox;
	return rc;
}

static int keep_folder(struct box *b, struct box_folder *f, struct err *e)
{
	const struct ledger_message *row;
	bool opened = false;
	bool same = true;
	struct ledger_cursor *c = ledger_cursor_new(b->opts->store, f->row.id, b->row.pass,
						    LEDGER_REFUSED_NOW);
	int rc;
	while ((rc = ledger_cursor_next(c, &row, e)) == 1) {
		if (!opened && open_source(b, f, &same, e) != 0)
			break;
		opened = true;
		if (!same || keep(b, f, row, e) != 0)
			break;
	}
	ledger_cursor_free(c);
	return rc == 0 || (rc == 1 && !same) ? 0 : -1;
}

/* A message that got there after all needs no file any more. */
static int drop_files(struct box *b, struct box_folder *f, struct err *e)
{
	char name[QUARANTINE_NAME_MAX];
	const struct ledger_message *row;
	struct arena *a = arena_new(); /* of one message */
	struct ledger_cursor *c = ledger_cursor_new(b->opts->store, f->row.id, b->row.pass,
						    LEDGER_KEPT_NO_MORE);
	int rc;
	while ((rc = ledger_cursor_next(c, &row, e)) == 1) {
		const struct quarantine_id id = { b->row.id, f->row.id, f->row.src_uidvalidity,
						  row->uid };
		arena_reset(a);
		(void)unlink(arena_printf(a, "%s/%s", b->opts->quarantine_dir,
					  quarantine_name(&id, name)));
		if (ledger_set_kept(b->opts->store, f->row.id, row->uid, false, e) != 0)
			break;
	}
	ledger_cursor_free(c);
	arena_free(a);
	return rc == 0 ? 0 : -1;
}

/* What a server refuses here is told; the copies themselves are made. */
static int tolerate(struct box *b, int rc, struct err *e)
{
	if (rc == 0 || e->kind != ERR_ITEM)
		return rc;
	log_warn(b->opts->log, "%s: %s", b->mailbox->address, e->text);
	box_trouble(b, e);
	err_clear(e);
	return 0;
}

static int prove_folder(struct box *b, struct box_folder *f, struct err *e)
{
	if (f->exists_at_dst && merged_look(b, f, e) != 0)
		return tolerate(b, -1, e); /* no file goes before it is known */
	if (b->opts->quarantine_dir != NULL &&
	    (tolerate(b, keep_folder(b, f, e), e) != 0 || drop_files(b, f, e) != 0))
		return -1;
	return f->exists_at_dst ? tolerate(b, surplus_look(b, f, e), e) : 0;
}

/* The two that were merged may be in any two folders. */
static int ask_all(struct box *b, struct err *e)
{
	for (size_t i = 0; i < b->n_folders; i++)
		if (b->folders[i].exists_at_dst &&
		    tolerate(b, merged_ask(b, &b->folders[i], e), e) != 0)
			return -1;
	return 0;
}

int box_proof(struct box *b, struct err *e)
{
	if (ask_all(b, e) != 0)
		return -1;
	for (size_t i = 0; i < b->n_folders; i++)
		if (prove_folder(b, &b->folders[i], e) != 0)
			return -1;
	return dates_read_back(b, e);
}
