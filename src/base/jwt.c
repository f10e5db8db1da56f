/*
 * Made by hand, for a library of JOSE would be there for three lines: two JSON texts in base64url
 * and a signature over both. Nothing here reads a token; those that come back are opaque.
 */
#include "base/jwt.h"

#include "base/secret.h"

static void add_part(struct buf *jwt, struct js *take_part)
{
	struct buf text;
	buf_init(&text);
	js_write(take_part, 0, &text);
	js_free(take_part);
	base64url_encode(jwt, buf_slice(&text));
	buf_release(&text);
}

/* What is signed is what stands before the second dot, so it is put together apart from `out`. */
void jwt_write(const struct sign_key *key, enum sign_alg alg, struct js *take_header,
	       struct js *take_claims, struct buf *out)
{
	static const char *const names[] = {
		[SIGN_RS256] = "RS256", [SIGN_PS256] = "PS256", [SIGN_RS512] = "RS512"
	};
	struct buf jwt;
	struct buf signature;
	buf_init(&jwt);
	buf_init(&signature);
	js_set_str(take_header, "alg", names[alg]);
	add_part(&jwt, take_header);
	buf_addc(&jwt, '.');
	add_part(&jwt, take_claims);
	sign_message(key, alg, buf_slice(&jwt), &signature);
	buf_addc(&jwt, '.');
	base64url_encode(&jwt, buf_slice(&signature));
	buf_add(out, jwt.at, jwt.len);
	secret_wipe(jwt.at, jwt.cap);
	buf_release(&jwt);
	buf_release(&signature);
}
