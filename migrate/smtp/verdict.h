/*
 * verdict.h - what an answer to RCPT says about the recipient, and what it says only about
 * us, the asker.
 */
#ifndef MIGRATE_SMTP_VERDICT_H
#define MIGRATE_SMTP_VERDICT_H

#include "migrate/smtp/reply.h"

enum smtp_verdict {
	SMTP_ACCEPTED,
	SMTP_REJECTED,     /* this recipient, or this domain, is not taken here */
	SMTP_INCONCLUSIVE, /* not now, or not from us */
};

/* Of the whole reply to one RCPT command. */
enum smtp_verdict smtp_verdict_of(const struct smtp_reply *rcpt_reply);

#endif
