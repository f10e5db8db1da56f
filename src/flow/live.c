/*
 * Through an API the provider's own data is the truth. By hand there is no API: what all
 * authoritative servers agree on is what there is.
 */
#include "flow/live.h"

#include "flow/flow_priv.h"
#include "flow/observe.h"
#include "flow/wish.h"
#include "zone/dname.h"

/* While the servers do not agree, a change is on its way from one to the other. */
static int read_served(struct live *l, const struct change *c, const struct rrset **rrset_r,
		       bool *agree_r, struct err *e)
{
	bool any = false;
	if (l->snap == NULL && flow_observe(l->f, l->a, ASK_RECORDS, &l->snap, e) != 0)
		return -1;
	*rrset_r = NULL;
	*agree_r = true;
	for (size_t i = 0; i < l->snap->server_n; i++) {
		const struct seen *s = server_seen(&l->snap->servers[i], c->name, c->type);
		if (s == NULL || s->state > SEEN_NXDOMAIN)
			continue;
		const struct rrset *here = s->state == SEEN_DATA ? s->rrset : NULL;
		if (here != NULL && !dname_equal(here->name, c->name))
			here = NULL;
		if (any && !rrset_same(here, *rrset_r))
			*agree_r = false;
		*rrset_r = here;
		any = true;
	}
	return any ? 0
		   : err_set(e, ERR_RETRY, "reading %s %s: no authoritative server answered",
			     dname_show(l->a, c->name), rr_type_name(l->a, c->type));
}

int live_look(struct live *l, const struct change_set *cs, struct err *e)
{
	l->zone = NULL;
	if (provider_is_by_hand(l->provider))
		return 0;
	return registrar_look(provider_call(l->provider), l->a, cs, &l->zone, e);
}

static int read_api(struct live *l, const struct change *c, const struct rrset **rrset_r,
		    struct err *e)
{
	if (l->zone == NULL)
		return registrar_read(provider_call(l->provider), l->a, c->name, c->type, rrset_r,
				      e);
	*rrset_r = zone_find(l->zone, c->name, c->type);
	return 0;
}

/* Through an API the RRset must be the wish to the byte; by hand a lower TTL, and for an MX
 * any within policy, is met too: panels offer only a few values (wish_is_met). */
int live_where(struct live *l, const struct change *c, enum live_at *at_r,
	       const struct rrset **now_r, struct err *e)
{
	bool agree = true;
	bool by_hand = provider_is_by_hand(l->provider);
	int rc = by_hand ? read_served(l, c, now_r, &agree, e) : read_api(l, c, now_r, e);
	if (rc != 0)
		return -1;
	/* One of two records with the new TTL is half a change. */
	bool even = *now_r == NULL || !(*now_r)->uneven;
	bool met = by_hand && !l->exact
			   ? wish_is_met(c, *now_r, l->f->opts.project->policy.max_mx_ttl)
			   : rrset_alike(*now_r, c->after) && even;
	if (!agree)
		*at_r = LIVE_OTHER;
	else
		*at_r = met                              ? LIVE_AFTER
			: rrset_alike(*now_r, c->before) ? LIVE_BEFORE
							 : LIVE_OTHER;
	return 0;
}

const char *live_show(struct arena *a, const struct rrset *s)
{
	if (s == NULL)
		return "absent";
	struct buf b;
	buf_init(&b);
	for (size_t i = 0; i < s->n; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", s->rdata[i]);
	buf_addf(&b, " (TTL %u)", s->ttl);
	const char *text = arena_slice(a, buf_slice(&b));
	buf_release(&b);
	return text;
}
