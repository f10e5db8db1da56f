/*
 * Denial by NSEC3 (RFC 5155 §8): names are hashed, so that a name does not exist must be shown
 * step by step: the closest ancestor that does, the next name below it that does not, and no
 * wildcard. A span with the opt-out flag may hide unsigned delegations.
 */
#include <string.h>

#include "dns/dnssec_priv.h"
#include "zone/dname.h"

/* NULL when the work that a judgement may do is done. */
static const char *hash_of(struct judging *j, const struct denials *d, const char *name)
{
	if (j->hash_left == 0)
		return NULL;
	j->hash_left--;
	return dnssec_nsec3_hash(j->a, name, d->salt, d->iterations);
}

static const struct nsec *nsec3_at(const struct denials *d, const char *hash)
{
	for (size_t i = 0; hash != NULL && i < d->nsec3_n; i++) {
		if (str_eq(d->nsec3[i].owner, hash))
			return &d->nsec3[i];
	}
	return NULL;
}

/* base32hex keeps the order of the octets; the last span goes round the end. */
static bool covers(const struct nsec *n, const char *hash)
{
	bool behind = strcmp(n->owner, hash) < 0;
	bool before = strcmp(hash, n->next) < 0;
	return strcmp(n->owner, n->next) < 0 ? behind && before : behind || before;
}

static const struct nsec *nsec3_over(const struct denials *d, const char *hash)
{
	for (size_t i = 0; hash != NULL && i < d->nsec3_n; i++) {
		if (covers(&d->nsec3[i], hash) && !str_eq(d->nsec3[i].owner, hash))
			return &d->nsec3[i];
	}
	return NULL;
}

/* The closest ancestor with a record of its own, and the span over the name below it. */
struct enclosed {
	const char *encloser;
	const struct nsec *closer;
	bool gave_up;
};

static struct enclosed enclose(struct judging *j, const struct denials *d, const char *name)
{
	struct enclosed none = { 0 };
	const char *below = name;
	while (!dname_equal(below, d->zone) && dname_is_within(below, d->zone)) {
		const char *above = dname_parent(below);
		const char *hash = hash_of(j, d, above);
		if (hash == NULL)
			return (struct enclosed){ .gave_up = true };
		const struct nsec *at = nsec3_at(d, hash);
		if (at != NULL && dnssec_is_cut(j->a, at))
			return none;
		if (at != NULL)
			return (struct enclosed){ .encloser = above,
						  .closer = nsec3_over(d, hash_of(j, d, below)) };
		below = above;
	}
	return none;
}

/* What is left when the name itself has no record: behind an opt-out anything may be. */
static enum denied judge_wildcard(struct judging *j, const struct denials *d,
				  const struct denial_query *q, const struct enclosed *in)
{
	const char *name = str_eq(in->encloser, ".") ? "*."
						     : arena_printf(j->a, "*.%s", in->encloser);
	const char *hash = hash_of(j, d, name);
	bool denied = false;
	if (hash == NULL)
		return DENIED_GAVE_UP;
	if (q->kind == DENY_NAME) {
		denied = nsec3_over(d, hash) != NULL;
	} else {
		const struct nsec *wild = nsec3_at(d, hash);
		denied = wild != NULL && dnssec_lacks(j->a, wild, q);
	}
	if (in->closer->opt_out && (denied || q->kind != DENY_NAME))
		return DENIED_OPEN;
	return denied ? DENIED_YES : DENIED_NOT;
}

/* RFC 5155 §8.4 to §8.7 */
static enum denied judge_absent(struct judging *j, const struct denials *d,
				const struct denial_query *q)
{
	struct enclosed in = enclose(j, d, q->name);
	if (in.gave_up)
		return DENIED_GAVE_UP;
	if (in.closer == NULL)
		return DENIED_NOT;
	if (q->kind == DENY_DS) /* §8.6 */
		return in.closer->opt_out ? DENIED_OPEN : DENIED_NOT;
	return judge_wildcard(j, d, q, &in);
}

/* RFC 5155 §8.8: the name below the wildcard's encloser, on the way to the one asked for. */
static enum denied judge_closer(struct judging *j, const struct denials *d,
				const struct denial_query *q)
{
	const char *closer = q->name;
	if (!dname_is_within(closer, q->encloser) || dname_equal(closer, q->encloser))
		return DENIED_NOT;
	while (!dname_equal(dname_parent(closer), q->encloser))
		closer = dname_parent(closer);
	const char *hash = hash_of(j, d, closer);
	if (hash == NULL)
		return DENIED_GAVE_UP;
	const struct nsec *over = nsec3_over(d, hash);
	if (over == NULL)
		return DENIED_NOT;
	return over->opt_out ? DENIED_OPEN : DENIED_YES;
}

enum denied dnssec_nsec3_denies(struct judging *j, const struct denials *d,
				const struct denial_query *q)
{
	if (q->kind == DENY_CLOSER)
		return judge_closer(j, d, q);
	if (q->kind == DENY_NAME)
		return judge_absent(j, d, q);
	const char *hash = hash_of(j, d, q->name);
	if (hash == NULL)
		return DENIED_GAVE_UP;
	const struct nsec *at = nsec3_at(d, hash);
	if (at != NULL)
		return dnssec_lacks(j->a, at, q) ? DENIED_YES : DENIED_NOT;
	return judge_absent(j, d, q);
}
