/*
 * steps.h - the steps of a cutover, in order, and the walk over them.
 */
#ifndef FLOW_STEPS_H
#define FLOW_STEPS_H

#include "flow/flow.h"

/* One step, repeatable at any time. -1 with *e when the world or the input failed; else
 * *out says done, wait until T because …, or stop because …. */
typedef int step_fn(struct flow *f, struct step_outcome *out, struct err *e);

struct step {
	const char *name;
	const char *what; /* one line for a person */
	step_fn *run;
};

/* audit, plan, stage, verify, copy, gate, switch, tail; ends with a NULL name. */
const struct step *step_table(void);

step_fn step_audit, step_plan, step_stage, step_verify, step_copy, step_gate, step_switch,
	step_tail;
/* tail, but one pass only. */
step_fn step_tail_once;

struct wait_limits {
	bool no_wait;        /* hand a waiting outcome back at once */
	int64_t deadline_ms; /* wall clock; 0: none. A later wait is handed back */
};

/* Runs one step again and again, sleeping exactly as long as it says, until it is done,
 * stops, or the limits end the waiting (*out is STEP_WAIT then). */
int flow_run_step(struct flow *f, step_fn *run, const struct wait_limits *limits,
		  struct step_outcome *out, struct err *e);

/* Walks the table. After a wait at the gate the mailboxes are copied again, for what is
 * new since. *stopped_at_r is the step that did not end with done; NULL when all did. */
int flow_run(struct flow *f, const struct wait_limits *limits, const struct step **stopped_at_r,
	     struct step_outcome *out, struct err *e);

#endif
