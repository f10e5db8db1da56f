/*
 * pace.h - a cap on bytes a second that all lanes of a copy share: a token bucket.
 *
 * Who received bytes pays for them and sleeps until the debt is worked off. So nothing is
 * refused in the middle of a message, and over any few seconds the sum keeps to the rate.
 */
#ifndef MIGRATE_PACE_H
#define MIGRATE_PACE_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "io/cancel.h"

struct pace;

/* `bytes_per_s` above 0. */
struct pace *pace_new(uint64_t bytes_per_s);
/* Takes NULL; nobody may be paying any more. */
void pace_free(struct pace *p);
/* Pays for `bytes`; sleeps by the clock while the bucket is empty. Any thread. `p` NULL: free of
 * charge. -1 with ERR_CANCELLED. */
int pace_pay(struct pace *p, size_t bytes, const struct clock *clock, const struct cancel *cancel,
	     struct err *e);

#endif
