/*
 * oauth.h - the texts of OAuth 2 (RFC 6749): what is posted to a token endpoint, and what its
 * answers mean. Pure: no network, no clock of its own.
 *
 * Forms hold secrets: build them in a buffer that is wiped (oauth_form_init, oauth_form_wipe).
 */
#ifndef MIGRATE_AUTH_OAUTH_H
#define MIGRATE_AUTH_OAUTH_H

#include "base/clock.h"
#include "base/secret.h"
#include "base/sign.h"

/* An application as the provider knows it. Everything borrowed. */
struct oauth_app {
	const char *token_url;
	const char *device_url, *authorize_url; /* NULL where the flow is not used */
	const char *client_id;                  /* NULL for a service account */
	const char *scope;
	const struct secret *client_secret; /* or a key, or neither (a public client) */
	const struct sign_key *key;
	const unsigned char *thumbprint; /* SHA-256 of the key's certificate; NULL: not told */
	const char *key_id, *issuer;     /* of a service account: "kid" and "iss"; NULL */
	const char *audience;            /* of assertions; NULL: token_url */
};

/* When and by what chance: assertions carry times and a number that never comes again. */
struct oauth_moment {
	int64_t now_ms;
	const struct rng *rng;
};

/* A buffer with room for any form of ours, so that it never grows. */
void oauth_form_init(struct buf *form);
/* Wipes and releases. */
void oauth_form_wipe(struct buf *form);

/* RFC 6749 §4.4, with a secret or an assertion (RFC 7523 §2.2; PS256, x5t#S256). */
void oauth_form_client(const struct oauth_app *app, const struct oauth_moment *at,
		       struct buf *form);
/* RFC 7523 §2.1: a service account speaks for `subject` (RS256). */
void oauth_form_service_account(const struct oauth_app *app, const char *subject,
				const struct oauth_moment *at, struct buf *form);
/* RFC 6749 §6. */
void oauth_form_refresh(const struct oauth_app *app, const struct secret *refresh,
			const struct oauth_moment *at, struct buf *form);
/* RFC 8628 §3.1 and §3.4. */
void oauth_form_device(const struct oauth_app *app, struct buf *form);
void oauth_form_device_poll(const struct oauth_app *app, const struct secret *device_code,
			    const struct oauth_moment *at, struct buf *form);

/* RFC 7636: a secret that only who began the login knows; and its own answer's mark. */
enum { PKCE_TEXT = 44 };
struct oauth_pkce {
	char verifier[PKCE_TEXT], challenge[PKCE_TEXT], state[PKCE_TEXT];
};
/* S256, 256 bits each. */
void oauth_pkce_make(const struct rng *rng, struct oauth_pkce *pkce_r);
/* Appends the URL that a person opens in a browser. */
void oauth_authorize_url(const struct oauth_app *app, const struct oauth_pkce *pkce,
			 const char *redirect, struct buf *url);
/* What came to the redirect ("/?code=…&state=…"): the code, the caller's. ERR_ACCOUNT when the
 * person or the provider said no, ERR_ITEM for anything that is not the answer to this login. */
int oauth_redirect_parse(struct slice target, const struct oauth_pkce *pkce, struct secret **code_r,
			 struct err *e);
/* The code's exchange for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5). */
struct oauth_code {
	const struct secret *code;
	const struct oauth_pkce *pkce;
	const char *redirect;
};
void oauth_form_code(const struct oauth_app *app, const struct oauth_code *code,
		     const struct oauth_moment *at, struct buf *form);

/* A token endpoint's answer (RFC 6749 §5). */
struct oauth_answer {
	struct secret *access;  /* owned; NULL: it is a refusal */
	struct secret *refresh; /* owned; NULL: none was given */
	int64_t lifetime_s;     /* of the access token; 300 when not told */
	char error[64];         /* "invalid_client"; "" none. Printable, as is the next */
	char description[400];  /* first line only */
};
/* Reads a body. ERR_WORLD when it is no such answer at all. Release it when 0. */
int oauth_answer_parse(struct slice body, struct oauth_answer *answer_r, struct err *e);
/* Wipes the tokens. */
void oauth_answer_release(struct oauth_answer *a);
/* Says in words what a refusal means and what to do; returns -1. ERR_ACCOUNT, or ERR_RETRY for
 * what passes (temporarily_unavailable). */
int oauth_refusal(const struct oauth_answer *a, const char *token_url, struct err *e);

/* A device endpoint's answer (RFC 8628 §3.2). */
struct oauth_device {
	struct secret *code; /* owned */
	char user_code[64];
	char url[512]; /* printable */
	int64_t expires_s, interval_s;
};
/* As oauth_answer_parse; a refusal is the error of oauth_refusal. */
int oauth_device_parse(struct slice body, const char *url, struct oauth_device *device_r,
		       struct err *e);
/* Wipes the code. */
void oauth_device_release(struct oauth_device *d);

/* When to ask whether the person has logged in (RFC 8628 §3.5). */
struct oauth_poll {
	int64_t interval_ms, next_ms, ends_ms;
};
enum oauth_poll_step { OAUTH_POLL_DONE, OAUTH_POLL_AGAIN, OAUTH_POLL_REFUSED };
/* The first poll is due one interval behind now_ms (wall clock, as in oauth_poll_take). */
void oauth_poll_begin(struct oauth_poll *p, const struct oauth_device *d, int64_t now_ms);
/* What the answer to a poll means; AGAIN has moved p->next_ms. REFUSED also when the time is
 * over: answer->error is "expired_token" then. */
enum oauth_poll_step oauth_poll_take(struct oauth_poll *p, struct oauth_answer *answer,
				     int64_t now_ms);

#endif
