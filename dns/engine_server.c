/*
 * The servers: found by a hash of their address, opened when they are asked, closed when
 * others need the sockets more, forgotten when very many were met since.
 */
#include <string.h>

#include "dns/engine_priv.h"

enum {
	ASKED_MAX = 100,    /* per server; past about 100 datagrams get lost */
	OPEN_MAX = 300,     /* servers with sockets */
	IDLE_OPEN = 150,    /* of those, without anything to do */
	IDLE_KNOWN = 8192,  /* closed ones of which is remembered how they took EDNS */
	FORGET_WINDOWS = 8, /* idle so long, a server has to show again that it is alive */
};

/* FNV-1a. */
static size_t hash_of(const char *text)
{
	uint32_t h = 2166136261U;
	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 16777619U;
	return h % SERVER_BUCKETS;
}

/* Not opened: no socket before a job starts. */
static struct server *server_new(struct dns_engine *en, const char *address)
{
	struct server *s = mem_alloc(sizeof(*s));
	s->en = en;
	s->address = mem_strdup(address);
	link_init(&s->queue);
	link_init(&s->asked);
	pace_init(&s->pace, en->opts.qps_per_server, clock_mono_ms(en->opts.clock));
	return s;
}

/* A timer's owner, told by where the timer is in it. */
static void on_token(struct timer *t)
{
	struct server *s = (struct server *)(void *)((char *)t - offsetof(struct server, timer));
	server_wake(s, clock_mono_ms(s->en->opts.clock));
}

struct server *server_for(struct dns_engine *en, const char *address)
{
	struct server **bucket = &en->buckets[hash_of(address)];
	for (struct server *s = *bucket; s != NULL; s = s->next_in_bucket) {
		if (str_eq(s->address, address))
			return s;
	}
	if (!dns_channel_address_ok(address))
		return NULL;
	struct server *s = server_new(en, address);
	s->timer.fire = on_token;
	s->next_in_bucket = *bucket;
	*bucket = s;
	link_append(&en->idle_closed, &s->link);
	en->idle_closed_n++;
	return s;
}

/* What was counted there is kept: jobs compare. */
static void close_channels(struct server *s)
{
	if (s->udp == NULL && s->tcp == NULL)
		return;
	s->ignored = server_ignored(s);
	s->strangers = server_strangers(s);
	dns_channel_free(s->udp);
	dns_channel_free(s->tcp);
	s->udp = s->tcp = NULL;
	s->en->open_n--;
}

/* Nothing refers to it: no job, no list, no timer. */
static void server_free(struct server *s)
{
	struct server **at = &s->en->buckets[hash_of(s->address)];
	while (*at != s)
		at = &(*at)->next_in_bucket;
	*at = s->next_in_bucket;
	link_remove(&s->link);
	timer_clear(&s->en->timers, &s->timer);
	close_channels(s);
	free(s->address);
	free(s);
}

/* The one that was not asked for the longest time gives up its sockets. */
static void close_idlest(struct dns_engine *en)
{
	struct server *s = (struct server *)(void *)en->idle_open.next;
	close_channels(s);
	en->idle_open_n--;
	link_append(&en->idle_closed, &s->link);
	en->idle_closed_n++;
}

static void forget_idlest(struct dns_engine *en)
{
	en->idle_closed_n--;
	server_free((struct server *)(void *)en->idle_closed.next);
}

/* A connection that nobody needs is a burden to the server. */
static void close_tcp(struct server *s)
{
	s->en->open_n -= s->tcp != NULL && s->udp == NULL ? 1 : 0;
	dns_channel_free(s->tcp);
	s->tcp = NULL;
}

/* Its last job is gone. */
static void go_idle(struct server *s)
{
	struct dns_engine *en = s->en;
	close_tcp(s);
	bool open = s->udp != NULL;
	link_append(open ? &en->idle_open : &en->idle_closed, &s->link);
	en->idle_open_n += open ? 1 : 0;
	en->idle_closed_n += open ? 0 : 1;
	s->idle_ms = clock_mono_ms(en->opts.clock);
	if (!link_empty(&en->starved) && !link_empty(&en->idle_open))
		link_append(&en->ready, en->starved.next);
	if (en->idle_open_n > IDLE_OPEN)
		close_idlest(en);
	if (en->idle_closed_n > IDLE_KNOWN)
		forget_idlest(en);
}

/* What was known of it long ago may be wrong by now. */
static void leave_idle(struct server *s)
{
	struct dns_engine *en = s->en;
	bool open = s->udp != NULL;
	int64_t now = clock_mono_ms(en->opts.clock);
	link_remove(&s->link);
	en->idle_open_n -= open ? 1 : 0;
	en->idle_closed_n -= open ? 0 : 1;
	if (now - s->idle_ms > FORGET_WINDOWS * (int64_t)job_window_ms(en))
		s->heard = s->tcp_heard = false;
}

void server_add_job(struct server *s, struct job *j)
{
	if (s->jobs_n == 0)
		leave_idle(s);
	s->jobs_n++;
	link_append(&s->queue, &j->link);
	s->en->waiting++;
	server_wake(s, clock_mono_ms(s->en->opts.clock));
}

void server_drop_job(struct server *s, struct job *j)
{
	link_remove(&j->link);
	s->asked_n -= j->started ? 1 : 0;
	s->en->waiting -= j->started ? 0 : 1;
	if (--s->jobs_n == 0) {
		link_remove(&s->link);
		timer_clear(&s->en->timers, &s->timer);
		go_idle(s);
		return;
	}
	server_wake(s, clock_mono_ms(s->en->opts.clock));
}

void server_wake(struct server *s, int64_t now_ms)
{
	bool wants = !link_empty(&s->queue) && s->asked_n < ASKED_MAX;
	if (!wants || s->link.next != NULL)
		return;
	int wait = pace_wait_ms(&s->pace, now_ms);
	if (wait == 0)
		link_append(&s->en->ready, &s->link);
	else if (s->timer.pos == 0)
		timer_set(&s->en->timers, &s->timer, now_ms + wait);
}

/* An answer is waited for a little longer than its question is, so that it is not taken for a
 * stranger's. */
static struct dns_channel *open_channel(const struct server *s, bool tcp)
{
	struct err e = { 0 };
	return dns_channel_new(s->en->channels,
			       &(struct dns_channel_opts){ .address = s->address,
							   .port = s->en->opts.port,
							   .tcp = tcp,
							   .keep_ms = 2 * job_limit_ms(s->en) },
			       &e);
}

bool server_open(struct server *s)
{
	struct dns_engine *en = s->en;
	if (s->udp != NULL)
		return true;
	if (en->open_n >= OPEN_MAX && link_empty(&en->idle_open)) {
		link_append(&en->starved, &s->link);
		return false;
	}
	if (en->open_n >= OPEN_MAX)
		close_idlest(en);
	s->udp = open_channel(s, false);
	en->open_n += s->udp != NULL && s->tcp == NULL ? 1 : 0;
	return true;
}

struct dns_channel *server_tcp(struct server *s)
{
	if (s->tcp != NULL)
		return s->tcp;
	s->tcp = open_channel(s, true);
	s->en->open_n += s->tcp != NULL && s->udp == NULL ? 1 : 0;
	return s->tcp;
}

unsigned server_ignored(const struct server *s)
{
	return s->ignored + (s->udp != NULL ? dns_channel_ignored(s->udp) : 0);
}

unsigned server_strangers(const struct server *s)
{
	return s->strangers + (s->udp != NULL ? dns_channel_strangers(s->udp) : 0);
}

void servers_release(struct dns_engine *en)
{
	for (size_t i = 0; i < SERVER_BUCKETS; i++) {
		struct server *next = NULL;
		for (struct server *s = en->buckets[i]; s != NULL; s = next) {
			next = s->next_in_bucket;
			server_free(s);
		}
	}
}
