/*
 * MX sets as lists, and whose hosts are in them.
 */
#include <string.h>

#include "dns/check/mx.h"
#include "dns/who.h"
#include "zone/dname.h"

/* No domain comes near. A hostile zone has thousands, other ones at each server, and every row
 * here compares each with each. */
enum { LOOKED_AT_MAX = 128 };

struct mx_list mx_list_of(const struct checking *c, const struct rrset *set)
{
	size_t n = 0;
	if (set == NULL)
		return (struct mx_list){ 0, NULL };
	size_t most = set->n < LOOKED_AT_MAX ? set->n : LOOKED_AT_MAX;
	struct mx *at = ARENA_ARRAY(c->a, most, struct mx);
	for (size_t i = 0; i < most; i++)
		n += mx_parse(c->a, set->rdata[i], &at[n]);
	return (struct mx_list){ n, at };
}

static bool has_record(const struct mx *at, size_t n, const struct mx *mx)
{
	for (size_t i = 0; i < n; i++) {
		if (at[i].preference == mx->preference && dname_equal(at[i].host, mx->host))
			return true;
	}
	return false;
}

struct mx_list mx_served(const struct checking *c)
{
	VEC(struct mx) all = { 0 };
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		const struct seen *seen = server_seen(v, c->s->domain, RR_MX);
		if (v->state != SERVER_OK || seen == NULL || seen->state != SEEN_DATA)
			continue;
		struct mx_list list = mx_list_of(c, seen->rrset);
		for (size_t k = 0; k < list.n && all.n < LOOKED_AT_MAX; k++) {
			if (!has_record(all.at, all.n, &list.at[k]))
				*vec_push(c->a, &all) = list.at[k];
		}
	}
	return (struct mx_list){ all.n, all.at };
}

bool mx_is_null(struct mx_list list)
{
	return list.n == 1 && str_eq(list.at[0].host, ".");
}

bool mx_list_has(struct mx_list list, const char *host)
{
	for (size_t i = 0; i < list.n; i++) {
		if (dname_equal(list.at[i].host, host))
			return true;
	}
	return false;
}

void mx_saw_everywhere(struct checking *c)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct seen *seen = server_seen(&c->s->servers[i], c->s->domain, RR_MX);
		if (seen != NULL)
			check_saw_seen(c, &c->s->servers[i], seen);
	}
}

bool mx_is_planned_host(const struct checking *c, const char *host)
{
	return mx_list_has(mx_list_of(c, c->in->target_mx), host);
}

bool mx_plan_expects_mail(const struct checking *c)
{
	return c->in->target_mx != NULL && !mx_is_null(mx_list_of(c, c->in->target_mx));
}

const char *mx_plan_text(struct checking *c)
{
	if (c->in->target_mx == NULL)
		return "add the MX records of the mail provider";
	return arena_printf(c->a, "publish the planned MX: %s",
			    check_show_rdata(c, c->in->target_mx));
}

/* Some planned host lies in that zone, or belongs to that provider. */
static bool plan_is_within(const struct checking *c, const char *zone)
{
	struct mx_list plan = mx_list_of(c, c->in->target_mx);
	for (size_t i = 0; i < plan.n; i++) {
		if (dname_is_within(plan.at[i].host, zone))
			return true;
	}
	return false;
}

static bool plan_is_with(const struct checking *c, const char *id)
{
	struct mx_list plan = mx_list_of(c, c->in->target_mx);
	for (size_t i = 0; i < plan.n; i++) {
		const struct who *who = who_is(WHO_MAIL, plan.at[i].host);
		if (who != NULL && str_eq(who->id, id))
			return true;
	}
	return false;
}

/* mx1.old.org and autodiscover.old.org are one house. Not so the domain's own names, where old
 * and new live side by side, and not a zone directly below a top-level domain's. */
static bool is_sibling(const struct checking *c, const char *host, const char *source)
{
	const char *house = dname_parent(source);
	return dname_labels(house) >= 2 && dname_is_within(host, house) &&
	       !dname_is_within(c->s->domain, house) && !dname_is_within(house, c->s->domain) &&
	       !plan_is_within(c, house);
}

static bool is_same_provider(const struct checking *c, const char *host, const char *source)
{
	const struct who *a = who_is(WHO_MAIL, host);
	const struct who *b = who_is(WHO_MAIL, source);
	return a != NULL && b != NULL && str_eq(a->id, b->id) && !plan_is_with(c, a->id);
}

typedef bool is_like_fn(const struct checking *c, const char *host, const char *source);

/* One of the source's hosts is like it. */
static bool any_source(const struct checking *c, const char *host, is_like_fn *is_like)
{
	const char *const *source = c->in->source_mx;
	if (source == NULL || mx_is_planned_host(c, host))
		return false;
	while (*source != NULL && !is_like(c, host, *source))
		source++;
	return *source != NULL;
}

static bool is_named(const struct checking *c, const char *host, const char *source)
{
	return dname_is_within(host, source) || is_same_provider(c, host, source);
}

bool mx_is_named_host(const struct checking *c, const char *host)
{
	return any_source(c, host, is_named);
}

bool mx_is_old_host(const struct checking *c, const char *host)
{
	return mx_is_named_host(c, host) || any_source(c, host, is_sibling);
}
