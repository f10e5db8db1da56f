/*
 * The tags, then base64, then as much DER as lies round one number: three sequences and an
 * integer, each cut from the one before by its own length.
 */
#include "dns/dkim_key.h"

#include "base/digest.h"
#include "dns/tag_list.h"

enum { DER_INTEGER = 0x02, DER_BIT_STRING = 0x03, DER_SEQUENCE = 0x30, ED25519_LEN = 32 };

/* A key of 64 KiB is no key; a modulus of 16384 bits takes 2 KiB. */
enum { KEY_TEXT_MAX = 16384 };

/* The content of the element of this tag at the front of *rest, which moves behind it. Lengths
 * of one to three octets (X.690 §8.1.3). */
static bool der_take(struct slice *rest, unsigned char tag, struct slice *content_r)
{
	const unsigned char *p = (const unsigned char *)rest->ptr;
	size_t head = 2;
	if (rest->len < head || p[0] != tag)
		return false;
	size_t len = p[1];
	if (len >= 0x80) {
		size_t octets = len - 0x80;
		if (octets < 1 || octets > 2 || rest->len < head + octets)
			return false;
		len = 0;
		for (size_t i = 0; i < octets; i++)
			len = len << 8 | p[head + i];
		head += octets;
	}
	if (len > rest->len - head)
		return false;
	*content_r = (struct slice){ rest->ptr + head, len };
	*rest = (struct slice){ rest->ptr + head + len, rest->len - head - len };
	return true;
}

/* RSAPublicKey's content: modulus, exponent. */
static unsigned modulus_bits(struct slice sequence)
{
	struct slice n;
	struct slice exponent;
	if (!der_take(&sequence, DER_INTEGER, &n) || !der_take(&sequence, DER_INTEGER, &exponent))
		return 0;
	while (n.len > 0 && n.ptr[0] == '\0')
		n = (struct slice){ n.ptr + 1, n.len - 1 };
	if (n.len == 0)
		return 0;
	unsigned bits = (unsigned)(n.len - 1) * 8;
	for (unsigned char top = (unsigned char)n.ptr[0]; top > 0; top >>= 1)
		bits++;
	return bits;
}

unsigned dkim_rsa_bits(struct slice der)
{
	struct slice outer;
	struct slice algorithm;
	struct slice bits;
	struct slice inner;
	if (!der_take(&der, DER_SEQUENCE, &outer))
		return 0;
	struct slice rest = outer;
	if (!der_take(&rest, DER_SEQUENCE, &algorithm))
		return modulus_bits(outer);
	/* The first octet of a BIT STRING counts the unused bits. */
	if (!der_take(&rest, DER_BIT_STRING, &bits) || bits.len < 1 || bits.ptr[0] != '\0')
		return 0;
	bits = (struct slice){ bits.ptr + 1, bits.len - 1 };
	return der_take(&bits, DER_SEQUENCE, &inner) ? modulus_bits(inner) : 0;
}

/* Base64 may be folded anywhere, and its padding left out (RFC 6376 §2.10). */
static bool decode(struct slice value, struct buf *out)
{
	struct buf packed;
	buf_init(&packed);
	for (size_t i = 0; i < value.len; i++) {
		if (!str_has(" \t\r\n", value.ptr[i]))
			buf_addc(&packed, value.ptr[i]);
	}
	while (packed.len % 4 != 0)
		buf_addc(&packed, '=');
	bool ok = base64_decode(out, buf_slice(&packed));
	buf_release(&packed);
	return ok;
}

static void broken(struct dkim_key *key, const char *why)
{
	key->state = DKIM_BROKEN;
	key->why = why;
}

static void read_key(struct slice value, struct dkim_key *key)
{
	struct buf der;
	if (value.len > KEY_TEXT_MAX) {
		broken(key, "its key is too long");
		return;
	}
	buf_init(&der);
	if (!decode(value, &der)) {
		broken(key, "its p= is no base64");
	} else if (key->type == DKIM_RSA) {
		key->bits = dkim_rsa_bits(buf_slice(&der));
		if (key->bits == 0)
			broken(key, "its p= holds no RSA key");
	} else if (key->type == DKIM_ED25519) {
		key->bits = ED25519_LEN * 8;
		if (der.len != ED25519_LEN)
			broken(key, "its p= holds no Ed25519 key of 32 octets");
	}
	buf_release(&der);
}

/* One of the colon-separated words. */
static bool has_word(struct slice value, struct slice word)
{
	while (value.len > 0) {
		if (slice_eq_nocase(slice_trim(slice_until(&value, ':')), word))
			return true;
	}
	return false;
}

/* k= comes anywhere, also behind p=, so the key is read when all tags are known. */
struct tags_seen {
	struct slice p;
	bool has_p, first_done;
};

static void read_tag(const struct tag *tag, struct tags_seen *seen, struct dkim_key *key)
{
	if (slice_eq(tag->name, SLICE_LIT("v")) &&
	    (seen->first_done || !slice_eq(tag->value, SLICE_LIT("DKIM1"))))
		broken(key, "it does not begin with v=DKIM1");
	if (slice_eq(tag->name, SLICE_LIT("k"))) {
		key->type = DKIM_OTHER_TYPE;
		if (slice_eq_nocase(tag->value, SLICE_LIT("rsa")))
			key->type = DKIM_RSA;
		else if (slice_eq_nocase(tag->value, SLICE_LIT("ed25519")))
			key->type = DKIM_ED25519;
	}
	if (slice_eq(tag->name, SLICE_LIT("t")))
		key->testing = has_word(tag->value, SLICE_LIT("y"));
	if (slice_eq(tag->name, SLICE_LIT("s")) && !has_word(tag->value, SLICE_LIT("*")) &&
	    !has_word(tag->value, SLICE_LIT("email")))
		broken(key, "its s= leaves out email");
	if (slice_eq(tag->name, SLICE_LIT("p"))) {
		if (seen->has_p)
			broken(key, "it has two p= tags");
		seen->has_p = true;
		seen->p = tag->value;
	}
	seen->first_done = true;
}

void dkim_key_parse(struct slice text, struct dkim_key *key_r)
{
	struct tags_seen seen = { 0 };
	struct tag tag;
	*key_r = (struct dkim_key){ .state = DKIM_USABLE };
	while (tag_next(&text, &tag))
		read_tag(&tag, &seen, key_r);
	if (key_r->state == DKIM_BROKEN)
		return;
	if (!seen.has_p)
		broken(key_r, "it has no p= tag");
	else if (seen.p.len == 0)
		key_r->state = DKIM_REVOKED;
	else if (key_r->type == DKIM_OTHER_TYPE)
		broken(key_r, "its key type (k=) is neither rsa nor ed25519");
	else
		read_key(seen.p, key_r);
}
