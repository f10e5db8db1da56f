/*
 * A snapshot as a document (docs/dns.md). The questions stand once; each view
 * lists what it saw in their order.
 */
#include "dns/snapshot_doc.h"

/* Left out when there is none: most answers have none, and the document stays short. */
static void set_note(struct js *v, const char *note)
{
	if (note != NULL)
		js_set_str(v, "note", note);
}

/* A list of texts, as they are. */
static struct js *strings(size_t n, const char *const *list)
{
	struct js *v = js_array();
	for (size_t i = 0; i < n; i++)
		js_push(v, js_string(list[i]));
	return v;
}

/* With its TTL, which negative caching needs beside MINIMUM. */
static struct js *soa_to_js(const struct server_view *s)
{
	struct js *v = js_object();
	js_set_int(v, "serial", s->soa.serial);
	js_set_int(v, "refresh", s->soa.refresh);
	js_set_int(v, "retry", s->soa.retry);
	js_set_int(v, "expire", s->soa.expire);
	js_set_int(v, "minimum", s->soa.minimum);
	js_set_int(v, "ttl", s->soa_ttl);
	return v;
}

/* All of them, so that "not tried" can be told from a document that is older.
 */
static struct js *habits_to_js(const struct server_habits *h)
{
	struct js *v = js_object();
	js_set_str(v, "edns", dns_edns_name(h->edns));
	js_set_str(v, "tcp", probe_name(h->tcp));
	if (h->tcp_note != NULL)
		js_set_str(v, "tcp_note", h->tcp_note);
	js_set_str(v, "recursive", probe_name(h->recursive));
	js_set_str(v, "axfr", probe_name(h->axfr));
	js_set_bool(v, "case_changed", h->case_changed);
	js_set_int(v, "ignored", h->ignored);
	js_set_int(v, "wrong_source", h->wrong_source);
	return v;
}

/* Silent servers too: that they were asked is a part of the evidence. */
static struct js *server_to_js(const struct server_view *s)
{
	struct js *v = js_object();
	js_set_str(v, "name", s->name);
	js_set_str(v, "address", s->address);
	js_set_bool(v, "in_parent", s->in_parent);
	js_set_bool(v, "in_child", s->in_child);
	js_set_str(v, "state", server_state_name(s->state));
	set_note(v, s->note);
	if (s->has_soa)
		js_set(v, "soa", soa_to_js(s));
	js_set_int(v, "rtt_ms", s->rtt_ms);
	js_set(v, "habits", habits_to_js(&s->habits));
	js_set(v, "seen", seen_list_to_js(s->n, s->seen));
	return v;
}

/* One that does not work stays in, with its note. */
static struct js *resolver_to_js(const struct resolver_view *r)
{
	struct js *v = js_object();
	js_set_str(v, "address", r->address);
	js_set_bool(v, "works", r->works);
	set_note(v, r->note);
	js_set(v, "seen", seen_list_to_js(r->n, r->seen));
	return v;
}

/* The state tells an empty list that is certain from one that is not. */
static struct js *host_to_js(const struct host_view *h)
{
	struct js *v = js_object();
	js_set_str(v, "name", h->name);
	if (h->alias != NULL)
		js_set_str(v, "alias", h->alias);
	js_set_str(v, "state", seen_state_name(h->state));
	js_set(v, "addresses", strings(h->n, h->addresses));
	return v;
}

/* `via` is missing at the domain's own record only. */
static struct js *spf_to_js(const struct spf_view *s)
{
	struct js *v = js_object();
	js_set_str(v, "name", s->name);
	if (s->via != NULL)
		js_set_str(v, "via", s->via);
	js_set_str(v, "state", seen_state_name(s->state));
	js_set(v, "texts", strings(s->n, s->texts));
	return v;
}

/* Types by name: numbers would have to be looked up by a person. */
static struct js *question_to_js(struct arena *a, const struct dns_question *q)
{
	struct js *v = js_object();
	js_set_str(v, "name", q->name);
	js_set_str(v, "type", rr_type_name(a, q->type));
	return v;
}

static struct js *questions_to_js(struct arena *a, const struct snapshot *s)
{
	struct js *list = js_array();
	for (size_t i = 0; i < s->question_n; i++)
		js_push(list, question_to_js(a, &s->questions[i]));
	return list;
}

/* A server with its part in front. */
static struct js *others_to_js(const struct snapshot *s)
{
	struct js *list = js_array();
	for (size_t i = 0; i < s->other_n; i++) {
		struct js *v = js_object();
		js_set_str(v, "role", other_role_name(s->others[i].role));
		js_set(v, "server", server_to_js(&s->others[i].server));
		js_push(list, v);
	}
	return list;
}

static struct js *lookups_to_js(struct arena *a, const struct snapshot *s)
{
	struct js *list = js_array();
	for (size_t i = 0; i < s->lookup_n; i++) {
		const struct lookup *l = &s->lookups[i];
		struct js *v = question_to_js(a, &l->seen.question);
		if (l->zone != NULL)
			js_set_str(v, "zone", l->zone);
		if (l->address != NULL)
			js_set_str(v, "address", l->address);
		js_set(v, "seen", seen_to_js(&l->seen));
		js_push(list, v);
	}
	return list;
}

/* The order is a part of their meaning. */
static struct js *links_to_js(const struct snapshot *s)
{
	struct js *list = js_array();
	for (size_t i = 0; i < s->link_n; i++) {
		struct js *v = js_object();
		js_set_str(v, "zone", s->links[i].zone);
		if (s->links[i].parent != NULL)
			js_set_str(v, "parent", s->links[i].parent);
		js_set(v, "ds", seen_to_js(&s->links[i].ds));
		js_set(v, "dnskey", seen_to_js(&s->links[i].dnskey));
		js_push(list, v);
	}
	return list;
}

static struct js *glue_to_js(const struct snapshot *s)
{
	struct js *list = js_array();
	for (size_t i = 0; i < s->glue_n; i++) {
		struct js *v = js_object();
		js_set_str(v, "host", s->glue[i].host);
		js_set_str(v, "address", s->glue[i].address);
		js_push(list, v);
	}
	return list;
}

static struct js *sts_to_js(const struct sts_view *sts)
{
	struct js *v = js_object();
	js_set_str(v, "fetch", sts_fetch_name(sts->fetch));
	if (sts->fetch == STS_NOT_ASKED)
		return v;
	js_set_int(v, "status", sts->status);
	js_set_str(v, "content_type", sts->content_type);
	set_note(v, sts->note);
	js_set_str(v, "body", sts->body);
	js_set_int(v, "at_ms", sts->at_ms);
	return v;
}

/* In the order of the snapshot, which is that of the checks' evidence. */
static void set_views(struct js *v, const struct snapshot *s)
{
	struct js *servers = js_array();
	for (size_t i = 0; i < s->server_n; i++)
		js_push(servers, server_to_js(&s->servers[i]));
	js_set(v, "servers", servers);
	struct js *resolvers = js_array();
	for (size_t i = 0; i < s->resolver_n; i++)
		js_push(resolvers, resolver_to_js(&s->resolvers[i]));
	js_set(v, "resolvers", resolvers);
	struct js *hosts = js_array();
	for (size_t i = 0; i < s->host_n; i++)
		js_push(hosts, host_to_js(&s->hosts[i]));
	js_set(v, "hosts", hosts);
	struct js *spf = js_array();
	for (size_t i = 0; i < s->spf_n; i++)
		js_push(spf, spf_to_js(&s->spf[i]));
	js_set(v, "spf", spf);
}

/* What was looked at beside the servers. */
static void set_more(struct js *v, struct arena *a, const struct snapshot *s)
{
	js_set(v, "others", others_to_js(s));
	js_set(v, "lookups", lookups_to_js(a, s));
	js_set(v, "links", links_to_js(s));
	js_set(v, "glue", glue_to_js(s));
	js_set(v, "sts", sts_to_js(&s->sts));
	if (s->random_label != NULL)
		js_set_str(v, "random_label", s->random_label);
	js_set(v, "axfr_mx", strings(s->axfr_n, s->axfr_mx));
	js_set_bool(v, "axfr_cut", s->axfr_cut);
	js_set_bool(v, "out_of_time", s->out_of_time);
	js_set_bool(v, "too_much", s->too_much);
}

struct js *snapshot_to_js(const struct snapshot *s)
{
	struct arena *a = arena_new();
	struct js *v = js_object();
	js_set_int(v, "version", DOCUMENT_VERSION);
	js_set_str(v, "domain", s->domain);
	js_set_str(v, "zone", s->zone);
	js_set_int(v, "started_ms", s->started_ms);
	js_set_int(v, "ended_ms", s->ended_ms);
	js_set_str(v, "delegation", delegation_state_name(s->delegation));
	if (s->delegation_note != NULL)
		js_set_str(v, "delegation_note", s->delegation_note);
	js_set_str(v, "parent", s->parent);
	js_set(v, "parent_ns", rrset_to_js(s->parent_ns));
	js_set(v, "child_ns", rrset_to_js(s->child_ns));
	js_set(v, "questions", questions_to_js(a, s));
	set_views(v, s);
	set_more(v, a, s);
	arena_free(a);
	return v;
}
