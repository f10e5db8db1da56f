/*
 * change.h - what is to be done to a zone: whole RRsets, before and after.
 *
 * A change says "the RRset is now exactly `before`; make it exactly `after`". NULL
 * means absent. A change set is applied in order and undone in reverse order.
 */
#ifndef ZONE_CHANGE_H
#define ZONE_CHANGE_H

#include "zone/zone.h"

struct change {
	const char *name; /* canonical */
	uint16_t type;
	const struct rrset *before; /* NULL: there is none */
	const struct rrset *after;  /* NULL: there shall be none */
	const char *why;            /* one line for a person */
};

/* The id of a set that takes changes back: what it restores was there, TTLs included, whatever a
 * provider makes possible today. */
#define CHANGE_SET_ROLLBACK "rollback"

struct change_set {
	const char *id;   /* "staging", "switch", "cleanup"; CHANGE_SET_ROLLBACK */
	const char *zone; /* canonical origin */
	size_t n;
	const struct change *changes;
};

/* The same set with before and after exchanged, newest first. */
const struct change_set *change_set_inverse(struct arena *a, const struct change_set *cs);
/* Refuses (ERR_REFUSED) what no plan may hold: SOA or apex NS, a CNAME beside other
 * data, two changes of one RRset, names outside the zone, before equal to after. */
int change_set_check(const struct change_set *cs, struct err *e);
/* What differs, as changes that lead from a to b; SOA is left out. */
const struct change_set *zone_diff(struct arena *a, const struct zone *from, const struct zone *to);

/* As a document, and back: names and texts are the arena's, nothing of `v` is kept. NULL with
 * ERR_ITEM for what is no change set. change_set_check is for the caller to call. */
struct js *change_set_to_js(const struct change_set *cs);
/* Names become canonical and rdata is read anew, so a document edited by hand is judged like
 * any other. At most 10000 changes. NULL with ERR_ITEM names the change that cannot be read. */
const struct change_set *change_set_from_js(struct arena *a, const struct js *v, struct err *e);
/* SHA-256 (hex) over the canonical form: the identity of a reviewed plan. */
const char *change_set_hash(struct arena *a, const struct change_set *cs);
/* A diff in zone-file terms: "- record", "+ record", "  # why"; TTL changes are shown
 * as both lines. */
void change_set_print(const struct change_set *cs, struct buf *out);

#endif
