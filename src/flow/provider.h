/*
 * provider.h - the table of DNS providers, and a session with the project's.
 */
#ifndef FLOW_PROVIDER_H
#define FLOW_PROVIDER_H

#include "flow/flow.h"
#include "registrars/call.h"

/* Where a provider comes from, and whether a person has said that its hosts may have credentials.
 */
enum provider_trust {
	PROVIDER_BUILT_IN,
	PROVIDER_CONFIRMED,
	PROVIDER_UNCONFIRMED,
	PROVIDER_CHANGED, /* its file is another than the one that was confirmed */
};
struct provider_origin {
	enum provider_trust trust;
	const char *file, *sha256;       /* NULL: built in */
	const char *const *hosts_before; /* that were confirmed, NULL-terminated; NULL */
};
/* A file of the user's that gave no provider. */
struct provider_refused {
	const char *file, *why;
	const char *hint; /* NULL */
};

/* The built-in providers, those of code and those of a description, and the user's own
 * descriptions (docs/providers-described.md): what is wrong with one of these hinders no other, it
 * is among the refused. None replaces a built-in one. NULL with ERR_BUG when a description that the
 * program brings with it is wrong. */
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
/* Of a provider of the set; the set's. */
const struct provider_origin *provider_set_origin(const struct provider_set *s,
						  const struct registrar *r);
/* What a description can do with credentials, as texts in the arena; the lists end with NULL and
 * are empty for a provider of code. */
struct provider_powers {
	const char *const *sends;  /* where secrets go: "every request, header Authorization" */
	const char *const *writes; /* "PUT /records/{id}" */
};
/* Both NULL-terminated, the arena's; empty for a provider that is code. */
struct provider_powers provider_set_powers(const struct provider_set *s, const struct registrar *r,
					   struct arena *a);
/* The description that the program brings with it under that name: JSON, static. False when there
 * is none: unknown, of the user's own, or a provider of code. */
bool provider_description(const char *name, struct slice *text_r);
/* The refused files, *n_r of them; the set's. */
const struct provider_refused *provider_set_refused(const struct provider_set *s, size_t *n_r);
/* Whether that provider may be given credentials: ERR_REFUSED, with what to run, for a description
 * of the user's that was not confirmed or has changed since; ERR_USAGE for one whose file is
 * refused. 0 for a name that nobody knows: registrar_open has the words for that. */
int provider_set_may_use(const struct provider_set *s, const char *name, struct err *e);
/* Keeps the user's word for this provider as its file is now. */
int provider_set_confirm(struct provider_set *s, const struct registrar *r, int64_t now_ms,
			 struct err *e);

/* True when a person changes the zone: `provider: manual`, or --by-hand. */
bool provider_of_project_is_by_hand(const struct flow *f);
/* To a refusal of the account: that the same can be done by hand, with the command for it. `step`
 * is the command ("stage"). Other errors stay as they are. */
void provider_offer_by_hand(const struct flow *f, const char *step, struct err *e);

struct provider;
/* A session with the provider that the project names, for this zone (copied); secrets are
 * resolved here and wiped when it is closed. By hand it is `manual`, in the words of the panel that
 * the project, the provider or the zone's name servers tell. ERR_USAGE when the project names
 * none. */
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
