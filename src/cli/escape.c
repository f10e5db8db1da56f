/*
 * Text from mail servers, zones and CSV files ends up in files that other programs
 * interpret. Each function knows exactly one target. In XML, bytes that it forbids become
 * '?': dropping them could join what stood apart.
 */
#include "cli/escape.h"

#include <string.h>

/* U+FFFE and U+FFFF, which XML 1.0 §2.2 forbids also as references: one of them, and a reader
 * refuses the whole document. */
static bool is_no_character(const char *s)
{
	return (unsigned char)s[0] == 0xef && (unsigned char)s[1] == 0xbf &&
	       (unsigned char)s[2] >= 0xbe;
}

void escape_xml(const char *text, struct buf *out)
{
	bool utf8 = str_is_utf8(slice_str(text));
	for (const char *p = text; *p != '\0'; p++) {
		switch (*p) {
		case '&': buf_adds(out, "&amp;"); continue;
		case '<': buf_adds(out, "&lt;"); continue;
		case '>': buf_adds(out, "&gt;"); continue;
		case '"': buf_adds(out, "&quot;"); continue;
		case '\'': buf_adds(out, "&#39;"); continue;
		default: break;
		}
		unsigned char c = (unsigned char)*p;
		bool control = (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
		if (utf8 && is_no_character(p)) {
			buf_addc(out, '?');
			p += 2;
			continue;
		}
		buf_add(out, control || (c >= 0x80 && !utf8) ? "?" : p, 1);
	}
}

/* Where a spreadsheet may see the beginning of a cell: whatever the file says, a program with the
 * settings of another country splits at semicolons, and some take a tab or a line end for a
 * separator. Blanks and quotes before the formula are cut off by them. */
static bool begins_cell(const char *text, const char *at)
{
	while (at > text && (at[-1] == ' ' || at[-1] == '"' || at[-1] == '\''))
		at--;
	return at == text || strchr(";,\t\r\n", at[-1]) != NULL;
}

static bool is_formula(const char *text, const char *at)
{
	bool sign = strchr("=+-@", *at) != NULL;
	return (sign && begins_cell(text, at)) || (at == text && (*at == '\t' || *at == '\r'));
}

void escape_csv(const char *text, struct buf *out)
{
	bool quote = strpbrk(text, ",;\"\t\r\n") != NULL;
	if (quote)
		buf_addc(out, '"');
	for (const char *p = text; *p != '\0'; p++) {
		if (is_formula(text, p))
			buf_addc(out, '\'');
		if (*p == '"')
			buf_addc(out, '"');
		buf_addc(out, *p);
	}
	if (quote)
		buf_addc(out, '"');
}

void escape_uri_path(const char *path, struct buf *out)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~/";
	for (const char *p = path; *p != '\0'; p++) {
		if (strchr(plain, *p) != NULL)
			buf_addc(out, *p);
		else
			buf_addf(out, "%%%02X", (unsigned char)*p);
	}
}
