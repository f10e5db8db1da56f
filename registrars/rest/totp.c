/*
 * HMAC-SHA-1, six digits, half a minute: what every authenticator does.
 */
#include "registrars/rest/totp.h"

#include "base/secret.h"

enum { KEY_MAX = 128, CODE_LIMIT = 1000000 };

/* -1: no digit of base32. */
static int digit_of(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

/* The octets of the key; 0 when it is none. Bits that are left over are padding. */
static size_t decode(struct slice base32, unsigned char key[KEY_MAX])
{
	unsigned bits = 0;
	unsigned held = 0;
	size_t n = 0;
	for (size_t i = 0; i < base32.len; i++) {
		int digit = digit_of(base32.ptr[i]);
		if (str_has(" -=", base32.ptr[i]))
			continue;
		if (digit < 0 || n == KEY_MAX)
			return 0;
		bits = (bits << 5 | (unsigned)digit) & 0xfff;
		held += 5;
		if (held >= 8) {
			held -= 8;
			key[n++] = (unsigned char)(bits >> held);
		}
	}
	return n;
}

/* RFC 4226 §5.3: four octets from the place that the last half octet names. */
static uint32_t truncate_code(const unsigned char *hmac)
{
	const unsigned char *p = hmac + (hmac[19] & 0xf);
	uint32_t v = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	return (v & 0x7fffffff) % CODE_LIMIT;
}

int totp_code(struct slice base32, int64_t now_ms, char code[TOTP_DIGITS + 1], struct err *e)
{
	unsigned char key[KEY_MAX];
	unsigned char hmac[HMAC_MAX];
	char counter[8];
	uint64_t step = (uint64_t)(now_ms / TOTP_STEP_MS);
	size_t n = decode(base32, key);
	if (n == 0)
		return err_set(e, ERR_USAGE, "the secret of the second factor is no base32 text");
	for (size_t i = 0; i < sizeof(counter); i++)
		counter[i] = (char)(step >> (8 * (7 - i)) & 0xff);
	hmac_of(HMAC_SHA1, (struct slice){ (const char *)key, n },
		(struct slice){ counter, sizeof(counter) }, hmac);
	uint32_t v = truncate_code(hmac);
	for (size_t i = TOTP_DIGITS; i-- > 0; v /= 10)
		code[i] = (char)('0' + v % 10);
	code[TOTP_DIGITS] = '\0';
	secret_wipe(key, sizeof(key));
	return 0;
}

/* 1: it was refused, and the next may not be. */
static int send_code(struct rest *r, const char *secret, struct err *e)
{
	char code[TOTP_DIGITS + 1];
	struct answer answer;
	struct body_scope scope = { .vars = { .up = &r->vars } };
	const struct exchange x = { .request = &r->desc->second_factor.request, .scope = &scope };
	struct arena *a = arena_new_wiped();
	int rc = totp_code(slice_str(secret), clock_now_ms(r->host->clock), code, e);
	if (rc == 0) {
		vars_set(&scope.vars, a, "totp", code);
		rc = rest_exchange(r, a, &x, &answer, e);
		rc = rc != 0 && answer.class == CLASS_AUTH ? 1 : rc;
		answer_release(&answer);
	}
	arena_free(a);
	return rc;
}

int totp_login(struct rest *r, struct err *e)
{
	const struct desc_second_factor *f = &r->desc->second_factor;
	const char *secret = f->secret != NULL ? vars_get(&r->vars, f->secret) : NULL;
	if (secret == NULL)
		return 0;
	int rc = send_code(r, secret, e);
	if (rc == 1) {
		int64_t left_ms = TOTP_STEP_MS - clock_now_ms(r->host->clock) % TOTP_STEP_MS;
		rc = r->host->wait(r->host->ctx, left_ms, "a code can be used only once", e);
		rc = rc == 0 ? send_code(r, secret, e) : rc;
	}
	return rc == 0 ? 0 : err_wrap(e, "the second factor at %s", r->desc->title);
}
