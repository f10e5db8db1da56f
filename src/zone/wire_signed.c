/*
 * The fields of RRSIG and NSEC3 as text. A referral from a signed zone holds up to four of them, so
 * they are the most frequent records of all but SOA; ldns would print each and read it back.
 * What is odd in them is left to ldns.
 */
#include <string.h>
#include <time.h>

#include "zone/record.h"
#include "zone/wire_priv.h"

enum { WINDOW_MAX = 32, TIME_LEN = 14 };

char *wire_put_base64(char *to, const unsigned char *p, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (; len > 0; p += 3) {
		size_t n = len < 3 ? len : 3;
		unsigned v = (unsigned)p[0] << 16 | (n > 1 ? (unsigned)p[1] << 8 : 0) |
			     (n > 2 ? p[2] : 0);
		*to++ = digits[v >> 18];
		*to++ = digits[v >> 12 & 63];
		*to++ = (char)(n > 1 ? digits[v >> 6 & 63] : '=');
		*to++ = (char)(n > 2 ? digits[v & 63] : '=');
		len -= n;
	}
	return to;
}

char *wire_put_base32hex(char *to, const unsigned char *p, size_t len)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	unsigned bits = 0;
	unsigned v = 0;
	for (size_t i = 0; i < len; i++) {
		v = v << 8 | p[i];
		for (bits += 8; bits >= 5; bits -= 5)
			*to++ = digits[v >> (bits - 5) & 31];
		v &= 31;
	}
	if (bits > 0)
		*to++ = digits[v << (5 - bits) & 31];
	return to;
}

char *wire_put_hex(char *to, const unsigned char *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < len; i++) {
		*to++ = digits[p[i] >> 4];
		*to++ = digits[p[i] & 15];
	}
	return to;
}

/* Beyond 2038 the meaning of 32 bits depends on today (RFC 4034 §3.1.5): ldns' business. */
char *wire_put_time(char *to, uint32_t seconds)
{
	struct tm tm;
	time_t at = (time_t)seconds;
	char text[TIME_LEN + 1];
	if (seconds > INT32_MAX || gmtime_r(&at, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y%m%d%H%M%S", &tm) != TIME_LEN)
		return NULL;
	memcpy(to, text, TIME_LEN);
	return to + TIME_LEN;
}

/* The types that are met in practice; NULL: left to ldns. */
const char *wire_type_text(unsigned type)
{
	switch (type) {
	case RR_A: return "A";
	case RR_NS: return "NS";
	case RR_CNAME: return "CNAME";
	case RR_SOA: return "SOA";
	case RR_PTR: return "PTR";
	case RR_MX: return "MX";
	case RR_TXT: return "TXT";
	case RR_AAAA: return "AAAA";
	case RR_SRV: return "SRV";
	case RR_DS: return "DS";
	case RR_RRSIG: return "RRSIG";
	case RR_NSEC: return "NSEC";
	case RR_DNSKEY: return "DNSKEY";
	case RR_NSEC3: return "NSEC3";
	case LDNS_RR_TYPE_NSEC3PARAM: return "NSEC3PARAM";
	case RR_TLSA: return "TLSA";
	case RR_CAA: return "CAA";
	default: return NULL;
	}
}

/* One window block's types, a blank before each. `to` has room for WIRE_TYPE_TEXT_MAX a type. */
static char *put_window(char *to, unsigned window, const unsigned char *bits, size_t len)
{
	for (unsigned i = 0; i < 8 * len; i++) {
		if ((bits[i / 8] & 0x80 >> i % 8) == 0)
			continue;
		const char *name = wire_type_text(window << 8 | i);
		if (name == NULL)
			return NULL;
		*to++ = ' ';
		while (*name != '\0')
			*to++ = *name++;
	}
	return to;
}

char *wire_put_types(char *to, const unsigned char *p, size_t len)
{
	int before = -1;
	while (len > 0 && to != NULL) {
		if (len < 2 || p[1] == 0 || p[1] > WINDOW_MAX || 2U + p[1] > len ||
		    (int)p[0] <= before || p[1 + p[1]] == 0)
			return NULL;
		to = put_window(to, p[0], p + 2, p[1]);
		before = p[0];
		len -= 2U + p[1];
		p += 2U + p[1];
	}
	return to;
}
