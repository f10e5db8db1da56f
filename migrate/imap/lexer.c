/*
 * Cuts the byte stream into responses. A response is collected in `line`; a literal
 * that is no body is kept in it as it came ("{5}CRLF hello"), a body is handed
 * through and leaves "{0}CRLF" behind, so that the line can be read whole at its end.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "migrate/imap/mutf7.h"
#include "migrate/imap/parse.h"

enum state {
	IN_LINE,
	IN_INLINE_LITERAL, /* `left` bytes go into the line */
	IN_BODY,           /* `left` bytes are handed through */
	IN_BODY_END,
};

struct imap_parser {
	struct buf line;
	struct buf head;    /* a copy of the line up to a body, to read without harm */
	struct buf name;    /* a mailbox name that was coded anew */
	bool utf8;          /* mailbox names come so */
	size_t piece_start; /* of the line's part since the last literal */
	unsigned literals;  /* in the line so far */
	enum state state;
	uint64_t left;
	bool clear_line; /* the last event pointed into it */
	size_t cut_head; /* of a line that is handed over in pieces: what stands before each */
	/* A FETCH with a quoted body: its events come one by one, this is the next. */
	enum imap_event_kind quoted_next;
	bool quoted;
	struct imap_fetch fetch;
};

struct imap_parser *imap_parser_new(void)
{
	struct imap_parser *p = mem_alloc(sizeof(*p));
	buf_init(&p->line);
	buf_init(&p->head);
	buf_init(&p->name);
	return p;
}

void imap_parser_free(struct imap_parser *p)
{
	if (p == NULL)
		return;
	buf_release(&p->line);
	buf_release(&p->head);
	buf_release(&p->name);
	free(p);
}

void imap_parser_utf8(struct imap_parser *p)
{
	p->utf8 = true;
}

/* A line that was handed out and waits to be cleared counts as done. */
bool imap_parser_idle(const struct imap_parser *p)
{
	return p->state == IN_LINE && (p->clear_line || p->line.len == 0);
}

static void line_reset(struct imap_parser *p)
{
	buf_clear(&p->line);
	p->piece_start = 0;
	p->literals = 0;
	p->clear_line = false;
}

static struct imap_reader line_reader(struct imap_parser *p)
{
	return (struct imap_reader){ p->line.at, p->line.at + p->line.len };
}

static bool is_status_word(struct slice word)
{
	static const char *const words[] = { "OK", "NO", "BAD", "BYE", "PREAUTH" };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_eq_nocase(word, slice_str(words[i])))
			return true;
	return false;
}

/* Only untagged data can hold literals; free text may end in "{5}" as it likes. */
static bool can_hold_literals(struct imap_parser *p)
{
	struct imap_reader r = line_reader(p);
	struct slice word;
	return imap_read_char(&r, '*') && imap_read_space(&r) && imap_read_atom(&r, &word) &&
	       !is_status_word(word);
}

/* "{123}" or "{123+}" at the end of what came since the last literal. */
static bool literal_header(struct imap_parser *p, uint64_t *len_r, size_t *at_r)
{
	const char *s = p->line.at;
	size_t end = p->line.len;
	if (end < p->piece_start + 3 || s[end - 1] != '}')
		return false;
	size_t digits_end = s[end - 2] == '+' ? end - 2 : end - 1;
	size_t i = digits_end;
	while (i > p->piece_start && s[i - 1] >= '0' && s[i - 1] <= '9')
		i--;
	if (i <= p->piece_start || s[i - 1] != '{')
		return false;
	*at_r = i - 1;
	return slice_to_u64((struct slice){ s + i, digits_end - i }, len_r);
}

/* Reads "* 12 FETCH" or "* 12 UIDFETCH". */
static bool read_fetch_head(struct imap_reader *r, struct imap_fetch *f)
{
	uint64_t n;
	struct slice word;
	if (!imap_read_char(r, '*') || !imap_read_space(r) || !imap_read_number(r, &n) ||
	    n > UINT32_MAX || !imap_read_space(r) || !imap_read_atom(r, &word))
		return false;
	memset(f, 0, sizeof(*f));
	if (slice_eq_nocase(word, SLICE_LIT("FETCH")))
		f->seq = (uint32_t)n;
	else if (slice_eq_nocase(word, SLICE_LIT("UIDFETCH")))
		f->uid = (uint32_t)n;
	else
		return false;
	return imap_read_space(r);
}

/* Fills *f and tells whether the literal that follows is a message's body. The line
 * is read again at its end and reading unescapes in place: so a copy is read here. */
static bool begins_body(struct imap_parser *p, size_t header_at, struct imap_fetch *f)
{
	buf_clear(&p->head);
	buf_add(&p->head, p->line.at, header_at);
	struct imap_reader r = { p->head.at, p->head.at + header_at };
	struct slice item;
	return read_fetch_head(&r, f) && imap_parse_fetch(&r, true, f, &item) &&
	       imap_item_is_body(item);
}

/* The line so far ends in a literal's header. 1: an event, 0: go on, -1: refused. */
static int begin_literal(struct imap_parser *p, uint64_t len, size_t header_at,
			 struct imap_event *ev_r, struct err *e)
{
	p->left = len;
	if (++p->literals > IMAP_LITERALS_MAX)
		return err_set(e, ERR_RETRY, "the server sent an answer of more than %d literals",
			       IMAP_LITERALS_MAX);
	if (begins_body(p, header_at, &ev_r->fetch)) {
		p->line.len = header_at;
		buf_adds(&p->line, "{0}\r\n");
		p->piece_start = p->line.len;
		p->state = IN_BODY;
		ev_r->kind = IMAP_EV_LITERAL_BEGIN;
		ev_r->literal_len = len;
		return 1;
	}
	if (len > IMAP_INLINE_MAX)
		return err_set(e, ERR_RETRY,
			       "the server sent a literal of %llu bytes where none is expected",
			       (unsigned long long)len);
	buf_adds(&p->line, "\r\n");
	p->piece_start = p->line.len;
	p->state = IN_INLINE_LITERAL;
	return 0;
}

static int refuse_line(struct imap_parser *p, struct err *e)
{
	char shown[80];
	str_copy(shown, sizeof(shown), p->line.at);
	return err_set(e, ERR_RETRY, "the server's answer is not IMAP: '%s'", shown);
}

/* The whole line is there, but its events are those of a literal. */
static void begin_quoted(struct imap_parser *p, struct imap_event *ev_r)
{
	p->fetch = ev_r->fetch;
	p->quoted = true;
	p->clear_line = false;
	p->quoted_next = p->fetch.quoted.len > 0 ? IMAP_EV_LITERAL_DATA : IMAP_EV_LITERAL_END;
	ev_r->kind = IMAP_EV_LITERAL_BEGIN;
	ev_r->literal_len = p->fetch.quoted.len;
}

static int next_quoted(struct imap_parser *p, struct imap_event *ev_r)
{
	ev_r->kind = p->quoted_next;
	if (p->quoted_next == IMAP_EV_LITERAL_DATA) {
		ev_r->data = p->fetch.quoted;
		p->quoted_next = IMAP_EV_LITERAL_END;
	} else if (p->quoted_next == IMAP_EV_LITERAL_END) {
		p->quoted_next = IMAP_EV_FETCH;
	} else {
		ev_r->fetch = p->fetch;
		p->quoted = false;
		p->clear_line = true;
	}
	return 1;
}

/* A FETCH whose items are read here; the rest by its first words. */
static bool parse_whole(struct imap_parser *p, struct imap_event *ev_r)
{
	struct imap_reader r = line_reader(p);
	struct imap_fetch f;
	struct slice item;
	if (!read_fetch_head(&r, &f)) {
		r = line_reader(p);
		return imap_parse_line(&r, ev_r);
	}
	ev_r->kind = IMAP_EV_FETCH;
	bool ok = imap_parse_fetch(&r, false, &f, &item);
	ev_r->fetch = f;
	if (ok && f.body_is_quoted)
		begin_quoted(p, ev_r);
	return ok;
}

/* What is no UTF-8 stays as the server told it. */
static void code_name(struct imap_parser *p, struct slice *name)
{
	buf_clear(&p->name);
	if (mutf7_encode(&p->name, *name))
		*name = buf_slice(&p->name);
}

static void code_names(struct imap_parser *p, struct imap_event *ev)
{
	if (ev->kind == IMAP_EV_LIST || ev->kind == IMAP_EV_LSUB)
		code_name(p, &ev->list.name);
	else if (ev->kind == IMAP_EV_FOLDER_STATUS)
		code_name(p, &ev->folder.name);
}

static int end_line(struct imap_parser *p, struct imap_event *ev_r, struct err *e)
{
	uint64_t len;
	size_t at;
	p->line.len--; /* LF */
	if (p->line.len > p->piece_start && p->line.at[p->line.len - 1] == '\r')
		p->line.len--;
	p->line.at[p->line.len] = '\0';
	if (literal_header(p, &len, &at) && can_hold_literals(p))
		return begin_literal(p, len, at, ev_r, e);
	if (p->line.len == 0)
		return 0; /* some servers send an empty line after a literal */
	p->clear_line = true;
	if (!parse_whole(p, ev_r))
		return refuse_line(p, e);
	if (p->utf8)
		code_names(p, ev_r);
	return 1;
}

/* Answers that may be as long as a folder is big, by how they begin, and what parts their items. */
static const struct {
	const char *head;
	char between;
	bool vanished, earlier;
} cut_lines[] = {
	{ "* SEARCH ", ' ', false, false },
	{ "* VANISHED (EARLIER) ", ',', true, true },
	{ "* VANISHED ", ',', true, false },
};

static bool cut_at(struct imap_parser *p, size_t which, struct imap_event *ev_r)
{
	size_t head = strlen(cut_lines[which].head);
	size_t cut = p->line.len;
	while (cut > head && p->line.at[cut - 1] != cut_lines[which].between)
		cut--;
	if (cut <= head)
		return false;
	const struct slice items = { p->line.at + head, cut - head };
	ev_r->kind = cut_lines[which].vanished ? IMAP_EV_VANISHED : IMAP_EV_SEARCH;
	if (cut_lines[which].vanished) {
		ev_r->vanished.uids = items;
		ev_r->vanished.earlier = cut_lines[which].earlier;
	} else {
		ev_r->numbers = items;
	}
	p->cut_head = head;
	p->left = cut - head; /* dropped at the next call, when nobody looks any more */
	return true;
}

/* Such an answer is handed over in pieces, cut between two items. The line is looked at only at
 * fixed lengths, so the cuts do not depend on the input. */
static bool cut_line(struct imap_parser *p, struct imap_event *ev_r)
{
	struct slice line = buf_slice(&p->line);
	for (size_t i = 0; i < sizeof(cut_lines) / sizeof(cut_lines[0]); i++)
		if (slice_starts_nocase(line, slice_str(cut_lines[i].head)))
			return cut_at(p, i, ev_r);
	return false;
}

/* Up to the next fixed length or LF, never further: the rest may be a literal's bytes. */
static int feed_line(struct imap_parser *p, struct slice *in, struct imap_event *ev_r,
		     struct err *e)
{
	size_t room = p->line.len < IMAP_SEARCH_PIECE ? IMAP_SEARCH_PIECE - p->line.len
						      : IMAP_LINE_MAX - p->line.len;
	size_t take = in->len < room ? in->len : room;
	const char *lf = memchr(in->ptr, '\n', take);
	if (lf != NULL)
		take = (size_t)(lf - in->ptr) + 1;
	buf_add(&p->line, in->ptr, take);
	in->ptr += take;
	in->len -= take;
	if (lf != NULL)
		return end_line(p, ev_r, e);
	if (p->line.len == IMAP_SEARCH_PIECE && cut_line(p, ev_r))
		return 1;
	if (p->line.len >= IMAP_LINE_MAX)
		return err_set(e, ERR_RETRY, "the server sent a line of more than %d bytes",
			       IMAP_LINE_MAX);
	return 0;
}

static size_t take_literal(struct imap_parser *p, struct slice *in)
{
	size_t n = p->left < in->len ? (size_t)p->left : in->len;
	p->left -= n;
	in->ptr += n;
	in->len -= n;
	return n;
}

/* Names and texts are part of the line; the limit holds for both together. */
static int feed_inline(struct imap_parser *p, struct slice *in, struct err *e)
{
	const char *from = in->ptr;
	size_t n = take_literal(p, in);
	buf_add(&p->line, from, n);
	p->piece_start = p->line.len;
	if (p->left == 0)
		p->state = IN_LINE;
	if (p->line.len >= IMAP_LINE_MAX)
		return err_set(e, ERR_RETRY, "the server sent a line of more than %d bytes",
			       IMAP_LINE_MAX);
	return 0;
}

/* Not copied: the event points into the caller's bytes. */
static int feed_body(struct imap_parser *p, struct slice *in, struct imap_event *ev_r)
{
	const char *from = in->ptr;
	size_t n = take_literal(p, in);
	if (p->left == 0)
		p->state = IN_BODY_END;
	ev_r->kind = IMAP_EV_LITERAL_DATA;
	ev_r->data = (struct slice){ from, n };
	return 1;
}

/* What the last event pointed at goes now. */
static void forget_last(struct imap_parser *p)
{
	if (p->clear_line)
		line_reset(p);
	if (p->state == IN_LINE && p->left > 0) {
		size_t head = p->cut_head;
		size_t rest = p->line.len - head - (size_t)p->left;
		memmove(p->line.at + head, p->line.at + head + p->left, rest);
		p->line.len = head + rest;
		p->left = 0;
	}
}

/* An empty body ("{0}") has BEGIN and END and no DATA. */
int imap_parser_next(struct imap_parser *p, struct slice *in, struct imap_event *ev_r,
		     struct err *e)
{
	forget_last(p);
	memset(ev_r, 0, sizeof(*ev_r));
	if (p->quoted)
		return next_quoted(p, ev_r);
	if (p->state == IN_BODY && p->left == 0)
		p->state = IN_BODY_END;
	while (in->len > 0 || p->state == IN_BODY_END) {
		int rc = 0;
		if (p->state == IN_LINE) {
			rc = feed_line(p, in, ev_r, e);
		} else if (p->state == IN_INLINE_LITERAL && p->left > 0) {
			rc = feed_inline(p, in, e);
		} else if (p->state == IN_INLINE_LITERAL) {
			p->state = IN_LINE;
		} else if (p->state == IN_BODY) {
			return feed_body(p, in, ev_r);
		} else {
			p->state = IN_LINE;
			ev_r->kind = IMAP_EV_LITERAL_END;
			return 1;
		}
		if (rc != 0)
			return rc;
	}
	return 0;
}
