/*
 * Both clocks count from what was observed, not from what was written: a policy file is changed by
 * a web server's owner, and a secondary takes a record when it likes.
 */
#include "flow/settling.h"

#include "dns/sts_policy.h"
#include "flow/flow_priv.h"
#include "flow/observe.h"
#include "flow/observed.h"
#include "zone/dname.h"

/* ---- MTA-STS -------------------------------------------------------------------------- */

static bool lists_planned(struct arena *a, const struct observed_sts *sts, const struct rrset *mx)
{
	size_t n = 0;
	while (sts->mx != NULL && sts->mx[n] != NULL)
		n++;
	for (size_t i = 0; mx != NULL && i < mx->n; i++) {
		struct mx one;
		if (mx_parse(a, mx->rdata[i], &one) && !sts_mx_matches(sts->mx, n, one.host))
			return false;
	}
	return true;
}

static bool same_id(const struct observed_sts *x, const struct observed_sts *y)
{
	return x->id != NULL && y->id != NULL && str_eq(x->id, y->id);
}

static void settle_from(struct settling *s, const struct observed_sts *old, int64_t since_ms,
			int64_t now_ms)
{
	s->since_ms = since_ms;
	s->ttl_s = old->max_age_s;
	s->until_ms = since_ms + (int64_t)old->max_age_s * 1000;
	s->state = s->until_ms > now_ms ? SETTLING : SETTLED;
}

/* Rows oldest first: from the last that fell short, forward to another id. */
static void settle_rows(struct flow *f, struct arena *a, const struct observation_list *seen,
			struct settling *s)
{
	const struct rrset *mx = f->opts.project->target_mx;
	struct observed_sts old = { 0 };
	struct observed_sts row;
	size_t i = seen->n;
	while (i > 0 &&
	       (!observed_sts_from(a, seen->rows[i - 1].value, &old) || lists_planned(a, &old, mx)))
		i--;
	if (i == 0 || i == seen->n) /* none fell short, or the one in force does: another's word */
		return;
	s->state = SETTLING_STUCK;
	for (; i < seen->n; i++) {
		if (observed_sts_from(a, seen->rows[i].value, &row) && !same_id(&row, &old)) {
			settle_from(s, &old, seen->rows[i].first_ms, flow_now_ms(f));
			return;
		}
	}
}

int flow_sts_settling(struct flow *f, struct arena *a, struct settling *s_r, struct err *e)
{
	const struct project *p = f->opts.project;
	struct observation_list seen = { 0 };
	struct observation like = { .kind = OBSERVED_STS,
				    .subject = p->domain,
				    .who = OBSERVED_POLICY };
	const struct observed_sts by_hand = { .max_age_s = p->history.mta_sts_old_max_age,
					      .mx = p->history.mta_sts_previous_mx };
	*s_r = (struct settling){ .state = SETTLED };
	if (p->history.mta_sts_changed_ms != 0 && !lists_planned(a, &by_hand, p->target_mx))
		settle_from(s_r, &by_hand, p->history.mta_sts_changed_ms, flow_now_ms(f));
	if (f->store == NULL)
		return 0;
	if (store_observations(f->store, a, &like, &seen, e) != 0)
		return -1;
	settle_rows(f, a, &seen, s_r);
	return 0;
}

/* ---- TLSA ------------------------------------------------------------------------------ */

struct wanted {
	struct arena *a;
	const char *name;
	const char *const *tlsa;
};

static bool has_all(const struct rrset *now, const void *ctx)
{
	const struct wanted *w = ctx;
	for (const char *const *rdata = w->tlsa; *rdata != NULL; rdata++) {
		struct err ignored;
		const struct rrset *one = rrset_make(w->a, w->name, RR_TLSA, 0, 1, rdata, &ignored);
		if (one == NULL || now == NULL || !rrset_has(now, one->rdata[0]))
			return false;
	}
	return true;
}

/* The longest that anybody may keep the record, or that there is none. */
static uint32_t longest_ttl(const struct snapshot *snap, const char *name, uint32_t before)
{
	uint32_t ttl = before;
	for (size_t i = 0; i < snap->server_n; i++) {
		const struct server_view *v = &snap->servers[i];
		const struct seen *seen = server_seen(v, name, RR_TLSA);
		uint32_t negative = v->soa_ttl < v->soa.minimum ? v->soa_ttl : v->soa.minimum;
		if (seen != NULL && seen->state == SEEN_DATA && seen->rrset->ttl > ttl)
			ttl = seen->rrset->ttl;
		if (v->has_soa && negative > ttl)
			ttl = negative;
	}
	return ttl;
}

/* The later of two; one that is stuck outweighs any wait. */
static void take_later(struct settling *all, const struct settling *one)
{
	if (one->state > all->state || (one->state == all->state && one->until_ms > all->until_ms))
		*all = *one;
}

static int settle_host(struct flow *f, struct arena *a, const struct snapshot *snap,
		       const struct wanted *w, struct settling *all, struct err *e)
{
	struct since since;
	struct settling one = { .state = SETTLING_STUCK,
				.what = arena_printf(a, "%s TLSA", dname_show(a, w->name)) };
	if (flow_since_at_all(f, a, snap, &(struct since_of){ { w->name, RR_TLSA }, has_all, w },
			      &since, e) != 0)
		return -1;
	if (since.holds) {
		one.since_ms = since.since_ms;
		one.ttl_s = 2 * longest_ttl(snap, w->name, since.ttl_before);
		one.until_ms = one.since_ms + (int64_t)one.ttl_s * 1000;
		one.state = one.until_ms > flow_now_ms(f) ? SETTLING : SETTLED;
	}
	take_later(all, &one);
	return 0;
}

int flow_tlsa_settling(struct flow *f, struct arena *a, const struct snapshot *snap,
		       struct settling *s_r, struct err *e)
{
	const struct project *p = f->opts.project;
	bool any = p->target_tlsa != NULL && p->target_tlsa[0] != NULL && f->store != NULL;
	*s_r = (struct settling){ .state = SETTLED };
	for (size_t i = 0; any && p->target_mx != NULL && i < p->target_mx->n; i++) {
		struct mx mx;
		struct wanted w = { .a = a, .tlsa = p->target_tlsa };
		if (mx_parse(a, p->target_mx->rdata[i], &mx))
			w.name = asking_tlsa_name(a, mx.host, p->domain);
		if (w.name != NULL && settle_host(f, a, snap, &w, s_r, e) != 0)
			return -1;
	}
	return 0;
}
