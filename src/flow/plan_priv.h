/* plan_priv.h - the parts of a plan's making. Only for the plan's own files. */
#ifndef FLOW_PLAN_PRIV_H
#define FLOW_PLAN_PRIV_H

#include "flow/picture.h"
#include "flow/plan.h"

/* Each adds one set's changes to the picture, in the order in which the sets are applied. -1 with
 * *e as plan_compute says. */
int plan_staging(struct picture *pic, const struct plan_from *from, struct err *e);
int plan_switch(struct picture *pic, const struct plan_from *from, struct err *e);

/* Over all sets: what a person reviewed is what is applied, or the plan is refused. */
const char *plan_hash(struct arena *a, const struct plan *plan);

#endif
