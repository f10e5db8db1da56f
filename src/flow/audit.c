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
#include "flow/observed.h"
#include "flow/plan.h"
#include "zone/dname.h"

enum { WATCH_FIRST_MS = 5 * 1000, WATCH_LAST_MS = 5 * 60 * 1000 };

/* The planned selectors as RRsets; what makes none was refused when the project was read. */
static const struct rrset *const *planned_dkim(struct arena *a, const struct project *p,
					       size_t *n_r)
{
	VEC(const struct rrset *) list = { 0 };
	struct err e = { 0 };
	for (size_t i = 0; i < p->dkim_n; i++) {
		const struct rrset *one = rrset_make(a, p->dkim[i].name, p->dkim[i].type, 0, 1,
						     &p->dkim[i].value, &e);
		if (one != NULL)
			*vec_push(a, &list) = one;
	}
	*n_r = list.n;
	return list.at;
}

/* What the project says by itself. */
static void fill_wishes(struct arena *a, const struct project *p, struct check_input *in)
{
	in->max_mx_ttl = p->policy.max_mx_ttl;
	in->target_mx = p->target_mx;
	in->target_provider = p->target_provider;
	in->target_spf = p->target_spf;
	in->target_autodiscover = p->target_autodiscover;
	in->target_dkim = planned_dkim(a, p, &in->target_dkim_n);
	in->source_mx = p->source_mx;
	in->source_spf = p->source_spf;
	in->source_dkim_selectors = p->source_dkim_selectors;
	in->ownership_name = p->ownership_name;
	in->ownership_txt = p->ownership_txt;
	in->subdomains = p->subdomains;
	in->panel_ns = p->dns_nameservers;
	in->previous_ns = p->history.previous_ns;
	in->treat_as_public = p->network.treat_as_public;
	in->window_ends_ms = p->window_ends_ms;
}

/* Root servers of one's own have keys of their own: the Internet's anchor proves nothing there. */
static int take_anchor(struct flow *f, struct audit_about *about, struct err *e)
{
	const struct project *p = f->opts.project;
	bool closed_world = p->network.root_hints != NULL && p->network.trust_anchor == NULL;
	return closed_world ? 0 : flow_trust_anchor(f, &about->anchor, e);
}

/* The first host of a set that somebody is known to own. */
static const struct who *whose(struct arena *a, enum who_kind kind, const struct rrset *set)
{
	for (size_t i = 0; set != NULL && i < set->n; i++) {
		struct mx mx;
		bool is_mx = set->type == RR_MX;
		if (is_mx && !mx_parse(a, set->rdata[i], &mx))
			continue;
		const struct who *w = who_is(kind, is_mx ? mx.host : set->rdata[i]);
		if (w != NULL)
			return w;
	}
	return NULL;
}

static void name_providers(struct arena *a, struct audit *au)
{
	const struct rrset *mx = NULL;
	const struct snapshot *s = au->snap;
	(void)snapshot_rrset(s, s->domain, RR_MX, &mx, NULL);
	au->mail = whose(a, WHO_MAIL, mx);
	au->dns = whose(a, WHO_DNS, s->parent_ns != NULL ? s->parent_ns : s->child_ns);
}

/* A selector that the project gives to the new provider: what stands there gives way. */
static bool is_selector(const struct project *p, const char *name)
{
	for (size_t i = 0; i < p->dkim_n; i++)
		if (dname_equal(p->dkim[i].name, name))
			return true;
	return false;
}

/* True when all that a change takes away is what the cutover is for: the old MX, where mail
 * programs look, and the key at a selector. */
static bool is_meant(struct arena *a, const struct project *p, const struct change *c)
{
	bool listed = p->source_mx != NULL && p->source_mx[0] != NULL;
	if (c->type != RR_MX)
		return is_selector(p, c->name) ||
		       dname_equal(c->name, arena_printf(a, "autodiscover.%s", p->domain));
	for (size_t i = 0; listed && c->before != NULL && i < c->before->n; i++) {
		struct mx mx;
		bool old = false;
		if (!mx_parse(a, c->before->rdata[i], &mx))
			return false;
		for (const char *const *host = p->source_mx; *host != NULL; host++)
			old = old || dname_equal(*host, mx.host);
		if (!old && !rrset_has(c->after, c->before->rdata[i]))
			return false;
	}
	return true;
}

/* What the plan would do to the zone up to the switch: the clean-up takes away only what the
 * project file names. */
static int planned_changes(struct flow *f, struct arena *a, struct check_input *in, struct err *e)
{
	const struct plan *plan;
	VEC(struct check_change) list = { 0 };
	if (flow_plan_load(f, a, &plan, e) != 0)
		return -1;
	for (size_t s = 0; plan != NULL && s < PLAN_SETS; s++) {
		const struct change_set *cs = plan_sets(plan).at[s];
		for (size_t i = 0; cs != plan->cleanup && i < cs->n; i++) {
			const struct change *c = &cs->changes[i];
			*vec_push(a,
				  &list) = (struct check_change){ c->before, c->after,
								  is_meant(a, f->opts.project, c) };
		}
	}
	in->changes = list.at;
	in->change_n = list.n;
	return 0;
}

static struct audit *judge(struct arena *a, const struct audit_about *about, struct check_input *in)
{
	const struct project *p = about->project;
	struct audit *au = ARENA_NEW(a, struct audit);
	fill_wishes(a, p, in);
	in->dnssec = dnssec_judge(a, in->snap,
				  &(struct dnssec_opts){ .now_ms = in->now_ms,
							 .anchor = about->anchor,
							 .cache = about->verified });
	au->domain = dname_show(a, p->domain);
	au->phase = in->phase;
	au->checked_ms = in->now_ms;
	au->snap = in->snap;
	au->dnssec = in->dnssec;
	check_run(a, in, &au->findings);
	audit_set_aside(a, p, au);
	name_providers(a, au);
	au->ready = findings_ready(&au->findings);
	au->fact_n = clocks_compute(a, in->snap, &in->history, in->now_ms, &au->facts);
	au->next_ms = clocks_next_ms(in->snap, &in->history, in->now_ms);
	return au;
}

int audit_judge(struct flow *f, struct arena *a, enum phase phase, const struct snapshot *snap,
		const struct audit **audit_r, struct err *e)
{
	struct check_input in = { .snap = snap, .phase = phase, .now_ms = flow_now_ms(f) };
	struct observed_sts before;
	int64_t changed_ms;
	if (flow_history(f, a, snap, &in.history, e) != 0 ||
	    flow_sts_before(f, a, &before, &changed_ms, e) != 0 ||
	    flow_expected(f, a, &in.planned, e) != 0 || planned_changes(f, a, &in, e) != 0)
		return -1;
	in.mta_sts_previous_id = before.id;
	in.mta_sts_previous_mx = before.mx;
	struct audit_about about = { .project = f->opts.project };
	if (take_anchor(f, &about, e) != 0)
		return -1;
	if (f->ahead != NULL)
		about.verified = dnssec_ahead_end(f->ahead);
	struct audit *au = judge(a, &about, &in);
	audit_note_unused(a, f->opts.project, au);
	*audit_r = au;
	return 0;
}

int audit_judge_about(struct flow *f, struct arena *a, const struct audit_about *about,
		      const struct audit **audit_r, struct err *e)
{
	struct check_input in = { .snap = about->snap,
				  .phase = about->phase,
				  .now_ms = flow_now_ms(f) };
	struct audit_about with_anchor = *about;
	if (take_anchor(f, &with_anchor, e) != 0)
		return -1;
	*audit_r = judge(a, &with_anchor, &in);
	return 0;
}

int64_t audit_next_look_ms(const struct audit *au, unsigned looks)
{
	int64_t pause_ms = WATCH_FIRST_MS;
	while (looks-- > 0 && pause_ms < WATCH_LAST_MS)
		pause_ms *= 2;
	pause_ms = pause_ms < WATCH_LAST_MS ? pause_ms : WATCH_LAST_MS;
	int64_t next_ms = au->checked_ms + pause_ms;
	return au->next_ms < next_ms ? au->next_ms : next_ms;
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

/* While we ask and write down, another thread verifies: the judgement then finds it done. */
static void verify_ahead(struct flow *f)
{
	struct audit_about about = { .project = f->opts.project };
	struct err told_later = { 0 };
	if (take_anchor(f, &about, &told_later) == 0 && about.anchor != NULL)
		f->ahead = dnssec_ahead_new(flow_now_ms(f));
}

static int observe_and_judge(struct flow *f, struct arena *a, enum phase phase,
			     const struct audit **audit_r, struct err *e)
{
	const struct snapshot *snap;
	return flow_observe(f, a, ASK_ALL, &snap, e) == 0
		       ? audit_judge(f, a, phase, snap, audit_r, e)
		       : -1;
}

int flow_audit(struct flow *f, struct arena *a, enum phase phase, const struct audit **audit_r,
	       struct err *e)
{
	verify_ahead(f);
	int rc = observe_and_judge(f, a, phase, audit_r, e);
	dnssec_ahead_free(f->ahead); /* before the arena, which is the caller's, can go */
	f->ahead = NULL;
	if (rc != 0 || f->opts.memory != FLOW_WRITE_STORE)
		return rc;
	struct js *doc = audit_to_js(*audit_r);
	rc = flow_put(f, DOC_AUDIT, doc, e);
	js_free(doc);
	return rc;
}
