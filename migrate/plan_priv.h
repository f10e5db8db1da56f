/*
 * plan_priv.h - what the files of the plan share.
 */
#ifndef MIGRATE_PLAN_PRIV_H
#define MIGRATE_PLAN_PRIV_H

#include "migrate/box.h"
#include "migrate/naming.h"

struct planner {
	struct box *box;
	struct listing src, dst;
	struct naming naming;
	struct ledger_folder *known; /* as the ledger had them, and what was learned since */
	size_t n_known;
	VEC(struct box_folder) list;
	VEC(struct ledger_note) renamed; /* as reports tell it; the last one of a folder holds */
};

/* plan_pair.c: pairs every folder of the source. */
void plan_pair_all(struct planner *p);
/* Tells which known folders are not at the source any more. After plan_pair_all. */
int plan_tell_vanished(struct planner *p, struct err *e);
/* The row of the source's folder; NULL: it is new. */
struct ledger_folder *plan_known_folder(const struct planner *p, const char *src_name);
/* Some folder of the source has this one of the target, or had it once. */
bool plan_is_taken(const struct planner *p, const char *dst_name);
/* `name`, with a number behind it when it is taken; the arena's. */
const char *plan_free_name(struct planner *p, const char *name);
/* The target's folder for people; the arena's. */
const char *plan_shown_at_dst(const struct planner *p, const char *name);
/* For people, once a folder: it is called `name` at the target, and why. */
void plan_tell_name(struct planner *p, const char *shown, const char *name, const char *why);
/* It has no other name there (any more). */
void plan_forget_note(struct planner *p, const char *shown);

/* plan_moved.c: folders of the source that have another name now than when they were copied keep
 * their rows. Before plan_pair_all. */
int plan_moved_at_src(struct planner *p, struct err *e);
/* The same of the target. After plan_pair_all, before anything is made. */
int plan_moved_at_dst(struct planner *p, struct err *e);

/* plan_make.c: makes what the target has not; subscribes as at the source. */
int plan_make_folders(struct planner *p, struct err *e);
int plan_subscribe(struct planner *p, struct err *e);

/* plan.c: the pairs, and what is told of them, into the ledger. */
int plan_save(struct planner *p, struct err *e);

#endif
