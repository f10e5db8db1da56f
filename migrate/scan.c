/*
 * The server's messages come by rising UID, the ledger's rows too: one merge finds what is
 * new, changed and gone without a list in memory. With CONDSTORE only changes are asked
 * for, and each is looked up; with QRESYNC the server also says what is gone (scan_gone.c).
 * Without, or when it does not say the truth, the counts tell that something is, and a whole scan
 * follows.
 *
 * Counting is half of the purpose: STATUS, EXISTS, SEARCH and FETCH must tell one number,
 * or the server shows only a part of the mail.
 */
#include "migrate/scan.h"

#include <stdlib.h>
#include <string.h>

#include "migrate/imap/flags.h"
#include "migrate/imap/uidset.h"
#include "migrate/scan_gone.h"
#include "migrate/scan_other.h"
#include "migrate/window.h"
#include "store/ledger_removed.h"

enum { OPS_MAX = 500 };

enum op_kind {
	OP_ADD,
	OP_FLAGS,
	OP_ABSENT,
	OP_OTHER, /* the ledger's row of that UID is another message's */
};

struct op {
	enum op_kind kind;
	uint32_t uid;
	uint64_t size;
	uint64_t gm_msgid;
	const char *date, *flags;
};

struct scanner {
	struct box *box;
	struct box_folder *folder;
	bool changes_only;
	bool known_end;
	bool refused; /* the server would not tell what changed */
	bool fresh;   /* among the ops is a new message */
	struct ledger_cursor *cursor;
	const struct ledger_message *known; /* the cursor's row, not yet merged; NULL */
	struct scan_gone gone;
	struct ledger_message found; /* a row that was looked up, its texts in `look` */
	struct arena *look;
	struct buf flags;    /* canonical, of the message in hand */
	struct arena *arena; /* of the ops that wait to be written */
	struct op ops[OPS_MAX];
	size_t n_ops;
	size_t others; /* UIDs that mean other messages now */
	uint32_t last_uid;
	int64_t fetched, searched;
};

/* A message that the source has in another folder, too, is copied with that one. All Mail has
 * all of them; a label that is not kept is a loss. */
static int place_twin(const struct scanner *sc, const struct op *op, struct err *e)
{
	bool is_all = imap_flags_has(slice_str(sc->folder->src->attrs), "\\All");
	const struct ledger_twin t = {
		.mailbox_id = sc->box->row.id,
		.folder_id = sc->folder->row.id,
		.uid = op->uid,
		.id = op->gm_msgid,
		.stays = sc->box->opts->labels_as_folders && !is_all,
		.loss = is_all ? NULL : "copied with another of its labels: this one is not kept",
	};
	return op->gm_msgid == 0 ? 0 : ledger_set_twin(sc->box->opts->store, &t, e);
}

static struct ledger_message message_of(const struct op *op)
{
	return (struct ledger_message){ .uid = op->uid,
					.size = op->size,
					.date = op->date,
					.flags = op->flags,
					.new_flags = op->flags };
}

static int write_op(struct scanner *sc, const struct op *op, struct err *e)
{
	struct store *s = sc->box->opts->store;
	int64_t folder = sc->folder->row.id;
	const struct ledger_message m = message_of(op);
	if (op->kind == OP_OTHER && ledger_forget_message(s, folder, op->uid, e) != 0)
		return -1;
	if (op->kind == OP_ADD || op->kind == OP_OTHER)
		return ledger_add(s, folder, &m, e) != 0 ? -1 : place_twin(sc, op, e);
	if (op->kind == OP_FLAGS)
		return ledger_set_flags(s, folder, &m, e);
	return ledger_set_absent(s, folder, op->uid, e);
}

/* A first scan adds nothing but messages: many go by one statement. Twins need a look each. */
static size_t many_from(const struct scanner *sc, size_t at, struct ledger_message *list_r)
{
	size_t n = 0;
	while (n < LEDGER_ADD_MANY && at + n < sc->n_ops && sc->ops[at + n].kind == OP_ADD &&
	       sc->ops[at + n].gm_msgid == 0) {
		list_r[n] = message_of(&sc->ops[at + n]);
		n++;
	}
	return n;
}

static int write_each(struct scanner *sc, struct err *e)
{
	struct ledger_message list[LEDGER_ADD_MANY];
	for (size_t i = 0; i < sc->n_ops;) {
		bool many = many_from(sc, i, list) == LEDGER_ADD_MANY;
		if (many ? ledger_add_many(sc->box->opts->store, sc->folder->row.id, list, e) != 0
			 : write_op(sc, &sc->ops[i], e) != 0)
			return -1;
		i += many ? LEDGER_ADD_MANY : 1;
	}
	return 0;
}

/* With the new messages goes the time of their discovery, in one transaction: the tail counts
 * from it. */
static int write_ops(struct scanner *sc, struct err *e)
{
	struct store *s = sc->box->opts->store;
	if (sc->n_ops == 0)
		return 0;
	if (ledger_begin(s, e) != 0)
		return -1;
	if (write_each(sc, e) != 0 ||
	    (sc->fresh &&
	     ledger_new_found(s, sc->box->row.id, clock_now_ms(sc->box->opts->clock), e) != 0)) {
		ledger_rollback(s);
		return -1;
	}
	sc->fresh = false;
	sc->n_ops = 0;
	arena_free(sc->arena);
	sc->arena = arena_new();
	return ledger_commit(s, e);
}

static const char *canonical(struct scanner *sc, const struct imap_fetch *f)
{
	buf_clear(&sc->flags);
	imap_flags_canonical(&sc->flags, f->flags);
	return sc->flags.at;
}

/* Texts are copied: the event's own are gone at the next one. */
static int push_op(struct scanner *sc, enum op_kind kind, const struct imap_fetch *f, struct err *e)
{
	if (sc->n_ops == OPS_MAX && write_ops(sc, e) != 0)
		return -1;
	sc->fresh |= kind == OP_ADD || kind == OP_OTHER;
	struct op *op = &sc->ops[sc->n_ops++];
	*op = (struct op){ .kind = kind, .uid = f->uid, .size = f->size, .gm_msgid = f->gm_msgid };
	op->flags = arena_strdup(sc->arena, canonical(sc, f));
	op->date = arena_slice(sc->arena, f->date);
	return 0;
}

static int next_known(struct scanner *sc, struct err *e)
{
	int rc = ledger_cursor_next(sc->cursor, &sc->known, e);
	if (rc == 1)
		return 0;
	sc->known = NULL;
	sc->known_end = true;
	return rc;
}

/* The ledger's rows below `uid` were not told by a whole scan: they are gone. */
static int pass_known(struct scanner *sc, uint32_t uid, struct err *e)
{
	while (!sc->known_end) {
		if (sc->known == NULL && next_known(sc, e) != 0)
			return -1;
		if (sc->known == NULL || sc->known->uid >= uid)
			return 0;
		const struct imap_fetch gone = { .uid = sc->known->uid };
		if (sc->known->present && push_op(sc, OP_ABSENT, &gone, e) != 0)
			return -1;
		sc->known = NULL;
	}
	return 0;
}

/* What the target has, or will have once waiting changes are carried. */
static const char *expected_flags(const struct ledger_message *m)
{
	return m->new_flags != NULL ? m->new_flags : m->flags;
}

/* What was known by that UID, at the target too, is matched anew: should it be the same message all
 * the same, it is found there. */
static int merge_other(struct scanner *sc, const struct imap_fetch *f, struct err *e)
{
	sc->known = NULL;
	sc->others++;
	sc->folder->row.match_from = 1;
	return push_op(sc, OP_OTHER, f, e);
}

/* Compared with what the target will have: a change that waits already is not noted twice. */
static int merge_known(struct scanner *sc, const struct imap_fetch *f, struct err *e)
{
	bool estimated = (sc->box->src->preset->flags & PRESET_SIZES_ESTIMATED) != 0;
	if (scan_is_other(sc->known, f, estimated))
		return merge_other(sc, f, e);
	bool same = str_eq(canonical(sc, f), expected_flags(sc->known)) && sc->known->present;
	sc->known = NULL;
	return same ? 0 : push_op(sc, OP_FLAGS, f, e);
}

/* Among changes the rows between are of no interest: each is looked up, and a few changes in a big
 * folder cost a few rows. */
static int look_up(struct scanner *sc, uint32_t uid, struct err *e)
{
	arena_reset(sc->look);
	sc->found.uid = uid;
	int rc = ledger_message_get(sc->box->opts->store, sc->look, sc->folder->row.id, &sc->found,
				    e);
	sc->known = rc == 1 ? &sc->found : NULL;
	return rc < 0 ? -1 : 0;
}

/* A whole scan comes by rising UID; an unasked-for FETCH between tells flags of a message that was
 * passed, which the next scan sees. The next question for changes would not tell them again: these
 * are taken in any order. */
static int merge(struct scanner *sc, const struct imap_fetch *f, struct err *e)
{
	bool late = f->uid <= sc->last_uid;
	if (!f->has_flags || (late && !sc->changes_only))
		return 0;
	if (late && write_ops(sc, e) != 0) /* it may be among them */
		return -1;
	if (!late)
		sc->last_uid = f->uid;
	sc->fetched++;
	if ((sc->changes_only ? look_up(sc, f->uid, e) : pass_known(sc, f->uid, e)) != 0)
		return -1;
	if (sc->known != NULL && sc->known->uid == f->uid)
		return merge_known(sc, f, e);
	return push_op(sc, OP_ADD, f, e);
}

static void count_numbers(struct scanner *sc, struct slice numbers)
{
	uint32_t n;
	if (sc->searched < 0)
		sc->searched = 0;
	while (imap_next_number(&numbers, &n))
		sc->searched++;
}

/* Never below 0, which would mean that nobody told it. */
static int64_t less(int64_t n, uint64_t by)
{
	return n < 0 ? n : by < (uint64_t)n ? n - (int64_t)by : 0;
}

/* EXISTS as it is now, not as it was when the folder was opened: mail comes and goes while
 * it is read. */
static bool follow_exists(struct box_folder *f, const struct imap_event *ev)
{
	int64_t *exists = &f->src_open.exists;
	if (ev->kind == IMAP_EV_EXISTS)
		*exists = ev->number;
	else if (ev->kind == IMAP_EV_EXPUNGE)
		*exists -= *exists > 0 ? 1 : 0;
	else if (ev->kind == IMAP_EV_VANISHED && !ev->vanished.earlier) /* RFC 9586 §3.3 */
		*exists = less(*exists, imap_uidset_size(ev->vanished.uids));
	else
		return false;
	return true;
}

static int on_scan(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct scanner *sc = ctx;
	if (ev->kind == IMAP_EV_FETCH && ev->fetch.uid != 0)
		return merge(sc, &ev->fetch, e);
	if (ev->kind == IMAP_EV_VANISHED && sc->changes_only &&
	    scan_gone_take(&sc->gone, &ev->vanished.uids, ev->vanished.earlier, e) != 0)
		return -1;
	if (follow_exists(sc->folder, ev))
		return 0;
	if (ev->kind == IMAP_EV_ESEARCH && ev->esearch.has_count)
		sc->searched = ev->esearch.count > INT64_MAX ? INT64_MAX
							     : (int64_t)ev->esearch.count;
	else if (ev->kind == IMAP_EV_SEARCH)
		count_numbers(sc, ev->numbers);
	return 0;
}

/* COUNT needs no list of numbers (RFC 4731); without ESEARCH they are counted as they pass. */
static const char *search_command(const struct session *s)
{
	return (s->caps & CAP_ESEARCH) != 0 ? "UID SEARCH RETURN (COUNT) ALL" : "UID SEARCH ALL";
}

/* With Gmail's number of the message, by which its labels are known to be one. */
static const char *scan_items(const struct session *s)
{
	return (s->caps & CAP_GMAIL) != 0 ? "(UID FLAGS INTERNALDATE RFC822.SIZE X-GM-MSGID)"
					  : "(UID FLAGS INTERNALDATE RFC822.SIZE)";
}

static void send_whole(struct box *b, struct scan *s_r)
{
	struct imap_pipeline *out = conn_out(b->src->conn);
	*s_r = (struct scan){ .changes_only = false };
	if (!window_is_whole(b->src))
		return; /* the answer of one window tells where the next begins */
	s_r->fetch_tag = imap_begin(out);
	imap_add(out, "UID FETCH 1:* ");
	imap_add(out, scan_items(b->src));
	imap_end(out);
	s_r->search_tag = imap_command(out, search_command(b->src));
}

/* Changes only when the ledger was once complete for this very folder, and the server's count of
 * changes has not begun anew since: an index that was rebuilt would hide what is older. */
static bool can_tell_changes(const struct box *b, const struct box_folder *f)
{
	return (b->src->caps & CAP_CONDSTORE) != 0 && window_is_whole(b->src) &&
	       f->row.src_modseq > 0 && f->src->modseq >= f->row.src_modseq &&
	       f->row.src_uidvalidity > 0 && f->row.src_uidvalidity == f->src->uidvalidity;
}

/* Never "1:*" where it is asked what vanished: "*" is the last message that is there still, and
 * what lay behind it may be gone. */
void scan_send(struct box *b, struct box_folder *f, struct scan *s_r)
{
	struct imap_pipeline *out = conn_out(b->src->conn);
	if (!can_tell_changes(b, f)) {
		send_whole(b, s_r);
		return;
	}
	s_r->changes_only = true;
	s_r->fetch_tag = imap_begin(out);
	imap_addf(out, "UID FETCH %s %s (CHANGEDSINCE %lld%s)",
		  b->src->qresync ? "1:4294967295" : "1:*", scan_items(b->src),
		  (long long)f->row.src_modseq, b->src->qresync ? " VANISHED" : "");
	imap_end(out);
	s_r->search_tag = imap_command(out, search_command(b->src));
}

/* The answers of a scan that nobody wants any more must still be read off the line. */
int scan_skip(struct box *b, const struct scan *s, struct err *e)
{
	const struct conn_call ignored = { conn_ignore, NULL };
	struct conn_answer answer;
	if (s->fetch_tag == 0)
		return 0;
	if (conn_wait(b->src->conn, s->fetch_tag, &ignored, &answer, e) != 0)
		return -1;
	return conn_wait(b->src->conn, s->search_tag, &ignored, &answer, e);
}

static int read_fetch(struct scanner *sc, const struct scan *s, struct err *e)
{
	const struct conn_call call = { on_scan, sc };
	const struct window_opts windows = { .items = scan_items(sc->box->src),
					     .from = 1,
					     .searched_r = &sc->searched };
	if (s->fetch_tag == 0)
		return window_fetch(sc->box->src, &windows, &call, e);
	if (conn_expect_ok(sc->box->src->conn, s->fetch_tag, &call, e) == 0)
		return 0;
	/* BAD is what a folder without MODSEQ has for CHANGEDSINCE (RFC 7162 §3.1.2.2). */
	sc->refused = sc->changes_only && e->kind == ERR_ITEM;
	return sc->refused ? 0 : -1;
}

static int read_answers(struct scanner *sc, const struct scan *s, struct err *e)
{
	const struct conn_call call = { on_scan, sc };
	struct conn_answer answer;
	if (read_fetch(sc, s, e) != 0)
		return err_wrap(e, "reading what is in '%s'", sc->folder->row.shown);
	if (!sc->changes_only && pass_known(sc, UINT32_MAX, e) != 0)
		return -1;
	if (write_ops(sc, e) != 0)
		return -1;
	if (s->search_tag == 0)
		return 0;
	if (conn_wait(sc->box->src->conn, s->search_tag, &call, &answer, e) != 0)
		return -1;
	return sc->changes_only ? write_ops(sc, e) : 0; /* what was told unasked */
}

static void scanner_init(struct scanner *sc, struct box *b, struct box_folder *f)
{
	memset(sc, 0, sizeof(*sc));
	sc->box = b;
	sc->folder = f;
	sc->arena = arena_new();
	sc->look = arena_new();
	buf_init(&sc->flags);
	scan_gone_init(&sc->gone, b->opts->store, f->row.id);
	sc->cursor = ledger_cursor_new(b->opts->store, f->row.id, b->row.pass, LEDGER_ALL);
	sc->searched = -1;
}

static void scanner_release(struct scanner *sc)
{
	ledger_cursor_free(sc->cursor);
	arena_free(sc->arena);
	arena_free(sc->look);
	buf_release(&sc->flags);
}

/* A folder that says when it is opened that it counts no changes, or fewer than it did once, told
 * nothing by telling none. */
static bool is_believed(const struct scanner *sc)
{
	int64_t modseq = sc->folder->src_open.modseq;
	return !sc->changes_only || (!sc->refused && !sc->gone.distrusted &&
				     (modseq < 0 || modseq >= sc->folder->row.src_modseq));
}

static void say_others(const struct scanner *sc)
{
	if (sc->others > 0)
		log_warn(sc->box->opts->log,
			 "%s: '%s': %zu UIDs of the source mean other messages than they did: "
			 "was it put back from a backup?",
			 sc->box->mailbox->address, sc->folder->row.shown, sc->others);
}

/* One reading; the folder's counts are filled in, that of FETCH only when it is to be believed. */
static int scan_once(struct box *b, struct box_folder *f, const struct scan *s, struct err *e)
{
	struct scanner *sc = mem_alloc(sizeof(*sc));
	struct ledger_figures figures = { 0 };
	scanner_init(sc, b, f);
	sc->changes_only = s->changes_only;
	int rc = read_answers(sc, s, e);
	if (rc == 0 && s->changes_only)
		rc = ledger_figures(b->opts->store, b->row.id, f->row.id, &figures, e);
	f->row.count_exists = f->src_open.exists;
	f->row.count_search = sc->searched;
	f->row.count_fetch = !is_believed(sc)  ? -1
			     : s->changes_only ? (int64_t)figures.present
					       : sc->fetched;
	say_others(sc);
	scanner_release(sc);
	free(sc);
	return rc;
}

/* What was not told (-1) contradicts nothing; what was read is always told. */
static bool counts_agree(const struct ledger_folder *row)
{
	const int64_t n = row->count_fetch;
	return n >= 0 && (row->count_exists < 0 || row->count_exists == n) &&
	       (row->count_search < 0 || row->count_search == n) &&
	       (row->count_status < 0 || row->count_status == n);
}

static int on_status(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct box_folder *f = ctx;
	(void)e;
	if (!follow_exists(f, ev) && ev->kind == IMAP_EV_FOLDER_STATUS)
		f->row.count_status = ev->folder.messages;
	return 0;
}

/* STATUS again, and with it the whole scan: the folder may have changed while it was
 * read. A server that keeps telling different numbers is found out. */
static int scan_again(struct box *b, struct box_folder *f, struct err *e)
{
	struct imap_pipeline *out = conn_out(b->src->conn);
	struct scan s;
	struct conn_answer answer;
	log_debug(b->opts->log, "%s: '%s' is listed as a whole: its counts are not explained",
		  b->mailbox->address, f->row.shown);
	uint32_t tag = imap_begin(out);
	imap_add(out, "STATUS ");
	imap_add_mailbox(out, slice_str(f->row.src_name));
	imap_add(out, " (MESSAGES)");
	imap_end(out);
	send_whole(b, &s);
	const struct conn_call call = { on_status, f };
	if (conn_wait(b->src->conn, tag, &call, &answer, e) != 0)
		return -1;
	return scan_once(b, f, &s, e);
}

/* Once more before anybody is alarmed: mail that came during the scan makes numbers differ,
 * too. */
int scan_run(struct box *b, struct box_folder *f, struct scan *s, struct err *e)
{
	f->row.count_status = f->src->messages;
	if (scan_once(b, f, s, e) != 0)
		return -1;
	if (!counts_agree(&f->row) && scan_again(b, f, e) != 0)
		return -1;
	if (ledger_removed_reappeared(b->opts->store, f->row.id, e) != 0)
		return -1;
	if ((b->src->caps & CAP_GMAIL) == 0)
		return 0;
	return ledger_twins_homeless(b->opts->store, b->row.id, f->row.id, e);
}
