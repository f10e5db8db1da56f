/*
 * The only place where text becomes ldns records: to verify a signature (RFC 4035 §5.3.3), to
 * digest a key (RFC 4034 §5.1.4), to hash a name (RFC 5155 §5).
 */
#include <string.h>

#include "dns/dnssec_priv.h"
/* After <stdbool.h>: else ldns makes bool a signed char. */
#include <ldns/ldns.h>

enum { SALT_MAX = 255, HASH_SHA1 = 1 };

/* NULL when ldns cannot read it. */
static ldns_rr *read_record(const char *owner, uint16_t type, uint32_t ttl, const char *rdata)
{
	struct buf line;
	buf_init(&line);
	struct arena *a = arena_new();
	buf_addf(&line, "%s %u IN %s %s", owner, (unsigned)ttl, rr_type_name(a, type), rdata);
	ldns_rr *rr = NULL;
	if (ldns_rr_new_frm_str(&rr, line.at, 0, NULL, NULL) != LDNS_STATUS_OK)
		rr = NULL;
	arena_free(a);
	buf_release(&line);
	return rr;
}

/* All or nothing: half a set would fit no signature. */
static ldns_rr_list *read_set(const struct rrset *set)
{
	ldns_rr_list *list = ldns_rr_list_new();
	for (size_t i = 0; list != NULL && i < set->n; i++) {
		ldns_rr *rr = read_record(set->name, set->type, set->ttl, set->rdata[i]);
		if (rr == NULL || !ldns_rr_list_push_rr(list, rr)) {
			ldns_rr_free(rr);
			ldns_rr_list_deep_free(list);
			return NULL;
		}
	}
	return list;
}

/* ldns puts the set into canonical form and order itself, with the TTL and, for a wildcard,
 * the owner that the signature was made for. It takes keys only by the list. */
bool dnssec_fits(const struct rrset *set, const char *sig, const char *key_owner, const char *key)
{
	ldns_rr_list *records = read_set(set);
	ldns_rr_list *keys = ldns_rr_list_new();
	ldns_rr *rrsig = read_record(set->name, RR_RRSIG, set->ttl, sig);
	ldns_rr *dnskey = read_record(key_owner, RR_DNSKEY, 0, key);
	if (dnskey != NULL && !ldns_rr_list_push_rr(keys, dnskey))
		ldns_rr_free(dnskey);
	bool fits = records != NULL && rrsig != NULL && ldns_rr_list_rr_count(keys) == 1 &&
		    ldns_verify_rrsig_keylist_notime(records, rrsig, keys, NULL) == LDNS_STATUS_OK;
	ldns_rr_list_deep_free(records);
	ldns_rr_list_deep_free(keys);
	ldns_rr_free(rrsig);
	return fits;
}

/* The fourth field: the digest in hex. */
static struct slice digest_of(struct slice ds)
{
	for (int i = 0; i < 3; i++)
		(void)slice_until(&ds, ' ');
	return slice_trim(ds);
}

static bool digest_fits(struct slice wanted, const ldns_rr *key, unsigned type)
{
	ldns_rr *made = ldns_key_rr2ds(key, (ldns_hash)type);
	char *hex = made != NULL && ldns_rr_rd_count(made) == 4 ? ldns_rdf2str(ldns_rr_rdf(made, 3))
								: NULL;
	bool fits = hex != NULL && slice_eq_nocase(slice_trim(slice_str(hex)), wanted);
	LDNS_FREE(hex);
	ldns_rr_free(made);
	return fits;
}

bool dnssec_ds_fits(const char *ds, const char *key_owner, const char *key)
{
	struct slice rest = slice_str(ds);
	uint64_t type = 0;
	(void)slice_until(&rest, ' ');
	(void)slice_until(&rest, ' ');
	if (!slice_to_u64(slice_until(&rest, ' '), &type) || type > UINT8_MAX)
		return false;
	ldns_rr *dnskey = read_record(key_owner, RR_DNSKEY, 0, key);
	bool fits = dnskey != NULL && digest_fits(digest_of(slice_str(ds)), dnskey, (unsigned)type);
	ldns_rr_free(dnskey);
	return fits;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False when it is neither "-" nor whole octets in hex. */
static bool read_salt(struct slice text, uint8_t salt[SALT_MAX], uint8_t *len_r)
{
	*len_r = 0;
	if (text.len == 1 && text.ptr[0] == '-')
		return true;
	if (text.len % 2 != 0 || text.len / 2 > SALT_MAX)
		return false;
	for (size_t i = 0; i < text.len; i += 2) {
		int high = hex_digit(text.ptr[i]);
		int low = hex_digit(text.ptr[i + 1]);
		if (high < 0 || low < 0)
			return false;
		salt[i / 2] = (uint8_t)(high << 4 | low);
	}
	*len_r = (uint8_t)(text.len / 2);
	return true;
}

/* ldns gives a name of one label. */
static const char *hash_text(struct arena *a, ldns_rdf *hash)
{
	char *text = hash != NULL ? ldns_rdf2str(hash) : NULL;
	char *copy = NULL;
	if (text != NULL) {
		struct slice rest = slice_str(text);
		copy = arena_slice(a, slice_until(&rest, '.'));
		str_lower(copy);
	}
	LDNS_FREE(text);
	ldns_rdf_deep_free(hash);
	return copy;
}

const char *dnssec_nsec3_hash(struct arena *a, const char *name, struct slice salt,
			      uint16_t iterations)
{
	uint8_t octets[SALT_MAX];
	uint8_t len = 0;
	ldns_rdf *owner = read_salt(salt, octets, &len) ? ldns_dname_new_frm_str(name) : NULL;
	if (owner == NULL)
		return NULL;
	const char *text = hash_text(
		a, ldns_nsec3_hash_name(owner, HASH_SHA1, iterations, len, octets));
	ldns_rdf_deep_free(owner);
	return text;
}
