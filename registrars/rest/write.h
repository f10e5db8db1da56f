/*
 * write.h - applies a change set through a described API. Only for this folder.
 */
#ifndef REGISTRARS_REST_WRITE_H
#define REGISTRARS_REST_WRITE_H

#include "registrars/rest/exchange.h"
#include "zone/change.h"

/* struct registrar's apply. */
int rest_write(struct rest *r, const struct change_set *changes, enum registrar_applied *applied_r,
	       struct err *e);

/* The commit steps alone: struct registrar's publish. */
int rest_write_commit(struct rest *r, struct err *e);

#endif
