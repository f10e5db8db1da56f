/*
 * A canonical request is hashed, its hash signed with a key that is good for one day, region and
 * service only. The names of the steps are those of the vendor's text.
 */
#include "registrars/route53/sigv4.h"

#include <string.h>

#include "base/digest.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

enum { DAY_LEN = 8 }; /* of "20150830T123600Z" */

/* RFC 3339 without its marks: "2015-08-30T12:36:00Z". */
const char *sigv4_time(int64_t now_ms, char text[SIGV4_TIME_MAX])
{
	char full[TIME_TEXT_MAX];
	size_t n = 0;
	for (const char *p = time_format(now_ms, full); *p != '\0' && n + 1 < SIGV4_TIME_MAX; p++) {
		if (*p != '-' && *p != ':')
			text[n++] = *p;
	}
	text[n] = '\0';
	return text;
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       str_has("-._~", c);
}

static void encode(const char *text, const char *kept, struct buf *out)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (is_unreserved(*p) || str_has(kept, *p))
			buf_addc(out, *p);
		else
			buf_addf(out, "%%%02X", (unsigned)(unsigned char)*p);
	}
}

void sigv4_encode(const char *text, struct buf *out)
{
	encode(text, "", out);
}

static void add_signed_names(const struct sigv4_request *r, struct buf *out)
{
	for (size_t i = 0; i < r->header_n; i++) {
		buf_adds(out, i > 0 ? ";" : "");
		buf_adds(out, r->headers[i].name);
	}
}

/* Step 1. The path is encoded once more: so it is for all services but S3. */
static void add_canonical_request(const struct sigv4_request *r, struct buf *out)
{
	char hash[SHA256_HEX_LEN + 1];
	buf_adds(out, r->method);
	buf_addc(out, '\n');
	encode(r->path, "/", out);
	buf_addc(out, '\n');
	buf_adds(out, r->query);
	buf_addc(out, '\n');
	for (size_t i = 0; i < r->header_n; i++) {
		buf_adds(out, r->headers[i].name);
		buf_addc(out, ':');
		buf_adds(out, r->headers[i].value);
		buf_addc(out, '\n');
	}
	buf_addc(out, '\n');
	add_signed_names(r, out);
	buf_addc(out, '\n');
	sha256_hex_of(r->body, hash);
	buf_adds(out, hash);
}

static void add_scope(const struct sigv4_key *key, const char *time, struct buf *out)
{
	buf_add(out, time, DAY_LEN);
	buf_addf(out, "/%s/%s/aws4_request", key->region, key->service);
}

static void wipe(struct buf *b)
{
	secret_wipe(b->at, b->len);
	buf_release(b);
}

/* Steps 2 and 3. A session token may stand in the canonical request. */
static void string_to_sign(const struct sigv4_key *key, const struct sigv4_request *r,
			   struct buf *out)
{
	struct buf request;
	char hash[SHA256_HEX_LEN + 1];
	buf_init(&request);
	add_canonical_request(r, &request);
	sha256_hex_of(buf_slice(&request), hash);
	wipe(&request);
	buf_addf(out, ALGORITHM "\n%s\n", r->time);
	add_scope(key, r->time, out);
	buf_addf(out, "\n%s", hash);
}

/* `code` is the key of the next one; it is replaced by the code of `text`. */
static void step(unsigned char code[SHA256_LEN], struct slice text)
{
	unsigned char next[SHA256_LEN];
	hmac_sha256((struct slice){ (const char *)code, SHA256_LEN }, text, next);
	memcpy(code, next, SHA256_LEN);
	secret_wipe(next, sizeof(next));
}

/* Step 4: HMAC of the day by "AWS4" and the secret, and so on. */
static void signing_key(const struct sigv4_key *key, const char *time,
			unsigned char out[SHA256_LEN])
{
	struct buf first;
	struct slice secret = secret_expose(key->secret);
	buf_init(&first);
	(void)buf_reserve(&first, secret.len + 4); /* growing later would leave a copy behind */
	buf_adds(&first, "AWS4");
	buf_add(&first, secret.ptr, secret.len);
	hmac_sha256(buf_slice(&first), (struct slice){ time, DAY_LEN }, out);
	wipe(&first);
	step(out, slice_str(key->region));
	step(out, slice_str(key->service));
	step(out, SLICE_LIT("aws4_request"));
}

static void add_signature(const struct sigv4_key *key, const struct sigv4_request *r,
			  struct buf *out)
{
	unsigned char code[SHA256_LEN];
	char hex[2 * SHA256_LEN + 1];
	struct buf text;
	buf_init(&text);
	string_to_sign(key, r, &text);
	signing_key(key, r->time, code);
	step(code, buf_slice(&text));
	hex_encode(code, SHA256_LEN, hex);
	buf_adds(out, hex);
	buf_release(&text);
}

void sigv4_authorization(const struct sigv4_key *key, const struct sigv4_request *r,
			 struct buf *out)
{
	struct slice id = secret_expose(key->id);
	buf_adds(out, ALGORITHM " Credential=");
	buf_add(out, id.ptr, id.len);
	buf_addc(out, '/');
	add_scope(key, r->time, out);
	buf_adds(out, ", SignedHeaders=");
	add_signed_names(r, out);
	buf_adds(out, ", Signature=");
	add_signature(key, r, out);
}
