/*
 * rrset.h - an RRset as a plain value: owner, type, TTL and the set of rdata.
 *
 * Rdata is kept in canonical presentation form (RFC 4034 §6.2: names lower case and
 * absolute; TXT as quoted character-strings), made by ldns, sorted and without
 * duplicates (RFC 2181 §5). So sets are equal exactly when their texts are.
 */
#ifndef ZONE_RRSET_H
#define ZONE_RRSET_H

#include "base/arena.h"
#include "base/json.h"
#include "base/json_out.h"

enum rr_type {
	RR_A = 1,
	RR_NS = 2,
	RR_CNAME = 5,
	RR_SOA = 6,
	RR_PTR = 12,
	RR_MX = 15,
	RR_TXT = 16,
	RR_AAAA = 28,
	RR_SRV = 33,
	RR_DS = 43,
	RR_RRSIG = 46,
	RR_NSEC = 47,
	RR_DNSKEY = 48,
	RR_NSEC3 = 50,
	RR_TLSA = 52,
	RR_SPF = 99,
	RR_CAA = 257,
};

/* "MX", or "TYPE1234" (RFC 3597) for what has no name; static or from the arena. */
const char *rr_type_name(struct arena *a, uint16_t type);
/* 0 when unknown. */
uint16_t rr_type_from_name(const char *name);

/* RRSIG, NSEC, NSEC3: made for other records by the server that signs them, so never planned and
 * never in anything's way. */
bool rr_type_is_made(uint16_t type);

struct rrset {
	const char *name; /* canonical (zone/dname.h) */
	uint16_t type;    /* class is always IN */
	uint32_t ttl;     /* seconds */
	size_t n;
	const char *const *rdata; /* canonical presentation, sorted, unique */
	bool uneven;  /* records of it have other TTLs, and `ttl` is the lowest: what RFC 2181 §5.2
		       * forbids, and a host of single records shows for a moment */
	bool of_zone; /* the host has no TTL for it, and serves it with the zone's: told by the host
		       * alone, so never compared, and kept to be put back */
};

/* Makes a set in the arena from presentation rdata (names relative to the root).
 * NULL with *e (ERR_ITEM: which record, what is wrong with it). */
const struct rrset *rrset_make(struct arena *a, const char *name, uint16_t type, uint32_t ttl,
			       size_t n, const char *const *rdata, struct err *e);

/* Same owner, type and rdata; TTLs are not compared. Either may be NULL (absent). */
bool rrset_equal(const struct rrset *a, const struct rrset *b);
/* rrset_equal and the same TTL; `uneven` is not looked at. */
bool rrset_same(const struct rrset *a, const struct rrset *b);
/* Two canonical rdata of that type that say the same: of a TXT the joined text, however it is cut
 * into strings. */
bool rdata_alike(uint16_t type, const char *a, const char *b);
/* rrset_same, but for how a TXT is cut into strings: a provider that keeps whole texts cannot tell,
 * and cuts them as it likes. */
bool rrset_alike(const struct rrset *a, const struct rrset *b);
/* `rdata` canonical; a NULL set has nothing. */
bool rrset_has(const struct rrset *s, const char *rdata);
/* A new set with one more rdata / without one / with another TTL. `s` is not changed.
 * rrset_without answers NULL when nothing is left. */
const struct rrset *rrset_with(struct arena *a, const struct rrset *s, const char *rdata,
			       struct err *e);
/* `rdata` canonical; one that is not there changes nothing. */
const struct rrset *rrset_without(struct arena *a, const struct rrset *s, const char *rdata);
/* Seconds; the copy shares the rdata of `s`. RFC 2181 §8: over 31 bits counts as 0. */
const struct rrset *rrset_with_ttl(struct arena *a, const struct rrset *s, uint32_t ttl);
/* A copy that says `uneven`; it shares the rdata of `s`. */
const struct rrset *rrset_as_uneven(struct arena *a, const struct rrset *s);

/* A copy that says `of_zone`; it shares the rdata of `s`. */
const struct rrset *rrset_as_of_zone(struct arena *a, const struct rrset *s);

/* One zone-file line a record: "name TTL IN TYPE rdata\n". */
void rrset_print(const struct rrset *s, struct buf *out);

/* {"name","type","ttl","rdata":[…]}, with "of_zone" where it is so, the caller's; a NULL set gives
 * JSON null. */
struct js *rrset_to_js(const struct rrset *s);
/* The same object as text. */
void rrset_write(struct js_out *o, const struct rrset *s);
/* Rdata is made canonical again, whoever wrote the document. NULL with ERR_ITEM. */
const struct rrset *rrset_from_js(struct arena *a, const struct js *v, struct err *e);

/* The parts of an MX rdata; host is canonical and borrowed from the arena. */
struct mx {
	uint16_t preference;
	const char *host;
};
/* "10 mail.example.net." (RFC 1035 §3.3.9). False when the preference is over 16 bits or the
 * host is no name. */
bool mx_parse(struct arena *a, const char *rdata, struct mx *mx_r);
/* A TXT rdata as one string, its character-strings joined without a separator
 * (RFC 7208 §3.3); may hold any byte. */
struct slice txt_join(struct arena *a, const char *rdata);
/* Text as TXT rdata: quoted, escaped, split into character-strings of <= 255 octets. */
const char *txt_quote(struct arena *a, struct slice text);
/* The SOA's fields that clocks need. */
struct soa {
	uint32_t serial, refresh, retry, expire, minimum;
};
/* Canonical rdata (RFC 1035 §3.3.13), times in seconds. On false *soa_r may be filled in part. */
bool soa_parse(const char *rdata, struct soa *soa_r);

#endif
