/*
 * A small picture of the zone (the RRsets a plan may touch) goes through two phases;
 * each wish reads the picture, adds a change, and leaves the picture as the change
 * will. So the second set's before-images are the first set's results.
 */
#include "flow/plan.h"

#include <stdio.h>

#include "base/vec.h"
#include "flow/flow_priv.h"
#include "flow/observe.h"
#include "flow/provider.h"
#include "flow/spf_edit.h"
#include "zone/dname.h"

/* For records that are new: short enough to correct a mistake within the hour. */
enum { NEW_RECORD_TTL = 3600 };

struct picture {
	struct arena *a;
	const struct snapshot *snap;
	const struct registrar *provider; /* NULL: every TTL is possible */
	VEC(struct change) changes;       /* of the set being made */
	VEC(struct change) earlier;       /* of the sets made before */
};

/* A secondary with an older serial (RFC 1982) is on its way to what the newer ones show. */
static bool is_newest(const struct snapshot *snap, const struct server_view *v)
{
	for (size_t i = 0; i < snap->server_n; i++) {
		const struct server_view *other = &snap->servers[i];
		if (other->has_soa && v->has_soa &&
		    (int32_t)(other->soa.serial - v->soa.serial) > 0)
			return false;
	}
	return true;
}

/* The type's own set; an alias answers for another one. */
static const struct rrset *own_set(const struct seen *seen, const char *name)
{
	bool own = seen->state == SEEN_DATA && dname_equal(seen->rrset->name, name);
	return own ? seen->rrset : NULL;
}

/* What the servers with the newest serial agree on. */
static int served(const struct picture *pic, const char *name, uint16_t type,
		  const struct rrset **rrset_r, struct err *e)
{
	bool any = false;
	*rrset_r = NULL;
	for (size_t i = 0; i < pic->snap->server_n; i++) {
		const struct server_view *v = &pic->snap->servers[i];
		const struct seen *seen = server_seen(v, name, type);
		if (seen == NULL || seen->state == SEEN_UNREADABLE || seen->state == SEEN_LAME ||
		    !is_newest(pic->snap, v))
			continue;
		if (seen->state == SEEN_REFERRAL)
			return err_set(e, ERR_REFUSED,
				       "planning %s %s: the name is delegated to another zone",
				       dname_show(pic->a, name), rr_type_name(pic->a, type));
		if (any && !rrset_equal(*rrset_r, own_set(seen, name))) {
			err_set(e, ERR_REFUSED, "planning %s %s: the servers do not agree on it",
				dname_show(pic->a, name), rr_type_name(pic->a, type));
			return err_hint(e, "see `cutover audit`; plan when they show the same");
		}
		if (!any)
			*rrset_r = own_set(seen, name);
		any = true;
	}
	if (any)
		return 0;
	err_set(e, ERR_REFUSED, "planning %s %s: no authoritative server gave a readable answer",
		dname_show(pic->a, name), rr_type_name(pic->a, type));
	return err_hint(e, "see `cutover audit`; a plan is only made from what was read");
}

/* What is there as the plan sees it at this point; -1 when no server could be read. */
static int current(const struct picture *pic, const char *name, uint16_t type,
		   const struct rrset **rrset_r, struct err *e)
{
	for (size_t i = pic->earlier.n; i-- > 0;)
		if (pic->earlier.at[i].type == type && dname_equal(pic->earlier.at[i].name, name)) {
			*rrset_r = pic->earlier.at[i].after;
			return 0;
		}
	return served(pic, name, type, rrset_r, e);
}

/* The TTL that the provider can have, and what the person is told of it. One that is there already
 * is possible. */
static const struct rrset *fit_ttl(struct picture *pic, const struct rrset *before,
				   const struct rrset *after, const char **why)
{
	if (after == NULL || pic->provider == NULL || (before != NULL && before->ttl == after->ttl))
		return after;
	uint32_t ttl = registrar_ttl(pic->provider, after->ttl);
	if (ttl == after->ttl)
		return after;
	*why = arena_printf(pic->a, "%s (a TTL of %u s cannot be had at %s: %u s)", *why,
			    (unsigned)after->ttl, pic->provider->title, (unsigned)ttl);
	return rrset_with_ttl(pic->a, after, ttl);
}

static int add_change(struct picture *pic, const struct rrset *before, const struct rrset *wished,
		      const char *why)
{
	const struct rrset *after = fit_ttl(pic, before, wished, &why);
	const struct rrset *some = after != NULL ? after : before;
	if (some == NULL || rrset_same(before, after)) /* as it shall be */
		return 0;
	*vec_push(pic->a, &pic->changes) = (struct change){
		.name = some->name,
		.type = some->type,
		.before = before,
		.after = after,
		.why = why,
	};
	return 0;
}

static const struct rrset *single(struct picture *pic, const char *name, uint16_t type,
				  uint32_t ttl, const char *rdata, struct err *e)
{
	return rrset_make(pic->a, name, type, ttl, 1, &rdata, e);
}

/* Added to the TXT that is there: the apex holds SPF and other providers' tokens. */
static int stage_ownership(struct picture *pic, const struct project *p, struct err *e)
{
	const struct rrset *before;
	if (p->ownership_txt == NULL)
		return 0;
	if (current(pic, p->ownership_name, RR_TXT, &before, e) != 0)
		return -1;
	const char *rdata = txt_quote(pic->a, slice_str(p->ownership_txt));
	if (before != NULL && rrset_has(before, rdata))
		return 0;
	const struct rrset *after = before != NULL ? rrset_with(pic->a, before, rdata, e)
						   : single(pic, p->ownership_name, RR_TXT,
							    NEW_RECORD_TTL, rdata, e);
	if (after == NULL)
		return -1;
	return add_change(pic, before, after, "proves to the new provider who owns the domain");
}

/* Only the TTL: the hosts stay, so staging it can do no harm. One that is low enough is left
 * alone. */
static int stage_mx_ttl(struct picture *pic, const struct project *p, struct err *e)
{
	const struct rrset *before;
	if (current(pic, p->domain, RR_MX, &before, e) != 0)
		return -1;
	if (before == NULL || before->ttl <= p->policy.max_mx_ttl)
		return 0;
	return add_change(pic, before, rrset_with_ttl(pic->a, before, p->policy.staged_mx_ttl),
			  "lets every cache forget the old MX quickly when it changes");
}

/* The selector's name belongs to the new provider alone, so the whole RRset is replaced. A key
 * that is published before it signs harms nobody. */
static int stage_dkim(struct picture *pic, const struct project *p, struct err *e)
{
	for (size_t i = 0; i < p->dkim_n; i++) {
		const struct project_record *d = &p->dkim[i];
		const struct rrset *before;
		if (current(pic, d->name, d->type, &before, e) != 0)
			return -1;
		const char *rdata = d->type == RR_TXT ? txt_quote(pic->a, slice_str(d->value))
						      : d->value;
		const struct rrset *after = single(pic, d->name, d->type, NEW_RECORD_TTL, rdata, e);
		if (after == NULL)
			return err_wrap(e, "planning target.dkim");
		if (!rrset_equal(before, after))
			add_change(pic, before, after, "the new provider's DKIM key");
	}
	return 0;
}

/* The host is the provider's to tell: no rule makes it out of the domain's name. */
static int ask_for_mx(struct picture *pic, const struct project *p, struct err *e)
{
	const struct project_ask *asks;
	size_t n = project_asks(pic->a, p, &asks);
	const char *where = "the new provider's setup page";
	for (size_t i = 0; i < n; i++)
		where = str_eq(asks[i].option, "target.mx") ? asks[i].where : where;
	(void)err_set(e, ERR_USAGE, "%s: target.mx is not given", p->path);
	return err_hint(e,
			"write the MX host that the new provider shows for this domain (%s), "
			"for example: mx: [ { preference: 0, host: ... } ]",
			where);
}

/* The whole RRset: an old host that stayed at a worse preference would still get mail. */
static int switch_mx(struct picture *pic, const struct project *p, struct err *e)
{
	const struct rrset *before;
	if (p->target_mx == NULL)
		return ask_for_mx(pic, p, e);
	if (current(pic, p->domain, RR_MX, &before, e) != 0)
		return -1;
	const struct rrset *after = rrset_with_ttl(pic->a, p->target_mx, p->target_mx_ttl);
	if (rrset_equal(before, after))
		return 0;
	return add_change(pic, before, after, "new mail goes to the new provider");
}

static int switch_spf(struct picture *pic, const struct project *p, struct err *e)
{
	const struct rrset *before;
	const struct rrset *after;
	if (p->target_spf == NULL)
		return 0;
	if (current(pic, p->domain, RR_TXT, &before, e) != 0 ||
	    spf_add(pic->a, p->domain, before, p->target_spf, &after, e) != 0)
		return -1;
	if (after == before)
		return 0;
	return add_change(pic, before, after,
			  "lets the new provider send; the old one stays for now");
}

/* A CNAME tolerates nothing beside it (RFC 1034 §3.6.2): addresses go first. */
static int switch_autodiscover(struct picture *pic, const struct project *p, struct err *e)
{
	static const uint16_t in_the_way[] = { RR_A, RR_AAAA };
	const struct rrset *before;
	const char *name = arena_printf(pic->a, "autodiscover.%s", p->domain);
	const char *why = "mail programs find the new provider";
	if (p->target_autodiscover == NULL)
		return 0;
	if (current(pic, name, RR_CNAME, &before, e) != 0)
		return -1;
	uint32_t ttl = before != NULL ? before->ttl : NEW_RECORD_TTL;
	const struct rrset *after = single(pic, name, RR_CNAME, ttl, p->target_autodiscover, e);
	if (after == NULL)
		return err_wrap(e, "planning target.autodiscover");
	if (rrset_equal(before, after))
		return 0;
	for (size_t i = 0; before == NULL && i < 2; i++) {
		const struct rrset *addresses;
		if (current(pic, name, in_the_way[i], &addresses, e) != 0)
			return -1;
		if (addresses != NULL)
			add_change(pic, addresses, NULL, why);
	}
	return add_change(pic, before, after, why);
}

static const struct change_set *close_set(struct picture *pic, const char *id, const char *zone,
					  struct err *e)
{
	struct change_set *cs = ARENA_NEW(pic->a, struct change_set);
	*cs = (struct change_set){
		.id = id,
		.zone = zone,
		.n = pic->changes.n,
		.changes = pic->changes.at,
	};
	for (size_t i = 0; i < pic->changes.n; i++)
		*vec_push(pic->a, &pic->earlier) = pic->changes.at[i];
	pic->changes.at = NULL;
	pic->changes.n = pic->changes.cap = 0;
	return change_set_check(cs, e) == 0 ? cs : NULL;
}

/* Over both sets: what a person reviewed is what is applied, or the plan is refused. */
static const char *hash_of(struct arena *a, const struct plan *plan)
{
	char *hex = arena_alloc(a, SHA256_HEX_LEN + 1);
	const char *both = arena_printf(a, "%s %s", change_set_hash(a, plan->staging),
					change_set_hash(a, plan->switching));
	sha256_hex_of(slice_str(both), hex);
	return hex;
}

static void add_wish(struct buf *b, const char *text)
{
	buf_addf(b, "%s\n", text != NULL ? text : "-");
}

const char *plan_wishes(struct arena *a, const struct project *p)
{
	struct buf b;
	char *hex = arena_alloc(a, SHA256_HEX_LEN + 1);
	buf_init(&b);
	add_wish(&b, p->domain);
	if (p->target_mx != NULL)
		rrset_print(p->target_mx, &b);
	buf_addf(&b, "%u %u %u\n", p->target_mx_ttl, p->policy.staged_mx_ttl, p->policy.max_mx_ttl);
	add_wish(&b, p->target_spf);
	add_wish(&b, p->target_autodiscover);
	add_wish(&b, p->ownership_name);
	add_wish(&b, p->ownership_txt);
	for (size_t i = 0; i < p->dkim_n; i++)
		buf_addf(&b, "%s %u %s\n", p->dkim[i].name, (unsigned)p->dkim[i].type,
			 p->dkim[i].value);
	sha256_hex_of(buf_slice(&b), hex);
	buf_release(&b);
	return hex;
}

static int make_sets(struct picture *pic, const struct project *p, struct plan *plan, struct err *e)
{
	if (stage_ownership(pic, p, e) != 0 || stage_mx_ttl(pic, p, e) != 0 ||
	    stage_dkim(pic, p, e) != 0)
		return -1;
	plan->staging = close_set(pic, "staging", pic->snap->zone, e);
	if (plan->staging == NULL || switch_mx(pic, p, e) != 0 || switch_spf(pic, p, e) != 0 ||
	    switch_autodiscover(pic, p, e) != 0)
		return -1;
	plan->switching = close_set(pic, "switch", pic->snap->zone, e);
	return plan->switching != NULL ? 0 : -1;
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
	if (make_sets(&pic, p, plan, e) != 0)
		return -1;
	plan->hash = hash_of(a, plan);
	plan->wishes = plan_wishes(a, p);
	*plan_r = plan;
	return 0;
}

struct js *plan_to_js(const struct plan *plan)
{
	struct js *v = js_object();
	js_set_int(v, "version", 1);
	js_set_str(v, "domain", plan->domain);
	js_set_time(v, "made_at", plan->made_ms);
	js_set_time(v, "snapshot_at", plan->snapshot_ms);
	js_set(v, "staging", change_set_to_js(plan->staging));
	js_set(v, "switch", change_set_to_js(plan->switching));
	js_set_str(v, "hash", plan->hash);
	js_set_str(v, "wishes", plan->wishes);
	return v;
}

/* The hash is computed anew from what was read: an edited document cannot bring its own. */
const struct plan *plan_from_js(struct arena *a, const struct js *v, struct err *e)
{
	struct plan *plan = ARENA_NEW(a, struct plan);
	plan->made_ms = js_get_time(v, "made_at");
	plan->snapshot_ms = js_get_time(v, "snapshot_at");
	plan->domain = arena_strdup(a, js_get_str(v, "domain"));
	plan->wishes = arena_strdup(a, js_get_str(v, "wishes"));
	plan->staging = change_set_from_js(a, js_get(v, "staging"), e);
	if (plan->staging == NULL)
		return NULL;
	plan->switching = change_set_from_js(a, js_get(v, "switch"), e);
	if (plan->switching == NULL)
		return NULL;
	plan->hash = hash_of(a, plan);
	if (!str_eq(plan->hash, js_get_str(v, "hash"))) {
		err_set(e, ERR_REFUSED, "reading the plan of %s: its hash does not fit its content",
			plan->domain);
		err_hint(e, "the plan was edited or damaged; make a new one with `cutover plan`");
		return NULL;
	}
	return plan;
}

int flow_plan(struct flow *f, struct arena *a, const struct plan **plan_r, struct err *e)
{
	struct plan_from from = { .project = f->opts.project };
	struct provider_set *set = provider_set_new(e);
	if (set == NULL)
		return -1;
	from.provider = provider_set_find(set, from.project->dns_provider);
	int done = flow_observe(f, a, ASK_RECORDS, &from.snap, e);
	from.now_ms = flow_now_ms(f);
	done = done == 0 ? plan_compute(a, &from, plan_r, e) : done;
	provider_set_free(set);
	if (done != 0)
		return -1;
	struct js *doc = plan_to_js(*plan_r);
	int rc = flow_put(f, DOC_PLAN, doc, e);
	js_free(doc);
	return rc;
}

int flow_plan_load(struct flow *f, struct arena *a, const struct plan **plan_r, struct err *e)
{
	struct js *doc;
	*plan_r = NULL;
	if (flow_get(f, DOC_PLAN, &doc, NULL, e) != 0)
		return -1;
	if (doc != NULL)
		*plan_r = plan_from_js(a, doc, e);
	int rc = doc == NULL || *plan_r != NULL ? 0 : -1;
	js_free(doc);
	return rc;
}
