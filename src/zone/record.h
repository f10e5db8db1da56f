/*
 * record.h - one resource record between ldns and our text; only for src/zone.
 */
#ifndef ZONE_RECORD_H
#define ZONE_RECORD_H

#include "zone/rrset.h"

/* After <stdbool.h>, which rrset.h brings: else ldns makes bool a signed char. */
#include <ldns/ldns.h>

/* The owner's name; case kept unless `lower`. NULL when ldns holds no name there. */
const char *record_name(struct arena *a, const ldns_rdf *name, bool lower);
/* The rdata in canonical presentation form: names lower case (but an
 * NSEC's next name, RFC 6840 §5.1) and absolute; RFC 3597
 * form for types without a text form of their own. NULL when it has none that
 * ldns would read as the same record again: cut rdata, odd fields, question-only types. */
const char *record_rdata(struct arena *a, const ldns_rr *rr);
/* Reads presentation rdata (names relative to the root) of one type and gives it back
 * in canonical form. NULL with *e (ERR_ITEM). */
const char *record_canon(struct arena *a, uint16_t type, const char *rdata, struct err *e);
/* A set out of canonical rdata: sorts, drops duplicates. `rdata` is reordered. */
const struct rrset *record_set(struct arena *a, const char *name, uint16_t type, uint32_t ttl,
			       const char **rdata, size_t n);
/* Appends one octet as it stands between quotes: \" \\ \DDD (RFC 1035 §5.1). */
void record_quote(struct buf *out, unsigned char c);
/* False for 0, OPT and the question-only types (RFC 6895 §3.1). */
bool record_type_ok(uint16_t type);
/* RFC 2181 §8: 31 bits; a TTL with the top bit counts as 0. */
uint32_t record_ttl(uint32_t ttl);

#endif
