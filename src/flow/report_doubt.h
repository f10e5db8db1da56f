/*
 * report_doubt.h - what the last comparison of a mailbox found, in words for every form of the
 * report: how much, in which folders, and what to do.
 */
#ifndef FLOW_REPORT_DOUBT_H
#define FLOW_REPORT_DOUBT_H

#include "flow/gates.h"

/* Fills in m->doubt and m->doubt_remedy when it was compared and is not verified; `remarks` are the
 * mailbox's own. Texts are the arena's. */
void report_doubt(struct arena *a, struct gate_mailbox *m, const struct migrate_remark *remarks,
		  size_t n);

#endif
