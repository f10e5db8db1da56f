/*
 * session.h - what the files of this provider share. Private to the provider.
 */
#ifndef REGISTRARS_RFC2136_SESSION_H
#define REGISTRARS_RFC2136_SESSION_H

#include "registrars/registrar.h"
#include "registrars/rfc2136/reply.h"

struct session {
	const struct registrar_host *host; /* borrowed */
	struct arena *arena;               /* owned; the session's texts */
	const char *zone;                  /* canonical */
	const char *server;
	bool has_key;
	struct tsig_key key;
	struct secret *bytes; /* owned; the decoded secret */
};

/* A request without a signature, and what it is. */
struct exchange {
	struct slice request;
	uint8_t opcode;
	bool writes;
};
/* Signs (with a key), sends, and checks the answer, which is the arena's. *sent_r tells
 * whether the request may have left the process: then the outcome of a write is open. NULL
 * with *e: no trustworthy answer; a refusal by the server is an answer, its rcode tells. */
const struct message *session_exchange(const struct session *s, struct arena *a,
				       const struct exchange *x, bool *sent_r, struct err *e);
/* A fresh random message id (from the host's rng): one that can be guessed helps a forger. */
uint16_t session_id(const struct session *s);

/* The zone by AXFR (RFC 5936), always to its end; kept is what is at some names (NULL: all), and
 * the SOA. */
int transfer_zone(const struct session *s, struct arena *a, const struct registrar_names *only,
		  const struct zone **zone_r, struct err *e);

#endif
