/*
 * A CNAME is alone at its name (RFC 1034 §3.6.2), so what stands there has to go in the same set.
 * Only what the wish itself replaces may: an address at autodiscover, a key at a selector. Anything
 * else is somebody's; the plan names it and stops.
 */
#include "flow/plan_priv.h"

#include "flow/live.h"
#include "zone/dname.h"

typedef VEC(const struct rrset *) rrset_list;

/* Something is at the name, and no CNAME: a server says that there is no such type, not that there
 * is no such name. */
static bool is_taken(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->server_n; i++) {
		const struct seen *seen = server_seen(&s->servers[i], name, RR_CNAME);
		if (seen != NULL && seen->state == SEEN_NODATA)
			return true;
	}
	return false;
}

struct registrar_names plan_taken_names(struct arena *a, const struct project *p,
					const struct snapshot *s)
{
	const char **names = ARENA_ARRAY(a, p->dkim_n + 1, const char *);
	const char *autodiscover = arena_printf(a, "autodiscover.%s", p->domain);
	size_t n = 0;
	if (p->target_autodiscover != NULL && is_taken(s, autodiscover))
		names[n++] = autodiscover;
	for (size_t i = 0; i < p->dkim_n; i++)
		if (p->dkim[i].type == RR_CNAME && is_taken(s, p->dkim[i].name))
			names[n++] = p->dkim[i].name;
	return (struct registrar_names){ n, names };
}

static bool may_go(const struct room *r, uint16_t type)
{
	for (const uint16_t *t = r->may_go; *t != 0; t++)
		if (*t == type)
			return true;
	return false;
}

static int refuse(const struct picture *pic, const struct room *r, const struct rrset *there,
		  struct err *e)
{
	const char *name = dname_show(pic->a, r->name);
	err_set(e, ERR_REFUSED,
		"planning %s CNAME: a record of type %s stands in the way there: %s", name,
		rr_type_name(pic->a, there->type), live_show(pic->a, there));
	return err_hint(e,
			"a CNAME must be alone at its name (RFC 1034 §3.6.2), and this record is "
			"not the cutover's to delete: move it or delete it yourself, or take %s "
			"out of the project; then plan again",
			name);
}

/* All that the provider has there. What was made for other records is in nobody's way. */
static int find_listed(struct picture *pic, const struct zone *standing, const struct room *r,
		       rrset_list *list, struct err *e)
{
	for (size_t i = 0; i < standing->n; i++) {
		const struct rrset *s = standing->rrsets[i];
		if (!dname_equal(s->name, r->name) || s->type == RR_CNAME ||
		    rr_type_is_made(s->type))
			continue;
		if (!may_go(r, s->type))
			return refuse(pic, r, s, e);
		*vec_push(pic->a, list) = s;
	}
	return 0;
}

/* The types that were asked for. */
static int find_served(struct picture *pic, const struct room *r, rrset_list *list, struct err *e)
{
	for (const uint16_t *t = r->may_go; *t != 0; t++) {
		const struct rrset *there = NULL;
		if (!picture_asked(pic, r->name, *t))
			continue;
		if (picture_now(pic, r->name, *t, &there, e) != 0)
			return -1;
		if (there != NULL)
			*vec_push(pic->a, list) = there;
	}
	return 0;
}

static int find(struct picture *pic, const struct plan_from *from, const struct room *r,
		rrset_list *list, struct err *e)
{
	bool listed = from->standing != NULL && !may_go(r, RR_CNAME);
	return listed ? find_listed(pic, from->standing, r, list, e) : find_served(pic, r, list, e);
}

int plan_room_is_taken(struct picture *pic, const struct plan_from *from, const struct room *r,
		       bool *taken_r, struct err *e)
{
	rrset_list list = { 0 };
	int rc = find(pic, from, r, &list, e);
	*taken_r = list.n > 0;
	return rc;
}

int plan_make_room(struct picture *pic, const struct plan_from *from, const struct room *r,
		   struct err *e)
{
	rrset_list list = { 0 };
	if (find(pic, from, r, &list, e) != 0)
		return -1;
	for (size_t i = 0; i < list.n; i++)
		picture_change(pic, list.at[i], NULL, r->why);
	return 0;
}
