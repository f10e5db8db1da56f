/*
 * Is the zone still the one that the plan was made for?
 */
#include "dns/check/rows.h"

/* As it should be: absent when n is 0; else the same data and TTL. Within the policy's limit
 * the MX may have another TTL: a panel offers only a few values. */
static bool is_as_planned(const struct checking *c, const struct rrset *want,
			  const struct seen *seen)
{
	if (want->n == 0)
		return seen->state != SEEN_DATA;
	if (!rrset_equal(seen->rrset, want))
		return false;
	uint32_t limit = c->in->max_mx_ttl;
	bool both_low = want->ttl <= limit && seen->rrset->ttl <= limit;
	return seen->rrset->ttl == want->ttl || (want->type == RR_MX && both_low);
}

/* A secondary that has an older serial lags; that is not somebody's edit (RFC 1982). */
static bool lags(const struct checking *c, const struct server_view *v)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *other = &c->s->servers[i];
		bool newer = other->has_soa && v->has_soa &&
			     (int32_t)(other->soa.serial - v->soa.serial) > 0;
		if (other->state == SERVER_OK && newer)
			return true;
	}
	return false;
}

/* A server that readably serves something else than planned; NULL when none. */
static const struct seen *drifted(const struct checking *c, const struct rrset *want)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		const struct seen *seen = server_seen(v, want->name, want->type);
		if (v->state == SERVER_OK && !lags(c, v) && check_is_readable(seen) &&
		    !is_as_planned(c, want, seen))
			return seen;
	}
	return NULL;
}

/* An empty set is the plan's way to say "there shall be none". */
static const char *show_planned(struct checking *c, const struct rrset *want)
{
	return want->n == 0 ? "absent"
			    : arena_printf(c->a, "%s (TTL %u)", check_show_rdata(c, want),
					   (unsigned)want->ttl);
}

/* A warning, not a blocker: before-images are read again right before each write. */
static void plan_drift(struct checking *c)
{
	if (c->in->planned == NULL || c->in->phase == PHASE_POST)
		return; /* after the switch the zone is meant to differ */
	for (size_t k = 0; c->in->planned[k] != NULL; k++) {
		const struct rrset *want = c->in->planned[k];
		const struct seen *seen = drifted(c, want);
		if (seen == NULL)
			continue;
		for (size_t i = 0; i < c->s->server_n; i++) {
			const struct seen *at = server_seen(&c->s->servers[i], want->name,
							    want->type);
			if (check_is_readable(at))
				check_saw_seen(c, &c->s->servers[i], at);
		}
		check_report(
			c,
			(struct check_report){
				SEVERITY_WARNING, check_subject(c, want->name, want->type),
				arena_printf(c->a,
					     "somebody changed the zone since the plan was made; "
					     "it was %s",
					     show_planned(c, want)),
				"look at what was changed, then make the plan again" });
	}
}

const struct check plan_checks[] = {
	{ .info = { .id = "plan-drift",
		    .what = "the zone changed since the plan was made",
		    .rfc = "-" },
	  .run = plan_drift },
	{ .run = NULL },
};
