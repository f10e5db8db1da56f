/*
 * EXAMINE and FETCH of many folders leave in one flight: on a long way the reading back costs
 * a round trip a dozen folders.
 */
#include "migrate/dates.h"

#include <stdlib.h>

#include "migrate/imap/date.h"
#include "migrate/imap/uidset.h"

enum { FOLDERS_AT_ONCE = 12 };

struct sample {
	struct box *box;
	struct box_folder *folder;
	uint32_t open_tag, fetch_tag;
	struct ledger_placed_list placed;
	uint64_t replaced;
};

static int by_uid(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* The rows lie by rising target UID; a set wants rising UIDs. */
uint32_t dates_ask(struct session *s, const struct ledger_placed_list *placed, bool at_src)
{
	struct imap_pipeline *out = conn_out(s->conn);
	uint32_t uids[LEDGER_PLACED_MAX];
	struct imap_uidset set;
	for (size_t i = 0; i < placed->n; i++)
		uids[i] = at_src ? placed->rows[i].uid : placed->rows[i].dst_uid;
	qsort(uids, placed->n, sizeof(uids[0]), by_uid);
	imap_uidset_init(&set);
	for (size_t i = 0; i < placed->n; i++)
		imap_uidset_add(&set, uids[i]);
	uint32_t tag = imap_begin(out);
	imap_add(out, "UID FETCH ");
	imap_add_slice(out, imap_uidset_text(&set));
	imap_add(out, " (UID INTERNALDATE)");
	imap_end(out);
	imap_uidset_release(&set);
	return tag;
}

static void ask(struct sample *s)
{
	s->open_tag = session_select(s->box->dst, s->folder->row.dst_name, true);
	s->fetch_tag = dates_ask(s->box->dst, &s->placed, false);
}

static int note_replaced(struct sample *s, const struct ledger_placed *row, struct slice date,
			 struct err *e)
{
	struct arena *a = s->box->arena;
	const struct ledger_note note = {
		.mailbox_id = s->box->row.id,
		.kind = "date",
		.folder = s->folder->row.shown,
		.uid = row->uid,
		.dst_uid = row->dst_uid,
		.detail = arena_printf(a, "the target has %s in place of %s", arena_slice(a, date),
				       row->date),
	};
	if (s->replaced++ == 0) {
		struct err why;
		err_set(&why, ERR_ITEM, "'%s', UID %u: %s", s->folder->row.shown, row->uid,
			note.detail);
		log_warn(s->box->opts->log, "%s: %s", s->box->mailbox->address, why.text);
		box_trouble(s->box, &why);
	}
	return ledger_note_add(s->box->opts->store, &note, e);
}

static int on_date(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct sample *s = ctx;
	struct imap_date wanted;
	struct imap_date got;
	if (ev->kind != IMAP_EV_FETCH || !ev->fetch.has_date ||
	    !imap_date_parse(ev->fetch.date, &got))
		return 0;
	for (size_t i = 0; i < s->placed.n; i++) {
		const struct ledger_placed *row = &s->placed.rows[i];
		if (row->dst_uid == ev->fetch.uid &&
		    imap_date_parse(slice_str(row->date), &wanted) && wanted.utc_s != got.utc_s)
			return note_replaced(s, row, ev->fetch.date, e);
	}
	return 0;
}

/* A folder that cannot be opened any more, or is another one now, is the next pass's matter. */
static int receive(struct sample *s, struct err *e)
{
	struct session_folder open;
	struct conn_answer answer;
	const struct conn_call call = { on_date, s };
	int rc = session_selected(s->box->dst, s->open_tag, &open, e);
	if (rc != 0 && e->kind != ERR_ITEM)
		return -1;
	bool same = rc == 0 && open.uidvalidity == s->folder->row.dst_uidvalidity;
	return conn_wait(s->box->dst->conn, s->fetch_tag, same ? &call : NULL, &answer, e);
}

static int run(struct sample *list, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		ask(&list[i]);
	for (size_t i = 0; i < n; i++)
		if (receive(&list[i], e) != 0)
			return err_wrap(e, "reading dates back from '%s'",
					list[i].folder->row.dst_name);
	return 0;
}

int dates_read_back(struct box *b, struct err *e)
{
	struct sample *list = ARENA_ARRAY(b->arena, FOLDERS_AT_ONCE, struct sample);
	size_t n = 0;
	for (size_t i = 0; i < b->n_folders; i++) {
		struct box_folder *f = &b->folders[i];
		if (!f->filled)
			continue;
		list[n] = (struct sample){ .box = b, .folder = f };
		list[n].placed.from = f->dst_open.uidnext;
		if (ledger_last_placed(b->opts->store, f->row.id, &list[n].placed, b->arena, e) !=
		    0)
			return -1;
		n += list[n].placed.n > 0;
		if (n == FOLDERS_AT_ONCE) {
			if (run(list, n, e) != 0)
				return -1;
			n = 0;
		}
	}
	return run(list, n, e);
}
