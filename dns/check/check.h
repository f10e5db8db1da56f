/*
 * check.h - the audit: a table of checks, each a pure function of what was observed.
 *
 * Nothing here asks, waits or reads a clock; the time is in the input. Ids, severities
 * and rules are those of docs/checks.md.
 */
#ifndef DNS_CHECK_CHECK_H
#define DNS_CHECK_CHECK_H

#include "base/vec.h"
#include "dns/check/clocks.h"
#include "dns/snapshot.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_BLOCKER };
enum phase { PHASE_AUDIT, PHASE_VERIFY, PHASE_READY, PHASE_POST };
/* "info", "warning", "blocker"; also the words of the audit document. */
const char *severity_name(enum severity s);
/* "audit", "verify", "ready", "post". */
const char *phase_name(enum phase p);
/* The reverse, case kept; false leaves *phase_r alone. */
bool phase_parse(const char *text, enum phase *phase_r);

struct evidence {
	const char *server; /* name, or "resolver" */
	const char *address;
	int64_t at_ms;
	const char *saw; /* what it said, in presentation form */
};

struct finding {
	const char *check; /* the slug */
	enum severity severity;
	const char *subject; /* "treyresearch.com MX" */
	const char *message;
	const char *remedy; /* what to change, where, to what */
	size_t evidence_n;
	const struct evidence *evidence;
};

/* What the checks are told beside the snapshot. Absent wishes are NULL / 0. */
struct check_input {
	const struct snapshot *snap;
	enum phase phase;
	int64_t now_ms;
	uint32_t max_mx_ttl;           /* policy; 3600 */
	const struct rrset *target_mx; /* the planned MX set */
	const char *const *source_mx;  /* old MX hosts (canonical), NULL-terminated */
	const char *target_spf;        /* "include:spf.protection.outlook.com" */
	const char *ownership_name;    /* canonical */
	const char *ownership_txt;     /* the bare token */
	const struct rrset *const
		*planned; /* how the plan's RRsets should be now; n == 0: absent. NULL-terminated */
	struct history history; /* what happened when (clocks.h) */
};

struct check; /* one row of the table */
struct findings {
	VEC(struct finding) list;
};

/* Runs every check of the table; findings worst first, then in table order. */
void check_run(struct arena *a, const struct check_input *in, struct findings *out);
/* The table, for docs and --ignore. */
struct check_info {
	const char *id, *what, *rfc;
};
/* Rows of all families together. */
size_t check_count(void);
/* In table order; all NULL behind the end. */
struct check_info check_info_at(size_t i);
/* True when no finding is a blocker. */
bool findings_ready(const struct findings *f);
/* Findings of exactly this severity. */
size_t findings_count(const struct findings *f, enum severity s);

/* As a document, and back: texts are the arena's. NULL with ERR_ITEM without a check or a
 * known severity. */
struct js *finding_to_js(const struct finding *f);
/* At most 1024 pieces of evidence. NULL with ERR_ITEM without a check's id or a known
 * severity. */
const struct finding *finding_from_js(struct arena *a, const struct js *v, struct err *e);

#endif
