/*
 * totp.h - codes that end after half a minute (RFC 6238), and the login step that sends one. Only
 * for this folder.
 */
#ifndef REGISTRARS_REST_TOTP_H
#define REGISTRARS_REST_TOTP_H

#include "registrars/rest/exchange.h"

enum { TOTP_DIGITS = 6, TOTP_STEP_MS = 30 * 1000 };

/* The code of this moment; the secret is base32 (RFC 4648 §6), in either case, blanks and padding
 * ignored. ERR_USAGE when it is none. */
int totp_code(struct slice base32, int64_t now_ms, char code[TOTP_DIGITS + 1], struct err *e);

/* The described second factor, when the session has the secret. A code that is refused may have
 * been used already: the next one is waited for and tried, once. */
int totp_login(struct rest *r, struct err *e);

#endif
