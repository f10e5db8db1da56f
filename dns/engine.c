/*
 * The loop. A turn starts what may start, waits, reads, looks at what came, fires
 * the timers, and hands out what is done: in this order, and each part outside of the others'
 * callbacks, so that `done` may submit and abandon as it likes.
 */
#include "dns/engine.h"

#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "dns/engine_priv.h"

enum {
	EVENTS_MAX = 64, /* taken from epoll at once */
	TIMEOUT_MS = 500,
	TRIES = 3,
	TRIES_MAX = 8, /* 255 timeouts */
	WAIT_MAX_MS = 1000,
	RCODE_NXDOMAIN = 3,
};

/* Whatever was left out gets its default. */
static void take_opts(struct dns_engine *en, const struct dns_engine_opts *opts)
{
	int64_t now = clock_mono_ms(opts->clock);
	en->opts = *opts;
	if (opts->timeout_ms <= 0)
		en->opts.timeout_ms = TIMEOUT_MS;
	if (opts->tries <= 0)
		en->opts.tries = TRIES;
	if (opts->tries > TRIES_MAX)
		en->opts.tries = TRIES_MAX;
	rng_pool_init(&en->random, opts->rng);
	buf_init(&en->query);
	pace_init(&en->pace, opts->qps, now);
	link_init(&en->ready);
	link_init(&en->starved);
	link_init(&en->idle_open);
	link_init(&en->idle_closed);
	link_init(&en->finished);
	link_init(&en->transfers);
	en->transfers_fd = -1;
}

struct dns_engine *dns_engine_new(const struct dns_engine_opts *opts, struct err *e)
{
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	struct dns_channels *channels = NULL;
	if (epoll_fd >= 0)
		channels = dns_channels_new(epoll_fd, opts->clock);
	if (channels == NULL) {
		(void)err_set(e, ERR_BUG, "starting c-ares failed");
		if (epoll_fd >= 0)
			(void)close(epoll_fd);
		return NULL;
	}
	struct dns_engine *en = mem_alloc(sizeof(*en));
	take_opts(en, opts);
	en->epoll_fd = epoll_fd;
	en->channels = channels;
	struct epoll_event wake = { .events = EPOLLIN, .data.ptr = NULL };
	if (opts->wake_fd >= 0)
		(void)epoll_ctl(epoll_fd, EPOLL_CTL_ADD, opts->wake_fd, &wake);
	return en;
}

/* Nobody is there any more to whom they could be handed out. */
static void drop_finished(struct dns_engine *en)
{
	while (!link_empty(&en->finished))
		job_free((struct job *)(void *)en->finished.next);
}

/* Every job of one server ends. */
static void cancel_jobs(struct server *s)
{
	while (!link_empty(&s->asked))
		job_finish((struct job *)(void *)s->asked.next, DNS_CANCELLED);
	while (!link_empty(&s->queue))
		job_finish((struct job *)(void *)s->queue.next, DNS_CANCELLED);
}

static void cancel_all(struct dns_engine *en)
{
	transfers_cancel(en);
	for (size_t i = 0; i < SERVER_BUCKETS; i++) {
		for (struct server *s = en->buckets[i]; s != NULL; s = s->next_in_bucket)
			cancel_jobs(s);
	}
}

/* What arrived for jobs that are gone. */
static void drop_arrivals(struct dns_engine *en)
{
	for (size_t i = 0; i < en->arrival_n; i++)
		free(en->arrivals[i].flight);
	en->arrival_n = 0;
}

void dns_engine_free(struct dns_engine *en)
{
	if (en == NULL)
		return;
	transfers_release(en);
	cancel_all(en);
	drop_finished(en);
	drop_arrivals(en);
	servers_release(en);
	timers_release(&en->timers);
	free(en->arrivals);
	buf_release(&en->query);
	dns_channels_free(en->channels);
	(void)close(en->epoll_fd);
	free(en);
}

bool dns_engine_cancelled(const struct dns_engine *en)
{
	return en->cancelled;
}

int64_t dns_engine_now_ms(const struct dns_engine *en)
{
	return clock_now_ms(en->opts.clock);
}

int64_t dns_engine_mono_ms(const struct dns_engine *en)
{
	return clock_mono_ms(en->opts.clock);
}

const char *dns_outcome_text(enum dns_outcome outcome)
{
	static const char *const texts[] = {
		[DNS_ANSWERED] = "answered",
		[DNS_SILENT] = "no answer",
		[DNS_REFUSED] = "connection refused",
		[DNS_TRUNCATED] = "truncated over UDP and no answer over TCP",
		[DNS_GARBAGE] = "only bytes that are no answer",
		[DNS_CANCELLED] = "not waited for",
		[DNS_NO_ROUTE] = "this machine has no route to it",
		[DNS_NO_SOCKET] = "this machine had no free socket for it",
	};
	return texts[outcome];
}

void dns_submit(struct dns_engine *en, struct arena *a, struct dns_ask *ask)
{
	(void)job_new(en, a, ask);
}

void dns_abandon(struct dns_engine *en, struct dns_ask *ask)
{
	(void)en;
	struct job *j = ask->under_way;
	if (j == NULL)
		return;
	job_free(j);
	ask->reply.outcome = DNS_CANCELLED;
	ask->reply.answer = NULL;
}

size_t dns_engine_open(const struct dns_engine *en)
{
	return en->open;
}

size_t dns_engine_waiting(const struct dns_engine *en)
{
	return en->waiting;
}

int dns_engine_fd(const struct dns_engine *en)
{
	return en->epoll_fd;
}

int dns_engine_wait_ms(const struct dns_engine *en, int max_ms)
{
	int64_t now = clock_mono_ms(en->opts.clock);
	int64_t wait = max_ms;
	struct pace pace = en->pace;
	if (!link_empty(&en->finished) || en->arrival_n > 0)
		return 0;
	if (!link_empty(&en->ready)) {
		int token = pace_wait_ms(&pace, now);
		wait = wait < 0 || token < wait ? token : wait;
	}
	if (en->timers.n > 0) {
		int64_t due = en->timers.heap[0]->at_ms - now;
		due = due > 0 ? due : 0;
		wait = wait < 0 || due < wait ? due : wait;
	}
	return (int)wait;
}

/* One job of each ready server in turn, as long as the pace allows. */
static void start_ready(struct dns_engine *en)
{
	int64_t now = clock_mono_ms(en->opts.clock);
	while (!link_empty(&en->ready) && pace_wait_ms(&en->pace, now) == 0) {
		struct server *s = (struct server *)(void *)en->ready.next;
		link_remove(&s->link);
		if (!server_open(s))
			continue;
		if (!link_empty(&s->queue))
			job_start((struct job *)(void *)s->queue.next);
		if (s->jobs_n > 0)
			server_wake(s, now);
	}
}

/* By index: looking at one may bring others. */
static void look_at_arrivals(struct dns_engine *en)
{
	for (size_t i = 0; i < en->arrival_n; i++) {
		struct arrival got = en->arrivals[i];
		if (got.flight->job != NULL)
			job_take(got.flight->job, &got);
		free(got.flight);
	}
	en->arrival_n = 0;
}

/* epoll waits by the machine's clock. An injected one that stood still meanwhile is moved on
 * here, or a server's silence would never end. */
static void catch_up(struct dns_engine *en, int64_t until_ms)
{
	int64_t short_by = until_ms - clock_mono_ms(en->opts.clock);
	int64_t now = clock_now_ms(en->opts.clock);
	if (short_by > 0)
		(void)clock_sleep_until(en->opts.clock, now + short_by, en->opts.wake_fd);
}

static void wait_and_read(struct dns_engine *en, int max_ms)
{
	struct epoll_event events[EVENTS_MAX];
	int64_t before = clock_mono_ms(en->opts.clock);
	dns_channels_flush(en->channels);
	int wait = dns_engine_wait_ms(en, max_ms);
	int n = epoll_wait(en->epoll_fd, events, EVENTS_MAX, wait);
	if (n == 0 && wait > 0)
		catch_up(en, before + wait);
	for (int i = 0; i < n; i++) {
		if (events[i].data.ptr == NULL)
			en->cancelled = true;
		else if (events[i].data.ptr == en)
			en->transfers_ready = true;
		else
			dns_channel_process(events[i].data.ptr, events[i].events);
	}
}

/* Out of the engine's hands before it is called back: the ask may be submitted again. */
static void hand_out(struct dns_engine *en)
{
	while (!link_empty(&en->finished)) {
		struct job *j = (struct job *)(void *)en->finished.next;
		struct dns_ask *ask = j->ask;
		job_free(j);
		if (ask->done != NULL)
			ask->done(ask->ctx, ask);
	}
}

int dns_engine_turn(struct dns_engine *en, int max_ms)
{
	start_ready(en);
	wait_and_read(en, max_ms);
	look_at_arrivals(en);
	if (en->cancelled)
		cancel_all(en);
	if (en->transfers_ready)
		transfers_serve(en);
	en->transfers_ready = false;
	timers_fire(&en->timers, clock_mono_ms(en->opts.clock));
	start_ready(en);
	look_at_arrivals(en);
	hand_out(en);
	dns_channels_flush(en->channels);
	return en->cancelled ? -1 : 0;
}

/* One call of dns_ask_all. */
struct run {
	struct dns_engine *en;
	struct dns_ask *asks;
	size_t n, open; /* open: without an outcome */
};

/* The first of a group that can be used ends the waiting for the others. */
static void settle_group(struct run *run, const struct dns_ask *winner)
{
	const struct dns_answer *ans = winner->reply.answer;
	if (winner->group == 0 || ans == NULL || (ans->rcode != 0 && ans->rcode != RCODE_NXDOMAIN))
		return;
	for (size_t i = 0; i < run->n; i++) {
		struct dns_ask *ask = &run->asks[i];
		if (ask->group == winner->group && ask->under_way != NULL) {
			dns_abandon(run->en, ask);
			run->open--;
		}
	}
}

static void on_done(void *ctx, struct dns_ask *ask)
{
	struct run *run = ctx;
	run->open--;
	settle_group(run, ask);
}

void dns_ask_all(struct dns_engine *en, struct arena *a, struct dns_ask *asks, size_t n)
{
	struct run run = { .en = en, .asks = asks, .n = n, .open = n };
	for (size_t i = 0; i < n; i++) {
		asks[i].done = on_done;
		asks[i].ctx = &run;
		dns_submit(en, a, &asks[i]);
	}
	while (run.open > 0)
		(void)dns_engine_turn(en, WAIT_MAX_MS);
	for (size_t i = 0; i < n; i++)
		asks[i].done = NULL;
}
