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

/* One exchange from a request without a signature to an answer that has been checked.
 * *sent_r is set once the request may have left the process. */
struct exchange {
	struct slice request;
	uint8_t opcode;
	bool writes;
};
const struct message *session_exchange(const struct session *s, struct arena *a,
				       const struct exchange *x, bool *sent_r, struct err *e);
uint16_t session_id(const struct session *s);

/* The whole zone by AXFR (RFC 5936). */
int transfer_zone(const struct session *s, struct arena *a, const struct zone **zone_r,
		  struct err *e);

#endif
