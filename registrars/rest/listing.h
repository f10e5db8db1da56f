/*
 * listing.h - all records of a list, page by page; complete, or an error. Only for this folder.
 */
#ifndef REGISTRARS_REST_LISTING_H
#define REGISTRARS_REST_LISTING_H

#include "registrars/rest/exchange.h"
#include "registrars/rest/row.h"

/* A listing and the arena that it is in. */
struct rest_rows {
	struct arena *a; /* owned */
	struct rows rows;
};
/* Takes NULL. */
void rest_rows_free(struct rest_rows *l);

/* Called for each item of each page; -1 ends the listing, 1 ends it well before its end. */
typedef int listing_fn(void *ctx, const struct js *item, struct err *e);

struct listing {
	const struct desc_list *list;
	const struct body_scope *scope;
	bool may_miss;
	listing_fn *each;
	void *ctx;
	/* Set to the item's own bytes before each call, ptr NULL where there are none; may be
	 * NULL. */
	struct slice *text;
	/* Gets each page's answer without its rows; may be NULL. */
	void (*page)(void *ctx, const struct js *answer);
};
/* ERR_REFUSED when the end cannot be told: what may be cut is never planned from. Pages are freed
 * one by one. */
int listing_run(struct rest *r, const struct listing *l, struct err *e);

/* The whole zone's records; only those at some names (NULL: all) are kept. */
int listing_zone(struct rest *r, const struct registrar_names *only, struct rest_rows **rows_r,
		 struct err *e);
/* Those of one RRset, freshly read: by a request of its own where there is one. */
int listing_rrset(struct rest *r, const char *name, uint16_t type, struct rest_rows **rows_r,
		  struct err *e);

#endif
