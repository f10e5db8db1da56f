/*
 * check.h - the audit: a table of checks, each a pure function of what was observed.
 *
 * Nothing here asks, waits or reads a clock; the time is in the input. Ids, severities
 * and rules are those of docs/checks.md.
 */
#ifndef DNS_CHECK_CHECK_H
#define DNS_CHECK_CHECK_H

#include "base/json_out.h"
#include "base/vec.h"
#include "dns/check/clocks.h"
#include "dns/dnssec.h"
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

/* One change of the plan: an RRset before and after (NULL: none). */
struct check_change {
	const struct rrset *before, *after;
	bool by_hand; /* what goes away was named by the project file: nobody is surprised */
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
	struct history history;           /* what happened when (clocks.h) */
	const struct dnssec_view *dnssec; /* NULL: DNSSEC was not judged */
	const char *target_provider;      /* "microsoft365", "google", "generic" */
	const char *target_autodiscover;  /* canonical host */
	size_t target_dkim_n;
	const struct rrset *const *target_dkim;   /* planned selector records (CNAME or TXT) */
	const char *source_spf;                   /* the old sender's term */
	const char *const *source_dkim_selectors; /* "nw1", NULL-terminated */
	const char *const *subdomains;            /* canonical, NULL-terminated */
	const char *const *panel_ns;    /* what the panel to be edited says serves the zone;
					 * canonical, NULL-terminated */
	const char *const *previous_ns; /* the servers before a change; the same */
	const char *mta_sts_previous_id;
	const char *const *mta_sts_previous_mx; /* patterns of the policy before the change */
	const char *const *treat_as_public;     /* networks ("127.53.0.0/16") of a closed lab */
	int64_t window_ends_ms;                 /* the cutover's; 0: not given */
	size_t change_n;                        /* the plan's changes, for what they would delete */
	const struct check_change *changes;
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
	/* A letter for each phase (audit, verify, ready, post): b blocker, w warning, i info,
	 * - not said. "iwb-" */
	const char *levels;
	/* When the severity is another than `levels` says, in a clause; NULL: never. */
	const char *varies;
	/* What a person would see and do: two or three sentences for docs/checks.md. */
	const char *example;
};
/* Rows of all families together. */
size_t check_count(void);
/* In table order; all NULL behind the end. */
struct check_info check_info_at(size_t i);
/* The name of that row's family, for headings; NULL behind the end. */
const char *check_family_at(size_t i);
/* True when no finding is a blocker. */
bool findings_ready(const struct findings *f);
/* Findings of exactly this severity. */
size_t findings_count(const struct findings *f, enum severity s);

/* Its members, into an object that the caller has opened. */
void finding_write(struct js_out *o, const struct finding *f);
/* Back from such an object; texts are the arena's. At most 1024 pieces of evidence. NULL with
 * ERR_ITEM without a check's id or a known severity. */
const struct finding *finding_from_js(struct arena *a, const struct js *v, struct err *e);

#endif
