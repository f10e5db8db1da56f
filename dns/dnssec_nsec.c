/*
 * Denial by NSEC (RFC 4034 §4, RFC 4035 §5.4, RFC 6840 §4): names in canonical order, and
 * what is not between two neighbours does not exist.
 */
#include "dns/dnssec_priv.h"
#include "zone/dname.h"

bool dnssec_types_have(struct arena *a, struct slice types, uint16_t type)
{
	struct slice wanted = slice_str(rr_type_name(a, type));
	while (types.len > 0) {
		if (slice_eq(slice_until(&types, ' '), wanted))
			return true;
	}
	return false;
}

bool dnssec_is_cut(struct arena *a, const struct nsec *n)
{
	return dnssec_types_have(a, n->types, RR_DNAME) ||
	       (dnssec_types_have(a, n->types, RR_NS) && !dnssec_types_have(a, n->types, RR_SOA));
}

bool dnssec_lacks(struct arena *a, const struct nsec *n, const struct denial_query *q)
{
	bool delegates = dnssec_types_have(a, n->types, RR_NS) &&
			 !dnssec_types_have(a, n->types, RR_SOA);
	if (q->kind == DENY_DS)
		return delegates && !dnssec_types_have(a, n->types, RR_DS);
	/* The parent's record at a cut knows nothing of the child's types. */
	return !delegates && !dnssec_types_have(a, n->types, q->type) &&
	       !dnssec_types_have(a, n->types, RR_CNAME);
}

static const struct nsec *nsec_at(const struct denials *d, const char *name)
{
	for (size_t i = 0; i < d->nsec_n; i++) {
		if (dname_equal(d->nsec[i].owner, name))
			return &d->nsec[i];
	}
	return NULL;
}

/* The last record of a zone points back to the apex. */
static bool covers(const struct denials *d, const struct nsec *n, const char *name)
{
	return dname_compare(n->owner, name) < 0 &&
	       (dname_compare(name, n->next) < 0 || dname_equal(n->next, d->zone));
}

static const struct nsec *nsec_over(struct judging *j, const struct denials *d, const char *name)
{
	for (size_t i = 0; i < d->nsec_n; i++) {
		const struct nsec *n = &d->nsec[i];
		bool above = dname_is_within(name, n->owner) && dnssec_is_cut(j->a, n);
		if (covers(d, n, name) && !above)
			return n;
	}
	return NULL;
}

/* The nearest ancestor of `name` that both have. */
static const char *common(const char *name, const char *other)
{
	while (!dname_is_within(other, name))
		name = dname_parent(name);
	return name;
}

/* Of the names beside the gap, the one that shares more with `name` shows how far names
 * exist. */
static const char *encloser(const struct nsec *n, const char *name)
{
	const char *a = common(name, n->owner);
	const char *b = common(name, n->next);
	return dname_labels(a) > dname_labels(b) ? a : b;
}

static const char *wildcard_below(struct judging *j, const char *name)
{
	return str_eq(name, ".") ? "*." : arena_printf(j->a, "*.%s", name);
}

static bool denies_type(struct judging *j, const struct denials *d, const struct denial_query *q)
{
	const struct nsec *at = nsec_at(d, q->name);
	if (at != NULL)
		return dnssec_lacks(j->a, at, q);
	const struct nsec *over = nsec_over(j, d, q->name);
	if (over == NULL || q->kind == DENY_DS)
		return false;
	/* A name that has only names below it has no types at all. */
	if (dname_is_within(over->next, q->name))
		return true;
	const struct nsec *wild = nsec_at(d, wildcard_below(j, encloser(over, q->name)));
	return wild != NULL && dnssec_lacks(j->a, wild, q);
}

/* RFC 9824 §2: a server that signs as it goes says "no such name" at the name itself. */
static bool denies_name(struct judging *j, const struct denials *d, const char *name)
{
	const struct nsec *at = nsec_at(d, name);
	if (at != NULL)
		return dnssec_types_have(j->a, at->types, RR_NXNAME);
	const struct nsec *over = nsec_over(j, d, name);
	return over != NULL && !dname_is_within(over->next, name) &&
	       nsec_over(j, d, wildcard_below(j, encloser(over, name))) != NULL;
}

/* The name itself is not there; that the wildcard's encloser is the closest one follows, for
 * a nearer one would be an ancestor of a neighbour. */
static bool denies_closer(struct judging *j, const struct denials *d, const struct denial_query *q)
{
	const struct nsec *over = nsec_over(j, d, q->name);
	return over != NULL && !dname_is_within(over->next, q->name) &&
	       dname_equal(encloser(over, q->name), q->encloser);
}

enum denied dnssec_nsec_denies(struct judging *j, const struct denials *d,
			       const struct denial_query *q)
{
	bool yes = false;
	switch (q->kind) {
	case DENY_TYPE:
	case DENY_DS: yes = denies_type(j, d, q); break;
	case DENY_NAME: yes = denies_name(j, d, q->name); break;
	case DENY_CLOSER: yes = denies_closer(j, d, q); break;
	}
	return yes ? DENIED_YES : DENIED_NOT;
}
