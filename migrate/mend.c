/*
 * The file is read twice: once to learn what there is to repair, how long the copy will be and
 * both hashes, once to send it. The intent stands in the ledger, with the copy's hash, before
 * the APPEND: after a kill the copy is found by it.
 */
#include "migrate/mend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hook.h"
#include "migrate/imap/date.h"
#include "migrate/imap/flags.h"
#include "migrate/lineends.h"
#include "migrate/repair.h"

enum { PIECE = 32 * 1024, HELD_MAX = 256 * 1024 };

/* A message through the filter: what comes out is counted and hashed, or sent. */
struct mending {
	struct repair filter;
	struct sha256 *hash, *copy_hash;
	struct lineends ends, copy_ends;
	unsigned char sha[SHA256_LEN], copy_sha[SHA256_LEN];
	uint64_t len;    /* of the copy */
	struct conn *to; /* NULL: only counted */
	char piece[PIECE];
};

static void on_altered(void *ctx, struct slice s)
{
	struct mending *m = ctx;
	if (m->to != NULL) {
		imap_add_slice(conn_out(m->to), s);
		return;
	}
	lineends_add(&m->copy_ends, s, m->copy_hash);
	m->len += s.len;
}

static int pass_file(struct mending *m, int fd, const char *path, struct err *e)
{
	ssize_t n;
	while ((n = read(fd, m->piece, PIECE)) != 0) {
		const struct slice s = { m->piece, n > 0 ? (size_t)n : 0 };
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, ERR_WORLD, "reading '%s'", path);
		if (m->to == NULL)
			lineends_add(&m->ends, s, m->hash);
		repair_add(&m->filter, s);
		if (m->to != NULL && conn_drain(m->to, HELD_MAX, e) != 0)
			return -1;
	}
	repair_finish(&m->filter);
	return 0;
}

static int pass(struct mending *m, const struct migrate_repair *what, const char *path,
		struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return err_errno(e, ERR_WORLD, "opening '%s'", path);
	repair_init(&m->filter, what, on_altered, m);
	int rc = pass_file(m, fd, path, e);
	(void)close(fd);
	return rc;
}

static int count(struct mending *m, const struct migrate_repair *what, const char *path,
		 struct err *e)
{
	m->hash = sha256_new();
	m->copy_hash = sha256_new();
	int rc = pass(m, what, path, e);
	lineends_finish(&m->ends, m->hash, m->sha);
	lineends_finish(&m->copy_ends, m->copy_hash, m->copy_sha);
	sha256_free(m->hash);
	sha256_free(m->copy_hash);
	return rc;
}

/* What goes before the literal. Flags that the target does not take were noted as a loss when it
 * was tried first; so they are again. */
static uint32_t begin_append(struct box *b, const struct box_folder *f, struct ledger_message *done)
{
	const struct slice system_only = SLICE_LIT("\\Answered \\Deleted \\Draft \\Flagged \\Seen");
	struct imap_pipeline *out = conn_out(b->dst->conn);
	struct slice permanent = { NULL, 0 };
	struct buf taken;
	struct imap_date date;
	char text[IMAP_DATE_MAX];
	if (f->dst_open.has_permanent)
		permanent = slice_str(f->dst_open.permanent);
	buf_init(&taken);
	size_t dropped = imap_flags_permitted(&taken, slice_str(done->flags),
					      b->no_keywords ? system_only : permanent);
	if (dropped > 0)
		done->reason = arena_printf(b->arena,
					    "%zu flags are not taken by the target (of: %s)",
					    dropped, done->flags);
	uint32_t tag = imap_begin(out);
	imap_add(out, "APPEND ");
	imap_add_mailbox(out, slice_str(f->row.dst_name));
	imap_add(out, " (");
	imap_add_slice(out, buf_slice(&taken));
	imap_add(out, ") ");
	if (imap_date_parse(slice_str(done->date), &date))
		imap_addf(out, "\"%s\" ", imap_date_format(date, text));
	buf_release(&taken);
	return tag;
}

/* Durable before the APPEND. The lowest target UID that it can get is the folder's as opened:
 * what came since is known to rows and is no candidate. */
static int write_intent(struct box *b, const struct box_folder *f, const struct mending *m,
			struct ledger_message *done, struct err *e)
{
	const int64_t from = f->dst_open.uidnext > 0 ? f->dst_open.uidnext : 1;
	done->has_sha = done->has_copy_sha = true;
	memcpy(done->sha, m->sha, SHA256_LEN);
	memcpy(done->copy_sha, m->copy_sha, SHA256_LEN);
	int rc = ledger_set_mending(b->opts->store, f->row.id, from, done, e);
	hook_point("mend-intent");
	return rc;
}

static int append(struct box *b, const struct box_folder *f, struct mending *m,
		  struct ledger_message *done, const char *path, struct conn_answer *answer_r,
		  struct err *e)
{
	struct imap_pipeline *out = conn_out(b->dst->conn);
	uint64_t counted = m->len;
	uint32_t tag = begin_append(b, f, done);
	imap_message_begin(out, counted);
	m->to = b->dst->conn;
	if (pass(m, b->opts->repair, path, e) != 0)
		return -1;
	imap_message_end(out);
	imap_end(out);
	return conn_wait(b->dst->conn, tag, NULL, answer_r, e);
}

static int refused_again(struct box *b, const struct box_folder *f,
			 const struct ledger_message *row, const char *how,
			 const struct conn_answer *answer, struct err *e)
{
	struct ledger_message m = *row;
	(void)conn_refusal(b->dst->conn, answer, e);
	if (e->kind != ERR_ITEM)
		return -1;
	m.reason = arena_printf(b->arena, "%s; after repair (%s): %s", row->reason, how,
				answer->text);
	return ledger_set_refused(b->opts->store, f->row.id, b->row.pass, &m, e);
}

static int arrived(struct box *b, const struct box_folder *f, struct ledger_message *done,
		   const struct conn_answer *answer, struct err *e)
{
	if (answer->code == IMAP_CODE_APPENDUID && answer->number[1] <= UINT32_MAX &&
	    (int64_t)answer->number[0] == f->row.dst_uidvalidity)
		done->dst_uid = (uint32_t)answer->number[1];
	done->appended = done->dst_uid != 0;
	b->counts.copied++;
	b->counts.copied_bytes += done->size;
	b->progress++;
	log_info(b->opts->log, "%s: '%s', UID %u is copied, altered: %s", b->mailbox->address,
		 f->row.shown, done->uid, done->repair);
	return ledger_set_done(b->opts->store, f->row.id, b->row.pass, done, e) != 0 ? -1 : 1;
}

static int mend_with(struct mending *m, struct box *b, struct box_folder *f,
		     const struct ledger_message *row, const char *path, struct err *e)
{
	char how[REPAIR_TEXT_MAX];
	struct conn_answer answer;
	struct ledger_message done = *row;
	if (count(m, b->opts->repair, path, e) != 0)
		return -1;
	if ((m->filter.did & ~(unsigned)REPAIR_RECEIPTS) == 0)
		return 0; /* no receipt is what it was refused for */
	done.repair = repair_text(m->filter.did, how);
	done.reason = NULL;
	done.dst_uid = 0;
	if (write_intent(b, f, m, &done, e) != 0 || append(b, f, m, &done, path, &answer, e) != 0)
		return -1;
	if (answer.cond != IMAP_OK)
		return refused_again(b, f, row, how, &answer, e);
	return arrived(b, f, &done, &answer, e);
}

int mend(struct box *b, struct box_folder *f, const struct ledger_message *row, const char *path,
	 struct err *e)
{
	struct mending *m = mem_alloc(sizeof(*m));
	int rc = mend_with(m, b, f, row, path, e);
	free(m);
	return rc < 0 ? err_wrap(e, "repairing UID %u of '%s'", row->uid, f->row.shown) : rc;
}
