/*
 * reply.h - SMTP replies from bytes, however they are split (RFC 5321 §4.2). No socket,
 * no clock.
 */
#ifndef MIGRATE_SMTP_REPLY_H
#define MIGRATE_SMTP_REPLY_H

#include "base/buf.h"
#include "base/err.h"

enum {
	SMTP_LINE_MAX = 2048, /* §4.5.3.1.5 says 512; the world says more */
	SMTP_LINES_MAX = 200, /* of one reply */
};

struct smtp_reply {
	int code;        /* 200..599 */
	struct buf text; /* the lines without their code, '\n' between them */
};

struct smtp_parser {
	struct smtp_reply reply; /* owned; whole when smtp_parser_feed returned 1 */
	struct buf line;         /* owned */
	size_t lines;            /* of the reply so far */
	bool whole;
};

/* Ready for the greeting. */
void smtp_parser_init(struct smtp_parser *p);
/* Frees the reply and the half-read line. */
void smtp_parser_release(struct smtp_parser *p);
/* Takes bytes from the front of *bytes up to the end of one reply: 1 it is whole (until the
 * next call), 0 more bytes are needed, -1 this is no SMTP (ERR_WORLD). */
int smtp_parser_feed(struct smtp_parser *p, struct slice *bytes, struct err *e);

/* True when a line after the first begins with this keyword (EHLO, §4.1.1.1). */
bool smtp_reply_offers(const struct smtp_reply *r, const char *keyword);
/* The enhanced status code (RFC 3463) at the text's start: class, subject and detail. */
bool smtp_reply_status(const struct smtp_reply *r, unsigned status_r[3]);

#endif
