/*
 * Samples of all lanes are summed in windows. Time counts once for all of them, and only while
 * somebody works: after a gap nothing of the window before is believed.
 */
#include "migrate/squeeze.h"

#include <string.h>

static void begin_window(struct squeeze *q, int64_t now_ms)
{
	q->from_ms = q->last_ms = now_ms;
	q->worked_ms = q->waited_ms = 0;
	q->bytes = 0;
	q->mixed = false;
}

static void forget_windows(struct squeeze *q)
{
	q->windows = 0;
	q->sum_bytes = 0;
	q->sum_ms = 0;
}

static void change(struct squeeze *q, enum squeeze_state to)
{
	q->state = to;
	forget_windows(q);
}

static uint64_t per_second(uint64_t bytes, int64_t ms)
{
	return ms > 0 ? bytes * 1000 / (uint64_t)ms : 0;
}

/* Waiting for a line that brings nothing is no rate: the server thinks, or is gone. */
static bool is_slow(const struct squeeze *q, int64_t ms)
{
	return q->bytes > 0 && per_second(q->bytes, ms) <= SQUEEZE_RATE_MAX &&
	       q->worked_ms >= ms / 2 && q->waited_ms * 100 >= q->worked_ms * SQUEEZE_WAIT_PERCENT;
}

/* 1: enough windows agree. */
static bool agrees(struct squeeze *q, int64_t ms)
{
	q->windows++;
	q->sum_bytes += q->bytes;
	q->sum_ms += ms;
	return q->windows >= SQUEEZE_WINDOWS;
}

static void judge_plain(struct squeeze *q, int64_t ms)
{
	if (!is_slow(q, ms)) {
		forget_windows(q);
		return;
	}
	if (!agrees(q, ms))
		return;
	q->plain_rate = per_second(q->sum_bytes, q->sum_ms);
	change(q, SQUEEZE_TRIAL);
}

/* What a plain connection carries meanwhile says nothing about compression. */
static void judge_trial(struct squeeze *q, int64_t ms)
{
	if (q->mixed || q->bytes == 0) {
		forget_windows(q);
		return;
	}
	if (!agrees(q, ms))
		return;
	q->rate = per_second(q->sum_bytes, q->sum_ms);
	bool gained = q->rate * 100 >= q->plain_rate * (100 + SQUEEZE_GAIN_PERCENT);
	change(q, gained ? SQUEEZE_KEPT : SQUEEZE_GIVEN_UP);
}

bool squeeze_add(struct squeeze *q, const struct squeeze_sample *s)
{
	enum squeeze_state before = q->state;
	if (before == SQUEEZE_KEPT || before == SQUEEZE_GIVEN_UP)
		return false;
	if (q->from_ms == 0 || s->now_ms - q->last_ms > SQUEEZE_GAP_MS) {
		forget_windows(q);
		begin_window(q, s->now_ms);
		return false; /* it is about the time before the window */
	}
	q->last_ms = s->now_ms;
	q->worked_ms += s->worked_ms;
	q->waited_ms += s->waited_ms;
	q->bytes += s->bytes;
	q->mixed |= !s->compressed;
	int64_t ms = s->now_ms - q->from_ms;
	if (ms < SQUEEZE_WINDOW_MS)
		return false;
	if (before == SQUEEZE_WATCH)
		judge_plain(q, ms);
	else
		judge_trial(q, ms);
	begin_window(q, s->now_ms);
	return q->state != before;
}

bool squeeze_is_on(const struct squeeze *q)
{
	return q->state == SQUEEZE_TRIAL || q->state == SQUEEZE_KEPT;
}
