/*
 * asking.h - what a cutover asks the DNS for: from the project to a snapshot's options.
 */
#ifndef FLOW_ASKING_H
#define FLOW_ASKING_H

#include "dns/snapshot.h"
#include "flow/flow.h"

enum asking_depth {
	ASK_RECORDS, /* the records that a plan touches, again and again: no probes, no HTTPS */
	ASK_PLAN,    /* these, the MTA-STS policy and what the planned SPF leads to */
	ASK_ALL,     /* everything that the audit's checks know */
	ASK_BULK,    /* the same for a stranger's domain among thousands: no system resolvers */
};

/* The name of the TLSA record that goes with an MX host (RFC 7672 §3), in the arena; NULL when the
 * host does not lie in that zone: its record is another's to write. Both canonical. */
const char *asking_tlsa_name(struct arena *a, const char *host, const char *zone);

/* Everything that the project's plan and checks need; engine and HTTPS are the flow's. The
 * texts are the arena's. ERR_USAGE for root hints that cannot be read. */
int flow_asking(struct flow *f, struct arena *a, enum asking_depth depth,
		struct snapshot_opts *opts_r, struct err *e);
/* The same for another project than the flow's, over the flow's engine: a bulk audit's
 * domain. */
int flow_asking_about(struct flow *f, struct arena *a, const struct project *p,
		      enum asking_depth depth, struct snapshot_opts *opts_r, struct err *e);

#endif
