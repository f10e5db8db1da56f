/* A binary heap of deadlines, token buckets, and the lists that the engine's parts stand in. */
#include <stdlib.h>

#include "dns/engine_priv.h"

/* Burst of a bucket: what a tenth of a second brings, at least one. */
static const double BURST_S = 0.1;

/* Each knows its place, so that it can be moved and taken out. */
static void put(struct timers *ts, struct timer *t, size_t pos)
{
	ts->heap[pos - 1] = t;
	t->pos = pos;
}

static void sift_up(struct timers *ts, struct timer *t, size_t pos)
{
	while (pos > 1 && ts->heap[pos / 2 - 1]->at_ms > t->at_ms) {
		put(ts, ts->heap[pos / 2 - 1], pos);
		pos /= 2;
	}
	put(ts, t, pos);
}

static void sift_down(struct timers *ts, struct timer *t, size_t pos)
{
	for (;;) {
		size_t child = 2 * pos;
		if (child > ts->n)
			break;
		if (child < ts->n && ts->heap[child]->at_ms < ts->heap[child - 1]->at_ms)
			child++;
		if (ts->heap[child - 1]->at_ms >= t->at_ms)
			break;
		put(ts, ts->heap[child - 1], pos);
		pos = child;
	}
	put(ts, t, pos);
}

void timer_set(struct timers *ts, struct timer *t, int64_t at_ms)
{
	timer_clear(ts, t);
	if (ts->n == ts->cap) {
		ts->cap = ts->cap > 0 ? 2 * ts->cap : 64;
		ts->heap = mem_grow(ts->heap, ts->cap * sizeof(struct timer *));
	}
	t->at_ms = at_ms;
	ts->n++;
	sift_up(ts, t, ts->n);
}

void timer_clear(struct timers *ts, struct timer *t)
{
	size_t pos = t->pos;
	if (pos == 0)
		return;
	t->pos = 0;
	struct timer *last = ts->heap[--ts->n];
	if (last == t)
		return;
	if (pos > 1 && ts->heap[pos / 2 - 1]->at_ms > last->at_ms)
		sift_up(ts, last, pos);
	else
		sift_down(ts, last, pos);
}

void timers_fire(struct timers *ts, int64_t now_ms)
{
	while (ts->n > 0 && ts->heap[0]->at_ms <= now_ms) {
		struct timer *t = ts->heap[0];
		timer_clear(ts, t);
		t->fire(t);
	}
}

void timers_release(struct timers *ts)
{
	free(ts->heap);
	*ts = (struct timers){ 0 };
}

static double burst_of(const struct pace *p)
{
	double burst = p->rate * BURST_S;
	return burst > 1 ? burst : 1;
}

void pace_init(struct pace *p, unsigned rate, int64_t now_ms)
{
	*p = (struct pace){ .rate = rate, .at_ms = now_ms };
	p->level = burst_of(p);
}

/* What has come in since. */
static void refill(struct pace *p, int64_t now_ms)
{
	p->level += (double)(now_ms - p->at_ms) * p->rate / 1000;
	p->level = p->level < burst_of(p) ? p->level : burst_of(p);
	p->at_ms = now_ms;
}

int pace_wait_ms(struct pace *p, int64_t now_ms)
{
	if (p->rate == 0)
		return 0;
	refill(p, now_ms);
	if (p->level >= 1)
		return 0;
	return 1 + (int)((1 - p->level) * 1000 / p->rate);
}

void pace_take(struct pace *p, int64_t now_ms)
{
	if (p->rate == 0)
		return;
	refill(p, now_ms);
	p->level -= 1;
}

void link_init(struct link *head)
{
	head->prev = head->next = head;
}

void link_append(struct link *head, struct link *item)
{
	link_remove(item);
	item->prev = head->prev;
	item->next = head;
	head->prev->next = item;
	head->prev = item;
}

void link_remove(struct link *item)
{
	if (item->next == NULL)
		return;
	item->prev->next = item->next;
	item->next->prev = item->prev;
	item->prev = item->next = NULL;
}

bool link_empty(const struct link *head)
{
	return head->next == head;
}
