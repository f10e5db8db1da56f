/*
 * transfer.h - a question whose answer is many messages (RFC 5936 §2.2), over a TCP connection of
 * its own, beside all that the engine does. Only for dns/.
 */
#ifndef DNS_TRANSFER_H
#define DNS_TRANSFER_H

#include "dns/engine.h"

struct dns_transfer;

struct dns_transfer_opts {
	const char *address; /* as in a dns_ask */
	struct dns_question question;
	int limit_ms; /* for all of it */
	/* Each message that has the question's ID, of at least a header's length; valid in the
	 * call. True while more is wanted. Must not abandon. */
	bool (*message)(void *ctx, struct slice wire);
	/* Called once, from a turn of the engine: no more is wanted or comes, the time is over,
	 * there is no connection, or what came was no message. The transfer is freed then. */
	void (*ended)(void *ctx);
	void *ctx;
};
/* Copies the options; the texts are needed in this call only. NULL when it cannot begin (this
 * machine has no way there, or no free descriptor; *e says why): nothing is called then. */
struct dns_transfer *dns_transfer_begin(struct dns_engine *en, const struct dns_transfer_opts *opts,
					struct err *e);
/* Gives it up, without a call of `ended`. Takes NULL; not from within `message`. */
void dns_transfer_abandon(struct dns_transfer *t);

#endif
