/*
 * secret.h - a password, key or token: it cannot be formatted by accident, and its
 * bytes are wiped when it goes. (Core dumps are switched off in cli_main.)
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/str.h"

struct secret;

/* Copies the bytes; a NUL byte inside is kept. */
struct secret *secret_new(struct slice bytes);
/* Wipes and frees; takes NULL. */
void secret_free(struct secret *s);
/* The bytes, NUL-terminated, for the one call that needs them; valid until
 * secret_free. Never store, log or format them. */
struct slice secret_expose(const struct secret *s);
/* True for NULL too: no secret and an empty one are the same to a login. */
bool secret_is_empty(const struct secret *s);
/* Puts "***" where the text holds the secret, or a line of it that is no word of every day (four
 * octets at least); what follows moves up, and the text never grows. For what others say that know
 * the secret: only the very bytes are found, no encoding of them. NULL or empty: nothing. */
void secret_redact(const struct secret *s, char *text);
/* Overwrites memory in a way the compiler keeps. */
void secret_wipe(void *p, size_t len);

#endif
