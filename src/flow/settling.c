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

/* The later of two; one that is stuck outweighs any wait. */
static void take_later(struct settling *all, const struct settling *one)
{
	if (one->state > all->state || (one->state == all->state && one->until_ms > all->until_ms))
		*all = *one;
}

/* ---- MTA-STS -------------------------------------------------------------------------- */

/* Or refuses none: only a policy in enforce mode keeps mail away. */
static bool lists_planned(struct arena *a, const struct observed_sts *sts, const struct rrset *mx)
{
	size_t n = 0;
	while (sts->mx != NULL && sts->mx[n] != NULL)
		n++;
	if (sts->is_lax)
		return true;
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

/* False for a row that cannot be read: it says nothing. */
static bool falls_short(struct flow *f, struct arena *a, const struct observation *row,
			struct observed_sts *sts_r)
{
	return observed_sts_from(a, row->value, sts_r) &&
	       !lists_planned(a, sts_r, f->opts.project->target_mx);
}

/* The first row behind `i` with another id than `old`; the number of rows when there is none. */
static size_t next_id(struct arena *a, const struct observation_list *seen, size_t i,
		      const struct observed_sts *old)
{
	struct observed_sts row;
	while (i < seen->n &&
	       (!observed_sts_from(a, seen->rows[i].value, &row) || same_id(&row, old)))
		i++;
	return i;
}

/* Rows oldest first. Each that fell short counts from the next id on, and the last to run out
 * decides: a max_age that was lowered shortly before the change shortens no older promise. */
static void settle_rows(struct flow *f, struct arena *a, const struct observation_list *seen,
			struct settling *s)
{
	struct observed_sts old;
	/* The one in force falls short: another's word. */
	if (seen->n > 0 && falls_short(f, a, &seen->rows[seen->n - 1], &old))
		return;
	for (size_t i = 0; i < seen->n; i++) {
		struct settling one = { .state = SETTLING_STUCK };
		if (!falls_short(f, a, &seen->rows[i], &old))
			continue;
		size_t next = next_id(a, seen, i, &old);
		if (next < seen->n)
			settle_from(&one, &old, seen->rows[next].first_ms, flow_now_ms(f));
		take_later(s, &one);
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

/* Twice the longest TTL is what RFC 7671 §8.1 asks for before anything may rest on new records; it
 * counts from the moment when the last server had them. */
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
