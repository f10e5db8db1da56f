/* show.h - what a run tells while it works: steps, waits, sheets, copy progress. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cli/term.h"
#include "flow/flow.h"

/* Shows on standard error. `t` is borrowed for as long as the flow lives. */
struct flow_show show_on(struct term *t);

#endif
