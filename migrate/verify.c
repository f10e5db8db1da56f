/*
 * Re-reads both sides and compares: the pairs of folders are the ledger's, and what it knows of
 * losses and repairs is told apart; nothing else of it is believed. Bodies are hashed as they
 * stream by; at a target that writes messages anew only headers are read, for no body would
 * be equal. The comparison is the database's (store/ledger_compare.c).
 */
#include <stdlib.h>
#include <string.h>

#include "base/hook.h"
#include "migrate/bodies.h"
#include "migrate/box.h"
#include "migrate/heads.h"
#include "migrate/imap/flags.h"
#include "migrate/match.h"
#include "migrate/report.h"
#include "migrate/throttle.h"
#include "migrate/workers.h"

enum { WRITE_AT = 200 };

struct verifier {
	const struct migrate_opts *opts;
	const struct migrate_mailbox *boxes;
	struct migrate_verdict *verdicts;
	struct reporter reporter;
	struct throttle *throttle; /* owned, as the two below */
	struct reach *reach;
	struct workers *workers;
};

/* One side of one pair of folders. */
struct side {
	struct store *store;
	struct session *session;
	struct ledger_mailbox *row;
	const char *folder; /* key of the pair */
	int64_t folder_id;  /* at the source, while the ledger's UIDs mean something; else 0 */
	bool at_dst;
	bool by_headers;
	bool merges;            /* the target keeps one message a Message-ID */
	int64_t exists;         /* as told when it was opened */
	struct slice permanent; /* of the target, to leave out what it cannot have */
	struct arena *arena;    /* of `seen` */
	struct ledger_seen seen[WRITE_AT];
	size_t n;
};

static int write_seen(struct side *s, struct err *e)
{
	if (ledger_begin(s->store, e) != 0)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		if (ledger_compare_add(s->store, &s->seen[i], e) != 0) {
			ledger_rollback(s->store);
			return -1;
		}
	}
	s->n = 0;
	arena_free(s->arena);
	s->arena = arena_new();
	return ledger_commit(s->store, e);
}

/* What both ways of reading have in common. */
static struct ledger_seen *add_seen(struct side *s, const char *flags)
{
	struct buf permitted;
	buf_init(&permitted);
	(void)imap_flags_permitted(&permitted, slice_str(flags), s->permanent);
	struct ledger_seen *seen = &s->seen[s->n++];
	*seen = (struct ledger_seen){ .mailbox_id = s->row->id,
				      .folder = s->folder,
				      .at_dst = s->at_dst,
				      .folder_id = s->folder_id,
				      .flags = arena_strdup(s->arena, permitted.at) };
	buf_release(&permitted);
	return seen;
}

static const char *keep_id(struct side *s, const char *id)
{
	return s->merges && id[0] != '\0' ? arena_strdup(s->arena, id) : NULL;
}

static int on_body(void *ctx, const struct body *body, struct err *e)
{
	struct side *s = ctx;
	struct ledger_seen *seen = add_seen(s, body->flags);
	seen->uid = body->uid;
	seen->date_s = body->date_s;
	seen->size = body->size;
	memcpy(seen->sha, body->sha, SHA256_LEN);
	memcpy(seen->even, body->even, SHA256_LEN);
	seen->message_id = keep_id(s, body->message_id);
	return s->n == WRITE_AT ? write_seen(s, e) : 0;
}

static const unsigned char *keep_key(struct side *s, bool has, const unsigned char *key)
{
	unsigned char *copy = has ? ARENA_ARRAY(s->arena, HEADKEY_LEN, unsigned char) : NULL;
	return copy == NULL ? NULL : memcpy(copy, key, HEADKEY_LEN);
}

static int on_head(void *ctx, const struct head *head, struct err *e)
{
	struct side *s = ctx;
	struct ledger_seen *seen = add_seen(s, head->flags);
	seen->uid = head->uid;
	seen->date_s = head->date_s;
	seen->size = head->size;
	seen->by_header = true;
	seen->head = keep_key(s, head->key.has_id, head->key.key);
	seen->weak = keep_key(s, head->key.has_rest, head->key.weak);
	seen->message_id = keep_id(s, head->key.id);
	return s->n == WRITE_AT ? write_seen(s, e) : 0;
}

/* What was refused by name may be what the source does not give. */
static int allowed_unread(struct side *s, uint64_t *n_r, struct err *e)
{
	const struct ledger_seen key = { .mailbox_id = s->row->id,
					 .folder = s->folder,
					 .folder_id = s->folder_id };
	*n_r = 0;
	return s->at_dst ? 0 : ledger_compare_unread(s->store, &key, n_r, e);
}

/* What was not read was not compared, whatever the server's OK says. */
static int check_complete(struct box *b, struct side *s, const struct bodies_count *n,
			  struct err *e)
{
	struct err why;
	uint64_t allowed;
	uint64_t told = s->exists < 0 ? 0 : (uint64_t)s->exists;
	if (s->exists >= 0 && n->read + n->expunged >= told)
		return 0;
	if (allowed_unread(s, &allowed, e) != 0)
		return -1;
	if (s->exists >= 0 && n->read + n->expunged + allowed >= told)
		return 0;
	const char *side = s->at_dst ? "target" : "source";
	if (s->exists < 0)
		err_set(&why, ERR_REFUSED, "'%s': the %s did not tell how many messages it has",
			s->folder, side);
	else
		err_set(&why, ERR_REFUSED,
			"'%s': only %llu of %llu messages could be read at the %s", s->folder,
			(unsigned long long)n->read, (unsigned long long)told, side);
	box_trouble(b, &why);
	return 0;
}

static int read_all(struct side *s, struct bodies_count *n_r, struct err *e)
{
	const struct bodies_call bodies = { .on_body = on_body, .ctx = s, .with_ids = s->merges };
	struct heads_call heads = { .on_head = on_head, .ctx = s };
	if (!s->by_headers)
		return bodies_read_all(s->session, &bodies, n_r, e);
	int rc = heads_read(s->session, SLICE_LIT("1:*"), &heads, e);
	*n_r = (struct bodies_count){ heads.read, heads.expunged };
	return rc;
}

static int read_side(struct box *b, struct side *s, struct err *e)
{
	struct bodies_count n;
	s->arena = arena_new();
	int rc = read_all(s, &n, e);
	if (rc == 0)
		rc = write_seen(s, e);
	arena_free(s->arena);
	return rc == 0 ? check_complete(b, s, &n, e) : rc;
}

static int open_folder(struct session *s, const char *name, struct session_folder *f_r,
		       struct err *e)
{
	return session_selected(s, session_select(s, name, true), f_r, e);
}

/* PERMANENTFLAGS is empty in an EXAMINEd folder: the target is SELECTed, and only read. */
int box_compare(struct box *b, const struct ledger_folder *f, struct err *e)
{
	struct session_folder src;
	struct session_folder dst;
	struct side *s = mem_alloc(sizeof(*s));
	*s = (struct side){ .store = b->opts->store,
			    .row = &b->row,
			    .folder = f->shown,
			    .by_headers = match_by_headers(b),
			    .merges = (b->dst->preset->flags & PRESET_ONE_PER_MESSAGE_ID) != 0 };
	int rc = open_folder(b->src, f->src_name, &src, e);
	if (rc == 0)
		rc = session_selected(b->dst, session_select(b->dst, f->dst_name, false), &dst, e);
	if (rc == 0) {
		if (dst.has_permanent)
			s->permanent = slice_str(dst.permanent);
		s->session = b->src;
		s->exists = src.exists;
		s->folder_id = f->src_uidvalidity == src.uidvalidity ? f->id : 0;
		rc = read_side(b, s, e);
	}
	if (rc == 0) {
		s->permanent = (struct slice){ NULL, 0 };
		s->session = b->dst;
		s->exists = dst.exists;
		s->at_dst = true;
		s->folder_id = 0;
		rc = read_side(b, s, e);
	}
	free(s);
	return rc == 0 ? 0 : err_wrap(e, "comparing '%s'", f->shown);
}

static const struct ledger_folder *paired(const struct ledger_folder *list, size_t n,
					  const char *src_name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].src_name, src_name))
			return &list[i];
	return NULL;
}

/* A folder that is not there, or that a server refuses, is told; what was read of it would only
 * be missed. The others are compared all the same. */
static int unread(struct box *b, const struct ledger_folder *f, struct err *e)
{
	if (e->kind != ERR_ITEM)
		return -1;
	box_trouble(b, e);
	err_clear(e);
	return f == NULL ? 0 : ledger_compare_drop(b->opts->store, b->row.id, f->shown, e);
}

/* Every folder that the source has now, known or not. */
static int compare_folders(struct box *b, struct err *e)
{
	struct listing src;
	struct ledger_folder *list;
	size_t n;
	const struct listing_opts opts = { .root = b->mailbox->src.root, .some = true };
	if (listing_get(b->src, b->arena, &opts, &src, e) != 0 ||
	    ledger_folders(b->opts->store, b->arena, b->row.id, &list, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < src.n; i++) {
		if (src.at[i].noselect)
			continue;
		const struct ledger_folder *f = paired(list, n, src.at[i].name);
		if (f != NULL && box_compare(b, f, e) == 0)
			continue;
		if (f == NULL)
			err_set(e, ERR_ITEM, "the folder '%s' was never copied", src.at[i].name);
		if (unread(b, f, e) != 0)
			return -1;
	}
	return 0;
}

/* A host that does not answer is tried as a copy does it: by one mailbox for all (reach.h). What
 * fails otherwise fails at once. */
static int connect_both(struct box *b, struct err *e)
{
	struct err cancelled;
	for (;;) {
		b->word = (struct reach_word){ .common = false };
		if (box_enter(b, e) != 0)
			return -1;
		if (box_connect(b, e) == 0)
			return 0;
		box_disconnect(b);
		box_leave(b, false);
		e->until_ms = b->word.again_ms;
		if (!b->word.common || e->until_ms == 0)
			return -1;
		if (box_sleep(b, e, &cancelled) == 0)
			continue;
		*e = cancelled;
		return -1;
	}
}

static int compare_sides(struct box *b, struct ledger_comparison *c, struct err *e)
{
	struct store *s = b->opts->store;
	if (connect_both(b, e) != 0)
		return -1;
	int rc = ledger_compare_begin(s, b->row.id, e) != 0 || compare_folders(b, e) != 0 ? -1 : 0;
	box_disconnect(b);
	box_leave(b, rc == 0);
	if (rc == 0)
		return ledger_compare_end(s, b->row.id, c, e);
	struct err ignored;
	(void)ledger_compare_drop(s, b->row.id, NULL, &ignored);
	return -1;
}

static void judge(struct migrate_verdict *v, const struct ledger_comparison *c,
		  const struct err *trouble)
{
	v->compared = c->compared;
	v->missing = c->missing;
	v->differing = c->differing;
	v->doubled = c->doubled;
	v->altered = c->altered;
	v->repaired = c->repaired;
	v->losses = c->losses;
	v->merged = c->merged;
	v->by_headers = c->by_headers;
	str_copy(v->first_altered, sizeof(v->first_altered), c->first_altered);
	v->verified = c->missing == 0 && c->differing == 0 && c->doubled == 0;
	if (!v->verified && c->by_headers)
		err_set(&v->err, ERR_REFUSED, "%s (compared %s)", c->first, migrate_compared_by(v));
	else if (!v->verified)
		err_set(&v->err, ERR_REFUSED, "%s", c->first);
	if (trouble->kind == ERR_NONE)
		return;
	v->verified = false;
	v->err = *trouble;
}

/* A person who asks whether all is well is told so, too. */
static int check_sums(struct box *b, struct err *e)
{
	struct err why;
	uint64_t wrong;
	if (ledger_sums_check(b->opts->store, b->row.id, &wrong, e) != 0)
		return -1;
	if (wrong == 0)
		return 0;
	err_set(&why, ERR_BUG,
		"the ledger's sums of %llu folders were not those of their rows; they are now",
		(unsigned long long)wrong);
	err_hint(&why, "something else wrote into the state: compare again");
	box_trouble(b, &why);
	return 0;
}

static int verify_box(struct box *b, struct migrate_verdict *v, struct err *e)
{
	struct ledger_comparison c;
	int rc = ledger_mailbox_get(b->opts->store, b->mailbox->address, &b->row, e);
	if (rc == 0)
		return err_set(e, ERR_REFUSED, "%s was never copied", b->mailbox->address);
	if (rc < 0 || compare_sides(b, &c, e) != 0 || check_sums(b, e) != 0)
		return -1;
	judge(v, &c, &b->trouble);
	b->row.verified_ms = clock_now_ms(b->opts->clock);
	b->row.verified = v->verified;
	b->row.compared = v->compared;
	b->row.missing = v->missing;
	b->row.differing = v->differing;
	b->row.doubled = v->doubled;
	b->row.altered = v->altered;
	b->row.repaired = v->repaired;
	b->row.losses = v->losses;
	b->row.merged = v->merged;
	b->row.by_headers = v->by_headers;
	str_copy(b->row.first_altered, sizeof(b->row.first_altered), v->first_altered);
	b->row.verify_err = v->err;
	hook_point("verify-done");
	return ledger_verdict_put(b->opts->store, &b->row, e);
}

static void verify_one(void *ctx, size_t i)
{
	struct verifier *vr = ctx;
	struct box *b = mem_alloc(sizeof(*b));
	struct err e;
	b->opts = vr->opts;
	b->mailbox = &vr->boxes[i];
	b->reads_only = true;
	b->reporter = &vr->reporter;
	b->throttle = vr->throttle;
	b->reach = vr->reach;
	b->workers = vr->workers;
	b->arena = arena_new();
	if (verify_box(b, &vr->verdicts[i], &e) != 0) {
		vr->verdicts[i].verified = false;
		vr->verdicts[i].err = e;
	}
	arena_free(b->arena);
	free(b);
}

int migrate_verify(const struct migrate_opts *opts, const struct migrate_mailbox *boxes, size_t n,
		   struct migrate_verdict *verdicts, struct err *e)
{
	struct verifier vr = { .opts = opts, .boxes = boxes, .verdicts = verdicts };
	const struct workers_job job = { verify_one, &vr, n, opts->mailboxes_at_once,
					 opts->cancel };
	memset(verdicts, 0, n * sizeof(*verdicts));
	(void)pthread_mutex_init(&vr.reporter.mutex, NULL);
	vr.throttle = throttle_new(opts->clock, opts->mailboxes_at_once);
	vr.reach = reach_new(opts->clock);
	vr.workers = workers_new(&job);
	int rc = workers_go(vr.workers, e);
	workers_free(vr.workers);
	reach_free(vr.reach);
	throttle_free(vr.throttle);
	(void)pthread_mutex_destroy(&vr.reporter.mutex);
	return rc;
}
