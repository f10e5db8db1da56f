/*
 * ops.h - a change of an RRset as operations on the provider's records. Only for this folder.
 */
#ifndef REGISTRARS_REST_OPS_H
#define REGISTRARS_REST_OPS_H

#include "registrars/rest/row.h"
#include "zone/change.h"

enum op_kind { OP_CREATE, OP_UPDATE, OP_REMOVE };

struct op {
	enum op_kind kind;
	const struct row *row; /* as it is; NULL for CREATE */
	const char *rdata;     /* as it shall be; NULL for REMOVE */
};
struct ops {
	size_t n;
	struct op *at; /* the arena's */
};

/* What a provider can do with its records. */
struct ops_ways {
	bool update;  /* one can be changed in place */
	bool one_ttl; /* those of one RRset may not differ in TTL, not even for a moment */
};

/* What leads from the rows of that RRset to `after` (NULL: none), in a safe order: the new value is
 * there before the old one goes, but where both cannot stand together. Rows that stay as they are
 * get no operation. With one_ttl a new TTL goes through one record: the others are removed, that
 * one is changed, then the others are made. */
struct ops ops_make(struct arena *a, const struct rows *rows, const struct change *c,
		    const struct ops_ways *ways);

/* ERR_REFUSED when one of the rows that the operations are on is not ours to change. */
int ops_check_locked(struct arena *a, const struct ops *ops, const struct change *c, struct err *e);
/* The refusal of a change, for a reason; answers -1. */
int ops_refuse(struct arena *a, const struct change *c, const char *why, struct err *e);

#endif
