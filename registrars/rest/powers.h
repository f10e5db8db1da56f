/*
 * powers.h - what a description can do with credentials, in words. Only for this folder.
 */
#ifndef REGISTRARS_REST_POWERS_H
#define REGISTRARS_REST_POWERS_H

#include "registrars/rest/desc.h"
#include "registrars/rest/rest.h"

/* The lists of struct described_powers. */
struct described_powers powers_of(const struct desc *d, struct arena *a);

#endif
