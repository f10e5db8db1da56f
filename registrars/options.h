/*
 * options.h - what was given for a provider's options, checked against its table. Private
 * to the room.
 */
#ifndef REGISTRARS_OPTIONS_H
#define REGISTRARS_OPTIONS_H

#include "registrars/call.h"

/* ERR_USAGE for an unknown provider, nearest name in the hint; NULL then. */
const struct registrar *options_find(const struct registrar *const *table, const char *name,
				     struct err *e);
/* ERR_USAGE for an unknown, missing, repeated or misplaced option. */
int options_check(const struct registrar *r, const struct registrar_config *config, struct err *e);

#endif
