/*
 * quiet.h - waits until a target stores no more of what a dead session has sent it.
 *
 * What a killed program had written to its connection the target goes on storing for a
 * while. Whoever looks in that time what is there sees too little, and sends again what is
 * about to appear. Nobody tells when it is over; a time without news has to do.
 */
#ifndef MIGRATE_QUIET_H
#define MIGRATE_QUIET_H

#include "migrate/box.h"

enum { QUIET_MS = 1500, QUIET_LOOK_EVERY_MS = 150 };

/* Lists the target's folders again and again until their figures have been the same in all looks
 * of QUIET_MS; the last listing becomes *dst. For a target that this ledger does not know and
 * another one, now lost, may have filled a moment ago. */
int quiet_await_listing(struct box *b, struct listing *dst, struct err *e);

#endif
