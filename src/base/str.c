/* Everything here works on explicit lengths; the <string.h> verbs that do not are
 * banned elsewhere (tests/lint). */
#include "base/str.h"

#include <stdio.h>
#include <string.h>

/* ASCII only, whatever the locale: in Turkish, tolower('I') is no 'i'. */
static unsigned char lower(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') ? (unsigned char)(c + ('a' - 'A')) : c;
}

struct slice slice_str(const char *s)
{
	return (struct slice){ s, s != NULL ? strlen(s) : 0 };
}

bool slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool slice_eq_nocase(struct slice a, struct slice b)
{
	return a.len == b.len && slice_starts_nocase(a, b);
}

bool slice_starts_nocase(struct slice s, struct slice prefix)
{
	if (s.len < prefix.len)
		return false;
	for (size_t i = 0; i < prefix.len; i++)
		if (lower((unsigned char)s.ptr[i]) != lower((unsigned char)prefix.ptr[i]))
			return false;
	return true;
}

/* Space and tab, as in protocol lines; line ends are for whoever splits lines. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct slice slice_trim(struct slice s)
{
	while (s.len > 0 && is_blank(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct slice slice_until(struct slice *rest, char sep)
{
	const char *at = rest->len > 0 ? memchr(rest->ptr, sep, rest->len) : NULL;
	struct slice head = *rest;
	if (at == NULL) {
		*rest = (struct slice){ NULL, 0 };
		return head;
	}
	head.len = (size_t)(at - rest->ptr);
	rest->ptr = at + 1;
	rest->len -= head.len + 1;
	return head;
}

bool slice_to_u64(struct slice s, uint64_t *value_r)
{
	uint64_t v = 0;
	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
		uint64_t digit = (uint64_t)(s.ptr[i] - '0');
		/* Asked before the multiplication: afterwards it would have wrapped. */
		if (v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*value_r = v;
	return true;
}

void str_copy(char *dst, size_t size, const char *src)
{
	size_t len = strlen(src);
	if (size == 0)
		return;
	if (len >= size)
		len = size - 1;
	memcpy(dst, src, len);
	dst[len] = '\0';
}

bool str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool str_eq_nocase(const char *a, const char *b)
{
	return slice_eq_nocase(slice_str(a), slice_str(b));
}

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s);
	size_t m = strlen(suffix);
	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

bool str_has(const char *set, char c)
{
	return c != '\0' && strchr(set, c) != NULL;
}

void str_lower(char *s)
{
	for (; *s != '\0'; s++)
		*s = (char)lower((unsigned char)*s);
}

/* The length of the well-formed sequence at p, 0 if it is not one (RFC 3629 §4). */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
	static const struct {
		unsigned char lo, hi, second_lo, second_hi, len;
	} forms[] = {
		{ 0x00, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		if (p[0] < forms[f].lo || p[0] > forms[f].hi)
			continue;
		size_t len = forms[f].len;
		if (len > left)
			return 0;
		if (len > 1 && (p[1] < forms[f].second_lo || p[1] > forms[f].second_hi))
			return 0;
		for (size_t i = 2; i < len; i++)
			if (p[i] < 0x80 || p[i] > 0xbf)
				return 0;
		return len;
	}
	return 0;
}

/* C1 controls (U+0080..U+009F) and the marks that turn the reading direction round
 * (U+202A..U+202E, U+2066..U+2069), with which a name can be made to look like another. */
static bool is_unprintable(const unsigned char *p, size_t len)
{
	if (len == 1)
		return (p[0] < 0x20 && p[0] != '\n') || p[0] == 0x7f;
	if (len == 2)
		return p[0] == 0xc2 && p[1] <= 0x9f;
	if (len == 3 && p[0] == 0xe2 && p[1] == 0x80)
		return p[2] >= 0xaa && p[2] <= 0xae;
	return len == 3 && p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9;
}

void str_make_printable(char *s)
{
	size_t left = strlen(s);
	for (unsigned char *p = (unsigned char *)s; left > 0;) {
		size_t len = utf8_sequence(p, left);
		size_t step = len > 0 ? len : 1;
		if (len == 0 || is_unprintable(p, len))
			memset(p, '?', step);
		p += step;
		left -= step;
	}
}

bool str_is_utf8(struct slice s)
{
	size_t at = 0;
	while (at < s.len) {
		size_t len = utf8_sequence((const unsigned char *)s.ptr + at, s.len - at);
		if (len == 0)
			return false;
		at += len;
	}
	return true;
}

/* The three edits that can lead to one cell of the matrix. */
static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;
	return m < c ? m : c;
}

enum { DISTANCE_MAX = 64 };

size_t str_distance(const char *a, const char *b)
{
	size_t n = strlen(a);
	size_t m = strlen(b);
	size_t d[3][DISTANCE_MAX]; /* the rows i-2, i-1 and i of the matrix, in turn */
	if (n >= DISTANCE_MAX || m >= DISTANCE_MAX)
		return DISTANCE_MAX;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *row = d[i % 3];
		const size_t *up = d[(i + 2) % 3];
		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			bool same = lower((unsigned char)a[i - 1]) ==
				    lower((unsigned char)b[j - 1]);
			row[j] = min3(up[j] + 1, row[j - 1] + 1, up[j - 1] + (same ? 0 : 1));
			/* Two letters exchanged are one slip (Damerau), the commonest at a
			 * keyboard. */
			bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
				       a[i - 2] == b[j - 1];
			if (swapped && d[(i + 1) % 3][j - 2] + 1 < row[j])
				row[j] = d[(i + 1) % 3][j - 2] + 1;
		}
	}
	return d[n % 3][m];
}
