/*
 * A set and its RRSIGs (RFC 4034 §3, RFC 4035 §5.3). Times are looked at first, for they cost
 * nothing; a signature outside of them is never verified.
 */
#include "base/clock.h"
#include "base/digest.h"
#include "dns/dnssec_priv.h"
#include "zone/dname.h"

/* What the trials of one set have come to. */
struct trials {
	const struct zone_keys *keys;
	const struct rrset *set;
	unsigned tried;
	int rank; /* of the reason why none fits; the highest is told */
	struct set_verdict verdict;
};
/* What a person should hear first: a signature that should fit and does not. */
enum rank { RANK_NONE, RANK_OTHER_SIGNER, RANK_NO_KEY, RANK_NOT_YET, RANK_EXPIRED, RANK_WRONG };

/* Labels as RRSIG counts them: without root and "*" (RFC 4034 §3.1.3). */
static size_t signed_labels(const char *name)
{
	return dname_labels(name) - (str_starts(name, "*.") ? 1 : 0);
}

static void failed(struct trials *t, enum rank rank, enum bogus_why why, const char *detail)
{
	if ((int)rank <= t->rank || t->verdict.secure.state != SECURE_BOGUS)
		return;
	t->rank = (int)rank;
	t->verdict.no_key = rank <= RANK_NO_KEY;
	t->verdict.secure = dnssec_bogus(why, detail);
}

/* True when the moment is right; else what is wrong is noted. */
static bool in_time(struct judging *j, struct trials *t, const struct rrsig *sig)
{
	char when[TIME_TEXT_MAX];
	const char *what = dnssec_show_set(j, t->set->name, t->set->type);
	int64_t now_ms = j->opts->now_ms;
	if (sig->ends_ms < now_ms)
		failed(t, RANK_EXPIRED, BOGUS_EXPIRED,
		       arena_printf(j->a, "the signature over %s by key %u expired at %s", what,
				    sig->tag, time_format(sig->ends_ms, when)));
	else if (sig->begins_ms > now_ms)
		failed(t, RANK_NOT_YET, BOGUS_NOT_YET,
		       arena_printf(j->a, "the signature over %s by key %u begins only at %s", what,
				    sig->tag, time_format(sig->begins_ms, when)));
	return sig->ends_ms >= now_ms && sig->begins_ms <= now_ms;
}

enum fit { FITS, FITS_NOT, NOT_TRIED };

/* A large set costs as much as many small ones. */
static enum fit try_key(struct judging *j, struct trials *t, const struct rrsig *sig,
			const struct zone_key *key)
{
	unsigned char mark[SHA256_LEN];
	bool fits = false;
	size_t cost = 1 + t->set->n / 16;
	if (t->tried++ >= DNSSEC_TRIES_MAX)
		return NOT_TRIED;
	dnssec_mark(t->set, sig->rdata, t->keys->zone, key, mark);
	if (dnssec_cache_get(j->cache, mark, &fits))
		return fits ? FITS : FITS_NOT;
	if (cost > j->verify_left)
		return NOT_TRIED;
	j->verify_left -= (unsigned)cost;
	fits = dnssec_fits(t->set, sig->rdata, t->keys->zone, key->rdata);
	dnssec_cache_put(j->cache, mark, fits);
	return fits ? FITS : FITS_NOT;
}

/* Of several that fit the one that ends last counts: it is what a cache may go by. */
static void succeeded(struct trials *t, const struct rrsig *sig)
{
	t->verdict = (struct set_verdict){
		.secure = { .state = SECURE_YES,
			    .expires_ms = sig->ends_ms,
			    .begins_ms = sig->begins_ms },
		.labels = sig->labels,
		.wildcard = sig->labels < signed_labels(t->set->name),
	};
}

/* Two keys may share a tag: both are tried (RFC 4035 §5.3.1). */
static void try_keys(struct judging *j, struct trials *t, const struct rrsig *sig)
{
	const char *what = dnssec_show_set(j, t->set->name, t->set->type);
	bool found = false;
	for (size_t i = 0; i < t->keys->n; i++) {
		const struct zone_key *key = &t->keys->at[i];
		if (key->tag != sig->tag || key->algorithm != sig->algorithm)
			continue;
		found = true;
		enum fit fit = try_key(j, t, sig, key);
		if (fit == FITS) {
			succeeded(t, sig);
			return;
		}
		if (fit == NOT_TRIED && t->verdict.secure.state == SECURE_BOGUS)
			t->verdict.secure = dnssec_is(SECURE_UNKNOWN,
						      "there are too many signatures to try");
	}
	if (found)
		failed(t, RANK_WRONG, BOGUS_WRONG_SIGNATURE,
		       arena_printf(j->a, "the signature over %s by key %u does not fit the data",
				    what, sig->tag));
	else
		failed(t, RANK_NO_KEY, BOGUS_WRONG_SIGNATURE,
		       arena_printf(j->a,
				    "%s is signed by key %u (algorithm %u), which %s does not have",
				    what, sig->tag, sig->algorithm, dnssec_show(j, t->keys->zone)));
}

/* A server often holds the zone below as well and answers from it, at the end of an alias or
 * without a word of the cut between. A DS is always the upper zone's. */
static bool is_of_zone_below(const struct trials *t, const struct rrsig *sig)
{
	return t->set->type != RR_DS && dname_is_within(sig->signer, t->keys->zone) &&
	       !dname_equal(sig->signer, t->keys->zone) &&
	       dname_is_within(t->set->name, sig->signer);
}

static void other_zone(struct trials *t)
{
	if (t->verdict.secure.state == SECURE_BOGUS)
		t->verdict.secure = dnssec_is(SECURE_UNKNOWN,
					      "a zone below signed it, whose keys are not known");
}

static void try_signature(struct judging *j, struct trials *t, const struct rrsig *sig)
{
	bool have = t->verdict.secure.state == SECURE_YES;
	if (have && sig->ends_ms <= t->verdict.secure.expires_ms)
		return;
	if (is_of_zone_below(t, sig)) {
		other_zone(t);
		return;
	}
	if (!dname_equal(sig->signer, t->keys->zone) ||
	    !dname_is_within(t->set->name, t->keys->zone) ||
	    sig->labels > signed_labels(t->set->name)) {
		failed(t, RANK_OTHER_SIGNER, BOGUS_WRONG_SIGNATURE,
		       arena_printf(j->a, "%s is signed by %s, not by %s",
				    dnssec_show_set(j, t->set->name, t->set->type),
				    dnssec_show(j, sig->signer), dnssec_show(j, t->keys->zone)));
		return;
	}
	if (in_time(j, t, sig))
		try_keys(j, t, sig);
}

/* RRSIG sets hold the signatures of all types of an owner. */
static void try_section(struct judging *j, struct trials *t, const struct rrset *const *sets,
			size_t n)
{
	struct slice covered = slice_str(rr_type_name(j->a, t->set->type));
	for (size_t i = 0; i < n; i++) {
		if (sets[i]->type != RR_RRSIG || !dname_equal(sets[i]->name, t->set->name))
			continue;
		for (size_t k = 0; k < sets[i]->n && k < DNSSEC_SIGS_MAX; k++) {
			struct rrsig sig;
			struct slice rest = slice_str(sets[i]->rdata[k]);
			if (slice_eq(slice_until(&rest, ' '), covered) &&
			    dnssec_read_rrsig(j->a, j->opts->now_ms, sets[i]->rdata[k], &sig))
				try_signature(j, t, &sig);
		}
	}
}

struct set_verdict dnssec_judge_set(struct judging *j, const struct zone_keys *keys,
				    const struct rrset *set, const struct seen_proof *proof)
{
	struct trials t = { .keys = keys, .set = set };
	t.verdict.secure = dnssec_bogus(BOGUS_NOT_SIGNED,
					arena_printf(j->a, "%s has no signature",
						     dnssec_show_set(j, set->name, set->type)));
	if (proof != NULL) {
		try_section(j, &t, proof->answer, proof->answer_n);
		try_section(j, &t, proof->authority, proof->authority_n);
	}
	return t.verdict;
}
