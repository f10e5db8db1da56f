/*
 * apply.h - makes the zone what a change set says, through the provider, on the record.
 *
 * For every group of changes (all of them where the provider is atomic, else one by
 * one): intent in the journal, act, read back, outcome in the journal. An intent that a
 * crash left open is resolved by looking, never by guessing. A record that is neither
 * the before-image nor the wish is somebody else's edit: nothing is written then.
 */
#ifndef FLOW_APPLY_H
#define FLOW_APPLY_H

#include "flow/flow.h"
#include "flow/place.h"
#include "zone/change.h"

struct apply_report {
	size_t changed;    /* by this call, read back */
	size_t already;    /* were as wished before it */
	size_t by_hand;    /* wait for a person: the sheet was shown */
	const char *sheet; /* arena's; NULL */
};

/* `step` is "stage", "switch", "cleanup" or "rollback". With dry_run nothing is written, also not
 * to the journal; 0 means that it would have been tried. */
int flow_apply(struct flow *f, struct arena *a, const char *step, const struct change_set *cs,
	       struct apply_report *report_r, struct err *e);

/* Closes intents that an interrupted run left open, by reading each record. */
int flow_resolve_open(struct flow *f, struct arena *a, struct err *e);

/* Changes that one intent made, by stage, switch or cleanup, and that were not rolled back. */
struct applied_group {
	int64_t seq; /* of the intent */
	const char *step;
	int64_t at_ms; /* of the outcome */
	const struct change_set *changes;
	bool known;   /* read back as done. false: done in part, or not seen and perhaps on its way;
		       * rollback looks at it, and who finds the value there knows whose it is */
	bool undoing; /* a rollback of it began, and its end is not known */
	struct place place; /* where it was made */
};
/* The groups in force by the journal, oldest first, in the arena. Asks nobody: what a person
 * changed in the panel since is not seen (flow_still_made looks). In a dry run, which resolves
 * nothing, an intent without an outcome is an uncertain group. */
int flow_applied(struct flow *f, struct arena *a, struct applied_group **groups_r, size_t *n_r,
		 struct err *e);

/* The change to the same value that the newest uncertain group holds, with the before-image that
 * it was made from; NULL: none of ours can have written it. */
const struct change *applied_uncertain(const struct applied_group *groups, size_t n,
				       const struct change *c);

/* True when `now` (NULL: nothing) can be what a write of ours left half done, between the two
 * images of `c` in either direction: the journal has such a write without a known end, and nothing
 * stands there that is of neither image. */
bool applied_half_done(const struct applied_group *groups, size_t n, const struct change *c,
		       const struct rrset *now);

/* True when a write of ours to this RRset, or a rollback of one, has no known end. */
bool applied_unsettled(const struct applied_group *groups, size_t n, const char *name,
		       uint16_t type);
/* Those changes of a set that were made, or perhaps were; in the arena. */
const struct change_set *applied_begun(struct arena *a, const struct applied_group *groups,
				       size_t n, const struct change_set *cs);

/* What the known groups left: each RRset once, with its latest after-image. */
const struct change_set *applied_result(struct arena *a, const struct applied_group *groups,
					size_t n);

/* The set as it must stand now: what a later group changed again has that group's after-image. */
const struct change_set *applied_now(struct arena *a, const struct applied_group *groups, size_t n,
				     const struct change_set *cs);

/* All groups undone at once: each RRset from its latest after-image to its first
 * before-image. What a rollback amounts to, for a dry run. */
const struct change_set *applied_undo(struct arena *a, const struct applied_group *groups,
				      size_t n);

/* What the group does to that RRset; NULL: nothing. */
const struct change *applied_change(const struct applied_group *g, const char *name, uint16_t type);

/* True when every change of the set is in force by the journal: read back as done. */
bool applied_has(const struct applied_group *groups, size_t n, const struct change_set *cs);

/* True when the switch was made: a group of it is in force, and nothing of `switching` (the
 * plan's set, empty when it was planned again since) is still to be done. */
bool applied_switch(const struct applied_group *groups, size_t n,
		    const struct change_set *switching);

/* Looks, through the provider, whether the zone still is as the set left it. *what_r (arena)
 * names the first record that is not; NULL when all are. */
int flow_still_made(struct flow *f, struct arena *a, const struct change_set *cs,
		    const char **what_r, struct err *e);

/* The step: undoes every group in force, newest first; waits while a person has to. */
int step_rollback(struct flow *f, struct step_outcome *out, struct err *e);

/* How often the DNS is looked at while a person changes it by hand. */
enum { BY_HAND_LOOK_MS = 10 * 1000 };

#endif
