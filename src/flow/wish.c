/*
 * Data must be equal; a TTL may be lower than wished, since that only makes caches forget
 * sooner.
 */
#include "flow/wish.h"

#include "zone/dname.h"

bool wish_is_met(const struct change *c, const struct rrset *now, uint32_t max_mx_ttl)
{
	/* Behind an alias there is another name's record, not this one. */
	if (now != NULL && !dname_equal(now->name, c->name))
		now = NULL;
	if (!rrset_equal(now, c->after))
		return false;
	if (now == NULL || now->ttl <= c->after->ttl)
		return true;
	return c->type == RR_MX && now->ttl <= max_mx_ttl;
}
