/*
 * lineends.h - the hash of a message in which all line ends are made even.
 *
 * Servers store lines as they like: Dovecot keeps LF and gives CRLF, so that CR CR LF comes
 * back as CR LF; others turn a bare CR into a line end, or end a last line that had none.
 * Such a message did arrive, and must be known again: its bytes differ, this hash does not.
 *
 * Even: a run of CRs, with or without an LF behind, is one CRLF; so is a bare LF; a last line
 * without an end gets one. All else, empty lines too, stays as it is.
 */
#ifndef MIGRATE_LINEENDS_H
#define MIGRATE_LINEENDS_H

#include "base/digest.h"

/* Of one message; starts as zero. */
struct lineends {
	bool cr;   /* in a run of CRs, not hashed yet */
	bool open; /* in a line */
};
/* The next bytes of the message, cut anywhere, into the hash. */
void lineends_add(struct lineends *le, struct slice s, struct sha256 *h);
/* The message is over; ready for the next one. */
void lineends_finish(struct lineends *le, struct sha256 *h, unsigned char sha_r[SHA256_LEN]);

#endif
