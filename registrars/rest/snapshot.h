/*
 * snapshot.h - the provider's own copies of a whole zone, as described. Only for this folder.
 */
#ifndef REGISTRARS_REST_SNAPSHOT_H
#define REGISTRARS_REST_SNAPSHOT_H

#include "registrars/rest/exchange.h"

/* The contract's snapshot() and restore() (registrar.h), of a description that has them. */
int rest_snapshot(struct rest *r, struct arena *a, const char **id_r, struct err *e);
int rest_restore(struct rest *r, const char *id, enum registrar_applied *applied_r, struct err *e);

#endif
