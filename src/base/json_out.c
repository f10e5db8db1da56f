/* Runs of characters that need no escape are copied whole: nearly all of every text. */
#include "base/json_out.h"

#include <string.h>

#include "base/clock.h"

enum { DIGITS_MAX = 20 };

static void begin(struct js_out *o, const char *key)
{
	if (o->comma)
		buf_addc(o->to, ',');
	o->comma = true;
	if (key == NULL)
		return;
	buf_addc(o->to, '"');
	buf_adds(o->to, key);
	buf_add(o->to, "\":", 2);
}

static void open(struct js_out *o, const char *key, char bracket)
{
	begin(o, key);
	buf_addc(o->to, bracket);
	o->comma = false;
}

static void close(struct js_out *o, char bracket)
{
	buf_addc(o->to, bracket);
	o->comma = true;
}

void js_out_object(struct js_out *o, const char *key)
{
	open(o, key, '{');
}

void js_out_object_end(struct js_out *o)
{
	close(o, '}');
}

void js_out_array(struct js_out *o, const char *key)
{
	open(o, key, '[');
}

void js_out_array_end(struct js_out *o)
{
	close(o, ']');
}

/* RFC 8259 §7: what must be escaped. */
static bool is_plain(unsigned char c)
{
	return c >= ' ' && c != '"' && c != '\\';
}

static void add_escape(struct buf *to, unsigned char c)
{
	static const char short_ones[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	for (const char *s = short_ones; *s != '\0'; s += 2) {
		if ((unsigned char)*s == c) {
			buf_addc(to, '\\');
			buf_addc(to, s[1]);
			return;
		}
	}
	buf_addf(to, "\\u%04X", (unsigned)c);
}

/* How many octets from the start are ASCII that needs no escape: nearly always all. */
static size_t plain_len(const char *s)
{
	size_t len = 0;
	while (is_plain((unsigned char)s[len]) && (unsigned char)s[len] < 0x80)
		len++;
	return len;
}

/* What is not UTF-8 has its octets above ASCII replaced. */
static void add_rest(struct js_out *o, const char *s)
{
	size_t len = strlen(s);
	bool keep = str_is_utf8((struct slice){ s, len });
	for (size_t i = 0, from = 0; i <= len; i++) {
		unsigned char c = (unsigned char)s[i];
		if (i < len && is_plain(c) && (keep || c < 0x80))
			continue;
		buf_add(o->to, s + from, i - from);
		if (i < len && c >= 0x80)
			buf_addc(o->to, '?');
		else if (i < len)
			add_escape(o->to, c);
		from = i + 1;
	}
}

void js_out_str(struct js_out *o, const char *key, const char *s)
{
	if (s == NULL) {
		js_out_null(o, key);
		return;
	}
	size_t len = plain_len(s);
	begin(o, key);
	buf_addc(o->to, '"');
	buf_add(o->to, s, len);
	if (s[len] != '\0')
		add_rest(o, s + len);
	buf_addc(o->to, '"');
}

void js_out_int(struct js_out *o, const char *key, int64_t v)
{
	char digits[DIGITS_MAX];
	size_t n = sizeof(digits);
	uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	begin(o, key);
	do {
		digits[--n] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (v < 0)
		buf_addc(o->to, '-');
	buf_add(o->to, digits + n, sizeof(digits) - n);
}

void js_out_bool(struct js_out *o, const char *key, bool v)
{
	begin(o, key);
	buf_adds(o->to, v ? "true" : "false");
}

void js_out_null(struct js_out *o, const char *key)
{
	begin(o, key);
	buf_adds(o->to, "null");
}

void js_out_time(struct js_out *o, const char *key, int64_t ms)
{
	char text[TIME_TEXT_MAX];
	js_out_str(o, key, ms != 0 ? time_format(ms, text) : NULL);
}
