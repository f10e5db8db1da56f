/*
 * A snapshot as a document (docs/dns.md). The questions stand once; each view lists
 * what it saw in their order.
 */
#include "dns/snapshot.h"

enum { DOCUMENT_VERSION = 1 };

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

/* What is 0 or NULL is left out; the reader takes it for that. */
static struct js *seen_to_js(const struct seen *s)
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
	set_note(v, s->note);
	return v;
}

/* In the questions' order, so that no name need be repeated. */
static struct js *seen_list(size_t n, const struct seen *seen)
{
	struct js *v = js_array();
	for (size_t i = 0; i < n; i++)
		js_push(v, seen_to_js(&seen[i]));
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
	js_set(v, "seen", seen_list(s->n, s->seen));
	return v;
}

/* One that does not work stays in, with its note. */
static struct js *resolver_to_js(const struct resolver_view *r)
{
	struct js *v = js_object();
	js_set_str(v, "address", r->address);
	js_set_bool(v, "works", r->works);
	set_note(v, r->note);
	js_set(v, "seen", seen_list(r->n, r->seen));
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
static struct js *questions_to_js(const struct snapshot *s)
{
	struct arena *a = arena_new();
	struct js *list = js_array();
	for (size_t i = 0; i < s->question_n; i++) {
		struct js *v = js_object();
		js_set_str(v, "name", s->questions[i].name);
		js_set_str(v, "type", rr_type_name(a, s->questions[i].type));
		js_push(list, v);
	}
	arena_free(a);
	return list;
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

struct js *snapshot_to_js(const struct snapshot *s)
{
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
	js_set(v, "questions", questions_to_js(s));
	set_views(v, s);
	return v;
}
