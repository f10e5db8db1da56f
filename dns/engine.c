/*
 * Each ask is a job that goes through up to three attempts: UDP with EDNS, UDP without
 * it (silence or FORMERR), TCP (truncation). c-ares repeats datagrams within an
 * attempt. Answers are parsed where they arrive; what follows from them happens in
 * the loop, never inside a callback.
 *
 * The one ID of a job serves all its attempts, so that a slow server's late answer to
 * the first still counts in the second.
 */
#include "dns/engine.h"

#include <errno.h>
#include <string.h>

#include "base/vec.h"
#include "dns/channel.h"

enum {
	IN_FLIGHT_MAX = 64, /* per server; past about 100 datagrams get lost */
	SERVERS_KEPT = 64,  /* open sockets between calls */
	TCP_TRIES = 2,      /* a connection repeats by itself */
	POLL_MAX_MS = 1000,
	RCODE_FORMERR = 1,
	RCODE_NXDOMAIN = 3,
	RCODE_NOTIMP = 4,
};

/* One address; kept from call to call. */
struct server {
	char *address;                 /* owned */
	struct dns_channel *udp, *tcp; /* owned; tcp NULL until it is needed */
	bool no_edns;                  /* it was silent with EDNS and answered without */
	bool answered, dead;           /* in this call */
	size_t in_flight;
	struct server *next;
};

struct dns_engine {
	struct dns_engine_opts opts;
	struct server *servers; /* owned */
	size_t server_n;
	bool cancelled;
};

enum attempt { TRY_EDNS, TRY_PLAIN, TRY_TCP };

struct job {
	struct dns_ask *ask;
	struct run *run;
	struct server *server;
	enum attempt attempt;
	uint16_t id;
	bool started, in_flight, arrived, done;
	bool tc;                    /* a truncated answer came */
	bool garbage;               /* bytes came that are no message */
	enum channel_result result; /* of the last attempt */
	const struct dns_answer *answer;
	int64_t sent_ms, rtt_ms; /* monotonic; of the last attempt */
	unsigned ignored_before;
};

/* One call of dns_ask_all. */
struct run {
	struct dns_engine *en;
	struct arena *a;
	struct job *jobs;
	size_t n, open; /* open: without an outcome */
};

struct dns_engine *dns_engine_new(const struct dns_engine_opts *opts, struct err *e)
{
	if (!dns_channels_begin()) {
		(void)err_set(e, ERR_BUG, "starting c-ares failed");
		return NULL;
	}
	struct dns_engine *en = mem_alloc(sizeof(*en));
	en->opts = *opts;
	return en;
}

/* Its channels end their pending sends first; none are left after run_end. */
static void server_free(struct server *s)
{
	dns_channel_free(s->udp);
	dns_channel_free(s->tcp);
	free(s->address);
	free(s);
}

/* All of them: which ones the next call needs is not known. */
static void drop_servers(struct dns_engine *en)
{
	while (en->servers != NULL) {
		struct server *next = en->servers->next;
		server_free(en->servers);
		en->servers = next;
	}
	en->server_n = 0;
}

void dns_engine_free(struct dns_engine *en)
{
	if (en == NULL)
		return;
	drop_servers(en);
	free(en);
	dns_channels_end();
}

bool dns_engine_cancelled(const struct dns_engine *en)
{
	return en->cancelled;
}

int64_t dns_engine_now_ms(const struct dns_engine *en)
{
	return clock_now_ms(en->opts.clock);
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
	};
	return texts[outcome];
}

/* TCP waits twice as long for it needs two round trips, and repeats less. */
static struct dns_channel *open_channel(const struct dns_engine *en, const char *address, bool tcp)
{
	struct err e = { 0 };
	return dns_channel_new(
		&(struct dns_channel_opts){
			.address = address,
			.port = en->opts.port,
			.tcp = tcp,
			.timeout_ms = tcp ? 2 * en->opts.timeout_ms : en->opts.timeout_ms,
			.tries = tcp ? TCP_TRIES : en->opts.tries,
		},
		&e);
}

/* NULL when the address is none. */
static struct server *server_for(struct dns_engine *en, const char *address)
{
	for (struct server *s = en->servers; s != NULL; s = s->next) {
		if (str_eq(s->address, address))
			return s;
	}
	struct dns_channel *udp = open_channel(en, address, false);
	if (udp == NULL)
		return NULL;
	struct server *s = mem_alloc(sizeof(*s));
	s->address = mem_strdup(address);
	s->udp = udp;
	s->next = en->servers;
	en->servers = s;
	en->server_n++;
	return s;
}

/* Only the first outcome counts: a group's winner may have ended this job before. */
static void job_finish(struct job *j, enum dns_outcome outcome)
{
	if (j->done)
		return;
	const struct dns_engine *en = j->run->en;
	j->done = true;
	j->run->open--;
	struct dns_reply *r = &j->ask->reply;
	r->outcome = outcome;
	r->answer = outcome == DNS_ANSWERED ? j->answer : NULL;
	r->at_ms = clock_now_ms(en->opts.clock);
	r->rtt_ms = (int)j->rtt_ms;
	r->over_tcp = j->attempt == TRY_TCP;
	r->without_edns = j->attempt == TRY_PLAIN;
	if (j->server != NULL)
		r->ignored = dns_channel_ignored(j->server->udp) - j->ignored_before;
}

/* Runs inside c-ares, perhaps before dns_channel_send has returned: it only notes what came,
 * job_step goes on. */
static void on_result(void *ctx, enum channel_result result, struct slice bytes)
{
	struct job *j = ctx;
	struct err e = { 0 };
	j->in_flight = false;
	j->server->in_flight--;
	if (j->done)
		return; /* another of its group was faster */
	j->arrived = true;
	j->result = result;
	j->rtt_ms = clock_mono_ms(j->run->en->opts.clock) - j->sent_ms;
	j->answer = result == CHANNEL_BYTES ? dns_answer_parse(j->run->a, bytes, &e) : NULL;
}

/* Two pending questions to one server must differ in ID, or c-ares would mix them up. A
 * finished job whose packet is still out counts as well. */
static bool id_is_free(const struct run *run, const struct server *s, uint16_t id)
{
	for (size_t i = 0; i < run->n; i++) {
		const struct job *j = &run->jobs[i];
		bool taken = j->started && (!j->done || j->in_flight);
		if (taken && j->server == s && j->id == id)
			return false;
	}
	return true;
}

/* From the injected generator, so that a replay asks the same; 16 bits and 64 in flight leave
 * plenty. */
static uint16_t fresh_id(const struct run *run, const struct server *s)
{
	uint16_t id = 0;
	do {
		id = (uint16_t)rng_u64(run->en->opts.rng);
	} while (!id_is_free(run, s, id));
	return id;
}

/* Built anew for each attempt, with the same ID: see the top of the file. */
static void job_send(struct job *j)
{
	struct dns_query_opts opts = { .id = j->id,
				       .rd = j->ask->rd,
				       .edns = j->attempt != TRY_PLAIN && !j->server->no_edns };
	struct dns_channel *ch = j->attempt == TRY_TCP ? j->server->tcp : j->server->udp;
	struct buf packet;
	struct err e = { 0 };
	buf_init(&packet);
	if (dns_query_build(&j->ask->question, &opts, &packet, &e) == 0) {
		j->in_flight = true;
		j->server->in_flight++;
		j->sent_ms = clock_mono_ms(j->run->en->opts.clock);
		dns_channel_send(ch, buf_slice(&packet), on_result, j);
	} else {
		job_finish(j, DNS_GARBAGE); /* not a name: nothing can answer it */
	}
	buf_release(&packet);
}

/* The count of ignored datagrams is the server's; what it was before is taken off at the end. */
static void job_start(struct job *j)
{
	j->started = true;
	j->id = fresh_id(j->run, j->server);
	j->attempt = j->server->no_edns ? TRY_PLAIN : TRY_EDNS;
	j->ignored_before = dns_channel_ignored(j->server->udp);
	job_send(j);
}

/* A TCP channel is opened only for a server that truncates. */
static void job_next(struct job *j, enum attempt attempt)
{
	struct server *s = j->server;
	j->attempt = attempt;
	if (attempt == TRY_TCP && s->tcp == NULL)
		s->tcp = open_channel(j->run->en, s->address, true);
	if (attempt == TRY_TCP && s->tcp == NULL)
		job_finish(j, DNS_TRUNCATED);
	else
		job_send(j);
}

/* The first of a group that can be used ends the waiting for the others. */
static void settle_group(struct run *run, const struct job *winner)
{
	uint8_t rcode = winner->answer->rcode;
	if (winner->ask->group == 0 || (rcode != 0 && rcode != RCODE_NXDOMAIN))
		return;
	for (size_t i = 0; i < run->n; i++) {
		if (run->jobs[i].ask->group == winner->ask->group)
			job_finish(&run->jobs[i], DNS_CANCELLED);
	}
}

/* Truncation first: a cut answer's rcode and records are not looked at. */
static void job_answered(struct job *j)
{
	uint8_t rcode = j->answer->rcode;
	bool refuses_edns = rcode == RCODE_FORMERR || rcode == RCODE_NOTIMP;
	j->server->answered = true;
	if (j->answer->tc && j->attempt != TRY_TCP) {
		j->tc = true;
		job_next(j, TRY_TCP);
	} else if (j->answer->tc) {
		job_finish(j, DNS_TRUNCATED);
	} else if (refuses_edns && j->attempt == TRY_EDNS) {
		job_next(j, TRY_PLAIN);
	} else {
		j->server->no_edns = j->server->no_edns || j->attempt == TRY_PLAIN;
		job_finish(j, DNS_ANSWERED);
		settle_group(j->run, j);
	}
}

/* No answer that could be read came in this attempt. */
static void job_failed(struct job *j)
{
	static const enum dns_outcome outcomes[] = {
		[CHANNEL_BYTES] = DNS_GARBAGE,       [CHANNEL_SILENT] = DNS_SILENT,
		[CHANNEL_REFUSED] = DNS_REFUSED,     [CHANNEL_NO_ROUTE] = DNS_NO_ROUTE,
		[CHANNEL_CANCELLED] = DNS_CANCELLED,
	};
	j->garbage = j->garbage || j->result == CHANNEL_BYTES;
	/* Old servers and firewalls drop what holds an OPT, or answer it with rubbish. */
	bool worth_plain = j->result == CHANNEL_SILENT || j->result == CHANNEL_BYTES;
	if (j->attempt == TRY_EDNS && worth_plain) {
		job_next(j, TRY_PLAIN);
		return;
	}
	enum dns_outcome outcome = outcomes[j->result];
	bool heard = j->garbage || dns_channel_ignored(j->server->udp) > j->ignored_before;
	if (j->tc && outcome != DNS_CANCELLED)
		outcome = DNS_TRUNCATED;
	else if (outcome == DNS_SILENT && heard)
		outcome = DNS_GARBAGE;
	/* One question's silence may be that question's fault, unless nothing was ever
	 * answered. */
	if (outcome == DNS_SILENT && !j->server->answered)
		j->server->dead = true;
	job_finish(j, outcome);
}

/* A message without QR is a question, perhaps our own reflected: no answer. */
static void job_step(struct job *j)
{
	j->arrived = false;
	if (j->answer != NULL && j->answer->qr)
		job_answered(j);
	else
		job_failed(j);
}

/* Starts what may start; handles what arrived. True when anything moved. */
static bool run_step(struct run *run)
{
	bool moved = false;
	for (size_t i = 0; i < run->n; i++) {
		struct job *j = &run->jobs[i];
		if (j->done)
			continue;
		if (j->arrived) {
			moved = true;
			job_step(j);
		} else if (!j->started && j->server->dead) {
			moved = true; /* it had its tries with other questions */
			job_finish(j, DNS_SILENT);
		} else if (!j->started && j->server->in_flight < IN_FLIGHT_MAX) {
			moved = true;
			job_start(j);
		}
	}
	return moved;
}

/* The channels with something under way and their descriptors; entry 0 is wake_fd. */
struct polling {
	VEC(struct pollfd) fds;
	VEC(struct dns_channel *) channels;
	VEC(size_t) counts;
	int wait_ms;
};

/* Each channel shortens the wait to its own next timeout. */
static void poll_add(struct arena *a, struct polling *p, struct dns_channel *ch)
{
	struct pollfd fds[CHANNEL_FDS_MAX];
	size_t n = dns_channel_fds(ch, fds);
	for (size_t i = 0; i < n; i++)
		*vec_push(a, &p->fds) = fds[i];
	*vec_push(a, &p->channels) = ch;
	*vec_push(a, &p->counts) = n;
	p->wait_ms = dns_channel_wait_ms(ch, p->wait_ms);
}

/* poll by hand: c-ares would wait for its own sockets only, and not for the user's Ctrl-C. */
static void run_wait(struct run *run)
{
	struct arena *a = arena_new();
	struct polling p = { .wait_ms = POLL_MAX_MS };
	*vec_push(a, &p.fds) = (struct pollfd){ .fd = run->en->opts.wake_fd, .events = POLLIN };
	for (struct server *s = run->en->servers; s != NULL; s = s->next) {
		if (s->in_flight == 0)
			continue;
		poll_add(a, &p, s->udp);
		if (s->tcp != NULL)
			poll_add(a, &p, s->tcp);
	}
	int rc = poll(p.fds.at, p.fds.n, p.wait_ms);
	if (rc > 0 && p.fds.at[0].revents != 0)
		run->en->cancelled = true;
	size_t first = 1;
	for (size_t i = 0; i < p.channels.n; i++) {
		dns_channel_process(p.channels.at[i], p.fds.at + first,
				    rc > 0 ? p.counts.at[i] : 0);
		first += p.counts.at[i];
	}
	arena_free(a);
}

/* Nothing of this call may stay in flight: the jobs go away with it. */
static void run_end(struct run *run)
{
	for (size_t i = 0; i < run->n; i++)
		job_finish(&run->jobs[i], DNS_CANCELLED);
	for (struct server *s = run->en->servers; s != NULL; s = s->next) {
		dns_channel_cancel(s->udp);
		dns_channel_free(s->tcp);
		s->tcp = NULL;
	}
	/* A walk meets hundreds of servers once; their sockets must not pile up. */
	if (run->en->server_n > SERVERS_KEPT)
		drop_servers(run->en);
}

/* "dead" holds for one call: the server may be back for the next one. */
static void run_begin(struct run *run, struct dns_ask *asks)
{
	for (struct server *s = run->en->servers; s != NULL; s = s->next)
		s->answered = s->dead = false;
	for (size_t i = 0; i < run->n; i++) {
		struct job *j = &run->jobs[i];
		asks[i].reply = (struct dns_reply){ 0 };
		*j = (struct job){ .ask = &asks[i], .run = run };
		j->server = server_for(run->en, asks[i].address);
		if (j->server == NULL)
			job_finish(j, DNS_NO_ROUTE);
	}
}

void dns_ask_all(struct dns_engine *en, struct arena *a, struct dns_ask *asks, size_t n)
{
	struct run run = { .en = en, .a = a, .n = n, .open = n };
	run.jobs = mem_alloc(n * sizeof(*run.jobs));
	run_begin(&run, asks);
	while (run.open > 0 && !en->cancelled) {
		if (!run_step(&run))
			run_wait(&run);
	}
	run_end(&run);
	free(run.jobs);
}
