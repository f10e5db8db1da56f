/*
 * What may be in a change set, and how to undo one.
 */
#include "zone/change.h"

#include "zone/dname.h"

const struct change_set *change_set_inverse(struct arena *a, const struct change_set *cs)
{
	struct change *list = ARENA_ARRAY(a, cs->n, struct change);
	for (size_t i = 0; i < cs->n; i++) {
		list[i] = cs->changes[cs->n - 1 - i];
		const struct rrset *before = list[i].before;
		list[i].before = list[i].after;
		list[i].after = before;
	}
	struct change_set *inverse = arena_memdup(a, cs, sizeof(*cs));
	inverse->changes = list;
	return inverse;
}

/* NULL is absent and fits; an empty set is a mistake, for it could be meant either way. */
static bool fits(const struct change *c, const struct rrset *s)
{
	return s == NULL || (s->type == c->type && dname_equal(s->name, c->name) && s->n > 0);
}

/* Why this change may not be, or NULL. */
static const char *refuse_alone(const char *zone, const struct change *c)
{
	bool apex = dname_equal(c->name, zone);
	if (!dname_is_within(c->name, zone))
		return "the name is outside the zone";
	if (!fits(c, c->before) || !fits(c, c->after))
		return "before or after is of another name or type, or empty";
	if (c->type == RR_SOA)
		return "the SOA belongs to the zone's own server";
	/* A wrong one would take the whole zone out of the DNS, for as long as caches hold it. */
	if (apex && c->type == RR_NS)
		return "the zone's name servers are not changed here";
	if (apex && c->type == RR_CNAME && c->after != NULL)
		return "a CNAME cannot stand at the apex, beside SOA and NS (RFC 1912 §2.4)";
	if (rrset_same(c->before, c->after) && (c->before == NULL || !c->before->uneven))
		return "nothing would change";
	return NULL;
}

/* Judged by the after-images: a CNAME may take the place of data that goes in the same set. */
static const char *refuse_pair(const struct change *c, const struct change *other)
{
	if (!dname_equal(c->name, other->name))
		return NULL;
	if (c->type == other->type)
		return "the same RRset is changed twice";
	if (c->after != NULL && other->after != NULL &&
	    (c->type == RR_CNAME || other->type == RR_CNAME))
		return "a CNAME cannot stand beside other data (RFC 1034 §3.6.2)";
	return NULL;
}

/* Quadratic, and sets are a dozen changes long. */
static const char *refuse_one(const struct change_set *cs, size_t i)
{
	const char *why = refuse_alone(cs->zone, &cs->changes[i]);
	for (size_t j = 0; why == NULL && j < i; j++)
		why = refuse_pair(&cs->changes[i], &cs->changes[j]);
	return why;
}

int change_set_check(const struct change_set *cs, struct err *e)
{
	struct arena *a = arena_new();
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < cs->n; i++) {
		const char *why = refuse_one(cs, i);
		if (why != NULL)
			rc = err_set(e, ERR_REFUSED, "change of %s %s: %s", cs->changes[i].name,
				     rr_type_name(a, cs->changes[i].type), why);
	}
	arena_free(a);
	return rc;
}
