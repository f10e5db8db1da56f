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

/* 0 done, 1 refused (told in *why), -1. */
static int await_store(struct box *b, uint32_t tag, struct err *why, struct err *e)
{
	if (tag == 0 || conn_expect_ok(b->dst->conn, tag, NULL, e) == 0)
		return 0;
	if (e->kind != ERR_ITEM)
		return -1;
	*why = *e;
	return 1;
}

/* The rows come by rising target UID, as a set wants them. */
static struct slice group_set(struct imap_uidset *set, const struct ledger_flag_group *g)
{
	for (size_t i = 0; i < g->n; i++)
		imap_uidset_add(set, g->dst_uids[i]);
	return imap_uidset_text(set);
}

/* 0 done, 1 refused (told in *why), -1. */
static int store_group(struct box *b, struct box_folder *f, const struct ledger_flag_group *g,
		       struct err *why, struct err *e)
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
	int rc = await_store(b, add, why, e);
	int rc2 = rc < 0 ? -1 : await_store(b, take, why, e);
	buf_release(&added);
	buf_release(&removed);
	imap_uidset_release(&set);
	if (rc < 0 || rc2 < 0)
		return -1;
	return rc != 0 || rc2 != 0 ? 1 : 0;
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
	struct err why;
	int rc = store_group(b, f, g, &why, e);
	if (rc != 0)
		return rc < 0 ? -1 : refuse_group(b, f, g, &why, e);
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
