/*
 * After the switch, senders with an old MX in their cache or a message in their queue
 * still reach the old side. The tail copies until that is over: caches have run out and
 * no message has come for as long as the policy asks.
 */
#include <inttypes.h>

#include "flow/apply.h"
#include "flow/copy.h"
#include "flow/flow_priv.h"
#include "flow/observe.h"
#include "flow/plan.h"
#include "flow/steps.h"
#include "flow/tail_idle.h"
#include "store/journal.h"

enum { PASS_EVERY_MIN_MS = 2000, PASS_EVERY_MAX_MS = 10 * 60 * 1000 };

/* When the switch was made, and by when no cache can hold the old MX; 0: not known, for a
 * server still shows another MX. */
struct drain {
	int64_t switched_ms, caches_clear_ms;
	bool is_there; /* every server shows the planned MX, whoever put it there and when */
};

/* One pass of the tail, and what it is judged by. */
struct tailing {
	struct flow *f;
	struct arena *a;
	struct drain drain;
	const struct copy_progress *end;
	struct tail_idle idle;
};

static int find_drain(struct flow *f, struct arena *a, struct drain *d, struct err *e)
{
	struct applied_group *groups;
	size_t n;
	const struct snapshot *snap;
	struct history h;
	*d = (struct drain){ 0 };
	if (flow_applied(f, a, &groups, &n, e) != 0 ||
	    flow_observe(f, a, ASK_RECORDS, &snap, e) != 0 || flow_history(f, a, snap, &h, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (str_eq(groups[i].step, "switch"))
			d->switched_ms = groups[i].at_ms;
	/* The journal's moment is its clock's of then, and may be to come by the one of now. */
	bool to_come = h.mx_changed_ms != 0 && d->switched_ms > flow_now_ms(f);
	if (h.mx_changed_ms > d->switched_ms || to_come)
		d->switched_ms = h.mx_changed_ms;
	if (h.mx_changed_ms != 0)
		d->caches_clear_ms = d->switched_ms + (int64_t)h.mx_ttl_at_change * 1000;
	d->is_there = h.mx_is_changed;
	return 0;
}

/* A tenth of the idle time that is asked for: ten chances to see a message before it is called
 * idle, and not a login every second. */
static int64_t pass_interval(int64_t idle_ms)
{
	int64_t ms = idle_ms / 10;
	if (ms < PASS_EVERY_MIN_MS)
		return PASS_EVERY_MIN_MS;
	return ms < PASS_EVERY_MAX_MS ? ms : PASS_EVERY_MAX_MS;
}

/* The pass that found nothing more was each mailbox's last. */
static int complete(struct flow *f, const struct copy_progress *end, struct err *e)
{
	for (size_t i = 0; i < end->n; i++)
		if (migrate_complete(f->store, end->mailboxes[i].address, e) != 0)
			return -1;
	return 0;
}

/* "journal": its newest row. What is written behind it begins the tail anew (is_tail_over). */
static int note_end(const struct tailing *t, struct err *e)
{
	struct flow *f = t->f;
	struct journal_row *rows;
	size_t n;
	if (complete(f, t->end, e) != 0 || journal_rows(f->store, t->a, NULL, &rows, &n, e) != 0)
		return -1;
	struct js *doc = js_object();
	js_set_int(doc, "version", 1);
	js_set_time(doc, "ended_at", flow_now_ms(f));
	js_set_time(doc, "idle_since", t->idle.since_ms);
	js_set_int(doc, "journal", n > 0 ? rows[n - 1].seq : 0);
	int rc = flow_put(f, DOC_TAIL, doc, e);
	js_free(doc);
	return rc;
}

/* A mailbox that could not be read may have new mail: the tail cannot end. Messages that the
 * target refuses do not hold it up; they are in the report by name. */
static const struct copy_mailbox *first_failed(const struct copy_progress *end)
{
	for (size_t i = 0; i < end->n; i++)
		if (end->mailboxes[i].state == MAILBOX_FAILED)
			return &end->mailboxes[i];
	return NULL;
}

/* The two clocks; the later of them decides. */
static int decide_by_clock(const struct tailing *t, struct step_outcome *out, struct err *e)
{
	char text[TIME_TEXT_MAX];
	char span[TIME_TEXT_MAX];
	int64_t idle_ms = t->f->opts.project->policy.tail_idle_ms;
	int64_t now = flow_now_ms(t->f);
	int64_t next = now + pass_interval(idle_ms);
	int64_t over = t->idle.since_ms + idle_ms;
	if (over < t->drain.caches_clear_ms)
		over = t->drain.caches_clear_ms;
	if (now >= over) {
		step_done(out, "the old side is idle since %s, and no cache can hold the old MX",
			  time_format(t->idle.since_ms, text));
		return note_end(t, e);
	}
	step_wait(out, next < over ? next : over,
		  "the old side must stay without mail until %s (%s idle, and no cache with the "
		  "old MX)",
		  time_format(over, text), duration_format(idle_ms, span));
	return 0;
}

/* Order: a mailbox that cannot be read, then a server that still shows the old MX, then the
 * clocks. */
static int decide(const struct tailing *t, struct step_outcome *out, struct err *e)
{
	const struct copy_mailbox *failed = first_failed(t->end);
	int64_t next = flow_now_ms(t->f) + pass_interval(t->f->opts.project->policy.tail_idle_ms);
	if (failed != NULL) {
		step_wait(out, next, "%s (row %zu of the CSV) failed, the others were brought: %s",
			  failed->address, failed->row, failed->err.text);
		str_copy(out->remedy, sizeof(out->remedy),
			 "correct its row; the passes go on until it can be read");
		return 0;
	}
	if (t->end->copied > 0)
		log_info(t->f->opts.log, "brought %" PRIu64 " message%s from the old side",
			 t->end->copied, t->end->copied == 1 ? "" : "s");
	if (t->drain.caches_clear_ms != 0)
		return decide_by_clock(t, out, e);
	step_wait(
		out, next,
		"not every authoritative server shows the new MX (see `cutover verify`): how long "
		"caches keep the old one is not known");
	return 0;
}

/* For `status` in another terminal, for whoever interrupted it, and for the next pass. */
static int note_wait(const struct tailing *t, const struct step_outcome *out, struct err *e)
{
	struct js *doc = js_object();
	js_set_int(doc, "version", 1);
	js_set_time(doc, "at", flow_now_ms(t->f));
	js_set_time(doc, "until", out->until_ms);
	js_set_str(doc, "reason", out->reason);
	tail_idle_to_js(doc, &t->idle);
	int rc = flow_put(t->f, DOC_TAIL_WAIT, doc, e);
	js_free(doc);
	return rc;
}

/* Nothing to wait from: the MX was not changed, or by somebody before anybody looked. */
static void without_switch(const struct drain *d, struct step_outcome *out)
{
	if (d->is_there)
		step_stop(
			out,
			"write when it was changed, and its TTL until then, into the project "
			"file: history: { mx_changed: …, mx_old_ttl: … }",
			"the MX was the planned one already at the first look: since when, and how "
			"long caches keep the old one, is not known");
	else
		step_stop(out,
			  "run `cutover switch` first; before it, `cutover copy` does the same",
			  "the MX was not switched yet");
}

static int tail(struct flow *f, struct arena *a, struct step_outcome *out, struct err *e)
{
	struct tailing t = { .f = f, .a = a };
	struct copy_wishes wishes = { .verify = COPY_VERIFY_NONE, .repeats = true };
	if (find_drain(f, a, &t.drain, e) != 0)
		return -1;
	if (t.drain.switched_ms == 0) {
		without_switch(&t.drain, out);
		return 0;
	}
	if (flow_copy(f, a, &wishes, &t.end, out, e) != 0 ||
	    tail_idle(f, a, t.end, t.drain.switched_ms, &t.idle, e) != 0 || decide(&t, out, e) != 0)
		return -1;
	return out->result == STEP_WAIT ? note_wait(&t, out, e) : 0;
}

int step_tail(struct flow *f, struct step_outcome *out, struct err *e)
{
	struct arena *a = arena_new();
	int rc = tail(f, a, out, e);
	arena_free(a);
	return rc;
}

int step_tail_once(struct flow *f, struct step_outcome *out, struct err *e)
{
	if (step_tail(f, out, e) != 0)
		return -1;
	/* A wait with a remedy waits for a person, not for a clock. */
	if (out->result == STEP_WAIT)
		out->result = out->remedy[0] != '\0' ? STEP_STOP : STEP_DONE;
	return 0;
}
