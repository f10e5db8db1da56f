/*
 * What happened when, told from observations: each row is what one server showed, from when to
 * when. What was done by hand before anybody looked, the project's `history:` tells.
 */
#include "flow/apply.h"
#include "flow/audit.h"
#include "flow/flow_priv.h"
#include "flow/observe.h"
#include "flow/observed.h"

/* A server served something else until `end_ms` at the latest; caches keep it longer. */
static void note_other(struct since *s, const struct rrset *rrset, int64_t end_ms)
{
	s->was_other = true;
	if (rrset == NULL)
		return;
	if (rrset->ttl > s->ttl_before)
		s->ttl_before = rrset->ttl;
	if (end_ms + (int64_t)rrset->ttl * 1000 > s->cached_until_ms)
		s->cached_until_ms = end_ms + (int64_t)rrset->ttl * 1000;
}

struct since observe_since(struct arena *a, const struct observation *rows, size_t n,
			   observe_test_fn *test, const void *ctx)
{
	struct since s = { 0 };
	for (size_t i = 0; i < n; i++) {
		struct err e;
		struct js *v = js_parse(slice_str(rows[i].value), &e);
		const struct rrset *rrset = js_is_object(v) ? rrset_from_js(a, v, &e) : NULL;
		js_free(v);
		bool now = test(rrset, ctx);
		if (now && !s.holds) {
			s.since_ms = rows[i].first_ms;
			s.clock_set_ms = rows[i].clock_set_ms;
		}
		if (!now)
			note_other(&s, rrset, i + 1 < n ? rows[i + 1].first_ms : rows[i].last_ms);
		s.holds = now;
	}
	return s;
}

/* Whose memory, and the servers of which snapshot. */
struct looking {
	struct flow *f;
	struct arena *a;
	const struct snapshot *snap;
};

static void take_worst(struct since *all, const struct since *s)
{
	all->holds = all->holds && s->holds;
	all->was_other = all->was_other || s->was_other;
	if (s->since_ms > all->since_ms) {
		all->since_ms = s->since_ms;
		all->clock_set_ms = s->clock_set_ms;
	}
	if (s->ttl_before > all->ttl_before)
		all->ttl_before = s->ttl_before;
	if (s->cached_until_ms > all->cached_until_ms)
		all->cached_until_ms = s->cached_until_ms;
}

int flow_since_at_all(struct flow *f, struct arena *a, const struct snapshot *snap,
		      const struct since_of *what, struct since *all_r, struct err *e)
{
	bool any = false;
	*all_r = (struct since){ .holds = true };
	for (size_t i = 0; i < snap->server_n; i++) {
		struct observation_list seen;
		const struct observation like = {
			.kind = OBSERVED_RRSET,
			.subject = observed_subject(a, what->q.name, what->q.type),
			.who = snap->servers[i].address,
		};
		if (snap->servers[i].state != SERVER_OK)
			continue;
		if (store_observations(f->store, a, &like, &seen, e) != 0)
			return -1;
		struct since s = observe_since(a, seen.rows, seen.n, what->test, what->ctx);
		take_worst(all_r, &s);
		any = true;
	}
	all_r->holds = all_r->holds && any;
	return 0;
}

static bool ttl_is_low(const struct rrset *rrset, const void *ctx)
{
	const uint32_t *limit = ctx;
	return rrset != NULL && rrset->ttl <= *limit;
}

static bool is_target_mx(const struct rrset *rrset, const void *ctx)
{
	return rrset != NULL && rrset_equal(rrset, ctx);
}

static bool has_token(const struct rrset *rrset, const void *ctx)
{
	return rrset != NULL && rrset_has(rrset, ctx);
}

/* No server was ever seen with another MX, for all of them are new (the zone has moved) or nobody
 * looked before. The journal knows when we changed it, and what caches had until then. */
static int journalled_switch(const struct looking *l, int64_t since_ms, struct history *h,
			     struct err *e)
{
	struct applied_group *groups;
	size_t n;
	if (flow_applied(l->f, l->a, &groups, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct change *c = applied_change(&groups[i], l->f->opts.project->domain,
							RR_MX);
		if (!groups[i].known || !str_eq(groups[i].step, "switch") || c == NULL)
			continue;
		h->mx_changed_ms = groups[i].at_ms > since_ms ? groups[i].at_ms : since_ms;
		h->mx_ttl_at_change = c->before != NULL ? c->before->ttl : 0;
	}
	return 0;
}

static int mx_history(const struct looking *l, struct history *h, struct err *e)
{
	const struct project *p = l->f->opts.project;
	struct since_of low = { { p->domain, RR_MX }, ttl_is_low, &p->policy.max_mx_ttl };
	struct since_of moved = { { p->domain, RR_MX }, is_target_mx, p->target_mx };
	struct since s;
	if (flow_since_at_all(l->f, l->a, l->snap, &low, &s, e) != 0)
		return -1;
	if (s.holds) {
		h->mx_ttl_lowered_ms = s.since_ms;
		h->clock_set_ms = s.clock_set_ms;
		h->mx_old_ttl = s.was_other ? s.ttl_before : p->history.mx_old_ttl;
	}
	/* What a person did before we looked may drain later than what we saw: the later counts. */
	int64_t by_hand_ms = p->history.mx_ttl_lowered_ms;
	int64_t by_hand_end = by_hand_ms + (int64_t)p->history.mx_old_ttl * 1000;
	int64_t seen_end = h->mx_ttl_lowered_ms + (int64_t)h->mx_old_ttl * 1000;
	if (s.holds && by_hand_ms != 0 && (!s.was_other || by_hand_end > seen_end)) {
		h->mx_ttl_lowered_ms = by_hand_ms;
		h->clock_set_ms = 0;
		h->mx_old_ttl = p->history.mx_old_ttl;
	}
	if (p->target_mx == NULL)
		return 0;
	if (flow_since_at_all(l->f, l->a, l->snap, &moved, &s, e) != 0)
		return -1;
	if (s.holds && s.was_other) {
		/* Not the highest TTL ever seen: what had run out before the change is gone. */
		int64_t left_ms = s.cached_until_ms - s.since_ms;
		h->mx_changed_ms = s.since_ms;
		h->mx_ttl_at_change = left_ms > 0 ? (uint32_t)((left_ms + 999) / 1000) : 0;
	} else if (s.holds) {
		h->mx_changed_ms = p->history.mx_changed_ms;
		h->mx_ttl_at_change = p->history.mx_old_ttl;
	}
	return s.holds && h->mx_changed_ms == 0 ? journalled_switch(l, s.since_ms, h, e) : 0;
}

/* Since when every server has the token, and the TTL of what stood there before it. */
static int txt_history(const struct looking *l, struct history *h, struct err *e)
{
	const struct project *p = l->f->opts.project;
	struct since_of there = { { p->ownership_name, RR_TXT }, has_token, NULL };
	struct since s;
	if (p->ownership_txt == NULL)
		return 0;
	there.ctx = txt_quote(l->a, slice_str(p->ownership_txt));
	if (flow_since_at_all(l->f, l->a, l->snap, &there, &s, e) != 0)
		return -1;
	if (s.holds && s.was_other) {
		h->txt_created_ms = s.since_ms;
		h->txt_old_ttl = s.ttl_before;
	} else if (s.holds) {
		h->txt_created_ms = p->history.txt_created_ms;
		h->txt_old_ttl = p->history.txt_old_ttl;
	}
	return 0;
}

static bool is_same_set(const struct rrset *rrset, const void *ctx)
{
	return rrset != NULL && rrset_equal(rrset, ctx);
}

/* The delegation is observed at its parent, by whichever of its servers was asked. */
static int ns_history(const struct looking *l, struct history *h, struct err *e)
{
	struct observation_list seen;
	const struct rrset *now = l->snap->parent_ns;
	if (now == NULL)
		return 0;
	struct observation like = {
		.kind = OBSERVED_RRSET,
		.subject = observed_subject(l->a, now->name, RR_NS),
		.who = OBSERVED_PARENT,
	};
	if (store_observations(l->f->store, l->a, &like, &seen, e) != 0)
		return -1;
	struct since s = observe_since(l->a, seen.rows, seen.n, is_same_set, now);
	if (s.holds && s.was_other && s.since_ms > h->ns_changed_ms) {
		h->ns_changed_ms = s.since_ms;
		h->ns_old_ttl = s.ttl_before;
	}
	return 0;
}

/* The policy in force now began at *since_ms_r; *before_r is what was in force before it. */
static bool sts_before(struct arena *a, const struct observation *rows, size_t n,
		       struct observed_sts *before_r, int64_t *since_ms_r)
{
	struct observed_sts now;
	if (n < 2 || !observed_sts_from(a, rows[n - 1].value, &now))
		return false;
	for (size_t i = n - 1; i-- > 0;) {
		if (!observed_sts_from(a, rows[i].value, before_r))
			return false;
		*since_ms_r = rows[i + 1].first_ms;
		if (!observed_sts_equal(&now, before_r))
			return true;
	}
	return false;
}

int flow_sts_before(struct flow *f, struct arena *a, struct observed_sts *before_r,
		    int64_t *changed_ms_r, struct err *e)
{
	struct observation_list seen = { 0 };
	const struct project *p = f->opts.project;
	struct observation like = { .kind = OBSERVED_STS,
				    .subject = p->domain,
				    .who = OBSERVED_POLICY };
	*before_r = (struct observed_sts){ .id = p->history.mta_sts_previous_id,
					   .max_age_s = p->history.mta_sts_old_max_age,
					   .mx = p->history.mta_sts_previous_mx };
	*changed_ms_r = p->history.mta_sts_changed_ms;
	if (f->store == NULL)
		return 0;
	if (store_observations(f->store, a, &like, &seen, e) != 0)
		return -1;
	struct observed_sts before;
	int64_t since_ms;
	if (sts_before(a, seen.rows, seen.n, &before, &since_ms) && since_ms > *changed_ms_r) {
		*before_r = before;
		*changed_ms_r = since_ms;
	}
	return 0;
}

/* The plan's MX stands at every server that answers, or the journal says that the switch is made.
 */
static int is_switched(const struct looking *l, bool *switched_r, struct err *e)
{
	const struct project *p = l->f->opts.project;
	enum phase phase;
	size_t n = 0, moved = 0;
	for (size_t i = 0; p->target_mx != NULL && i < l->snap->server_n; i++) {
		const struct server_view *v = &l->snap->servers[i];
		const struct seen *seen = server_seen(v, p->domain, RR_MX);
		if (v->state != SERVER_OK || seen == NULL)
			continue;
		n++;
		moved += seen->state == SEEN_DATA && is_target_mx(seen->rrset, p->target_mx);
	}
	if (flow_phase(l->f, &phase, e) != 0)
		return -1;
	*switched_r = phase == PHASE_POST || (n > 0 && moved == n);
	return 0;
}

/* Without a store nothing was ever observed and the project's word is all there is. */
int flow_history(struct flow *f, struct arena *a, const struct snapshot *snap,
		 struct history *history_r, struct err *e)
{
	const struct project *p = f->opts.project;
	const struct looking l = { f, a, snap };
	*history_r = (struct history){
		.ns_changed_ms = p->history.ns_changed_ms,
		.ns_old_ttl = p->history.ns_old_ttl,
	};
	struct observed_sts before;
	if (is_switched(&l, &history_r->mx_is_changed, e) != 0 ||
	    flow_sts_before(f, a, &before, &history_r->mta_sts_changed_ms, e) != 0)
		return -1;
	history_r->mta_sts_old_max_age_s = before.max_age_s;
	if (f->store == NULL) {
		history_r->mx_ttl_lowered_ms = p->history.mx_ttl_lowered_ms;
		history_r->mx_old_ttl = p->history.mx_old_ttl;
		history_r->mx_changed_ms = p->history.mx_changed_ms;
		history_r->mx_ttl_at_change = p->history.mx_old_ttl;
		history_r->txt_created_ms = p->history.txt_created_ms;
		history_r->txt_old_ttl = p->history.txt_old_ttl;
		return 0;
	}
	if (mx_history(&l, history_r, e) != 0 || txt_history(&l, history_r, e) != 0)
		return -1;
	return ns_history(&l, history_r, e);
}
