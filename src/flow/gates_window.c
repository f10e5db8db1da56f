/*
 * When the switch may happen: the agreed hours, in which people sit at their desks. Asked last of
 * all, for it is the one thing that no work opens.
 */
#include "flow/gates_priv.h"

/* Behind the switch the hours are history; in the middle of it, too: half a switch is worse than a
 * late one. */
void gate_window_open(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	const struct project *p = ev->project;
	char opens[TIME_TEXT_MAX];
	char ends[TIME_TEXT_MAX];
	time_format(p->window_opens_ms, opens);
	time_format(p->window_ends_ms, ends);
	if (p->window_ends_ms == 0) {
		gate_open(a, g, "the project names no window: any time will do");
		return;
	}
	if (ev->switched)
		gate_open(a, g, "the switch was made");
	else if (ev->begun != NULL && ev->begun->n > 0)
		gate_open(a, g, "the switch was begun: it is to be finished");
	else if (ev->now_ms < p->window_opens_ms)
		gate_wait(a, g, p->window_opens_ms, "the window for the switch opens at %s", opens);
	else if (ev->now_ms >= p->window_ends_ms)
		gate_close(a, g,
			   "write a later window into the project file, or accept it: `cutover "
			   "accept window-open --reason …`",
			   "the window for the switch ended at %s", ends);
	else
		gate_open(a, g, "the window for the switch is open until %s", ends);
	gate_about(a, g, arena_printf(a, "window %s to %s", opens, ends));
}
