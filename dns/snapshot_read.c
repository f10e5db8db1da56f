/*
 * Reading a snapshot document back. Everything in it is checked, for a document
 * may come from another machine; `seen` lists must be as long as the questions
 * (or empty).
 */
#include "dns/snapshot_doc.h"

/* doc_word wants plain numbers; so do the next four. */
static const char *server_word(int i)
{
	return server_state_name((enum server_state)i);
}

/* See server_word. */
static const char *delegation_word(int i)
{
	return delegation_state_name((enum delegation_state)i);
}

/* See server_word. */
static const char *role_word(int i)
{
	return other_role_name((enum other_role)i);
}

/* See server_word. */
static const char *edns_word(int i)
{
	return dns_edns_name((enum dns_edns)i);
}

/* See server_word. */
static const char *probe_word(int i)
{
	return probe_name((enum probe)i);
}

/* Absent in an older document: never tried. */
static int read_probe(const struct reader *r, const struct js *v, const char *key,
		      enum probe *probe_r)
{
	int i = js_get(v, key) != NULL ? doc_word(v, key, probe_word, PROBE_NO) : PROBE_NOT_TRIED;
	if (i < 0)
		return doc_refuse(r, "unknown word for a server's habit");
	*probe_r = (enum probe)i;
	return 0;
}

static int read_habits(const struct reader *r, const struct js *v, struct server_habits *h)
{
	int edns = js_get(v, "edns") != NULL ? doc_word(v, "edns", edns_word, DNS_EDNS_IGNORED) : 0;
	if (edns < 0)
		return doc_refuse(r, "unknown word for a server's habit");
	h->edns = (enum dns_edns)edns;
	h->tcp_note = doc_text(r, v, "tcp_note");
	h->case_changed = js_get_bool(v, "case_changed");
	h->ignored = doc_u32(v, "ignored");
	h->wrong_source = doc_u32(v, "wrong_source");
	if (read_probe(r, v, "tcp", &h->tcp) != 0 ||
	    read_probe(r, v, "recursive", &h->recursive) != 0)
		return -1;
	return read_probe(r, v, "axfr", &h->axfr);
}

/* Missing fields are 0; has_soa says whether there was one at all. */
static void read_soa(const struct js *v, struct server_view *s)
{
	s->has_soa = js_is_object(v);
	s->soa = (struct soa){ .serial = doc_u32(v, "serial"),
			       .refresh = doc_u32(v, "refresh"),
			       .retry = doc_u32(v, "retry"),
			       .expire = doc_u32(v, "expire"),
			       .minimum = doc_u32(v, "minimum") };
	s->soa_ttl = doc_u32(v, "ttl");
}

/* The lists it is in are facts of the time; they are not worked out again. */
static int read_server(const struct reader *r, const struct js *v, void *item)
{
	struct server_view *s = item;
	int state = doc_word(v, "state", server_word, SERVER_SILENT);
	if (state < 0)
		return doc_refuse(r, "unknown state of a server");
	if (doc_need_name(r, v, "name", &s->name) != 0)
		return -1;
	s->address = arena_strdup(r->a, js_get_str(v, "address"));
	s->in_parent = js_get_bool(v, "in_parent");
	s->in_child = js_get_bool(v, "in_child");
	s->state = (enum server_state)state;
	s->note = doc_text(r, v, "note");
	s->rtt_ms = (int)(doc_u32(v, "rtt_ms") & INT32_MAX);
	read_soa(js_get(v, "soa"), s);
	if (read_habits(r, js_get(v, "habits"), &s->habits) != 0)
		return -1;
	return doc_seen_list(r, js_get(v, "seen"), &s->n, &s->seen);
}

/* The address is only shown, so any text will do. */
static int read_resolver(const struct reader *r, const struct js *v, void *item)
{
	struct resolver_view *s = item;
	s->address = arena_strdup(r->a, js_get_str(v, "address"));
	s->works = js_get_bool(v, "works");
	s->note = doc_text(r, v, "note");
	return doc_seen_list(r, js_get(v, "seen"), &s->n, &s->seen);
}

/* What is no text among the addresses becomes "". */
static int read_host(const struct reader *r, const struct js *v, void *item)
{
	struct host_view *h = item;
	h->n = doc_texts(r, js_get(v, "addresses"), &h->addresses);
	if (doc_need_name(r, v, "name", &h->name) != 0 || doc_name(r, v, "alias", &h->alias) != 0)
		return -1;
	return doc_seen_state(r, v, &h->state);
}

/* Its texts are only searched for words by the checks. */
static int read_spf(const struct reader *r, const struct js *v, void *item)
{
	struct spf_view *s = item;
	s->n = doc_texts(r, js_get(v, "texts"), &s->texts);
	s->via = doc_text(r, v, "via");
	if (doc_need_name(r, v, "name", &s->name) != 0)
		return -1;
	return doc_seen_state(r, v, &s->state);
}

static int read_question(const struct reader *r, const struct js *v, void *item)
{
	return doc_question(r, v, item);
}

/* A server with its part in front. */
static int read_other(const struct reader *r, const struct js *v, void *item)
{
	struct other_view *o = item;
	int role = doc_word(v, "role", role_word, OTHER_PREVIOUS);
	if (role < 0)
		return doc_refuse(r, "unknown part of a server");
	o->role = (enum other_role)role;
	return read_server(r, js_get(v, "server"), &o->server);
}

/* After the head: answers are counted against its questions. */
static int read_views(const struct reader *r, const struct js *v)
{
	struct snapshot *s = r->s;
	s->server_n = js_len(js_get(v, "servers"));
	s->servers = doc_list(r, js_get(v, "servers"), sizeof(*s->servers), read_server);
	if (s->servers == NULL)
		return -1;
	s->resolver_n = js_len(js_get(v, "resolvers"));
	s->resolvers = doc_list(r, js_get(v, "resolvers"), sizeof(*s->resolvers), read_resolver);
	if (s->resolvers == NULL)
		return -1;
	s->host_n = js_len(js_get(v, "hosts"));
	s->hosts = doc_list(r, js_get(v, "hosts"), sizeof(*s->hosts), read_host);
	if (s->hosts == NULL)
		return -1;
	s->spf_n = js_len(js_get(v, "spf"));
	s->spf = doc_list(r, js_get(v, "spf"), sizeof(*s->spf), read_spf);
	return s->spf != NULL ? 0 : -1;
}

/* Since version 2; an older document has none of it. */
static int read_more(const struct reader *r, const struct js *v)
{
	struct snapshot *s = r->s;
	const struct js *others = js_get(v, "others"), *lookups = js_get(v, "lookups");
	const struct js *glue = js_get(v, "glue");
	s->other_n = js_len(others);
	s->others = doc_list(r, others, sizeof(*s->others), read_other);
	s->lookup_n = js_len(lookups);
	s->lookups = doc_list(r, lookups, sizeof(*s->lookups), doc_lookup);
	s->glue_n = js_len(glue);
	s->glue = doc_list(r, glue, sizeof(*s->glue), doc_glue);
	if (s->others == NULL || s->lookups == NULL || s->glue == NULL ||
	    doc_links(r, js_get(v, "links")) != 0 || doc_sts(r, js_get(v, "sts")) != 0)
		return -1;
	return doc_rest(r, v);
}

/* A zone that is called readable but has no name would crash its checks. */
static int read_head(const struct reader *r, const struct js *v)
{
	struct snapshot *s = r->s;
	int delegation = doc_word(v, "delegation", delegation_word, DELEGATION_UNREACHABLE);
	int64_t version = js_get_int(v, "version");
	if (version < DOCUMENT_OLDEST || version > DOCUMENT_VERSION || delegation < 0)
		return doc_refuse(r, "unknown version or state of the delegation");
	s->delegation = (enum delegation_state)delegation;
	s->delegation_note = doc_text(r, v, "delegation_note");
	s->started_ms = js_get_int(v, "started_ms");
	s->ended_ms = js_get_int(v, "ended_ms");
	if (doc_need_name(r, v, "domain", &s->domain) != 0 ||
	    doc_name(r, v, "zone", &s->zone) != 0 || doc_name(r, v, "parent", &s->parent) != 0 ||
	    doc_rrset(r, v, "parent_ns", &s->parent_ns) != 0 ||
	    doc_rrset(r, v, "child_ns", &s->child_ns) != 0)
		return -1;
	bool needs_zone = s->delegation == DELEGATION_OK ||
			  s->delegation == DELEGATION_IN_PARENT_ZONE;
	if (needs_zone && s->zone == NULL)
		return doc_refuse(r, "the zone is missing");
	s->question_n = js_len(js_get(v, "questions"));
	s->questions = doc_list(r, js_get(v, "questions"), sizeof(*s->questions), read_question);
	return s->questions != NULL ? 0 : -1;
}

const struct snapshot *snapshot_from_js(struct arena *a, const struct js *v, struct err *e)
{
	struct reader r = { .a = a, .s = ARENA_NEW(a, struct snapshot), .e = e };
	if (read_head(&r, v) != 0 || read_views(&r, v) != 0 || read_more(&r, v) != 0)
		return NULL;
	return r.s;
}
