/*
 * jwt.h - a signed JSON web token in its compact form (RFC 7519, RFC 7515 §7.1).
 */
#ifndef BASE_JWT_H
#define BASE_JWT_H

#include "base/json.h"
#include "base/sign.h"

/* Appends "HEADER.CLAIMS.SIGNATURE". Both objects are taken over; "alg" of the header is set here,
 * to the algorithm's name. The token is a credential: the caller wipes it. */
void jwt_write(const struct sign_key *key, enum sign_alg alg, struct js *take_header,
	       struct js *take_claims, struct buf *out);

#endif
