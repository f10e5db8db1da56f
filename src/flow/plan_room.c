/*
 * A CNAME is alone at its name (RFC 1034 §3.6.2), so what stands there has to go in the same set.
 * Only what the wish itself replaces may: an address at autodiscover, a key at a selector. Anything
 * else is somebody's; the plan names it and stops.
 */
#include "flow/plan_priv.h"

#include "flow/live.h"
#include "zone/dname.h"

typedef VEC(const struct rrset *) rrset_list;

/* Where a CNAME is to be: something is at the name, and no CNAME, for a server says that there is
 * no such type, not that there is no such name. Where something else is to be: a CNAME is there, or
 * a wildcard makes it look so. */
static bool is_taken(const struct snapshot *s, const char *name, bool for_alias)
{
	const enum seen_state taken = for_alias ? SEEN_NODATA : SEEN_DATA;
	for (size_t i = 0; i < s->server_n; i++) {
		const struct seen *seen = server_seen(&s->servers[i], name, RR_CNAME);
		if (seen != NULL && seen->state == taken)
			return true;
	}
	return false;
}

/* What a name that nobody has is answered with where this one lies; NULL: nothing, or nobody asked.
 * The nearest level that was asked decides: what is there stops a wildcard above (RFC 4592
 * §3.3.1). */
static const struct rrset *wildcard_over(struct arena *a, const struct snapshot *s,
					 const char *name, uint16_t type)
{
	const char *label = s->zone != NULL ? s->random_label : NULL;
	const struct seen *seen = NULL;
	for (const char *above = dname_parent(name);
	     seen == NULL && label != NULL && above != NULL && dname_is_within(above, s->zone);
	     above = dname_parent(above))
		seen = snapshot_lookup(s, arena_printf(a, "%s.%s", label, above), type);
	bool own = seen != NULL && seen->state == SEEN_DATA && seen->rrset != NULL &&
		   seen->rrset->type == type && (type == RR_CNAME || seen->alias == NULL);
	return own ? seen->rrset : NULL;
}

/* `served` says just what a name that nobody has would say. */
static bool looks_made(struct arena *a, const struct snapshot *s, const struct rrset *served)
{
	const struct rrset *w = wildcard_over(a, s, served->name, served->type);
	bool same = w != NULL && w->n == served->n;
	for (size_t i = 0; same && i < w->n; i++)
		same = str_eq(w->rdata[i], served->rdata[i]);
	return same;
}

/* By any of the servers. */
static bool is_made(struct arena *a, const struct snapshot *s, const char *name, uint16_t type)
{
	for (size_t i = 0; i < s->server_n; i++) {
		const struct seen *seen = server_seen(&s->servers[i], name, type);
		const struct rrset *there = seen != NULL ? seen->rrset : NULL;
		if (there != NULL && seen->state == SEEN_DATA && dname_equal(there->name, name) &&
		    there->type == type && looks_made(a, s, there))
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
	if (p->target_autodiscover != NULL &&
	    (is_taken(s, autodiscover, true) || is_made(a, s, autodiscover, RR_CNAME)))
		names[n++] = autodiscover;
	for (size_t i = 0; i < p->dkim_n; i++) {
		const struct project_record *d = &p->dkim[i];
		if (is_taken(s, d->name, d->type == RR_CNAME) || is_made(a, s, d->name, d->type))
			names[n++] = d->name;
	}
	return (struct registrar_names){ n, names };
}

/* There is no record to change, and nothing that a rollback could put back as it was. */
int plan_check_made(struct picture *pic, const struct plan_from *from, const struct rrset *before,
		    struct err *e)
{
	if (before == NULL || from->standing == NULL || !looks_made(pic->a, pic->snap, before) ||
	    zone_find(from->standing, before->name, before->type) != NULL)
		return 0;
	const char *name = dname_show(pic->a, before->name);
	const char *type = rr_type_name(pic->a, before->type);
	err_set(e, ERR_REFUSED,
		"planning %s %s: what is served there comes from a wildcard record; the name has "
		"none of its own at the provider",
		name, type);
	return err_hint(e,
			"enter it there at %s itself, with what the wildcard gives (%s), and plan "
			"again: then it can be changed, and put back",
			name, live_show(pic->a, before));
}

const char *plan_made_note(struct picture *pic, const struct plan_from *from, const char *name,
			   uint16_t type)
{
	if (from->standing != NULL || from->switched || !is_made(pic->a, pic->snap, name, type))
		return NULL;
	return arena_printf(pic->a,
			    "look whether %s has a %s record of its own: it says what the wildcard "
			    "record says, and when it only comes from there, enter it at that name "
			    "before it is to be changed",
			    dname_show(pic->a, name), rr_type_name(pic->a, type));
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

/* A CNAME is in the way of everything, and everything in the way of a CNAME. What was made for
 * other records is in nobody's. */
static bool is_in_the_way(const struct room *r, const struct rrset *there)
{
	bool for_alias = !may_go(r, RR_CNAME);
	return dname_equal(there->name, r->name) && !rr_type_is_made(there->type) &&
	       for_alias == (there->type != RR_CNAME);
}

/* All that the provider has there. */
static int find_listed(struct picture *pic, const struct zone *standing, const struct room *r,
		       rrset_list *list, struct err *e)
{
	for (size_t i = 0; i < standing->n; i++) {
		const struct rrset *s = standing->rrsets[i];
		if (!is_in_the_way(r, s))
			continue;
		if (!may_go(r, s->type))
			return refuse(pic, r, s, e);
		*vec_push(pic->a, list) = s;
	}
	return 0;
}

/* The types that were asked for. A CNAME is only believed to the provider: a wildcard's is served
 * at every name, and is in nobody's way. */
static int find_served(struct picture *pic, const struct room *r, rrset_list *list, struct err *e)
{
	for (const uint16_t *t = r->may_go; *t != 0; t++) {
		const struct rrset *there = NULL;
		if (*t == RR_CNAME || !picture_asked(pic, r->name, *t))
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
	return from->standing != NULL ? find_listed(pic, from->standing, r, list, e)
				      : find_served(pic, r, list, e);
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
