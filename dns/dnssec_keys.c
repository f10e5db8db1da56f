/*
 * DNSKEY sets (RFC 4034 §2) and the DS records that name keys (§5). Keys that could make us
 * slow are no keys: RSA over 4096 bits (RFC 3110 §2) or with a huge exponent.
 */
#include "base/digest.h"
#include "dns/dnssec_priv.h"
/* After <stdbool.h>: else ldns makes bool a signed char. */
#include <ldns/ldns.h>

enum {
	FLAG_ZONE = 0x100,
	FLAG_REVOKED = 0x80, /* RFC 5011 §3 */
	PROTOCOL = 3,
	RSA_BITS_MAX = 4096,
	RSA_EXPONENT_MAX = 8, /* octets */
	DS_SHA1 = 1,
};

bool dnssec_algorithm_known(unsigned algorithm)
{
	switch (algorithm) {
	case LDNS_RSASHA1:
	case LDNS_RSASHA1_NSEC3:
	case LDNS_RSASHA256:
	case LDNS_RSASHA512:
	case LDNS_ECDSAP256SHA256:
	case LDNS_ECDSAP384SHA384:
	case LDNS_ED25519:
	case LDNS_ED448: return true;
	default: return false;
	}
}

static bool is_rsa(unsigned algorithm)
{
	return algorithm == LDNS_RSASHA1 || algorithm == LDNS_RSASHA1_NSEC3 ||
	       algorithm == LDNS_RSASHA256 || algorithm == LDNS_RSASHA512;
}

static bool digest_known(uint64_t type)
{
	return type == DS_SHA1 || type == LDNS_SHA256 || type == LDNS_SHA384;
}

/* The text's first three numbers; what is left begins the fourth field. */
static bool three_numbers(struct slice *rest, uint64_t n[3])
{
	for (size_t i = 0; i < 3; i++) {
		if (!slice_to_u64(slice_until(rest, ' '), &n[i]))
			return false;
	}
	return true;
}

/* RFC 3110 §2: the exponent's length stands in one octet, or in two behind a zero. */
static unsigned rsa_bits(const unsigned char *p, size_t len, size_t *exponent_r)
{
	size_t head = 1;
	size_t exponent = len > 0 ? p[0] : 0;
	if (exponent == 0 && len >= 3) {
		exponent = (size_t)p[1] << 8 | p[2];
		head = 3;
	}
	*exponent_r = exponent;
	size_t at = head + exponent;
	while (at < len && p[at] == 0)
		at++;
	if (at >= len)
		return 0;
	unsigned bits = (unsigned)(len - at) * 8;
	for (unsigned char top = p[at]; (top & 0x80) == 0; top = (unsigned char)(top << 1))
		bits--;
	return bits;
}

/* The wire rdata behind the numbers' four octets. */
static void wire_of(const uint64_t n[3], struct slice base64, struct buf *out)
{
	const unsigned char head[] = { (unsigned char)(n[0] >> 8), (unsigned char)n[0],
				       (unsigned char)n[1], (unsigned char)n[2] };
	buf_add(out, head, sizeof(head));
	if (!base64_decode(out, base64))
		buf_clear(out);
}

/* False when the key can never sign zone data, or is not worth the trouble. */
static bool read_key(const char *rdata, struct zone_key *key)
{
	struct slice rest = slice_str(rdata);
	struct buf wire;
	uint64_t n[3] = { 0 };
	size_t exponent = 0;
	*key = (struct zone_key){ .rdata = rdata };
	if (!three_numbers(&rest, n) || (n[0] & FLAG_ZONE) == 0 || (n[0] & FLAG_REVOKED) != 0 ||
	    n[0] > UINT16_MAX || n[1] != PROTOCOL || n[2] > UINT8_MAX)
		return false;
	buf_init(&wire);
	wire_of(n, slice_trim(rest), &wire);
	const unsigned char *octets = (const unsigned char *)wire.at;
	bool ok = wire.len > 4;
	key->algorithm = (uint8_t)n[2];
	if (ok)
		key->tag = ldns_calc_keytag_raw(octets, wire.len);
	if (ok && is_rsa(key->algorithm)) {
		key->rsa_bits = rsa_bits(octets + 4, wire.len - 4, &exponent);
		ok = key->rsa_bits <= RSA_BITS_MAX && exponent <= RSA_EXPONENT_MAX;
	}
	buf_release(&wire);
	return ok;
}

static void note_key(struct secure_zone *zone, const struct zone_key *key)
{
	if (key->algorithm < 32)
		zone->algorithms |= UINT32_C(1) << key->algorithm;
	if (key->rsa_bits > 0 && (zone->rsa_bits == 0 || key->rsa_bits < zone->rsa_bits))
		zone->rsa_bits = key->rsa_bits;
}

struct zone_keys *dnssec_keys(struct arena *a, const struct rrset *set, struct secure_zone *zone_r)
{
	struct zone_keys *keys = ARENA_NEW(a, struct zone_keys);
	keys->zone = set->name;
	for (size_t i = 0; i < set->n && keys->n < DNSSEC_KEYS_MAX; i++) {
		struct zone_key key;
		if (!read_key(set->rdata[i], &key))
			continue;
		if (zone_r != NULL)
			note_key(zone_r, &key);
		if (dnssec_algorithm_known(key.algorithm))
			keys->at[keys->n++] = key;
	}
	return keys;
}

/* A DS as numbers: key tag, algorithm, digest type. */
static bool ds_usable(const char *rdata, uint64_t n[3])
{
	struct slice rest = slice_str(rdata);
	return three_numbers(&rest, n) && n[1] <= UINT8_MAX &&
	       dnssec_algorithm_known((unsigned)n[1]) && digest_known(n[2]);
}

bool dnssec_anchor_usable(struct arena *a, const struct rrset *anchor)
{
	uint64_t n[3];
	if (anchor->type == RR_DNSKEY)
		return dnssec_keys(a, anchor, NULL)->n > 0;
	for (size_t i = 0; i < anchor->n; i++) {
		if (ds_usable(anchor->rdata[i], n))
			return true;
	}
	return false;
}

/* RFC 4509 §3: where there is a better digest, SHA-1 is not looked at. */
static bool has_better_than_sha1(const struct rrset *ds)
{
	uint64_t n[3];
	for (size_t i = 0; i < ds->n; i++) {
		if (ds_usable(ds->rdata[i], n) && n[2] != DS_SHA1)
			return true;
	}
	return false;
}

static bool ds_names(const struct rrset *ds, const struct zone_keys *keys,
		     const struct zone_key *key)
{
	bool no_sha1 = has_better_than_sha1(ds);
	size_t tries = 0;
	for (size_t i = 0; i < ds->n && tries < DNSSEC_TRIES_MAX; i++) {
		uint64_t n[3];
		if (!ds_usable(ds->rdata[i], n) || n[0] != key->tag || n[1] != key->algorithm ||
		    (no_sha1 && n[2] == DS_SHA1))
			continue;
		tries++;
		if (dnssec_ds_fits(ds->rdata[i], keys->zone, key->rdata))
			return true;
	}
	return false;
}

struct zone_keys *dnssec_anchored(struct judging *j, const struct zone_keys *keys,
				  const struct rrset *anchor)
{
	struct zone_keys *named = ARENA_NEW(j->a, struct zone_keys);
	named->zone = keys->zone;
	for (size_t i = 0; i < keys->n; i++) {
		const struct zone_key *key = &keys->at[i];
		bool is_named = anchor->type == RR_DNSKEY ? rrset_has(anchor, key->rdata)
							  : ds_names(anchor, keys, key);
		if (is_named)
			named->at[named->n++] = *key;
	}
	return named;
}
