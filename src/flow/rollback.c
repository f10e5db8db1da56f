/*
 * Restores the before-images, newest first, with the same read-compare-write-read-back as
 * every change: an edit that somebody made since is refused, not overwritten. Each group
 * notes what it undoes, so a rollback that was cut in the middle goes on where it was.
 */
#include "flow/apply_priv.h"
#include "flow/flow_priv.h"
#include "flow/live.h"
#include "flow/provider.h"
#include "flow/second_net.h"
#include "zone/dname.h"

/* A record that is back already (by hand, or by a run that died after acting) is noted
 * as undone too; else the group would stay in force for ever. */
static int note_undone(struct flow *f, struct arena *a, const struct apply_intent *undo,
		       struct err *e)
{
	struct journal_row row = { .step = "rollback", .subject = apply_subject(a, undo->changes) };
	if (apply_journal_intent(f, a, undo, &row.seq, e) != 0)
		return -1;
	return apply_journal_outcome(f, &row, JOURNAL_DONE, e);
}

/* The inverse set's before-image is the group's after-image, so an edit made since is refused
 * by the same comparison as ever. */
static int undo_group(struct flow *f, struct arena *a, const struct applied_group *g,
		      struct apply_report *total, struct err *e)
{
	struct apply_report r = { 0 };
	struct apply_intent undo = { "rollback", g->seq, change_set_inverse(a, g->changes),
				     g->place };
	if (apply_run(f, a, &undo, &r, e) != 0) {
		second_net_offer(f, a, g->seq, e);
		return -1;
	}
	total->changed += r.changed;
	total->already += r.already;
	total->by_hand += r.by_hand;
	if (r.sheet != NULL)
		total->sheet = r.sheet;
	return r.by_hand == 0 && r.already > 0 ? note_undone(f, a, &undo, e) : 0;
}

static void conclude(struct flow *f, const struct apply_report *r, struct step_outcome *out)
{
	if (r->by_hand > 0) {
		if (f->opts.show.sheet != NULL)
			f->opts.show.sheet(f->opts.show.ctx, r->sheet);
		step_wait(out, flow_now_ms(f) + BY_HAND_LOOK_MS,
			  "%zu change%s to be taken back by hand, as the sheet says", r->by_hand,
			  r->by_hand == 1 ? " has" : "s have");
	} else if (f->opts.dry_run) {
		step_done(out, "dry run: %zu record%s would have been restored", r->changed,
			  r->changed == 1 ? "" : "s");
	} else {
		step_done(out, "%zu record%s restored and read back, %zu already back", r->changed,
			  r->changed == 1 ? "" : "s", r->already);
	}
}

/* One sheet for all: a person goes to the panel once. When the DNS shows that everything is back,
 * each group is noted as undone. */
static int undo_by_hand(struct flow *f, struct arena *a, const struct applied_group *groups,
			size_t n, struct apply_report *r, struct err *e)
{
	struct apply_intent all = { .step = "rollback",
				    .undoes = groups[n - 1].seq,
				    .changes = applied_undo(a, groups, n) };
	if (apply_run(f, a, &all, r, e) != 0)
		return -1;
	for (size_t i = n; i-- > 0 && r->by_hand == 0 && !f->opts.dry_run;) {
		struct apply_intent undo = { .step = "rollback",
					     .undoes = groups[i].seq,
					     .changes = change_set_inverse(a, groups[i].changes) };
		if (note_undone(f, a, &undo, e) != 0)
			return -1;
	}
	return 0;
}

/* Through the provider up to the write that the dry run refuses, each RRset once: group by group,
 * the second would meet what the first has not really undone. */
static int rehearse(struct flow *f, struct arena *a, const struct applied_group *groups, size_t n,
		    struct apply_report *r, struct err *e)
{
	const struct change_set *all = NULL;
	if (apply_rehearse(f, a, groups, n, &all, e) != 0)
		return -1;
	r->changed = all->n;
	if (all->n == 0)
		return 0;
	const struct apply_intent undo = { .step = "rollback",
					   .undoes = groups[n - 1].seq,
					   .changes = all };
	for (size_t i = 0; i < all->n; i++)
		log_info(f->opts.log, "would put back %s %s: %s",
			 dname_show(a, all->changes[i].name), rr_type_name(a, all->changes[i].type),
			 live_show(a, all->changes[i].after));
	return apply_run(f, a, &undo, r, e);
}

/* Newest first, and one group after the other: each leaves the zone as the one before it wants
 * to find it. */
static int rollback(struct flow *f, struct arena *a, struct step_outcome *out, struct err *e)
{
	struct applied_group *groups;
	size_t n;
	struct apply_report r = { 0 };
	bool restores = f->opts.snapshot != NULL && !f->opts.dry_run;
	if ((!f->opts.dry_run && flow_resolve_open(f, a, e) != 0) ||
	    (restores && second_net_restore(f, a, f->opts.snapshot, e) != 0) ||
	    flow_applied(f, a, &groups, &n, e) != 0)
		return -1;
	if (n == 0) {
		step_done(out, "nothing to roll back: the journal holds no change in force");
		return 0;
	}
	bool by_hand = provider_of_project_is_by_hand(f);
	if (by_hand || f->opts.dry_run) {
		if ((by_hand ? undo_by_hand : rehearse)(f, a, groups, n, &r, e) != 0)
			return -1;
		n = 0;
	}
	for (size_t i = n; i-- > 0 && r.by_hand == 0;)
		if (undo_group(f, a, &groups[i], &r, e) != 0)
			return -1;
	conclude(f, &r, out);
	return 0;
}

int step_rollback(struct flow *f, struct step_outcome *out, struct err *e)
{
	struct arena *a = arena_new();
	int rc = rollback(f, a, out, e);
	arena_free(a);
	return rc;
}
