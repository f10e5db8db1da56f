/*
 * digest.h - SHA-256 and SHA-1 (FIPS 180-4), HMAC (RFC 2104), base64 and hex, by
 * OpenSSL; and randomness as an argument.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/buf.h"

enum { SHA256_LEN = 32, SHA256_HEX_LEN = 64 };

/* Running hash; one thread. */
struct sha256;
/* Ready for the first message; freed by sha256_free. Never NULL: the program ends when OpenSSL
 * has no memory. */
struct sha256 *sha256_new(void);
/* Takes NULL. */
void sha256_free(struct sha256 *h);
/* More bytes of the message; in what pieces they come makes no difference. */
void sha256_add(struct sha256 *h, const void *p, size_t len);
/* Writes the digest and makes the hash ready for the next message. */
void sha256_finish(struct sha256 *h, unsigned char out[SHA256_LEN]);

/* The digest of the slice's bytes. */
void sha256_of(struct slice s, unsigned char out[SHA256_LEN]);
/* Lower-case hex with termination. */
void hex_encode(const unsigned char *p, size_t len, char *text);
/* "…" as 64 hex digits of the slice's SHA-256. */
void sha256_hex_of(struct slice s, char text[SHA256_HEX_LEN + 1]);

enum { SHA1_HEX_LEN = 40 };
/* SHA-1 as 40 hex digits, for protocols that still sign so (OVH's): nothing new rests on it. */
void sha1_hex_of(struct slice s, char text[SHA1_HEX_LEN + 1]);

/* The authentication code of the message by the key. */
void hmac_sha256(struct slice key, struct slice message, unsigned char out[SHA256_LEN]);

/* HMAC over any of these (FIPS 180-4), for protocols that let a key choose: TSIG. */
enum hmac_hash { HMAC_SHA1, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512 };
enum { HMAC_MAX = 64 };
/* The code's length: 20, 32, 48 or 64. */
size_t hmac_len(enum hmac_hash hash);
/* Fills the first hmac_len(hash) bytes of `out` and leaves the rest alone (RFC 2104). */
void hmac_of(enum hmac_hash hash, struct slice key, struct slice message,
	     unsigned char out[HMAC_MAX]);
/* Equal or not, in a time that does not depend on where they differ. */
bool digest_equal(const void *a, const void *b, size_t len);

/* Appends padded base64, no line ends (RFC 4648 §4). */
void base64_encode(struct buf *out, struct slice s);
/* False on anything that is not padded base64 (RFC 4648 §4); line ends not allowed. */
bool base64_decode(struct buf *out, struct slice s);

/* Injectable randomness, so that any failure can be replayed. */
struct rng {
	void (*fill)(void *ctx, void *p, size_t len);
	void *ctx;
};
/* The system's; any thread. */
const struct rng *rng_system(void);
/* Eight bytes of it as a number, evenly spread. Threads: as the generator allows. */
uint64_t rng_u64(const struct rng *r);
/* A stock of another generator's bytes, in the same order, for who wants a few very often: the
 * system's costs microseconds a call. Not across fork, where both sides would have the same
 * stock. One thread. */
struct rng_pool {
	struct rng rng;
	const struct rng *from; /* borrowed */
	size_t left;
	unsigned char bytes[1024];
};
/* `p` must not move afterwards: its rng points to it. */
void rng_pool_init(struct rng_pool *p, const struct rng *from);
/* A deterministic one for tests (splitmix64); one thread. */
struct seeded_rng {
	struct rng rng;
	uint64_t state;
};
/* The same seed gives the same bytes on every machine. `s` must not move afterwards: its rng
 * points to it. */
void seeded_rng_init(struct seeded_rng *s, uint64_t seed);

#endif
