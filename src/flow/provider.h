/*
 * provider.h - the table of built-in DNS providers, and a session with the project's.
 */
#ifndef FLOW_PROVIDER_H
#define FLOW_PROVIDER_H

#include "flow/flow.h"
#include "registrars/call.h"

/* NULL-terminated. */
const struct registrar *const *provider_table(void);

/* A session with the provider that the project names; secrets are resolved here and
 * wiped when it is closed. ERR_USAGE when the project names none. */
struct provider;
int provider_open(struct flow *f, const char *zone, struct provider **p_r, struct err *e);
void provider_close(struct provider *p); /* takes NULL */
struct registrar_call *provider_call(const struct provider *p);
bool provider_is_by_hand(const struct provider *p);
bool provider_is_atomic(const struct provider *p);

#endif
