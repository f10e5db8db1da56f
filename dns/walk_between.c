/*
 * Zones that no referral shows: uk. and co.uk. have the same servers, and those refer from uk. to
 * x.co.uk. at once. Who signed, or whose SOA came with a denial, gives the one between away; a
 * chain of trust needs it.
 */
#include "dns/walk_priv.h"
#include "zone/dname.h"

/* Field 8 of the rdata (RFC 4034 §3.2); NULL when it cannot be read. */
static const char *signer_of(struct arena *a, const char *rdata)
{
	enum { FIELDS_BEFORE = 7 };
	struct slice rest = slice_str(rdata);
	struct err e = { 0 };
	for (unsigned i = 0; i < FIELDS_BEFORE; i++)
		(void)slice_until(&rest, ' ');
	return dname_canon(a, arena_slice(a, slice_until(&rest, ' ')), &e);
}

static bool is_between(const char *name, const struct cut *above, const char *child)
{
	return !dname_equal(name, above->name) && dname_is_within(name, above->name) &&
	       !dname_equal(name, child) && dname_is_within(child, name);
}

/* The signer of anything in the section that lies between; NULL. */
static const char *signer_between(struct walk *w, const struct cut *above, const char *child,
				  const struct dns_answer *ans)
{
	const struct rrset *const *lists[] = { ans->answer, ans->authority };
	const size_t counts[] = { ans->answer_n, ans->authority_n };
	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < counts[k]; i++) {
			const struct rrset *s = lists[k][i];
			if (s->type != RR_RRSIG || s->n == 0)
				continue;
			const char *signer = signer_of(w->a, s->rdata[0]);
			if (signer != NULL && is_between(signer, above, child))
				return signer;
		}
	}
	return NULL;
}

/* The owner of a denial's SOA, when it lies between; NULL. */
static const char *soa_between(const struct cut *above, const char *child,
			       const struct dns_answer *ans)
{
	for (size_t i = 0; i < ans->authority_n; i++) {
		const struct rrset *s = ans->authority[i];
		if (s->type == RR_SOA && is_between(s->name, above, child))
			return s->name;
	}
	return NULL;
}

struct cut *cut_between(struct walk *w, struct cut *above, const char *child,
			const struct dns_answer *ans)
{
	const char *name = signer_between(w, above, child, ans);
	name = name != NULL ? name : soa_between(above, child, ans);
	return name != NULL ? cut_shared(w, above, name) : above;
}
