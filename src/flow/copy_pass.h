/*
 * copy_pass.h - the picture of a running pass, kept by the mover's progress calls: what copy.c
 * decides by, and what is shown and stored while it runs.
 */
#ifndef FLOW_COPY_PASS_H
#define FLOW_COPY_PASS_H

#include "flow/copy.h"
#include "flow/copy_hold.h"
#include "flow/copy_quota.h"
#include "flow/copy_rate.h"

struct copy_turn { /* some of the mailboxes, in the order in which they are to begin */
	size_t n;
	struct migrate_mailbox *boxes;
	size_t *place; /* of each in struct copy_run's mailboxes */
};

struct copy_run {
	struct flow *f;
	struct arena *a;
	const struct copy_list *list;
	struct copy_mailbox *mailboxes; /* as many as the list has, and in its order */
	struct copy_turn turn;          /* that the mover is at */
	struct copy_hold hold;
	struct copy_quota quota;
	struct copy_rate rate;
	struct copy_forecast forecast;
	struct migrate_filter filter; /* of this turn */
	bool filtered;
	const char *filter_text;
	struct pace *pace;
	struct compress *compress; /* owned; NULL: nothing is */
	bool dry_run, repeats;     /* as wished */
	bool mirrors;
	struct migrate_mirror mirror;
	int64_t started_ms, started_mono_ms;
	int64_t shown_mono_ms, kept_mono_ms;
};

struct copy_tally { /* flawed ones are through, too */
	size_t through, failed, flawed, stopped, removed;
};
/* Mailboxes by how they stand. */
struct copy_tally copy_tally(const struct copy_progress *p);
/* The outcome of a pass that ended so: STEP_STOP when a person has to do something. */
void copy_conclude(const struct copy_progress *end, struct step_outcome *out);

/* A pass that was asked for a folder which none of its mailboxes has would be done with nothing
 * copied: the outcome becomes STEP_STOP, with the nearest name. Of a pass that could read all. */
int copy_judge_folders(const struct copy_run *run, struct step_outcome *out, struct err *e);

/* Whether the wished mirror may run; needs the filter to be set. ERR_REFUSED once the switch was
 * begun, ERR_USAGE with a filter. */
int copy_mirror_begin(struct copy_run *run, const struct copy_wishes *wishes, struct err *e);

/* All of it in figures, as of now. */
struct copy_progress copy_run_picture(struct copy_run *run, bool ended);
/* Of the turn that it is at, or was; what earlier ones copied is added. */
void copy_run_count(struct copy_mailbox *m, const struct migrate_counts *turn);
/* migrate_progress_fn's contract, `ctx` a struct copy_run: keeps the picture; shows and stores it.
 */
void copy_run_progress(void *ctx, const struct migrate_progress *mp);
/* migrate_may_fn's contract, `ctx` a struct copy_run: a person's word, the hour, the day's quota.
 */
int copy_run_may(void *ctx, const struct migrate_mailbox *box, struct err *e);
/* Stores the picture. */
int copy_run_keep(struct copy_run *run, const struct copy_progress *p, struct err *e);

#endif
