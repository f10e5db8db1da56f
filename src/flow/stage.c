/*
 * The two steps that change the zone. Both apply a set of the kept plan, then look who
 * serves it: the moment of that look is what the clocks count from.
 */
#include "flow/apply.h"
#include "flow/flow_priv.h"
#include "flow/observe.h"
#include "flow/plan.h"
#include "flow/steps.h"
#include "flow/verify.h"

enum { SERVED_WITHIN_MS = 120 * 1000 };

struct change_step {
	const char *name;    /* in the journal */
	const char *nothing; /* what is said when the set is empty */
};

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
		return true;
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

static int stage(struct flow *f, struct arena *a, struct step_outcome *out, struct err *e)
{
	static const struct change_step step = { "stage",
						 "nothing to stage: the zone is as planned" };
	const struct plan *plan;
	struct applied_group *groups;
	size_t n;
	if (load(f, a, &plan, &groups, &n, e) != 0)
		return -1;
	if (!fits_project(f, a, plan, out))
		return 0;
	/* After the switch the staged MX TTL is history: staging again would look like drift. */
	if (plan->staging->n > 0 && applied_has(groups, n, plan->staging)) {
		step_done(out, "staged already, by the journal");
		return 0;
	}
	return apply_and_look(f, a, &step, plan->staging, out, e);
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
static int switch_now(struct flow *f, struct arena *a, const struct plan *plan,
		      struct step_outcome *out, struct err *e)
{
	static const struct change_step step = { "switch",
						 "nothing to switch: the zone is as planned" };
	if (apply_and_look(f, a, &step, plan->switching, out, e) != 0)
		return -1;
	if (out->result != STEP_DONE || f->opts.dry_run)
		return 0;
	if (flow_await_served(f, a, plan->switching, flow_now_ms(f) + SERVED_WITHIN_MS, e) != 0)
		return -1;
	step_done(out, "%s; every authoritative server shows them", arena_strdup(a, out->reason));
	return 0;
}

/* The journal says that it was done. If somebody took it back since, that is a decision
 * which is not undone without asking. */
static int prove_again(struct flow *f, struct arena *a, const struct plan *plan,
		       struct step_outcome *out, struct err *e)
{
	const char *changed;
	if (flow_still_made(f, a, plan->switching, &changed, e) != 0)
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
	if (flow_await_served(f, a, plan->switching, flow_now_ms(f) + SERVED_WITHIN_MS, e) != 0)
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
	if (plan != NULL && applied_switch(groups, n, plan->switching))
		return prove_again(f, a, plan, out, e);
	if (!fits_project(f, a, plan, out))
		return 0;
	/* The gates are asked again, freshly: an old yes is no evidence. */
	if (step_gate(f, out, e) != 0)
		return -1;
	return out->result == STEP_DONE ? switch_now(f, a, plan, out, e) : 0;
}

int step_switch(struct flow *f, struct step_outcome *out, struct err *e)
{
	struct arena *a = arena_new();
	int rc = do_switch(f, a, out, e);
	arena_free(a);
	return rc;
}
