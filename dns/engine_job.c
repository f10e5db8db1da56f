/*
 * One question's way. Over UDP it is sent at 0, 1, 3 … timeouts from its start and given up
 * at 2^tries - 1. As long as nothing tells how the server takes EDNS, the question without OPT
 * goes out beside the third datagram and once more halfway to the end. Truncation leads to
 * TCP, within one timeout more. Every datagram has an ID of its own: so it is known which one
 * was answered, and a late answer still counts.
 */
#include <string.h>

#include "dns/engine_priv.h"

enum {
	PLAIN_FROM = 2,   /* the step from which the plain question goes along */
	SILENT_STEPS = 2, /* with EDNS unanswered, then an answer without: dropped */
	DEAD_WINDOWS = 8, /* how long that is believed */
	TCP_SENDS = 3,    /* a server may close the connection that we meant to use */
	RCODE_FORMERR = 1,
	RCODE_NOTIMP = 4,
	IDS = 65536,
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

/* Nobody waits for them any more; c-ares keeps them until they end. */
static void leave_flights(struct job *j)
{
	while (j->flights != NULL) {
		struct flight *f = j->flights;
		j->flights = f->next;
		f->job = NULL;
	}
}

static void unlink_flight(struct flight *f)
{
	struct flight **at = &f->job->flights;
	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	f->job = NULL;
}

/* Only kept: what follows from it is done outside of c-ares. */
static void on_result(void *ctx, const struct channel_got *got)
{
	struct flight *f = ctx;
	struct dns_engine *en = f->en;
	struct err e = { 0 };
	if (f->job == NULL) {
		free(f);
		return;
	}
	if (en->arrival_n == en->arrival_cap) {
		en->arrival_cap = en->arrival_cap > 0 ? 2 * en->arrival_cap : 64;
		en->arrivals = mem_grow(en->arrivals, en->arrival_cap * sizeof(struct arrival));
	}
	struct arrival *a = &en->arrivals[en->arrival_n++];
	*a = (struct arrival){ .flight = f,
			       .result = got->result,
			       .case_changed = got->case_changed,
			       .at_ms = clock_mono_ms(en->opts.clock) };
	if (got->result == CHANNEL_BYTES)
		a->answer = dns_answer_parse(f->job->a, got->bytes, &e);
}

/* From the injected generator, so that a replay asks the same. A few hundred of 65536 are in
 * use. */
static uint16_t fresh_id(const struct dns_engine *en, const struct dns_channel *ch)
{
	uint16_t id = 0;
	for (int i = 0; i < IDS; i++) {
		id = (uint16_t)rng_u64(en->opts.rng);
		if (!dns_channel_has_id(ch, id))
			break;
	}
	return id;
}

/* The OPT is the packet's end: without it, it is the plain question. */
static void send_packet(struct job *j, struct dns_channel *ch, bool plain)
{
	char packet[PACKET_MAX];
	size_t len = j->packet_len - (plain ? OPT_LEN : 0);
	uint16_t id = fresh_id(j->en, ch);
	memcpy(packet, j->packet, len);
	packet[0] = (char)(id >> 8);
	packet[1] = (char)(id & 0xff);
	packet[11] = plain ? 0 : 1; /* ARCOUNT */
	struct flight *f = mem_alloc(sizeof(*f));
	*f = (struct flight){ .en = j->en, .job = j, .plain = plain, .sent_ms = mono_ms(j) };
	f->tcp = j->over_tcp;
	f->next = j->flights;
	j->flights = f;
	if (!f->tcp)
		pace_take(&j->server->pace, f->sent_ms);
	dns_channel_send(ch, (struct slice){ packet, len }, on_result, f);
}

static bool is_plain_only(const struct job *j)
{
	return j->no_opt || j->server->edns == DNS_EDNS_DROPPED ||
	       j->server->edns == DNS_EDNS_REFUSED;
}

static void send_plain(struct job *j)
{
	j->sent_plain = true;
	send_packet(j, j->server->udp, true);
}

/* The last step before the end is for the plain question alone. */
static void send_step(struct job *j)
{
	unsigned tries = (unsigned)j->en->opts.tries;
	bool plain = is_plain_only(j);
	unsigned beside = tries > PLAIN_FROM ? PLAIN_FROM : tries - 1;
	bool both = !plain && j->step >= beside && is_edns_open(j);
	if (!plain && j->step < tries)
		send_packet(j, j->server->udp, false);
	if (plain || both)
		send_plain(j);
	j->step++;
	timer_set(&j->en->timers, &j->timer, step_at(j));
}

/* With the OPT only when nothing speaks against it. */
static void send_tcp(struct job *j)
{
	struct dns_channel *ch = server_tcp(j->server);
	j->tcp_n++;
	if (ch == NULL)
		job_finish(j, j->tc ? DNS_TRUNCATED : DNS_NO_ROUTE);
	else
		send_packet(j, ch, is_plain_only(j));
}

/* TCP gets what the datagrams have left of the time. */
static void go_tcp(struct job *j)
{
	leave_flights(j);
	j->over_tcp = true;
	timer_set(&j->en->timers, &j->timer, j->start_ms + job_limit_ms(j->en));
	send_tcp(j);
}

/* What it is when no time is left. */
static enum dns_outcome outcome_of_silence(const struct job *j)
{
	bool ignored = j->started && server_ignored(j->server) != j->ignored_before;
	bool heard = j->garbage || ignored;
	if (j->tc)
		return DNS_TRUNCATED;
	return heard && !j->ask->tcp_only ? DNS_GARBAGE : DNS_SILENT;
}

/* A server that never said anything in a whole window is dead for everything that is still to
 * be asked of it; over TCP it may be alive. */
static void bury_server(struct server *s)
{
	struct link *lists[] = { &s->asked, &s->queue };
	int64_t now = clock_mono_ms(s->en->opts.clock);
	s->dead = true;
	s->dead_until_ms = now + DEAD_WINDOWS * (int64_t)job_window_ms(s->en);
	for (size_t i = 0; i < 2; i++) {
		struct link *next = NULL;
		for (struct link *l = lists[i]->next; l != lists[i]; l = next) {
			struct job *j = (struct job *)(void *)l;
			next = l->next;
			if (!j->over_tcp && !j->ask->tcp_only)
				job_finish(j, outcome_of_silence(j));
		}
	}
}

/* The next datagram, or the end. */
static void on_timer(struct timer *t)
{
	struct job *j = (struct job *)(void *)((char *)t - offsetof(struct job, timer));
	int64_t end = j->start_ms + job_window_ms(j->en);
	if (j->over_tcp) {
		job_finish(j, outcome_of_silence(j));
	} else if (step_at(j) < end && mono_ms(j) < end) {
		send_step(j);
	} else if (mono_ms(j) < end) {
		timer_set(&j->en->timers, &j->timer, end); /* EDNS got known: no last step */
	} else if (j->server->heard || server_ignored(j->server) != j->ignored_before) {
		job_finish(j, outcome_of_silence(j));
	} else {
		struct server *s = j->server;
		job_finish(j, outcome_of_silence(j));
		if (s->jobs_n > 0)
			bury_server(s);
		s->dead = true;
		s->dead_until_ms = clock_mono_ms(s->en->opts.clock) +
				   8 * (int64_t)job_window_ms(s->en);
	}
}

/* Case is mixed for datagrams only, where it makes guessing harder. False: not a name. */
static bool build_packet(struct job *j)
{
	const struct dns_ask *ask = j->ask;
	struct dns_query_opts opts = { .rd = ask->rd, .edns = true, .dnssec = ask->dnssec };
	struct buf b;
	struct err e = { 0 };
	opts.mixed_case = ask->tcp_only ? NULL : j->en->opts.rng;
	buf_init(&b);
	bool ok = dns_query_build(&ask->question, &opts, &b, &e) == 0 && b.len <= PACKET_MAX;
	if (ok) {
		memcpy(j->packet, b.at, b.len);
		j->packet_len = b.len;
	}
	buf_release(&b);
	return ok;
}

struct job *job_new(struct dns_engine *en, struct arena *a, struct dns_ask *ask)
{
	struct job *j = mem_alloc(sizeof(*j));
	*j = (struct job){ .en = en, .ask = ask, .a = a, .timer.fire = on_timer };
	ask->reply = (struct dns_reply){ 0 };
	ask->under_way = j;
	en->open++;
	if (en->cancelled) {
		job_finish(j, DNS_CANCELLED);
		return j;
	}
	bool is_name = build_packet(j);
	j->server = is_name ? server_for(en, ask->address) : NULL;
	if (j->server == NULL) {
		job_finish(j, is_name ? DNS_NO_ROUTE : DNS_GARBAGE);
		return j;
	}
	server_add_job(j->server, j);
	if (j->server->dead && !ask->tcp_only)
		job_finish(j, DNS_SILENT); /* it had its time with other questions */
	return j;
}

/* The counts are the server's; what they were before is taken off at the end. */
void job_start(struct job *j)
{
	struct server *s = j->server;
	j->started = true;
	s->asked_n++;
	link_append(&s->asked, &j->link);
	j->ignored_before = server_ignored(s);
	j->strangers_before = server_strangers(s);
	j->start_ms = mono_ms(j);
	pace_take(&j->en->pace, j->start_ms);
	if (j->ask->tcp_only)
		go_tcp(j);
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
	leave_flights(j);
	timer_clear(&j->en->timers, &j->timer);
	r->outcome = outcome;
	r->answer = outcome == DNS_ANSWERED ? r->answer : NULL;
	r->at_ms = clock_now_ms(j->en->opts.clock);
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

/* What the answer tells of the server; jobs that are under way profit at once. */
static void learn_edns(struct job *j, const struct flight *f, const struct dns_answer *ans)
{
	struct server *s = j->server;
	if (!f->plain) {
		if (ans->has_opt)
			s->edns = DNS_EDNS_OK;
		else if (s->edns == DNS_EDNS_UNKNOWN)
			s->edns = DNS_EDNS_IGNORED;
		return;
	}
	if (s->edns != DNS_EDNS_UNKNOWN || (!j->opt_refused && j->step <= SILENT_STEPS))
		return;
	s->edns = j->opt_refused ? DNS_EDNS_REFUSED : DNS_EDNS_DROPPED;
	for (struct link *l = s->asked.next; l != &s->asked; l = l->next) {
		struct job *other = (struct job *)(void *)l;
		if (other != j && !other->sent_plain && !other->over_tcp)
			send_plain(other);
	}
}

/* The question's end. */
static void answered(struct job *j, const struct arrival *got)
{
	const struct flight *f = got->flight;
	struct dns_reply *r = &j->ask->reply;
	learn_edns(j, f, got->answer);
	r->answer = got->answer;
	r->rtt_ms = (int)(got->at_ms - f->sent_ms);
	r->over_tcp = f->tcp;
	r->without_edns = f->plain;
	r->case_changed = got->case_changed;
	job_finish(j, DNS_ANSWERED);
}

/* Truncation first: a cut answer's rcode and records are not looked at. */
static void take_answer(struct job *j, const struct arrival *got)
{
	const struct flight *f = got->flight;
	const struct dns_answer *ans = got->answer;
	bool refuses = ans->rcode == RCODE_FORMERR || ans->rcode == RCODE_NOTIMP;
	j->server->heard = j->server->heard || !f->tcp;
	if (refuses && !f->plain && j->sent_plain) {
		j->no_opt = j->opt_refused = true; /* the plain one is on its way */
	} else if (refuses && !f->plain) {
		j->no_opt = j->opt_refused = true;
		if (f->tcp)
			send_tcp(j);
		else
			send_plain(j);
	} else if (ans->tc && f->tcp) {
		job_finish(j, DNS_TRUNCATED);
	} else if (ans->tc) {
		j->tc = true;
		j->no_opt = j->no_opt || f->plain;
		j->ask->reply.case_changed = got->case_changed;
		learn_edns(j, f, ans);
		go_tcp(j);
	} else {
		answered(j, got);
	}
}

/* Bytes with our ID and question that are no message, or a question: perhaps our own,
 * reflected. Old servers answer what holds an OPT with rubbish. */
static void take_garbage(struct job *j, const struct flight *f)
{
	j->garbage = true;
	if (f->tcp || f->plain) {
		job_finish(j, outcome_of_silence(j) == DNS_TRUNCATED ? DNS_TRUNCATED : DNS_GARBAGE);
		return;
	}
	j->no_opt = true;
	if (!j->sent_plain)
		send_plain(j);
}

/* A connection may be closed under a question: it is asked again, on a new one. */
static void take_failure(struct job *j, const struct arrival *got)
{
	bool no_route = got->result == CHANNEL_NO_ROUTE;
	if (got->result == CHANNEL_SILENT || got->result == CHANNEL_CANCELLED)
		return; /* the timer says when to give up */
	if (got->flight->tcp && !no_route && j->tcp_n < TCP_SENDS)
		send_tcp(j);
	else if (j->tc)
		job_finish(j, DNS_TRUNCATED);
	else
		job_finish(j, no_route ? DNS_NO_ROUTE : DNS_REFUSED);
}

void job_take(struct job *j, const struct arrival *got)
{
	unlink_flight(got->flight);
	if (got->result != CHANNEL_BYTES)
		take_failure(j, got);
	else if (got->answer != NULL && got->answer->qr)
		take_answer(j, got);
	else
		take_garbage(j, got->flight);
}
