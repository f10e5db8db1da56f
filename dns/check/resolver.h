/*
 * resolver.h - what a resolver of the panel shows: today's data, yesterday's, or something
 * that neither explains. Only for dns/check.
 */
#ifndef DNS_CHECK_RESOLVER_H
#define DNS_CHECK_RESOLVER_H

#include "dns/check/rows.h"

enum resolver_shows {
	RESOLVER_UNREADABLE,
	RESOLVER_CURRENT, /* what at least one authoritative server says */
	RESOLVER_OLD,     /* from before a change that is known, or a clock that runs */
	RESOLVER_ELSE,    /* neither: another view of the zone (see split-horizon) */
};
/* `seen` is one of a working resolver's answers. */
enum resolver_shows resolver_shows(const struct checking *c, const struct seen *seen);
/* It says itself that the answer's time is over (RFC 8914: EDE 3, 19). */
bool resolver_says_stale(const struct seen *seen);
/* A resolver's answer as evidence. */
void resolver_saw(struct checking *c, const struct resolver_view *r, const struct seen *seen);

#endif
