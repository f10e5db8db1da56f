/*
 * refusal.h - what a server means when it says no: a code where it gives one, else its
 * words. The one place that knows servers' phrases; policy reads the error's kind.
 */
#ifndef MIGRATE_REFUSAL_H
#define MIGRATE_REFUSAL_H

#include "migrate/conn.h"

enum refusal {
	REFUSAL_ITEM,       /* no to this one command */
	REFUSAL_BUSY,       /* passes by itself: a restart, a lock, an expired token */
	REFUSAL_THROTTLED,  /* we are too fast, or too many; with or without a time */
	REFUSAL_DAY_QUOTA,  /* the account's bytes of this day are used up */
	REFUSAL_FULL,       /* the mailbox has no room */
	REFUSAL_PERMISSION, /* no licence, no right, IMAP switched off */
	REFUSAL_SESSION,    /* what was a login is none any more: a token or password ended */
};

/* Which of them; *wait_ms_r is the time that the server names, 0 when it names none. */
enum refusal refusal_of(const struct conn_answer *a, int64_t *wait_ms_r);
/* The server's own trouble (a full disk, a bug), whatever it was asked for: to ask for something
 * else instead would not help. */
bool refusal_is_servers_own(const struct conn_answer *a);
/* A CREATE that was refused only because the folder is there. */
bool refusal_says_exists(const struct conn_answer *a);
/* The error of an answer that is not OK, from the server `name`; -1. Kinds: ERR_WAIT for a
 * throttle (until_ms 0 when no time was named: the policy chooses one), ERR_RETRY, ERR_MAILBOX,
 * ERR_ACCOUNT, and ERR_ITEM when it is about this command only. */
int refusal_err(const char *name, const struct clock *clock, const struct conn_answer *a,
		struct err *e);
/* A login that failed as ERR_ACCOUNT or ERR_RETRY: `line` is the server's last one. When it is
 * no word about the password but a throttle, a full day or a switched-off service, *e becomes
 * that, its text kept. */
void refusal_of_login(const char *line, const struct clock *clock, struct err *e);

#endif
