/*
 * Target messages that no row knows, equal to one that a row has elsewhere: by hash, or at a
 * target that writes mail anew by header, both read there.
 */
#include "migrate/surplus.h"

#include "migrate/match_priv.h"

enum { WATCH_MS = 30 * 60 * 1000 };

void surplus_doubt(struct box *b, struct box_folder *f, int64_t from)
{
	if (from <= 0)
		from = 1;
	if (f->row.surplus_from == 0 || from < f->row.surplus_from)
		f->row.surplus_from = from;
	f->row.surplus_ms = clock_now_ms(b->opts->clock);
}

static int open_target(struct box *b, const struct box_folder *f, bool *same_r, struct err *e)
{
	struct session_folder open;
	if (session_selected(b->dst, session_select(b->dst, f->row.dst_name, true), &open, e) != 0)
		return err_wrap(e, "opening '%s' at the target", f->row.dst_name);
	*same_r = open.uidvalidity == f->row.dst_uidvalidity;
	return 0;
}

static int find(struct matcher *m, bool by_headers, struct err *e)
{
	if (match_find_candidates(m, m->folder->row.surplus_from, e) != 0)
		return -1;
	if (m->candidates == 0)
		return 0;
	if (by_headers)
		return match_read_target_heads(m, m->folder->row.surplus_from, e);
	/* A message without a place (no APPENDUID) takes the one that is there. */
	return match_hash_target(m, LEDGER_CANDIDATES_UNHASHED, e) != 0 ? -1
									: match_pair_hashes(m, e);
}

static void tell(struct box *b, const struct box_folder *f, uint64_t n,
		 const struct ledger_note *first)
{
	struct err why;
	err_set(&why, ERR_ITEM,
		"'%s': %llu message%s more than once at the target; the first is UID %u there, a "
		"second copy of the source's UID %u",
		f->row.shown, (unsigned long long)n, n == 1 ? " is" : "s are", first->dst_uid,
		first->uid);
	(void)err_hint(&why,
		       "remove the second copies there by hand: nothing is deleted by cutover");
	log_warn(b->opts->log, "%s: %s", b->mailbox->address, why.text);
	box_trouble(b, &why);
}

/* The candidates are of no other use. */
static int note(struct matcher *m, bool by_headers, struct err *e)
{
	struct box *b = m->box;
	struct box_folder *f = m->folder;
	struct ledger_note first = { .mailbox_id = b->row.id,
				     .kind = "doubled",
				     .folder = f->row.shown };
	uint64_t n = 0;
	if (ledger_notes_drop(b->opts->store, &first, e) != 0)
		return -1;
	if (m->candidates > 0 &&
	    ledger_surplus(b->opts->store, f->row.id, &first, by_headers, &n, e) != 0)
		return -1;
	if (n > 0)
		tell(b, f, n, &first);
	if (n == 0 && clock_now_ms(b->opts->clock) - f->row.surplus_ms >= WATCH_MS)
		f->row.surplus_from = 0;
	if (ledger_candidates_drop(b->opts->store, f->row.id, e) != 0)
		return -1;
	return ledger_folder_put(b->opts->store, b->row.id, &f->row, e);
}

int surplus_look(struct box *b, struct box_folder *f, struct err *e)
{
	struct matcher m = { .box = b, .folder = f, .scope = 1 };
	bool by_headers = match_by_headers(b);
	bool same = false;
	if (f->row.surplus_from == 0)
		return 0;
	if (open_target(b, f, &same, e) != 0)
		return -1;
	if (!same)
		return 0; /* the next pass sees another folder, and matches all of it */
	if (find(&m, by_headers, e) != 0 || note(&m, by_headers, e) != 0)
		return err_wrap(e, "looking for second copies in '%s'", f->row.dst_name);
	return 0;
}
