/* one_clock.h - all moments of the store's observations are told by one clock; only for src/flow.
 */
#ifndef FLOW_ONE_CLOCK_H
#define FLOW_ONE_CLOCK_H

#include "flow/flow.h"

/* To be called before anything is observed, with the clock as it is. The waits count from moments
 * in the store: when this machine's clock was set since they were written, all of them are moved by
 * as much, so that no time passes by setting a clock, and none is lost. Across a start of the
 * machine nobody knows how far it was set, and they stay as they are. Atomic. */
int flow_follow_clock(struct flow *f, const struct clock_start *now, struct err *e);

#endif
