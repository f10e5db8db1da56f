/*
 * Reads what the steps left behind and asks nobody. The state of each step is worked out
 * from its document and the journal; a watch, gates or tail older than the last rollback
 * say nothing about the zone as it is now.
 */
#include "flow/report.h"

#include <inttypes.h>

#include "base/vec.h"
#include "flow/copy.h"
#include "flow/flow_priv.h"
#include "flow/report_doubt.h"
#include "flow/steps.h"
#include "flow/words.h"
#include "store/journal.h"
#include "zone/dname.h"

static int load_changes(struct flow *f, struct arena *a, struct report *r, struct err *e)
{
	struct applied_group *groups;
	size_t n;
	if (flow_plan_load(f, a, &r->plan, e) != 0 || flow_applied(f, a, &groups, &n, e) != 0)
		return -1;
	if (r->plan == NULL)
		return 0;
	r->staged = applied_has(groups, n, r->plan->staging) &&
		    applied_has(groups, n, r->plan->policy);
	r->switched = applied_switch(groups, n, r->plan->switching);
	r->cleaned_up = r->switched && applied_has(groups, n, r->plan->cleanup);
	return flow_watch_load(f, a, &r->watch, e);
}

static int load_gates(struct flow *f, struct arena *a, struct report *r, struct err *e)
{
	struct js *doc;
	if (flow_get(f, DOC_GATES, &doc, &r->gates_ms, e) != 0)
		return -1;
	if (doc != NULL)
		r->gate_n = gates_from_js(a, doc, &r->gates);
	js_free(doc);
	return 0;
}

/* What a person said stands over what the ledger has: it is the newer word. */
static void apply_word(struct arena *a, const struct words *words, struct gate_mailbox *m)
{
	const struct word *w = words_of(words, m->address);
	if (w == NULL)
		return;
	if (w->verb == WORD_START) { /* since then it only waits for its turn */
		if (m->status.state == MAILBOX_STOPPED) {
			m->status.state = MAILBOX_QUEUED;
			err_clear(&m->status.err);
		}
		return;
	}
	m->status.known = true;
	m->status.state = w->verb == WORD_REMOVE ? MAILBOX_REMOVED : MAILBOX_STOPPED;
	m->held = arena_strdup(a, w->reason);
}

/* What is told of the mailboxes one by one, over all of them. */
struct told {
	VEC(struct migrate_refusal) refusals;
	VEC(struct migrate_remark) remarks;
};

static int add_told(struct flow *f, struct arena *a, struct gate_mailbox *m, struct told *told,
		    struct err *e)
{
	struct migrate_refusal *refusals;
	struct migrate_remark *remarks;
	size_t refusal_n = 0;
	size_t remark_n = 0;
	if (migrate_refusals(f->store, a, m->address, &refusals, &refusal_n, e) != 0 ||
	    migrate_remarks(f->store, a, m->address, &remarks, &remark_n, e) != 0)
		return -1;
	report_doubt(a, m, remarks, remark_n);
	for (size_t i = 0; i < refusal_n; i++)
		*vec_push(a, &told->refusals) = refusals[i];
	for (size_t i = 0; i < remark_n; i++)
		*vec_push(a, &told->remarks) = remarks[i];
	return 0;
}

static int load_listed(struct flow *f, struct arena *a, const struct user_list *users,
		       struct report *r, struct err *e)
{
	struct words words;
	struct told told = { 0 };
	struct gate_mailbox *boxes = ARENA_ARRAY(a, users->n + 1, struct gate_mailbox);
	if (flow_words(f, a, &words, e) != 0)
		return -1;
	for (size_t i = 0; i < users->n; i++) {
		boxes[i].address = arena_strdup(a, users->rows[i].address);
		boxes[i].row = users->rows[i].line;
		if (migrate_status(f->store, a, boxes[i].address, &boxes[i].status, e) != 0)
			return -1;
		apply_word(a, &words, &boxes[i]);
		if (add_told(f, a, &boxes[i], &told, e) != 0)
			return -1;
	}
	r->mailboxes = boxes;
	r->mailbox_n = users->n;
	r->refusals = told.refusals.at;
	r->refusal_n = told.refusals.n;
	r->remarks = told.remarks.at;
	r->remark_n = told.remarks.n;
	return 0;
}

/* The CSV names the mailboxes; where it cannot be read, the report says so and goes on. */
static int load_mailboxes(struct flow *f, struct arena *a, struct report *r, struct err *e)
{
	struct user_list *users;
	struct err why;
	const char *path = f->opts.project->mailboxes;
	if (path == NULL)
		return 0;
	if (user_list_load(path, &users, &why) != 0) {
		r->users_error = arena_strdup(a, why.text);
		return 0;
	}
	int rc = load_listed(f, a, users, r, e);
	user_list_free(users);
	return rc;
}

static const char *reason_in(struct arena *a, const char *detail)
{
	struct err ignored;
	if (detail[0] == '\0')
		return "";
	struct js *v = js_parse(slice_str(detail), &ignored);
	const char *reason = arena_strdup(a, js_get_str(v, "reason"));
	js_free(v);
	return reason;
}

static int load_events(struct flow *f, struct arena *a, struct report *r, struct err *e)
{
	struct journal_row *rows;
	size_t n;
	struct err broken;
	if (journal_rows(f->store, a, NULL, &rows, &n, e) != 0)
		return -1;
	struct report_event *events = ARENA_ARRAY(a, n + 1, struct report_event);
	for (size_t i = 0; i < n; i++)
		events[i] = (struct report_event){
			.seq = rows[i].seq,
			.at_ms = rows[i].at_ms,
			.step = rows[i].step,
			.kind = journal_kind_name(rows[i].kind),
			.subject = rows[i].subject,
			.detail = reason_in(a, rows[i].detail),
		};
	r->events = events;
	r->event_n = n;
	r->journal_intact = journal_verify(f->store, &broken) == 0;
	if (!r->journal_intact)
		r->journal_note = arena_strdup(a, broken.text);
	return 0;
}

/* ---- how far each step is ----------------------------------------------------------- */

static void step_says(struct report_step *s, const char *state, int64_t at_ms, const char *note)
{
	s->state = state;
	s->at_ms = at_ms;
	s->note = note;
}

static int64_t last_event(const struct report *r, const char *step)
{
	int64_t at = 0;
	for (size_t i = 0; i < r->event_n; i++)
		if (str_eq(r->events[i].step, step))
			at = r->events[i].at_ms;
	return at;
}

/* A copy that was killed leaves its last picture behind: after a while it is taken for that. */
static bool is_running(const struct report *r)
{
	enum { FRESH_MS = 2 * 60 * 1000 };
	return r->progress != NULL && !js_get_bool(r->progress, "ended") &&
	       r->made_ms - js_get_time(r->progress, "at") < FRESH_MS;
}

static void state_of_copy(struct arena *a, const struct report *r, struct report_step *s)
{
	size_t complete = 0;
	size_t wanted = 0;
	uint64_t acknowledged = 0;
	int64_t at = 0;
	for (size_t i = 0; i < r->mailbox_n; i++) {
		const struct migrate_status *m = &r->mailboxes[i].status;
		bool well = m->state == MAILBOX_SYNCED || m->state == MAILBOX_COMPLETED;
		wanted += m->state != MAILBOX_REMOVED;
		complete += well && m->last_pass_end_ms != 0 && m->filter[0] == '\0';
		acknowledged += m->acknowledged;
		if (m->last_pass_end_ms > at)
			at = m->last_pass_end_ms;
	}
	if (r->mailbox_n == 0)
		return;
	const char *note = arena_printf(a, "%zu of %zu mailboxes synced, %" PRIu64 " messages",
					complete, wanted, acknowledged);
	if (is_running(r)) {
		step_says(s, "running", js_get_time(r->progress, "at"), note);
		return;
	}
	step_says(s, complete == wanted ? "done" : at != 0 ? "stopped" : "open", at, note);
}

/* What was observed before a rollback says nothing about the zone as it is now. */
static bool is_overtaken(const struct report *r, int64_t at_ms)
{
	return at_ms == 0 || at_ms < last_event(r, "rollback");
}

/* "closed: mx-ttl-low and 2 more": the first is the next thing to do. */
static const char *closed_gates(struct arena *a, const struct report *r)
{
	const struct gate *first = NULL;
	size_t n = 0;
	for (size_t i = 0; i < r->gate_n; i++) {
		const struct gate *g = &r->gates[i];
		if (gate_lets_pass(g) || g->verdict == GATE_WAITING)
			continue;
		first = n++ == 0 ? g : first;
	}
	if (first == NULL)
		return "a gate is closed";
	const char *text = arena_printf(a, "%s: %s", gate_verdict_name(first->verdict), first->id);
	return n > 1 ? arena_printf(a, "%s and %zu more", text, n - 1) : text;
}

/* The gate that is waited for longest. */
static const char *gate_until(const struct report *r, int64_t until_ms)
{
	for (size_t i = 0; i < r->gate_n; i++)
		if (r->gates[i].verdict == GATE_WAITING && r->gates[i].until_ms == until_ms)
			return r->gates[i].id;
	return "a clock";
}

static void state_of_gate(struct arena *a, const struct report *r, struct report_step *s)
{
	int64_t until_ms;
	char text[TIME_TEXT_MAX];
	if (r->gate_n == 0 || is_overtaken(r, r->gates_ms))
		return;
	switch (gates_verdict(r->gates, r->gate_n, &until_ms)) {
	case GATE_OPEN: step_says(s, "done", r->gates_ms, "every gate lets pass"); break;
	case GATE_WAITING:
		step_says(s, "waiting", r->gates_ms,
			  arena_printf(a, "until %s: %s", time_format(until_ms, text),
				       gate_until(r, until_ms)));
		break;
	default: step_says(s, "stopped", r->gates_ms, closed_gates(a, r)); break;
	}
}

static void state_of_verify(struct arena *a, const struct report *r, struct report_step *s)
{
	if (is_overtaken(r, r->watch.at_ms))
		return;
	step_says(s, r->watch.open == 0 ? "done" : "waiting", r->watch.at_ms,
		  arena_printf(a, "%zu of %zu servers and resolvers show it",
			       r->watch.n - r->watch.open, r->watch.n));
}

static int state_of_tail(struct flow *f, struct arena *a, const struct report *r,
			 struct report_step *s, struct err *e)
{
	struct js *doc;
	struct js *wait = NULL;
	char text[TIME_TEXT_MAX];
	if (flow_get(f, DOC_TAIL, &doc, NULL, e) != 0)
		return -1;
	int rc = flow_get(f, DOC_TAIL_WAIT, &wait, NULL, e);
	if (doc != NULL && !is_overtaken(r, js_get_time(doc, "ended_at")))
		step_says(s, "done", js_get_time(doc, "ended_at"),
			  arena_printf(a, "idle since %s",
				       time_format(js_get_time(doc, "idle_since"), text)));
	else if (wait != NULL && !is_overtaken(r, js_get_time(wait, "at")))
		step_says(s, "waiting", js_get_time(wait, "at"),
			  arena_strdup(a, js_get_str(wait, "reason")));
	js_free(wait);
	js_free(doc);
	return rc;
}

static const char *findings_text(struct arena *a, size_t n)
{
	return arena_printf(a, "%zu finding%s", n, n == 1 ? "" : "s");
}

static void state_of_audit(struct arena *a, const struct report *r, struct report_step *s)
{
	if (r->audit != NULL)
		step_says(s, "done", js_get_time(r->audit, "checked_at"),
			  findings_text(a, js_len(js_get(r->audit, "findings"))));
}

/* A plan without anything to clean up is done with when the tail is. */
static void state_of_cleanup(const struct report *r, const struct report_step *tail,
			     struct report_step *s)
{
	int64_t at_ms = last_event(r, "cleanup");
	if (r->cleaned_up && at_ms != 0)
		step_says(s, "done", at_ms, "read back");
	else if (r->cleaned_up && str_eq(tail->state, "done"))
		step_says(s, "done", tail->at_ms, "nothing was left to clean up");
}

static int load_steps(struct flow *f, struct arena *a, struct report *r, struct err *e)
{
	enum { AUDIT, PLAN, STAGE, VERIFY, COPY, GATE, SWITCH, TAIL, CLEANUP, STEP_N };
	struct report_step *steps = ARENA_ARRAY(a, STEP_N, struct report_step);
	for (size_t i = 0; i < STEP_N; i++)
		steps[i] = (struct report_step){ .name = step_table()[i].name,
						 .what = step_table()[i].what,
						 .state = "open",
						 .note = "" };
	state_of_audit(a, r, &steps[AUDIT]);
	if (r->plan != NULL)
		step_says(&steps[PLAN], "done", r->plan->made_ms,
			  arena_printf(a, "%zu changes to stage, %zu to switch, %zu to clean up",
				       r->plan->staging->n + r->plan->policy->n,
				       r->plan->switching->n, r->plan->cleanup->n));
	if (r->staged)
		step_says(&steps[STAGE], "done", last_event(r, "stage"), "read back");
	state_of_verify(a, r, &steps[VERIFY]);
	state_of_copy(a, r, &steps[COPY]);
	state_of_gate(a, r, &steps[GATE]);
	if (r->switched)
		step_says(&steps[SWITCH], "done", last_event(r, "switch"), "read back");
	r->steps = steps;
	r->step_n = STEP_N;
	if (state_of_tail(f, a, r, &steps[TAIL], e) != 0)
		return -1;
	state_of_cleanup(r, &steps[TAIL], &steps[CLEANUP]);
	return 0;
}

int flow_report(struct flow *f, struct arena *a, struct report *report_r, struct err *e)
{
	struct report *r = report_r;
	struct js *audit = NULL;
	struct js *progress = NULL;
	const struct project *p = f->opts.project;
	*r = (struct report){
		.domain = dname_show(a, p->domain),
		.project_path = p->path,
		.made_ms = flow_now_ms(f),
		.plaintext_hosts = p->network.allow_plaintext,
	};
	while (r->plaintext_hosts != NULL && r->plaintext_hosts[r->plaintext_n] != NULL)
		r->plaintext_n++;
	if (flow_get(f, DOC_AUDIT, &audit, NULL, e) != 0 ||
	    flow_get(f, DOC_PROGRESS, &progress, NULL, e) != 0) {
		js_free(audit);
		return -1;
	}
	r->audit = audit;
	r->progress = progress;
	if (load_changes(f, a, r, e) != 0 || load_gates(f, a, r, e) != 0 ||
	    load_mailboxes(f, a, r, e) != 0 || load_events(f, a, r, e) != 0 ||
	    load_steps(f, a, r, e) != 0) {
		report_release(r);
		return -1;
	}
	return 0;
}

void report_release(struct report *r)
{
	js_free(r->audit);
	js_free(r->progress);
	r->audit = r->progress = NULL;
}
