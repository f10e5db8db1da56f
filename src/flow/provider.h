/*
 * provider.h - the table of built-in DNS providers, and a session with the project's.
 */
#ifndef FLOW_PROVIDER_H
#define FLOW_PROVIDER_H

#include "flow/flow.h"
#include "registrars/call.h"

/* The built-in providers: those of code and those of a description, which is read here. NULL with
 * ERR_BUG when a description that the program brings with it is wrong. */
struct provider_set;
struct provider_set *provider_set_new(struct err *e);
/* Only the one that is described by that file. NULL with ERR_USAGE. */
struct provider_set *provider_set_of_file(const char *path, struct err *e);
/* No session of one of them may be open any more. Takes NULL. */
void provider_set_free(struct provider_set *s);
/* By name, NULL-terminated; the set's. */
const struct registrar *const *provider_set_table(const struct provider_set *s);
/* NULL when there is none of that name, or the name is NULL. */
const struct registrar *provider_set_find(const struct provider_set *s, const char *name);

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
