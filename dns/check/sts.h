/*
 * sts.h - the MTA-STS family's parts. Only for dns/check.
 */
#ifndef DNS_CHECK_STS_H
#define DNS_CHECK_STS_H

#include "dns/check/rows.h"
#include "dns/sts_policy.h"

/* "_mta-sts" below the domain; NULL when it would be too long. */
const char *sts_name(struct checking *c);
/* The domain has one good record that tells of a policy; its id (borrowed from the arena). */
bool sts_announces(struct checking *c, struct slice *id_r);
/* The fetched policy, when there is one and it is good. */
bool sts_fetched(struct checking *c, struct sts_policy *policy_r);
/* What came when it was fetched, as evidence. */
void sts_saw_policy(struct checking *c);

/* Rows' functions: the record, the policy and the certificate by themselves … */
void sts_record_invalid(struct checking *c);
void sts_policy_unreachable(struct checking *c);
void sts_tlsrpt(struct checking *c);
void sts_caa(struct checking *c);
/* … and against the move. */
void sts_policy_stale(struct checking *c);
void sts_id_unchanged(struct checking *c);
void sts_cached(struct checking *c);

#endif
