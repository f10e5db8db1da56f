/*
 * Thin over OpenSSL's EVP. Nothing from outside can make these calls fail, so a failure
 * means that the library itself is broken: then the process ends rather than go on with
 * a hash that is none.
 */
#include "base/digest.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"

struct sha256 {
	EVP_MD_CTX *ctx; /* owned */
};

/* The only failures of these OpenSSL calls are no memory and no provider. */
static void must(int ok)
{
	if (ok != 1)
		abort();
}

struct sha256 *sha256_new(void)
{
	struct sha256 *h = mem_alloc(sizeof(*h));
	h->ctx = EVP_MD_CTX_new();
	must(h->ctx != NULL);
	must(EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL));
	return h;
}

void sha256_free(struct sha256 *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void sha256_add(struct sha256 *h, const void *p, size_t len)
{
	must(EVP_DigestUpdate(h->ctx, p, len));
}

void sha256_finish(struct sha256 *h, unsigned char out[SHA256_LEN])
{
	must(EVP_DigestFinal_ex(h->ctx, out, NULL));
	must(EVP_DigestInit_ex(h->ctx, NULL, NULL)); /* NULL: the same digest again */
}

void sha256_of(struct slice s, unsigned char out[SHA256_LEN])
{
	must(EVP_Digest(s.ptr, s.len, out, NULL, EVP_sha256(), NULL));
}

void hex_encode(const unsigned char *p, size_t len, char *text)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[p[i] >> 4];
		text[2 * i + 1] = digits[p[i] & 15];
	}
	text[2 * len] = '\0';
}

void sha256_hex_of(struct slice s, char text[SHA256_HEX_LEN + 1])
{
	unsigned char sum[SHA256_LEN];
	sha256_of(s, sum);
	hex_encode(sum, sizeof(sum), text);
}

void sha1_hex_of(struct slice s, char text[SHA1_HEX_LEN + 1])
{
	unsigned char sum[SHA1_HEX_LEN / 2];
	must(EVP_Digest(s.ptr, s.len, sum, NULL, EVP_sha1(), NULL));
	hex_encode(sum, sizeof(sum), text);
}

void hmac_sha256(struct slice key, struct slice message, unsigned char out[SHA256_LEN])
{
	must(HMAC(EVP_sha256(), key.ptr, (int)key.len, (const unsigned char *)message.ptr,
		  message.len, out, NULL) != NULL);
}

/* OpenSSL's name for it; the values are constants and need no freeing. */
static const EVP_MD *hash_of(enum hmac_hash hash)
{
	switch (hash) {
	case HMAC_SHA1: return EVP_sha1();
	case HMAC_SHA384: return EVP_sha384();
	case HMAC_SHA512: return EVP_sha512();
	default: return EVP_sha256();
	}
}

size_t hmac_len(enum hmac_hash hash)
{
	return (size_t)EVP_MD_get_size(hash_of(hash));
}

void hmac_of(enum hmac_hash hash, struct slice key, struct slice message,
	     unsigned char out[HMAC_MAX])
{
	must(HMAC(hash_of(hash), key.ptr, (int)key.len, (const unsigned char *)message.ptr,
		  message.len, out, NULL) != NULL);
}

bool digest_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void base64_encode(struct buf *out, struct slice s)
{
	size_t room = (s.len + 2) / 3 * 4;
	char *to = buf_reserve(out, room + 1);
	int len = EVP_EncodeBlock((unsigned char *)to, (const unsigned char *)s.ptr, (int)s.len);
	buf_added(out, (size_t)len);
}

/* At most two '=': the rest of the check finds a third one, as no letter of the alphabet. */
static size_t padding_of(struct slice s)
{
	size_t pad = 0;
	while (pad < 2 && pad < s.len && s.ptr[s.len - 1 - pad] == '=')
		pad++;
	return pad;
}

bool base64_decode(struct buf *out, struct slice s)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";
	size_t pad = padding_of(s);
	if (s.len % 4 != 0 || s.len > INT32_MAX)
		return false;
	for (size_t i = 0; i + pad < s.len; i++) /* EVP_DecodeBlock skips blanks: we do not */
		if (s.ptr[i] == '\0' || strchr(alphabet, s.ptr[i]) == NULL)
			return false;
	if (s.len == 0)
		return true;
	char *to = buf_reserve(out, s.len / 4 * 3 + 1);
	int len = EVP_DecodeBlock((unsigned char *)to, (const unsigned char *)s.ptr, (int)s.len);
	if (len < 0)
		return false;
	buf_added(out, (size_t)len - pad);
	return true;
}

/* The kernel's generator, which libcrypto's would only be seeded by: making that one ready takes
 * longer than all that an audit needs. No more than 256 bytes a call, which no signal can cut
 * short (getrandom(2)). */
static void system_fill(void *ctx, void *p, size_t len)
{
	unsigned char *to = p;
	(void)ctx;
	while (len > 0) {
		ssize_t n = getrandom(to, len < 256 ? len : 256, 0);
		must(n > 0 || errno == EINTR);
		to += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

const struct rng *rng_system(void)
{
	static const struct rng system_rng = { .fill = system_fill };
	return &system_rng;
}

uint64_t rng_u64(const struct rng *r)
{
	uint64_t v;
	r->fill(r->ctx, &v, sizeof(v));
	return v;
}

/* What was handed out does not stay behind in the stock. */
static void pool_fill(void *ctx, void *p, size_t len)
{
	struct rng_pool *pool = ctx;
	unsigned char *to = p;
	while (len > 0) {
		if (pool->left == 0) {
			pool->from->fill(pool->from->ctx, pool->bytes, sizeof(pool->bytes));
			pool->left = sizeof(pool->bytes);
		}
		size_t n = len < pool->left ? len : pool->left;
		unsigned char *at = pool->bytes + sizeof(pool->bytes) - pool->left;
		memcpy(to, at, n);
		memset(at, 0, n);
		pool->left -= n;
		to += n;
		len -= n;
	}
}

void rng_pool_init(struct rng_pool *p, const struct rng *from)
{
	*p = (struct rng_pool){ .rng = { pool_fill, p }, .from = from };
}

/* Vigna's generator: eight bytes of state, and every seed is a good one. */
static uint64_t splitmix64(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15U);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

/* The top byte of each number, so that a fill of n bytes uses n steps whatever the word size. */
static void seeded_fill(void *ctx, void *p, size_t len)
{
	struct seeded_rng *s = ctx;
	unsigned char *to = p;
	for (size_t i = 0; i < len; i++)
		to[i] = (unsigned char)(splitmix64(&s->state) >> 56);
}

void seeded_rng_init(struct seeded_rng *s, uint64_t seed)
{
	s->state = seed;
	s->rng = (struct rng){ seeded_fill, s };
}
