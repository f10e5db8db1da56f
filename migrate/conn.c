/*
 * Commands go out through the pipeline, bytes come in through the parser, and this file
 * alone moves both. A tagged result that comes while another is awaited is kept for its
 * own wait: answers may overtake the order in which somebody asks for them.
 */
#include "migrate/conn.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "migrate/headway.h"
#include "migrate/pace.h"
#include "migrate/refusal.h"

enum { INPUT_MAX = 64 * 1024, EARLY_MAX = 32 };

/* A result that came while another was awaited. */
struct early {
	uint32_t tag;
	struct conn_answer answer;
};

struct conn {
	struct stream *stream;      /* owned */
	struct imap_parser *parser; /* owned */
	struct imap_pipeline *out;  /* owned */
	struct conn_env env;
	struct slice input; /* received, not parsed; points into `bytes` */
	struct early early[EARLY_MAX];
	size_t n_early;
	bool throttled;  /* it was asked to wait */
	bool compressed; /* the stream counts its traffic itself */
	struct stream_traffic traffic;
	int64_t moved_ms; /* monotonic: when bytes last came or went */
	struct headway headway;
	char bytes[INPUT_MAX];
};

struct conn *conn_new(struct stream *stream, const struct conn_env *env)
{
	struct conn *c = mem_alloc(sizeof(*c));
	c->stream = stream;
	c->env = *env;
	c->parser = imap_parser_new();
	c->out = imap_pipeline_new();
	return c;
}

void conn_free(struct conn *c)
{
	if (c == NULL)
		return;
	stream_free(c->stream);
	imap_parser_free(c->parser);
	imap_pipeline_free(c->out);
	free(c);
}

struct imap_pipeline *conn_out(struct conn *c)
{
	return c->out;
}

void conn_utf8(struct conn *c)
{
	imap_pipeline_utf8(c->out);
	imap_parser_utf8(c->parser);
}

void conn_compress(struct conn *c)
{
	c->stream = stream_deflate(c->stream, c->input, &c->traffic);
	c->compressed = true;
	c->input = (struct slice){ 0 };
}

const struct stream_traffic *conn_traffic(const struct conn *c)
{
	return &c->traffic;
}

/* As it is on the wire. */
static void count(struct conn *c, size_t in, size_t out)
{
	if (c->compressed)
		return;
	c->traffic.in += in;
	c->traffic.wire_in += in;
	c->traffic.out += out;
	c->traffic.wire_out += out;
}

const char *conn_name(const struct conn *c)
{
	return stream_name(c->stream);
}

const struct clock *conn_clock(const struct conn *c)
{
	return c->env.clock;
}

bool conn_has_input(const struct conn *c)
{
	return c->input.len > 0;
}

struct wait_item conn_wants(const struct conn *c, bool want_read)
{
	return (struct wait_item){ .stream = c->stream,
				   .want_read = want_read,
				   .want_write = imap_pending(c->out).len > 0 };
}

/* Silence is an error of its own: TCP may keep a dead connection for hours. */
int conn_silent(const struct conn *c, struct err *e)
{
	return err_set(e, ERR_RETRY, "%s said nothing for %d s", conn_name(c),
		       c->env.timeout_ms / 1000);
}

/* Talk without headway, as silence. */
static int stuck(const struct conn *c, struct err *e)
{
	err_set(e, ERR_RETRY, "%s talks, and brings nothing of what is awaited for %d s",
		conn_name(c), HEADWAY_SILENCES * (c->env.timeout_ms / 1000));
	return err_hint(e,
			"network.mail_timeout says how long it may be silent; four times as long "
			"it may talk");
}

int conn_judge(struct conn *c, bool owes, struct err *e)
{
	int64_t now = clock_mono_ms(c->env.clock);
	if (!owes)
		headway_begin(&c->headway, now);
	return headway_judge(&c->headway, now, c->env.timeout_ms) ? 0 : stuck(c, e);
}

void conn_got(struct conn *c, uint64_t octets)
{
	headway_got(&c->headway, octets);
}

int conn_ignore(void *ctx, const struct imap_event *ev, struct err *e)
{
	(void)ctx;
	(void)ev;
	(void)e;
	return 0;
}

void conn_answer_of(const struct imap_status *status, struct conn_answer *answer_r)
{
	*answer_r = (struct conn_answer){ .cond = status->cond,
					  .code = status->code,
					  .number = { status->number[0], status->number[1] } };
	struct slice t = slice_trim(status->text);
	size_t n = t.len < sizeof(answer_r->text) - 1 ? t.len : sizeof(answer_r->text) - 1;
	if (n > 0)
		memcpy(answer_r->text, t.ptr, n);
	str_make_printable(answer_r->text);
}

int conn_refusal(struct conn *c, const struct conn_answer *a, struct err *e)
{
	(void)refusal_err(conn_name(c), c->env.clock, a, e);
	c->throttled |= e->kind == ERR_WAIT;
	return -1;
}

bool conn_was_throttled(const struct conn *c)
{
	return c->throttled;
}

/* A BYE may carry the reason (a throttle's time, an expired token): it decides the kind. */
static int closed(struct conn *c, const struct imap_status *status, struct err *e)
{
	struct conn_answer a;
	conn_answer_of(status, &a);
	(void)conn_refusal(c, &a, e);
	return err_wrap(e, "the server closed the session");
}

/* The pipeline sees each event first: a "+" must free the literal even when the caller cares
 * for none. */
int conn_event(struct conn *c, struct imap_event *ev_r, struct err *e)
{
	int rc = imap_parser_next(c->parser, &c->input, ev_r, e);
	if (rc < 0)
		return err_wrap(e, "%s", conn_name(c));
	if (rc == 0)
		return 0;
	if (imap_pipeline_event(c->out, ev_r, e) != 0)
		return err_wrap(e, "%s", conn_name(c));
	headway_saw(&c->headway, ev_r);
	if (ev_r->kind == IMAP_EV_STATUS && ev_r->status.cond == IMAP_BYE)
		return closed(c, &ev_r->status, e);
	return 1;
}

/* As much as the kernel takes now; a full buffer is no error and blocks nobody. */
int conn_flush(struct conn *c, struct err *e)
{
	bool any = false;
	struct slice s;
	while ((s = imap_offer(c->out)).len > 0) {
		ssize_t n = stream_send(c->stream, s.ptr, s.len, e);
		if (n == STREAM_FAILED)
			return -1;
		if (n <= 0)
			break;
		imap_sent(c->out, (size_t)n);
		count(c, 0, (size_t)n);
		headway_got(&c->headway, (uint64_t)n);
		any = true;
	}
	return any;
}

int conn_fill(struct conn *c, struct err *e)
{
	if (c->input.len > 0)
		return 0; /* its bytes lie where we would write */
	size_t have = 0;
	ssize_t n = 0;
	while (have < INPUT_MAX) {
		n = stream_recv(c->stream, c->bytes + have, INPUT_MAX - have, e);
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	c->input = (struct slice){ c->bytes, have };
	count(c, have, 0);
	if (pace_pay(c->env.pace, have, c->env.clock, c->env.cancel, e) != 0)
		return -1;
	if (have > 0)
		return 1; /* what ended the loop comes again at the next call */
	if (n == STREAM_END)
		return err_set(e, ERR_RETRY, "%s closed the connection%s", conn_name(c),
			       imap_parser_idle(c->parser) ? "" : " in the middle of an answer");
	return n == STREAM_FAILED ? -1 : 0;
}

/* Waits until bytes came or went. The silence counts from the last of them on, whatever wakes
 * the poll. */
static int progress(struct conn *c, struct err *e)
{
	if (conn_judge(c, true, e) != 0)
		return -1;
	int sent = conn_flush(c, e);
	int got = sent < 0 ? -1 : conn_fill(c, e);
	int64_t now = clock_mono_ms(c->env.clock);
	if (got != 0 || sent != 0) {
		c->moved_ms = now;
		return got < 0 || sent < 0 ? -1 : 0;
	}
	struct wait_item item = conn_wants(c, true);
	int64_t deadline = c->moved_ms + c->env.timeout_ms;
	if (now >= deadline)
		return conn_silent(c, e);
	int rc = wait_streams(&item, 1, c->env.clock, deadline, c->env.cancel, e);
	return rc == 0 ? conn_silent(c, e) : rc < 0 ? -1 : 0;
}

/* It may have come while something else was awaited. */
static bool take_early(struct conn *c, uint32_t tag, struct conn_answer *answer_r)
{
	for (size_t i = 0; i < c->n_early; i++) {
		if (c->early[i].tag != tag)
			continue;
		*answer_r = c->early[i].answer;
		c->n_early--;
		memmove(c->early + i, c->early + i + 1, (c->n_early - i) * sizeof(c->early[0]));
		return true;
	}
	return false;
}

static void keep_early(struct conn *c, const struct imap_status *status)
{
	/* Results that nobody waits for (UNSELECT) must not fill the place. */
	if (c->n_early == EARLY_MAX)
		memmove(c->early, c->early + 1, --c->n_early * sizeof(c->early[0]));
	struct early *early = &c->early[c->n_early++];
	early->tag = status->tag;
	conn_answer_of(status, &early->answer);
}

/* 1: the awaited result, 0: another event was handled, -1. */
static int handle(struct conn *c, uint32_t tag, const struct conn_call *call,
		  const struct imap_event *ev, struct err *e)
{
	if (ev->kind == IMAP_EV_STATUS && ev->status.tag == tag)
		return 1;
	if (ev->kind == IMAP_EV_STATUS && ev->status.tag != 0)
		keep_early(c, &ev->status);
	else if (call != NULL && call->on_event != NULL) {
		headway_took(&c->headway, ev);
		return call->on_event(call->ctx, ev, e);
	}
	return 0;
}

static void begin_wait(struct conn *c)
{
	c->moved_ms = clock_mono_ms(c->env.clock);
	headway_begin(&c->headway, c->moved_ms);
}

int conn_wait(struct conn *c, uint32_t tag, const struct conn_call *call,
	      struct conn_answer *answer_r, struct err *e)
{
	struct imap_event ev;
	begin_wait(c);
	if (take_early(c, tag, answer_r))
		return 0;
	for (;;) {
		int rc = conn_event(c, &ev, e);
		if (rc == 1)
			rc = handle(c, tag, call, &ev, e);
		else if (rc == 0 && progress(c, e) != 0)
			return -1;
		if (rc < 0)
			return -1;
		if (rc == 1) {
			conn_answer_of(&ev.status, answer_r);
			return 0;
		}
	}
}

int conn_drain(struct conn *c, size_t most, struct err *e)
{
	struct imap_event ev;
	int rc = 0;
	begin_wait(c);
	while (rc >= 0 && imap_held(c->out) > most) {
		rc = conn_event(c, &ev, e);
		if (rc == 1)
			rc = handle(c, 0, NULL, &ev, e);
		else if (rc == 0)
			rc = progress(c, e);
	}
	return rc < 0 ? -1 : 0;
}

/* For commands without which nothing can go on. */
int conn_expect_ok(struct conn *c, uint32_t tag, const struct conn_call *call, struct err *e)
{
	struct conn_answer answer;
	if (conn_wait(c, tag, call, &answer, e) != 0)
		return -1;
	return answer.cond == IMAP_OK ? 0 : conn_refusal(c, &answer, e);
}
