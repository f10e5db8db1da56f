/* tail_idle.h - since when nothing came to the old side; only for src/flow. */
#ifndef FLOW_TAIL_IDLE_H
#define FLOW_TAIL_IDLE_H

#include "base/json.h"
#include "flow/copy.h"

struct tail_idle {
	int64_t told_ms;          /* as the clock told it when it was seen */
	int64_t since_ms;         /* as it would tell it now */
	struct clock_start start; /* of the clock that told it */
};

/* The last arrival in any mailbox of the pass, the switch at the earliest. A tail runs for days,
 * and this machine's clock may be set meanwhile: that is no time in which nothing came. The pass
 * before kept, in DOC_TAIL_WAIT, what the clock was when it saw that same moment; across a start of
 * the machine the clock alone is believed. */
int tail_idle(struct flow *f, struct arena *a, const struct copy_progress *end, int64_t switched_ms,
	      struct tail_idle *idle_r, struct err *e);
/* Members for DOC_TAIL_WAIT, which the next pass reads. */
void tail_idle_to_js(struct js *doc, const struct tail_idle *idle);

#endif
