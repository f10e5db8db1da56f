/*
 * Sets are compared by their texts: both are canonical, sorted and without duplicates.
 */
#include "zone/rrset.h"

#include <string.h>

#include "zone/dname.h"
#include "zone/record.h"

const char *rr_type_name(struct arena *a, uint16_t type)
{
	const ldns_rr_descriptor *d = ldns_rr_descript(type);
	if (d != NULL && d->_name != NULL)
		return d->_name;
	return arena_printf(a, "TYPE%u", (unsigned)type);
}

uint16_t rr_type_from_name(const char *name)
{
	uint64_t n = 0;
	if (str_starts(name, "TYPE")) {
		bool ok = slice_to_u64(slice_str(name + 4), &n);
		return ok && n <= UINT16_MAX ? (uint16_t)n : 0;
	}
	return (uint16_t)ldns_get_rr_type_by_name(name);
}

bool rr_type_is_made(uint16_t type)
{
	return type == RR_RRSIG || type == RR_NSEC || type == RR_NSEC3;
}

const struct rrset *rrset_make(struct arena *a, const char *name, uint16_t type, uint32_t ttl,
			       size_t n, const char *const *rdata, struct err *e)
{
	const char *owner = dname_canon(a, name, e);
	if (owner == NULL)
		return NULL;
	if (n == 0) {
		(void)err_set(e, ERR_ITEM, "%s %s: a set needs at least one record", owner,
			      rr_type_name(a, type));
		return NULL;
	}
	const char **texts = ARENA_ARRAY(a, n, const char *);
	for (size_t i = 0; i < n; i++) {
		texts[i] = record_canon(a, type, rdata[i], e);
		if (texts[i] == NULL) {
			(void)err_wrap(e, "%s", owner);
			return NULL;
		}
	}
	return record_set(a, owner, type, record_ttl(ttl), texts, n);
}

bool rrset_equal(const struct rrset *a, const struct rrset *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->type != b->type || a->n != b->n || !str_eq(a->name, b->name))
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (!str_eq(a->rdata[i], b->rdata[i]))
			return false;
	}
	return true;
}

bool rrset_same(const struct rrset *a, const struct rrset *b)
{
	return rrset_equal(a, b) && (a == NULL || a->ttl == b->ttl);
}

static bool has_alike(const struct rrset *s, const char *rdata)
{
	for (size_t i = 0; i < s->n; i++) {
		if (rdata_alike(s->type, s->rdata[i], rdata))
			return true;
	}
	return false;
}

/* Each way round, for two texts that are cut differently may be one. A set of very many is compared
 * as it stands. */
bool rrset_alike(const struct rrset *a, const struct rrset *b)
{
	enum { MANY = 64 };
	if (rrset_same(a, b))
		return true;
	if (a == NULL || b == NULL || a->type != RR_TXT || b->type != RR_TXT || a->n != b->n ||
	    a->n > MANY || a->ttl != b->ttl || !str_eq(a->name, b->name))
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (!has_alike(a, b->rdata[i]) || !has_alike(b, a->rdata[i]))
			return false;
	}
	return true;
}

bool rrset_has(const struct rrset *s, const char *rdata)
{
	for (size_t i = 0; s != NULL && i < s->n; i++) {
		if (str_eq(s->rdata[i], rdata))
			return true;
	}
	return false;
}

const struct rrset *rrset_with(struct arena *a, const struct rrset *s, const char *rdata,
			       struct err *e)
{
	const char *more = record_canon(a, s->type, rdata, e);
	if (more == NULL)
		return NULL;
	const char **texts = ARENA_ARRAY(a, s->n + 1, const char *);
	for (size_t i = 0; i < s->n; i++)
		texts[i] = s->rdata[i];
	texts[s->n] = more;
	return record_set(a, s->name, s->type, s->ttl, texts, s->n + 1);
}

const struct rrset *rrset_without(struct arena *a, const struct rrset *s, const char *rdata)
{
	const char **texts = ARENA_ARRAY(a, s->n, const char *);
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++) {
		if (!str_eq(s->rdata[i], rdata))
			texts[n++] = s->rdata[i];
	}
	return n > 0 ? record_set(a, s->name, s->type, s->ttl, texts, n) : NULL;
}

const struct rrset *rrset_with_ttl(struct arena *a, const struct rrset *s, uint32_t ttl)
{
	struct rrset *copy = arena_memdup(a, s, sizeof(*s));
	copy->ttl = record_ttl(ttl);
	copy->uneven = false;
	copy->of_zone = false;
	return copy;
}

const struct rrset *rrset_as_uneven(struct arena *a, const struct rrset *s)
{
	struct rrset *copy = arena_memdup(a, s, sizeof(*s));
	copy->uneven = true;
	return copy;
}

const struct rrset *rrset_as_of_zone(struct arena *a, const struct rrset *s)
{
	struct rrset *copy = arena_memdup(a, s, sizeof(*s));
	copy->of_zone = true;
	return copy;
}
