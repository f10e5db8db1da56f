/*
 * signed.h - a small signed Internet as snapshot parts: keys are made and sets are signed by
 * ldns while the test runs, so that no file can grow old.
 */
#ifndef TESTS_UNIT_DNS_SIGNED_H
#define TESTS_UNIT_DNS_SIGNED_H

#include "dns/dnssec.h"
#include <ldns/ldns.h>

/* 2026-11-27T18:00:00Z */
#define NOW_MS INT64_C(1795802400000)
#define DAY_S  86400

struct signer {
	const char *zone;
	ldns_key *key;
	ldns_key_list *keys;      /* owns it */
	int64_t begins_s, ends_s; /* seen from NOW_MS; of what is signed next */
};

/* A fresh key of the zone; free with signer_release. */
struct signer signer_make(const char *zone, ldns_signing_algorithm algorithm);
void signer_release(struct signer *s);
const struct rrset *signer_dnskey(struct arena *a, const struct signer *s);
const struct rrset *signer_ds(struct arena *a, const struct signer *s, ldns_hash hash);

/* A set of one TTL; rdata ends with NULL. */
const struct rrset *set_of(struct arena *a, const char *name, uint16_t type,
			   const char *const *rdata);
#define RDATA(...)           ((const char *const[]){ __VA_ARGS__, NULL })
#define SET(name, type, ...) set_of(w->a, name, type, RDATA(__VA_ARGS__))
/* The RRSIG of a set. */
const struct rrset *sign(struct arena *a, const struct signer *s, const struct rrset *set);

enum { PROOF_MAX = 24 };
/* An answer as it grows. */
struct draft {
	struct arena *a;
	struct seen seen;
	struct seen_proof proof;
	const struct rrset *answer[PROOF_MAX], *authority[PROOF_MAX];
};
/* In the arena; the question without any records. */
struct draft *draft_of(struct arena *a, const char *name, uint16_t type, enum seen_state state);
/* One set and its signature; a NULL signer adds the set alone. */
void draft_answer(struct draft *d, const struct signer *s, const struct rrset *set);
void draft_authority(struct draft *d, const struct signer *s, const struct rrset *set);
/* The set as data, signed. */
struct seen data_of(struct arena *a, const struct signer *s, const struct rrset *set);
/* What there is now. */
struct seen seen_of(struct draft *d);

/* NSEC3 of a zone that has the given names: records in the order of hashes. `names` and `types`
 * ("A RRSIG") side by side, NULL-terminated. */
struct hashed_zone {
	const char *zone;
	const char *const *names, *const *types;
	unsigned iterations;
	bool opt_out;
};
/* The record that matches or covers the name. */
const struct rrset *nsec3_for(struct arena *a, const struct hashed_zone *z, const char *name);

#endif
