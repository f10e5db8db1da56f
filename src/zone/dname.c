/*
 * A name goes through its wire form: text that can be encoded is a name, and printing
 * the octets again gives the one canonical text. The characters that a master file
 * gives a meaning to are printed as \X, what cannot be seen as \DDD.
 */
#include "zone/dname_wire.h"

#include <string.h>

/* What a master file would take for something else than a part of a name. */
static bool is_special(unsigned char c)
{
	return c == '.' || c == ';' || c == '(' || c == ')' || c == '\\' || c == '"' || c == '@' ||
	       c == '$';
}

/* isdigit() asks the locale and takes no negative char. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Nearly every octet of a name: it stands for itself in a text. */
static bool is_usual(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_' ||
	       (c >= 'A' && c <= 'Z');
}

static char to_lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* Reads one octet (perhaps an escape) at *p and moves behind it; -1 when it is none. */
static int read_octet(const char **p)
{
	const char *s = *p;
	if (s[0] != '\\') {
		*p += 1;
		return s[0] > ' ' && s[0] < 0x7f ? s[0] : -1;
	}
	if (is_digit(s[1])) {
		if (!is_digit(s[2]) || !is_digit(s[3]))
			return -1;
		*p += 4;
		int v = (s[1] - '0') * 100 + (s[2] - '0') * 10 + (s[3] - '0');
		return v <= 255 ? v : -1;
	}
	*p += 2;
	return s[1] >= ' ' && s[1] < 0x7f ? s[1] : -1;
}

/* One label with its dot, or the last one without. */
static const char *encode_label(const char **p, struct dname_wire *w)
{
	size_t head = w->len++;
	while (**p != '\0' && **p != '.') {
		int octet = is_usual(**p) ? *(*p)++ : read_octet(p);
		if (octet < 0)
			return "it holds a character or escape that no name may have";
		if (w->len - head > DNAME_LABEL_MAX)
			return "a label is longer than 63 octets";
		if (w->len >= DNAME_WIRE_MAX - 1)
			return "it is longer than 255 octets";
		w->at[w->len++] = (unsigned char)octet;
	}
	if (**p == '.')
		*p += 1;
	w->at[head] = (unsigned char)(w->len - head - 1);
	return w->at[head] > 0 ? NULL : "a label is empty";
}

const char *dname_encode(const char *text, struct dname_wire *w)
{
	w->len = 0;
	if (text[0] == '\0')
		return "it is empty";
	if (str_eq(text, "."))
		text++;
	while (*text != '\0') {
		if (w->len >= DNAME_WIRE_MAX - 1)
			return "it is longer than 255 octets";
		const char *why = encode_label(&text, w);
		if (why != NULL)
			return why;
	}
	w->at[w->len++] = 0;
	return NULL;
}

/* RFC 1035 §5.1; blanks and everything that is no ASCII as \DDD, for other tools split there. */
static char *print_octet(char *to, unsigned char c, bool lower)
{
	if (c <= ' ' || c >= 0x7f) {
		*to++ = '\\';
		*to++ = (char)('0' + c / 100);
		*to++ = (char)('0' + c / 10 % 10);
		*to++ = (char)('0' + c % 10);
		return to;
	}
	if (is_special(c))
		*to++ = '\\';
	*to++ = (char)(lower ? to_lower((char)c) : (char)c);
	return to;
}

void dname_decode(const struct dname_wire *w, bool lower, char text[DNAME_TEXT_MAX])
{
	char *to = text;
	for (size_t i = 0; i < w->len && w->at[i] != 0;) {
		size_t end = i + 1 + w->at[i];
		for (i++; i < end && i < w->len; i++) {
			char c = (char)w->at[i];
			if (is_usual(c))
				*to++ = (char)(lower ? to_lower(c) : c);
			else
				to = print_octet(to, w->at[i], lower);
		}
		*to++ = '.';
	}
	if (to == text)
		*to++ = '.';
	*to = '\0';
}

/* A name of usual octets, of which the text in lower case is the canonical one: its length there,
 * or 0 for what needs a closer look. On the wire it takes an octet more than as a text. */
static size_t copy_usual(const char *text, char canon[DNAME_TEXT_MAX])
{
	size_t len = 0;
	size_t label = 0;
	for (; text[len] != '\0'; len++) {
		bool dot = text[len] == '.';
		if (len >= DNAME_WIRE_MAX - 2 || (dot ? label == 0 : !is_usual(text[len])))
			return 0;
		label = dot ? 0 : label + 1;
		if (label > DNAME_LABEL_MAX)
			return 0;
		canon[len] = to_lower(text[len]);
	}
	if (label > 0)
		canon[len++] = '.';
	return len;
}

const char *dname_canon(struct arena *a, const char *text, struct err *e)
{
	struct dname_wire w;
	char canon[DNAME_TEXT_MAX];
	size_t len = copy_usual(text, canon);
	if (len > 0)
		return arena_slice(a, (struct slice){ canon, len });
	const char *why = dname_encode(text, &w);
	if (why != NULL) {
		(void)err_set(e, ERR_ITEM, "\"%.80s\" is no domain name: %s", text, why);
		(void)err_hint(e, "write an internationalised name in its xn-- form");
		return NULL;
	}
	dname_decode(&w, true, canon);
	return arena_strdup(a, canon);
}

/* True when the text's last dot is one between labels, not an escaped one. */
static bool dot_is_plain(const char *text, const char *dot)
{
	size_t slashes = 0;
	while (dot > text && *--dot == '\\')
		slashes++;
	return slashes % 2 == 0;
}

/* The two with a dot between them; by the arena what is too long for any name, to say so. */
static const char *canon_joined(struct arena *a, struct slice text, const char *origin,
				struct err *e)
{
	char whole[DNAME_TEXT_MAX];
	size_t origin_len = strlen(origin);
	if (text.len + 1 + origin_len >= sizeof(whole))
		return dname_canon(a, arena_printf(a, "%s.%s", text.ptr, origin), e);
	memcpy(whole, text.ptr, text.len);
	whole[text.len] = '.';
	memcpy(whole + text.len + 1, origin, origin_len + 1);
	return dname_canon(a, whole, e);
}

const char *dname_in_zone(struct arena *a, const char *text, const char *origin, struct err *e)
{
	if (str_eq(text, "@"))
		return origin;
	size_t len = strlen(text);
	if (len > 0 && text[len - 1] == '.' && dot_is_plain(text, text + len - 1))
		return dname_canon(a, text, e);
	if (str_eq(origin, ".") || len == 0)
		return dname_canon(a, text, e);
	return canon_joined(a, (struct slice){ text, len }, origin, e);
}

const char *dname_show(struct arena *a, const char *name)
{
	size_t len = strlen(name);
	if (len <= 1)
		return name;
	return arena_slice(a, (struct slice){ name, len - 1 });
}

bool dname_equal(const char *a, const char *b)
{
	return str_eq(a, b);
}

bool dname_is_within(const char *name, const char *zone)
{
	size_t name_len = strlen(name);
	size_t zone_len = strlen(zone);
	if (zone_len == 1 && zone[0] == '.')
		return true;
	if (name_len < zone_len || memcmp(name + name_len - zone_len, zone, zone_len) != 0)
		return false;
	if (name_len == zone_len)
		return true;
	const char *before = name + name_len - zone_len - 1;
	return *before == '.' && dot_is_plain(name, before);
}

const char *dname_parent(const char *name)
{
	for (const char *p = name; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '.')
			return p[1] != '\0' ? p + 1 : p;
	}
	return ".";
}

size_t dname_labels(const char *name)
{
	size_t n = 0;
	for (; name[0] != '.' || name[1] != '\0'; name = dname_parent(name))
		n++;
	return n;
}

/* Offsets of the labels' length octets, first label first. */
static size_t label_starts(const struct dname_wire *w, unsigned char starts[DNAME_WIRE_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < w->len && w->at[i] != 0; i += 1 + (size_t)w->at[i])
		starts[n++] = (unsigned char)i;
	return n;
}

/* RFC 4034 §6.1: octets as unsigned, a label that ends first comes first. */
static int compare_labels(const unsigned char *a, const unsigned char *b)
{
	int d = memcmp(a + 1, b + 1, a[0] < b[0] ? a[0] : b[0]);
	return d != 0 ? d : (int)a[0] - (int)b[0];
}

/* Where the label begins whose end is at `end`. */
static size_t label_start(const char *name, size_t end)
{
	while (end > 0 && name[end - 1] != '.')
		end--;
	return end;
}

/* Without escapes the text is what the wire would hold; sorting a big zone is little else. */
static int compare_plain(const char *a, const char *b)
{
	size_t na = strlen(a);
	size_t nb = strlen(b);
	while (na > 1 && nb > 1) {
		size_t sa = label_start(a, na - 1);
		size_t sb = label_start(b, nb - 1);
		size_t la = na - 1 - sa;
		size_t lb = nb - 1 - sb;
		int d = memcmp(a + sa, b + sb, la < lb ? la : lb);
		if (d != 0 || la != lb)
			return d != 0 ? d : (int)la - (int)lb;
		na = sa;
		nb = sb;
	}
	return (na > 1) - (nb > 1);
}

static bool is_plain(const char *name)
{
	return strchr(name, '\\') == NULL && str_ends(name, ".");
}

int dname_compare(const char *a, const char *b)
{
	if (is_plain(a) && is_plain(b))
		return compare_plain(a, b);
	struct dname_wire wa;
	struct dname_wire wb;
	unsigned char sa[DNAME_WIRE_MAX];
	unsigned char sb[DNAME_WIRE_MAX];
	if (dname_encode(a, &wa) != NULL || dname_encode(b, &wb) != NULL)
		return strcmp(a, b); /* no canonical names: any stable order will do */
	size_t na = label_starts(&wa, sa);
	size_t nb = label_starts(&wb, sb);
	while (na > 0 && nb > 0) {
		int d = compare_labels(wa.at + sa[--na], wb.at + sb[--nb]);
		if (d != 0)
			return d;
	}
	return (na > 0) - (nb > 0);
}
