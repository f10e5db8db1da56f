/*
 * send.h - the requests of a write, one after the other, each with the job that it leaves behind.
 * Only for this folder.
 */
#ifndef REGISTRARS_REST_SEND_H
#define REGISTRARS_REST_SEND_H

#include "registrars/rest/exchange.h"

/* What was sent for one apply. */
struct sending {
	struct rest *r;
	struct arena *a;
	unsigned done; /* requests that succeeded, their jobs too */
	bool unknown;  /* of one nobody knows */
	bool once;     /* one that comes too early is not sent again: */
	bool limited;  /* so it was, and for so long (answer.wait_ms) */
	int64_t wait_ms;
};

/* Which of the steps apply: some APIs set TTL and values apart. */
struct difference {
	bool ttl, values;
};

/* Sends them in order, until one fails; `differs` NULL: all of them. */
int send_steps(struct sending *w, const struct desc_steps *steps, const struct difference *differs,
	       const struct body_scope *scope, struct err *e);

#endif
