/*
 * whole.h - a described provider whose only write is the whole zone: every row as it came, and
 * those that a change set makes. Only for this folder.
 */
#ifndef REGISTRARS_REST_WHOLE_H
#define REGISTRARS_REST_WHOLE_H

#include "registrars/rest/exchange.h"
#include "registrars/rest/row.h"

/* One row of the listing. */
struct zone_item {
	struct slice text; /* its own bytes */
	size_t first, n;   /* its records in `rows`; none: it is not understood */
	const char *says;  /* struct whole_row's */
	const char *stays;
};

/* One reading of all of it. */
struct rest_zone {
	struct arena *a; /* owned */
	struct rows rows;
	VEC(struct zone_item) items;
	struct js *around; /* owned: the answer without its rows; NULL: nothing of it goes back */
	int64_t read_ms;   /* monotonic */
};
/* Takes NULL. */
void rest_zone_free(struct rest_zone *z);

/* r->whole is a reading of right now, or of a moment ago: several questions are answered by one, a
 * write never trusts it alone. */
int rest_zone_need(struct rest *r, struct err *e);
/* Its records at these names (NULL: all), in the arena. */
struct rows rest_zone_rows(const struct rest_zone *z, struct arena *a,
			   const struct registrar_names *names);
/* struct registrar's apply; values and TTLs were found possible. */
int rest_zone_apply(struct rest *r, const struct change_set *changes,
		    enum registrar_applied *applied_r, struct err *e);

#endif
