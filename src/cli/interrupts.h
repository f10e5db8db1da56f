/*
 * interrupts.h - SIGINT and SIGTERM, waited for by a thread of their own: so no handler
 * runs in the middle of anything, and no global is needed.
 */
#ifndef CLI_INTERRUPTS_H
#define CLI_INTERRUPTS_H

#include "base/err.h"

struct flow;
struct interrupts;

/* Blocks the signals in this thread and those it starts from now on. The first one
 * interrupts the flow; the second ends the process at once (the state survives that). */
struct interrupts *interrupts_start(struct flow *f, struct err *e);
/* Ends the thread and gives the signals back to this one; before the flow is closed. Takes
 * NULL. */
void interrupts_stop(struct interrupts *i);

#endif
