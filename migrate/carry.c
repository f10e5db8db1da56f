/*
 * Changes are carried as differences, +FLAGS and -FLAGS for many messages at once: a flag
 * that only the target has (its user read the message there) is not touched. Both commands
 * go out before the first answer is awaited.
 */
#include "migrate/carry.h"

#include <string.h>

#include "base/hook.h"
#include "migrate/imap/flags.h"
#include "migrate/imap/uidset.h"

enum { GROUP_MAX = 500 };

/* Flags of `a` that are not in `b`, as far as the target takes them. */
static void difference(struct buf *out, const char *a, const char *b, struct slice permanent)
{
	struct slice rest = slice_str(a);
	struct buf only;
	buf_init(&only);
	while (rest.len > 0) {
		struct slice flag = slice_until(&rest, ' ');
		if (imap_flags_within(flag, slice_str(b)))
			continue;
		if (only.len > 0)
			buf_addc(&only, ' ');
		buf_add(&only, flag.ptr, flag.len);
	}
	(void)imap_flags_permitted(out, buf_slice(&only), permanent);
	buf_release(&only);
}

static uint32_t send_store(struct box *b, struct slice set, const char *verb, const char *flags)
{
	struct imap_pipeline *out = conn_out(b->dst->conn);
	uint32_t tag = imap_begin(out);
	imap_add(out, "UID STORE ");
	imap_add_slice(out, set);
	imap_add(out, verb);
	imap_add(out, flags);
	imap_add(out, ")");
	imap_end(out);
	return tag;
}

/* What became of a group: the refusal is told in `why`. */
struct stored {
	bool refused;
	bool for_keywords; /* each refusal was of keywords alone, and by who takes none */
	struct err why;
};

/* BAD and [LIMIT] are how servers refuse keywords (FACTS A2); who refused a message that has some
 * may do it with any words. */
static bool is_for_keywords(const struct box *b, const char *flags,
			    const struct conn_answer *answer)
{
	return strchr(flags, '\\') == NULL &&
	       (b->keywords_doubted || answer->cond == IMAP_BAD || answer->code == IMAP_CODE_LIMIT);
}

static int await_store(struct box *b, uint32_t tag, const char *flags, struct stored *r,
		       struct err *e)
{
	struct conn_answer answer;
	if (tag == 0)
		return 0;
	if (conn_wait(b->dst->conn, tag, NULL, &answer, e) != 0)
		return -1;
	if (answer.cond == IMAP_OK)
		return 0;
	bool for_keywords = is_for_keywords(b, flags, &answer);
	(void)conn_refusal(b->dst->conn, &answer, e);
	if (e->kind != ERR_ITEM)
		return -1;
	r->for_keywords = for_keywords && (!r->refused || r->for_keywords);
	r->refused = true;
	r->why = *e;
	return 0;
}

/* The rows come by rising target UID, as a set wants them. */
static struct slice group_set(struct imap_uidset *set, const struct ledger_flag_group *g)
{
	for (size_t i = 0; i < g->n; i++)
		imap_uidset_add(set, g->dst_uids[i]);
	return imap_uidset_text(set);
}

static int store_group(struct box *b, struct box_folder *f, const struct ledger_flag_group *g,
		       struct stored *r, struct err *e)
{
	struct imap_uidset set;
	struct buf added;
	struct buf removed;
	struct slice permanent = { NULL, 0 };
	if (f->dst_open.has_permanent)
		permanent = slice_str(f->dst_open.permanent);
	imap_uidset_init(&set);
	buf_init(&added);
	buf_init(&removed);
	difference(&added, g->new_flags, g->flags, permanent);
	difference(&removed, g->flags, g->new_flags, permanent);
	struct slice uids = group_set(&set, g);
	uint32_t add = added.len == 0 ? 0 : send_store(b, uids, " +FLAGS.SILENT (", added.at);
	uint32_t take = removed.len == 0 ? 0 : send_store(b, uids, " -FLAGS.SILENT (", removed.at);
	int rc = await_store(b, add, added.at, r, e);
	if (rc == 0)
		rc = await_store(b, take, removed.at, r, e);
	buf_release(&added);
	buf_release(&removed);
	imap_uidset_release(&set);
	return rc;
}

/* A refused change keeps no other one back: it is noted, and tried again by the next pass. */
static int refuse_group(struct box *b, struct box_folder *f, const struct ledger_flag_group *g,
			struct err *why, struct err *e)
{
	log_warn(b->opts->log, "%s: '%s': flags of %zu messages stay as they are: %s",
		 b->mailbox->address, f->row.shown, g->n, why->text);
	if (ledger_flags_refused(b->opts->store, f->row.id, g, why->text, e) != 0)
		return -1;
	(void)err_wrap(why, "changing flags in '%s'", f->row.shown);
	box_trouble(b, why);
	return 0;
}

/* Told to the ledger after the server said OK: a kill in between repeats a command that
 * changes nothing any more. */
static int carry_group(struct box *b, struct box_folder *f, const struct ledger_flag_group *g,
		       struct err *e)
{
	struct stored r = { .refused = false };
	if (store_group(b, f, g, &r, e) != 0)
		return -1;
	if (r.for_keywords)
		return ledger_flags_lost(b->opts->store, f->row.id, g, r.why.text, e);
	if (r.refused)
		return refuse_group(b, f, g, &r.why, e);
	hook_point("flags-stored");
	b->counts.flags_changed += g->n;
	b->progress += g->n;
	return ledger_flags_carried(b->opts->store, f->row.id, g, e);
}

/* The group before must live until the next is read: the query goes on from it. Hence two
 * arenas. */
int carry_flags(struct box *b, struct box_folder *f, struct err *e)
{
	struct ledger_flag_group g = { .n = 0 };
	struct arena *last = NULL; /* of `g` */
	int rc;
	do {
		struct arena *a = arena_new();
		rc = ledger_flag_group(b->opts->store, a, f->row.id,
				       session_at_most(b->dst, GROUP_MAX), &g, e);
		arena_free(last);
		last = a;
		if (rc == 0 && g.n > 0)
			rc = carry_group(b, f, &g, e);
	} while (rc == 0 && g.n > 0);
	arena_free(last);
	return rc;
}
