/*
 * A reply can be read in two ways. The walk needs to know where to go next; the audit
 * needs to know what a person would see. Both trust only what the server may say.
 */
#include "dns/judge.h"

#include "base/vec.h"
#include "zone/dname.h"

enum { RCODE_OK = 0, RCODE_SERVFAIL = 2, RCODE_NXDOMAIN = 3, RCODE_REFUSED = 5, ALIASES_MAX = 8 };

/* RFC 6895 §2.3, as far as servers send them. */
static const char *rcode_name(struct arena *a, uint8_t rcode)
{
	static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
					     "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
					     "NXRRSET", "NOTAUTH", "NOTZONE" };
	if (rcode < sizeof(names) / sizeof(names[0]))
		return names[rcode];
	return arena_printf(a, "RCODE%u", (unsigned)rcode);
}

const char *rdata_host(struct arena *a, uint16_t type, const char *rdata)
{
	struct mx mx;
	struct err e;
	err_clear(&e);
	if (type == RR_MX)
		return mx_parse(a, rdata, &mx) ? mx.host : NULL;
	return dname_canon(a, rdata, &e);
}

/* The first set of the type; more than one NS set there is nobody's referral. */
static const struct rrset *authority_of(const struct dns_answer *ans, uint16_t type)
{
	for (size_t i = 0; i < ans->authority_n; i++) {
		if (ans->authority[i]->type == type)
			return ans->authority[i];
	}
	return NULL;
}

/* Sideways and upward referrals are what lame servers send (RFC 1912 §2.8). */
static bool leads_down(const char *zone, const char *name, const struct rrset *ns)
{
	return ns != NULL && !dname_equal(ns->name, zone) && dname_is_within(ns->name, zone) &&
	       dname_is_within(name, ns->name);
}

/* RFC 1034 §4.3.2 step 3b: no AA, no answer, NS of a zone below. Who refers a question for DS to
 * the zone itself does not know that DS is the parent's (RFC 4035 §3.1.4.1). */
static bool is_referral(const char *zone, const struct dns_ask *ask)
{
	const struct dns_answer *ans = ask->reply.answer;
	const struct rrset *ns = authority_of(ans, RR_NS);
	return ans->rcode == RCODE_OK && !ans->aa && ans->answer_n == 0 &&
	       leads_down(zone, ask->question.name, ns) &&
	       (ask->question.type != RR_DS || !dname_equal(ns->name, ask->question.name));
}

/* Two CNAMEs at one name are no alias that could be followed (RFC 2181 §10.1). */
static const char *alias_at(struct arena *a, const struct dns_answer *ans, const char *name)
{
	const struct rrset *c = dns_section_find(ans->answer, ans->answer_n, name, RR_CNAME);
	return c != NULL && c->n == 1 ? rdata_host(a, RR_CNAME, c->rdata[0]) : NULL;
}

/* The zone that a negative answer speaks for, if it may. */
static const char *soa_owner(const char *zone, const struct dns_ask *ask)
{
	const struct rrset *soa = authority_of(ask->reply.answer, RR_SOA);
	if (soa == NULL || !dname_is_within(soa->name, zone) ||
	    !dname_is_within(ask->question.name, soa->name))
		return NULL;
	return soa->name;
}

/* A negative answer about DS from the zone itself: the parent was asked for. */
static bool is_childs_word(const struct dns_question *q, const struct judgement *j)
{
	return q->type == RR_DS && j->set == NULL && j->soa_owner != NULL &&
	       dname_equal(j->soa_owner, q->name) && !str_eq(q->name, ".");
}

struct judgement judge_iterative(struct arena *a, const char *zone, const struct dns_ask *ask)
{
	const struct dns_answer *ans = ask->reply.answer;
	const struct dns_question *q = &ask->question;
	struct judgement j = { .verdict = VERDICT_USELESS };
	if (ask->reply.outcome != DNS_ANSWERED ||
	    (ans->rcode != RCODE_OK && ans->rcode != RCODE_NXDOMAIN))
		return j;
	if (is_referral(zone, ask))
		return (struct judgement){ VERDICT_REFERRAL, authority_of(ans, RR_NS), NULL, NULL };
	if (!ans->aa)
		return j;
	/* Data before alias: a server may answer both at once, and the data is what was asked
	 * for. */
	j.set = dns_section_find(ans->answer, ans->answer_n, q->name, q->type);
	j.target = alias_at(a, ans, q->name);
	j.soa_owner = soa_owner(zone, ask);
	if (is_childs_word(q, &j))
		j.verdict = VERDICT_USELESS;
	else if (j.set != NULL)
		j.verdict = VERDICT_DATA;
	else if (j.target != NULL)
		j.verdict = VERDICT_ALIAS;
	else
		j.verdict = ans->rcode == RCODE_NXDOMAIN ? VERDICT_NXDOMAIN : VERDICT_NODATA;
	return j;
}

/* No SOA: the answer must not be cached (RFC 2308 §5), which 0 says. */
static uint32_t negative_ttl(const struct dns_answer *ans)
{
	struct soa soa;
	const struct rrset *set = authority_of(ans, RR_SOA);
	if (set == NULL || set->n == 0 || !soa_parse(set->rdata[0], &soa))
		return 0;
	return set->ttl < soa.minimum ? set->ttl : soa.minimum; /* RFC 2308 §5 */
}

/* The set for the question, along the aliases that the answer itself holds, as far as the server
 * may speak for them. False when they lead out of its zone. */
static bool follow(struct arena *a, const char *zone, const struct dns_answer *ans, struct seen *s)
{
	const char *name = s->question.name;
	for (unsigned i = 0; i <= ALIASES_MAX && name != NULL; i++) {
		if (zone != NULL && !dname_is_within(name, zone))
			return false;
		s->rrset = dns_section_find(ans->answer, ans->answer_n, name, s->question.type);
		if (s->rrset != NULL)
			return true;
		name = alias_at(a, ans, name);
		if (name != NULL)
			s->alias = name;
	}
	return true;
}

/* The end of an alias inside the answer: the note says whose absence it is. Of a name outside of
 * its zone the server cannot know that it does not exist. */
static void judge_negative(struct arena *a, const struct dns_answer *ans, bool inside,
			   struct seen *s)
{
	s->negative_ttl = negative_ttl(ans);
	s->no_soa = inside && authority_of(ans, RR_SOA) == NULL;
	s->state = inside && ans->rcode == RCODE_NXDOMAIN ? SEEN_NXDOMAIN : SEEN_NODATA;
	if (s->alias != NULL)
		s->note = arena_printf(a, "alias of %s", dname_show(a, s->alias));
}

/* RFC 2181 §5.2: the parser gives the set the highest TTL and tells which set it was. */
static void judge_data(const struct dns_answer *ans, struct seen *s)
{
	s->state = SEEN_DATA;
	s->ttl_mixed = s->rrset == ans->ttl_mixed;
	s->ttl_lowest = s->ttl_mixed ? ans->ttl_lowest : 0;
}

/* REFUSED is a server's word that the zone is not its own; SERVFAIL may pass. */
static void judge_rcode(struct arena *a, uint8_t rcode, struct seen *s)
{
	s->state = rcode == RCODE_REFUSED ? SEEN_LAME : SEEN_UNREADABLE;
	s->note = rcode_name(a, rcode);
}

/* Referral before AA: a referral has no AA, and is not lame. */
static void judge_answer(struct arena *a, const char *zone, const struct dns_ask *ask,
			 struct seen *s)
{
	const struct dns_answer *ans = ask->reply.answer;
	s->rcode = ans->rcode;
	if (ans->rcode != RCODE_OK && ans->rcode != RCODE_NXDOMAIN) {
		judge_rcode(a, ans->rcode, s);
		return;
	}
	if (zone != NULL && is_referral(zone, ask)) {
		s->state = SEEN_REFERRAL;
		s->note = arena_printf(a, "delegated away at %s",
				       dname_show(a, authority_of(ans, RR_NS)->name));
		return;
	}
	if (zone != NULL && !ans->aa) {
		s->state = SEEN_LAME;
		s->note = "not authoritative";
		return;
	}
	bool inside = follow(a, zone, ans, s);
	if (s->rrset != NULL)
		judge_data(ans, s);
	else
		judge_negative(a, ans, inside, s);
}

/* Without NS sets: in the authority section they prove nothing. */
static size_t without_ns(struct arena *a, const struct dns_answer *ans,
			 const struct rrset *const **list_r)
{
	VEC(const struct rrset *) list = { 0 };
	for (size_t i = 0; i < ans->authority_n; i++) {
		if (ans->authority[i]->type != RR_NS)
			*vec_push(a, &list) = ans->authority[i];
	}
	*list_r = list.at;
	return list.n;
}

static bool has_type(const struct rrset *const *section, size_t n, uint16_t type)
{
	for (size_t i = 0; i < n; i++) {
		if (section[i]->type == type)
			return true;
	}
	return false;
}

const struct seen_proof *judge_proof(struct arena *a, const struct dns_answer *ans)
{
	if (!has_type(ans->answer, ans->answer_n, RR_RRSIG) &&
	    !has_type(ans->authority, ans->authority_n, RR_RRSIG))
		return NULL;
	struct seen_proof *p = ARENA_NEW(a, struct seen_proof);
	p->answer_n = ans->answer_n;
	p->answer = ans->answer;
	p->authority_n = without_ns(a, ans, &p->authority);
	return p;
}

struct seen judge_referral_ds(struct arena *a, const char *zone, const struct dns_ask *ask)
{
	const struct dns_answer *ans = ask->reply.answer;
	size_t n = ans->authority_n;
	struct seen s = { .question = { zone, RR_DS },
			  .state = SEEN_UNREADABLE,
			  .at_ms = ask->reply.at_ms,
			  .note = "not asked" };
	s.rrset = dns_section_find(ans->authority, n, zone, RR_DS);
	bool denied = has_type(ans->authority, n, RR_NSEC) || has_type(ans->authority, n, RR_NSEC3);
	if (s.rrset == NULL && (!denied || !has_type(ans->authority, n, RR_RRSIG)))
		return s;
	s.state = s.rrset != NULL ? SEEN_DATA : SEEN_NODATA;
	s.note = NULL;
	s.proof = judge_proof(a, ans);
	s.over_tcp = ask->reply.over_tcp;
	s.without_edns = ask->reply.without_edns;
	return s;
}

struct seen judge_seen(struct arena *a, const char *zone, const struct dns_ask *ask)
{
	const struct dns_reply *r = &ask->reply;
	struct seen s = { .question = ask->question, .at_ms = r->at_ms, .outcome = r->outcome };
	if (r->outcome != DNS_ANSWERED) {
		s.state = SEEN_UNREADABLE;
		s.note = dns_outcome_text(r->outcome);
		return s;
	}
	s.over_tcp = r->over_tcp && !ask->tcp_only;
	s.without_edns = r->without_edns;
	s.has_ede = r->answer->has_ede;
	s.ede = r->answer->ede;
	s.proof = judge_proof(a, r->answer);
	judge_answer(a, zone, ask, &s);
	return s;
}
