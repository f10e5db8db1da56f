/*
 * One answer of a snapshot document.
 */
#include "dns/snapshot_doc.h"

static struct js *sets_to_js(size_t n, const struct rrset *const *sets)
{
	struct js *list = js_array();
	for (size_t i = 0; i < n; i++)
		js_push(list, rrset_to_js(sets[i]));
	return list;
}

static struct js *proof_to_js(const struct seen_proof *p)
{
	struct js *v = js_object();
	js_set(v, "answer", sets_to_js(p->answer_n, p->answer));
	js_set(v, "authority", sets_to_js(p->authority_n, p->authority));
	return v;
}

/* True is told; false is what most answers have. */
static void set_flag(struct js *v, const char *key, bool flag)
{
	if (flag)
		js_set_bool(v, key, true);
}

/* What is remarkable about the way it came. */
static void set_remarks(struct js *v, const struct seen *s)
{
	if (s->outcome != DNS_ANSWERED)
		js_set_str(v, "outcome", dns_outcome_name(s->outcome));
	set_flag(v, "no_soa", s->no_soa);
	set_flag(v, "over_tcp", s->over_tcp);
	set_flag(v, "without_edns", s->without_edns);
	if (s->ttl_mixed)
		js_set_int(v, "ttl_lowest", s->ttl_lowest);
	if (s->has_ede)
		js_set_int(v, "ede", s->ede);
	if (s->proof != NULL)
		js_set(v, "proof", proof_to_js(s->proof));
}

/* What is 0 or NULL is left out; the reader takes it for that. */
struct js *seen_to_js(const struct seen *s)
{
	struct js *v = js_object();
	js_set_str(v, "state", seen_state_name(s->state));
	if (s->rrset != NULL)
		js_set(v, "rrset", rrset_to_js(s->rrset));
	if (s->alias != NULL)
		js_set_str(v, "alias", s->alias);
	if (s->rcode != 0)
		js_set_int(v, "rcode", s->rcode);
	if (s->negative_ttl != 0)
		js_set_int(v, "negative_ttl", s->negative_ttl);
	js_set_int(v, "at_ms", s->at_ms);
	if (s->note != NULL)
		js_set_str(v, "note", s->note);
	set_remarks(v, s);
	return v;
}

struct js *seen_list_to_js(size_t n, const struct seen *seen)
{
	struct js *v = js_array();
	for (size_t i = 0; i < n; i++)
		js_push(v, seen_to_js(&seen[i]));
	return v;
}
