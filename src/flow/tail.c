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

enum { PASS_EVERY_MIN_MS = 2000, PASS_EVERY_MAX_MS = 10 * 60 * 1000 };

/* When the switch was made, and by when no cache can hold the old MX; 0: not known, for a
 * server still shows another MX. */
struct drain {
	int64_t switched_ms, caches_clear_ms;
	bool is_there; /* every server shows the planned MX, whoever put it there and when */
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
	if (h.mx_changed_ms > d->switched_ms)
		d->switched_ms = h.mx_changed_ms;
	if (h.mx_changed_ms != 0)
		d->caches_clear_ms = d->switched_ms + (int64_t)h.mx_ttl_at_change * 1000;
	d->is_there = h.mx_is_changed;
	return 0;
}

/* When a message last came to the old side. */
static int last_arrival(struct flow *f, struct arena *a, const struct copy_progress *end,
			int64_t *last_ms, struct err *e)
{
	for (size_t i = 0; i < end->n; i++) {
		struct migrate_status s;
		if (migrate_status(f->store, a, end->mailboxes[i].address, &s, e) != 0)
			return -1;
		if (s.last_new_ms > *last_ms)
			*last_ms = s.last_new_ms;
	}
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

static int note_end(struct flow *f, const struct copy_progress *end, int64_t idle_since_ms,
		    struct err *e)
{
	if (complete(f, end, e) != 0)
		return -1;
	struct js *doc = js_object();
	js_set_int(doc, "version", 1);
	js_set_time(doc, "ended_at", flow_now_ms(f));
	js_set_time(doc, "idle_since", idle_since_ms);
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

/* Order: a mailbox that cannot be read, then a server that still shows the old MX, then the
 * two clocks; the later of those decides. */
static int decide(struct flow *f, struct arena *a, const struct drain *d,
		  const struct copy_progress *end, struct step_outcome *out, struct err *e)
{
	char text[TIME_TEXT_MAX];
	char span[TIME_TEXT_MAX];
	int64_t idle_ms = f->opts.project->policy.tail_idle_ms;
	int64_t idle_since = d->switched_ms;
	int64_t now = flow_now_ms(f);
	const struct copy_mailbox *failed = first_failed(end);
	int64_t next = now + pass_interval(idle_ms);
	if (failed != NULL) {
		step_wait(out, next, "%s (row %zu of the CSV) failed, the others were brought: %s",
			  failed->address, failed->row, failed->err.text);
		str_copy(out->remedy, sizeof(out->remedy),
			 "correct its row; the passes go on until it can be read");
		return 0;
	}
	if (last_arrival(f, a, end, &idle_since, e) != 0)
		return -1;
	if (end->copied > 0)
		log_info(f->opts.log, "brought %" PRIu64 " message%s from the old side",
			 end->copied, end->copied == 1 ? "" : "s");
	if (d->caches_clear_ms == 0) {
		step_wait(out, next,
			  "not every authoritative server shows the new MX (see `cutover "
			  "verify`): how long caches keep the old one is not known");
		return 0;
	}
	int64_t over = idle_since + idle_ms;
	if (over < d->caches_clear_ms)
		over = d->caches_clear_ms;
	if (now >= over) {
		step_done(out, "the old side is idle since %s, and no cache can hold the old MX",
			  time_format(idle_since, text));
		return note_end(f, end, idle_since, e);
	}
	step_wait(out, next < over ? next : over,
		  "the old side must stay without mail until %s (%s idle, and no cache with the "
		  "old MX)",
		  time_format(over, text), duration_format(idle_ms, span));
	return 0;
}

/* For `status` in another terminal, and for whoever interrupted it. */
static int note_wait(struct flow *f, const struct step_outcome *out, struct err *e)
{
	struct js *doc = js_object();
	js_set_int(doc, "version", 1);
	js_set_time(doc, "at", flow_now_ms(f));
	js_set_time(doc, "until", out->until_ms);
	js_set_str(doc, "reason", out->reason);
	int rc = flow_put(f, DOC_TAIL_WAIT, doc, e);
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
	struct drain d;
	const struct copy_progress *end;
	if (find_drain(f, a, &d, e) != 0)
		return -1;
	if (d.switched_ms == 0) {
		without_switch(&d, out);
		return 0;
	}
	struct copy_wishes wishes = { .verify = COPY_VERIFY_NONE, .repeats = true };
	if (flow_copy(f, a, &wishes, &end, out, e) != 0)
		return -1;
	if (decide(f, a, &d, end, out, e) != 0)
		return -1;
	return out->result == STEP_WAIT ? note_wait(f, out, e) : 0;
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
