/*
 * settling.h - from when a changed mail policy counts everywhere: senders keep an MTA-STS policy
 * for its max_age, and resolvers a TLSA record, or its absence, for a TTL.
 */
#ifndef FLOW_SETTLING_H
#define FLOW_SETTLING_H

#include "dns/snapshot.h"
#include "flow/flow.h"

enum settling_state {
	SETTLED,        /* nothing has changed that could be cached, or it has run out */
	SETTLING,       /* until_ms */
	SETTLING_STUCK, /* it cannot settle as it is: an id was not changed, a record is not there
			 */
};
struct settling {
	enum settling_state state;
	int64_t since_ms, until_ms; /* wall clock */
	uint32_t ttl_s;             /* what is waited for: the max_age, or twice the TTL */
	const char *what;           /* "_25._tcp.mx.x.net TLSA"; NULL */
};

/* Of the policies that were observed, the last that did not list every planned MX host: its max_age
 * from the moment at which another id was seen (RFC 8461 §3.3, §5.1). What was done by hand before
 * the first look, the project's `history:` tells. */
int flow_sts_settling(struct flow *f, struct arena *a, struct settling *s_r, struct err *e);
/* Of the TLSA records that the project wants for the new MX hosts: twice the longest TTL (its own,
 * the one before, the negative one) since the last server has them (RFC 7671 §8.1). */
int flow_tlsa_settling(struct flow *f, struct arena *a, const struct snapshot *snap,
		       struct settling *s_r, struct err *e);

#endif
