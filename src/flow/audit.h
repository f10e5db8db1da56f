/*
 * audit.h - the audit as a document: findings, clocks and what was seen.
 */
#ifndef FLOW_AUDIT_H
#define FLOW_AUDIT_H

#include "dns/check/check.h"
#include "dns/who.h"
#include "flow/flow.h"

/* A finding that somebody has judged: it counts for nothing and is always listed. */
struct ignored_finding {
	struct finding finding;
	const char *reason;
	int64_t since_ms;
};

struct audit {
	const char *domain; /* without the final dot */
	enum phase phase;
	int64_t checked_ms;
	bool ready; /* no blocker in this phase, but for the ignored ones */
	struct findings findings;
	size_t ignored_n;
	const struct ignored_finding *ignored;
	size_t ignored_unused_n; /* entries that matched nothing; never of a bulk audit */
	const struct project_ignore *ignored_unused;
	const struct who *mail, *dns; /* whose hosts they are; NULL: nobody we know */
	size_t fact_n;
	const struct clock_fact *facts;
	int64_t next_ms; /* the next moment at which a clock or a cache runs out; INT64_MAX: none */
	const struct snapshot *snap;
	const struct dnssec_view *dnssec;
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

/* The judgement for another project than the flow's, without any history: a bulk audit's
 * domain. */
struct audit_about {
	const struct project *project;
	enum phase phase;
	const struct snapshot *snap;
	struct dnssec_cache *verified; /* signatures of earlier domains; NULL: none */
	const struct rrset *anchor;    /* filled by audit_judge_about */
};
/* -1 only when the trust anchor cannot be read. */
int audit_judge_about(struct flow *f, struct arena *a, const struct audit_about *about,
		      const struct audit **audit_r, struct err *e);

/* When to look again after `looks` earlier ones: exactly when a clock or a cache runs out; and,
 * for nobody announces that a server has loaded another zone, after a pause that grows from 5 s
 * to 5 min, while any server may still change by itself. Wall clock, ms. */
int64_t audit_next_look_ms(const struct audit *au, unsigned looks);

/* ERR_USAGE when the project ignores a check that there is not (the hint has the nearest), or
 * since a moment after `now_ms`. */
int audit_ignores_check(const struct project *p, int64_t now_ms, struct err *e);
/* Moves what is ignored from the findings to `ignored`; the order stays. */
void audit_set_aside(struct arena *a, const struct project *p, struct audit *au);
/* After that: which entries of the project set nothing aside. */
void audit_note_unused(struct arena *a, const struct project *p, struct audit *au);

/* The audit document, version 1 (docs/documents.md): appended on one line, without its end. */
void audit_write(const struct audit *audit, struct buf *out);
/* The same as a tree, the caller's. */
struct js *audit_to_js(const struct audit *audit);

#endif
