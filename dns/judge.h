/*
 * judge.h - what one reply means: for a walk through the tree, and as an observation.
 * Pure functions of a reply; only for dns/.
 */
#ifndef DNS_JUDGE_H
#define DNS_JUDGE_H

#include "dns/snapshot.h"

enum verdict {
	VERDICT_USELESS, /* ask another server */
	VERDICT_REFERRAL,
	VERDICT_DATA,
	VERDICT_ALIAS,
	VERDICT_NODATA,
	VERDICT_NXDOMAIN,
};

struct judgement {
	enum verdict verdict;
	const struct rrset *set; /* DATA: the answer; REFERRAL: the NS set of the child */
	const char *target;      /* ALIAS: where it points */
	const char *soa_owner;   /* NODATA, NXDOMAIN: the zone that says so; NULL */
};

/* The reply of a server of `zone` to an iterative question. A referral counts only
 * downwards: strictly below `zone` and towards the name. */
struct judgement judge_iterative(struct arena *a, const char *zone, const struct dns_ask *ask);

/* The reply as an observation. `zone`: the server should be authoritative for it; NULL
 * for a resolver. */
struct seen judge_seen(struct arena *a, const char *zone, const struct dns_ask *ask);

/* What the answer holds for a validator; NULL when nothing in it is signed. */
const struct seen_proof *judge_proof(struct arena *a, const struct dns_answer *ans);
/* What a referral to `zone` says about its DS: the set, or NODATA when it came with a proof;
 * UNREADABLE when it says nothing (RFC 4035 §3.1.4). */
struct seen judge_referral_ds(struct arena *a, const char *zone, const struct dns_ask *ask);

/* The host of an NS, CNAME or MX rdata, canonical; NULL when it cannot be read. */
const char *rdata_host(struct arena *a, uint16_t type, const char *rdata);

#endif
