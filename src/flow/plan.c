/*
 * The sets are made in the order in which they are applied, each from the picture that the ones
 * before it leave (picture.h).
 */
#include "flow/plan_priv.h"

#include "flow/apply.h"
#include "flow/flow_priv.h"
#include "flow/observe.h"
#include "flow/provider.h"
#include "zone/dname.h"

typedef int set_fn(struct picture *pic, const struct plan_from *from, struct err *e);

static int make_set(struct picture *pic, const struct plan_from *from, set_fn *make, const char *id,
		    const struct change_set **set_r, struct err *e)
{
	if (make(pic, from, e) != 0)
		return -1;
	*set_r = picture_close(pic, id, e);
	return *set_r != NULL ? 0 : -1;
}

/* The sets are made in the order in which they are applied; a zone that could not be read
 * whole gives no plan at all. */
int plan_compute(struct arena *a, const struct plan_from *from, const struct plan **plan_r,
		 struct err *e)
{
	const struct project *p = from->project;
	const struct snapshot *snap = from->snap;
	struct picture pic = { .a = a, .snap = snap, .provider = from->provider };
	struct plan *plan = ARENA_NEW(a, struct plan);
	if (snap->zone == NULL || snap->delegation == DELEGATION_MISSING ||
	    snap->delegation == DELEGATION_BROKEN || snap->delegation == DELEGATION_UNREACHABLE) {
		err_set(e, ERR_REFUSED, "planning %s: its zone could not be read (%s)",
			dname_show(a, p->domain),
			snap->delegation_note != NULL ? snap->delegation_note
						      : "no server answered");
		return err_hint(e, "run `cutover audit` and mend the delegation first");
	}
	plan->made_ms = from->now_ms;
	plan->snapshot_ms = snap->ended_ms;
	plan->domain = dname_show(a, p->domain);
	plan->zone = snap->zone;
	plan->provider = p->dns_provider;
	plan->place = from->place;
	plan->max_changed = p->policy.max_changed_rrsets;
	if (make_set(&pic, from, plan_staging, "staging", &plan->staging, e) != 0 ||
	    make_set(&pic, from, plan_policy, "policy", &plan->policy, e) != 0 ||
	    make_set(&pic, from, plan_switch, "switch", &plan->switching, e) != 0 ||
	    make_set(&pic, from, plan_cleanup, "cleanup", &plan->cleanup, e) != 0)
		return -1;
	plan->by_hand = plan_by_hand(&pic, from);
	plan->hash = plan_hash(a, plan);
	plan->wishes = plan_wishes(a, p);
	plan->behind_seq = from->newest_seq;
	*plan_r = plan;
	return 0;
}

/* What its answers tell beside the records; one question, to those that tell such a thing. A plan
 * is made of what the DNS says: that the provider cannot be asked is for `providers --check`. */
static void ask_for_warning(struct flow *f, struct arena *a, struct plan_from *from)
{
	const struct rrset *mx;
	struct provider *p = NULL;
	struct err e = { 0 };
	if (from->provider == NULL || from->provider->warning == NULL || from->snap->zone == NULL)
		return;
	if (provider_open(f, from->snap->zone, &p, &e) != 0 ||
	    registrar_read(provider_call(p), a, from->project->domain, RR_MX, &mx, &e) != 0)
		log_info(f->opts.log, "the provider could not be asked: %s", e.text);
	else if (registrar_warning(provider_call(p)) != NULL)
		from->warning = arena_strdup(a, registrar_warning(provider_call(p)));
	provider_close(p);
}

/* The DNS is asked type by type, and a name holds what nobody asked for: where a CNAME is to take
 * the place of something, the provider tells what that is. One listing, and only then. When it
 * cannot be had the plan says so, and the apply, which compares again, refuses. */
static void ask_for_standing(struct flow *f, struct arena *a, struct plan_from *from)
{
	struct provider *p = NULL;
	struct err e = { 0 };
	const struct snapshot *s = from->snap;
	const struct registrar_names names = plan_taken_names(a, from->project, s);
	if (names.n == 0 || from->provider == NULL || s->zone == NULL ||
	    provider_of_project_is_by_hand(f))
		return;
	if (provider_open(f, s->zone, &p, &e) != 0 ||
	    registrar_standing(provider_call(p), a, &names, &from->standing, &e) != 0)
		from->standing_unknown = arena_printf(
			a,
			"look yourself what else is at %s, where a CNAME takes the place of what "
			"is there: the provider could not be asked (%s)",
			dname_show(a, names.at[0]), e.text);
	provider_close(p);
}

/* What a plugin can is known only while it runs; the others have it in their row. */
static int compute(struct flow *f, struct arena *a, struct plan_from *from,
		   const struct plan **plan_r, struct err *e)
{
	struct provider *p = NULL;
	const char *zone = from->snap->zone;
	if (from->provider != NULL && from->provider->as_opened != NULL && zone != NULL) {
		if (provider_open(f, zone, &p, e) != 0)
			return -1;
		from->provider = registrar_of(provider_call(p));
	}
	ask_for_warning(f, a, from);
	ask_for_standing(f, a, from);
	int rc = plan_compute(a, from, plan_r, e);
	provider_close(p);
	return rc;
}

/* What the zone alone does not tell. */
static int remembered(struct flow *f, struct arena *a, struct plan_from *from, struct err *e)
{
	static const struct change_set none = { .n = 0 };
	struct applied_group *groups = NULL;
	size_t n = 0;
	int64_t changed_ms;
	if (flow_sts_before(f, a, &from->sts_before, &changed_ms, e) != 0)
		return -1;
	if (f->store == NULL)
		return 0;
	if (flow_applied(f, a, &groups, &n, e) != 0)
		return -1;
	from->switched = applied_switch(groups, n, &none);
	from->newest_seq = n > 0 ? groups[n - 1].seq : 0;
	const struct change_set *undo = applied_undo(a, groups, n);
	for (size_t i = 0; i < undo->n; i++) {
		const struct change *c = &undo->changes[i];
		if (c->type == RR_MX && c->after != NULL &&
		    dname_equal(c->name, from->project->domain))
			from->first_mx_ttl = c->after->ttl;
	}
	return 0;
}

int flow_plan(struct flow *f, struct arena *a, const struct plan **plan_r, struct err *e)
{
	struct plan_from from = { .project = f->opts.project };
	struct provider_set *set = provider_set_new(e);
	if (set == NULL)
		return -1;
	from.provider = provider_set_find(set, from.project->dns_provider);
	int done = flow_observe(f, a, ASK_PLAN, &from.snap, e);
	from.now_ms = flow_now_ms(f);
	from.place = place_of_project(f, a).at;
	done = done == 0 ? remembered(f, a, &from, e) : done;
	done = done == 0 ? compute(f, a, &from, plan_r, e) : done;
	provider_set_free(set);
	if (done != 0)
		return -1;
	struct js *doc = plan_to_js(*plan_r);
	int rc = flow_put(f, DOC_PLAN, doc, e);
	js_free(doc);
	return rc;
}

struct plan_sets plan_sets(const struct plan *plan)
{
	return (struct plan_sets){ { plan->staging, plan->policy, plan->switching,
				     plan->cleanup } };
}

bool plan_set_is_large(const struct plan *plan, const struct change_set *cs)
{
	return plan->max_changed != 0 && cs->n > plan->max_changed;
}

int flow_plan_load(struct flow *f, struct arena *a, const struct plan **plan_r, struct err *e)
{
	struct js *doc;
	*plan_r = f->reviewed;
	if (f->reviewed != NULL)
		return 0;
	if (flow_get(f, DOC_PLAN, &doc, NULL, e) != 0)
		return -1;
	if (doc != NULL)
		*plan_r = plan_from_js(a, doc, e);
	int rc = doc == NULL || *plan_r != NULL ? 0 : -1;
	js_free(doc);
	return rc;
}
