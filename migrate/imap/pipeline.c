#include "migrate/imap/pipeline.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { PAUSES_MAX = IMAP_IN_FLIGHT_MAX };

struct pause {
	uint64_t at; /* position in the whole of what was ever written */
	uint32_t tag;
};

struct imap_pipeline {
	struct buf out;
	size_t out_at;     /* sent of `out` */
	uint64_t out_base; /* position of out.at[0] */
	enum imap_literals literals;
	uint32_t last_tag;
	uint32_t tags[IMAP_IN_FLIGHT_MAX]; /* in flight, rising */
	size_t n_tags;
	struct pause pauses[PAUSES_MAX]; /* in order */
	size_t n_pauses;
	uint32_t dropped_tag; /* its remaining bytes are not wanted any more */
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
	free(p);
}

void imap_pipeline_literals(struct imap_pipeline *p, enum imap_literals how)
{
	p->literals = how;
}

/* What belongs to a command that was refused at its literal is thrown away. */
static bool is_dropped(const struct imap_pipeline *p)
{
	return p->dropped_tag != 0 && p->dropped_tag == p->last_tag;
}

uint32_t imap_begin(struct imap_pipeline *p)
{
	p->last_tag++;
	p->tags[p->n_tags++] = p->last_tag;
	buf_addf(&p->out, "A%u ", p->last_tag);
	return p->last_tag;
}

void imap_add_slice(struct imap_pipeline *p, struct slice s)
{
	if (!is_dropped(p))
		buf_add(&p->out, s.ptr, s.len);
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

static bool is_quotable(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80 || s.ptr[i] == '\r' || s.ptr[i] == '\n')
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

void imap_add_astring(struct imap_pipeline *p, struct slice s)
{
	if (is_quotable(s)) {
		add_quoted(p, s);
		return;
	}
	imap_add_literal(p, s.len);
	imap_add_slice(p, s);
}

void imap_add_literal(struct imap_pipeline *p, uint64_t len)
{
	bool plus = p->literals == IMAP_LITERAL_PLUS ||
		    (p->literals == IMAP_LITERAL_MINUS && len <= IMAP_LITERAL_MINUS_MAX);
	imap_addf(p, "{%llu%s}\r\n", (unsigned long long)len, plus ? "+" : "");
	if (!plus && p->n_pauses < PAUSES_MAX)
		p->pauses[p->n_pauses++] = (struct pause){ p->out_base + p->out.len, p->last_tag };
}

void imap_end(struct imap_pipeline *p)
{
	imap_add(p, "\r\n");
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
	if (p->n_pauses > 0 && p->pauses[0].at - p->out_base < end)
		end = (size_t)(p->pauses[0].at - p->out_base);
	return (struct slice){ p->out.at + p->out_at, end - p->out_at };
}

void imap_sent(struct imap_pipeline *p, size_t len)
{
	enum { COMPACT_AT = 128 * 1024 };
	p->out_at += len;
	if (p->out_at < p->out.len && p->out_at < COMPACT_AT)
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
	return p->n_tags;
}

static void drop_first_pause(struct imap_pipeline *p)
{
	p->n_pauses--;
	memmove(p->pauses, p->pauses + 1, p->n_pauses * sizeof(p->pauses[0]));
}

/* The bytes of the refused command stand from the pause to the next command, which is
 * the end of `out` unless another was begun; its tag then begins a line. */
static void drop_command_rest(struct imap_pipeline *p, uint32_t tag)
{
	size_t from = (size_t)(p->pauses[0].at - p->out_base);
	char next[16];
	while (p->n_pauses > 0 && p->pauses[0].tag == tag)
		drop_first_pause(p);
	if (tag == p->last_tag) {
		p->out.len = from;
		p->dropped_tag = tag;
		return;
	}
	int len = snprintf(next, sizeof(next), "A%u ", tag + 1);
	char *at = memmem(p->out.at + from, p->out.len - from, next, (size_t)len);
	size_t gone = at == NULL ? p->out.len - from : (size_t)(at - p->out.at) - from;
	memmove(p->out.at + from, p->out.at + from + gone, p->out.len - from - gone);
	p->out.len -= gone;
	for (size_t i = 0; i < p->n_pauses; i++)
		p->pauses[i].at -= gone;
}

static int finish_tag(struct imap_pipeline *p, uint32_t tag, struct err *e)
{
	size_t i = 0;
	while (i < p->n_tags && p->tags[i] != tag)
		i++;
	if (i == p->n_tags)
		return err_set(e, ERR_RETRY, "the server answered a command (A%u) that is not open",
			       tag);
	p->n_tags--;
	memmove(p->tags + i, p->tags + i + 1, (p->n_tags - i) * sizeof(p->tags[0]));
	if (p->n_pauses > 0 && p->pauses[0].tag == tag)
		drop_command_rest(p, tag);
	return 0;
}

int imap_pipeline_event(struct imap_pipeline *p, const struct imap_event *ev, struct err *e)
{
	if (ev->kind == IMAP_EV_CONTINUE) {
		if (!imap_awaits_plus(p))
			return err_set(e, ERR_RETRY, "the server said '+' without being asked");
		drop_first_pause(p);
	}
	if (ev->kind == IMAP_EV_STATUS && ev->status.tag != 0)
		return finish_tag(p, ev->status.tag, e);
	return 0;
}
