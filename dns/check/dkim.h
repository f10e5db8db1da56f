/*
 * dkim.h - what other rows ask of the new provider's selectors. Only for dns/check.
 */
#ifndef DNS_CHECK_DKIM_H
#define DNS_CHECK_DKIM_H

#include "dns/check/rows.h"

/* No planned selector is surely published: none is planned, or the zone has none of them. */
bool dkim_target_is_missing(const struct checking *c);

#endif
