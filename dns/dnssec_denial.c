/*
 * Negative answers: first every record of the proof must be signed itself, then the rest is
 * logic over names (dnssec_nsec.c) or hashes (dnssec_nsec3.c).
 */
#include "dns/dnssec_priv.h"
#include "zone/dname.h"

enum { NSEC3_OPT_OUT = 1, NSEC3_SHA1 = 1 };

/* What was gathered, and what the signatures say about it. */
struct gathered {
	struct denials d;
	size_t looked;
	struct secure secure; /* of the records in `d` and the SOA */
	struct secure failed; /* the first that was not signed as it must; SECURE_YES: none */
};

/* An owner that only a wildcard's expansion made proves nothing: its rdata is another's. */
static bool take_set(struct judging *j, const struct zone_keys *keys, const struct rrset *set,
		     const struct seen_proof *proof, struct gathered *g)
{
	struct set_verdict v = dnssec_judge_set(j, keys, set, proof);
	if (v.secure.state == SECURE_YES && v.wildcard)
		v.secure = dnssec_bogus(BOGUS_NO_PROOF, "the proof was made from a wildcard");
	if (v.secure.state == SECURE_YES) {
		g->secure = dnssec_worse(g->secure, v.secure);
		return true;
	}
	if (g->failed.state == SECURE_YES)
		g->failed = v.secure;
	return false;
}

static void add_nsec(struct judging *j, const struct rrset *set, struct denials *d)
{
	struct slice rest = slice_str(set->rdata[0]);
	struct err e = { 0 };
	const char *next = dname_canon(j->a, arena_slice(j->a, slice_until(&rest, ' ')), &e);
	if (next == NULL || !dname_is_within(next, d->zone))
		return;
	d->nsec[d->nsec_n++] = (struct nsec){ .owner = set->name, .next = next, .types = rest };
}

/* "1 1 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A RRSIG": the records of one proof have the same
 * parameters (RFC 5155 §8.2), so others than the first one's are left out. */
static void add_nsec3(struct judging *j, const struct rrset *set, struct denials *d)
{
	struct slice rest = slice_str(set->rdata[0]);
	struct slice name = slice_str(set->name);
	uint64_t n[3];
	for (size_t i = 0; i < 3; i++) {
		if (!slice_to_u64(slice_until(&rest, ' '), &n[i]))
			return;
	}
	struct slice salt = slice_until(&rest, ' ');
	bool first = d->nsec3_n == 0;
	if (n[0] != NSEC3_SHA1 || n[1] > NSEC3_OPT_OUT || n[2] > UINT16_MAX ||
	    !dname_equal(dname_parent(set->name), d->zone) ||
	    (!first && (!slice_eq_nocase(salt, d->salt) || n[2] != d->iterations)))
		return;
	char *next = arena_slice(j->a, slice_until(&rest, ' '));
	str_lower(next);
	d->salt = salt;
	d->iterations = (uint16_t)n[2];
	d->too_many = n[2] > DNSSEC_ITERATIONS;
	d->nsec3[d->nsec3_n++] = (struct nsec){ .owner = arena_slice(j->a, slice_until(&name, '.')),
						.next = next,
						.types = rest,
						.opt_out = n[1] == NSEC3_OPT_OUT };
}

/* A resolver refuses the whole answer for a bad signature of its SOA too. */
static void gather(struct judging *j, const struct zone_keys *keys, const struct seen_proof *proof,
		   struct gathered *g)
{
	for (size_t i = 0; i < proof->authority_n && g->looked < DNSSEC_DENIALS_MAX; i++) {
		const struct rrset *set = proof->authority[i];
		bool denies = set->type == RR_NSEC || set->type == RR_NSEC3;
		bool soa = set->type == RR_SOA && dname_equal(set->name, keys->zone);
		bool foreign = !dname_is_within(set->name, keys->zone); /* of an alias's end */
		if ((!denies && !soa) || foreign || set->n != 1)
			continue;
		g->looked++;
		if (!take_set(j, keys, set, proof, g))
			continue;
		if (set->type == RR_NSEC)
			add_nsec(j, set, &g->d);
		else if (set->type == RR_NSEC3)
			add_nsec3(j, set, &g->d);
	}
}

static enum denied denies(struct judging *j, const struct denials *d, const struct denial_query *q)
{
	enum denied by_nsec = dnssec_nsec_denies(j, d, q);
	return by_nsec != DENIED_NOT || d->nsec3_n == 0 ? by_nsec : dnssec_nsec3_denies(j, d, q);
}

static const char *what_is_missing(struct judging *j, const struct denial_query *q)
{
	const char *name = dnssec_show(j, q->name);
	switch (q->kind) {
	case DENY_DS:
		return arena_printf(j->a, "nothing proves that the delegation of %s has no DS",
				    name);
	case DENY_TYPE:
		return arena_printf(j->a, "nothing proves that there is no %s",
				    dnssec_show_set(j, q->name, q->type));
	case DENY_NAME: return arena_printf(j->a, "nothing proves that %s does not exist", name);
	default:
		return arena_printf(j->a,
				    "nothing proves that the wildcard below %s may stand for %s",
				    dnssec_show(j, q->encloser), name);
	}
}

static struct secure open_end(struct secure s, const char *detail)
{
	s.state = SECURE_INSECURE;
	s.detail = detail;
	return s;
}

struct secure dnssec_judge_denial(struct judging *j, const struct zone_keys *keys,
				  const struct seen_proof *proof, const struct denial_query *q)
{
	struct gathered g = { .d.zone = keys->zone,
			      .secure.state = SECURE_YES,
			      .failed.state = SECURE_YES };
	if (proof == NULL)
		return dnssec_bogus(BOGUS_NOT_SIGNED,
				    arena_printf(j->a, "the answer for %s came without signatures",
						 dnssec_show(j, q->name)));
	gather(j, keys, proof, &g);
	if (g.failed.state != SECURE_YES)
		return g.failed;
	if (g.d.too_many)
		return open_end(
			g.secure,
			arena_printf(j->a,
				     "NSEC3 with %u iterations, which resolvers do not follow",
				     g.d.iterations));
	switch (denies(j, &g.d, q)) {
	case DENIED_YES: return q->kind == DENY_DS ? open_end(g.secure, NULL) : g.secure;
	case DENIED_OPEN: return open_end(g.secure, "the zone's NSEC3 records opt out here");
	case DENIED_GAVE_UP: return dnssec_is(SECURE_UNKNOWN, "there are too many names to hash");
	default: return dnssec_bogus(BOGUS_NO_PROOF, what_is_missing(j, q));
	}
}
