/*
 * provider.h - the table of built-in DNS providers, and a session with the project's.
 */
#ifndef FLOW_PROVIDER_H
#define FLOW_PROVIDER_H

#include "flow/flow.h"
#include "registrars/call.h"

/* The built-in providers, in the order in which they are shown; static, NULL-terminated. */
const struct registrar *const *provider_table(void);

struct provider;
/* A session with the provider that the project names, for this zone (copied); secrets are
 * resolved here and wiped when it is closed. ERR_USAGE when the project names none. */
int provider_open(struct flow *f, const char *zone, struct provider **p_r, struct err *e);
/* Ends the session, then wipes its secrets. Takes NULL. */
void provider_close(struct provider *p);
/* What to read and apply through; the provider's, until it is closed. */
struct registrar_call *provider_call(const struct provider *p);
/* True when a person changes the zone and the DNS is all that can be read. */
bool provider_is_by_hand(const struct provider *p);
/* True when a change set is made whole or not at all: then it needs one intent, not one a
 * change. */
bool provider_is_atomic(const struct provider *p);

#endif
