/*
 * Reading one answer of a snapshot document.
 */
#include "dns/snapshot_doc.h"

/* doc_word wants plain numbers. */
static const char *seen_word(int i)
{
	return seen_state_name((enum seen_state)i);
}

/* See seen_word. */
static const char *outcome_word(int i)
{
	return dns_outcome_name((enum dns_outcome)i);
}

/* An unknown word is refused, not taken for "unreadable": it is a newer format.
 */
int doc_seen_state(const struct reader *r, const struct js *v, enum seen_state *state_r)
{
	int i = doc_word(v, "state", seen_word, SEEN_LAME);
	if (i < 0)
		return doc_refuse(r, "unknown state of an answer");
	*state_r = (enum seen_state)i;
	return 0;
}

static int read_set(const struct reader *r, const struct js *v, void *item)
{
	const struct rrset **set = item;
	*set = rrset_from_js(r->a, v, r->e);
	return *set != NULL ? 0 : -1;
}

/* Whether it proves anything is worked out again. */
static int read_proof(const struct reader *r, const struct js *v, const struct seen_proof **proof_r)
{
	struct seen_proof *p = ARENA_NEW(r->a, struct seen_proof);
	const struct js *answer = js_get(v, "answer"), *authority = js_get(v, "authority");
	if (!js_is_object(v))
		return 0;
	p->answer_n = js_len(answer);
	p->answer = doc_list(r, answer, sizeof(*p->answer), read_set);
	p->authority_n = js_len(authority);
	p->authority = doc_list(r, authority, sizeof(*p->authority), read_set);
	*proof_r = p;
	return p->answer != NULL && p->authority != NULL ? 0 : -1;
}

/* Absent: it was answered. */
static int read_outcome(const struct reader *r, const struct js *v, enum dns_outcome *outcome_r)
{
	if (js_get(v, "outcome") == NULL)
		return 0;
	int i = doc_word(v, "outcome", outcome_word, DNS_NO_SOCKET);
	if (i < 0)
		return doc_refuse(r, "unknown outcome of a question");
	*outcome_r = (enum dns_outcome)i;
	return 0;
}

static int read_remarks(const struct reader *r, const struct js *v, struct seen *s)
{
	s->no_soa = js_get_bool(v, "no_soa");
	s->over_tcp = js_get_bool(v, "over_tcp");
	s->without_edns = js_get_bool(v, "without_edns");
	s->ttl_mixed = s->rrset != NULL && js_get(v, "ttl_lowest") != NULL;
	s->ttl_lowest = s->ttl_mixed ? doc_u32(v, "ttl_lowest") : 0;
	s->has_ede = js_get(v, "ede") != NULL;
	s->ede = (uint16_t)(js_get_int(v, "ede") & 0xffff);
	if (read_outcome(r, v, &s->outcome) != 0)
		return -1;
	return read_proof(r, js_get(v, "proof"), &s->proof);
}

/* Checks read `rrset` of SEEN_DATA without asking: so the two must agree here.
 */
int doc_seen(const struct reader *r, const struct js *v, struct seen *s)
{
	if (doc_seen_state(r, v, &s->state) != 0 || doc_rrset(r, v, "rrset", &s->rrset) != 0 ||
	    doc_name(r, v, "alias", &s->alias) != 0)
		return -1;
	if ((s->state == SEEN_DATA) != (s->rrset != NULL))
		return doc_refuse(r, "an answer's state and its records do not agree");
	if (s->rrset != NULL && s->rrset->type != s->question.type)
		return doc_refuse(r, "an answer has records of another type");
	s->rcode = (uint8_t)(js_get_int(v, "rcode") & 0xff);
	s->negative_ttl = doc_u32(v, "negative_ttl");
	s->at_ms = js_get_int(v, "at_ms");
	s->note = doc_text(r, v, "note");
	return read_remarks(r, v, s);
}

int doc_seen_list(const struct reader *r, const struct js *list, size_t *n_r,
		  const struct seen **seen_r)
{
	size_t n = js_len(list);
	if (n != 0 && n != r->s->question_n)
		return doc_refuse(r, "answers and questions differ in number");
	struct seen *seen = ARENA_ARRAY(r->a, n, struct seen);
	for (size_t i = 0; i < n; i++) {
		seen[i].question = r->s->questions[i];
		if (doc_seen(r, js_at(list, i), &seen[i]) != 0)
			return -1;
	}
	*n_r = n;
	*seen_r = seen;
	return 0;
}
