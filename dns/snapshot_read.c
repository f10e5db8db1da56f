/*
 * Reading a snapshot document back. Everything in it is checked, for a document may
 * come from another machine; `seen` lists must be as long as the questions (or empty).
 */
#include "dns/snapshot.h"
#include "zone/dname.h"

enum { DOCUMENT_VERSION = 1, LIST_MAX = 4096 };

/* Where the reading stands. */
struct reader {
	struct arena *a;
	struct snapshot *s;
	struct err *e;
};

/* The kind is ERR_ITEM: another document may be fine. */
static int refuse(const struct reader *r, const char *what)
{
	return err_set(r->e, ERR_ITEM, "no snapshot: %s", what);
}

/* The writers' words, asked one by one, so there is no second list to keep. */
static int word_index(const char *word, const char *(*name)(int), int n)
{
	for (int i = 0; i < n; i++) {
		if (str_eq(word, name(i)))
			return i;
	}
	return -1;
}

/* word_index wants plain numbers; so do the next two. */
static const char *seen_word(int i)
{
	return seen_state_name((enum seen_state)i);
}

/* See seen_word. */
static const char *server_word(int i)
{
	return server_state_name((enum server_state)i);
}

/* See seen_word. */
static const char *delegation_word(int i)
{
	return delegation_state_name((enum delegation_state)i);
}

/* An unknown word is refused, not taken for "unreadable": it is a newer format. */
static int read_seen_state(const struct reader *r, const struct js *v, enum seen_state *state_r)
{
	int i = word_index(js_get_str(v, "state"), seen_word, SEEN_LAME + 1);
	if (i < 0)
		return refuse(r, "unknown state of an answer");
	*state_r = (enum seen_state)i;
	return 0;
}

/* A string member as text of the arena; NULL when absent. */
static const char *text_of(const struct reader *r, const struct js *v, const char *key)
{
	const struct js *member = js_get(v, key);
	return js_is_string(member) ? arena_strdup(r->a, js_str(member)) : NULL;
}

/* A name member; NULL when absent. -1 when it is no name. */
static int name_of(const struct reader *r, const struct js *v, const char *key, const char **name_r)
{
	const struct js *member = js_get(v, key);
	*name_r = NULL;
	if (!js_is_string(member))
		return 0;
	*name_r = dname_canon(r->a, js_str(member), r->e);
	return *name_r != NULL ? 0 : -1;
}

/* Where checks compare by name, NULL would crash them. */
static int need_name(const struct reader *r, const struct js *v, const char *key,
		     const char **name_r)
{
	if (name_of(r, v, key, name_r) != 0)
		return -1;
	return *name_r != NULL ? 0 : refuse(r, "a name is missing");
}

/* null and absent are both "none"; anything else must be a whole set. */
static int rrset_of(const struct reader *r, const struct js *v, const char *key,
		    const struct rrset **set_r)
{
	*set_r = NULL;
	if (!js_is_object(js_get(v, key)))
		return 0;
	*set_r = rrset_from_js(r->a, js_get(v, key), r->e);
	return *set_r != NULL ? 0 : -1;
}

/* Out of range counts as 0, "not known". */
static uint32_t u32_of(const struct js *v, const char *key)
{
	int64_t n = js_get_int(v, key);
	return n < 0 || n > UINT32_MAX ? 0 : (uint32_t)n;
}

/* Checks read `rrset` of SEEN_DATA without asking: so the two must agree here. */
static int read_seen(const struct reader *r, const struct js *v, struct seen *s)
{
	if (read_seen_state(r, v, &s->state) != 0 || rrset_of(r, v, "rrset", &s->rrset) != 0 ||
	    name_of(r, v, "alias", &s->alias) != 0)
		return -1;
	if ((s->state == SEEN_DATA) != (s->rrset != NULL))
		return refuse(r, "an answer's state and its records do not agree");
	s->rcode = (uint8_t)(js_get_int(v, "rcode") & 0xff);
	s->negative_ttl = u32_of(v, "negative_ttl");
	s->at_ms = js_get_int(v, "at_ms");
	s->note = text_of(r, v, "note");
	return 0;
}

/* An empty list is a server that was added and never asked. */
static int read_seen_list(const struct reader *r, const struct js *list, size_t *n_r,
			  const struct seen **seen_r)
{
	size_t n = js_len(list);
	if (n != 0 && n != r->s->question_n)
		return refuse(r, "answers and questions differ in number");
	struct seen *seen = ARENA_ARRAY(r->a, n, struct seen);
	for (size_t i = 0; i < n; i++) {
		seen[i].question = r->s->questions[i];
		if (read_seen(r, js_at(list, i), &seen[i]) != 0)
			return -1;
	}
	*n_r = n;
	*seen_r = seen;
	return 0;
}

/* Missing fields are 0; has_soa says whether there was one at all. */
static void read_soa(const struct js *v, struct server_view *s)
{
	s->has_soa = js_is_object(v);
	s->soa = (struct soa){ .serial = u32_of(v, "serial"),
			       .refresh = u32_of(v, "refresh"),
			       .retry = u32_of(v, "retry"),
			       .expire = u32_of(v, "expire"),
			       .minimum = u32_of(v, "minimum") };
	s->soa_ttl = u32_of(v, "ttl");
}

/* The lists it is in are facts of the time; they are not worked out again. */
static int read_server(const struct reader *r, const struct js *v, void *item)
{
	struct server_view *s = item;
	int state = word_index(js_get_str(v, "state"), server_word, SERVER_SILENT + 1);
	if (state < 0)
		return refuse(r, "unknown state of a server");
	if (need_name(r, v, "name", &s->name) != 0)
		return -1;
	s->address = arena_strdup(r->a, js_get_str(v, "address"));
	s->in_parent = js_get_bool(v, "in_parent");
	s->in_child = js_get_bool(v, "in_child");
	s->state = (enum server_state)state;
	s->note = text_of(r, v, "note");
	s->rtt_ms = (int)(u32_of(v, "rtt_ms") & INT32_MAX);
	read_soa(js_get(v, "soa"), s);
	return read_seen_list(r, js_get(v, "seen"), &s->n, &s->seen);
}

/* The address is only shown, so any text will do. */
static int read_resolver(const struct reader *r, const struct js *v, void *item)
{
	struct resolver_view *s = item;
	s->address = arena_strdup(r->a, js_get_str(v, "address"));
	s->works = js_get_bool(v, "works");
	s->note = text_of(r, v, "note");
	return read_seen_list(r, js_get(v, "seen"), &s->n, &s->seen);
}

/* What is no text becomes "". */
static size_t strings_of(const struct reader *r, const struct js *list, const char *const **list_r)
{
	size_t n = js_len(list);
	const char **texts = ARENA_ARRAY(r->a, n, const char *);
	for (size_t i = 0; i < n; i++)
		texts[i] = arena_strdup(r->a, js_str(js_at(list, i)));
	*list_r = texts;
	return n;
}

/* What is no text among the addresses becomes "". */
static int read_host(const struct reader *r, const struct js *v, void *item)
{
	struct host_view *h = item;
	h->n = strings_of(r, js_get(v, "addresses"), &h->addresses);
	if (need_name(r, v, "name", &h->name) != 0 || name_of(r, v, "alias", &h->alias) != 0)
		return -1;
	return read_seen_state(r, v, &h->state);
}

/* Its texts are only searched for words by the checks. */
static int read_spf(const struct reader *r, const struct js *v, void *item)
{
	struct spf_view *s = item;
	s->n = strings_of(r, js_get(v, "texts"), &s->texts);
	s->via = text_of(r, v, "via");
	if (need_name(r, v, "name", &s->name) != 0)
		return -1;
	return read_seen_state(r, v, &s->state);
}

/* Type 0 would match nothing and be asked for nowhere. */
static int read_question(const struct reader *r, const struct js *v, void *item)
{
	struct dns_question *q = item;
	q->type = rr_type_from_name(js_get_str(v, "type"));
	if (q->type == 0)
		return refuse(r, "unknown type of a question");
	return need_name(r, v, "name", &q->name);
}

typedef int read_fn(const struct reader *r, const struct js *v, void *item);

/* A list of things, each `size` bytes in memory. */
static void *read_list(const struct reader *r, const struct js *list, size_t size, read_fn *fn)
{
	size_t n = js_len(list);
	if (n > LIST_MAX) {
		(void)refuse(r, "a list is too long");
		return NULL;
	}
	char *items = arena_array(r->a, n, size);
	for (size_t i = 0; i < n; i++) {
		if (fn(r, js_at(list, i), items + i * size) != 0)
			return NULL;
	}
	return items;
}

/* After the head: answers are counted against its questions. */
static int read_views(const struct reader *r, const struct js *v)
{
	struct snapshot *s = r->s;
	s->server_n = js_len(js_get(v, "servers"));
	s->servers = read_list(r, js_get(v, "servers"), sizeof(*s->servers), read_server);
	if (s->servers == NULL)
		return -1;
	s->resolver_n = js_len(js_get(v, "resolvers"));
	s->resolvers = read_list(r, js_get(v, "resolvers"), sizeof(*s->resolvers), read_resolver);
	if (s->resolvers == NULL)
		return -1;
	s->host_n = js_len(js_get(v, "hosts"));
	s->hosts = read_list(r, js_get(v, "hosts"), sizeof(*s->hosts), read_host);
	if (s->hosts == NULL)
		return -1;
	s->spf_n = js_len(js_get(v, "spf"));
	s->spf = read_list(r, js_get(v, "spf"), sizeof(*s->spf), read_spf);
	return s->spf != NULL ? 0 : -1;
}

/* A zone that is called readable but has no name would crash its checks. */
static int read_head(const struct reader *r, const struct js *v)
{
	struct snapshot *s = r->s;
	int delegation = word_index(js_get_str(v, "delegation"), delegation_word,
				    DELEGATION_UNREACHABLE + 1);
	if (js_get_int(v, "version") != DOCUMENT_VERSION || delegation < 0)
		return refuse(r, "unknown version or state of the delegation");
	s->delegation = (enum delegation_state)delegation;
	s->delegation_note = text_of(r, v, "delegation_note");
	s->started_ms = js_get_int(v, "started_ms");
	s->ended_ms = js_get_int(v, "ended_ms");
	if (need_name(r, v, "domain", &s->domain) != 0 || name_of(r, v, "zone", &s->zone) != 0 ||
	    name_of(r, v, "parent", &s->parent) != 0 ||
	    rrset_of(r, v, "parent_ns", &s->parent_ns) != 0 ||
	    rrset_of(r, v, "child_ns", &s->child_ns) != 0)
		return -1;
	bool needs_zone = s->delegation == DELEGATION_OK ||
			  s->delegation == DELEGATION_IN_PARENT_ZONE;
	if (needs_zone && s->zone == NULL)
		return refuse(r, "the zone is missing");
	s->question_n = js_len(js_get(v, "questions"));
	s->questions = read_list(r, js_get(v, "questions"), sizeof(*s->questions), read_question);
	return s->questions != NULL ? 0 : -1;
}

const struct snapshot *snapshot_from_js(struct arena *a, const struct js *v, struct err *e)
{
	struct reader r = { .a = a, .s = ARENA_NEW(a, struct snapshot), .e = e };
	if (read_head(&r, v) != 0 || read_views(&r, v) != 0)
		return NULL;
	return r.s;
}
