/* observed.h - the kinds of observations, and how they are written; only for src/flow. */
#ifndef FLOW_OBSERVED_H
#define FLOW_OBSERVED_H

#include "flow/asking.h"

/* What an authoritative address (or the parent) showed for one name and type, as rrset_to_js. */
#define OBSERVED_RRSET  "rrset"
#define OBSERVED_PARENT "(parent)"
/* What the domain's MTA-STS record and policy said. */
#define OBSERVED_STS    "mta-sts"
#define OBSERVED_POLICY "(policy)"

/* "x.net. MX" */
const char *observed_subject(struct arena *a, const char *name, uint16_t type);

/* A policy as senders may have cached it. */
struct observed_sts {
	const char *id; /* NULL: none */
	uint32_t max_age_s;
	const char *const *mx; /* patterns, NULL-terminated; NULL: none */
	bool is_lax; /* mode testing or none: no sender holds it against a host (RFC 8461 §5) */
};
/* From a snapshot; false when no policy could be read there. Texts are the arena's. */
bool observed_sts_of(struct arena *a, const struct snapshot *snap, struct observed_sts *sts_r);
/* The caller's, js_free. */
struct js *observed_sts_to_js(const struct observed_sts *sts);
/* False when the text is none. */
bool observed_sts_from(struct arena *a, const char *text, struct observed_sts *sts_r);
/* Id, patterns and max_age. */
bool observed_sts_equal(const struct observed_sts *a, const struct observed_sts *b);

/* The policy before the one in force, and when that changed: what was observed, else the
 * project's `history:`; id NULL and 0 when nobody knows of a change. */
int flow_sts_before(struct flow *f, struct arena *a, struct observed_sts *before_r,
		    int64_t *changed_ms_r, struct err *e);

#endif
