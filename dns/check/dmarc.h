/*
 * dmarc.h - which DMARC policy holds for the domain, for those rows that ask. Only for
 * dns/check.
 */
#ifndef DNS_CHECK_DMARC_H
#define DNS_CHECK_DMARC_H

#include "dns/check/rows.h"
#include "dns/dmarc_record.h"

struct dmarc_found {
	bool certain;               /* every answer that counts could be read */
	bool has_record;            /* the domain's own, or one above it */
	const char *at;             /* canonical: whose record it is */
	struct slice text;          /* the record */
	enum dmarc_policy applied;  /* to the domain's mail that fails; NONE when only tested */
	struct dmarc_record record; /* p is what holds for the domain: sp of one above */
};
/* RFC 7489 §6.6.3 and the walk up the tree of RFC 9989 §4.10. Never fails. */
struct dmarc_found dmarc_find(const struct checking *c);

#endif
