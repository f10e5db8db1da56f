/*
 * One attempt at a mailbox, with fresh connections: what is done is in the ledger, so each
 * goes on where the last one stopped.
 */
#include <pthread.h>

#include "migrate/box.h"
#include "migrate/mirror.h"
#include "migrate/proof.h"
#include "migrate/quota.h"

struct opening {
	struct session_opts opts;
	struct login_report login;
	struct session *session;
	struct err err;
	int rc;
};

static void *open_session(void *ctx)
{
	struct opening *o = ctx;
	o->opts.login_r = &o->login;
	o->rc = session_open(&o->opts, &o->session, &o->err);
	return NULL;
}

static void conclude(struct box *b, struct opening *o, bool at_src)
{
	enum login_host host = login_host_of(&o->login, &o->err);
	if (o->rc != 0 && o->err.kind == ERR_WORLD)
		o->err.kind = ERR_RETRY; /* it may be restarting: policy is in pass.c */
	box_reached(b, at_src, host, o->rc != 0 ? &o->err : NULL);
}

static struct opening opening_of(const struct box *b, bool at_src)
{
	return (struct opening){ .opts = { .endpoint = at_src ? &b->mailbox->src : &b->mailbox->dst,
					   .migrate = b->opts,
					   .side = at_src ? "source" : "target",
					   .paced = at_src,
					   .reads_only = at_src || b->reads_only } };
}

/* Both sides at once: half the round trips. */
int box_connect(struct box *b, struct err *e)
{
	struct opening src = opening_of(b, true);
	struct opening dst = opening_of(b, false);
	pthread_t thread;
	bool threaded = pthread_create(&thread, NULL, open_session, &dst) == 0;
	(void)open_session(&src);
	if (threaded)
		(void)pthread_join(thread, NULL);
	else
		(void)open_session(&dst);
	b->src = src.session;
	b->dst = dst.session;
	/* The source last: its error is the one that is told. */
	conclude(b, &dst, false);
	conclude(b, &src, true);
	if (src.rc == 0 && dst.rc == 0)
		return 0;
	b->src_throttled = src.rc != 0 && src.err.kind == ERR_WAIT;
	b->dst_throttled = dst.rc != 0 && dst.err.kind == ERR_WAIT;
	*e = src.rc != 0 ? src.err : dst.err;
	return -1;
}

int box_renew(struct box *b, bool at_src, struct err *e)
{
	struct opening o = opening_of(b, at_src);
	struct session **old = at_src ? &b->src : &b->dst;
	(void)open_session(&o);
	if (o.rc != 0) {
		*e = o.err;
		return -1;
	}
	session_free(*old);
	*old = o.session;
	return 0;
}

void box_disconnect(struct box *b)
{
	session_free(b->src);
	session_free(b->dst);
	b->src = b->dst = NULL;
}

static bool is_finished(const struct box *b, const struct box_folder *f)
{
	for (size_t i = 0; i < b->finished.n; i++)
		if (b->finished.at[i] == f->row.id)
			return true;
	return false;
}

static bool is_wanted(const struct box *b, const struct box_folder *f)
{
	return !f->row.left_out && (f->exists_at_dst || b->opts->dry_run);
}

/* By the figures of the listing alone: all of it was carried (src_messages is what the scan
 * counted then), and nothing changed since. Without MODSEQ flags may have changed, so only a scan
 * can tell. The target is asked, too: where its UIDNEXT is another one than when all was carried,
 * others brought mail, or it was put back from a backup, and what it has lost must be copied again
 * (place.h). */
static int is_untouched(struct box *b, const struct box_folder *f, struct err *e)
{
	const struct ledger_folder *row = &f->row;
	const struct listed *src = f->src;
	struct ledger_open open;
	if (!row->settled || row->match_from != 0 || src->modseq <= 0 ||
	    src->modseq != row->src_modseq || src->uidnext != row->src_uidnext ||
	    src->uidvalidity != row->src_uidvalidity || src->messages != row->src_messages ||
	    f->dst_uidvalidity != row->dst_uidvalidity || f->dst_uidvalidity < 0)
		return 0;
	if (f->dst_uidnext >= 0 && f->dst_uidnext != row->dst_uidnext)
		return 0;
	if (ledger_open_of(b->opts->store, row->id, &open, e) != 0)
		return -1;
	return !open.messages && !open.flags;
}

/* For the forecast, and for the row of a mailbox that never gets further: what the listing says,
 * until the scans know better. */
static int count_ahead(struct box *b, struct err *e)
{
	struct ledger_figures fig;
	uint64_t messages = 0;
	uint64_t bytes = 0;
	for (size_t i = 0; i < b->n_folders; i++) {
		const struct listed *src = b->folders[i].src;
		messages += src->messages > 0 ? (uint64_t)src->messages : 0;
		bytes += src->size > 0 ? (uint64_t)src->size : 0;
	}
	if (ledger_figures(b->opts->store, b->row.id, 0, &fig, e) != 0)
		return -1;
	b->counts.messages = b->row.messages = messages;
	b->counts.bytes = bytes > fig.present_bytes ? bytes : fig.present_bytes;
	if (b->counts.copied == 0) {
		b->counts.known = fig.done;
		b->counts.known_bytes = fig.done_bytes;
	}
	return 0;
}

/* An earlier attempt leaves intents only when the ledger failed it: nothing may be copied before
 * they are in flight. */
static int resolve_intents(struct box *b, struct err *e)
{
	struct store *s = b->opts->store;
	if (ledger_begin(s, e) != 0)
		return -1;
	if (ledger_intents_resolve(s, b->row.id, e) != 0) {
		ledger_rollback(s);
		return -1;
	}
	return ledger_commit(s, e);
}

/* Folders that an earlier attempt of this pass was through with are not opened again; those that
 * the target has not, and does not make, are not opened at all. */
static int run_changed(struct box *b, struct err *e)
{
	VEC(struct box_folder *) todo = { 0 };
	for (size_t i = 0; i < b->n_folders; i++) {
		struct box_folder *f = &b->folders[i];
		if (!is_wanted(b, f) && !f->row.left_out && box_folder_unread(b, f, e) != 0)
			return -1;
		if (is_finished(b, f) || !is_wanted(b, f))
			continue;
		int rc = is_untouched(b, f, e);
		if (rc < 0)
			return -1;
		if (rc == 0) {
			*vec_push(b->arena, &todo) = f;
			continue;
		}
		b->counts.folders++;
		b->progress++;
		*vec_push(b->pass_arena, &b->finished) = f->row.id;
	}
	return todo.n == 0 ? 0 : box_lanes(b, todo.at, todo.n, e);
}

static void begin_anew(struct box *b, const struct box_folder *f)
{
	for (size_t i = 0; i < b->finished.n; i++)
		if (b->finished.at[i] == f->row.id)
			b->finished.at[i--] = b->finished.at[--b->finished.n];
}

/* Labels: a message that was to be copied with another folder, and is in that one no more, or that
 * folder is gone. Nothing changed in its own, so it would be passed over as one that is copied. */
static int run_orphaned(struct box *b, struct err *e)
{
	VEC(struct box_folder *) todo = { 0 };
	if ((b->src->caps & CAP_GMAIL) == 0)
		return 0;
	for (size_t i = 0; i < b->n_folders; i++) {
		struct box_folder *f = &b->folders[i];
		bool any = false;
		if (!is_wanted(b, f))
			continue;
		if (ledger_twins_orphaned(b->opts->store, b->row.id, f->row.id, &any, e) != 0)
			return -1;
		if (!any)
			continue;
		begin_anew(b, f);
		*vec_push(b->arena, &todo) = f;
	}
	return todo.n == 0 ? 0 : box_lanes(b, todo.at, todo.n, e);
}

static int run_folders(struct box *b, struct err *e)
{
	if (resolve_intents(b, e) != 0 || box_plan(b, e) != 0 || count_ahead(b, e) != 0)
		return -1;
	return run_changed(b, e) != 0 ? -1 : run_orphaned(b, e);
}

static int ask_quota(struct box *b, struct err *e)
{
	struct migrate_quota q;
	if (quota_ask(b->dst, &q, e) != 0)
		return -1;
	b->row.quota_bytes_used = q.bytes_used;
	b->row.quota_bytes = q.bytes_limit;
	b->row.quota_messages_used = q.messages_used;
	b->row.quota_messages = q.messages_limit;
	return 0;
}

/* A server that was reached once gets more patience: then it is trouble on the way, not a
 * wrong name. */
int box_attempt(struct box *b, bool *seen_r, struct err *e)
{
	b->word = (struct reach_word){ .common = false };
	int rc = box_check(b, e) != 0 || box_enter(b, e) != 0 ? -1 : box_connect(b, e);
	*seen_r |= rc == 0;
	if (rc == 0)
		b->row.append_limit = b->dst->append_limit;
	if (rc == 0 && b->opts->dry_run)
		rc = ask_quota(b, e);
	if (rc == 0)
		rc = run_folders(b, e);
	if (rc == 0 && !b->opts->dry_run)
		rc = box_proof(b, e);
	rc = box_told_full(b, rc, e);
	if (rc == 0 && b->opts->mirror != NULL)
		rc = mirror_run(b, e);
	b->folder = NULL;
	return rc;
}
