/*
 * Is the zone still the one that the plan was made for?
 */
#include "dns/check/rows.h"

/* A server that readably serves something else than the before-image; NULL when none. */
static const struct seen *drifted(const struct checking *c, const struct rrset *before)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		const struct seen *seen = server_seen(v, before->name, before->type);
		if (v->state == SERVER_OK && check_is_readable(seen) &&
		    !rrset_same(seen->rrset, before))
			return seen;
	}
	return NULL;
}

static void plan_drift(struct checking *c)
{
	if (c->in->planned == NULL || c->in->phase == PHASE_POST)
		return; /* after the switch the zone is meant to differ */
	for (size_t k = 0; c->in->planned[k] != NULL; k++) {
		const struct rrset *before = c->in->planned[k];
		const struct seen *seen = drifted(c, before);
		if (seen == NULL)
			continue;
		for (size_t i = 0; i < c->s->server_n; i++) {
			const struct seen *at = server_seen(&c->s->servers[i], before->name,
							    before->type);
			if (check_is_readable(at))
				check_saw_seen(c, &c->s->servers[i], at);
		}
		check_report(
			c, (struct check_report){
				   SEVERITY_WARNING, check_subject(c, before->name, before->type),
				   arena_printf(c->a,
						"somebody changed the zone since the plan was "
						"made; it was %s (TTL %u)",
						check_show_rdata(c, before), (unsigned)before->ttl),
				   "look at what was changed, then make the plan again" });
	}
}

const struct check plan_checks[] = {
	{ { "plan-drift", "the zone changed since the plan was made", "-" }, plan_drift, false },
	{ { NULL, NULL, NULL }, NULL, false },
};
