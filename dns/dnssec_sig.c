/*
 * A set and its RRSIGs (RFC 4034 §3, RFC 4035 §5.3). Times are looked at first, for they cost
 * nothing; a signature outside of them is never verified.
 */
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "dns/dnssec_priv.h"
#include "zone/dname.h"

struct rrsig {
	const char *rdata;
	uint16_t tag;
	uint8_t algorithm, labels;
	int64_t begins_ms, ends_ms;
	const char *signer;
};

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

/* Days since 1970-01-01 of a date of the Gregorian calendar, by counting from a March. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;
	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

/* "20261127180000" (RFC 4034 §3.2) as the 32 bits that went over the wire. */
static bool read_time(struct slice text, uint32_t *time_r)
{
	uint64_t v = 0;
	if (!slice_to_u64(text, &v) || text.len > 14)
		return false;
	if (text.len < 14) {
		*time_r = (uint32_t)v;
		return v <= UINT32_MAX;
	}
	int64_t days = days_from_date((int64_t)(v / 10000000000), (int64_t)(v / 100000000 % 100),
				      (int64_t)(v / 1000000 % 100));
	int64_t seconds = days * 86400 + (int64_t)(v / 10000 % 100) * 3600 +
			  (int64_t)(v / 100 % 100) * 60 + (int64_t)(v % 100);
	*time_r = (uint32_t)seconds;
	return true;
}

/* RFC 4034 §3.1.5: serial arithmetic; the moment within 68 years of now. */
static int64_t moment_ms(int64_t now_ms, uint32_t time)
{
	int64_t now_s = now_ms / 1000;
	int64_t ahead = (int64_t)time - (int64_t)(uint32_t)now_s;
	if (ahead > INT32_MAX)
		ahead -= INT64_C(1) << 32;
	else if (ahead < INT32_MIN)
		ahead += INT64_C(1) << 32;
	return (now_s + ahead) * 1000;
}

static bool read_small(struct slice *rest, uint64_t max, uint64_t *v_r)
{
	return slice_to_u64(slice_until(rest, ' '), v_r) && *v_r <= max;
}

static bool read_rrsig(struct judging *j, const char *rdata, struct rrsig *sig_r)
{
	struct slice rest = slice_str(rdata);
	struct err e = { 0 };
	uint64_t algorithm = 0;
	uint64_t labels = 0;
	uint64_t ttl = 0;
	uint64_t tag = 0;
	uint32_t ends = 0;
	uint32_t begins = 0;
	(void)slice_until(&rest, ' '); /* the type that it covers */
	if (!read_small(&rest, UINT8_MAX, &algorithm) || !read_small(&rest, UINT8_MAX, &labels) ||
	    !read_small(&rest, UINT32_MAX, &ttl) || !read_time(slice_until(&rest, ' '), &ends) ||
	    !read_time(slice_until(&rest, ' '), &begins) || !read_small(&rest, UINT16_MAX, &tag))
		return false;
	*sig_r = (struct rrsig){
		.rdata = rdata,
		.tag = (uint16_t)tag,
		.algorithm = (uint8_t)algorithm,
		.labels = (uint8_t)labels,
		.begins_ms = moment_ms(j->opts->now_ms, begins),
		.ends_ms = moment_ms(j->opts->now_ms, ends),
		.signer = dname_canon(j->a, arena_slice(j->a, slice_until(&rest, ' ')), &e),
	};
	return sig_r->signer != NULL;
}

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

/* Everything that the verdict depends on. Lengths are part of it: no two inputs look alike. */
static void mark_of(const struct trials *t, const struct rrsig *sig, const struct zone_key *key,
		    unsigned char mark[SHA256_LEN])
{
	struct buf b;
	buf_init(&b);
	buf_addf(&b, "%s\n%u\n%zu\n", t->set->name, (unsigned)t->set->type, t->set->n);
	for (size_t i = 0; i < t->set->n; i++)
		buf_addf(&b, "%zu %s\n", strlen(t->set->rdata[i]), t->set->rdata[i]);
	buf_addf(&b, "%zu %s\n%s %s", strlen(sig->rdata), sig->rdata, t->keys->zone, key->rdata);
	sha256_of(buf_slice(&b), mark);
	buf_release(&b);
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
	mark_of(t, sig, key, mark);
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
			    read_rrsig(j, sets[i]->rdata[k], &sig))
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
