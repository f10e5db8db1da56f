/*
 * rcpt.h - asks a mail exchanger whether it would take mail for an address
 * (RFC 5321 §4.1.1.3), without sending any: EHLO, STARTTLS when offered, MAIL, RCPT,
 * RSET, QUIT; never DATA.
 */
#ifndef MIGRATE_RCPT_H
#define MIGRATE_RCPT_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "io/cancel.h"

enum rcpt_verdict { RCPT_ACCEPTED, RCPT_REJECTED, RCPT_INCONCLUSIVE };

struct rcpt_probe {
	const char *address;
	enum rcpt_verdict verdict; /* filled */
	const char *reply;         /* filled: "250 2.1.5 Ok", printable, arena's */
};

struct rcpt_opts {
	const char *host;       /* MX name */
	const char *connect_to; /* its address */
	uint16_t port;          /* 25 */
	const char *mail_from;  /* envelope sender, or "" for <> */
	const char *helo;
	const char *ca_file;
	int timeout_ms; /* for connecting, and for each whole reply */
	const struct clock *clock;
	const struct rng *rng; /* makes the control address */
	const struct cancel *cancel;
	struct log *log;
};

struct rcpt_report {
	bool connected;
	const char *banner;     /* first line; arena's */
	bool tls, tls_verified; /* offered; not verified: the probe went on without TLS */
	bool accepts_random;    /* the control address was taken: "accepted" proves nothing */
	bool rejects_random;    /* it was refused: "accepted" is said of some and not of others */
	const char *control;    /* the control address used */
	const char *control_reply; /* "" when it was not answered: nothing is known */
	int64_t at_ms;
};

/* Probes all addresses of one domain over one connection (a new one when the server
 * closes it, as long as each brings answers). A permanent refusal that is about us and not
 * about the recipient (5.7.x, block lists) is inconclusive, as is every 4xx, silence, and what
 * did not come in time: a whole reply in the timeout, all of the talk in four timeouts and a tenth
 * of one for each address.
 * Without any address (n == 0) it connects and says who it is, no more: `connected`, `banner` and
 * `tls` are told, and no control address is asked for.
 * Report and probes are filled also on -1: could not connect (ERR_WORLD), interrupted. */
int rcpt_probe(struct arena *a, const struct rcpt_opts *opts, struct rcpt_probe *probes, size_t n,
	       struct rcpt_report *report_r, struct err *e);

#endif
