/*
 * How a server behaves beside its answers: TCP, recursion, zone transfer, and
 * what its replies tell by the way. Only servers that answer are tried, and
 * only when the caller wants it.
 *
 * A transfer is looked at as far as its first message goes: enough to know that
 * the zone is given away and, for a zone of some hundred records, all names in
 * it.
 */
#include <string.h>

#include "dns/judge.h"
#include "dns/taking.h"
#include "zone/dname.h"

enum {
	RR_AXFR = 252,      /* RFC 5936 */
	AXFR_MX_MAX = 200,  /* names asked for one by one afterwards */
	AXFR_WHOLE = 12288, /* servers fill messages of 16 KiB at least before they
			       begin another */
	RECORD_HEAD = 12,   /* a compressed name, type, class, TTL, length */
};

void taking_habits_note(struct server_work *w, const struct dns_reply *r)
{
	struct server_habits *h = &w->view.habits;
	if (r->edns != DNS_EDNS_UNKNOWN)
		h->edns = r->edns;
	h->case_changed = h->case_changed || r->case_changed;
	h->ignored += r->ignored;
	h->wrong_source += r->wrong_source;
}

/* About how many octets a message's records take. */
static size_t answer_size(const struct dns_answer *ans)
{
	size_t size = 0;
	for (size_t i = 0; i < ans->answer_n; i++) {
		for (size_t k = 0; k < ans->answer[i]->n; k++)
			size += RECORD_HEAD + strlen(ans->answer[i]->rdata[k]);
	}
	return size;
}

/* Once each; servers of one zone give the same names. */
static bool has_name(const struct snapshot_job *j, const char *name)
{
	for (size_t i = 0; i < j->axfr_mx.n; i++) {
		if (dname_equal(j->axfr_mx.at[i], name))
			return true;
	}
	return false;
}

/* Names below the domain that take mail. */
static void take_names(struct snapshot_job *j, const struct dns_answer *ans)
{
	const char *d = j->opts.domain;
	for (size_t i = 0; i < ans->answer_n; i++) {
		const struct rrset *set = ans->answer[i];
		if (set->type != RR_MX || dname_equal(set->name, d) ||
		    !dname_is_within(set->name, d) || has_name(j, set->name))
			continue;
		if (j->axfr_mx.n >= AXFR_MX_MAX) {
			j->s->axfr_cut = true;
			return;
		}
		*vec_push(j->a, &j->axfr_mx) = set->name;
		(void)taking_lookup(j, set->name, RR_MX);
	}
}

/* A transfer begins with the SOA (RFC 5936 §2.2). With nothing else in the message it was sent
 * one record a message, and the rest was not waited for. */
static void axfr_heard(struct inquiry *q)
{
	struct server_work *w = q->who;
	const struct dns_answer *ans = q->ask.reply.answer;
	const char *apex = taking_apex(q->job);
	bool open = ans != NULL && ans->rcode == 0 &&
		    dns_section_find(ans->answer, ans->answer_n, apex, RR_SOA) != NULL;
	w->view.habits.axfr = open ? PROBE_YES : PROBE_NO;
	if (!open)
		return;
	if (ans->answer_n < 2 || answer_size(ans) > AXFR_WHOLE)
		q->job->s->axfr_cut = true;
	take_names(q->job, ans);
}

static void recursion_heard(struct inquiry *q)
{
	struct server_work *w = q->who;
	const struct dns_answer *ans = q->ask.reply.answer;
	bool recursive = ans != NULL && ans->ra && ans->rcode == 0 && ans->answer_n > 0;
	w->view.habits.recursive = recursive ? PROBE_YES : PROBE_NO;
}

static void probe(struct server_work *w, const struct dns_ask *ask, void (*heard)(struct inquiry *))
{
	struct inquiry *q = ARENA_NEW(w->job->a, struct inquiry);
	*q = (struct inquiry){ .ask = *ask, .heard = heard, .who = w };
	q->ask.address = w->view.address;
	taking_put(w->job, q);
}

/* Any answer will do: a lame server's TCP works too. */
static void tcp_heard(struct inquiry *q)
{
	struct server_work *w = q->who;
	struct server_habits *h = &w->view.habits;
	bool answered = q->ask.reply.outcome == DNS_ANSWERED;
	h->tcp = answered ? PROBE_YES : PROBE_NO;
	h->tcp_note = answered ? NULL : dns_outcome_text(q->ask.reply.outcome);
}

/* All at once, with the questions: what waits for another answer first would come too late from
 * a slow server. */
void taking_habits_begin(struct server_work *w)
{
	const struct snapshot_job *j = w->job;
	const char *apex = taking_apex(j);
	if (!j->opts.probe_servers)
		return;
	probe(w, &(struct dns_ask){ .question = { apex, RR_SOA }, .tcp_only = true }, tcp_heard);
	probe(w, &(struct dns_ask){ .question = { apex, RR_AXFR }, .tcp_only = true }, axfr_heard);
	probe(w, &(struct dns_ask){ .question = { ".", RR_NS }, .rd = true }, recursion_heard);
}

/* Silence to a probe tells nothing about a server that is silent altogether, nor about transfers
 * where TCP does not work. */
void taking_habits_finish(struct server_work *w)
{
	struct server_habits *h = &w->view.habits;
	if (h->tcp != PROBE_YES)
		h->axfr = PROBE_NOT_TRIED;
	if (w->view.state != SERVER_SILENT)
		return;
	h->tcp = h->recursive = PROBE_NOT_TRIED;
	h->tcp_note = NULL;
}
