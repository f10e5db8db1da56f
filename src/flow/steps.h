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
	bool by_request; /* `run` ends before it: a person decides when */
};

/* audit, plan, stage, verify, copy, gate, switch, tail, cleanup; static, ends with a NULL name. */
const struct step *step_table(void);

/* Stops at a blocker of the audit; the document is kept. */
step_fn step_audit;
/* Keeps the plan of which something is in force; any other is made anew from the zone. */
step_fn step_plan;
/* Applies the staging set and the policy set, once; waits while a person has to do it by hand. */
step_fn step_stage;
/* Looks once who shows the staged records; waits while a server or a cache does not. */
step_fn step_verify;
/* One pass over all mailboxes, with a comparison of those that never had one. */
step_fn step_copy;
/* Asks every gate with fresh evidence; waits when only time is missing. */
step_fn step_gate;
/* Asks the gates again and applies the switch set only when all let pass. Made already: proves
 * that it still stands, and stops when somebody took it back. */
step_fn step_switch;
/* One pass of the old side; done once no cache can hold the old MX and no message came for
 * policy.tail_idle. Stops before the switch. */
step_fn step_tail;
/* Applies the clean-up set, once the tail is over; stops before that. */
step_fn step_cleanup;
/* tail, but one pass only: a wait for the clock counts as done, one for a person stops. */
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
