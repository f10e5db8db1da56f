/* exchange.h - one signed request to Route 53 and its answer. Only for this folder. */
#ifndef REGISTRARS_ROUTE53_EXCHANGE_H
#define REGISTRARS_ROUTE53_EXCHANGE_H

#include "registrars/route53/session.h"

struct exchange {
	const char *method;
	const char *path;  /* behind the base URL, encoded: "/2013-04-01/…" */
	const char *query; /* encoded by sigv4_encode, sorted by name; "" */
	struct slice body; /* XML; empty for none */
	const char *wants; /* the element that a good answer is */
	bool writes;
};

enum exchange_end {
	EXCHANGE_OK,
	EXCHANGE_REFUSED, /* *e says why; nothing was changed */
	EXCHANGE_UNKNOWN, /* a write, of which *e tells why nobody knows */
};

/* Sends it at the vendor's pace; waits and sends again what was too early, and a read that failed.
 * *root_r is the arena's. */
enum exchange_end route53_exchange(struct session *s, struct arena *a, const struct exchange *x,
				   const struct xml **root_r, struct err *e);

#endif
