/*
 * The steps that change the zone. Each applies a set of the kept plan, then looks who
 * serves it: the moment of that look is what the clocks count from.
 */
#include "flow/apply.h"
#include "flow/flow_priv.h"
#include "flow/observe.h"
#include "flow/plan.h"
#include "flow/provider.h"
#include "flow/steps.h"
#include "flow/verify.h"
#include "store/journal.h"

enum { SERVED_WITHIN_MS = 120 * 1000 };

struct change_step {
	const char *name;    /* in the journal */
	const char *nothing; /* what is said when the set is empty */
};

/* What the plan was made for, and perhaps staged at, is where it goes on: at another host, or in
 * another zone, the same records are others. */
static bool fits_place(struct flow *f, struct arena *a, const struct plan *plan,
		       struct step_outcome *out)
{
	const struct place was = { .at = plan != NULL ? plan->place : NULL };
	const struct place now = place_of_project(f, a);
	if (!place_differs(&was, &now))
		return true;
	step_stop(out,
		  "write under `dns` what stood there then; or, where the zone has moved, `cutover "
		  "plan` begins anew from the zone as it is now (what was changed at the old place "
		  "is taken back only there, or by hand)",
		  "the plan was made for %s, and %s names %s now", was.at, f->opts.project->path,
		  now.at);
	return false;
}

/* What was reviewed is what is applied: the plan must still be one for this project file. */
static bool fits_project(struct flow *f, struct arena *a, const struct plan *plan,
			 struct step_outcome *out)
{
	const char *remedy = "run `cutover plan` and read what it wants to change";
	if (plan == NULL)
		step_stop(out, remedy, "there is no plan yet");
	else if (!str_eq(plan->wishes, plan_wishes(a, f->opts.project)))
		step_stop(out, remedy,
			  "%s asks for something else than the plan that was made from it",
			  f->opts.project->path);
	else
		return fits_place(f, a, plan, out);
	return false;
}

/* The kept plan (or NULL), and the changes in force after what an interrupted run left was
 * looked at. */
static int load(struct flow *f, struct arena *a, const struct plan **plan_r,
		struct applied_group **groups_r, size_t *n_r, struct err *e)
{
	if (flow_plan_load(f, a, plan_r, e) != 0 ||
	    (!f->opts.dry_run && flow_resolve_open(f, a, e) != 0))
		return -1;
	return flow_applied(f, a, groups_r, n_r, e);
}

/* Handed over at every look; the terminal shows the same sheet only once. */
static int wait_for_hand(struct flow *f, const struct apply_report *r, struct step_outcome *out)
{
	if (f->opts.show.sheet != NULL)
		f->opts.show.sheet(f->opts.show.ctx, r->sheet);
	step_wait(out, flow_now_ms(f) + BY_HAND_LOOK_MS,
		  "%zu change%s to be made by hand, as the sheet says; the DNS is watched for it",
		  r->by_hand, r->by_hand == 1 ? " has" : "s have");
	return 0;
}

/* The look behind the change is the observation that the clocks count from: without it the
 * wait would begin at the next step. */
static int apply_and_look(struct flow *f, struct arena *a, const struct change_step *cs,
			  const struct change_set *set, struct step_outcome *out, struct err *e)
{
	struct apply_report r;
	const struct snapshot *snap;
	if (set->n == 0) {
		step_done(out, "%s", cs->nothing);
		return 0;
	}
	if (flow_apply(f, a, cs->name, set, &r, e) != 0)
		return -1;
	if (r.by_hand > 0)
		return wait_for_hand(f, &r, out);
	if (f->opts.dry_run) {
		step_done(out, "dry run: %zu changes would have been made", set->n - r.already);
		return 0;
	}
	step_done(out, "%zu record%s changed and read back, %zu already so", r.changed,
		  r.changed == 1 ? "" : "s", r.already);
	return flow_observe(f, a, ASK_RECORDS, &snap, e);
}

/* Set after set: each has its own intent, and its own count of what it may change. Summed up in
 * *sum_r; the outcome is that of the last. */
static int stage_sets(struct flow *f, struct arena *a, const struct change_set *const *sets,
		      struct step_outcome *out, struct err *e)
{
	static const struct change_step step = { "stage",
						 "nothing to stage: the zone is as planned" };
	step_done(out, "%s", step.nothing);
	for (; *sets != NULL; sets++) {
		const char *before = arena_strdup(a, out->reason);
		bool had = !str_eq(before, step.nothing);
		if ((*sets)->n == 0)
			continue;
		if (apply_and_look(f, a, &step, *sets, out, e) != 0)
			return -1;
		if (out->result != STEP_DONE)
			return 0;
		if (had)
			step_done(out, "%s; then %s", before, arena_strdup(a, out->reason));
	}
	return 0;
}

/* What the journal has of a set counts for the plans before it. A later one was made from the zone
 * as it was then: what it wants to change again, somebody had taken back. */
static bool is_in_force(const struct plan *plan, const struct applied_group *groups, size_t n,
			const struct change_set *cs)
{
	size_t first = 0;
	while (first < n && groups[first].seq <= plan->behind_seq)
		first++;
	return applied_has(groups + first, n - first, cs);
}

/* The look before the change: what was served until now is what caches may hold behind it. Without
 * it, what a rollback put back for some days would never have been seen, and the clock of the
 * first staging would go on. By hand the sheet's own look does it. */
static int look_before(struct flow *f, struct arena *a, struct err *e)
{
	const struct snapshot *snap;
	if (f->opts.dry_run || provider_of_project_is_by_hand(f))
		return 0;
	return flow_observe(f, a, ASK_RECORDS, &snap, e);
}

/* After the switch the staged MX TTL is history: staging again would look like drift. */
static int stage(struct flow *f, struct arena *a, struct step_outcome *out, struct err *e)
{
	const struct plan *plan;
	struct applied_group *groups;
	size_t n;
	size_t todo = 0;
	if (load(f, a, &plan, &groups, &n, e) != 0)
		return -1;
	if (!fits_project(f, a, plan, out))
		return 0;
	const struct change_set *const both[] = { plan->staging, plan->policy };
	const struct change_set *sets[3] = { NULL };
	for (size_t i = 0; i < 2; i++)
		if (both[i]->n > 0 && !is_in_force(plan, groups, n, both[i]))
			sets[todo++] = both[i];
	if (todo == 0 && plan->staging->n + plan->policy->n > 0) {
		step_done(out, "staged already, by the journal");
		return 0;
	}
	if (todo > 0 && look_before(f, a, e) != 0)
		return -1;
	return stage_sets(f, a, sets, out, e);
}

int step_stage(struct flow *f, struct step_outcome *out, struct err *e)
{
	struct arena *a = arena_new();
	int rc = stage(f, a, out, e);
	arena_free(a);
	return rc;
}

/* Applied is not served: a secondary may lag. The step is done when every authoritative server
 * shows it. */
static int apply_and_await(struct flow *f, struct arena *a, const struct change_step *step,
			   const struct change_set *cs, struct step_outcome *out, struct err *e)
{
	if (apply_and_look(f, a, step, cs, out, e) != 0)
		return -1;
	if (cs->n == 0 || out->result != STEP_DONE || f->opts.dry_run)
		return 0;
	if (flow_await_served(f, a, cs, flow_now_ms(f) + SERVED_WITHIN_MS, e) != 0)
		return -1;
	step_done(out, "%s; every authoritative server shows them", arena_strdup(a, out->reason));
	return 0;
}

/* The journal says that it was done. If somebody took it back since, that is a decision
 * which is not undone without asking. */
static int prove_again(struct flow *f, struct arena *a, const struct change_set *cs,
		       struct step_outcome *out, struct err *e)
{
	const char *changed;
	if (flow_still_made(f, a, cs, &changed, e) != 0)
		return -1;
	if (changed != NULL) {
		step_stop(
			out,
			"if it was taken back on purpose, run `cutover rollback` to put that on "
			"the "
			"record (it changes only what is not back yet), then plan and switch anew",
			"the switch was made, but somebody changed it since: %s", changed);
		return 0;
	}
	if (flow_await_served(f, a, cs, flow_now_ms(f) + SERVED_WITHIN_MS, e) != 0)
		return -1;
	step_done(out, "switched already; every authoritative server shows it");
	return 0;
}

static int do_switch(struct flow *f, struct arena *a, struct step_outcome *out, struct err *e)
{
	const struct plan *plan;
	struct applied_group *groups;
	size_t n;
	if (load(f, a, &plan, &groups, &n, e) != 0)
		return -1;
	if (!fits_place(f, a, plan, out))
		return 0;
	if (plan != NULL && applied_switch(groups, n, plan->switching))
		return prove_again(f, a, applied_now(a, groups, n, plan->switching), out, e);
	if (!fits_project(f, a, plan, out))
		return 0;
	/* The gates are asked again, freshly: an old yes is no evidence. */
	if (step_gate(f, out, e) != 0)
		return -1;
	static const struct change_step step = { "switch",
						 "nothing to switch: the zone is as planned" };
	return out->result == STEP_DONE ? apply_and_await(f, a, &step, plan->switching, out, e) : 0;
}

int step_switch(struct flow *f, struct step_outcome *out, struct err *e)
{
	struct arena *a = arena_new();
	int rc = do_switch(f, a, out, e);
	arena_free(a);
	return rc;
}

/* ---- the clean-up -------------------------------------------------------------------- */

/* The row in which the MX was last changed by us; 0: never. What else a switch set has moves no
 * mail. */
static int64_t mx_switch(const struct flow *f, const struct applied_group *groups, size_t n)
{
	int64_t seq = 0;
	for (size_t i = 0; i < n; i++)
		if (str_eq(groups[i].step, "switch") &&
		    applied_change(&groups[i], f->opts.project->domain, RR_MX) != NULL)
			seq = groups[i].seq;
	return seq;
}

/* Its clocks are those of the tail: no cache can hold the old MX any more, and no message has come
 * to the old side for as long as the policy asks. A rollback since then begins them anew, and so
 * does another switch: by the order of the journal's rows, which no clock that is set changes. */
static int is_tail_over(struct flow *f, struct arena *a, int64_t switch_seq, bool *over_r,
			struct err *e)
{
	struct js *doc;
	struct journal_row *rows;
	size_t n;
	if (flow_get(f, DOC_TAIL, &doc, NULL, e) != 0)
		return -1;
	int64_t end_seq = doc != NULL ? js_get_int(doc, "journal") : 0;
	bool ended = doc != NULL;
	js_free(doc);
	if (journal_rows(f->store, a, "rollback", &rows, &n, e) != 0)
		return -1;
	*over_r = ended && switch_seq <= end_seq && (n == 0 || rows[n - 1].seq <= end_seq);
	return 0;
}

static int clean_up(struct flow *f, struct arena *a, struct step_outcome *out, struct err *e)
{
	static const struct change_step step = { "cleanup",
						 "nothing to clean up: the zone is as planned" };
	const struct plan *plan;
	struct applied_group *groups;
	size_t n;
	bool over;
	if (load(f, a, &plan, &groups, &n, e) != 0 ||
	    is_tail_over(f, a, mx_switch(f, groups, n), &over, e) != 0)
		return -1;
	if (!fits_project(f, a, plan, out))
		return 0;
	/* Nothing of it to be done: a person was before us, and the tail knows since when. */
	if (plan->switching->n > 0 && !applied_switch(groups, n, plan->switching))
		step_stop(out, "run `cutover switch` first", "the MX was not switched yet");
	else if (!over)
		step_stop(
			out,
			"run `cutover tail`: it ends when no cache can hold the old MX and the old "
			"side was idle for policy.tail_idle",
			"the old side may still get mail, and the old provider may still send");
	else if (plan->cleanup->n > 0 && is_in_force(plan, groups, n, plan->cleanup))
		step_done(out, "cleaned up already, by the journal");
	else
		return apply_and_await(f, a, &step, plan->cleanup, out, e);
	return 0;
}

int step_cleanup(struct flow *f, struct step_outcome *out, struct err *e)
{
	struct arena *a = arena_new();
	int rc = clean_up(f, a, out, e);
	arena_free(a);
	return rc;
}
