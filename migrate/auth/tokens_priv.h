/*
 * tokens_priv.h - what tokens.c and tokens_person.c share.
 */
#ifndef MIGRATE_AUTH_TOKENS_PRIV_H
#define MIGRATE_AUTH_TOKENS_PRIV_H

#include "migrate/auth/tokens.h"

/* POSTs the form and reads the answer; a refusal is an answer. Release it when 0. */
int tokens_exchange(const struct token_opts *o, struct buf *form, struct oauth_answer *answer_r,
		    struct err *e);
/* POSTs the form; the body as it came, and the error of a status that is no answer. */
int tokens_post(const struct token_opts *o, const char *url, const struct buf *form,
		struct token_reply *reply_r, struct err *e);
/* By a person: device code, or authorization code. Both block until the person has done it, said
 * no, or the time is over. A refusal is the error. */
int tokens_device_login(const struct token_opts *o, struct oauth_answer *answer_r, struct err *e);
int tokens_browser_login(const struct token_opts *o, struct oauth_answer *answer_r, struct err *e);
/* Wall clock and chance for an assertion. */
struct oauth_moment tokens_moment(const struct token_opts *o);

#endif
