/*
 * Follows the lines of each direction just far enough to know where a literal begins:
 * a line that ends in "{N}" or "{N+}" (RFC 9051 §4.3) is followed by N bytes that are
 * somebody's mail, and are logged as their number only. Mail may also come as a quoted string
 * of a FETCH response: of these only the date is shown.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "io/stream.h"

enum { LINE_MAX_LEN = 400 }; /* more of a line tells nobody more */

struct direction {
	const char *mark;
	struct buf line; /* the line so far, cut at LINE_MAX_LEN */
	char tail[24];   /* the end of the line, where a literal is announced */
	size_t tail_len;
	uint64_t literal_left;
	bool in_fetch; /* the line goes on with a FETCH response, behind a literal */
	enum { NO_QUOTE, SHOWN_QUOTE, HIDDEN_QUOTE } quote; /* of a FETCH response */
	bool escaped; /* the character before, in a quoted string, was its backslash */
};

struct rawlog {
	struct stream stream;
	struct stream *under; /* owned */
	struct log *log;      /* borrowed */
	struct direction in, out;
};

/* The stream is the first member. */
static struct rawlog *self(const struct stream *s)
{
	return (struct rawlog *)s;
}

/* The N of a final "{N}", "{N+}" or "{N-}". */
static bool announces_literal(const struct direction *d, uint64_t *size_r)
{
	struct slice s = { d->tail, d->tail_len };
	if (s.len == 0 || s.ptr[s.len - 1] != '}')
		return false;
	s.len--;
	if (s.len > 0 && (s.ptr[s.len - 1] == '+' || s.ptr[s.len - 1] == '-'))
		s.len--;
	size_t digits = 0;
	while (digits < s.len && s.ptr[s.len - 1 - digits] != '{')
		digits++;
	return digits < s.len &&
	       slice_to_u64((struct slice){ s.ptr + s.len - digits, digits }, size_r);
}

/* "* 12 FETCH" or "* 12 UIDFETCH" */
static bool is_fetch(const struct direction *d)
{
	struct slice rest = buf_slice(&d->line);
	uint64_t n;
	if (d->in_fetch)
		return true;
	if (!slice_eq(slice_until(&rest, ' '), SLICE_LIT("*")) ||
	    !slice_to_u64(slice_until(&rest, ' '), &n))
		return false;
	struct slice word = slice_until(&rest, ' ');
	return slice_eq_nocase(word, SLICE_LIT("FETCH")) ||
	       slice_eq_nocase(word, SLICE_LIT("UIDFETCH"));
}

/* The one quoted item of FETCH that is no text of somebody's mail. */
static bool is_date(const struct direction *d)
{
	static const char word[] = "INTERNALDATE ";
	size_t len = sizeof(word) - 1;
	return d->line.len >= len &&
	       slice_eq_nocase((struct slice){ d->line.at + d->line.len - len, len },
			       slice_str(word));
}

/* Cut at LINE_MAX_LEN; a NUL would end the line in the log. */
static void show(struct direction *d, char c)
{
	if (d->line.len < LINE_MAX_LEN)
		buf_add(&d->line, c != '\0' ? &c : "?", 1);
}

/* Only quoted strings of a FETCH response are hidden: in other lines they are folder names and
 * server's words, which the log is for. */
static void add_char(struct direction *d, char c)
{
	bool is_end = c == '"' && d->quote != NO_QUOTE && !d->escaped;
	if (is_end || d->quote != HIDDEN_QUOTE) {
		bool is_begin = c == '"' && d->quote == NO_QUOTE && is_fetch(d);
		if (is_begin)
			d->quote = is_date(d) ? SHOWN_QUOTE : HIDDEN_QUOTE;
		show(d, c);
		if (is_begin && d->quote == HIDDEN_QUOTE)
			for (int i = 0; i < 3; i++)
				show(d, '.');
	}
	if (is_end)
		d->quote = NO_QUOTE;
	d->escaped = c == '\\' && d->quote != NO_QUOTE && !d->escaped;
}

/* A literal's size is logged on a line of its own, as if it were the literal. */
static void end_line(struct rawlog *r, struct direction *d)
{
	const char *name = stream_name(r->under);
	if (!announces_literal(d, &d->literal_left))
		d->literal_left = 0;
	log_debug(r->log, "%s %s %s", name, d->mark, d->line.at);
	if (d->literal_left > 0)
		log_debug(r->log, "%s %s (%llu bytes)", name, d->mark,
			  (unsigned long long)d->literal_left);
	/* A string that holds a line end is no IMAP, but it may be mail all the same. */
	d->in_fetch = is_fetch(d) && (d->literal_left > 0 || d->quote == HIDDEN_QUOTE);
	buf_clear(&d->line);
	d->tail_len = 0;
}

/* A window over the line's end: the line itself is cut, its announcement must not be. */
static void add_to_tail(struct direction *d, char c)
{
	if (d->tail_len == sizeof(d->tail))
		memmove(d->tail, d->tail + 1, --d->tail_len);
	d->tail[d->tail_len++] = c;
}

/* Bytes are looked at after they have passed: logging never changes what is sent. */
static void watch(struct rawlog *r, struct direction *d, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (d->literal_left > 0) {
			size_t skip = len - i < d->literal_left ? len - i : (size_t)d->literal_left;
			d->literal_left -= skip;
			i += skip - 1;
		} else if (p[i] == '\n') {
			end_line(r, d);
		} else if (p[i] != '\r') {
			add_to_tail(d, p[i]);
			add_char(d, p[i]);
		}
	}
}

/* Only what really came: AGAIN and failures pass unseen. */
static ssize_t rawlog_recv(struct stream *s, void *to, size_t size, struct err *e)
{
	struct rawlog *r = self(s);
	ssize_t n = stream_recv(r->under, to, size, e);
	if (n > 0)
		watch(r, &r->in, to, (size_t)n);
	return n;
}

/* Only what was taken: the rest comes again in the next call. */
static ssize_t rawlog_send(struct stream *s, const void *from, size_t len, struct err *e)
{
	struct rawlog *r = self(s);
	ssize_t n = stream_send(r->under, from, len, e);
	if (n > 0)
		watch(r, &r->out, from, (size_t)n);
	return n;
}

static int rawlog_fd(const struct stream *s)
{
	return stream_fd(self(s)->under);
}

static bool rawlog_pending(const struct stream *s)
{
	return stream_pending(self(s)->under);
}

static const char *rawlog_name(const struct stream *s)
{
	return stream_name(self(s)->under);
}

/* The log is the caller's and lives on. */
static void rawlog_free(struct stream *s)
{
	struct rawlog *r = self(s);
	stream_free(r->under);
	buf_release(&r->in.line);
	buf_release(&r->out.line);
	free(r);
}

static const struct stream_ops rawlog_ops = {
	.recv = rawlog_recv,
	.send = rawlog_send,
	.fd = rawlog_fd,
	.pending = rawlog_pending,
	.name = rawlog_name,
	.free = rawlog_free,
};

struct stream **stream_rawlog_under(struct stream *s)
{
	return s->ops == &rawlog_ops ? &self(s)->under : NULL;
}

struct stream *stream_rawlog(struct stream *under, struct log *log)
{
	if (!log_wants(log, LOG_DEBUG))
		return under; /* nothing would be written: stay out of the way */
	struct rawlog *r = mem_alloc(sizeof(*r));
	r->stream.ops = &rawlog_ops;
	r->under = under;
	r->log = log;
	r->in.mark = "<";
	r->out.mark = ">";
	buf_init(&r->in.line);
	buf_init(&r->out.line);
	return &r->stream;
}
