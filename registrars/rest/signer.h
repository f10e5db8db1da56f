/*
 * signer.h - named signers: what a described request needs and no template can make, such as a
 * signature over its own bytes. A description chooses one by its name and gives it templates; it
 * sees the finished request and adds headers, or makes variables for the login. The same clock and
 * randomness give the same bytes. Only for this folder.
 */
#ifndef REGISTRARS_REST_SIGNER_H
#define REGISTRARS_REST_SIGNER_H

#include "registrars/rest/desc.h"
#include "registrars/rest/vars.h"

enum { SIGNER_HEADERS_MAX = 4, SIGNER_PARAMS_MAX = 3 };

/* What a signer sees; all of it borrowed for the call. */
struct signing {
	const struct desc_signer *desc;
	const struct vars *vars; /* the session's, secrets among them */
	int64_t now_s;           /* the provider's time, as far as it was asked for */
	const struct rng *rng;
	bool is_login; /* the request is the description's login */
	const char *method, *url;
	struct slice body;
};

/* The values may be secrets: the caller wipes and releases the first `n`. */
struct signed_headers {
	size_t n;
	const char *names[SIGNER_HEADERS_MAX]; /* static */
	struct buf values[SIGNER_HEADERS_MAX];
};

struct signer {
	const char *name;
	const char *params[SIGNER_PARAMS_MAX + 1]; /* all of them needed; NULL-terminated */
	const char *makes; /* a variable of begin() that is a credential; NULL */
	bool needs_time;   /* the description says how it is asked for */
	bool needs_login;  /* it has nothing to do without one */
	/* Once before each login: makes variables in `to`, their texts in the arena. NULL: nothing.
	 * ERR_USAGE: a parameter is not what it should be. */
	int (*begin)(const struct signing *s, struct arena *a, struct vars *to, struct err *e);
	/* Adds headers to a finished request. NULL: none. */
	int (*sign)(const struct signing *s, struct signed_headers *out, struct err *e);
};

/* All of them, by number from 0 on and in the order of their names; NULL behind the last. */
const struct signer *signer_at(unsigned i);

#endif
