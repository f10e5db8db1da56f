/* The commands that run one step and show what it left in the store. */
#include "cli/command.h"
#include "cli/console.h"
#include "cli/render.h"
#include "flow/apply.h"
#include "flow/plan_file.h"

typedef enum exit_code console_fn(struct console *s);

static enum exit_code with_console(const struct args *args, struct term *t, console_fn *work)
{
	struct console s;
	struct err e = { 0 };
	enum exit_code code = console_open(&s, args, t, FLOW_WRITE_STORE, &e) == 0
				      ? work(&s)
				      : console_fail(&s, &e);
	console_close(&s);
	return code;
}

/* ---- plan ------------------------------------------------------------------------- */

static int write_plan(struct console *s, const struct plan *plan, struct err *e)
{
	const char *path = s->args->options[OPT_OUT].text;
	if (!args_has(s->args, OPT_OUT))
		return 0;
	if (plan_file_write(plan, path, e) != 0)
		return -1;
	log_info(s->log, "wrote %s: read it, then `cutover stage --plan %s`", path, path);
	return 0;
}

/* flow_plan and not the step: who asks for a plan wants it made anew, even when one is in
 * force. */
static enum exit_code do_plan(struct console *s)
{
	struct err e = { 0 };
	const struct plan *plan;
	if (flow_plan(s->flow, s->arena, &plan, &e) != 0 || write_plan(s, plan, &e) != 0)
		return console_fail(s, &e);
	if (args_has(s->args, OPT_JSON)) {
		struct js *doc = plan_to_js(plan);
		console_put_json(s, doc);
		js_free(doc);
	} else {
		render_plan(s->term, plan);
	}
	return EXIT_YES;
}

static enum exit_code run_plan(const struct args *args, struct term *t)
{
	return with_console(args, t, do_plan);
}

/* ---- the rest: run, then tell ------------------------------------------------------- */

/* --plan: refused before anything is asked of the zone, or all that the step goes by. */
static int take_plan(struct console *s, struct err *e)
{
	return args_has(s->args, OPT_PLAN)
		       ? flow_plan_take(s->flow, s->args->options[OPT_PLAN].text, e)
		       : 0;
}

/* With --json the outcome is the document; the exit code is the same either way. */
static enum exit_code do_step(struct console *s, step_fn *step, bool waits_by_default)
{
	struct err e = { 0 };
	struct step_outcome out;
	if (take_plan(s, &e) != 0 || console_run_step(s, step, waits_by_default, &out, &e) != 0)
		return console_fail(s, &e);
	if (args_has(s->args, OPT_JSON)) {
		struct js *doc = js_object();
		static const char *const results[] = { "done", "waiting", "stopped" };
		js_set_int(doc, "version", 1);
		js_set_str(doc, "result", results[out.result]);
		js_set_str(doc, "reason", out.reason);
		js_set_str(doc, "remedy", out.remedy[0] != '\0' ? out.remedy : NULL);
		js_set_time(doc, "until", out.until_ms);
		console_put_json(s, doc);
		js_free(doc);
	}
	return console_outcome(s, &out);
}

static enum exit_code do_stage(struct console *s)
{
	return do_step(s, step_stage, true);
}

static enum exit_code do_tail(struct console *s)
{
	return args_has(s->args, OPT_ONCE) ? do_step(s, step_tail_once, true)
					   : do_step(s, step_tail, true);
}

static enum exit_code do_cleanup(struct console *s)
{
	return do_step(s, step_cleanup, true);
}

static enum exit_code do_rollback(struct console *s)
{
	return do_step(s, step_rollback, true);
}

static enum exit_code run_stage(const struct args *args, struct term *t)
{
	return with_console(args, t, do_stage);
}

static enum exit_code run_tail(const struct args *args, struct term *t)
{
	return with_console(args, t, do_tail);
}

static enum exit_code run_cleanup(const struct args *args, struct term *t)
{
	return with_console(args, t, do_cleanup);
}

static enum exit_code run_rollback(const struct args *args, struct term *t)
{
	return with_console(args, t, do_rollback);
}

/* ---- verify: the watch is the answer ------------------------------------------------ */

/* The watch that the step kept is shown, so text and JSON cannot differ from what `report`
 * shows. */
static enum exit_code do_verify(struct console *s)
{
	struct err e = { 0 };
	struct step_outcome out;
	struct watch w;
	if (console_run_step(s, step_verify, false, &out, &e) != 0 ||
	    flow_watch_load(s->flow, s->arena, &w, &e) != 0)
		return console_fail(s, &e);
	term_progress_end(s->term);
	if (args_has(s->args, OPT_JSON)) {
		struct js *doc = watch_to_js(&w);
		console_put_json(s, doc);
		js_free(doc);
	} else if (out.result != STEP_STOP) {
		render_watch(s->term, &w);
	}
	return console_outcome(s, &out);
}

static enum exit_code run_verify(const struct args *args, struct term *t)
{
	return with_console(args, t, do_verify);
}

/* ---- gate and switch: the verdicts are the answer ------------------------------------ */

/* From the store: the step has kept the verdicts even when it waits or stops. */
static enum exit_code show_gates(struct console *s, const struct step_outcome *out)
{
	struct err e = { 0 };
	struct report r;
	if (flow_report(s->flow, s->arena, &r, &e) != 0)
		return console_fail(s, &e);
	term_progress_end(s->term);
	if (args_has(s->args, OPT_JSON)) {
		struct js *doc = gates_to_js(r.gates, r.gate_n, r.gates_ms);
		console_put_json(s, doc);
		js_free(doc);
	} else {
		render_gates(s->term, r.gates, r.gate_n);
	}
	report_release(&r);
	return console_outcome(s, out);
}

static enum exit_code do_gate(struct console *s)
{
	struct err e = { 0 };
	struct step_outcome out;
	if (console_run_step(s, step_gate, true, &out, &e) != 0)
		return console_fail(s, &e);
	return show_gates(s, &out);
}

static enum exit_code do_switch(struct console *s)
{
	struct err e = { 0 };
	struct step_outcome out;
	if (take_plan(s, &e) != 0 || console_run_step(s, step_switch, true, &out, &e) != 0)
		return console_fail(s, &e);
	return show_gates(s, &out);
}

static enum exit_code run_gate(const struct args *args, struct term *t)
{
	return with_console(args, t, do_gate);
}

static enum exit_code run_switch(const struct args *args, struct term *t)
{
	return with_console(args, t, do_switch);
}

/* ---- run ---------------------------------------------------------------------------- */

/* The whole status at the end: it names what is open and the next command. */
static enum exit_code do_run(struct console *s)
{
	struct err e = { 0 };
	struct step_outcome out = { 0 };
	const struct step *stopped_at;
	struct report r;
	struct wait_limits limits = { .no_wait = args_has(s->args, OPT_NO_WAIT) };
	if (flow_run(s->flow, &limits, &stopped_at, &out, &e) != 0)
		return console_fail(s, &e);
	if (flow_report(s->flow, s->arena, &r, &e) != 0)
		return console_fail(s, &e);
	term_progress_end(s->term);
	if (args_has(s->args, OPT_JSON)) {
		struct js *doc = report_to_js(s->arena, &r);
		console_put_json(s, doc);
		js_free(doc);
	} else {
		render_status(s->term, &r);
	}
	report_release(&r);
	return console_outcome(s, &out);
}

static enum exit_code run_run(const struct args *args, struct term *t)
{
	return with_console(args, t, do_run);
}

const struct command command_plan = {
	.name = "plan",
	.operands = "",
	.summary = "shows what will change, as a diff of the zone",
	.text = "Looks at the zone and computes change sets with before-images: what is staged "
		"before the switch, what mail policies need before it, the switch itself, and the "
		"clean-up behind it. Writes nothing to the zone. With --out the "
		"plan goes into a file for a review; `stage --plan` and `switch --plan` apply "
		"exactly that, or refuse.",
	.options = (const enum option_id[]){ OPT_OUT, OPT_N },
	.run = run_plan,
};

const struct command command_stage = {
	.name = "stage",
	.operands = "",
	.summary = "adds the ownership TXT and lowers the MX TTL",
	.text = "Applies the staging set of the plan, and the one for mail policies, through the "
		"DNS provider: read, compare with the before-image, write, read back. Refuses and "
		"writes nothing when somebody edited one of these records since the plan was made. "
		"With --plan it is the plan of that file "
		"and no other: an altered or an older file, another domain or provider, and a "
		"zone that is not as the plan found it are refused. With --by-hand, as when the "
		"provider's API refuses the account, a sheet tells what to enter in its panel.",
	.options = (const enum option_id[]){ OPT_PLAN, OPT_ALLOW_CHANGES, OPT_BY_HAND, OPT_DRY_RUN,
					     OPT_NO_WAIT, OPT_WAIT, OPT_N },
	.run = run_stage,
};

const struct command command_verify = {
	.name = "verify",
	.operands = "",
	.summary = "proves the staged records at every server and resolver",
	.text = "Asks each authoritative server and each resolver for what was staged and shows "
		"who serves "
		"it. With --wait it looks again exactly when something can change, for at most "
		"that long.",
	.options = (const enum option_id[]){ OPT_WAIT, OPT_NO_WAIT, OPT_N },
	.run = run_verify,
};

const struct command command_gate = {
	.name = "gate",
	.operands = "",
	.summary = "decides from evidence whether the MX may switch",
	.text = "Observes everything freshly and tells each gate's verdict with its evidence and "
		"remedy. "
		"Exit 0: all let pass; 1: one is closed. When only a clock is awaited it waits and "
		"tells "
		"until when and why; with --no-wait it exits 4 instead.",
	.options = (const enum option_id[]){ OPT_NO_WAIT, OPT_WAIT, OPT_N },
	.run = run_gate,
};

const struct command command_switch = {
	.name = "switch",
	.operands = "",
	.summary = "changes MX, SPF and autodiscover, if every gate lets pass",
	.text = "Asks the gates once more; refuses unless every one is open or accepted by name. "
		"Then "
		"applies the switch set and proves it at every authoritative server.",
	.options = (const enum option_id[]){ OPT_PLAN, OPT_ALLOW_CHANGES, OPT_BY_HAND, OPT_DRY_RUN,
					     OPT_NO_WAIT, OPT_WAIT, OPT_N },
	.run = run_switch,
};

const struct command command_tail = {
	.name = "tail",
	.operands = "",
	.summary = "brings what still arrives at the old side, until it is idle",
	.text = "After the switch, copies again and again until no cache can hold the old MX and "
		"no message "
		"has come to the old side for policy.tail_idle. With --once it makes one pass.",
	.reads_users = true,
	.options = (const enum option_id[]){ OPT_ONCE, OPT_NO_WAIT, OPT_WAIT, OPT_N },
	.run = run_tail,
};

const struct command command_cleanup = {
	.name = "cleanup",
	.operands = "",
	.summary = "takes away what only the move needed, once the tail is over",
	.text = "Applies the clean-up set of the plan: the old sender leaves the SPF record, the "
		"ownership TXT goes (ownership.keep), so do TLSA records of old MX hosts, and the "
		"MX "
		"TTL goes up again. Refuses before `tail` has ended. When somebody edited one of "
		"these records since, `cutover plan` makes the set anew.",
	.options = (const enum option_id[]){ OPT_PLAN, OPT_ALLOW_CHANGES, OPT_BY_HAND, OPT_DRY_RUN,
					     OPT_NO_WAIT, OPT_WAIT, OPT_N },
	.run = run_cleanup,
};

const struct command command_rollback = {
	.name = "rollback",
	.operands = "",
	.summary = "restores the zone from the journal, newest change first",
	.text = "Puts back the before-image of every change that is in force by the journal, with "
		"the same "
		"read, compare, write, read back. Copied mail stays where it is, on both sides. "
		"When that refuses because somebody edited a record since, --snapshot restores the "
		"copy of the whole zone that the provider kept before the change, where it keeps "
		"any: the report has their ids.",
	.options = (const enum option_id[]){ OPT_SNAPSHOT, OPT_BY_HAND, OPT_DRY_RUN, OPT_NO_WAIT,
					     OPT_WAIT, OPT_N },
	.run = run_rollback,
};

const struct command command_run = {
	.name = "run",
	.operands = "",
	.summary = "all steps in order, waiting where a clock runs",
	.text = "Walks audit, plan, stage, verify, copy, gate, switch and tail, sleeping exactly "
		"as long as "
		"each reason lasts. Stops where a person must act and says what to do. Can be "
		"interrupted "
		"and run again at any time.",
	.reads_users = true,
	.options = (const enum option_id[]){ OPT_ALLOW_CHANGES, OPT_BY_HAND, OPT_NO_WAIT, OPT_N },
	.run = run_run,
};
