/*
 * scope.h - what templates see of a change and of one record of it. Only for this folder.
 */
#ifndef REGISTRARS_REST_SCOPE_H
#define REGISTRARS_REST_SCOPE_H

#include "registrars/rest/ops.h"

/* The change as it shall be, and what it takes away behind it (`before`): the variables of the
 * name, a scope for each value. All of it is the world's arena's. */
int scope_change(const struct row_world *w, const struct change *c, const struct vars *up,
		 struct body_scope *s, struct err *e);

/* One record: its variables stand in the request itself. `change` is borrowed, the rest is the
 * world's arena's, also when the row of the operation goes. */
int scope_op(const struct row_world *w, const struct op *op, uint16_t type,
	     const struct body_scope *change, struct body_scope *s, struct err *e);

#endif
