/*
 * xmlapi.h - one command of Namecheap's XML API and its answer: who asks goes with every one of
 * them, HTTP 200 says nothing, and 405 means too many. Only for this folder.
 */
#ifndef REGISTRARS_NAMECHEAP_XMLAPI_H
#define REGISTRARS_NAMECHEAP_XMLAPI_H

#include "base/xml.h"
#include "registrars/registrar.h"

struct xmlapi {
	const struct registrar_host *host; /* borrowed */
	const char *url;                   /* ends with /xml.response */
	const char *api_user, *user_name, *client_ip;
	const struct secret *key; /* borrowed */
};

enum xmlapi_verdict {
	XMLAPI_OK,
	XMLAPI_REFUSED, /* nothing was done */
	XMLAPI_LIMIT,   /* too many requests: nothing was done */
	XMLAPI_UNKNOWN, /* of a command that writes: it may have been done */
};

struct xmlapi_command {
	const char *name;  /* behind "namecheap." */
	struct slice form; /* its own parameters */
	bool writes;
};

/* Sends it once. XMLAPI_OK: *response_r is the element CommandResponse, in the arena. Otherwise *e
 * says what the API said and what to do. */
enum xmlapi_verdict xmlapi_once(const struct xmlapi *x, struct arena *a,
				const struct xmlapi_command *command, const struct xml **response_r,
				struct err *e);
/* The same for a command that only reads: waits and asks again when it was too many requests. */
int xmlapi_read(const struct xmlapi *x, struct arena *a, const struct xmlapi_command *command,
		const struct xml **response_r, struct err *e);
/* Waits before the next try, longer each time; `tries` counts from 0. -1: that were enough tries,
 * and *e stays what the API said; or the wait was cancelled. */
int xmlapi_wait(const struct xmlapi *x, unsigned tries, struct err *e);

#endif
