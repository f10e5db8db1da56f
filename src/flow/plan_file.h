/*
 * plan_file.h - a plan as a file: written, read by a person, applied exactly so or not at all.
 *
 * The file is the plan document (docs/documents.md). Its digest covers all of it, so an edit in
 * passing shows; whoever computes it anew is not kept out: keep the file where the review is.
 */
#ifndef FLOW_PLAN_FILE_H
#define FLOW_PLAN_FILE_H

#include "flow/plan.h"

/* Replaces the file, indented for a reader; ERR_USAGE or ERR_WORLD as file_replace. */
int plan_file_write(const struct plan *plan, const char *path, struct err *e);
/* The file's plan, in the arena. ERR_USAGE when it is none, ERR_REFUSED when it was altered since
 * it was written. */
int plan_file_read(struct arena *a, const char *path, const struct plan **plan_r, struct err *e);

/* Makes the file's plan the one that this flow's steps go by, and keeps it in the store (not in a
 * dry run). ERR_REFUSED, each with what to do, when it is for another domain, zone or provider,
 * for other wishes than the project's, older than the store's, or when the live zone shows a
 * planned record as neither of its images. */
int flow_plan_take(struct flow *f, const char *path, struct err *e);

#endif
