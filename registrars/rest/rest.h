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
/* What a person confirms before such a provider gets credentials; the lists end with NULL. */
struct described_powers {
	const char *const *sends;  /* where secrets go: "every request, header Authorization" */
	const char *const *writes; /* the requests that change something: "PUT /records/{id}" */
};
/* In the arena; the texts are templates, no secret is in them. */
struct described_powers described_powers(const struct described *d, struct arena *a);

/* As any other provider; good until described_free. */
const struct registrar *described_registrar(const struct described *d);

#endif
