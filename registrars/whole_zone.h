/*
 * whole_zone.h - a write that replaces all rows of a zone, for providers that have no other
 * (docs/decisions/0025): two readings that are equal, the write, a third reading that must have
 * everything that nobody planned to change. The provider says how to read and to send.
 */
#ifndef REGISTRARS_WHOLE_ZONE_H
#define REGISTRARS_WHOLE_ZONE_H

#include "base/vec.h"
#include "registrars/registrar.h"

/* One row, or whatever else is written with the rows (a mail setting). Texts are the reader's. */
struct whole_row {
	const char *says;  /* all that it says: two rows are the same when this is */
	const char *stays; /* that of it which a write must not change */
	const char *shown; /* "the row www CNAME x. (TTL 3600)", for a person */
};
struct whole_rows {
	VEC(struct whole_row) list;
};

/* A row that `a` has more often than `b`, told by what it says or only by what stays; NULL: there
 * is none. The order does not count. */
const struct whole_row *whole_missing(const struct whole_rows *a, const struct whole_rows *b,
				      bool says);

enum whole_sent {
	WHOLE_DONE,    /* the provider says so */
	WHOLE_REFUSED, /* nothing was done */
	WHOLE_LIMIT,   /* too early: nothing was done */
	WHOLE_UNKNOWN, /* it may have been done */
};

/* A provider's part; all functions fill *e on failure. */
struct whole_zone {
	const char *title; /* "Namecheap" */
	const char *panel; /* where a person mends it: "the panel (Advanced DNS)" */
	void *ctx;
	/* Reads the zone anew; the rows and their texts are in `a`. */
	int (*read)(void *ctx, struct arena *a, struct whole_rows *rows_r, struct err *e);
	/* The RRset as the last reading has it; *rrset_r NULL when there is none. */
	int (*rrset)(void *ctx, struct arena *a, const char *name, uint16_t type,
		     const struct rrset **rrset_r, struct err *e);
	/* From the last reading, works out what is to be sent; *kept_r: what of it nobody planned
	 * to change. ERR_REFUSED for what cannot be written or cannot be written back as it is. */
	int (*make)(void *ctx, struct arena *a, struct whole_rows *kept_r, struct err *e);
	/* Sends what was made, once: no waiting, for the zone was read right before. */
	enum whole_sent (*send)(void *ctx, struct arena *a, struct err *e);
	/* Before the next try after WHOLE_LIMIT; `tries` counts from 0. -1: no more of them, *e
	 * stays as it was, or it was cancelled. */
	int (*wait)(void *ctx, unsigned tries, struct err *e);
};

/* struct registrar's apply. `then` is a reading of a moment ago, which was the last one so far. An
 * outcome that nobody knows is looked for at once; APPLIED_BEYOND tells what is gone that was not
 * planned to go. */
int whole_zone_apply(const struct whole_zone *z, const struct whole_rows *then,
		     const struct change_set *changes, enum registrar_applied *applied_r,
		     struct err *e);

#endif
