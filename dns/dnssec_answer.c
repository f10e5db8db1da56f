/*
 * One answer of one server, by the keys of its zone: data along its aliases, wildcards with
 * the denial that lets them stand, or a denial alone.
 */
#include <string.h>

#include "dns/dnssec_priv.h"
#include "zone/dname.h"

/* Walks the aliases of one answer. */
struct path {
	struct judging *j;
	const struct zone_keys *keys;
	const struct seen *seen;
	const char *name; /* where it stands */
	struct secure secure;
	bool ended; /* nothing more of this zone is to be judged */
};

static const struct rrset *find(const struct seen_proof *proof, const char *name, uint16_t type)
{
	return dns_section_find(proof->answer, proof->answer_n, name, type);
}

/* The name below which a wildcard's expansion claims that nothing nearer exists. */
static const char *last_labels(const char *name, size_t n)
{
	while (dname_labels(name) > n)
		name = dname_parent(name);
	return name;
}

static struct secure judge_set(struct path *p, const struct rrset *set)
{
	struct set_verdict v = dnssec_judge_set(p->j, p->keys, set, p->seen->proof);
	if (v.secure.state != SECURE_YES || !v.wildcard)
		return v.secure;
	const struct denial_query q = { .kind = DENY_CLOSER,
					.name = set->name,
					.encloser = last_labels(set->name, v.labels) };
	return dnssec_worse(v.secure, dnssec_judge_denial(p->j, p->keys, p->seen->proof, &q));
}

/* RFC 6672 §3.1: what the DNAME at `owner` makes of `name`. */
static bool is_made_by(struct judging *j, const struct rrset *dname, const char *name,
		       const char *target)
{
	struct err e = { 0 };
	size_t keep = strlen(name) - strlen(dname->name);
	const char *under = str_eq(dname->rdata[0], ".") ? "" : dname->rdata[0];
	const char *made = arena_printf(j->a, "%.*s%s", (int)keep, name, under);
	const char *canon = dname_canon(j->a, made, &e);
	return canon != NULL && dname_equal(canon, target);
}

/* A CNAME that a DNAME above it makes has no signature of its own. */
static const struct rrset *made_by(struct path *p, const struct rrset *cname)
{
	const struct seen_proof *proof = p->seen->proof;
	for (size_t i = 0; i < proof->answer_n; i++) {
		const struct rrset *s = proof->answer[i];
		if (s->type == RR_DNAME && s->n == 1 && !str_eq(s->name, ".") &&
		    !dname_equal(s->name, cname->name) && dname_is_within(cname->name, s->name) &&
		    is_made_by(p->j, s, cname->name, cname->rdata[0]))
			return s;
	}
	return NULL;
}

/* Stays at the last name when the alias leads out of the zone: others answer for the rest. */
static void follow(struct path *p, const struct rrset *cname)
{
	struct secure here = judge_set(p, cname);
	const struct rrset *dname = here.state == SECURE_BOGUS ? made_by(p, cname) : NULL;
	if (dname != NULL)
		here = judge_set(p, dname);
	p->secure = dnssec_worse(p->secure, here);
	p->name = cname->rdata[0];
	p->ended = !dname_is_within(p->name, p->keys->zone);
}

/* The set asked for; false when the name is no alias and has none. */
static bool step(struct path *p)
{
	const struct rrset *data = find(p->seen->proof, p->name, p->seen->question.type);
	if (data != NULL) {
		p->secure = dnssec_worse(p->secure, judge_set(p, data));
		p->ended = true;
		return true;
	}
	const struct rrset *cname = find(p->seen->proof, p->name, RR_CNAME);
	if (cname == NULL || cname->n != 1)
		return false;
	follow(p, cname);
	return true;
}

static struct secure deny(struct path *p)
{
	const struct denial_query q = { .kind = p->seen->state == SEEN_NXDOMAIN ? DENY_NAME
										: DENY_TYPE,
					.name = p->name,
					.type = p->seen->question.type };
	return dnssec_judge_denial(p->j, p->keys, p->seen->proof, &q);
}

/* Without EDNS there is no DO bit, and nobody sends signatures to who did not ask for them. */
static struct secure unsigned_answer(const struct judging *j, const struct seen *seen)
{
	if (seen->without_edns)
		return dnssec_is(SECURE_UNKNOWN, "the server was not asked for signatures, for it "
						 "does not take EDNS");
	return dnssec_bogus(
		BOGUS_NOT_SIGNED,
		arena_printf(j->a, "the answer for %s came without any signature",
			     dnssec_show_set(j, seen->question.name, seen->question.type)));
}

/* A walk that followed aliases kept only its last answer: the proof begins at the end. */
static const char *first_name(const struct seen *seen)
{
	const char *name = seen->question.name;
	bool here = find(seen->proof, name, seen->question.type) != NULL ||
		    find(seen->proof, name, RR_CNAME) != NULL;
	return here || seen->alias == NULL ? name : seen->alias;
}

static struct secure judge_path(struct judging *j, const struct zone_keys *keys,
				const struct seen *seen)
{
	struct path p = { .j = j, .keys = keys, .seen = seen, .secure.state = SECURE_YES };
	p.name = first_name(seen);
	if (!dname_is_within(p.name, keys->zone))
		return dnssec_is(SECURE_UNKNOWN, "another zone answers for the alias");
	for (int i = 0; i < DNSSEC_ALIASES_MAX && !p.ended && step(&p);)
		i++;
	if (p.ended)
		return p.secure;
	if (seen->state == SEEN_DATA) /* it says so, but the proof has nothing of it */
		return dnssec_worse(p.secure,
				    dnssec_is(SECURE_UNKNOWN, "the answer's end was not kept"));
	return dnssec_worse(p.secure, deny(&p));
}

/* A DNSKEY set is judged by its DS; it is the one that the other answers are judged by. */
static struct secure judge_apex_keys(struct judging *j, const struct trust *t,
				     const struct seen *seen)
{
	const struct zone_keys *keys = NULL;
	return dnssec_judge_keys(j, t, seen, &keys);
}

struct secure dnssec_judge_seen(struct judging *j, const struct trust *t, const struct seen *seen)
{
	const struct secure *zone = &t->zone->secure;
	if (seen->state != SEEN_DATA && seen->state != SEEN_NODATA && seen->state != SEEN_NXDOMAIN)
		return dnssec_is(SECURE_UNKNOWN, "the answer could not be read");
	if (zone->state == SECURE_BOGUS)
		return dnssec_bogus(BOGUS_ABOVE, zone->detail);
	if (zone->state != SECURE_YES || t->keys == NULL)
		return dnssec_is(zone->state, zone->detail);
	if (seen->question.type == RR_DNSKEY && dname_equal(seen->question.name, t->zone->zone))
		return judge_apex_keys(j, t, seen);
	return seen->proof != NULL ? judge_path(j, t->keys, seen) : unsigned_answer(j, seen);
}
