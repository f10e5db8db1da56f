/*
 * One pass over the buffer. Fields are terminated where they stand and quotes are
 * squeezed out by moving text to the left, so nothing is copied; what was read is
 * therefore gone for a second reading. Positions are bytes, lines are counted for
 * messages also inside of quotes.
 */
#include "config/csv.h"

/* What stands behind a field. */
enum after { AFTER_COMMA, AFTER_LINE, AFTER_BAD };

/* A carriage return counts only before a line feed or the end (RFC 4180 §2). */
static bool at_line_end(const struct csv *c)
{
	return c->at == c->end || *c->at == '\n' ||
	       (*c->at == '\r' && (c->at + 1 == c->end || c->at[1] == '\n'));
}

/* CR LF, LF, or a CR at the very end; a CR alone is data. */
static void skip_line_end(struct csv *c)
{
	if (c->at < c->end && *c->at == '\r')
		c->at++;
	if (c->at < c->end && *c->at == '\n') {
		c->at++;
		c->line++;
	}
}

/* Terminates the field only after its separator was looked at: they may be one byte. */
static enum after close_field(struct csv *c, struct csv_field *f, char *end)
{
	enum after after = AFTER_BAD;
	f->len = (size_t)(end - f->text);
	if (at_line_end(c)) {
		skip_line_end(c);
		after = AFTER_LINE;
	} else if (*c->at == ',') {
		c->at++;
		after = AFTER_COMMA;
	}
	*end = '\0';
	return after;
}

/* Spaces are part of the field (RFC 4180 §2.4). */
static enum after take_plain(struct csv *c, struct csv_field *f, const char **why_r)
{
	f->text = c->at;
	while (!at_line_end(c) && *c->at != ',') {
		if (*c->at == '"') {
			*why_r = "a quote inside a field that does not begin with one";
			return AFTER_BAD;
		}
		c->at++;
	}
	return close_field(c, f, c->at);
}

/* "" inside the quotes is one quote; the text moves left over what was dropped. */
static enum after take_quoted(struct csv *c, struct csv_field *f, const char **why_r)
{
	char *to = ++c->at;
	f->text = to;
	for (;; c->at++) {
		if (c->at == c->end) {
			*why_r = "the quote that begins a field here is never closed";
			c->line = f->line;
			return AFTER_BAD;
		}
		if (*c->at == '"' && (c->at + 1 == c->end || c->at[1] != '"'))
			break;
		if (*c->at == '"')
			c->at++;
		if (*c->at == '\n')
			c->line++;
		*to++ = *c->at;
	}
	c->at++;
	enum after after = close_field(c, f, to);
	if (after == AFTER_BAD)
		*why_r = "text behind a closing quote (a quote inside quotes is written twice)";
	return after;
}

enum csv_result csv_next(struct csv *c, struct csv_record *record_r, const char **why_r)
{
	while (c->at < c->end && at_line_end(c))
		skip_line_end(c);
	if (c->at == c->end)
		return CSV_END;
	record_r->line = c->line;
	record_r->n = 0;
	for (;;) {
		if (record_r->n == CSV_FIELDS_MAX) {
			*why_r = "too many fields";
			return CSV_BAD;
		}
		struct csv_field *f = &record_r->fields[record_r->n++];
		f->line = c->line;
		bool quoted = c->at < c->end && *c->at == '"';
		enum after after = quoted ? take_quoted(c, f, why_r) : take_plain(c, f, why_r);
		if (after == AFTER_BAD)
			return CSV_BAD;
		if (after == AFTER_LINE)
			return CSV_RECORD;
	}
}
