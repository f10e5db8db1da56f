/*
 * provider_own.h - the user's own descriptions of providers, and the word that was given for each:
 * before the first use with credentials a person confirms where they go.
 */
#ifndef FLOW_PROVIDER_OWN_H
#define FLOW_PROVIDER_OWN_H

#include "flow/provider.h"
#include "registrars/rest/rest.h"

/* One file; all of it is the arena's but what is owned. */
struct own_description {
	struct described *described; /* owned; NULL: it is refused, and why */
	struct provider_origin origin;
	struct provider_refused refused;
};
struct own_descriptions {
	size_t n;
	struct own_description *at;
};

/* Reads $XDG_CONFIG_HOME/cutover/providers/ (else ~/.config/…), each file for itself: what is wrong
 * with one, or with the directory, is in `refused` and hinders no other. */
void own_load(struct arena *a, struct own_descriptions *own_r);

/* Keeps the word for this very content in $XDG_STATE_HOME/cutover/providers.json (else
 * ~/.local/state/…). ERR_USAGE or ERR_WORLD when it cannot be kept. */
int own_confirm(const struct provider_origin *origin, const struct registrar *r, int64_t now_ms,
		struct err *e);

#endif
