/*
 * reply.h - is this the answer to what was asked, is it the server's, and what does its
 * refusal mean. Private to the provider.
 */
#ifndef REGISTRARS_RFC2136_REPLY_H
#define REGISTRARS_RFC2136_REPLY_H

#include "registrars/rfc2136/tsig.h"

enum {
	RCODE_NOERROR = 0,
	RCODE_SERVFAIL = 2,
	RCODE_NXDOMAIN = 3,
	RCODE_YXDOMAIN = 6,
	RCODE_YXRRSET = 7,
	RCODE_NXRRSET = 8,
};

struct reply_ask {
	uint16_t id;
	uint8_t opcode;
	struct tsig_state *tsig; /* NULL: unsigned */
};

/* Parses one reply and checks id, direction, opcode and signature. NULL with *e: the bytes
 * are no trustworthy answer. A refusal by the server is a message, its rcode tells. */
const struct message *reply_check(struct arena *a, const struct reply_ask *ask, struct slice wire,
				  struct err *e);
/* What an rcode other than NOERROR means and what to do, as *e; returns -1. */
int reply_explain(const struct message *m, const char *zone, struct err *e);

#endif
