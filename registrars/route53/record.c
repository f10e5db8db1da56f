/*
 * What is not known is left alone: only a set that consists of name, type, TTL and values can be
 * deleted and created again without losing something.
 */
#include "registrars/route53/record.h"

#include "base/vec.h"
#include "base/xml_out.h"
#include "registrars/route53/octal.h"
#include "zone/dname.h"

struct locking {
	const char *element, *why;
};

static const struct locking lockings[] = {
	{ "AliasTarget", "an alias, which has no values of its own" },
	{ "SetIdentifier", "one of several between which a routing policy chooses (weight, "
			   "latency, place, failover)" },
	{ "TrafficPolicyInstanceId", "made by a traffic policy" },
	{ "HealthCheckId", "bound to a health check" },
};

static const char *locked_by(struct arena *a, const char *element)
{
	static const char *const plain[] = { "Name", "Type", "TTL", "ResourceRecords" };
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (str_eq(element, plain[i]))
			return NULL;
	}
	for (size_t i = 0; i < sizeof(lockings) / sizeof(lockings[0]); i++) {
		if (str_eq(element, lockings[i].element))
			return lockings[i].why;
	}
	return arena_printf(a, "more than its values (%.40s)", element);
}

/* A reason of the table says more than an element that is only unknown ("Weight"). */
static const char *locked_of(struct arena *a, const struct xml *set)
{
	const char *any = NULL;
	for (size_t i = 0; i < sizeof(lockings) / sizeof(lockings[0]); i++) {
		if (xml_child(set, lockings[i].element) != NULL)
			return lockings[i].why;
	}
	for (const struct xml *x = set->first; x != NULL && any == NULL; x = x->next)
		any = locked_by(a, x->name);
	return any;
}

static int take_values(struct arena *a, const struct xml *set, struct record *r, struct err *e)
{
	VEC(const char *) values = { 0 };
	uint64_t ttl;
	const struct xml *x = xml_at(set, "ResourceRecords/ResourceRecord");
	for (; x != NULL; x = xml_next(x))
		*vec_push(a, &values) = xml_text(x, "Value");
	if (!slice_to_u64(slice_str(xml_text(set, "TTL")), &ttl) || ttl > INT32_MAX ||
	    values.n == 0)
		return err_set(e, ERR_WORLD, "%s %s of the answer has no TTL or no value", r->name,
			       xml_text(set, "Type"));
	r->ttl = (uint32_t)ttl;
	r->n = values.n;
	r->values = values.at;
	return 0;
}

int record_read(struct arena *a, const struct xml *set, struct record *r, struct err *e)
{
	const char *name = octal_read(a, xml_text(set, "Name"), e);
	*r = (struct record){ .type = rr_type_from_name(xml_text(set, "Type")) };
	r->name = name != NULL ? dname_canon(a, name, e) : NULL;
	if (r->name == NULL) {
		e->kind = ERR_WORLD;
		return err_wrap(e, "the name of a record of the answer");
	}
	r->locked = locked_of(a, set);
	return r->locked != NULL ? 0 : take_values(a, set, r, e);
}

static const struct rrset *refuse(struct arena *a, const struct record *r, struct err *e)
{
	e->kind = ERR_REFUSED;
	(void)err_wrap(e, "a record at %s %s could not be read", r->name, rr_type_name(a, r->type));
	(void)err_hint(e, "look at it in the console; what is not understood is not changed");
	return NULL;
}

const struct rrset *record_rrset(struct arena *a, const struct record *r, struct err *e)
{
	const char **rdata = ARENA_ARRAY(a, r->n + 1, const char *);
	if (r->locked != NULL) {
		(void)err_set(e, ERR_REFUSED, "%s %s is %s: it is left alone", r->name,
			      rr_type_name(a, r->type), r->locked);
		(void)err_hint(e, "change it in the Route 53 console, or make it a simple record "
				  "there; then run `cutover plan` again");
		return NULL;
	}
	for (size_t i = 0; i < r->n; i++) {
		rdata[i] = octal_read(a, r->values[i], e);
		if (rdata[i] == NULL)
			return refuse(a, r, e);
	}
	const struct rrset *set = rrset_make(a, r->name, r->type, r->ttl, r->n, rdata, e);
	return set != NULL ? set : refuse(a, r, e);
}

struct record record_of(struct arena *a, const struct rrset *set)
{
	struct record r = { .name = set->name, .type = set->type, .ttl = set->ttl, .n = set->n };
	r.values = ARENA_ARRAY(a, set->n + 1, const char *);
	for (size_t i = 0; i < set->n; i++)
		r.values[i] = octal_write(a, set->rdata[i]);
	return r;
}

static bool has_value(const struct record *r, const char *value)
{
	for (size_t i = 0; i < r->n; i++) {
		if (str_eq(r->values[i], value))
			return true;
	}
	return false;
}

bool record_same_values(const struct record *a, const struct record *b)
{
	bool same = a->n == b->n;
	for (size_t i = 0; same && i < a->n; i++)
		same = has_value(b, a->values[i]);
	return same;
}

void record_write(struct arena *a, const struct record *r, struct buf *out)
{
	xml_out_open(out, "ResourceRecordSet");
	xml_out_text(out, "Name", octal_write(a, r->name));
	xml_out_text(out, "Type", rr_type_name(a, r->type));
	xml_out_int(out, "TTL", r->ttl);
	xml_out_open(out, "ResourceRecords");
	for (size_t i = 0; i < r->n; i++) {
		xml_out_open(out, "ResourceRecord");
		xml_out_text(out, "Value", r->values[i]);
		xml_out_close(out, "ResourceRecord");
	}
	xml_out_close(out, "ResourceRecords");
	xml_out_close(out, "ResourceRecordSet");
}
