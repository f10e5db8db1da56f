/*
 * The small readers. An absent member leaves what was there: the caller puts the default first.
 */
#include "registrars/rest/desc_read.h"

enum { TYPING_ERRORS = 3 };

int place_refuse(const struct place *p, const char *why)
{
	return err_set(p->e, ERR_USAGE, "%s: %s: %s", p->file,
		       p->path[0] == '\0' ? "the description" : p->path, why);
}

struct place place_member(const struct place *p, const char *name)
{
	struct place m = *p;
	m.path = p->path[0] == '\0' ? arena_strdup(p->a, name)
				    : arena_printf(p->a, "%s.%s", p->path, name);
	m.v = js_get(p->v, name);
	return m;
}

struct place place_item(const struct place *p, size_t i)
{
	struct place m = *p;
	m.path = arena_printf(p->a, "%s[%zu]", p->path, i);
	m.v = js_at(p->v, i);
	return m;
}

struct members {
	const struct place *place;
	const char *const *known;
	int rc;
};

static const char *nearest(const char *word, const char *const *known)
{
	const char *best = NULL;
	size_t distance = TYPING_ERRORS + 1;
	for (; *known != NULL; known++) {
		size_t d = str_distance(word, *known);
		if (d < distance) {
			distance = d;
			best = *known;
		}
	}
	return best;
}

/* "//" is a remark, for JSON has none. */
static void check_member(void *ctx, const char *key, struct js *v)
{
	struct members *m = ctx;
	(void)v;
	if (m->rc != 0 || str_eq(key, "//"))
		return;
	for (const char *const *k = m->known; *k != NULL; k++) {
		if (str_eq(*k, key))
			return;
	}
	struct place at = place_member(m->place, key);
	m->rc = place_refuse(&at, "there is no such member");
	const char *near = nearest(key, m->known);
	if (near != NULL)
		(void)err_hint(at.e, "did you mean \"%s\"?", near);
}

int place_object(const struct place *p, const char *const *known)
{
	struct members m = { p, known, 0 };
	if (!js_is_object(p->v))
		return place_refuse(p, p->v == NULL ? "is missing" : "is to be an object");
	js_each(p->v, check_member, &m);
	return m.rc;
}

/* What a person reads before they confirm a description must not be able to write lines of its own
 * there. */
static bool is_one_line(const char *text)
{
	while ((unsigned char)*text >= ' ' && *text != 0x7f)
		text++;
	return *text == '\0';
}

static int take_text(const struct place *p, const char **text_r)
{
	if (!js_is_string(p->v))
		return place_refuse(p, "is to be a text");
	if (!is_one_line(js_str(p->v)))
		return place_refuse(p, "is to be one line, without control characters");
	*text_r = arena_strdup(p->a, js_str(p->v));
	return 0;
}

int place_text(const struct place *p, const char *member, const char **text_r)
{
	struct place m = place_member(p, member);
	return m.v == NULL ? 0 : take_text(&m, text_r);
}

int place_need_text(const struct place *p, const char *member, const char **text_r)
{
	struct place m = place_member(p, member);
	*text_r = NULL;
	if (place_text(p, member, text_r) != 0)
		return -1;
	return *text_r != NULL && (*text_r)[0] != '\0' ? 0 : place_refuse(&m, "is missing");
}

int place_number(const struct place *p, const char *member, unsigned max, unsigned *v_r)
{
	struct place m = place_member(p, member);
	int64_t v = js_int_of(m.v);
	if (m.v == NULL)
		return 0;
	if (v < 0 || v > (int64_t)max || (v == 0 && !str_eq(js_text(p->a, m.v), "0")))
		return place_refuse(&m, arena_printf(p->a, "is to be a number of 0 to %u", max));
	*v_r = (unsigned)v;
	return 0;
}

int place_word(const struct place *p, const char *member, const char *const *words, unsigned *v_r)
{
	const char *text = NULL;
	struct buf list;
	if (place_text(p, member, &text) != 0)
		return -1;
	if (text == NULL)
		return 0;
	for (unsigned i = 0; words[i] != NULL; i++) {
		if (str_eq(words[i], text)) {
			*v_r = i;
			return 0;
		}
	}
	struct place m = place_member(p, member);
	buf_init(&list);
	for (unsigned i = 0; words[i] != NULL; i++)
		buf_addf(&list, "%s%s", i > 0 ? " | " : "", words[i]);
	(void)place_refuse(&m, arena_printf(p->a, "is to be one of %s", list.at));
	buf_release(&list);
	return -1;
}

int place_texts(const struct place *p, const char *member, const char *const **list_r)
{
	struct place m = place_member(p, member);
	const char **list = ARENA_ARRAY(p->a, js_len(m.v) + 1, const char *);
	if (m.v != NULL && !js_is_array(m.v))
		return place_refuse(&m, "is to be a list of texts");
	for (size_t i = 0; i < js_len(m.v); i++) {
		struct place item = place_item(&m, i);
		if (take_text(&item, &list[i]) != 0)
			return -1;
	}
	*list_r = list;
	return 0;
}

int place_statuses(const struct place *p, const char *member, int *list_r)
{
	struct place m = place_member(p, member);
	if (js_len(m.v) >= DESC_STATUS_MAX || (m.v != NULL && !js_is_array(m.v)))
		return place_refuse(&m, "is to be a list of at most 5 numbers");
	for (size_t i = 0; i < js_len(m.v); i++) {
		struct place item = place_item(&m, i);
		int64_t status = js_int_of(item.v);
		if (status < 100 || status > 599)
			return place_refuse(&item, "is no HTTP status");
		list_r[i] = (int)status;
	}
	return 0;
}

struct collecting {
	const struct place *place;
	struct desc_field *at;
	size_t n;
	int rc;
};

/* "name?var" stands only when the variable has a value. */
static void collect_field(void *ctx, const char *key, struct js *v)
{
	struct collecting *c = ctx;
	struct arena *a = c->place->a;
	struct place m = place_member(c->place, key);
	(void)v;
	if (c->rc != 0 || str_eq(key, "//"))
		return;
	struct slice rest = slice_str(key);
	struct desc_field *f = &c->at[c->n];
	c->rc = is_one_line(key)
			? take_text(&m, &f->text)
			: place_refuse(&m, "is to be one line, without control characters");
	if (c->rc != 0)
		return;
	c->n++;
	f->name = arena_slice(a, slice_until(&rest, '?'));
	f->when = rest.len > 0 ? arena_slice(a, rest) : NULL;
}

static void count_member(void *ctx, const char *key, struct js *v)
{
	size_t *n = ctx;
	(void)key;
	(void)v;
	(*n)++;
}

int place_fields(const struct place *p, const char *member, struct desc_fields *f_r)
{
	struct place m = place_member(p, member);
	size_t n = 0;
	if (m.v == NULL)
		return 0;
	if (!js_is_object(m.v))
		return place_refuse(&m, "is to be an object of texts");
	js_each(m.v, count_member, &n);
	struct collecting c = { &m, ARENA_ARRAY(p->a, n, struct desc_field), 0, 0 };
	js_each(m.v, collect_field, &c);
	*f_r = (struct desc_fields){ c.n, c.at };
	return c.rc;
}
