/* A backslash and another character than a digit mean the same in both. */
#include "registrars/route53/octal.h"

#include "base/buf.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

enum notation { OCTAL, DECIMAL };

/* Three digits; -1 when they are none, or no octet. Ends at the text's end. */
static int octet_of(const char *digits, enum notation in)
{
	int base = in == OCTAL ? 8 : 10;
	int v = 0;
	for (size_t i = 0; i < 3; i++) {
		int digit = digits[i] - '0';
		if (digit < 0 || digit >= base)
			return -1;
		v = v * base + digit;
	}
	return v <= 0xff ? v : -1;
}

/* At a backslash; *p moves to the last character of the escape. */
static int translate_escape(const char **p, enum notation from, struct buf *out)
{
	const char *at = *p;
	if (at[1] == '\0')
		return -1;
	if (!is_digit(at[1])) {
		buf_add(out, at, 2);
		*p += 1;
		return 0;
	}
	int octet = octet_of(at + 1, from);
	if (octet < 0)
		return -1;
	buf_addf(out, from == OCTAL ? "\\%03d" : "\\%03o", (unsigned)octet);
	*p += 3;
	return 0;
}

static const char *translate(struct arena *a, const char *text, enum notation from)
{
	struct buf out;
	int rc = 0;
	buf_init(&out);
	for (const char *p = text; rc == 0 && *p != '\0'; p++) {
		if (*p == '\\')
			rc = translate_escape(&p, from, &out);
		else
			buf_addc(&out, *p);
	}
	const char *done = rc == 0 ? arena_slice(a, buf_slice(&out)) : NULL;
	buf_release(&out);
	return done;
}

const char *octal_read(struct arena *a, const char *text, struct err *e)
{
	const char *done = translate(a, text, OCTAL);
	if (done == NULL)
		(void)err_set(e, ERR_ITEM, "\"%.200s\" has an escape that is no octal number",
			      text);
	return done;
}

const char *octal_write(struct arena *a, const char *text)
{
	const char *done = translate(a, text, DECIMAL);
	return done != NULL ? done : text; /* not canonical: Route 53 will say so */
}
