/*
 * UTF-16 in a base64 of its own: ',' for '/', no padding, '&' for '+'. Decoding is strict,
 * for a name that is no proper coding was meant as something else (raw UTF-8, most often),
 * and the caller tries that then.
 */
#include "migrate/imap/mutf7.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static int digit_of(char c)
{
	const char *at = c == '\0' ? NULL : strchr(digits, c);
	return at == NULL ? -1 : (int)(at - digits);
}

static void add_utf8(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_addc(out, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_addc(out, (char)(0xc0 | (c >> 6)));
	} else if (c < 0x10000) {
		buf_addc(out, (char)(0xe0 | (c >> 12)));
		buf_addc(out, (char)(0x80 | ((c >> 6) & 0x3f)));
	} else {
		buf_addc(out, (char)(0xf0 | (c >> 18)));
		buf_addc(out, (char)(0x80 | ((c >> 12) & 0x3f)));
		buf_addc(out, (char)(0x80 | ((c >> 6) & 0x3f)));
	}
	buf_addc(out, (char)(0x80 | (c & 0x3f)));
}

struct decoder {
	struct buf *out;
	uint32_t high; /* a surrogate that waits for its other half */
};

/* Halves of a surrogate pair must come in order; NUL is no character of any name. */
static bool add_unit(struct decoder *d, uint32_t unit)
{
	if (d->high != 0) {
		if (unit < 0xdc00 || unit > 0xdfff)
			return false;
		add_utf8(d->out, 0x10000 + ((d->high - 0xd800) << 10) + (unit - 0xdc00));
		d->high = 0;
		return true;
	}
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return false;
	if (unit >= 0xd800 && unit <= 0xdbff) {
		d->high = unit;
		return true;
	}
	if (unit == 0)
		return false;
	add_utf8(d->out, unit);
	return true;
}

/* The base64 between '&' and '-': UTF-16BE units, the rest of the bits zero. */
static bool decode_run(struct decoder *d, struct slice run)
{
	uint32_t bits = 0;
	unsigned have = 0;
	for (size_t i = 0; i < run.len; i++) {
		int v = digit_of(run.ptr[i]);
		if (v < 0)
			return false;
		bits = (bits << 6) | (uint32_t)v;
		have += 6;
		if (have < 16)
			continue;
		have -= 16;
		if (!add_unit(d, (bits >> have) & 0xffff))
			return false;
		bits &= (1u << have) - 1;
	}
	return d->high == 0 && have < 6 && bits == 0;
}

static bool decode_all(struct buf *out, struct slice name)
{
	struct decoder d = { out, 0 };
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if ((unsigned char)c >= 0x80 || c == '\0')
			return false;
		if (c != '&') {
			buf_addc(out, c);
			continue;
		}
		struct slice rest = { name.ptr + i + 1, name.len - i - 1 };
		const char *dash = memchr(rest.ptr, '-', rest.len);
		if (dash == NULL)
			return false;
		struct slice run = { rest.ptr, (size_t)(dash - rest.ptr) };
		if (run.len == 0)
			buf_addc(out, '&');
		else if (!decode_run(&d, run))
			return false;
		i += run.len + 1;
	}
	return true;
}

/* All or nothing: half a decoded name would be another mailbox. */
bool mutf7_decode(struct buf *out, struct slice name)
{
	size_t start = out->len;
	if (decode_all(out, name))
		return true;
	out->len = start;
	out->at[start] = '\0';
	return false;
}

/* One character of checked UTF-8; its length. */
static size_t next_char(const char *p, uint32_t *c_r)
{
	const unsigned char *b = (const unsigned char *)p;
	if (b[0] < 0x80) {
		*c_r = b[0];
		return 1;
	}
	if (b[0] < 0xe0) {
		*c_r = ((uint32_t)(b[0] & 0x1f) << 6) | (b[1] & 0x3f);
		return 2;
	}
	if (b[0] < 0xf0) {
		*c_r = ((uint32_t)(b[0] & 0x0f) << 12) | ((uint32_t)(b[1] & 0x3f) << 6) |
		       (b[2] & 0x3f);
		return 3;
	}
	*c_r = ((uint32_t)(b[0] & 0x07) << 18) | ((uint32_t)(b[1] & 0x3f) << 12) |
	       ((uint32_t)(b[2] & 0x3f) << 6) | (b[3] & 0x3f);
	return 4;
}

struct encoder {
	struct buf *out;
	bool in_run;
	uint32_t bits;
	unsigned have;
};

static void encode_unit(struct encoder *en, uint32_t unit)
{
	en->bits = (en->bits << 16) | unit;
	en->have += 16;
	while (en->have >= 6) {
		en->have -= 6;
		buf_addc(en->out, digits[(en->bits >> en->have) & 0x3f]);
	}
	en->bits &= (1u << en->have) - 1;
}

/* The last bits are filled up with zeroes; '-' always ends the run, also where it could be
 * left out. */
static void end_run(struct encoder *en)
{
	if (!en->in_run)
		return;
	if (en->have > 0)
		buf_addc(en->out, digits[(en->bits << (6 - en->have)) & 0x3f]);
	buf_addc(en->out, '-');
	*en = (struct encoder){ .out = en->out };
}

static void encode_char(struct encoder *en, uint32_t c)
{
	if (c >= 0x20 && c < 0x7f) {
		end_run(en);
		buf_addc(en->out, (char)c);
		if (c == '&')
			buf_addc(en->out, '-');
		return;
	}
	if (!en->in_run)
		buf_addc(en->out, '&');
	en->in_run = true;
	if (c >= 0x10000) {
		encode_unit(en, 0xd800 + ((c - 0x10000) >> 10));
		encode_unit(en, 0xdc00 + ((c - 0x10000) & 0x3ff));
	} else {
		encode_unit(en, c);
	}
}

bool mutf7_encode(struct buf *out, struct slice utf8)
{
	struct encoder en = { .out = out };
	uint32_t c;
	if (!str_is_utf8(utf8))
		return false;
	for (size_t i = 0; i < utf8.len;) {
		i += next_char(utf8.ptr + i, &c);
		encode_char(&en, c);
	}
	end_run(&en);
	return true;
}
