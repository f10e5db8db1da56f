/*
 * The table of the steps and the walk over it. A step does not sleep until a clock runs
 * out: it says until when, and the one loop here does the waiting, so that --no-wait,
 * deadlines, an interrupt and a test's clock work alike for all of them. (Only the proof
 * behind a switch looks again by itself, for two minutes.)
 */
#include "flow/steps.h"

#include "flow/apply.h"
#include "flow/audit.h"
#include "flow/copy.h"
#include "flow/flow_priv.h"
#include "flow/gates.h"
#include "flow/plan.h"
#include "io/wait.h"

const struct step *step_table(void)
{
	static const struct step table[] = {
		{ "audit", "asks every authoritative server and judges", step_audit, false },
		{ "plan", "computes what to change, with before-images", step_plan, false },
		{ "stage", "adds the ownership TXT and lowers the MX TTL", step_stage, false },
		{ "verify", "proves the staged records at every server and resolver", step_verify,
		  false },
		{ "copy", "copies every mailbox; a repeat moves only what is new", step_copy,
		  false },
		{ "gate", "decides from evidence whether the MX may switch", step_gate, false },
		{ "switch", "changes MX, SPF and autodiscover as one change set", step_switch,
		  false },
		{ "tail", "keeps copying until the old side is provably idle", step_tail, false },
		{ "cleanup", "takes away what only the move needed", step_cleanup, true },
		{ NULL, NULL, NULL, false },
	};
	return table;
}

static void say_findings(const struct findings *found, struct step_outcome *out)
{
	size_t warnings = findings_count(found, SEVERITY_WARNING);
	size_t notes = findings_count(found, SEVERITY_INFO);
	step_done(out, "%zu warning%s, %zu note%s, no blocker", warnings, warnings == 1 ? "" : "s",
		  notes, notes == 1 ? "" : "s");
}

/* The first finding is told: they come sorted, so it is a blocker. */
int step_audit(struct flow *f, struct step_outcome *out, struct err *e)
{
	struct arena *a = arena_new();
	const struct audit *au;
	int rc = flow_audit(f, a, PHASE_AUDIT, &au, e);
	if (rc == 0 && findings_count(&au->findings, SEVERITY_BLOCKER) > 0)
		step_stop(out, au->findings.list.at[0].remedy, "%s: %s",
			  au->findings.list.at[0].check, au->findings.list.at[0].message);
	else if (rc == 0)
		say_findings(&au->findings, out);
	arena_free(a);
	return rc;
}

/* A plan of which something is in force is kept: the journal refers to it, and a person may
 * have reviewed it. One that was never used is made anew, from the zone as it is now. */
static int plan_once(struct flow *f, struct arena *a, struct step_outcome *out, struct err *e)
{
	const struct plan *plan;
	struct applied_group *groups;
	size_t n;
	if (flow_plan_load(f, a, &plan, e) != 0 || flow_applied(f, a, &groups, &n, e) != 0)
		return -1;
	bool kept = plan != NULL && n > 0;
	if (!kept && flow_plan(f, a, &plan, e) != 0)
		return -1;
	step_done(out, "%s: %zu change%s to stage, %zu to switch", kept ? "kept" : "made",
		  plan->staging->n, plan->staging->n == 1 ? "" : "s", plan->switching->n);
	return 0;
}

int step_plan(struct flow *f, struct step_outcome *out, struct err *e)
{
	struct arena *a = arena_new();
	int rc = plan_once(f, a, out, e);
	arena_free(a);
	return rc;
}

/* Mailboxes that were compared already are not read again: a pass in `run` may repeat every
 * few minutes. */
int step_copy(struct flow *f, struct step_outcome *out, struct err *e)
{
	struct arena *a = arena_new();
	const struct copy_progress *end;
	int rc = flow_copy(f, a, &(struct copy_wishes){ .verify = COPY_VERIFY_NEW }, &end, out, e);
	arena_free(a);
	return rc;
}

int step_gate(struct flow *f, struct step_outcome *out, struct err *e)
{
	struct arena *a = arena_new();
	const struct gate *gates;
	size_t n;
	int rc = flow_gate(f, a, &gates, &n, out, e);
	arena_free(a);
	return rc;
}

/* Told anew each minute: how long it still takes stands beside it, and a wait may last days. */
static int sleep_telling(struct flow *f, const struct step_outcome *out, int64_t until_ms,
			 struct err *e)
{
	enum { TOLD_EVERY_MS = 60 * 1000 };
	do {
		int64_t next_ms = flow_now_ms(f) + TOLD_EVERY_MS;
		flow_waiting(f, out->reason, out->until_ms);
		if (wait_until(f->opts.clock, next_ms < until_ms ? next_ms : until_ms, f->cancel,
			       e) != 0)
			return -1;
	} while (flow_now_ms(f) < until_ms);
	return 0;
}

/* The deadline is looked at after the run: the step always gets its one try. */
int flow_run_step(struct flow *f, step_fn *run, const struct wait_limits *limits,
		  struct step_outcome *out, struct err *e)
{
	for (;;) {
		*out = (struct step_outcome){ 0 };
		if (run(f, out, e) != 0)
			return -1;
		bool too_late = limits->deadline_ms != 0 && flow_now_ms(f) >= limits->deadline_ms;
		if (out->result != STEP_WAIT || limits->no_wait || too_late)
			return 0;
		int64_t until = out->until_ms;
		if (limits->deadline_ms != 0 && until > limits->deadline_ms)
			until = limits->deadline_ms;
		if (sleep_telling(f, out, until, e) != 0)
			return -1;
	}
}

/* The gate's wait can last days: what arrived meanwhile is copied before it decides. */
static int gate_with_fresh_copy(struct flow *f, const struct wait_limits *limits,
				struct step_outcome *out, struct err *e)
{
	for (;;) {
		*out = (struct step_outcome){ 0 };
		if (step_gate(f, out, e) != 0)
			return -1;
		if (out->result != STEP_WAIT || limits->no_wait)
			return 0;
		if (sleep_telling(f, out, out->until_ms, e) != 0 || step_copy(f, out, e) != 0)
			return -1;
	}
}

/* Compared by function: the table is the only place that knows the names. */
static int run_one(struct flow *f, const struct step *s, const struct wait_limits *limits,
		   struct step_outcome *out, struct err *e)
{
	return s->run == step_gate ? gate_with_fresh_copy(f, limits, out, e)
				   : flow_run_step(f, s->run, limits, out, e);
}

/* A failed mailbox does not end the walk at `copy`: the gate tells all that is missing. */
static bool ends_walk(const struct step *s, const struct step_outcome *out)
{
	bool is_copy = s->run == step_copy && out->result == STEP_STOP;
	return out->result != STEP_DONE && !is_copy;
}

/* Behind the switch its earlier steps are history: asking the gates again could only keep
 * the tail from running. An interrupted switch is resolved first, to know where we are. */
static int is_switched(struct flow *f, bool *switched_r, struct err *e)
{
	enum phase phase;
	struct arena *a = arena_new();
	int rc = f->opts.dry_run ? 0 : flow_resolve_open(f, a, e);
	if (rc == 0)
		rc = flow_phase(f, &phase, e);
	*switched_r = rc == 0 && phase == PHASE_POST;
	arena_free(a);
	return rc;
}

static bool is_before_switch(const struct step *s)
{
	return s->run != step_switch && s->run != step_tail && s->run != step_cleanup;
}

/* Before the switch a walk always begins at the first step: every step can be repeated, so
 * resuming is nothing but running again. */
int flow_run(struct flow *f, const struct wait_limits *limits, const struct step **stopped_at_r,
	     struct step_outcome *out, struct err *e)
{
	bool switched;
	if (is_switched(f, &switched, e) != 0)
		return -1;
	for (const struct step *s = step_table(); s->name != NULL; s++) {
		if (s->by_request || (switched && is_before_switch(s)))
			continue;
		*stopped_at_r = s;
		if (f->opts.show.step != NULL)
			f->opts.show.step(f->opts.show.ctx, s->name, s->what);
		if (run_one(f, s, limits, out, e) != 0)
			return -1;
		if (ends_walk(s, out))
			return 0;
		log_info(f->opts.log, "  %s", out->reason);
	}
	*stopped_at_r = NULL;
	return 0;
}
