/*
 * tsig.h - transaction signatures of DNS messages (RFC 8945): signs a request, verifies
 * the answer, be it one message or the many of a transfer. Private to the provider.
 */
#ifndef REGISTRARS_RFC2136_TSIG_H
#define REGISTRARS_RFC2136_TSIG_H

#include "base/clock.h"
#include "base/digest.h"
#include "base/secret.h"
#include "registrars/rfc2136/message.h"

struct tsig_key {
	const char *name;      /* canonical */
	const char *algorithm; /* "hmac-sha256." */
	enum hmac_hash hash;
	struct slice name_wire, algorithm_wire; /* in the session's arena */
	const struct secret *bytes;             /* decoded; borrowed */
};

/* Fills all but `bytes`. `algorithm` as people write it: "hmac-sha256"; ERR_USAGE. */
int tsig_key_init(struct arena *a, const char *name, const char *algorithm, struct tsig_key *key_r,
		  struct err *e);

/* What links the messages of one exchange. */
struct tsig_state {
	const struct tsig_key *key;
	const struct clock *clock;
	bool first;         /* the next signed answer is the first */
	struct buf mac;     /* of the message before */
	struct buf waiting; /* answers without a signature of their own (§5.3.1) */
	unsigned waiting_n;
};
/* Begins one exchange; key and clock are borrowed for as long as the state lives. */
void tsig_init(struct tsig_state *s, const struct tsig_key *key, const struct clock *clock);
/* Frees the two buffers; the key stays its owner's. */
void tsig_release(struct tsig_state *s);

/* Appends the TSIG record (§4.2) to a whole message without one and raises its ARCOUNT. The
 * MAC is kept: the answer's covers it. */
void tsig_sign(struct tsig_state *s, struct buf *message);

/* What the signed answer itself says of our signature. */
struct tsig_verdict {
	unsigned error;   /* the TSIG record's error field: 0, or 18 BADTIME */
	int64_t server_s; /* with BADTIME: the server's clock, seconds since 1970 */
};
/* 0: the message is signed by the key and fresh (with BADTIME the freshness is the caller's
 * to judge). A message in the middle of a transfer may have no signature: 0 too, and
 * s->waiting_n > 0 until the next signed one. -1 with ERR_ACCOUNT (BADKEY, BADSIG: the
 * server does not take our key) or ERR_WORLD (no or a wrong signature, a wrong time). */
int tsig_verify(struct tsig_state *s, struct slice wire, const struct message *m,
		struct tsig_verdict *verdict_r, struct err *e);

#endif
