/*
 * Text from mail servers, zones and CSV files ends up in files that other programs
 * interpret. Each function knows exactly one target. In XML, bytes that it forbids become
 * '?': dropping them could join what stood apart.
 */
#include "cli/escape.h"

#include <string.h>

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
		buf_add(out, control || (c >= 0x80 && !utf8) ? "?" : p, 1);
	}
}

void escape_csv(const char *text, struct buf *out)
{
	bool formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
	bool quote = strpbrk(text, ",\"\r\n") != NULL;
	if (quote)
		buf_addc(out, '"');
	if (formula)
		buf_addc(out, '\'');
	for (const char *p = text; *p != '\0'; p++) {
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
