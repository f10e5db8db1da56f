/*
 * probe.h - the conversation of a recipient probe (RFC 5321 §3.3) without its connection:
 * EHLO, MAIL, RCPT for each address, RSET, QUIT; never DATA. Bytes in, bytes out, answers.
 *
 * MAIL and the RCPTs of a transaction go together where PIPELINING (RFC 2920) is offered.
 */
#ifndef MIGRATE_SMTP_PROBE_H
#define MIGRATE_SMTP_PROBE_H

#include "base/arena.h"
#include "migrate/smtp/verdict.h"

enum { SMTP_PROBE_BATCH = 20 }; /* recipients a transaction */

struct smtp_answer {
	const char *address; /* borrowed from the caller */
	bool answered;
	enum smtp_verdict verdict;
	const char *reply; /* "550 5.1.1 unknown", printable, one line; the arena's */
};

struct smtp_probe_opts {
	const char *helo;
	const char *mail_from; /* "" for <> */
	bool greeted;          /* the greeting was read by someone else */
};

struct smtp_probe;

/* Asks for all answers that are not `answered` yet; they are filled in place and must live
 * as long as the probe, as must the arena and the strings of `opts`. Addresses that cannot
 * be written in a command are answered at once (inconclusive), and never sent. */
struct smtp_probe *smtp_probe_new(struct arena *a, const struct smtp_probe_opts *opts,
				  struct smtp_answer *answers, size_t n);
/* Takes NULL; the answers and the arena stay their owner's. */
void smtp_probe_free(struct smtp_probe *p);

/* The server's bytes. -1: it speaks no SMTP (ERR_WORLD), the conversation is over. */
int smtp_probe_feed(struct smtp_probe *p, struct slice bytes, struct err *e);
/* What is to be sent now; empty while an answer is awaited. */
struct slice smtp_probe_pending(const struct smtp_probe *p);
/* `len` bytes of smtp_probe_pending went out. */
void smtp_probe_sent(struct smtp_probe *p, size_t len);
/* Nothing more to say or to hear: all answered, or the server ended it (421). */
bool smtp_probe_done(const struct smtp_probe *p);
/* How many whole replies came: whoever keeps the time counts these, not octets. */
size_t smtp_probe_replies(const struct smtp_probe *p);
/* The last reply, for when it ended before all were answered; "" for none. */
const char *smtp_probe_last(const struct smtp_probe *p);

/* True when the address can stand between "<" and ">" of a command as it is: ASCII without
 * blanks, controls and angle brackets, an "@" inside, not over 254 bytes. */
bool smtp_address_sendable(const char *address);

#endif
