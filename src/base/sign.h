/*
 * sign.h - RSA signatures, as JSON web tokens have them (RFC 7515, RFC 7518 §3.3 and §3.5), and
 * the thumbprint of a certificate, by OpenSSL.
 */
#ifndef BASE_SIGN_H
#define BASE_SIGN_H

#include "base/digest.h"

/* RS256, RS512: PKCS #1 v1.5 over SHA-256 or SHA-512; PS256: PSS, salt as long as the hash. */
enum sign_alg { SIGN_RS256, SIGN_PS256, SIGN_RS512 };

/* A private key; wiped when it is freed. Any number of threads may sign with it. */
struct sign_key;

/* Reads the first private key of a PEM text (PKCS #8 or PKCS #1), certificates before or after
 * it are passed over. ERR_USAGE: none, encrypted, no RSA, under 2048 bits. */
int sign_key_read(struct slice pem, struct sign_key **key_r, struct err *e);
/* Takes NULL. */
void sign_key_free(struct sign_key *k);
/* Appends the signature of the message, raw. */
void sign_message(const struct sign_key *k, enum sign_alg alg, struct slice message,
		  struct buf *out);

/* SHA-256 of the first certificate of a PEM text, of its DER (RFC 7515 §4.1.8). ERR_USAGE: there
 * is none, or it is not the key's (`k` may be NULL). */
int sign_thumbprint(struct slice pem, const struct sign_key *k, unsigned char out[SHA256_LEN],
		    struct err *e);

/* Appends base64url without padding (RFC 7515 §2). */
void base64url_encode(struct buf *out, struct slice s);

#endif
