/* One pass; quotes are escaped too, so that the same text is good in an attribute. */
#include "base/xml_out.h"

#include <string.h>

/* XML 1.0 §2.2 and §2.11: other controls cannot be said; a bare CR would come back as LF, so it is
 * written as a reference. */
static bool is_sayable(unsigned char c)
{
	return c >= ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* U+FFFE and U+FFFF are no characters of XML 1.0. */
static bool is_no_character(const char *s)
{
	return (unsigned char)s[0] == 0xef && (unsigned char)s[1] == 0xbf &&
	       (unsigned char)s[2] >= 0xbe;
}

bool xml_can_say(const char *text)
{
	if (!str_is_utf8(slice_str(text)))
		return false;
	for (const char *s = text; *s != '\0'; s++)
		if (!is_sayable((unsigned char)*s) || is_no_character(s))
			return false;
	return true;
}

static void add_char(struct buf *to, char c)
{
	if (!is_sayable((unsigned char)c))
		c = '?';
	switch (c) {
	case '&': buf_adds(to, "&amp;"); break;
	case '<': buf_adds(to, "&lt;"); break;
	case '>': buf_adds(to, "&gt;"); break;
	case '"': buf_adds(to, "&quot;"); break;
	case '\'': buf_adds(to, "&apos;"); break;
	case '\r': buf_adds(to, "&#13;"); break;
	default: buf_addc(to, c);
	}
}

static void add_text(struct buf *to, const char *text)
{
	bool keep = xml_can_say(text);
	for (const char *s = text; *s != '\0'; s++) {
		if (keep || (unsigned char)*s < 0x80)
			add_char(to, *s);
		else
			buf_addc(to, '?');
	}
}

void xml_out_declaration(struct buf *to)
{
	buf_adds(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
}

void xml_out_open(struct buf *to, const char *name)
{
	buf_addc(to, '<');
	buf_adds(to, name);
	buf_addc(to, '>');
}

void xml_out_open_ns(struct buf *to, const char *name, const char *ns)
{
	buf_addc(to, '<');
	buf_adds(to, name);
	buf_adds(to, " xmlns=\"");
	add_text(to, ns);
	buf_adds(to, "\">");
}

void xml_out_close(struct buf *to, const char *name)
{
	buf_adds(to, "</");
	buf_adds(to, name);
	buf_addc(to, '>');
}

void xml_out_text(struct buf *to, const char *name, const char *text)
{
	xml_out_open(to, name);
	add_text(to, text);
	xml_out_close(to, name);
}

void xml_out_int(struct buf *to, const char *name, int64_t v)
{
	xml_out_open(to, name);
	buf_addf(to, "%lld", (long long)v);
	xml_out_close(to, name);
}
