/*
 * A short list of hosts: each is looked up a few times an attempt. Its round rises with all that
 * is learned, so what began before tells nothing new: eight mailboxes that are refused in the same
 * moment are one miss.
 */
#include "migrate/reach.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/vec.h"

enum {
	TRIES_UNSEEN = 3,     /* a wrong name or port, more often than not */
	TRIES_SEEN = 7,       /* it answered in this copy: it may be restarting */
	PAUSE_FIRST_MS = 375, /* in all as long as one mailbox waits by itself (pass.c) */
	PAUSE_MOST_MS = 8000,
	GIVEN_UP_MS = 60 * 1000,
	PROBE_LOOK_MS = 2000, /* aside: a try may take as long as a login (turn.c) */
};

struct host {
	const char *name;
	unsigned round, misses; /* misses: in a row */
	size_t live;            /* who got through, and is there */
	bool seen, probing;
	struct moment again; /* with misses: not before */
	struct err why;      /* with misses: the last */
};

struct reach {
	pthread_mutex_t mutex; /* guards all that follows */
	const struct clock *clock;
	struct arena *arena; /* owned */
	VEC(struct host) hosts;
};

struct reach *reach_new(const struct clock *clock)
{
	struct reach *r = mem_alloc(sizeof(*r));
	(void)pthread_mutex_init(&r->mutex, NULL);
	r->clock = clock;
	r->arena = arena_new();
	return r;
}

void reach_free(struct reach *r)
{
	if (r == NULL)
		return;
	(void)pthread_mutex_destroy(&r->mutex);
	arena_free(r->arena);
	free(r);
}

/* Locks; valid until `unlock`. */
static struct host *lock(struct reach *r, const char *name)
{
	(void)pthread_mutex_lock(&r->mutex);
	for (size_t i = 0; i < r->hosts.n; i++)
		if (str_eq_nocase(r->hosts.at[i].name, name))
			return &r->hosts.at[i];
	struct host *h = vec_push(r->arena, &r->hosts);
	*h = (struct host){ .name = arena_strdup(r->arena, name) };
	return h;
}

static void unlock(struct reach *r)
{
	(void)pthread_mutex_unlock(&r->mutex);
}

static bool is_given_up(const struct host *h)
{
	return h->misses >= (unsigned)(h->seen ? TRIES_SEEN : TRIES_UNSEEN);
}

static int64_t pause_ms(const struct host *h)
{
	int64_t ms = PAUSE_FIRST_MS;
	if (is_given_up(h))
		return GIVEN_UP_MS;
	for (unsigned i = 1; i < h->misses && ms < PAUSE_MOST_MS; i++)
		ms *= 2;
	return ms;
}

/* Who waits for another's try waits for its end, also at a host that is looked at again. */
static enum reach_go judge(const struct host *h, const struct clock *clock, int64_t *again_ms_r)
{
	int64_t ahead_ms = moment_ahead_ms(clock, &h->again);
	*again_ms_r = clock_now_ms(clock) + (h->probing ? PROBE_LOOK_MS : ahead_ms);
	if (h->misses == 0 || (!h->probing && ahead_ms == 0))
		return REACH_GO;
	return is_given_up(h) && !h->probing ? REACH_GIVEN_UP : REACH_LATER;
}

enum reach_go reach_enter(struct reach *r, const struct reach_ask *ask, struct err *e)
{
	struct host *h = lock(r, ask->host);
	enum reach_go go = judge(h, r->clock, ask->again_ms_r);
	if (go == REACH_GIVEN_UP)
		*e = h->why;
	if (go == REACH_GO) {
		*ask->ticket_r = (struct reach_ticket){ true, h->misses > 0, h->round };
		h->probing = h->misses > 0;
	}
	unlock(r);
	return go;
}

/* Each ticket counts once. */
static void use(struct host *h, struct reach_ticket *t)
{
	if (t->taken && t->probe)
		h->probing = false;
	t->taken = false;
}

void reach_answered(struct reach *r, const char *host, struct reach_ticket *t)
{
	struct host *h = lock(r, host);
	use(h, t);
	h->round++;
	h->misses = 0;
	h->seen = true;
	h->live++;
	unlock(r);
}

void reach_left(struct reach *r, const char *host)
{
	struct host *h = lock(r, host);
	h->live -= h->live > 0 ? 1 : 0;
	unlock(r);
}

void reach_dropped(struct reach *r, const char *host, struct reach_ticket *t)
{
	struct host *h = lock(r, host);
	use(h, t);
	unlock(r);
}

struct reach_word reach_missed(struct reach *r, const char *host, struct reach_ticket *t,
			       const struct err *why)
{
	int64_t now = clock_now_ms(r->clock);
	struct reach_word word = { .common = false };
	struct host *h = lock(r, host);
	bool news = t->taken && t->round == h->round && h->live == 0;
	use(h, t);
	if (news) {
		h->round++;
		h->misses++;
		h->why = *why;
		h->again = moment_at(r->clock, now + pause_ms(h));
	}
	if (h->misses > 0)
		word = (struct reach_word){
			.common = true,
			.first = news && h->misses == 1,
			.again_ms = is_given_up(h) ? 0 : now + moment_ahead_ms(r->clock, &h->again)
		};
	unlock(r);
	return word;
}
