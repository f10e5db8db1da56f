/*
 * The parts of a description that occur in several places: requests, lists, records.
 */
#include "registrars/rest/desc_read.h"

static int check_method(const struct place *p, struct desc_request *r)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE", NULL };
	unsigned i = 0;
	if (place_word(p, "method", methods, &i) != 0)
		return -1;
	r->method = methods[i];
	return 0;
}

static int check_path(const struct place *p, const struct desc_request *r)
{
	struct place m = place_member(p, "path");
	if (r->path[0] == '/' || r->path[0] == '?' || str_starts(r->path, "https://") ||
	    r->path[0] == '{')
		return 0;
	return place_refuse(&m, "is to begin with /, ? or https://");
}

int place_request(const struct place *p, struct desc_request *r_r)
{
	static const char *const known[] = { "method", "path",  "query",   "headers", "form",
					     "body",   "ok",    "missing", "take",    "when",
					     "unless", "for_s", "cookies", "expect",  NULL };
	static const char *const whens[] = { "always", "ttl", "values", NULL };
	unsigned when = WHEN_ALWAYS;
	if (place_object(p, known) != 0 || check_method(p, r_r) != 0 ||
	    place_need_text(p, "path", &r_r->path) != 0 || check_path(p, r_r) != 0 ||
	    place_fields(p, "query", &r_r->query) != 0 ||
	    place_fields(p, "headers", &r_r->headers) != 0 ||
	    place_fields(p, "form", &r_r->form) != 0 || place_statuses(p, "ok", r_r->ok) != 0 ||
	    place_statuses(p, "missing", r_r->missing) != 0 ||
	    place_fields(p, "take", &r_r->take) != 0 ||
	    place_fields(p, "cookies", &r_r->cookies) != 0 ||
	    place_fields(p, "expect", &r_r->expect) != 0 ||
	    place_word(p, "when", whens, &when) != 0 ||
	    place_text(p, "unless", &r_r->unless) != 0 ||
	    place_number(p, "for_s", 86400, &r_r->for_s) != 0)
		return -1;
	r_r->when = (enum desc_when)when;
	r_r->body = js_get(p->v, "body");
	if (r_r->body != NULL && r_r->form.n > 0)
		return place_refuse(p, "has both a body and a form");
	return 0;
}

int place_steps(const struct place *p, const char *member, struct desc_steps *s_r)
{
	struct place m = place_member(p, member);
	if (m.v == NULL)
		return 0;
	if (!js_is_array(m.v)) {
		s_r->n = 1;
		return place_request(&m, &s_r->at[0]);
	}
	if (js_len(m.v) > DESC_STEPS_MAX)
		return place_refuse(&m, "has too many requests");
	for (size_t i = 0; i < js_len(m.v); i++) {
		struct place item = place_item(&m, i);
		if (place_request(&item, &s_r->at[i]) != 0)
			return -1;
		s_r->n = i + 1;
	}
	return 0;
}

/* A style without what it needs would end after one page, and look complete. */
static int check_paging(const struct place *p, const struct desc_paging *g)
{
	bool by_number = g->style == PAGING_PAGE || g->style == PAGING_OFFSET;
	bool by_answer = g->style == PAGING_CURSOR || g->style == PAGING_URL;
	if ((by_number || g->style == PAGING_CURSOR) && g->param == NULL)
		return place_refuse(p, "needs \"param\"");
	if (by_number && g->size == 0)
		return place_refuse(p, "needs \"size\": a shorter page is the last one");
	if (by_answer && g->next == NULL)
		return place_refuse(p, "needs \"next\"");
	return 0;
}

static int read_paging(const struct place *list, struct desc_paging *g)
{
	static const char *const known[] = { "style",        "param",  "size_param", "size",
					     "first",        "next",   "pages",      "total",
					     "total_header", "unsure", NULL };
	static const char *const styles[] = { "none", "page", "offset", "cursor",
					      "url",  "link", NULL };
	unsigned style = PAGING_NONE;
	struct place p = place_member(list, "paging");
	g->first = 1;
	if (p.v == NULL)
		return 0;
	if (place_object(&p, known) != 0 || place_word(&p, "style", styles, &style) != 0 ||
	    place_text(&p, "param", &g->param) != 0 ||
	    place_text(&p, "size_param", &g->size_param) != 0 ||
	    place_number(&p, "size", 100000, &g->size) != 0 ||
	    place_number(&p, "first", 1, &g->first) != 0 || place_text(&p, "next", &g->next) != 0 ||
	    place_text(&p, "pages", &g->pages) != 0 || place_text(&p, "total", &g->total) != 0 ||
	    place_text(&p, "total_header", &g->total_header) != 0)
		return -1;
	g->style = (enum desc_paging_style)style;
	g->unsure = js_get_bool(p.v, "unsure");
	return check_paging(&p, g);
}

/* One list, or several of the same answer. Pages of several would each have an end of its own; and
 * what tells that there are no records must be more than that nothing is there. */
static int read_rows(const struct place *p, struct desc_list *l)
{
	struct place m = place_member(p, "rows");
	const char *const *list;
	if (!js_is_array(m.v))
		return place_text(p, "rows", &l->rows);
	if (place_texts(p, "rows", &list) != 0)
		return -1;
	if (list[0] == NULL || l->paging.style != PAGING_NONE || l->paging.total != NULL)
		return place_refuse(&m, "is to name a list, and several lists have no pages");
	if (l->request.expect.n == 0)
		return place_refuse(p, "needs \"expect\" in its request: lists may be left out, "
				       "and an answer of another kind would look like no records");
	l->rows = list[0];
	l->more_rows = list + 1;
	return 0;
}

int place_list(const struct place *p, struct desc_list *l_r)
{
	struct place request = place_member(p, "request");
	struct place each = place_member(p, "each");
	l_r->rows = "";
	l_r->has_each = each.v != NULL;
	if (l_r->has_each && place_request(&each, &l_r->each) != 0)
		return -1;
	if (place_request(&request, &l_r->request) != 0 || read_paging(p, &l_r->paging) != 0)
		return -1;
	return read_rows(p, l_r);
}

static int read_forms(const struct place *record, const char *member, struct desc_forms *f)
{
	static const char *const known[] = { "name", "apex", "target", "text", NULL };
	static const char *const names[] = { "relative", "fqdn", "fqdn-dot", NULL };
	static const char *const targets[] = { "no-dot", "dot", "relative", NULL };
	static const char *const texts[] = { "bare", "quoted", "chunks", NULL };
	struct place p = place_member(record, member);
	unsigned name = f->name;
	unsigned target = f->target;
	unsigned text = f->text;
	if (p.v == NULL)
		return 0;
	if (place_object(&p, known) != 0 || place_word(&p, "name", names, &name) != 0 ||
	    place_word(&p, "target", targets, &target) != 0 ||
	    place_word(&p, "text", texts, &text) != 0 || place_text(&p, "apex", &f->apex) != 0)
		return -1;
	f->name = (enum desc_name)name;
	f->target = (enum desc_target)target;
	f->text = (enum desc_text)text;
	return 0;
}

/* { "parts": ["priority", "data"], "values": "records" }, or only the list of parts. */
static int read_shape(const struct place *p, const char *type, struct desc_shape *s)
{
	static const char *const known[] = { "parts", "values", NULL };
	struct place list = js_is_array(p->v) ? *p : place_member(p, "parts");
	if (!js_is_array(p->v) &&
	    (place_object(p, known) != 0 || place_text(p, "values", &s->values) != 0))
		return -1;
	s->type = str_eq(type, "*") ? 0 : rr_type_from_name(type);
	s->n = js_len(list.v);
	if ((s->type == 0 && !str_eq(type, "*")) || s->n == 0 || s->n > DESC_PARTS_MAX)
		return place_refuse(p, "is to be a list of 1 to 5 paths for a known type");
	for (size_t i = 0; i < s->n; i++) {
		if (!js_is_string(js_at(list.v, i)))
			return place_refuse(&list, "is to be a list of texts");
		s->parts[i] = arena_strdup(p->a, js_str(js_at(list.v, i)));
	}
	return 0;
}

struct shapes {
	const struct place *place;
	struct desc_shape *at;
	size_t n;
	int rc;
};

static void each_shape(void *ctx, const char *key, struct js *v)
{
	struct shapes *s = ctx;
	struct place p = place_member(s->place, key);
	(void)v;
	if (s->rc == 0)
		s->rc = read_shape(&p, key, &s->at[s->n++]);
}

enum { SHAPES_MAX = 16 };

static void count_shape(void *ctx, const char *key, struct js *v)
{
	size_t *n = ctx;
	(void)key;
	(void)v;
	(*n)++;
}

static int read_shapes(const struct place *record, struct desc_record *r)
{
	struct place p = place_member(record, "data");
	size_t n = 0;
	js_each(p.v, count_shape, &n);
	if (!js_is_object(p.v) || n == 0 || n > SHAPES_MAX)
		return place_refuse(&p, "is to be an object: a type or * → the paths of its parts");
	struct shapes s = { &p, ARENA_ARRAY(p.a, n, struct desc_shape), 0, 0 };
	js_each(p.v, each_shape, &s);
	r->shapes = s.at;
	r->shape_n = s.n;
	return s.rc;
}

int place_skips(const struct place *parent, const char *member, const struct desc_skip **skips_r,
		size_t *n_r)
{
	static const char *const known[] = { "field", "equals", "why", NULL };
	struct place list = place_member(parent, member);
	struct desc_skip *skips = ARENA_ARRAY(parent->a, js_len(list.v), struct desc_skip);
	for (size_t i = 0; i < js_len(list.v); i++) {
		struct place p = place_item(&list, i);
		if (place_object(&p, known) != 0 ||
		    place_need_text(&p, "field", &skips[i].field) != 0 ||
		    place_text(&p, "equals", &skips[i].equals) != 0 ||
		    place_need_text(&p, "why", &skips[i].why) != 0)
			return -1;
		if (skips[i].equals == NULL) /* an empty text is one, too */
			return place_refuse(&p, "needs \"equals\"");
	}
	*skips_r = skips;
	*n_r = js_len(list.v);
	return 0;
}

static int read_doubts(const struct place *record, struct desc_record *r)
{
	static const char *const known[] = { "type", "number", "why", NULL };
	struct place list = place_member(record, "doubt");
	struct desc_doubt *doubts = ARENA_ARRAY(record->a, js_len(list.v), struct desc_doubt);
	for (size_t i = 0; i < js_len(list.v); i++) {
		struct place p = place_item(&list, i);
		const char *type;
		if (place_object(&p, known) != 0 || place_need_text(&p, "type", &type) != 0 ||
		    place_need_text(&p, "number", &doubts[i].field) != 0 ||
		    place_need_text(&p, "why", &doubts[i].why) != 0)
			return -1;
		doubts[i].type = rr_type_from_name(type);
		if (doubts[i].type == 0)
			return place_refuse(&p, "names no known type");
	}
	r->doubts = doubts;
	r->doubt_n = js_len(list.v);
	return 0;
}

int place_record(const struct place *p, struct desc_record *r_r)
{
	static const char *const known[] = { "id",    "type", "name",  "ttl",   "data",
					     "etag",  "read", "write", "types", "skip",
					     "doubt", "keep", NULL };
	r_r->read = (struct desc_forms){ NAME_RELATIVE, "@", TARGET_NO_DOT, TEXT_BARE };
	if (place_object(p, known) != 0 || place_text(p, "id", &r_r->id) != 0 ||
	    place_need_text(p, "type", &r_r->type) != 0 || place_text(p, "name", &r_r->name) != 0 ||
	    place_text(p, "ttl", &r_r->ttl) != 0 || place_text(p, "etag", &r_r->etag) != 0 ||
	    read_forms(p, "read", &r_r->read) != 0)
		return -1;
	r_r->write = r_r->read;
	if (read_forms(p, "write", &r_r->write) != 0 || place_fields(p, "types", &r_r->types) != 0)
		return -1;
	if (read_shapes(p, r_r) != 0 || read_doubts(p, r_r) != 0 ||
	    place_fields(p, "keep", &r_r->keep) != 0)
		return -1;
	return place_skips(p, "skip", &r_r->skips, &r_r->skip_n);
}
