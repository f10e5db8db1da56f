/*
 * dnssec_priv.h - the parts of one judgement; only for dns/dnssec*.c.
 *
 * Sets come as text. Nothing is turned into ldns' form before a signature must really be
 * tried: an unsigned domain, or an answer that another server gave too, costs comparisons.
 */
#ifndef DNS_DNSSEC_PRIV_H
#define DNS_DNSSEC_PRIV_H

#include "base/digest.h"
#include "dns/dnssec.h"

/* Limits on what a hostile zone can make us do (CVE-2023-50387 "KeyTrap", CVE-2023-50868). The
 * lab's richest healthy zone needs 22 signatures and 159 hashes; a zone that is signed as it is
 * asked, by twelve addresses with signatures of their own, some 250 signatures. */
enum {
	DNSSEC_KEYS_MAX = 32,    /* keys of one zone that are looked at */
	DNSSEC_SIGS_MAX = 128,   /* signatures at one name that are looked at */
	DNSSEC_TRIES_MAX = 16,   /* signature and key pairs for one set */
	DNSSEC_VERIFY_MAX = 512, /* signatures of small sets in one judgement */
	DNSSEC_HASHES_MAX = 512, /* names hashed for NSEC3 in one judgement */
	DNSSEC_ITERATIONS = 150, /* RFC 9276 §3.2: above it NSEC3 counts as insecure */
	DNSSEC_DENIALS_MAX = 16, /* NSEC and NSEC3 sets of one answer */
	DNSSEC_ALIASES_MAX = 16, /* CNAMEs one behind the other */
	RR_DNAME = 39,
	RR_NXNAME = 128, /* RFC 9824 §3.1 */
};

/* A DNSKEY that may sign data of its zone. */
struct zone_key {
	const char *rdata;
	uint8_t algorithm;
	uint16_t tag;
	unsigned rsa_bits; /* 0: no RSA key */
};
struct zone_keys {
	const char *zone; /* canonical; signer and owner of the keys */
	size_t n;
	struct zone_key at[DNSSEC_KEYS_MAX];
};

/* One link of the chain, judged. */
struct trust {
	struct secure_zone *zone;
	const struct rrset *anchor;   /* the DS set (for the root: the anchor) its keys must fit */
	const struct zone_keys *keys; /* while the zone is SECURE_YES */
};

struct judging {
	struct arena *a;
	const struct snapshot *s;
	const struct dnssec_opts *opts;
	struct dnssec_cache *cache;
	unsigned verify_left, hash_left;
	struct trust *trust; /* one for each link */
};

/* How a set fared. `labels` is the signature's (RFC 4034 §3.1.3). */
struct set_verdict {
	struct secure secure;
	bool wildcard; /* signed as a wildcard that was expanded: needs a denial too */
	bool no_key;   /* signatures there are, but none by one of the keys */
	uint8_t labels;
};

/* dnssec_rrsig.c: one signature, read. */
struct rrsig {
	const char *rdata;
	uint16_t tag;
	uint8_t algorithm, labels;
	int64_t begins_ms, ends_ms; /* the moments nearest to `now_ms` */
	const char *signer;         /* canonical */
};
/* False for what is no RRSIG. */
bool dnssec_read_rrsig(struct arena *a, int64_t now_ms, const char *rdata, struct rrsig *sig_r);
/* A digest of everything that the outcome of dnssec_fits depends on, lengths included: no two
 * inputs look alike. */
void dnssec_mark(const struct rrset *set, const char *sig, const char *zone,
		 const struct zone_key *key, unsigned char mark[SHA256_LEN]);

/* dnssec_sig.c: the RRSIGs of `set` in either section of the proof (may be NULL), by the
 * keys given. Never SECURE_INSECURE. */
struct set_verdict dnssec_judge_set(struct judging *j, const struct zone_keys *keys,
				    const struct rrset *set, const struct seen_proof *proof);

/* dnssec_cache.c: what is remembered is a digest of set, signature and key. */
enum { DNSSEC_MARK_LEN = 16 };
/* True when it is known; *fits_r as it was put. */
bool dnssec_cache_get(const struct dnssec_cache *cache, const unsigned char *mark, bool *fits_r);
/* Something older may be forgotten for it. */
void dnssec_cache_put(struct dnssec_cache *cache, const unsigned char *mark, bool fits);

/* dnssec_crypto.c: one signature over one set by one key, whatever the time; `sig` is RRSIG
 * rdata. False also for what ldns cannot read. */
bool dnssec_fits(const struct rrset *set, const char *sig, const char *key_owner, const char *key);
/* DS rdata for a key, compared without regard to case. */
bool dnssec_ds_fits(const char *ds, const char *key_owner, const char *key);
/* Lower-case base32hex of a name's hash (RFC 5155 §5, SHA-1); NULL when it has none. `salt`
 * is hex or "-". */
const char *dnssec_nsec3_hash(struct arena *a, const char *name, struct slice salt,
			      uint16_t iterations);

/* dnssec_keys.c: the keys of a DNSKEY set that may sign; `zone_r`, which may be NULL, gets the
 * facts of the set. */
struct zone_keys *dnssec_keys(struct arena *a, const struct rrset *set, struct secure_zone *zone_r);
/* True for an algorithm that is verified here. */
bool dnssec_algorithm_known(unsigned algorithm);
/* The root's anchor or a DS set: is there anything in it that can be followed? */
bool dnssec_anchor_usable(struct arena *a, const struct rrset *anchor);
/* The keys that the anchor names. */
struct zone_keys *dnssec_anchored(struct judging *j, const struct zone_keys *keys,
				  const struct rrset *anchor);

/* dnssec_chain.c: fills j->trust. */
void dnssec_judge_links(struct judging *j);
/* The zone's DNSKEY answer against the anchor; *keys_r only when SECURE_YES. */
struct secure dnssec_judge_keys(struct judging *j, const struct trust *t, const struct seen *dnskey,
				const struct zone_keys **keys_r);

/* dnssec_answer.c: an answer by a zone whose keys are known. */
struct secure dnssec_judge_seen(struct judging *j, const struct trust *t, const struct seen *seen);

/* dnssec_denial.c */
enum denial_kind {
	DENY_TYPE,   /* the name has no such type */
	DENY_NAME,   /* there is no such name, and no wildcard for it */
	DENY_DS,     /* there is a delegation without DS (RFC 4035 §5.2) */
	DENY_CLOSER, /* no name nearer than the wildcard below `encloser` */
};
struct denial_query {
	enum denial_kind kind;
	const char *name; /* canonical, within the zone */
	uint16_t type;    /* for DENY_TYPE */
	const char *encloser;
};
/* SECURE_YES when it is proven, SECURE_INSECURE when an opt-out or too many iterations leave
 * it open (for DENY_DS always: then there is no chain), else what is wrong. */
struct secure dnssec_judge_denial(struct judging *j, const struct zone_keys *keys,
				  const struct seen_proof *proof, const struct denial_query *q);

/* The proven NSEC and NSEC3 records of one answer. */
struct nsec {
	const char *owner, *next; /* canonical; for NSEC3 the hashes in lower case */
	struct slice types;       /* "A NS RRSIG" */
	bool opt_out;
};
struct denials {
	const char *zone;
	size_t nsec_n, nsec3_n;
	struct nsec nsec[DNSSEC_DENIALS_MAX], nsec3[DNSSEC_DENIALS_MAX];
	struct slice salt; /* of the NSEC3 records */
	uint16_t iterations;
	bool too_many; /* iterations */
};
enum denied { DENIED_NOT, DENIED_YES, DENIED_OPEN, DENIED_GAVE_UP };
/* dnssec_nsec.c, dnssec_nsec3.c: do these records deny it? OPEN: opt-out. */
enum denied dnssec_nsec_denies(struct judging *j, const struct denials *d,
			       const struct denial_query *q);
enum denied dnssec_nsec3_denies(struct judging *j, const struct denials *d,
				const struct denial_query *q);
/* True when the record may speak for `q` at its own name: the type is not there and nor is
 * what would have been answered instead. */
bool dnssec_lacks(struct arena *a, const struct nsec *n, const struct denial_query *q);
/* Whether the bitmap's text (wire_put_types) names the type; the arena holds the type's name. */
bool dnssec_types_have(struct arena *a, struct slice types, uint16_t type);
/* A cut without SOA, or a DNAME: the record says nothing about names below its own (RFC 6840
 * §4.1). */
bool dnssec_is_cut(struct arena *a, const struct nsec *n);

/* dnssec.c: small makers. */
struct secure dnssec_is(enum secure_state state, const char *detail);
/* SECURE_BOGUS with its reason; `detail` is borrowed for as long as the judgement. */
struct secure dnssec_bogus(enum bogus_why why, const char *detail);
/* The worse of two, with the earlier end. */
struct secure dnssec_worse(struct secure a, struct secure b);
/* Name without the final dot. */
const char *dnssec_show(const struct judging *j, const char *name);
/* "x.net MX" */
const char *dnssec_show_set(const struct judging *j, const char *name, uint16_t type);

#endif
