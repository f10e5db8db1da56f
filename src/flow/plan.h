/*
 * plan.h - from what is and what is wished to change sets with before-images.
 *
 *   staging  what must exist before: the ownership TXT, new DKIM keys, a low MX TTL
 *   policy   what senders hold the new MX against: a new MTA-STS id, TLSA. Applied behind the
 *            staging; the gates wait until it counts everywhere
 *   switch   MX first, then what follows: SPF, autodiscover, a DKIM key in the place of another
 *   cleanup  what nobody needs any more once the old side is idle: the old sender in the SPF
 *            record, the ownership TXT, TLSA of old MX hosts; and the MX TTL goes up again
 *
 * Each set starts from the zone as the set before it leaves it.
 */
#ifndef FLOW_PLAN_H
#define FLOW_PLAN_H

#include "dns/snapshot.h"
#include "flow/flow.h"
#include "flow/observed.h"
#include "registrars/registrar.h"
#include "zone/change.h"

struct plan {
	int64_t made_ms;
	int64_t snapshot_ms;              /* when the zone was looked at */
	const char *domain;               /* without the final dot */
	const char *zone;                 /* canonical */
	const char *provider;             /* dns.provider when it was made; NULL: none was given */
	const char *place;                /* place.at of then; NULL: by hand, or not known */
	unsigned max_changed;             /* policy.max_changed_rrsets then; 0: no limit */
	const struct change_set *staging; /* may be empty (n == 0), as the others */
	const struct change_set *policy;
	const struct change_set *switching;
	const struct change_set *cleanup;
	const char *const *by_hand; /* what no record can do, in sentences, NULL-terminated */
	const char *hash;           /* of all sets */
	const char *wishes;         /* of what the project file asked for: plan_wishes */
	/* The journal's newest change in force when it was made; 0: none. What the journal has up
	 * to there, and this plan wants again, somebody had taken back. */
	int64_t behind_seq;
};

/* SHA-256 (hex) over everything in the project file that a plan is computed from. */
const char *plan_wishes(struct arena *a, const struct project *p);

struct plan_from {
	const struct project *project;
	const struct snapshot *snap;
	const struct registrar *provider; /* whose TTLs are possible; NULL: all are */
	/* What the provider's own answers say against changing this zone, with what to do about it;
	 * NULL: nothing, or it was not asked. */
	const char *warning;
	/* Every RRset, of whatever type, at the names where a CNAME takes the place of something,
	 * as the provider has them; NULL: only the DNS tells, type by type. */
	const struct zone *standing;
	const char *standing_unknown; /* why it could not be read, as a sentence; NULL */
	int64_t now_ms;
	/* Behind the switch nothing is staged any more: the rest of the plan is the clean-up. */
	bool switched;
	const char *place;     /* of the project; NULL */
	int64_t newest_seq;    /* of the changes in force; 0: none */
	uint32_t first_mx_ttl; /* before the first change that the journal has; 0: none */
	/* The MTA-STS policy before the one in force; id NULL: nobody knows of a change. */
	struct observed_sts sts_before;
};
/* Pure. ERR_REFUSED when the zone cannot be read well enough or a wish contradicts it
 * (two SPF records …), ERR_USAGE when the project file lacks a wish (target.mx). */
int plan_compute(struct arena *a, const struct plan_from *from, const struct plan **plan_r,
		 struct err *e);

/* The plan document, version 1 (docs/documents.md); the caller's, js_free. */
struct js *plan_to_js(const struct plan *plan);
/* The plan of a document, in the arena; nothing of `v` is kept. NULL with ERR_ITEM when it is
 * no plan, with ERR_REFUSED when its hash does not fit its content (edited or damaged). */
const struct plan *plan_from_js(struct arena *a, const struct js *v, struct err *e);

/* All sets in the order in which they are applied. */
enum { PLAN_SETS = 4 };
struct plan_sets {
	const struct change_set *at[PLAN_SETS];
};
/* All sets, in the order in which they are applied; borrowed of the plan. */
struct plan_sets plan_sets(const struct plan *plan);

/* Whether a set is larger than the policy lets it be without --allow-changes. */
bool plan_set_is_large(const struct plan *plan, const struct change_set *cs);

/* The step: observes, computes, keeps it in the store. */
int flow_plan(struct flow *f, struct arena *a, const struct plan **plan_r, struct err *e);
/* The plan of a reviewed file where one was taken (plan_file.h), else the kept one; *plan_r NULL
 * when there is none. */
int flow_plan_load(struct flow *f, struct arena *a, const struct plan **plan_r, struct err *e);

#endif
