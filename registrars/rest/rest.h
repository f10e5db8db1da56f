/*
 * rest.h - the one engine for described providers: a description becomes a struct registrar.
 */
#ifndef REGISTRARS_REST_REST_H
#define REGISTRARS_REST_REST_H

#include "registrars/registrar.h"

struct described;

/* From a description's text; `name` is its file, for messages. NULL with ERR_USAGE. */
struct described *described_new(const char *name, struct slice text, struct err *e);
/* No session of it may be open any more. Takes NULL. */
void described_free(struct described *d);
/* As any other provider; good until described_free. */
const struct registrar *described_registrar(const struct described *d);

#endif
