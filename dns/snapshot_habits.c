/*
 * How a server behaves beside its answers: TCP, recursion, zone transfer, and
 * what its replies tell by the way. Only servers that answer are tried, and
 * only when the caller wants it. In a crowd of domains the good habits of an
 * address are remembered for a minute.
 */
#include "dns/judge.h"
#include "dns/taking.h"

void taking_habits_note(struct server_work *w, const struct dns_reply *r)
{
	struct server_habits *h = &w->view.habits;
	if (r->edns != DNS_EDNS_UNKNOWN)
		h->edns = r->edns;
	h->case_changed = h->case_changed || r->case_changed;
	h->ignored += r->ignored;
	h->wrong_source += r->wrong_source;
}

static void recursion_heard(struct inquiry *q)
{
	struct server_work *w = q->who;
	const struct dns_answer *ans = q->ask.reply.answer;
	bool recursive = ans != NULL && ans->ra && ans->rcode == 0 && ans->answer_n > 0;
	w->view.habits.recursive = recursive ? PROBE_YES : PROBE_NO;
	if (ans != NULL && !recursive)
		walk_cache_tell(w->job->opts.cache, w->view.address, WORD_NO_RECURSION);
}

static void probe(struct server_work *w, const struct dns_ask *ask, void (*heard)(struct inquiry *))
{
	struct inquiry *q = ARENA_NEW(w->job->a, struct inquiry);
	*q = (struct inquiry){ .ask = *ask, .heard = heard, .who = w };
	q->ask.address = w->view.address;
	taking_put(w->job, q);
}

/* Any answer will do: a lame server's TCP works too. Where this machine had no socket left, the
 * server was never asked. */
static void tcp_heard(struct inquiry *q)
{
	if (q->ask.reply.outcome == DNS_NO_SOCKET)
		return;
	struct server_work *w = q->who;
	struct server_habits *h = &w->view.habits;
	bool answered = q->ask.reply.outcome == DNS_ANSWERED;
	h->tcp = answered ? PROBE_YES : PROBE_NO;
	h->tcp_note = answered ? NULL : dns_outcome_text(q->ask.reply.outcome);
	if (answered)
		walk_cache_tell(w->job->opts.cache, w->view.address, WORD_TAKES_TCP);
}

/* All at once, with the questions: what waits for another answer first would come too late from
 * a slow server. */
void taking_habits_begin(struct server_work *w)
{
	const struct snapshot_job *j = w->job;
	const char *apex = taking_apex(j);
	if (!j->opts.probe_servers)
		return;
	struct server_habits *h = &w->view.habits;
	if (walk_cache_told(j->opts.cache, w->view.address, WORD_TAKES_TCP))
		h->tcp = PROBE_YES;
	else
		probe(w, &(struct dns_ask){ .question = { apex, RR_SOA }, .tcp_only = true },
		      tcp_heard);
	if (walk_cache_told(j->opts.cache, w->view.address, WORD_NO_RECURSION))
		h->recursive = PROBE_NO;
	else
		probe(w, &(struct dns_ask){ .question = { ".", RR_NS }, .rd = true },
		      recursion_heard);
	taking_axfr_begin(w);
}

/* Silence to a probe tells nothing about a server that is silent altogether, nor about transfers
 * where TCP does not work. What was given away was given away. */
void taking_habits_finish(struct server_work *w)
{
	struct server_habits *h = &w->view.habits;
	if (h->tcp != PROBE_YES && h->axfr != PROBE_YES)
		h->axfr = PROBE_NOT_TRIED;
	if (w->view.state != SERVER_SILENT)
		return;
	h->tcp = h->recursive = PROBE_NOT_TRIED;
	h->tcp_note = NULL;
}
