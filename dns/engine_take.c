/*
 * What comes back for a job, and what follows from it: the end, the plain question, TCP, or
 * waiting on.
 */
#include "dns/engine_priv.h"

enum {
	SILENT_STEPS = 2, /* with EDNS unanswered, then an answer without: dropped */
	TCP_SENDS = 3,    /* a server may close the connection that we meant to use */
	RCODE_FORMERR = 1,
	RCODE_NOTIMP = 4,
};

static void unlink_flight(struct flight *f)
{
	struct flight **at = &f->job->flights;
	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	f->job = NULL;
}

/* What the answer tells of the server; jobs that are under way profit at once. That EDNS works
 * over TCP says nothing about datagrams, which a firewall may drop. A plain answer alone tells
 * nothing either: the one with an OPT may only be slower. It takes a refusal, or as many datagrams
 * with one in vain as are sent before the plain question goes along. */
static void learn_edns(struct job *j, const struct flight *f, const struct dns_answer *ans)
{
	struct server *s = j->server;
	if (!f->plain && f->tcp)
		return;
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
			job_send_plain(other);
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
	j->server->tcp_heard = j->server->tcp_heard || f->tcp;
	if (refuses && !f->plain && j->sent_plain) {
		j->no_opt = j->opt_refused = true; /* the plain one is on its way */
	} else if (refuses && !f->plain) {
		j->no_opt = j->opt_refused = true;
		if (f->tcp)
			job_send_tcp(j);
		else
			job_send_plain(j);
	} else if (ans->tc && f->tcp) {
		job_finish(j, DNS_TRUNCATED);
	} else if (ans->tc) {
		j->tc = true;
		j->no_opt = j->no_opt || f->plain;
		j->ask->reply.case_changed = got->case_changed;
		learn_edns(j, f, ans);
		job_go_tcp(j);
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
		job_finish(j, job_silence(j) == DNS_TRUNCATED ? DNS_TRUNCATED : DNS_GARBAGE);
		return;
	}
	j->no_opt = true;
	if (!j->sent_plain)
		job_send_plain(j);
}

/* A connection may be closed under a question: it is asked again, on a new one. */
static void take_failure(struct job *j, const struct arrival *got)
{
	bool no_route = got->result == CHANNEL_NO_ROUTE;
	if (got->result == CHANNEL_SILENT || got->result == CHANNEL_CANCELLED)
		return; /* the timer says when to give up */
	j->no_socket = j->no_socket || got->result == CHANNEL_NO_SOCKET;
	if (got->result == CHANNEL_NO_SOCKET && !got->flight->tcp)
		return; /* the next datagram may find one */
	if (got->result == CHANNEL_NO_SOCKET)
		job_finish(j, job_silence(j));
	else if (got->flight->tcp && !no_route && j->tcp_n < TCP_SENDS)
		job_send_tcp(j);
	else if (j->tc)
		job_finish(j, DNS_TRUNCATED);
	else
		job_finish(j, no_route ? DNS_NO_ROUTE : DNS_REFUSED);
}

void job_take(struct job *j, const struct arrival *got)
{
	unlink_flight(got->flight);
	if (got->unread)
		job_finish(j, DNS_CANCELLED);
	else if (got->result != CHANNEL_BYTES)
		take_failure(j, got);
	else if (got->answer != NULL && got->answer->qr)
		take_answer(j, got);
	else
		take_garbage(j, got->flight);
}
