/*
 * A lane tells twice a second what its two lines carried and how long it waited for each, and
 * begins to compress (RFC 4978), or ends it, when that is wanted meanwhile. That can only be done
 * while nothing is on its way, so the lane plans nothing more then until all is answered; and as
 * long as it may come to that, it keeps no more on its way than a few seconds bring.
 */
#include "migrate/ahead.h"
#include "migrate/compress.h"
#include "migrate/lane_priv.h"

enum {
	EVERY_MS = 500,
	WINDOW_MIN = 4 * 1024 * 1024,
	WINDOW_S = 4,
	YOUNG_MS = 20, /* too early for a rate */
};

static bool is_open(const struct lane *l, const struct session *s)
{
	return (s->caps & CAP_COMPRESS) != 0 && !s->compressed &&
	       compress_is_open(l->box->opts->compress, conn_name(s->conn));
}

static bool wants_switch(const struct lane *l, const struct session *s)
{
	return (s->caps & CAP_COMPRESS) != 0 && !s->compressed &&
	       compress_is_wanted(l->box->opts->compress, conn_name(s->conn));
}

static bool wants_plain(const struct lane *l, const struct session *s)
{
	return s->compressed && !l->box->stays_compressed &&
	       compress_is_over(l->box->opts->compress, conn_name(s->conn));
}

static bool wants_other(const struct lane *l, const struct session *s)
{
	return wants_switch(l, s) || wants_plain(l, s);
}

static void look(struct lane *l)
{
	const struct box *b = l->box;
	l->meter.switching = wants_other(l, b->src) || wants_other(l, b->dst);
	l->meter.bounded = is_open(l, b->src) || is_open(l, b->dst);
}

static struct lane_line line_now(const struct session *s, bool is_src)
{
	const struct stream_traffic *t = conn_traffic(s->conn);
	return is_src ? (struct lane_line){ 0, t->in, t->wire_in }
		      : (struct lane_line){ 0, t->out, t->wire_out };
}

static void begin_window(struct lane *l, int64_t now)
{
	l->meter.began_ms = now;
	l->meter.began_at = conn_traffic(l->src)->in;
}

static void begin(struct lane *l, int64_t now)
{
	l->meter.from_ms = now;
	l->meter.src = line_now(l->box->src, true);
	l->meter.dst = line_now(l->box->dst, false);
}

void lane_meter_begin(struct lane *l)
{
	if (l->box->opts->compress == NULL)
		return;
	int64_t now = clock_mono_ms(l->box->opts->clock);
	begin(l, now);
	begin_window(l, now);
	look(l);
}

static void tell(struct lane *l, const struct session *s, const struct lane_line *before,
		 int64_t now)
{
	const struct lane_line line = line_now(s, s == l->box->src);
	const struct squeeze_sample sample = { .now_ms = now,
					       .worked_ms = now - l->meter.from_ms,
					       .waited_ms = before->waited_ms,
					       .bytes = line.bytes - before->bytes,
					       .compressed = s->compressed };
	/* What its server does not offer is not to be decided. */
	if (s->compressed || (s->caps & CAP_COMPRESS) != 0)
		compress_add(l->box->opts->compress, conn_name(s->conn), &sample,
			     line.wire - before->wire);
}

static void tell_both(struct lane *l, int64_t now)
{
	tell(l, l->box->src, &l->meter.src, now);
	tell(l, l->box->dst, &l->meter.dst, now);
	begin(l, now);
}

void lane_meter_turn(struct lane *l, int64_t now)
{
	if (l->box->opts->compress == NULL || now - l->meter.from_ms < EVERY_MS)
		return;
	tell_both(l, now);
	look(l);
}

void lane_meter_end(struct lane *l)
{
	if (l->box->opts->compress != NULL)
		tell_both(l, clock_mono_ms(l->box->opts->clock));
}

/* The target's line when it has to take what is held, whatever the source does meanwhile. */
void lane_meter_waited(struct lane *l, int64_t from_ms, bool for_dst)
{
	if (l->box->opts->compress == NULL)
		return;
	int64_t ms = clock_mono_ms(l->box->opts->clock) - from_ms;
	if (for_dst)
		l->meter.dst.waited_ms += ms;
	else
		l->meter.src.waited_ms += ms;
}

uint64_t lane_window(const struct lane *l)
{
	if (!l->meter.bounded)
		return UNRECORDED_MAX;
	int64_t ms = clock_mono_ms(l->box->opts->clock) - l->meter.began_ms;
	uint64_t bytes = conn_traffic(l->src)->in - l->meter.began_at;
	uint64_t window = ms < YOUNG_MS ? 0 : bytes * WINDOW_S * 1000 / (uint64_t)ms;
	if (window < WINDOW_MIN)
		return WINDOW_MIN;
	return window < UNRECORDED_MAX ? window : UNRECORDED_MAX;
}

bool lane_is_switching(const struct lane *l)
{
	return l->meter.switching;
}

/* Nothing ends compression but the connection's end (RFC 4978), so another one takes its place.
 * Where none is given the old one does. */
static int go_plain(struct lane *l, bool at_src, struct err *e)
{
	struct box *b = l->box;
	if (box_renew(b, at_src, e) != 0) {
		log_debug(b->opts->log, "%s: the connection stays compressed: %s",
			  b->mailbox->address, e->text);
		b->stays_compressed = true;
		err_clear(e);
		return 0;
	}
	l->src = b->src->conn;
	l->dst = b->dst->conn;
	begin_window(l, clock_mono_ms(b->opts->clock));
	if (at_src)
		return ahead_return_to_source(b, l->folder, e);
	l->folder->dst_left =
		true; /* what is appended needs no open folder, what comes then does */
	return 0;
}

static int change(struct lane *l, bool at_src, struct err *e)
{
	struct session *s = at_src ? l->box->src : l->box->dst;
	if (wants_switch(l, s))
		return session_compress(s, e);
	return wants_plain(l, s) ? go_plain(l, at_src, e) : 0;
}

/* What an opened-ahead folder still sends would be lost. */
int lane_compress(struct lane *l, struct err *e)
{
	if (!l->meter.switching || !lane_is_idle(l) || ahead_is_begun(l->box))
		return 0;
	tell_both(l, clock_mono_ms(l->box->opts->clock));
	if (change(l, true, e) != 0 || change(l, false, e) != 0)
		return -1;
	l->src_ms = l->dst_ms = 0; /* the one was not looked at while the other changed */
	if (conn_judge(l->src, false, e) != 0 || conn_judge(l->dst, false, e) != 0)
		return -1; /* never: what was long ago does not count */
	begin(l, clock_mono_ms(l->box->opts->clock));
	look(l);
	return 0;
}
