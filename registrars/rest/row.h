/*
 * row.h - records between the provider's spelling and ours: names, targets, TXT, priorities.
 */
#ifndef REGISTRARS_REST_ROW_H
#define REGISTRARS_REST_ROW_H

#include "registrars/rest/body.h"
#include "registrars/rest/desc.h"

/* One record as the provider lists it. */
struct row {
	const char *name; /* canonical */
	uint16_t type;
	uint32_t ttl;
	bool inherits;           /* the zone's, for it has none of its own */
	const char *rdata;       /* canonical; NULL: it could not be read, see `trouble` */
	const char *said;        /* the value as it came, its parts with a blank between */
	const char *id;          /* NULL: it has none */
	const char *etag;        /* NULL: it has none */
	const char *const *kept; /* of the description's `keep`, in its order; NULL: no such */
	bool renamed;            /* its type has another name there */
	const char *locked;      /* why it is not ours to change; NULL: it is */
	const char *trouble;
};

struct rows {
	VEC(struct row) list;
};

struct row_world {
	struct arena *a; /* where rows and texts go */
	const struct desc *desc;
	const char *zone;                   /* canonical */
	const struct registrar_names *only; /* other rows are passed over; NULL: none is */
	const struct vars *vars;            /* the session's */
	/* What is there now, for {said} of what is taken away; NULL: nobody asks for that. */
	const struct rows *live;
};

/* Adds the records that one item of a listing holds: one, or one for each of its values. What is
 * no DNS record (a redirect, an alias of the provider's own) is passed over. ERR_ITEM when the item
 * is not of the described shape, ERR_REFUSED when its shape is in doubt. */
int rows_add(const struct row_world *w, const struct js *item, struct rows *rows, struct err *e);

/* A copy of the row whose texts are in `a`; its `locked` stays the description's. */
struct row row_copy(struct arena *a, const struct row *row, const struct desc_record *d);

/* The RRset of these rows; *rrset_r NULL when there is none. Two rows may differ in TTL: the lowest
 * counts (RFC 2181 §5.2). ERR_REFUSED when one of them could not be read. */
int rows_rrset(const struct row_world *w, const struct rows *rows, const char *name, uint16_t type,
	       const struct rrset **rrset_r, struct err *e);

/* The variables of a name and type, in the provider's spelling: name, fqdn, fqdn_dot, type,
 * only_type; and etag, which has no value so far. */
int row_name_vars(const struct row_world *w, const char *name, uint16_t type, struct vars *v,
		  struct err *e);
/* The variables of a value: data, content, target, priority, weight, port, text, flags, tag, value;
 * and the chunks of a TXT. */
int row_value_scope(const struct row_world *w, uint16_t type, const char *rdata,
		    struct body_scope *s, struct err *e);

/* What a request says of the set's TTL: its seconds, or the provider's word for a record that has
 * none of its own where the set was so and the zone's is still the same. */
const char *row_ttl_text(const struct row_world *w, const struct rrset *s);
/* The TTL of rows that have none of their own, in seconds; 0: it is not known. */
uint32_t row_zone_ttl(const struct row_world *w);
/* The seconds as the provider can have them: >= `wanted` only where its limits force it. */
uint32_t row_ttl(const struct desc_ttl *t, uint32_t wanted);

#endif
