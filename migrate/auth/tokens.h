/*
 * tokens.h - who keeps the access tokens of one side and makes new ones in time.
 *
 * A token is made when one is wanted and none is there, or the one that is there ends soon.
 * Any number of threads ask; for the same user only one of them goes to the endpoint, the
 * others wait for what it brings. What was refused for good is not asked again at once: three
 * hundred mailboxes must not bring three hundred refusals, or ask a person so often.
 */
#ifndef MIGRATE_AUTH_TOKENS_H
#define MIGRATE_AUTH_TOKENS_H

#include "base/log.h"
#include "io/cancel.h"
#include "migrate/auth/oauth.h"

enum token_method {
	TOKEN_CLIENT,             /* client credentials */
	TOKEN_SERVICE_ACCOUNT,    /* one a user: "sub" */
	TOKEN_DEVICE_CODE,        /* a person, in any browser */
	TOKEN_AUTHORIZATION_CODE, /* a person, in a browser on this machine */
	TOKEN_GIVEN,              /* somebody else makes them */
};

/* What an endpoint answered. */
struct token_reply {
	int status;
	int64_t retry_after_s; /* 0: not told */
	struct buf body;       /* the callee's init, wiped and released by the asker */
};

/* What a person is asked to do. A login is under way while it is shown. */
struct token_ask {
	const char *url;
	const char *code;   /* to type there; NULL: the browser comes back by itself */
	int64_t expires_ms; /* wall clock */
};

/* Everything borrowed; functions are called by any thread, one at a time for each user. */
struct token_opts {
	enum token_method method;
	const char *side; /* "source", "target": for messages */
	struct oauth_app app;
	const struct clock *clock;
	const struct rng *rng;
	struct log *log;
	const struct cancel *cancel;
	/* POSTs a form; -1 with *e when there is no answer. */
	int (*post)(void *ctx, const char *url, struct slice form, struct token_reply *reply_r,
		    struct err *e);
	/* TOKEN_GIVEN: the token as it is now; the caller's. */
	int (*given)(void *ctx, struct secret **token_r, struct err *e);
	/* Tells a person; NULL: nobody is there, and a login that needs one fails. */
	void (*ask)(void *ctx, const struct token_ask *ask);
	/* The refresh token of an earlier run (NULL: none), and the place for the next one;
	 * both may be NULL. */
	struct secret *(*load)(void *ctx);
	void (*save)(void *ctx, const struct secret *refresh);
	void *ctx;
	uint16_t redirect_port; /* TOKEN_AUTHORIZATION_CODE; 0: any that is free */
};

struct token_source;
/* Copies the struct, not what it points at. Asks nobody yet. */
struct token_source *token_source_new(const struct token_opts *opts);
/* Wipes the tokens; no thread may be in it. Takes NULL. */
void token_source_free(struct token_source *s);

/* A token for this user's mailbox that is good for a while; a copy, the caller's. ERR_ACCOUNT: the
 * provider refused, in its words and ours; ERR_WAIT, ERR_RETRY, ERR_WORLD, ERR_REFUSED,
 * ERR_CANCELLED: as io/http_call. */
int token_source_get(struct token_source *s, const char *user, struct secret **token_r,
		     struct err *e);
/* The mail server did not take this token: the next get makes a new one, unless somebody has
 * made one since. */
void token_source_refused(struct token_source *s, const char *user, const struct secret *token);

#endif
