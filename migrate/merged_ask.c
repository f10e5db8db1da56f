/*
 * What a target tells of copies without giving a body: that one is there still, how large it is,
 * and its number in all folders (Gmail's X-GM-MSGID). A hundred by one FETCH.
 */
#include <stdlib.h>

#include "migrate/imap/uidset.h"
#include "migrate/merged.h"
#include "migrate/scan_other.h"

enum { AT_ONCE = 100 };

struct asked {
	uint32_t uid, dst_uid;
	uint64_t size;
	char date[48]; /* INTERNALDATE that the copy was given */
	bool there;    /* told: */
	bool other_date;
	uint64_t size_there, id;
};

struct page;
typedef int page_writer(struct page *p, const struct asked *a, struct err *e);

struct page {
	struct box *box;
	const struct box_folder *folder;
	const char *items;
	page_writer *write;
	struct asked at[AT_ONCE];
	size_t n;
};

static int on_fetch(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct page *p = ctx;
	(void)e;
	if (ev->kind != IMAP_EV_FETCH)
		return 0;
	for (size_t i = 0; i < p->n; i++) {
		struct asked *a = &p->at[i];
		if (a->dst_uid != ev->fetch.uid)
			continue;
		a->there = true;
		a->size_there = ev->fetch.has_size ? ev->fetch.size : a->size;
		a->id = ev->fetch.gm_msgid;
		const struct ledger_message ours = { .uid = a->uid, .date = a->date };
		a->other_date = scan_is_other(&ours, &ev->fetch, true);
	}
	return 0;
}

static int fetch(struct page *p, struct err *e)
{
	struct conn *conn = p->box->dst->conn;
	struct imap_pipeline *out = conn_out(conn);
	struct imap_uidset set;
	imap_uidset_init(&set);
	for (size_t i = 0; i < p->n; i++)
		imap_uidset_add(&set, p->at[i].dst_uid);
	uint32_t tag = imap_begin(out);
	imap_add(out, "UID FETCH ");
	imap_add_slice(out, imap_uidset_text(&set));
	imap_add(out, p->items);
	imap_end(out);
	imap_uidset_release(&set);
	return conn_expect_ok(conn, tag, &(struct conn_call){ on_fetch, p }, e);
}

static int write_all(struct page *p, struct err *e)
{
	struct store *s = p->box->opts->store;
	if (ledger_begin(s, e) != 0)
		return -1;
	for (size_t i = 0; i < p->n; i++) {
		if (p->write(p, &p->at[i], e) != 0) {
			ledger_rollback(s);
			return -1;
		}
	}
	p->n = 0;
	p->box->progress++;
	return ledger_commit(s, e);
}

static int ask(struct page *p, struct err *e)
{
	return p->n == 0 ? 0 : fetch(p, e) != 0 ? -1 : write_all(p, e);
}

/* Those of the cursor, in the folder that is open at the target. The first is told already. */
static int ask_rows(struct page *p, struct ledger_cursor *c, const struct ledger_message *row,
		    struct err *e)
{
	size_t at_most = session_at_most(p->box->dst, AT_ONCE);
	int rc;
	do {
		struct asked *a = &p->at[p->n++];
		*a = (struct asked){ .uid = row->uid, .dst_uid = row->dst_uid, .size = row->size };
		str_copy(a->date, sizeof(a->date), row->date);
		if (p->n == at_most && ask(p, e) != 0)
			return -1;
	} while ((rc = ledger_cursor_next(c, &row, e)) == 1);
	return rc < 0 ? -1 : ask(p, e);
}

struct question {
	enum ledger_which rows;
	bool opens; /* the target's folder is not open yet */
	const char *items;
	page_writer *write;
};

static int open_and_ask(struct page *p, const struct question *q, struct ledger_cursor *c,
			struct err *e)
{
	const struct ledger_message *first;
	bool same = true;
	int rc = ledger_cursor_next(c, &first, e);
	if (rc != 1)
		return rc;
	if (q->opens && merged_open_target(p->box, p->folder, &same, e) != 0)
		return -1;
	return same ? ask_rows(p, c, first, e) : 0;
}

static int ask_of(struct box *b, const struct box_folder *f, const struct question *q,
		  struct err *e)
{
	if (!merged_is_possible(b))
		return 0;
	struct ledger_cursor *c = ledger_cursor_new(b->opts->store, f->row.id, b->row.pass,
						    q->rows);
	struct page *p = mem_alloc(sizeof(*p));
	p->box = b;
	p->folder = f;
	p->items = q->items;
	p->write = q->write;
	int rc = open_and_ask(p, q, c, e);
	ledger_cursor_free(c);
	free(p);
	return rc;
}

/* ---- whom a copy was merged with ---- */

/* Gmail keeps the bytes that it is given, so another size is another message; and a message that is
 * merged has the date of the first, which others may have brought. Were its sizes estimates, or its
 * dates others, all would be read once: an account may read five times what it may write in a day.
 * One that is not there any more is its user's doing. */
static int write_identity(struct page *p, const struct asked *a, struct err *e)
{
	const struct ledger_identity i = { .mailbox_id = p->box->row.id,
					   .folder_id = p->folder->row.id,
					   .uid = a->uid,
					   .id = a->id,
					   .other = a->there &&
						    (a->size_there != a->size || a->other_date) };
	return ledger_set_identity(p->box->opts->store, &i, e);
}

int merged_ask(struct box *b, const struct box_folder *f, struct err *e)
{
	bool gmail = (b->dst->caps & CAP_GMAIL) != 0;
	const struct question q = {
		.rows = LEDGER_UNASKED,
		.opens = true,
		.items = gmail ? " (UID RFC822.SIZE INTERNALDATE X-GM-MSGID)"
			       : " (UID RFC822.SIZE INTERNALDATE)",
		.write = write_identity,
	};
	if (ask_of(b, f, &q, e) == 0)
		return 0;
	return err_wrap(e, "asking what '%s' was merged with", f->row.dst_name);
}

/* ---- whether that one is there still ---- */

static int write_standing(struct page *p, const struct asked *a, struct err *e)
{
	if (!a->there)
		return 0;
	p->box->counts.refused++;
	return ledger_set_refused_still(p->box->opts->store, p->folder->row.id, a->uid,
					p->box->row.pass, e);
}

/* A target that refuses to tell is no reason to keep back the folder: they are sent again. */
int merged_stand(struct box *b, const struct box_folder *f, struct err *e)
{
	const struct question q = { .rows = LEDGER_MERGED,
				    .items = " (UID)",
				    .write = write_standing };
	int rc = ask_of(b, f, &q, e);
	if (rc == 0 || e->kind != ERR_ITEM)
		return rc;
	err_clear(e);
	return 0;
}
