/*
 * A transfer is complete when the SOA comes a second time (RFC 5936 §2.2); with a key, when
 * that message is signed too. Anything else is an error: a listing that may be cut is
 * worse than none. What the server makes itself for DNSSEC (RRSIG, NSEC, NSEC3) is left
 * out, for it cannot be planned or compared.
 */
#include "base/vec.h"
#include "registrars/rfc2136/request.h"
#include "registrars/rfc2136/session.h"
#include "zone/dname.h"

enum { CLASS_IN = 1, RECORDS_MAX = 4 << 20 };

struct transfer {
	const struct session *session;
	struct arena *a;
	const struct registrar_names *only; /* NULL: all */
	struct reply_ask ask;
	const struct rrset *soa; /* the first record */
	bool complete;
	VEC(const struct rrset *) sets;
};

static int confused(const struct transfer *t, const char *why, struct err *e)
{
	return err_set(e, ERR_WORLD, "transfer of %s: %s", t->session->zone, why);
}

/* The first SOA opens the zone, the second closes it; they must be the same one, or the
 * zone changed while it was read. */
static int take_soa(struct transfer *t, const struct rrset *set, struct err *e)
{
	if (!dname_equal(set->name, t->session->zone))
		return confused(t, "the SOA of another zone in it", e);
	if (t->soa == NULL) {
		t->soa = set;
		*vec_push(t->a, &t->sets) = set;
		return 0;
	}
	t->complete = true;
	return rrset_equal(t->soa, set) ? 0 : confused(t, "its two SOA records differ", e);
}

/* A record of another zone or class is a server (or somebody between) gone wrong, so nothing
 * of the answer is used. */
static int take_record(struct transfer *t, const struct message_record *r, struct err *e)
{
	if (t->complete)
		return confused(t, "records behind its end", e);
	if (r->klass != CLASS_IN || !dname_is_within(r->name, t->session->zone))
		return confused(t, "a record that is not of the zone", e);
	if (rr_type_is_made(r->type))
		return t->soa != NULL ? 0 : confused(t, "it does not begin with the SOA", e);
	if (r->type != RR_SOA && t->soa != NULL && !registrar_names_have(t->only, r->name))
		return 0;
	const struct rrset *set = message_rrset(t->a, r, e);
	if (set == NULL)
		return -1;
	if (r->type == RR_SOA)
		return take_soa(t, set, e);
	if (t->soa == NULL)
		return confused(t, "it does not begin with the SOA", e);
	if (t->sets.n >= RECORDS_MAX)
		return confused(t, "too many records", e);
	*vec_push(t->a, &t->sets) = set;
	return 0;
}

/* 1: more must come; 0: complete; -1. A message that brings nothing could come for ever. */
static int take_records(struct transfer *t, const struct message *m, struct err *e)
{
	size_t answers = 0;
	for (size_t i = 0; i < m->n; i++) {
		if (m->records[i].section != SECTION_ANSWER)
			continue;
		if (take_record(t, &m->records[i], e) != 0)
			return -1;
		answers++;
	}
	if (answers == 0)
		return confused(t, "a message without records", e);
	if (!t->complete)
		return 1;
	if (t->ask.tsig != NULL && t->ask.tsig->waiting_n > 0)
		return confused(t, "its last message is not signed", e);
	return 0;
}

/* One message of the stream; its own arena, for most of it is copied into records. */
static int take_message(void *ctx, struct slice wire, struct err *e)
{
	struct transfer *t = ctx;
	struct arena *a = arena_new();
	const struct message *m = reply_check(a, &t->ask, wire, e);
	int rc = -1;
	if (m != NULL && m->rcode != RCODE_NOERROR)
		(void)reply_explain(m, t->session->zone, e);
	else if (m != NULL)
		rc = take_records(t, m, e);
	arena_free(a);
	return rc;
}

/* The sink ends the transfer; the host cannot know when a zone is complete. */
static int run(struct transfer *t, struct tsig_state *tsig, struct buf *request, struct err *e)
{
	const struct session *s = t->session;
	t->ask.id = session_id(s);
	if (request_query(t->ask.id, s->zone, TYPE_AXFR, request, e) != 0)
		return -1;
	if (t->ask.tsig != NULL)
		tsig_sign(tsig, request);
	struct registrar_sink sink = { take_message, t };
	return s->host->dns_transfer(s->host->ctx, s->server, buf_slice(request), &sink, e);
}

int transfer_zone(const struct session *s, struct arena *a, const struct registrar_names *only,
		  const struct zone **zone_r, struct err *e)
{
	struct transfer t = { .session = s, .a = a, .only = only };
	struct tsig_state tsig;
	struct buf request;
	tsig_init(&tsig, &s->key, s->host->clock);
	buf_init(&request);
	t.ask.tsig = s->has_key ? &tsig : NULL;
	int rc = run(&t, &tsig, &request, e);
	buf_release(&request);
	tsig_release(&tsig);
	if (rc == 0 && !t.complete)
		rc = confused(&t, "it ended before its end", e);
	if (rc == 0)
		*zone_r = zone_make(a, s->zone, t.sets.n, t.sets.at);
	return rc;
}
