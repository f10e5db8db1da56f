/*
 * One buffer of bytes to be sent, and positions in it. A synchronising literal leaves a
 * pause behind its announcement: imap_pending shows nothing past the first one until the
 * server's "+" (RFC 3501 §4.3). Positions count from the first byte ever written, so that
 * they stay right when sent bytes are cut off the front.
 *
 * The hard case is a literal that the server refuses (a tagged NO in place of the "+", to
 * an APPEND over quota for example): its data is in the buffer already, with other
 * commands behind it. It is cut out by position and the rest moves up.
 */
#include "migrate/imap/pipeline.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "migrate/imap/mutf7.h"

/* Positions are in the whole of what was ever written. */
struct pause {
	uint64_t at;
	uint64_t next; /* where the command behind its own begins; 0: none was begun yet */
	uint32_t tag;
};

struct command {
	uint64_t at; /* where it begins */
	uint32_t tag;
};

struct imap_pipeline {
	struct buf out;
	size_t out_at;     /* sent of `out` */
	uint64_t out_base; /* position of out.at[0] */
	/* Up to here the server may have got it, sent or not: a write into TLS that says AGAIN may
	 * have sent a part of its record, and the server answers what it has. */
	uint64_t offered;
	enum imap_literals literals;
	bool utf8; /* mailbox names */
	uint32_t last_tag;
	struct command open[IMAP_IN_FLIGHT_MAX]; /* in flight, rising */
	size_t n_open;
	struct pause *pauses; /* owned; in order */
	size_t n_pauses, pauses_max;
	uint64_t literal_left; /* of the announced literal, still to be added */
	uint32_t dropped_tag;  /* its remaining bytes are not wanted any more */
};

struct imap_pipeline *imap_pipeline_new(void)
{
	struct imap_pipeline *p = mem_alloc(sizeof(*p));
	buf_init(&p->out);
	return p;
}

void imap_pipeline_free(struct imap_pipeline *p)
{
	if (p == NULL)
		return;
	buf_release(&p->out);
	free(p->pauses);
	free(p);
}

void imap_pipeline_literals(struct imap_pipeline *p, enum imap_literals how)
{
	p->literals = how;
}

void imap_pipeline_utf8(struct imap_pipeline *p)
{
	p->utf8 = true;
}

/* What belongs to a command that was refused at its literal is thrown away. */
static bool is_dropped(const struct imap_pipeline *p)
{
	return p->dropped_tag != 0 && p->dropped_tag == p->last_tag;
}

static uint64_t end_of_out(const struct imap_pipeline *p)
{
	return p->out_base + p->out.len;
}

/* Every pause of the command before learns where that one ends, should the server refuse it. */
uint32_t imap_begin(struct imap_pipeline *p)
{
	for (size_t i = p->n_pauses; i > 0 && p->pauses[i - 1].tag == p->last_tag; i--)
		p->pauses[i - 1].next = end_of_out(p);
	p->last_tag++;
	p->literal_left = 0;
	p->open[p->n_open++] = (struct command){ end_of_out(p), p->last_tag };
	buf_addc(&p->out, 'A');
	buf_addu(&p->out, p->last_tag);
	buf_addc(&p->out, ' ');
	return p->last_tag;
}

/* A command's line is one line whatever a server told us to put into it: with a line end
 * of its own it would be a command of that server's choice. */
static void add_to_line(struct imap_pipeline *p, struct slice s)
{
	char *to = buf_reserve(&p->out, s.len);
	for (size_t i = 0; i < s.len; i++) {
		bool control = (unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f;
		to[i] = (char)(control ? '?' : s.ptr[i]);
	}
	buf_added(&p->out, s.len);
}

/* A literal's bytes pass as they are; what goes beyond them belongs to the line again. */
void imap_add_slice(struct imap_pipeline *p, struct slice s)
{
	if (is_dropped(p))
		return;
	size_t data = s.len < p->literal_left ? s.len : (size_t)p->literal_left;
	if (data > 0)
		buf_add(&p->out, s.ptr, data);
	p->literal_left -= data;
	add_to_line(p, (struct slice){ s.ptr + data, s.len - data });
}

void imap_add(struct imap_pipeline *p, const char *text)
{
	imap_add_slice(p, slice_str(text));
}

void imap_addf(struct imap_pipeline *p, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) > 0)
		imap_add(p, text);
	va_end(ap);
}

/* 8-bit bytes are allowed in a literal only (RFC 3501 §4.3, quoted strings are 7-bit), but for
 * UTF-8 after ENABLE UTF8=ACCEPT (RFC 6855 §3). */
static bool is_quotable(struct slice s, bool utf8)
{
	for (size_t i = 0; i < s.len; i++)
		if ((!utf8 && (unsigned char)s.ptr[i] >= 0x80) || s.ptr[i] == '\r' ||
		    s.ptr[i] == '\n')
			return false;
	return true;
}

static void add_quoted(struct imap_pipeline *p, struct slice s)
{
	buf_addc(&p->out, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"' || s.ptr[i] == '\\')
			buf_addc(&p->out, '\\');
		if (s.ptr[i] != '\0')
			buf_addc(&p->out, s.ptr[i]);
	}
	buf_addc(&p->out, '"');
}

static void add_string(struct imap_pipeline *p, struct slice s, bool utf8)
{
	if (is_dropped(p))
		return;
	if (is_quotable(s, utf8)) {
		add_quoted(p, s);
		return;
	}
	imap_add_literal(p, s.len);
	imap_add_slice(p, s);
}

void imap_add_astring(struct imap_pipeline *p, struct slice s)
{
	add_string(p, s, false);
}

/* A name that is no modified UTF-7 came from the server as it is, and goes back so. */
void imap_add_mailbox(struct imap_pipeline *p, struct slice name)
{
	struct buf utf8;
	buf_init(&utf8);
	bool coded = p->utf8 && mutf7_decode(&utf8, name);
	add_string(p, coded ? buf_slice(&utf8) : name, coded);
	buf_release(&utf8);
}

/* The position behind "{n}CRLF": up to here everything may be sent. */
static void add_pause(struct imap_pipeline *p)
{
	if (p->n_pauses == p->pauses_max) {
		p->pauses_max = p->pauses_max * 2 + 16;
		p->pauses = mem_grow(p->pauses, p->pauses_max * sizeof(p->pauses[0]));
	}
	p->pauses[p->n_pauses++] = (struct pause){ .at = end_of_out(p), .tag = p->last_tag };
}

/* LITERAL- takes the short ones without asking and the long ones as ever (RFC 7888 §5). */
void imap_add_literal(struct imap_pipeline *p, uint64_t len)
{
	if (is_dropped(p))
		return;
	bool plus = p->literals == IMAP_LITERAL_PLUS ||
		    (p->literals == IMAP_LITERAL_MINUS && len <= IMAP_LITERAL_MINUS_MAX);
	buf_addc(&p->out, '{');
	buf_addu(&p->out, len);
	buf_adds(&p->out, plus ? "+}\r\n" : "}\r\n");
	p->literal_left = len;
	if (!plus)
		add_pause(p);
}

void imap_message_begin(struct imap_pipeline *p, uint64_t len)
{
	if (p->utf8)
		imap_add(p, "UTF8 (~");
	imap_add_literal(p, len);
}

void imap_message_end(struct imap_pipeline *p)
{
	if (p->utf8)
		imap_add(p, ")");
}

void imap_end(struct imap_pipeline *p)
{
	if (!is_dropped(p))
		buf_adds(&p->out, "\r\n");
}

uint32_t imap_command(struct imap_pipeline *p, const char *text)
{
	uint32_t tag = imap_begin(p);
	imap_add(p, text);
	imap_end(p);
	return tag;
}

struct slice imap_pending(const struct imap_pipeline *p)
{
	size_t end = p->out.len;
	if (p->n_pauses > 0)
		end = (size_t)(p->pauses[0].at - p->out_base);
	return (struct slice){ p->out.at + p->out_at, end - p->out_at };
}

struct slice imap_offer(struct imap_pipeline *p)
{
	struct slice s = imap_pending(p);
	uint64_t end = p->out_base + p->out_at + s.len;
	if (end > p->offered)
		p->offered = end;
	return s;
}

/* Sent bytes are cut off late: moving the rest at every write would make a large body
 * quadratic. When they are as many as the rest, no byte is moved more than once. */
void imap_sent(struct imap_pipeline *p, size_t len)
{
	enum { COMPACT_AT = 128 * 1024 };
	p->out_at += len;
	size_t rest = p->out.len - p->out_at;
	if (rest > 0 && (p->out_at < COMPACT_AT || p->out_at < rest))
		return;
	p->out_base += p->out_at;
	buf_consume(&p->out, p->out_at);
	p->out_at = 0;
}

size_t imap_held(const struct imap_pipeline *p)
{
	return p->out.len - p->out_at;
}

/* All before the pause is sent, and the server has not said "+" yet. */
bool imap_awaits_plus(const struct imap_pipeline *p)
{
	return p->n_pauses > 0 && p->pauses[0].at == p->out_base + p->out_at;
}

size_t imap_in_flight(const struct imap_pipeline *p)
{
	return p->n_open;
}

/* The announcement of the first pause's literal may be known to the server. */
static bool is_announced(const struct imap_pipeline *p)
{
	return imap_awaits_plus(p) || (p->n_pauses > 0 && p->pauses[0].at <= p->offered);
}

static void drop_first_pause(struct imap_pipeline *p)
{
	p->n_pauses--;
	memmove(p->pauses, p->pauses + 1, p->n_pauses * sizeof(p->pauses[0]));
}

/* The bytes of the refused command stand from the pause to the next command, or to the end
 * of `out` when none was begun. They are cut by position: what they hold is somebody's
 * mail, and may read like commands. */
static void drop_command_rest(struct imap_pipeline *p)
{
	const struct pause cut = p->pauses[0];
	uint64_t end = cut.next != 0 ? cut.next : end_of_out(p);
	size_t from = (size_t)(cut.at - p->out_base);
	size_t gone = (size_t)(end - cut.at);
	while (p->n_pauses > 0 && p->pauses[0].tag == cut.tag)
		drop_first_pause(p);
	memmove(p->out.at + from, p->out.at + from + gone, p->out.len - from - gone);
	p->out.len -= gone;
	if (cut.next == 0)
		p->dropped_tag = cut.tag;
	for (size_t i = 0; i < p->n_pauses; i++) {
		p->pauses[i].at -= gone;
		p->pauses[i].next -= p->pauses[i].next != 0 ? gone : 0;
	}
	for (size_t i = 0; i < p->n_open; i++)
		p->open[i].at -= p->open[i].tag > cut.tag ? gone : 0;
}

static int refuse_order(uint32_t tag, struct err *e)
{
	return err_set(e, ERR_RETRY, "the server answered a command (A%u) that it did not get yet",
		       tag);
}

/* A result for a command that was not sent, or whose literal was not announced yet, is a
 * server out of step (or somebody between): the connection is of no use. */
static int finish_tag(struct imap_pipeline *p, uint32_t tag, struct err *e)
{
	size_t i = 0;
	while (i < p->n_open && p->open[i].tag != tag)
		i++;
	if (i == p->n_open)
		return err_set(e, ERR_RETRY, "the server answered a command (A%u) that is not open",
			       tag);
	if (p->open[i].at >= p->out_base + p->out_at && p->open[i].at >= p->offered)
		return refuse_order(tag, e);
	bool is_paused = p->n_pauses > 0 && p->pauses[0].tag == tag;
	if (is_paused && !is_announced(p))
		return refuse_order(tag, e);
	p->n_open--;
	memmove(p->open + i, p->open + i + 1, (p->n_open - i) * sizeof(p->open[0]));
	if (is_paused)
		drop_command_rest(p);
	return 0;
}

/* A "+" that nobody awaits might let a literal go too early: refused as well. */
int imap_pipeline_event(struct imap_pipeline *p, const struct imap_event *ev, struct err *e)
{
	if (ev->kind == IMAP_EV_CONTINUE) {
		if (!is_announced(p))
			return err_set(e, ERR_RETRY, "the server said '+' without being asked");
		drop_first_pause(p);
	}
	if (ev->kind == IMAP_EV_STATUS && ev->status.tag != 0)
		return finish_tag(p, ev->status.tag, e);
	return 0;
}
