/*
 * One question's way. Over UDP it is sent at 0, 1, 3 … timeouts from its start and given up
 * at 2^tries - 1. As long as nothing tells how the server takes EDNS, the question without OPT
 * goes out beside the third datagram and once more halfway to the end. Truncation leads to
 * TCP, within one timeout more.
 */
#include <string.h>

#include "dns/engine_priv.h"

enum {
	PLAIN_FROM = 2,   /* the step from which the plain question goes along */
	DEAD_WINDOWS = 8, /* how long a server is believed to be dead */
};

int job_window_ms(const struct dns_engine *en)
{
	return en->opts.timeout_ms * ((1 << en->opts.tries) - 1);
}

int job_limit_ms(const struct dns_engine *en)
{
	return job_window_ms(en) + en->opts.timeout_ms;
}

static int64_t mono_ms(const struct job *j)
{
	return clock_mono_ms(j->en->opts.clock);
}

/* Nothing is known of how the server takes the OPT. */
static bool is_edns_open(const struct job *j)
{
	return j->server->edns == DNS_EDNS_UNKNOWN && !j->no_opt;
}

/* When the step is due: a datagram, or the end. */
static int64_t step_at(const struct job *j)
{
	unsigned tries = (unsigned)j->en->opts.tries;
	int64_t t = j->en->opts.timeout_ms;
	int64_t last = t * ((1 << (tries - 1)) - 1);
	if (j->step < tries)
		return j->start_ms + t * ((1 << j->step) - 1);
	if (j->step == tries && is_edns_open(j))
		return j->start_ms + (last + job_window_ms(j->en)) / 2;
	return j->start_ms + job_window_ms(j->en);
}

/* The last step before the end is for the plain question alone. */
static void send_step(struct job *j)
{
	unsigned tries = (unsigned)j->en->opts.tries;
	bool plain = job_is_plain_only(j);
	unsigned beside = tries > PLAIN_FROM ? PLAIN_FROM : tries - 1;
	bool both = !plain && j->step >= beside && is_edns_open(j);
	if (!plain && j->step < tries)
		job_send_opt(j);
	if (plain || both)
		job_send_plain(j);
	j->step++;
	timer_set(&j->en->timers, &j->timer, step_at(j));
}

/* What it is when no time is left. */
enum dns_outcome job_silence(const struct job *j)
{
	bool ignored = j->started && server_ignored(j->server) != j->ignored_before;
	bool heard = j->garbage || ignored;
	if (j->no_socket)
		return DNS_NO_SOCKET;
	if (j->tc)
		return DNS_TRUNCATED;
	return heard && !j->ask->tcp_only ? DNS_GARBAGE : DNS_SILENT;
}

/* All jobs of a list that go by datagrams, or by TCP, end. */
static void end_jobs(const struct link *list, bool tcp)
{
	struct link *next = NULL;
	for (struct link *l = list->next; l != list; l = next) {
		struct job *j = (struct job *)(void *)l;
		next = l->next;
		if ((j->over_tcp || j->ask->tcp_only) == tcp)
			job_finish(j, job_silence(j));
	}
}

/* A server that never said anything in a whole window is dead for everything that is still to
 * be asked of it that way; over TCP it may be alive. */
static void bury_server(struct server *s, bool tcp)
{
	int64_t *until = tcp ? &s->tcp_dead_until_ms : &s->dead_until_ms;
	*until = clock_mono_ms(s->en->opts.clock) + DEAD_WINDOWS * (int64_t)job_window_ms(s->en);
	end_jobs(&s->asked, tcp);
	end_jobs(&s->queue, tcp);
	if (s->udp != NULL && !tcp)
		dns_channel_cancel(s->udp); /* nobody waits for what it holds */
}

static bool is_dead(const struct job *j, bool tcp)
{
	const struct server *s = j->server;
	return mono_ms(j) < (tcp ? s->tcp_dead_until_ms : s->dead_until_ms);
}

/* TCP gets what the datagrams have left of the time. */
void job_go_tcp(struct job *j)
{
	job_leave_flights(j);
	j->over_tcp = true;
	timer_set(&j->en->timers, &j->timer, j->start_ms + job_limit_ms(j->en));
	if (is_dead(j, true))
		job_finish(j, job_silence(j));
	else
		job_send_tcp(j);
}

/* The time is over. One question's silence may be that question's fault, unless the server never
 * said anything. */
static void give_up(struct job *j)
{
	const struct server *s = j->server;
	bool ignored = server_ignored(s) != j->ignored_before;
	bool alive = j->over_tcp ? s->tcp_heard : s->heard || ignored;
	if (alive || j->no_socket)
		job_finish(j, job_silence(j));
	else
		bury_server(j->server, j->over_tcp);
}

/* The next datagram, or the end; the last step falls out when EDNS got known meanwhile. */
static void on_timer(struct timer *t)
{
	struct job *j = (struct job *)(void *)((char *)t - offsetof(struct job, timer));
	int64_t end = j->start_ms + job_window_ms(j->en);
	bool over = j->over_tcp || mono_ms(j) >= end;
	if (over)
		give_up(j);
	else if (step_at(j) < end)
		send_step(j);
	else
		timer_set(&j->en->timers, &j->timer, end);
}

struct job *job_new(struct dns_engine *en, struct arena *a, struct dns_ask *ask)
{
	struct job *j = mem_alloc(sizeof(*j));
	j->en = en;
	j->ask = ask;
	j->a = a;
	j->timer.fire = on_timer;
	ask->reply = (struct dns_reply){ 0 };
	ask->under_way = j;
	en->open++;
	if (en->cancelled) {
		job_finish(j, DNS_CANCELLED);
		return j;
	}
	bool is_name = job_build_packet(j);
	j->server = is_name ? server_for(en, ask->address) : NULL;
	if (j->server == NULL) {
		job_finish(j, is_name ? DNS_NO_ROUTE : DNS_GARBAGE);
		return j;
	}
	server_add_job(j->server, j);
	if (is_dead(j, ask->tcp_only))
		job_finish(j, DNS_SILENT); /* it had its time with other questions */
	return j;
}

/* The counts are the server's; what they were before is taken off at the end. */
void job_start(struct job *j)
{
	struct server *s = j->server;
	j->started = true;
	j->en->waiting--;
	s->asked_n++;
	link_append(&s->asked, &j->link);
	j->ignored_before = server_ignored(s);
	j->strangers_before = server_strangers(s);
	j->start_ms = mono_ms(j);
	if (j->ask->tcp_only)
		job_go_tcp(j);
	else if (s->udp == NULL)
		job_finish(j, DNS_NO_ROUTE);
	else
		send_step(j);
}

void job_finish(struct job *j, enum dns_outcome outcome)
{
	struct dns_reply *r = &j->ask->reply;
	struct server *s = j->server;
	if (j->finished)
		return;
	j->finished = true;
	job_leave_flights(j);
	timer_clear(&j->en->timers, &j->timer);
	r->outcome = outcome;
	r->answer = outcome == DNS_ANSWERED ? r->answer : NULL;
	r->at_ms = clock_now_ms(j->en->opts.clock);
	if (outcome != DNS_ANSWERED && j->started) {
		r->rtt_ms = (int)(mono_ms(j) - j->start_ms);
		r->over_tcp = j->over_tcp;
		r->without_edns = j->no_opt;
	}
	if (s != NULL) {
		r->edns = s->edns;
		r->ignored = j->started ? server_ignored(s) - j->ignored_before : 0;
		r->wrong_source = j->started ? server_strangers(s) - j->strangers_before : 0;
		server_drop_job(s, j);
		j->server = NULL;
	}
	link_append(&j->en->finished, &j->link);
}

void job_free(struct job *j)
{
	job_finish(j, DNS_CANCELLED);
	link_remove(&j->link);
	j->ask->under_way = NULL;
	j->en->open--;
	free(j);
}
