/*
 * Gathers the evidence freshly, then lets the gates decide. Order: the DNS first (the MX
 * hosts' addresses come from its snapshot), then the mailboxes (their addresses are what
 * the new MX is asked for), the probes last.
 */
#include "base/vec.h"
#include "flow/apply.h"
#include "flow/copy.h"
#include "flow/expect.h"
#include "flow/flow_priv.h"
#include "flow/gate_dropped.h"
#include "flow/gates.h"
#include "flow/observe.h"
#include "flow/words.h"
#include "store/journal.h"
#include "zone/dname.h"

static int gather_dns(struct flow *f, struct arena *a, struct gate_evidence *ev, struct err *e)
{
	struct applied_group *groups = NULL;
	size_t n = 0;
	if (flow_audit(f, a, PHASE_READY, &ev->audit, e) != 0 ||
	    flow_history(f, a, ev->audit->snap, &ev->history, e) != 0 ||
	    flow_plan_load(f, a, &ev->plan, e) != 0 || flow_applied(f, a, &groups, &n, e) != 0)
		return -1;
	if (flow_sts_settling(f, a, &ev->sts, e) != 0 ||
	    flow_tlsa_settling(f, a, ev->audit->snap, &ev->tlsa, e) != 0)
		return -1;
	ev->staged = ev->plan != NULL && applied_has(groups, n, ev->plan->staging) &&
		     applied_has(groups, n, ev->plan->policy);
	ev->in_force = applied_result(a, groups, n);
	ev->switched = ev->plan != NULL && applied_switch(groups, n, ev->plan->switching);
	ev->begun = ev->plan != NULL ? applied_begun(a, groups, n, ev->plan->switching) : NULL;
	return 0;
}

/* "anna@treyresearch.com (left in May)" for each, NULL for none. */
static const char *removed_text(struct arena *a, const struct copy_list *list,
				const struct words *words)
{
	struct buf b;
	buf_init(&b);
	for (size_t i = 0; i < list->n; i++) {
		const struct word *w = words_of(words, list->mailboxes[i].address);
		if (w != NULL && w->verb == WORD_REMOVE)
			buf_addf(&b, "%s%s (%s)", b.len > 0 ? ", " : "", w->address, w->reason);
	}
	const char *text = b.len > 0 ? arena_strdup(a, b.at) : NULL;
	buf_release(&b);
	return text;
}

/* A CSV that cannot be read is evidence, not a failure of the step. */
static int gather_mailboxes(struct flow *f, struct arena *a, struct gate_evidence *ev,
			    struct err *e)
{
	struct copy_list list;
	struct err why;
	if (f->opts.project->mailboxes == NULL)
		return 0;
	if (copy_list_load(f, a, &(struct copy_wishes){ 0 }, &list, &why) != 0) {
		ev->users_error = arena_strdup(a, why.text);
		return 0;
	}
	struct gate_mailbox *boxes = ARENA_ARRAY(a, list.n + 1, struct gate_mailbox);
	struct words words;
	size_t n = 0;
	int rc = flow_words(f, a, &words, e);
	for (size_t i = 0; i < list.n && rc == 0; i++) {
		if (words_removed(&words, list.mailboxes[i].address))
			continue;
		boxes[n].address = arena_strdup(a, list.mailboxes[i].address);
		boxes[n].row = list.mailboxes[i].row;
		rc = migrate_status(f->store, a, boxes[n].address, &boxes[n].status, e);
		n++;
	}
	if (rc == 0)
		rc = gate_dropped(f, a, &list, &words, &ev->dropped, e);
	ev->removed = rc == 0 ? removed_text(a, &list, &words) : NULL;
	ev->mailboxes = boxes;
	ev->mailbox_n = n;
	copy_list_release(&list);
	return rc;
}

/* The address that the snapshot found from the root; the system's resolver is not asked and
 * may be wrong. */
static const char *address_of(const struct snapshot *snap, const char *host)
{
	for (size_t i = 0; i < snap->host_n; i++)
		if (dname_equal(snap->hosts[i].name, host) && snap->hosts[i].n > 0)
			return snap->hosts[i].addresses[0];
	return NULL;
}

/* A failed probe is evidence too (h->err): the gate reads it, so nothing is returned. */
static void probe_host(struct flow *f, struct arena *a, struct gate_host *h,
		       struct rcpt_probe *probes, size_t n)
{
	const struct project *p = f->opts.project;
	struct rcpt_opts opts = {
		.host = h->name,
		.connect_to = h->address,
		.port = p->network.smtp_port,
		.mail_from = "",
		.helo = dname_show(a, p->domain),
		.ca_file = p->network.ca_file,
		.timeout_ms = p->network.mail_timeout_ms,
		.clock = f->opts.clock,
		.rng = f->opts.rng,
		.cancel = f->cancel,
		.log = f->opts.log,
	};
	h->probed = true;
	(void)rcpt_probe(a, &opts, probes, n, &h->report, &h->err);
}

/* Every planned MX host is asked for its health; the preferred one for each address. */
static void gather_new_mx(struct flow *f, struct arena *a, struct gate_evidence *ev)
{
	const struct rrset *mx = f->opts.project->target_mx;
	size_t n = mx != NULL ? mx->n : 0;
	struct gate_host *hosts = ARENA_ARRAY(a, n + 1, struct gate_host);
	struct rcpt_probe *probes = ARENA_ARRAY(a, ev->mailbox_n + 1, struct rcpt_probe);
	size_t best = 0;
	uint16_t best_preference = UINT16_MAX;
	for (size_t i = 0; i < ev->mailbox_n; i++)
		probes[i] = (struct rcpt_probe){ ev->mailboxes[i].address, RCPT_INCONCLUSIVE,
						 "not probed" };
	for (size_t i = 0; i < n; i++) {
		struct mx one;
		if (!mx_parse(a, mx->rdata[i], &one))
			continue;
		hosts[i].name = dname_show(a, one.host);
		hosts[i].address = address_of(ev->audit->snap, one.host);
		if (one.preference < best_preference) {
			best_preference = one.preference;
			best = i;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (hosts[i].address != NULL)
			probe_host(f, a, &hosts[i], probes, i == best ? ev->mailbox_n : 0);
	ev->hosts = hosts;
	ev->host_n = n;
	ev->probes = probes;
	ev->probe_n = ev->mailbox_n;
}

/* A rollback ends what was accepted for the zone before it. */
static int last_rollback(struct flow *f, struct arena *a, int64_t *seq_r, struct err *e)
{
	struct journal_row *rows;
	size_t n;
	*seq_r = 0;
	if (journal_rows(f->store, a, "rollback", &rows, &n, e) != 0)
		return -1;
	if (n > 0)
		*seq_r = rows[n - 1].seq;
	return 0;
}

int flow_acceptances(struct flow *f, struct arena *a, const struct gate_acceptance **list_r,
		     size_t *n_r, struct err *e)
{
	struct journal_row *rows;
	size_t n;
	int64_t since;
	VEC(struct gate_acceptance) list = { 0 };
	if (last_rollback(f, a, &since, e) != 0 ||
	    journal_rows(f->store, a, "accept", &rows, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (rows[i].seq < since)
			continue;
		struct js *detail = js_parse(slice_str(rows[i].detail), e);
		if (detail == NULL)
			return err_wrap(e, "reading the journal");
		*vec_push(a, &list) = (struct gate_acceptance){
			.gate = rows[i].subject,
			.matter = arena_strdup(a, js_get_str(detail, "matter")),
			.reason = arena_strdup(a, js_get_str(detail, "reason")),
			.at_ms = rows[i].at_ms,
		};
		js_free(detail);
	}
	*list_r = list.at;
	*n_r = list.n;
	return 0;
}

/* What the gate said when it was last asked. */
static int kept_matter(struct flow *f, struct arena *a, const char *gate, const char **matter_r,
		       struct err *e)
{
	struct js *doc;
	const struct gate *gates = NULL;
	if (flow_get(f, DOC_GATES, &doc, NULL, e) != 0)
		return -1;
	size_t n = doc != NULL ? gates_from_js(a, doc, &gates) : 0;
	js_free(doc);
	for (size_t i = 0; i < n; i++)
		if (str_eq(gates[i].id, gate)) {
			*matter_r = gates[i].matter;
			return 0;
		}
	err_set(e, ERR_REFUSED, "accepting '%s': the gates were not asked yet", gate);
	return err_hint(e, "run `cutover gate --no-wait` first: what you accept is what it says");
}

/* Apart from flow_accept so that a wrong word ends before a store is made for it. */
int flow_accept_check(const char *gate, const char *reason, struct err *e)
{
	const char *const *ids = gate_ids();
	bool known = false;
	for (size_t i = 0; ids[i] != NULL && !known; i++)
		known = str_eq(ids[i], gate);
	if (!known) {
		const char *near = nearest_word(gate, ids);
		err_set(e, ERR_USAGE, "accepting '%s': there is no such gate", gate);
		return near != NULL ? err_hint(e, "did you mean '%s'?", near)
				    : err_hint(e, "`cutover gate --no-wait` names them, and tells "
						  "which of them is closed and why");
	}
	if (slice_trim(slice_str(reason)).len == 0) {
		err_set(e, ERR_USAGE, "accepting '%s': the reason is empty", gate);
		return err_hint(e,
				"say why it is safe with --reason TEXT; every report will show it");
	}
	return 0;
}

/* What is accepted is the kept verdict, the one that the person has seen, not a fresh one. */
int flow_accept(struct flow *f, const char *gate, const char *reason, struct err *e)
{
	const char *matter = NULL;
	if (flow_accept_check(gate, reason, e) != 0)
		return -1;
	struct arena *a = arena_new();
	int rc = kept_matter(f, a, gate, &matter, e);
	if (rc == 0) {
		struct js *detail = js_object();
		js_set_str(detail, "reason", reason);
		js_set_str(detail, "matter", matter);
		rc = flow_note(f, "accept", gate, detail, e);
		js_free(detail);
	}
	arena_free(a);
	return rc;
}

/* One sentence for the step's outcome: the first gate that holds it up, or of the waits the
 * last to end. */
static void conclude(const struct gate *gates, size_t n, struct step_outcome *out)
{
	int64_t until_ms;
	char when[TIME_TEXT_MAX];
	switch (gates_verdict(gates, n, &until_ms)) {
	case GATE_OPEN: step_done(out, "every gate lets pass"); return;
	case GATE_WAITING:
		step_wait(out, until_ms, "the gates open at %s", time_format(until_ms, when));
		for (size_t i = 0; i < n; i++)
			if (gates[i].verdict == GATE_WAITING && gates[i].until_ms == until_ms)
				step_wait(out, until_ms, "%s", gates[i].evidence);
		return;
	default: break;
	}
	for (size_t i = 0; i < n; i++)
		if (!gate_lets_pass(&gates[i]) && gates[i].verdict != GATE_WAITING) {
			step_stop(out, gates[i].remedy, "gate %s %s: %s", gates[i].id,
				  gates[i].verdict == GATE_CLOSED ? "is closed" : "cannot tell",
				  gates[i].evidence);
			return;
		}
}

/* The clock is read after the gathering: probes may have taken minutes, and a wait that ended
 * meanwhile has ended. */
int flow_gate(struct flow *f, struct arena *a, const struct gate **gates_r, size_t *n_r,
	      struct step_outcome *out, struct err *e)
{
	struct gate_evidence ev = { .project = f->opts.project };
	if (gather_dns(f, a, &ev, e) != 0 || gather_mailboxes(f, a, &ev, e) != 0 ||
	    flow_acceptances(f, a, &ev.accepted, &ev.accepted_n, e) != 0)
		return -1;
	gather_new_mx(f, a, &ev);
	if (cancel_check(f->cancel, e) != 0)
		return -1;
	ev.now_ms = flow_now_ms(f);
	*n_r = gates_decide(a, &ev, gates_r);
	conclude(*gates_r, *n_r, out);
	struct js *doc = gates_to_js(*gates_r, *n_r, ev.now_ms);
	int rc = flow_put(f, DOC_GATES, doc, e);
	js_free(doc);
	return rc;
}
