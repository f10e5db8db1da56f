/*
 * audit.h - the audit as a document: findings, clocks and what was seen.
 */
#ifndef FLOW_AUDIT_H
#define FLOW_AUDIT_H

#include "dns/check/check.h"
#include "flow/flow.h"

struct audit {
	const char *domain; /* without the final dot */
	enum phase phase;
	int64_t checked_ms;
	bool ready; /* no blocker in this phase */
	struct findings findings;
	size_t fact_n;
	const struct clock_fact *facts;
	const struct snapshot *snap;
};

/* Observes the DNS and judges it. The document is kept in the store (when there is one). */
int flow_audit(struct flow *f, struct arena *a, enum phase phase, const struct audit **audit_r,
	       struct err *e);

/* The phase that the cutover is in by its journal: audit before the staging, verify until
 * the switch, post after it. */
int flow_phase(struct flow *f, enum phase *phase_r, struct err *e);

/* The same judgement over a snapshot that is there already. */
int audit_judge(struct flow *f, struct arena *a, enum phase phase, const struct snapshot *snap,
		const struct audit **audit_r, struct err *e);

/* The audit document, version 1 (docs/documents.md). */
struct js *audit_to_js(const struct audit *audit);

#endif
