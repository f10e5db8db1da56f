/*
 * render_providers.h - what there is to say of DNS providers, for people and as a document.
 */
#ifndef CLI_RENDER_PROVIDERS_H
#define CLI_RENDER_PROVIDERS_H

#include "cli/term.h"
#include "flow/provider.h"

/* All of them, one a line, and the user's files that are refused. */
void providers_print(struct term *t, const struct provider_set *set);
/* One of the set: its options, notes and where it comes from. */
void provider_print(const struct term *t, const struct provider_set *set,
		    const struct registrar *r);
/* What a description can do with credentials: hosts, where they go, what may be written. Nothing
 * for a provider of code. */
void provider_print_powers(const struct term *t, const struct provider_set *set,
			   const struct registrar *r);
/* The document of `providers --json`, version 1; `only` NULL: all. */
void providers_put_json(const struct term *t, const struct provider_set *set,
			const struct registrar *only);

#endif
