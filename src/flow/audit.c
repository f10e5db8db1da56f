/*
 * Observe, judge, write down. The judgement itself is in dns/check and knows nothing of
 * projects; here the project, the history that the observations tell, and what the journal
 * says should be there are laid out for it.
 */
#include "flow/audit.h"

#include "base/vec.h"
#include "flow/apply.h"
#include "flow/expect.h"
#include "flow/flow_priv.h"
#include "flow/observe.h"
#include "flow/plan.h"
#include "zone/dname.h"

static int fill_input(struct flow *f, struct arena *a, enum phase phase,
		      const struct snapshot *snap, struct check_input *in, struct err *e)
{
	const struct project *p = f->opts.project;
	*in = (struct check_input){
		.snap = snap,
		.phase = phase,
		.now_ms = flow_now_ms(f),
		.max_mx_ttl = p->policy.max_mx_ttl,
		.target_mx = p->target_mx,
		.source_mx = p->source_mx,
		.target_spf = p->target_spf,
		.ownership_name = p->ownership_name,
		.ownership_txt = p->ownership_txt,
	};
	if (flow_history(f, a, snap, &in->history, e) != 0)
		return -1;
	return flow_expected(f, a, &in->planned, e);
}

int audit_judge(struct flow *f, struct arena *a, enum phase phase, const struct snapshot *snap,
		const struct audit **audit_r, struct err *e)
{
	struct check_input in;
	struct audit *au = ARENA_NEW(a, struct audit);
	if (fill_input(f, a, phase, snap, &in, e) != 0)
		return -1;
	au->domain = dname_show(a, f->opts.project->domain);
	au->phase = phase;
	au->checked_ms = in.now_ms;
	au->snap = snap;
	check_run(a, &in, &au->findings);
	au->ready = findings_ready(&au->findings);
	au->fact_n = clocks_compute(a, snap, &in.history, in.now_ms, &au->facts);
	*audit_r = au;
	return 0;
}

int flow_phase(struct flow *f, enum phase *phase_r, struct err *e)
{
	const struct plan *plan = NULL;
	struct applied_group *groups = NULL;
	size_t n = 0;
	*phase_r = PHASE_AUDIT;
	if (f->store == NULL)
		return 0;
	struct arena *a = arena_new();
	int rc = flow_plan_load(f, a, &plan, e);
	if (rc == 0 && plan != NULL)
		rc = flow_applied(f, a, &groups, &n, e);
	if (rc == 0 && n > 0 && applied_has(groups, n, plan->staging))
		*phase_r = PHASE_VERIFY;
	if (rc == 0 && n > 0 && applied_switch(groups, n, plan->switching))
		*phase_r = PHASE_POST;
	arena_free(a);
	return rc;
}

int flow_audit(struct flow *f, struct arena *a, enum phase phase, const struct audit **audit_r,
	       struct err *e)
{
	const struct snapshot *snap;
	if (flow_observe(f, a, ASK_ALL, &snap, e) != 0 ||
	    audit_judge(f, a, phase, snap, audit_r, e) != 0)
		return -1;
	if (f->opts.memory != FLOW_WRITE_STORE)
		return 0;
	struct js *doc = audit_to_js(*audit_r);
	int rc = flow_put(f, DOC_AUDIT, doc, e);
	js_free(doc);
	return rc;
}

static struct js *facts_to_js(const struct audit *au)
{
	struct js *facts = js_object();
	for (size_t i = 0; i < au->fact_n; i++)
		js_set_int(facts, au->facts[i].id, au->facts[i].in_s);
	return facts;
}

static struct js *fact_reasons_to_js(const struct audit *au)
{
	struct js *reasons = js_object();
	for (size_t i = 0; i < au->fact_n; i++)
		js_set_str(reasons, au->facts[i].id, au->facts[i].why);
	return reasons;
}

static struct js *servers_to_js(const struct snapshot *snap)
{
	static const char *const states[] = {
		[SERVER_OK] = "ok", [SERVER_LAME] = "lame", [SERVER_SILENT] = "silent"
	};
	struct js *list = js_array();
	for (size_t i = 0; i < snap->server_n; i++) {
		const struct server_view *s = &snap->servers[i];
		struct js *v = js_object();
		js_set_str(v, "name", s->name);
		js_set_str(v, "address", s->address);
		js_set_str(v, "state", states[s->state]);
		js_set_str(v, "note", s->note);
		js_set(v, "serial", s->has_soa ? js_int(s->soa.serial) : js_null());
		js_set_int(v, "rtt_ms", s->rtt_ms);
		js_push(list, v);
	}
	return list;
}

/* What the first readable server has, an RRset each. */
static struct js *records_to_js(const struct snapshot *snap)
{
	struct js *list = js_array();
	for (size_t q = 0; q < snap->question_n; q++) {
		const struct rrset *rrset = NULL;
		uint32_t max_ttl;
		const struct dns_question *question = &snap->questions[q];
		if (snapshot_rrset(snap, question->name, question->type, &rrset, &max_ttl))
			js_push(list, rrset_to_js(rrset));
	}
	return list;
}

struct js *audit_to_js(const struct audit *au)
{
	struct js *v = js_object();
	struct js *findings = js_array();
	for (size_t i = 0; i < au->findings.list.n; i++)
		js_push(findings, finding_to_js(&au->findings.list.at[i]));
	js_set_int(v, "version", 1);
	js_set_str(v, "domain", au->domain);
	js_set_str(v, "phase", phase_name(au->phase));
	js_set_time(v, "checked_at", au->checked_ms);
	js_set_bool(v, "ready", au->ready);
	js_set(v, "findings", findings);
	js_set(v, "facts", facts_to_js(au));
	js_set(v, "fact_reasons", fact_reasons_to_js(au));
	js_set(v, "servers", servers_to_js(au->snap));
	js_set(v, "records", records_to_js(au->snap));
	return v;
}
