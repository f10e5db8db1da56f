/*
 * zone.h - a set of RRsets under one origin, in canonical order, and what differs
 * between two of them. A plain value of the arena.
 */
#ifndef ZONE_ZONE_H
#define ZONE_ZONE_H

#include "zone/rrset.h"

struct zone {
	const char *origin; /* canonical */
	size_t n;
	const struct rrset *const *rrsets; /* by name (RFC 4034 §6.1 order), then type */
};

/* Collects RRsets; two with the same owner and type are merged (lowest TTL wins, as
 * RFC 2181 §5.2 has it for a confused sender). */
const struct zone *zone_make(struct arena *a, const char *origin, size_t n,
			     const struct rrset *const *rrsets);
/* NULL when there is none. `name` canonical. */
const struct rrset *zone_find(const struct zone *z, const char *name, uint16_t type);
/* Reads master-file text (RFC 1035 §5) by ldns: $ORIGIN, $TTL, parentheses. $INCLUDE is
 * refused. ERR_ITEM names the line. */
const struct zone *zone_parse(struct arena *a, const char *origin, struct slice text,
			      struct err *e);
/* `each` gets what is good for that call only, and ends the reading with -1. */
struct zone_sink {
	int (*each)(void *ctx, const struct rrset *one, struct err *e);
	void *ctx;
};
/* The same without a zone: each record is handed on as a set of one, in the file's order, and
 * nothing is kept; for a file that must not be held in memory a second time. */
int zone_each(const char *origin, struct slice text, const struct zone_sink *sink, struct err *e);
/* Appends one line a record, in the zone's order: equal zones give equal text. */
void zone_print(const struct zone *z, struct buf *out);

#endif
