/*
 * throttle.h - how much at once a server bears, learned from what it says: shared by all
 * mailboxes of a copy.
 *
 * Each host has a number of mailboxes that may be worked on at once. It begins at the most
 * that is wished, halves when a second account of the host is told to wait while a first
 * still does, and grows by one with each mailbox that came through well (additive increase,
 * multiplicative decrease). Each account has a moment before which nothing is sent to it: the
 * server's own where it names one, else a pause that doubles. Any thread.
 */
#ifndef MIGRATE_THROTTLE_H
#define MIGRATE_THROTTLE_H

#include "base/clock.h"

struct throttle;

/* `at_once`: the most mailboxes that any host is asked for. The clock is borrowed. */
struct throttle *throttle_new(const struct clock *clock, size_t at_once);
/* Takes NULL; nobody may hold a place any more. */
void throttle_free(struct throttle *t);

/* An account at a host; both texts are borrowed for the call. */
struct throttle_key {
	const char *host, *account;
};

/* 0: a place at the host is taken, until throttle_leave; else the moment (wall clock) at which
 * to ask again. Never blocks. */
int64_t throttle_enter(struct throttle *t, const struct throttle_key *key);
/* Gives the place back; `well`: the mailbox is through, and nobody asked it to wait. */
void throttle_leave(struct throttle *t, const struct throttle_key *key, bool well);
/* The server asked this account to wait: until told_ms, or (0) without a time. Returns the
 * moment until which it is left alone. */
int64_t throttle_hit(struct throttle *t, const struct throttle_key *key, int64_t told_ms);
/* How many connections may be open to this account when `wanted` would be useful and the
 * server's preset says `most` (0: nothing): halves with each hit, at least one. */
unsigned throttle_lanes(struct throttle *t, const struct throttle_key *key, unsigned wanted,
			unsigned most);
/* How many mailboxes the host is asked for at once now. */
size_t throttle_allowed(struct throttle *t, const char *host);

#endif
