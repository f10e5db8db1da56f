/*
 * copy_view.h - a copy as a few lines of a terminal: the mailboxes that something happens to, then
 * the totals. The running copy and `status --watch` in another terminal show the same.
 */
#ifndef CLI_COPY_VIEW_H
#define CLI_COPY_VIEW_H

#include "flow/copy.h"

struct copy_lines { /* texts without line ends, the arena's */
	size_t n;
	const char *const *at;
};
/* At most `most` lines, at least the totals. A line may be wider than the terminal: who shows it
 * cuts it. With a thousand mailboxes those at work come first, then those that wait, then those
 * that failed; the others are in the totals. */
struct copy_lines copy_view(struct arena *a, const struct copy_progress *p, size_t most);

#endif
