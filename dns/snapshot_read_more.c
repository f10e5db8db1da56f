/*
 * Reading what stands in a snapshot document beside the servers: lookups, the
 * chain of trust, glue, the policy.
 */
#include "dns/snapshot_doc.h"
#include "zone/dname.h"

enum { POLICY_MAX = 64 * 1024 };

int doc_lookup(const struct reader *r, const struct js *v, void *item)
{
	struct lookup *l = item;
	if (doc_question(r, v, &l->seen.question) != 0 || doc_name(r, v, "zone", &l->zone) != 0)
		return -1;
	l->address = doc_text(r, v, "address");
	return doc_seen(r, js_get(v, "seen"), &l->seen);
}

static int read_link(const struct reader *r, const struct js *v, void *item)
{
	struct zone_link *l = item;
	if (doc_need_name(r, v, "zone", &l->zone) != 0 || doc_name(r, v, "parent", &l->parent) != 0)
		return -1;
	l->ds.question = (struct dns_question){ l->zone, RR_DS };
	l->dnskey.question = (struct dns_question){ l->zone, RR_DNSKEY };
	if (doc_seen(r, js_get(v, "ds"), &l->ds) != 0)
		return -1;
	return doc_seen(r, js_get(v, "dnskey"), &l->dnskey);
}

/* Only the root has no parent; any other's is the zone of an earlier link. */
static bool parent_stands_before(const struct zone_link *links, size_t i)
{
	const struct zone_link *l = &links[i];
	if (l->parent == NULL)
		return dname_labels(l->zone) == 0;
	for (size_t k = 0; k < i; k++) {
		if (dname_equal(links[k].zone, l->parent))
			return dname_is_within(l->zone, l->parent) &&
			       !dname_equal(l->zone, l->parent);
	}
	return false;
}

/* More than any snapshot has would only cost time. */
int doc_links(const struct reader *r, const struct js *list)
{
	enum { LINKS_MAX = 64 };
	size_t n = js_len(list);
	if (n > LINKS_MAX)
		return doc_refuse(r, "the chain of trust is too long");
	const struct zone_link *links = doc_list(r, list, sizeof(*links), read_link);
	for (size_t i = 0; links != NULL && i < n; i++) {
		if (!parent_stands_before(links, i))
			return doc_refuse(r, "a zone of the chain of trust has no parent");
	}
	r->s->link_n = n;
	r->s->links = links;
	return links != NULL ? 0 : -1;
}

/* The address is only shown and compared, so any text will do. */
int doc_glue(const struct reader *r, const struct js *v, void *item)
{
	struct glue *g = item;
	g->address = arena_strdup(r->a, js_get_str(v, "address"));
	return doc_need_name(r, v, "host", &g->host);
}

/* doc_word wants plain numbers. */
static const char *fetch_word(int i)
{
	return sts_fetch_name((enum sts_fetch)i);
}

int doc_sts(const struct reader *r, const struct js *v)
{
	struct sts_view *s = &r->s->sts;
	s->content_type = s->body = "";
	if (!js_is_object(v))
		return 0;
	int fetch = doc_word(v, "fetch", fetch_word, STS_FAILED);
	if (fetch < 0)
		return doc_refuse(r, "unknown state of the MTA-STS policy");
	s->fetch = (enum sts_fetch)fetch;
	if (s->fetch == STS_NOT_ASKED)
		return 0;
	s->status = (int)(doc_u32(v, "status") % 1000);
	s->content_type = arena_strdup(r->a, js_get_str(v, "content_type"));
	s->note = doc_text(r, v, "note");
	s->body = arena_strdup(r->a, js_get_str(v, "body"));
	s->at_ms = js_get_int(v, "at_ms");
	return slice_str(s->body).len <= POLICY_MAX ? 0 : doc_refuse(r, "a policy is too long");
}

static int read_name(const struct reader *r, const struct js *v, void *item)
{
	const char **name = item;
	*name = dname_canon(r->a, js_str(v), r->e);
	return *name != NULL ? 0 : -1;
}

/* Names are made with it, so it must be one label. */
static int read_random_label(const struct reader *r, const struct js *v)
{
	struct snapshot *s = r->s;
	s->random_label = doc_text(r, v, "random_label");
	if (s->random_label == NULL)
		return 0;
	const char *name = dname_canon(r->a, s->random_label, r->e);
	if (name == NULL)
		return -1;
	return dname_labels(name) == 1 ? 0 : doc_refuse(r, "the random label is none");
}

int doc_rest(const struct reader *r, const struct js *v)
{
	struct snapshot *s = r->s;
	s->axfr_n = js_len(js_get(v, "axfr_mx"));
	s->axfr_mx = doc_list(r, js_get(v, "axfr_mx"), sizeof(*s->axfr_mx), read_name);
	s->axfr_cut = js_get_bool(v, "axfr_cut");
	s->out_of_time = js_get_bool(v, "out_of_time");
	s->too_much = js_get_bool(v, "too_much");
	return s->axfr_mx != NULL ? read_random_label(r, v) : -1;
}
