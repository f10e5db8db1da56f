/*
 * dnssec.h - the chain of trust (RFC 4035 §5), judged from a snapshot: nothing is asked here.
 *
 * Pure functions of what was seen, an anchor and a time. Every authoritative server's answer
 * is judged by itself, for one server with old signatures is enough to make mail fail now and
 * then. RSA/SHA-256 and -512, ECDSA P-256 and P-384, Ed25519 and Ed448; denial by NSEC and
 * NSEC3, opt-out too. What uses only other algorithms or digests counts as insecure (RFC 4035
 * §5.2), RSA/SHA-1 is still verified. NSEC3 with more than 150 iterations is insecure too (RFC
 * 9276 §3.2). Where the keys of the zones above were not asked for, the parent's word that
 * there is no DS is believed: an unsigned domain costs no arithmetic.
 */
#ifndef DNS_DNSSEC_H
#define DNS_DNSSEC_H

#include "dns/snapshot.h"

enum secure_state {
	SECURE_UNKNOWN,  /* no anchor, or something needed could not be read */
	SECURE_YES,      /* validates from the anchor down */
	SECURE_INSECURE, /* provably outside of DNSSEC */
	SECURE_BOGUS,    /* a validating resolver answers SERVFAIL */
};

enum bogus_why {
	BOGUS_NOT,
	BOGUS_UNSIGNED_CHILD,  /* DS, but the zone has no DNSKEY */
	BOGUS_NO_KEY_FOR_DS,   /* DNSKEYs, but none fits a DS, or it does not sign the set */
	BOGUS_NOT_SIGNED,      /* a set without RRSIG in a secure zone */
	BOGUS_EXPIRED,         /* every fitting RRSIG has expired */
	BOGUS_NOT_YET,         /* none is valid yet */
	BOGUS_WRONG_SIGNATURE, /* the signature does not fit the data */
	BOGUS_NO_PROOF,        /* a denial or a wildcard without its NSEC or NSEC3 proof */
	BOGUS_ABOVE,           /* a zone above is bogus */
};

struct secure {
	enum secure_state state;
	enum bogus_why why;
	bool unproven; /* INSECURE by the bare word of the zone above: nobody asked for its keys */
	const char *detail; /* one clause for a person, naming zone, key tag, times; NULL */
	int64_t expires_ms; /* end of the signature that counts (the latest valid one of the set,
			     * the earliest over the sets of one answer, not over the zones
			     * above); 0: none */
	int64_t begins_ms;  /* the start of that same signature */
};

/* One zone of the chain. */
struct secure_zone {
	const char *zone;
	struct secure secure;
	bool has_ds, has_dnskey;
	uint32_t algorithms; /* bits 1 << number of the DNSKEYs' algorithms below 32 */
	uint32_t ds_digests; /* the same for the DS records' digest types */
	unsigned rsa_bits;   /* the shortest RSA key; 0: none */
};

struct dnssec_view {
	bool anchored;      /* an anchor was given */
	struct secure zone; /* of the domain's own zone */
	size_t zone_n;
	const struct secure_zone *zones; /* the root first; one for each link of the snapshot */
	size_t server_n, question_n;
	const struct secure *answers; /* server by server, in the snapshot's order */
	size_t lookup_n;
	const struct secure *lookups; /* in the snapshot's order */
};

/* Signatures that were tried, and how it went: the root's and the TLDs' are the same for
 * every domain. What fits once fits always, so nothing in it ever goes stale; times are judged
 * anew. Of a fixed size (some 140 KiB); one thread. */
struct dnssec_cache;
/* Empty; freed by dnssec_cache_free. Never NULL. */
struct dnssec_cache *dnssec_cache_new(void);
/* Takes NULL. */
void dnssec_cache_free(struct dnssec_cache *cache);

struct dnssec_opts {
	const struct rrset *anchor; /* DS or DNSKEY set of the root; NULL: nothing can be told */
	int64_t now_ms;
	struct dnssec_cache *cache; /* for many domains; NULL: one for this judgement alone */
};
/* Never fails: what cannot be told is SECURE_UNKNOWN. Lives in the arena. The work is bounded,
 * whatever the snapshot holds: beyond some hundred signatures the rest is unknown. */
const struct dnssec_view *dnssec_judge(struct arena *a, const struct snapshot *s,
				       const struct dnssec_opts *opts);
/* The verdict on what server number i said to (name, type); NULL when it was not asked. */
const struct secure *dnssec_answer(const struct dnssec_view *v, const struct snapshot *s, size_t i,
				   const char *name, uint16_t type);
/* The same for a lookup. */
const struct secure *dnssec_lookup(const struct dnssec_view *v, const struct snapshot *s,
				   const char *name, uint16_t type);
/* "secure", "insecure", "bogus", "unknown". */
const char *secure_state_name(enum secure_state state);

/* The root's anchor from a file of DS or DNSKEY records (master-file text); with path NULL
 * the distribution's (/usr/share/dns/root.key), else the built-in DS records of the root's
 * two keys (IANA). NULL with ERR_USAGE when the file cannot be read or holds none. */
const struct rrset *trust_anchor_load(struct arena *a, const char *path, struct err *e);

#endif
