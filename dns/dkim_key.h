/*
 * dkim_key.h - a DKIM key record (RFC 6376 §3.6.1, RFC 8301 for the length of RSA keys, RFC
 * 8463 for Ed25519).
 */
#ifndef DNS_DKIM_KEY_H
#define DNS_DKIM_KEY_H

#include "base/str.h"

enum dkim_state {
	DKIM_USABLE,  /* perhaps too short: see bits */
	DKIM_REVOKED, /* p= is empty: mail signed with it fails */
	DKIM_BROKEN,
};
enum dkim_type { DKIM_RSA, DKIM_ED25519, DKIM_OTHER_TYPE };

enum {
	DKIM_BITS_LEAST = 1024, /* RFC 8301 §3.2: shorter keys are not verified */
	DKIM_BITS_GOOD = 2048,
};

struct dkim_key {
	enum dkim_state state;
	const char *why; /* for DKIM_BROKEN: static, a clause */
	enum dkim_type type;
	unsigned bits; /* of an RSA modulus; 256 for Ed25519; 0: not known */
	bool testing;  /* t=y */
};

/* Reads the joined text of one TXT record at selector._domainkey. Linear in its length. */
void dkim_key_parse(struct slice text, struct dkim_key *key_r);
/* Bits of the modulus in a DER SubjectPublicKeyInfo or RSAPublicKey (RFC 8017 §A.1.1); 0 when
 * it is neither. */
unsigned dkim_rsa_bits(struct slice der);

#endif
