/*
 * Byte by byte, with a piece of half a KiB towards the output. Line ends are told apart
 * first; what is no line end goes through the field names (only at the begin of a header
 * line) and then into the line. The last hundred octets of a long line are held back from a
 * place where it could be broken, until it is known whether it must be: a line of the greatest
 * length stays whole.
 */
#include "migrate/repair.h"

#include <string.h>

enum { BREAK_FROM = REPAIR_LINE_MAX - 98 }; /* a blank from this column on is a good place */

/* Of one length each, so that nothing but the name changes. */
static const struct {
	const char *from, *to;
} receipts[] = {
	{ "Disposition-Notification-To", "X-Was-Disposition-Notify-To" },
	{ "Return-Receipt-To", "X-Was-Ret-Rcpt-To" },
	{ "X-Confirm-Reading-To", "X-Was-Cfm-Reading-To" },
};

void repair_init(struct repair *r, const struct migrate_repair *what, repair_out *out, void *ctx)
{
	*r = (struct repair){ .what = *what, .out = out, .ctx = ctx };
}

static void flush(struct repair *r)
{
	if (r->piece_n > 0)
		r->out(r->ctx, (struct slice){ r->piece, r->piece_n });
	r->piece_n = 0;
}

static void put(struct repair *r, char c)
{
	r->piece[r->piece_n++] = c;
	if (r->piece_n == sizeof(r->piece))
		flush(r);
}

static void put_end(struct repair *r)
{
	put(r, '\r');
	put(r, '\n');
	r->column = 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Where the line may be broken, if it turns out to be too long: best at a blank, else between
 * two characters, as long as there is hope that it is UTF-8. */
static bool begins_tail(const struct repair *r, char c)
{
	bool inside = ((unsigned char)c & 0xc0) == 0x80;
	return (r->column >= BREAK_FROM && is_blank(c)) ||
	       (r->column >= REPAIR_LINE_MAX - 4 && !inside) || r->column >= REPAIR_LINE_MAX - 1;
}

static void put_tail(struct repair *r, size_t from)
{
	for (size_t i = from; i < r->tail_n; i++)
		put(r, r->tail[i]);
	r->column += r->tail_n - from;
	r->tail_n = 0;
}

/* A header goes on behind a blank; in a body the blank stays at the line's end. */
static void break_line(struct repair *r)
{
	bool blank = is_blank(r->tail[0]);
	r->did |= REPAIR_LONG_LINES;
	if (r->body && blank)
		put(r, r->tail[0]);
	put_end(r);
	if (!r->body && !blank) {
		put(r, ' ');
		r->column = 1;
	}
	put_tail(r, r->body && blank ? 1 : 0);
}

static void put_in_line(struct repair *r, char c)
{
	if (c == '\0' && r->what.nul) {
		c = ' ';
		r->did |= REPAIR_NUL;
	}
	if (r->tail_n > 0 && r->column + r->tail_n >= REPAIR_LINE_MAX)
		break_line(r);
	if (r->what.long_lines && (r->tail_n > 0 || begins_tail(r, c))) {
		r->tail[r->tail_n++] = c;
		return;
	}
	put(r, c);
	r->column++;
}

static void release_held(struct repair *r)
{
	size_t n = r->held_n;
	r->held_n = 0;
	for (size_t i = 0; i < n; i++)
		put_in_line(r, r->held[i]);
}

/* A name ends at the colon; blanks before it are obsolete, not wrong (RFC 5322 §4.5). */
static bool ends_name(char c)
{
	return c == ':' || is_blank(c);
}

/* Held as long as it may become one of the names; a whole one goes out as the other. */
static bool hold(struct repair *r, char c)
{
	if (!r->what.read_receipts || r->body || r->column != 0)
		return false;
	const struct slice before = { r->held, r->held_n };
	r->held[r->held_n++] = c;
	const struct slice held = { r->held, r->held_n };
	for (size_t i = 0; i < sizeof(receipts) / sizeof(receipts[0]); i++) {
		const struct slice name = slice_str(receipts[i].from);
		if (slice_starts_nocase(name, held))
			return true;
		if (ends_name(c) && slice_eq_nocase(before, name)) {
			memcpy(r->held, receipts[i].to, name.len);
			r->did |= REPAIR_RECEIPTS;
		}
	}
	release_held(r);
	return true;
}

static void end_line(struct repair *r)
{
	bool empty = r->column == 0 && r->held_n == 0;
	release_held(r);
	put_tail(r, 0);
	r->body |= empty;
	r->column = 0;
}

/* A CR or an LF alone ends a line for one server and is a fault for another. */
static void lone_end(struct repair *r, char c)
{
	end_line(r);
	if (r->what.bare_lf) {
		r->did |= REPAIR_LINE_ENDS;
		put_end(r);
	} else {
		put(r, c);
	}
}

static void add_byte(struct repair *r, char c)
{
	if (r->cr) {
		r->cr = false;
		if (c == '\n') {
			end_line(r);
			put_end(r);
			return;
		}
		lone_end(r, '\r');
	}
	if (c == '\r')
		r->cr = true;
	else if (c == '\n')
		lone_end(r, '\n');
	else if (!hold(r, c))
		put_in_line(r, c);
}

bool repair_is_through(const struct repair *r)
{
	const struct migrate_repair *w = &r->what;
	return r->body && !r->cr && !w->long_lines && !w->nul && !w->bare_lf;
}

void repair_add(struct repair *r, struct slice s)
{
	size_t i = 0;
	while (i < s.len && !repair_is_through(r))
		add_byte(r, s.ptr[i++]);
	flush(r);
	if (i < s.len)
		r->out(r->ctx, (struct slice){ s.ptr + i, s.len - i });
}

void repair_finish(struct repair *r)
{
	if (r->cr)
		lone_end(r, '\r');
	r->cr = false;
	release_held(r);
	put_tail(r, 0);
	flush(r);
}

const char *repair_text(unsigned did, char text_r[REPAIR_TEXT_MAX])
{
	static const struct {
		unsigned kind;
		const char *text;
	} kinds[] = {
		{ REPAIR_LONG_LINES, "long lines broken" },
		{ REPAIR_NUL, "NUL characters replaced" },
		{ REPAIR_LINE_ENDS, "line ends corrected" },
		{ REPAIR_RECEIPTS, "request for a receipt disarmed" },
	};
	size_t at = 0;
	text_r[0] = '\0';
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if ((did & kinds[i].kind) == 0)
			continue;
		str_copy(text_r + at, REPAIR_TEXT_MAX - at, at > 0 ? ", " : "");
		at += strlen(text_r + at);
		str_copy(text_r + at, REPAIR_TEXT_MAX - at, kinds[i].text);
		at += strlen(text_r + at);
	}
	return text_r;
}
