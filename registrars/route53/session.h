/* session.h - what a session with Route 53 knows. Only for this folder. */
#ifndef REGISTRARS_ROUTE53_SESSION_H
#define REGISTRARS_ROUTE53_SESSION_H

#include "base/vec.h"
#include "registrars/registrar.h"
#include "registrars/route53/record.h"

enum { PACE = 5, PACE_MS = 1000 }; /* requests of an account in a time: the vendor's limit */

struct session {
	const struct registrar_host *host; /* borrowed */
	struct arena *arena;               /* owned */
	const char *zone;                  /* canonical */
	const char *base_url;              /* no slash at the end; its host in lower case */
	const char *region;
	struct secret *key_id, *key, *token; /* owned; token: NULL without */
	const char *zone_id;                 /* NULL until it is found */
	bool zone_checked;                   /* it is there, it is public, it has our name */
	int64_t sent_ms[PACE];               /* monotonic: when the last requests left, in turn */
	size_t sent_n;                       /* of all */
	/* How Route 53 spells RRsets that it would not get back by our own spelling. */
	VEC(struct record) spellings;
};

#endif
