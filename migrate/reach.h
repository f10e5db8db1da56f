/*
 * reach.h - whether a host answers at all, learned by all mailboxes of a copy together.
 *
 * A host that does not answer is not asked by each of three hundred mailboxes: after a miss all
 * wait for its next try, which one of them makes, behind a pause that doubles. When as many tries
 * in a row were in vain as one mailbox alone would make, it is given up and all of its mailboxes
 * fail with the same reason; about a minute later one may look again. One answer makes it good. A
 * host where somebody is logged in is never given up: it is there, and bears no more. Any thread.
 */
#ifndef MIGRATE_REACH_H
#define MIGRATE_REACH_H

#include "base/clock.h"
#include "base/err.h"

struct reach;

/* The clock is borrowed. */
struct reach *reach_new(const struct clock *clock);
/* Takes NULL. */
void reach_free(struct reach *r);

/* The right to connect once; the next call but reach_enter must be one of the three below it. */
struct reach_ticket {
	bool taken, probe;
	unsigned round; /* what had been learned of the host by then */
};
enum reach_go {
	REACH_GO,
	REACH_LATER,    /* ask again at *again_ms_r (wall clock) */
	REACH_GIVEN_UP, /* *e is why, as the last try told it */
};
struct reach_ask {
	const char *host; /* borrowed for the call */
	struct reach_ticket *ticket_r;
	int64_t *again_ms_r;
};
/* Never blocks. */
enum reach_go reach_enter(struct reach *r, const struct reach_ask *ask, struct err *e);

/* The host greeted. Counts as somebody who is there until reach_left. */
void reach_answered(struct reach *r, const char *host, struct reach_ticket *t);
/* Its connection is closed; once for each reach_answered. */
void reach_left(struct reach *r, const char *host);
/* It was not tried, or what failed says nothing about the host. */
void reach_dropped(struct reach *r, const char *host, struct reach_ticket *t);

struct reach_word {
	bool common;      /* false: this try says nothing new, its mailbox does as it likes */
	bool first;       /* the first in a row: to be told */
	int64_t again_ms; /* wall clock, for all of the host's mailboxes; 0: it is given up */
};
/* Nobody answered, for the reason *why. Of those who tried at the same time one counts. */
struct reach_word reach_missed(struct reach *r, const char *host, struct reach_ticket *t,
			       const struct err *why);

#endif
