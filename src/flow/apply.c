/*
 * Order is important here: intent, act, read back, outcome. Whoever kills this process
 * between two of them leaves a journal from which flow_resolve_open finds out, by
 * reading the zone, which of the two states is true.
 */
#include "flow/apply_priv.h"

#include "base/hook.h"
#include "base/vec.h"
#include "flow/flow_priv.h"
#include "flow/live.h"
#include "flow/second_net.h"
#include "store/journal.h"
#include "zone/dname.h"

/* What one application needs at hand. */
struct job {
	struct flow *f;
	struct arena *a;
	const struct apply_intent *intent;
	struct live live; /* with the provider */
	struct apply_report *report;
	VEC(struct change) todo; /* as planned, and as the journal has it */
	VEC(struct change) sent; /* the same from what is there, which may be half of it */
	const char *odd;         /* the last look: the first that is neither image, both in words */
};

/* Exact when it undoes: the value that is to come back was there, so the panel can have it. */
static struct job job_of(struct flow *f, struct arena *a, const struct apply_intent *intent,
			 struct apply_report *report)
{
	return (struct job){
		.f = f,
		.a = a,
		.intent = intent,
		.live = { .f = f, .a = a, .exact = intent->undoes != 0 },
		.report = report,
	};
}

/* Both values in one sentence: the person must decide which of the two is right. */
int apply_refuse_foreign(struct arena *a, const struct change *c, const struct rrset *now,
			 bool undoes, struct err *e)
{
	err_set(e, ERR_REFUSED,
		"changing %s %s: somebody else changed it: it should be %s, and is %s",
		dname_show(a, c->name), rr_type_name(a, c->type), live_show(a, c->before),
		live_show(a, now));
	if (undoes)
		return err_hint(
			e, "nothing was written; give the record one of these two values in the "
			   "panel, then run `cutover rollback` again");
	return err_hint(e,
			"nothing was written; look at the zone, then plan again: `cutover plan`");
}

static int refuse_foreign_edit(struct job *j, const struct change *c, const struct rrset *now,
			       struct err *e)
{
	return apply_refuse_foreign(j->a, c, now, j->intent->undoes != 0, e);
}

/* Where the whole group stands: all after, all before, or neither. */
static int group_state(struct job *j, const struct change_set *cs, enum live_at *state_r,
		       struct err *e)
{
	size_t before = 0;
	size_t after = 0;
	j->live.snap = NULL; /* look again */
	j->odd = NULL;
	if (live_look(&j->live, cs, e) != 0)
		return -1;
	for (size_t i = 0; i < cs->n; i++) {
		enum live_at w;
		const struct rrset *now;
		if (live_where(&j->live, &cs->changes[i], &w, &now, e) != 0)
			return -1;
		if (w == LIVE_OTHER && j->odd == NULL)
			j->odd = arena_printf(j->a, "%s, and not %s", live_show(j->a, now),
					      live_show(j->a, cs->changes[i].after));
		before += w == LIVE_BEFORE;
		after += w == LIVE_AFTER;
	}
	*state_r = after == cs->n ? LIVE_AFTER : before == cs->n ? LIVE_BEFORE : LIVE_OTHER;
	return 0;
}

/* FAILED means that nothing of it was changed by us and nothing will, whatever somebody else did
 * meanwhile. A group found half done is UNKNOWN, and so is one that is not seen but may yet land,
 * for nobody said that it was not done: rollback looks at each of its records. */
static enum journal_kind outcome_of(enum live_at state, enum registrar_applied applied)
{
	if (state == LIVE_AFTER)
		return JOURNAL_DONE;
	return applied == APPLIED_NONE ? JOURNAL_FAILED : JOURNAL_UNKNOWN;
}

/* Written is not served: an apply that failed, or died, may not have come as far as publishing.
 * When it fails the intent stays open, and the next run publishes before anything else. */
static int publish_written(struct job *j, enum live_at state, struct err *e)
{
	if (state != LIVE_AFTER || provider_is_by_hand(j->live.provider))
		return 0;
	return registrar_publish(provider_call(j->live.provider), e);
}

/* The provider's word is not evidence: read back, and let that decide. */
static int conclude(struct job *j, const struct change_set *cs, int64_t intent,
		    enum registrar_applied applied, struct err *e)
{
	struct err read_err;
	enum live_at state;
	if (group_state(j, cs, &state, &read_err) != 0) {
		/* The intent stays open: the next run looks again. */
		if (applied == APPLIED_ALL)
			*e = read_err;
		return err_wrap(e, "reading back %s", apply_subject(j->a, cs));
	}
	if (applied != APPLIED_ALL && publish_written(j, state, e) != 0)
		return -1;
	/* It may still be on its way: the intent stays open, and the next run looks again. */
	if (applied == APPLIED_UNKNOWN && state == LIVE_BEFORE)
		return -1;
	struct err write_err;
	struct journal_row row = { .seq = intent,
				   .step = j->intent->step,
				   .subject = apply_subject(j->a, cs) };
	if (apply_journal_outcome(j->f, &row, outcome_of(state, applied), &write_err) != 0) {
		*e = write_err;
		return -1;
	}
	if (state == LIVE_AFTER) {
		j->report->changed += cs->n;
		return applied == APPLIED_BEYOND ? -1 : 0; /* *e says what else is not as it was */
	}
	if (applied == APPLIED_ALL)
		err_set(e, ERR_WORLD,
			"changing %s: the provider said that it was done, but reading "
			"it back shows %s",
			apply_subject(j->a, cs),
			state == LIVE_BEFORE ? "the old records"
			: j->odd != NULL     ? j->odd
					     : "only a part of it");
	if (e->hint[0] == '\0')
		err_hint(e, "look at the zone in the provider's panel; `cutover rollback` restores "
			    "what was changed so far");
	return -1;
}

/* A dry run goes all the way to the host, which refuses to send: that is its good end. */
static int try_group(struct job *j, const struct change_set *cs, struct err *e)
{
	enum registrar_applied applied;
	if (registrar_apply(provider_call(j->live.provider), cs, &applied, e) == 0)
		return err_set(e, ERR_BUG, "a dry run changed %s", apply_subject(j->a, cs));
	if (!registrar_would_apply(provider_call(j->live.provider)))
		return -1;
	log_info(j->f->opts.log, "%s", e->text);
	err_clear(e);
	return 0;
}

/* With the zone's own id, for the provider has been asked what stands there. */
static struct place here(const struct job *j)
{
	return place_of_session(j->f, j->a, j->live.provider);
}

/* The hook points are where tests kill the process; between any two of them the journal must
 * be enough to go on. `sent` is `cs` from what is there now: the journal keeps the image that a
 * rollback is to restore, not half of it. */
static int apply_group(struct job *j, const struct change_set *cs, const struct change_set *sent,
		       struct err *e)
{
	int64_t intent;
	enum registrar_applied applied;
	if (j->f->opts.dry_run)
		return try_group(j, sent, e);
	hook_point("apply-before-intent");
	struct apply_intent group = { j->intent->step, j->intent->undoes, cs, here(j) };
	if (apply_journal_intent(j->f, j->a, &group, &intent, e) != 0)
		return -1;
	hook_point("apply-intent");
	(void)registrar_apply(provider_call(j->live.provider), sent, &applied, e);
	hook_point("apply-acted");
	int rc = conclude(j, cs, intent, applied, e);
	hook_point("apply-outcome");
	return rc;
}

/* A change that is found made. One that an earlier write of ours may have made, whose end nobody
 * told and which was not there when it was looked for, has landed since: it is ours, and the
 * journal gets it as such, each for itself as rollback takes them back. Else somebody else was
 * before us, and it stays theirs. */
static int take_made(struct job *j, const struct change *c, struct err *e)
{
	struct applied_group *groups;
	size_t n;
	j->report->already++;
	if (j->f->opts.dry_run || j->intent->undoes != 0 || provider_is_by_hand(j->live.provider))
		return 0;
	if (flow_applied(j->f, j->a, &groups, &n, e) != 0)
		return -1;
	const struct change *ours = applied_uncertain(groups, n, c);
	if (ours == NULL)
		return 0;
	struct change_set landed = { j->intent->changes->id, j->intent->changes->zone, 1, ours };
	struct apply_intent intent = { j->intent->step, 0, &landed, here(j) };
	struct journal_row row = { .step = intent.step, .subject = apply_subject(j->a, &landed) };
	log_info(j->f->opts.log, "an earlier write of %s has landed", row.subject);
	if (apply_journal_intent(j->f, j->a, &intent, &row.seq, e) != 0)
		return -1;
	return apply_journal_outcome(j->f, &row, JOURNAL_DONE, e);
}

/* Neither of the two images. A host of single records may have done one and refused the next: what
 * an unfinished write of ours explains is finished, or taken back, from there. By hand nothing is
 * overwritten by us, and a person may be in the middle of it. */
static int check_other(struct job *j, const struct change *c, const struct rrset *now,
		       struct err *e)
{
	struct applied_group *groups;
	size_t n;
	if (provider_is_by_hand(j->live.provider))
		return 0;
	if (provider_is_atomic(j->live.provider) || j->f->store == NULL)
		return refuse_foreign_edit(j, c, now, e);
	if (flow_applied(j->f, j->a, &groups, &n, e) != 0)
		return -1;
	if (!applied_half_done(groups, n, c, now))
		return refuse_foreign_edit(j, c, now, e);
	log_info(j->f->opts.log, "%s %s was left half done by an earlier write: %s",
		 dname_show(j->a, c->name), rr_type_name(j->a, c->type), live_show(j->a, now));
	return 0;
}

/* The planned image with what the host alone knows of it, so that a rollback can put that back. */
static const struct rrset *as_kept(struct job *j, const struct rrset *planned,
				   const struct rrset *now)
{
	bool inherits = planned != NULL && now != NULL && now->of_zone && now->ttl == planned->ttl;
	return inherits ? rrset_as_of_zone(j->a, planned) : planned;
}

/* One that is not as it is to be. */
static void push_todo(struct job *j, const struct change *c, const struct rrset *now)
{
	*vec_push(j->a, &j->todo) = (struct change){ c->name, c->type, as_kept(j, c->before, now),
						     c->after, c->why };
	*vec_push(j->a, &j->sent) = (struct change){ c->name, c->type, now, c->after, c->why };
}

/* Sorts the changes: what is done already, what is to be done; a foreign edit ends it. */
static int split(struct job *j, const struct change_set *cs, struct err *e)
{
	if (live_look(&j->live, cs, e) != 0)
		return -1;
	for (size_t i = 0; i < cs->n; i++) {
		enum live_at w;
		const struct rrset *now;
		const struct change *c = &cs->changes[i];
		if (live_where(&j->live, c, &w, &now, e) != 0)
			return -1;
		if (i == 0 &&
		    place_check_session(j->f, j->a, &j->intent->place, j->live.provider, e) != 0)
			return -1;
		if (w == LIVE_OTHER && check_other(j, c, now, e) != 0)
			return -1;
		if (w == LIVE_AFTER && take_made(j, c, e) != 0)
			return -1;
		if (w != LIVE_AFTER)
			push_todo(j, c, now);
	}
	return 0;
}

/* No intent yet: nothing was done, and perhaps never will be. It is journalled when it is seen
 * (journal_by_hand). */
static int hand_over(struct job *j, const struct change_set *todo, struct err *e)
{
	if (registrar_sheet(provider_call(j->live.provider), j->a, todo, &j->report->sheet, e) != 0)
		return -1;
	j->report->by_hand = todo->n;
	return 0;
}

/* Without atomic sets each record gets an intent of its own, and the cancel is obeyed between
 * them, never within one. */
static int apply_todo(struct job *j, const struct change_set *todo, struct err *e)
{
	if (todo->n == 0)
		return 0;
	if (provider_is_by_hand(j->live.provider))
		return hand_over(j, todo, e);
	const char *id = j->intent->undoes != 0 ? CHANGE_SET_ROLLBACK : todo->id;
	const struct change_set sent = { id, todo->zone, todo->n, j->sent.at };
	if (provider_is_atomic(j->live.provider))
		return apply_group(j, todo, &sent, e);
	for (size_t i = 0; i < todo->n; i++) {
		const struct change_set one = { todo->id, todo->zone, 1, &todo->changes[i] };
		const struct change_set one_sent = { id, todo->zone, 1, &j->sent.at[i] };
		if (cancel_check(j->f->cancel, e) != 0 || apply_group(j, &one, &one_sent, e) != 0)
			return -1;
	}
	return 0;
}

/* What a person did in the panel is journalled when it is seen, so that rollback knows. */
static int journal_by_hand(struct job *j, const struct change_set *cs, struct err *e)
{
	struct applied_group *groups;
	size_t n;
	if (flow_applied(j->f, j->a, &groups, &n, e) != 0)
		return -1;
	if (cs->n == 0 || applied_has(groups, n, cs))
		return 0;
	struct journal_row row = { .step = j->intent->step, .subject = apply_subject(j->a, cs) };
	if (apply_journal_intent(j->f, j->a, j->intent, &row.seq, e) != 0)
		return -1;
	return apply_journal_outcome(j->f, &row, JOURNAL_DONE, e);
}

/* Order: sort out what is done already, then act. A dry run goes the same way up to the host. */
static int run_job(struct job *j, const struct change_set *cs, struct err *e)
{
	if (split(j, cs, e) != 0)
		return -1;
	const struct change_set todo = { cs->id, cs->zone, j->todo.n, j->todo.at };
	if (todo.n > 0 && j->intent->undoes == 0 && !provider_is_by_hand(j->live.provider) &&
	    second_net_take(j->f, j->a, j->live.provider, cs, e) != 0)
		return -1;
	if (apply_todo(j, &todo, e) != 0)
		return -1;
	/* What is undone by hand is noted by the rollback itself. */
	bool by_hand = provider_is_by_hand(j->live.provider) && todo.n == 0 &&
		       j->intent->undoes == 0 && !j->f->opts.dry_run;
	return by_hand ? journal_by_hand(j, cs, e) : 0;
}

int apply_run(struct flow *f, struct arena *a, const struct apply_intent *intent,
	      struct apply_report *report, struct err *e)
{
	struct job j = job_of(f, a, intent, report);
	const struct change_set *cs = intent->changes;
	if (change_set_check(cs, e) != 0 || place_check(f, a, &intent->place, e) != 0 ||
	    provider_open(f, cs->zone, &j.live.provider, e) != 0)
		return -1;
	int rc = run_job(&j, cs, e);
	if (rc != 0)
		provider_offer_by_hand(f, intent->step, e);
	provider_close(j.live.provider);
	return rc;
}

/* A plan that grew far beyond a cutover's usual handful is looked at twice. Undoing is free: it
 * touches nothing that was not allowed before. */
static int check_size(const struct flow *f, const struct change_set *cs, struct err *e)
{
	unsigned most = f->opts.project->policy.max_changed_rrsets;
	if (most == 0 || cs->n <= most || cs->n <= f->opts.allow_changes)
		return 0;
	err_set(e, ERR_REFUSED,
		"the %s set changes %zu RRsets; policy.max_changed_rrsets allows %u in one set",
		cs->id, cs->n, most);
	return err_hint(e,
			"read them all in `cutover plan`; when every one is wanted, run the same "
			"with --allow-changes %zu",
			cs->n);
}

/* What an interrupted run left open is cleared up first: until then the journal cannot say
 * what is in force. */
int flow_apply(struct flow *f, struct arena *a, const char *step, const struct change_set *cs,
	       struct apply_report *report_r, struct err *e)
{
	*report_r = (struct apply_report){ 0 };
	if (cs->n == 0)
		return 0;
	if (check_size(f, cs, e) != 0)
		return -1;
	if (!f->opts.dry_run && flow_resolve_open(f, a, e) != 0)
		return -1;
	return apply_run(f, a, &(struct apply_intent){ .step = step, .changes = cs }, report_r, e);
}

/* ---- after an interruption ---------------------------------------------------------- */

/* The change is neither repeated nor undone here: that is for the step which runs next. */
static int resolve_one(struct flow *f, struct arena *a, const struct journal_row *row,
		       struct err *e)
{
	enum live_at state;
	struct apply_intent intent;
	struct apply_report ignored = { 0 };
	if (apply_intent_read(a, row, &intent, e) != 0 || place_check(f, a, &intent.place, e) != 0)
		return -1;
	const struct change_set *cs = intent.changes;
	struct job j = job_of(f, a, &intent, &ignored);
	if (provider_open(f, cs->zone, &j.live.provider, e) != 0)
		return -1;
	int rc = group_state(&j, cs, &state, e);
	if (rc == 0)
		rc = place_check_session(f, a, &intent.place, j.live.provider, e);
	if (rc == 0)
		rc = publish_written(&j, state, e);
	provider_close(j.live.provider);
	if (rc != 0)
		return -1;
	log_info(f->opts.log, "an interrupted change of %s was found %s", row->subject,
		 state == LIVE_AFTER    ? "done"
		 : state == LIVE_BEFORE ? "not done so far"
					: "neither done nor undone");
	return apply_journal_outcome(f, row, outcome_of(state, APPLIED_UNKNOWN), e);
}

int flow_resolve_open(struct flow *f, struct arena *a, struct err *e)
{
	struct journal_row *rows;
	size_t n;
	/* Nothing is changed on the word of a journal that somebody edited. */
	if (journal_verify(f->store, e) != 0 ||
	    journal_open_intents(f->store, a, &rows, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		bool changes = apply_is_change_step(rows[i].step);
		if ((changes ? resolve_one(f, a, &rows[i], e)
			     : second_net_resolve(f, &rows[i], e)) != 0)
			return err_wrap(e, "finding out what an interrupted '%s' did",
					rows[i].step);
	}
	return 0;
}

/* Stops at the first record that differs: one is enough to ask a person. */
int flow_still_made(struct flow *f, struct arena *a, const struct change_set *cs,
		    const char **what_r, struct err *e)
{
	struct apply_report ignored = { 0 };
	struct apply_intent intent = { .step = "switch", .changes = cs };
	struct job j = job_of(f, a, &intent, &ignored);
	*what_r = NULL;
	if (cs->n == 0)
		return 0;
	if (provider_open(f, cs->zone, &j.live.provider, e) != 0)
		return -1;
	int rc = live_look(&j.live, cs, e);
	for (size_t i = 0; i < cs->n && rc == 0 && *what_r == NULL; i++) {
		enum live_at w;
		const struct rrset *now;
		const struct change *c = &cs->changes[i];
		rc = live_where(&j.live, c, &w, &now, e);
		if (rc == 0 && w != LIVE_AFTER)
			*what_r = arena_printf(a, "%s %s is %s", dname_show(a, c->name),
					       rr_type_name(a, c->type), live_show(a, now));
	}
	provider_close(j.live.provider);
	return rc;
}
