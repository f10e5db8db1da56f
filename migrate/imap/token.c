/*
 * A bounds-checked cursor over one line, no more. Servers are forgiven what costs nothing
 * to forgive (two blanks, a number where a string should be) and nothing else: what is
 * read wrongly here would be copied wrongly.
 */
#include "migrate/imap/token.h"

#include <string.h>

bool imap_read_end(const struct imap_reader *r)
{
	return r->at >= r->end;
}

char imap_peek(const struct imap_reader *r)
{
	if (imap_read_end(r))
		return '\0';
	return *r->at;
}

bool imap_read_char(struct imap_reader *r, char c)
{
	if (imap_read_end(r) || *r->at != c)
		return false;
	r->at++;
	return true;
}

bool imap_read_space(struct imap_reader *r)
{
	if (!imap_read_char(r, ' '))
		return false;
	while (imap_peek(r) == ' ')
		r->at++;
	return true;
}

/* Brackets do not end one: flags and item names hold them. */
static bool ends_atom(char c)
{
	return c == ' ' || c == '(' || c == ')' || c == '"' || c == '\r' || c == '\n';
}

bool imap_read_atom(struct imap_reader *r, struct slice *s_r)
{
	char *at = r->at;
	while (at < r->end && !ends_atom(*at))
		at++;
	*s_r = (struct slice){ r->at, (size_t)(at - r->at) };
	r->at = at;
	return s_r->len > 0;
}

bool imap_read_number(struct imap_reader *r, uint64_t *v_r)
{
	char *start = r->at;
	while (!imap_read_end(r) && *r->at >= '0' && *r->at <= '9')
		r->at++;
	return slice_to_u64((struct slice){ start, (size_t)(r->at - start) }, v_r);
}

/* Unescapes in place: the text only gets shorter, so no copy is needed. */
static bool read_quoted(struct imap_reader *r, struct slice *s_r)
{
	char *start = ++r->at;
	char *to = start;
	while (r->at < r->end && *r->at != '"') {
		if (*r->at == '\\' && ++r->at >= r->end)
			return false;
		*to++ = *r->at++;
	}
	*s_r = (struct slice){ start, (size_t)(to - start) };
	return imap_read_char(r, '"');
}

/* The whole literal must be in the line: the lexer collected it, so anything else is its
 * error. */
static bool read_literal(struct imap_reader *r, struct slice *s_r)
{
	uint64_t len;
	r->at++;
	if (!imap_read_number(r, &len))
		return false;
	(void)imap_read_char(r, '+');
	if (!imap_read_char(r, '}') || !imap_read_char(r, '\r') || !imap_read_char(r, '\n'))
		return false;
	if (len > (uint64_t)(r->end - r->at))
		return false;
	*s_r = (struct slice){ r->at, (size_t)len };
	r->at += len;
	return true;
}

bool imap_read_string(struct imap_reader *r, struct slice *s_r)
{
	if (imap_peek(r) == '"')
		return read_quoted(r, s_r);
	return imap_peek(r) == '{' && read_literal(r, s_r);
}

bool imap_read_astring(struct imap_reader *r, struct slice *s_r)
{
	if (imap_peek(r) == '"' || imap_peek(r) == '{')
		return imap_read_string(r, s_r);
	return imap_read_atom(r, s_r);
}

bool imap_read_nstring(struct imap_reader *r, struct slice *s_r, bool *is_nil_r)
{
	*is_nil_r = false;
	if (imap_peek(r) == '"' || imap_peek(r) == '{')
		return imap_read_string(r, s_r);
	*is_nil_r = true;
	return imap_read_atom(r, s_r) && slice_eq_nocase(*s_r, SLICE_LIT("NIL"));
}

bool imap_read_flat_list(struct imap_reader *r, struct slice *s_r)
{
	if (!imap_read_char(r, '('))
		return false;
	char *start = r->at;
	while (!imap_read_end(r) && *r->at != ')' && *r->at != '(')
		r->at++;
	*s_r = slice_trim((struct slice){ start, (size_t)(r->at - start) });
	return imap_read_char(r, ')');
}

/* Blanks and parentheses inside of [] belong to the section. */
bool imap_read_item_name(struct imap_reader *r, struct slice *s_r)
{
	char *at = r->at;
	bool in_section = false;
	while (at < r->end && (in_section || !ends_atom(*at))) {
		if (*at == '[')
			in_section = true;
		else if (*at == ']')
			in_section = false;
		at++;
	}
	*s_r = (struct slice){ r->at, (size_t)(at - r->at) };
	r->at = at;
	return s_r->len > 0;
}

/* One token that is no list; parentheses only move the depth. */
static bool skip_step(struct imap_reader *r, unsigned *depth)
{
	struct slice s;
	char c = imap_peek(r);
	if (c == '(')
		return ++*depth <= IMAP_NESTING_MAX && imap_read_char(r, '(');
	if (c == ')')
		return (*depth)-- > 0 && imap_read_char(r, ')');
	if (c == ' ')
		return *depth > 0 && imap_read_space(r);
	return imap_read_astring(r, &s);
}

/* A counter instead of recursion: depth is the server's choice, our stack is not. */
bool imap_skip_value(struct imap_reader *r)
{
	unsigned depth = 0;
	do {
		if (imap_read_end(r) || !skip_step(r, &depth))
			return false;
	} while (depth > 0);
	return true;
}

struct slice imap_read_rest(struct imap_reader *r)
{
	struct slice s = { r->at, (size_t)(r->end - r->at) };
	r->at = r->end;
	return s;
}
