#include "signed.h"

#include <string.h>

#include "base/vec.h"

enum { TTL = 300, KSK = 257, RSA_BITS = 1024 };

struct signer signer_make(const char *zone, ldns_signing_algorithm algorithm)
{
	struct signer s = { .zone = zone, .begins_s = -DAY_S, .ends_s = 30 * DAY_S };
	s.key = ldns_key_new_frm_algorithm(algorithm,
					   algorithm == LDNS_SIGN_RSASHA256 ? RSA_BITS : 0);
	if (s.key == NULL)
		abort();
	ldns_key_set_pubkey_owner(s.key, ldns_dname_new_frm_str(zone));
	ldns_key_set_flags(s.key, KSK);
	ldns_rr *rr = ldns_key2rr(s.key);
	ldns_key_set_keytag(s.key, ldns_calc_keytag(rr));
	ldns_rr_free(rr);
	s.keys = ldns_key_list_new();
	ldns_key_list_push_key(s.keys, s.key);
	return s;
}

void signer_release(struct signer *s)
{
	ldns_key_list_free(s->keys); /* and the key */
}

/* The rdata of a record: its text behind owner, TTL, class and type. */
static const struct rrset *set_from(struct arena *a, const char *name, uint16_t type,
				    const ldns_rr *rr)
{
	struct buf b;
	buf_init(&b);
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		char *text = ldns_rdf2str(ldns_rr_rdf(rr, i));
		buf_addf(&b, "%s ", text);
		LDNS_FREE(text);
	}
	const char *rdata = arena_strdup(a, b.at);
	buf_release(&b);
	return set_of(a, name, type, (const char *const[]){ rdata, NULL });
}

const struct rrset *signer_dnskey(struct arena *a, const struct signer *s)
{
	ldns_rr *rr = ldns_key2rr(s->key);
	const struct rrset *set = set_from(a, s->zone, RR_DNSKEY, rr);
	ldns_rr_free(rr);
	return set;
}

const struct rrset *signer_ds(struct arena *a, const struct signer *s, ldns_hash hash)
{
	ldns_rr *key = ldns_key2rr(s->key);
	ldns_rr *ds = ldns_key_rr2ds(key, hash);
	const struct rrset *set = set_from(a, s->zone, RR_DS, ds);
	ldns_rr_free(key);
	ldns_rr_free(ds);
	return set;
}

const struct rrset *set_of(struct arena *a, const char *name, uint16_t type,
			   const char *const *rdata)
{
	struct err e = { 0 };
	size_t n = 0;
	while (rdata[n] != NULL)
		n++;
	const struct rrset *set = rrset_make(a, name, type, TTL, n, rdata, &e);
	if (set == NULL) {
		(void)fprintf(stderr, "%s\n", e.text);
		abort();
	}
	return set;
}

const struct rrset *sign(struct arena *a, const struct signer *s, const struct rrset *set)
{
	ldns_rr_list *list = ldns_rr_list_new();
	for (size_t i = 0; i < set->n; i++) {
		const char *line = arena_printf(a, "%s %u IN %s %s", set->name, (unsigned)set->ttl,
						rr_type_name(a, set->type), set->rdata[i]);
		ldns_rr *rr = NULL;
		if (ldns_rr_new_frm_str(&rr, line, 0, NULL, NULL) != LDNS_STATUS_OK)
			abort();
		ldns_rr_list_push_rr(list, rr);
	}
	ldns_key_set_inception(s->key, (uint32_t)(NOW_MS / 1000 + s->begins_s));
	ldns_key_set_expiration(s->key, (uint32_t)(NOW_MS / 1000 + s->ends_s));
	ldns_rr_list *sigs = ldns_sign_public(list, s->keys);
	if (ldns_rr_list_rr_count(sigs) != 1)
		abort();
	const struct rrset *out = set_from(a, set->name, RR_RRSIG, ldns_rr_list_rr(sigs, 0));
	ldns_rr_list_deep_free(sigs);
	ldns_rr_list_deep_free(list);
	return out;
}

struct draft *draft_of(struct arena *a, const char *name, uint16_t type, enum seen_state state)
{
	struct draft *d = ARENA_NEW(a, struct draft);
	d->a = a;
	d->seen = (struct seen){ .question = { name, type }, .state = state, .at_ms = NOW_MS };
	return d;
}

static void add(struct draft *d, const struct rrset **section, size_t *n, const struct rrset *set)
{
	(void)d;
	if (*n >= PROOF_MAX)
		abort();
	section[(*n)++] = set;
}

void draft_answer(struct draft *d, const struct signer *s, const struct rrset *set)
{
	add(d, d->answer, &d->proof.answer_n, set);
	if (s != NULL)
		add(d, d->answer, &d->proof.answer_n, sign(d->a, s, set));
}

void draft_authority(struct draft *d, const struct signer *s, const struct rrset *set)
{
	add(d, d->authority, &d->proof.authority_n, set);
	if (s != NULL)
		add(d, d->authority, &d->proof.authority_n, sign(d->a, s, set));
}

struct seen seen_of(struct draft *d)
{
	struct seen seen = d->seen;
	d->proof.answer = d->answer;
	d->proof.authority = d->authority;
	if (seen.state == SEEN_DATA && seen.rrset == NULL && d->proof.answer_n > 0)
		seen.rrset = d->answer[0];
	if (d->proof.answer_n + d->proof.authority_n > 0)
		seen.proof = &d->proof;
	return seen;
}

struct seen data_of(struct arena *a, const struct signer *s, const struct rrset *set)
{
	struct draft *d = draft_of(a, set->name, set->type, SEEN_DATA);
	draft_answer(d, s, set);
	return seen_of(d);
}

static const char *hash_of(struct arena *a, const struct hashed_zone *z, const char *name)
{
	ldns_rdf *dname = ldns_dname_new_frm_str(name);
	ldns_rdf *hash = ldns_nsec3_hash_name(dname, 1, (uint16_t)z->iterations, 0, NULL);
	char *text = ldns_rdf2str(hash);
	char *copy = arena_strdup(a, text);
	copy[strlen(copy) - 1] = '\0';
	str_lower(copy);
	LDNS_FREE(text);
	ldns_rdf_deep_free(dname);
	ldns_rdf_deep_free(hash);
	return copy;
}

/* The name's own record, else the one that comes nearest before it on the ring. */
const struct rrset *nsec3_for(struct arena *a, const struct hashed_zone *z, const char *name)
{
	const char *wanted = hash_of(a, z, name);
	const char *best = NULL, *last = NULL, *next = NULL, *first = NULL;
	size_t best_i = 0, last_i = 0;
	for (size_t i = 0; z->names[i] != NULL; i++) {
		const char *h = hash_of(a, z, z->names[i]);
		if (strcmp(h, wanted) <= 0 && (best == NULL || strcmp(h, best) > 0)) {
			best = h;
			best_i = i;
		}
		if (last == NULL || strcmp(h, last) > 0) {
			last = h;
			last_i = i;
		}
	}
	best_i = best != NULL ? best_i : last_i;
	best = best != NULL ? best : last;
	for (size_t i = 0; z->names[i] != NULL; i++) {
		const char *h = hash_of(a, z, z->names[i]);
		first = first == NULL || strcmp(h, first) < 0 ? h : first;
		if (strcmp(h, best) > 0 && (next == NULL || strcmp(h, next) < 0))
			next = h;
	}
	const char *rdata = arena_printf(a, "1 %d %u - %s %s", z->opt_out, z->iterations,
					 next != NULL ? next : first, z->types[best_i]);
	return set_of(a, arena_printf(a, "%s.%s", best, z->zone), RR_NSEC3,
		      (const char *const[]){ rdata, NULL });
}
