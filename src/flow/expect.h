/*
 * expect.h - what the planned RRsets should look like at this moment, by the journal.
 */
#ifndef FLOW_EXPECT_H
#define FLOW_EXPECT_H

#include "flow/flow.h"
#include "zone/rrset.h"

/* For every RRset of the kept plan: its state after the sets that are in force. An absent
 * one has n == 0. NULL-terminated; empty without a plan. */
int flow_expected(struct flow *f, struct arena *a, const struct rrset *const **list_r,
		  struct err *e);

#endif
