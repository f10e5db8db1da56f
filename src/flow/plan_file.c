/*
 * The document is read into a plan and written anew: when that gives the same text, digest
 * included, nothing was added, left out or edited.
 */
#include "flow/plan_file.h"

#include "base/file.h"
#include "base/file_out.h"
#include "base/json.h"
#include "base/vec.h"
#include "flow/flow_priv.h"
#include "flow/live.h"
#include "flow/place.h"
#include "zone/dname.h"

enum { PLAN_FILE_MAX = 16 << 20 };

int plan_file_write(const struct plan *plan, const char *path, struct err *e)
{
	struct js *doc = plan_to_js(plan);
	struct buf text;
	buf_init(&text);
	js_write(doc, 2, &text);
	buf_addc(&text, '\n');
	int rc = file_out_write(path, buf_slice(&text), e);
	buf_release(&text);
	js_free(doc);
	return rc == 0 ? 0 : err_wrap(e, "writing the plan");
}

static bool is_unaltered(struct arena *a, const struct js *doc, const struct plan *plan)
{
	struct js *anew = plan_to_js(plan);
	bool same = str_eq(js_text(a, doc), js_text(a, anew));
	js_free(anew);
	return same;
}

/* Everything that a plan needs is there before anything is made of it. */
static int read_document(struct arena *a, const struct js *doc, const struct plan **plan_r,
			 struct err *e)
{
	if (js_get_int(doc, "version") != 1 || !js_is_string(js_get(doc, "digest"))) {
		err_set(e, ERR_USAGE, "it is no plan of version 1");
		return err_hint(e, "write one with `cutover plan --out FILE`");
	}
	*plan_r = plan_from_js(a, doc, e);
	if (*plan_r != NULL && is_unaltered(a, doc, *plan_r))
		return 0;
	if (*plan_r != NULL)
		err_set(e, ERR_REFUSED,
			"its digest does not fit its content: it was altered since it was written, "
			"or another version of cutover wrote it");
	else
		e->kind = ERR_REFUSED;
	return err_hint(e, "make it anew with `cutover plan --out FILE`, and read that");
}

int plan_file_read(struct arena *a, const char *path, const struct plan **plan_r, struct err *e)
{
	struct buf text;
	buf_init(&text);
	int rc = file_read(path, PLAN_FILE_MAX, &text, e);
	if (rc != 0 && e->hint[0] == '\0')
		err_hint(e, "write it with `cutover plan --out FILE`");
	struct js *doc = rc == 0 ? js_parse(buf_slice(&text), e) : NULL;
	if (rc == 0 && doc == NULL) {
		e->kind = ERR_USAGE;
		rc = err_hint(e, "write it with `cutover plan --out FILE`, and do not edit it");
	}
	if (rc == 0)
		rc = read_document(a, doc, plan_r, e);
	js_free(doc);
	buf_release(&text);
	return rc == 0 ? 0 : err_wrap(e, "reading the plan %s", path);
}

/* ---- is it a plan for this cutover? ------------------------------------------------- */

static int refuse(struct err *e, const char *hint)
{
	e->kind = ERR_REFUSED;
	return err_hint(e, "%s", hint);
}

static bool is_of_one_zone(const struct plan *plan)
{
	const struct plan_sets sets = plan_sets(plan);
	for (size_t i = 0; i < PLAN_SETS; i++)
		if (!dname_equal(sets.at[i]->zone, plan->zone))
			return false;
	return true;
}

static int fits_project(struct flow *f, struct arena *a, const struct plan *plan, struct err *e)
{
	const struct project *p = f->opts.project;
	const char *provider = p->dns_provider != NULL ? p->dns_provider : "(none)";
	if (!str_eq(plan->domain, dname_show(a, p->domain))) {
		err_set(e, ERR_REFUSED, "it was made for %s, and %s is about %s", plan->domain,
			p->path, dname_show(a, p->domain));
		return refuse(e, "take the plan of this domain, or name the other project with -f");
	}
	if (!dname_is_within(p->domain, plan->zone) || !is_of_one_zone(plan)) {
		err_set(e, ERR_REFUSED, "it changes the zone %s, which does not hold %s",
			plan->zone, plan->domain);
		return refuse(e, "make it anew with `cutover plan --out FILE`");
	}
	if (!str_eq(plan->provider != NULL ? plan->provider : "(none)", provider)) {
		err_set(e, ERR_REFUSED, "it was made for the DNS provider %s, and %s names %s",
			plan->provider != NULL ? plan->provider : "(none)", p->path, provider);
		return refuse(e, "TTLs and order depend on the provider: plan again with "
				 "`cutover plan --out FILE`");
	}
	const struct place was = { .at = plan->place };
	const struct place now = place_of_project(f, a);
	if (place_differs(&was, &now)) {
		err_set(e, ERR_REFUSED, "it was made for %s, and %s leads to %s", was.at, p->path,
			now.at);
		return refuse(e, "put `dns` back as it was, or plan again with `cutover plan --out "
				 "FILE`");
	}
	if (!str_eq(plan->wishes, plan_wishes(a, p))) {
		err_set(e, ERR_REFUSED, "%s asks for something else than the plan was made from",
			p->path);
		return refuse(e, "plan again with `cutover plan --out FILE`, and read that");
	}
	return 0;
}

/* The store's is what somebody planned last, here or from another file. */
static int is_newest(struct flow *f, struct arena *a, const struct plan *plan, struct err *e)
{
	const struct plan *kept;
	char mine[TIME_TEXT_MAX];
	char newer[TIME_TEXT_MAX];
	if (flow_plan_load(f, a, &kept, e) != 0)
		return -1;
	if (kept == NULL || str_eq(kept->hash, plan->hash) || plan->made_ms > kept->made_ms)
		return 0;
	err_set(e, ERR_REFUSED, "it was made at %s, and another plan was made at %s",
		time_format(plan->made_ms, mine), time_format(kept->made_ms, newer));
	return refuse(e, "look at the newer one (`cutover report`), or plan again with `cutover "
			 "plan --out FILE`");
}

/* ---- is the zone the one that it was made from? ------------------------------------- */

/* An image of a change of that RRset in any of the sets. */
static bool is_an_image(const struct change_set *const *sets, const struct change *c,
			const struct rrset *now)
{
	for (; *sets != NULL; sets++) {
		for (size_t i = 0; i < (*sets)->n; i++) {
			const struct change *one = &(*sets)->changes[i];
			if (one->type == c->type && dname_equal(one->name, c->name) &&
			    (rrset_alike(now, one->before) || rrset_alike(now, one->after)))
				return true;
		}
	}
	return false;
}

/* Each RRset of the sets once, by its first change; the list is the arena's. */
static struct change_set each_once(struct arena *a, const struct change_set *const *sets)
{
	struct change_set once = { "review", sets[0]->zone, 0, NULL };
	VEC(struct change) list = { 0 };
	for (; *sets != NULL; sets++) {
		for (size_t i = 0; i < (*sets)->n; i++) {
			const struct change *c = &(*sets)->changes[i];
			bool known = false;
			for (size_t k = 0; k < list.n && !known; k++)
				known = list.at[k].type == c->type &&
					dname_equal(list.at[k].name, c->name);
			if (!known)
				*vec_push(a, &list) = *c;
		}
	}
	once.n = list.n;
	once.changes = list.at;
	return once;
}

static int refuse_foreign(struct live *l, const struct change *c, const struct rrset *now,
			  struct err *e)
{
	err_set(e, ERR_REFUSED, "the zone has changed since it was made: %s %s was %s, and is %s",
		dname_show(l->a, c->name), rr_type_name(l->a, c->type), live_show(l->a, c->before),
		live_show(l->a, now));
	return refuse(e, "nothing was written; look who edited it, then plan again with `cutover "
			 "plan --out FILE`");
}

/* One listing for all of them where the provider can only list; else each is asked for once. */
static int compare_zone(struct live *l, const struct change_set *const *sets, struct err *e)
{
	const struct change_set once = each_once(l->a, sets);
	if (live_look(l, &once, e) != 0)
		return -1;
	for (size_t i = 0; i < once.n; i++) {
		const struct rrset *now = NULL;
		enum live_at at;
		if (live_where(l, &once.changes[i], &at, &now, e) != 0)
			return -1;
		if (!is_an_image(sets, &once.changes[i], now))
			return refuse_foreign(l, &once.changes[i], now, e);
	}
	return 0;
}

/* The clean-up is weeks away, and compares when it comes. By hand the sheet shows the rows as they
 * should be, and the person sees them as they are. */
static int fits_zone(struct flow *f, struct arena *a, const struct plan *plan, struct err *e)
{
	const struct change_set *const sets[] = { plan->staging, plan->policy, plan->switching,
						  NULL };
	struct live l = { .f = f, .a = a };
	if (provider_open(f, plan->zone, &l.provider, e) != 0)
		return -1;
	int rc = provider_is_by_hand(l.provider) ? 0 : compare_zone(&l, sets, e);
	provider_close(l.provider);
	return rc;
}

static int keep(struct flow *f, const struct plan *plan, struct err *e)
{
	if (f->opts.dry_run)
		return 0;
	struct js *doc = plan_to_js(plan);
	int rc = flow_put(f, DOC_PLAN, doc, e);
	js_free(doc);
	return rc;
}

/* Everything is compared before anything is kept: a refused file leaves no trace. */
int flow_plan_take(struct flow *f, const char *path, struct err *e)
{
	const struct plan *plan = NULL;
	if (f->reviewed_in == NULL)
		f->reviewed_in = arena_new();
	struct arena *a = f->reviewed_in;
	if (plan_file_read(a, path, &plan, e) != 0 || plan == NULL)
		return -1;
	if (fits_project(f, a, plan, e) != 0 || is_newest(f, a, plan, e) != 0 ||
	    fits_zone(f, a, plan, e) != 0 || keep(f, plan, e) != 0)
		return err_wrap(e, "taking the plan %s", path);
	f->reviewed = plan;
	return 0;
}
