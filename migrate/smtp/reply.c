/*
 * Lines are collected up to their LF, whatever the pieces; a reply is whole at the first
 * line without a '-' behind its code (RFC 5321 §4.2.1). Limits are far above the RFC's,
 * for real servers greet with long banners, but they are there.
 */
#include "migrate/smtp/reply.h"

#include <string.h>

void smtp_parser_init(struct smtp_parser *p)
{
	*p = (struct smtp_parser){ 0 };
	buf_init(&p->reply.text);
	buf_init(&p->line);
}

void smtp_parser_release(struct smtp_parser *p)
{
	buf_release(&p->reply.text);
	buf_release(&p->line);
}

/* At the next feed, not at the reply's end: until then the caller reads it. */
static void begin_reply(struct smtp_parser *p)
{
	p->reply.code = 0;
	buf_clear(&p->reply.text);
	p->lines = 0;
	p->whole = false;
}

static int no_smtp(const struct smtp_parser *p, const char *why, struct err *e)
{
	return err_set(e, ERR_WORLD, "the server's answer is no SMTP (%s): %.80s", why, p->line.at);
}

/* Takes up to and with the line's end; true when the line is whole. */
static bool take_line(struct smtp_parser *p, struct slice *bytes)
{
	const char *end = bytes->len > 0 ? memchr(bytes->ptr, '\n', bytes->len) : NULL;
	size_t len = end != NULL ? (size_t)(end - bytes->ptr) + 1 : bytes->len;
	/* One byte over the limit is enough to know. */
	size_t room = SMTP_LINE_MAX + 1 - p->line.len;
	buf_add(&p->line, bytes->ptr, len < room ? len : room);
	bytes->ptr += len;
	bytes->len -= len;
	return end != NULL;
}

/* "250", "250 text" or "250-text": the code, and whether more lines follow. */
static bool split_line(struct slice line, int *code_r, bool *more_r, struct slice *text_r)
{
	uint64_t code;
	if (line.len < 3 || !slice_to_u64((struct slice){ line.ptr, 3 }, &code))
		return false;
	if (code < 200 || code > 599)
		return false;
	*code_r = (int)code;
	*more_r = line.len > 3 && line.ptr[3] == '-';
	*text_r = line.len > 4 ? (struct slice){ line.ptr + 4, line.len - 4 }
			       : (struct slice){ line.ptr, 0 };
	return line.len == 3 || *more_r || line.ptr[3] == ' ';
}

static struct slice without_end(const struct buf *line)
{
	struct slice s = buf_slice(line);
	while (s.len > 0 && (s.ptr[s.len - 1] == '\n' || s.ptr[s.len - 1] == '\r'))
		s.len--;
	return s;
}

/* Two codes in one reply break RFC 5321 §4.2.1; such a server is not understood, so nothing it
 * says is evidence. */
static int add_line(struct smtp_parser *p, bool *more_r, struct err *e)
{
	int code;
	struct slice text;
	if (p->line.len > SMTP_LINE_MAX)
		return no_smtp(p, "a line without end", e);
	if (!split_line(without_end(&p->line), &code, more_r, &text))
		return no_smtp(p, "no reply code", e);
	if (p->lines > 0 && code != p->reply.code)
		return no_smtp(p, "two codes in one reply", e);
	if (++p->lines > SMTP_LINES_MAX)
		return no_smtp(p, "a reply without end", e);
	if (p->lines > 1)
		buf_addc(&p->reply.text, '\n');
	p->reply.code = code;
	for (size_t i = 0; i < text.len; i++) /* the text stays one string */
		buf_add(&p->reply.text, text.ptr[i] != '\0' ? &text.ptr[i] : "?", 1);
	return 0;
}

/* Stops behind each reply: the caller acts on it before the next one overwrites the text. */
int smtp_parser_feed(struct smtp_parser *p, struct slice *bytes, struct err *e)
{
	if (p->whole)
		begin_reply(p);
	while (bytes->len > 0) {
		bool more = false;
		bool ended = take_line(p, bytes);
		if (!ended && p->line.len <= SMTP_LINE_MAX)
			return 0;
		if (add_line(p, &more, e) != 0)
			return -1;
		buf_clear(&p->line);
		p->whole = !more;
		if (p->whole)
			return 1;
	}
	return 0;
}

bool smtp_reply_offers(const struct smtp_reply *r, const char *keyword)
{
	struct slice rest = buf_slice(&r->text);
	(void)slice_until(&rest, '\n'); /* the first line greets */
	while (rest.len > 0) {
		struct slice line = slice_until(&rest, '\n');
		if (slice_eq_nocase(slice_until(&line, ' '), slice_str(keyword)))
			return true;
	}
	return false;
}

/* Only when its class agrees with the code: text may begin with any number. */
bool smtp_reply_status(const struct smtp_reply *r, unsigned status_r[3])
{
	struct slice rest = buf_slice(&r->text);
	struct slice first = slice_until(&rest, '\n');
	struct slice status = slice_until(&first, ' ');
	for (size_t i = 0; i < 3; i++) {
		uint64_t v;
		if (!slice_to_u64(slice_until(&status, i < 2 ? '.' : '\0'), &v) || v > 999)
			return false;
		status_r[i] = (unsigned)v;
	}
	return status.len == 0 && status_r[0] == (unsigned)r->code / 100;
}
