/* wish.h - is a record as a change wishes it? */
#ifndef FLOW_WISH_H
#define FLOW_WISH_H

#include "zone/change.h"

/* The same data, and the wished TTL or a lower one. An MX may have any TTL up to
 * `max_mx_ttl`: a panel often offers only a few values, and the policy is what counts. */
bool wish_is_met(const struct change *c, const struct rrset *now, uint32_t max_mx_ttl);

#endif
