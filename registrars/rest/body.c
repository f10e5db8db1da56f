/*
 * Templates are small and trusted as far as their author is: depth is limited by the reader of
 * JSON.
 */
#include "registrars/rest/body.h"

#include <string.h>

#include "base/secret.h"

/* "{#ttl}" alone. */
static bool is_number(const char *text, struct slice *name_r)
{
	size_t len = strlen(text);
	if (len < 4 || text[0] != '{' || text[1] != '#' || strchr(text, '}') != text + len - 1)
		return false;
	*name_r = (struct slice){ text + 2, len - 3 };
	return true;
}

static struct js *expand_number(struct slice name, const struct body_scope *s, struct err *e)
{
	char word[64];
	uint64_t v;
	if (name.len >= sizeof(word))
		return NULL;
	memcpy(word, name.ptr, name.len);
	word[name.len] = '\0';
	const char *text = vars_get(&s->vars, word);
	if (text != NULL && str_eq(text, "null")) /* a TTL that is the zone's */
		return js_null();
	if (text != NULL && slice_to_u64(slice_str(text), &v) && v <= INT64_MAX)
		return js_int((int64_t)v);
	(void)err_set(e, ERR_USAGE, "{#%s} is no number", word);
	return NULL;
}

static struct js *expand_text(const char *text, const struct body_scope *s, struct err *e)
{
	struct slice name;
	struct buf b;
	if (is_number(text, &name))
		return expand_number(name, s, e);
	buf_init(&b);
	struct js *v = NULL;
	if (vars_expand(&s->vars, text, VARS_PLAIN, &b, e) == 0)
		v = js_string(b.at);
	secret_wipe(b.at, b.len);
	buf_release(&b);
	return v;
}

/* Takes over the item; frees the list when it could not be made. */
static struct js *push_or_free(struct js *list, struct js *item)
{
	if (item != NULL) {
		js_push(list, item);
		return list;
	}
	js_free(list);
	return NULL;
}

static struct js *expand_list(const struct js *template, const struct body_scope *s, struct err *e)
{
	struct js *list = js_array();
	for (size_t i = 0; list != NULL && i < js_len(template); i++)
		list = push_or_free(list, body_expand(js_at(template, i), s, e));
	return list;
}

static struct js *expand_rows(const struct js *template, const struct body_scope *s, struct err *e)
{
	struct js *list = js_array();
	for (size_t i = 0; list != NULL && i < s->row_n; i++)
		list = push_or_free(list, body_expand(template, &s->rows[i], e));
	return list;
}

/* The two kinds of change may look different. */
static const struct js *template_of(const struct js *template, const struct body_scope *change)
{
	const struct js *replace = js_get(template, "replace");
	const struct js *remove = js_get(template, "delete");
	if (replace == NULL || remove == NULL)
		return template;
	return change->removes ? remove : replace;
}

static struct js *expand_changes(const struct js *template, const struct body_scope *s,
				 struct err *e)
{
	struct js *list = js_array();
	for (size_t i = 0; list != NULL && i < s->change_n; i++) {
		const struct body_scope *c = &s->changes[i];
		list = push_or_free(list, body_expand(template_of(template, c), c, e));
	}
	return list;
}

static struct js *expand_only_row(const struct js *template, const struct body_scope *s,
				  struct err *e)
{
	if (s->row_n == 1)
		return body_expand(template, &s->rows[0], e);
	(void)err_set(e, ERR_REFUSED, "%zu values where the provider takes one", s->row_n);
	return NULL;
}

/* What goes, as it was, or what stays: APIs that compare want both sides apart. */
static struct js *expand_sides(const struct js *template, bool removed, const struct body_scope *s,
			       struct err *e)
{
	struct js *list = js_array();
	for (size_t i = 0; list != NULL && i < s->change_n; i++) {
		const struct body_scope *c = &s->changes[i];
		const struct body_scope *side = removed ? c->before : c->removes ? NULL : c;
		if (side != NULL)
			list = push_or_free(list, body_expand(template, side, e));
	}
	return list;
}

/* NULL: the template is no list of a batch's records. */
static const struct body_scopes *batch_of(const struct js *template, const struct body_scope *s,
					  const struct js **each_r)
{
	const struct {
		const char *word;
		const struct body_scopes *scopes;
	} kinds[] = { { "$create", &s->creates },
		      { "$update", &s->updates },
		      { "$delete", &s->deletes } };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		*each_r = js_get(template, kinds[i].word);
		if (*each_r != NULL)
			return kinds[i].scopes;
	}
	return NULL;
}

static struct js *expand_batch(const struct body_scopes *scopes, const struct js *each,
			       struct err *e)
{
	struct js *list = js_array();
	for (size_t i = 0; list != NULL && i < scopes->n; i++)
		list = push_or_free(list, body_expand(each, &scopes->at[i], e));
	return list;
}

static struct js *expand_chunks(const struct body_scope *s)
{
	struct js *list = js_array();
	for (const char *const *c = s->chunks; c != NULL && *c != NULL; c++)
		js_push(list, js_string(*c));
	return list;
}

/* Stands for the rows in the tree; no text of ours has control characters. */
static const char rows_mark[] = "\001rows\001";
static const char rows_mark_json[] = "\"\\u0001rows\\u0001\"";

static int add_piece(const struct js *template, const struct body_piece *p, struct buf *out,
		     struct err *e)
{
	if (p->kept.ptr != NULL) {
		buf_add(out, p->kept.ptr, p->kept.len);
		return 0;
	}
	struct js *row = body_expand(template, p->made, e);
	if (row == NULL)
		return -1;
	js_write(row, 0, out);
	js_free(row);
	return 0;
}

static struct js *expand_zone(const struct js *template, const struct body_scope *s, struct err *e)
{
	if (s->zone == NULL) {
		(void)err_set(e, ERR_USAGE, "\"$zone\" is only for the write of a whole zone");
		return NULL;
	}
	struct buf *rows = s->zone->rows;
	buf_clear(rows);
	buf_addc(rows, '[');
	for (size_t i = 0; i < s->zone->n; i++) {
		if (i > 0)
			buf_addc(rows, ',');
		if (add_piece(template, &s->zone->at[i], rows, e) != 0)
			return NULL;
	}
	buf_addc(rows, ']');
	return js_string(rows_mark);
}

int body_put_rows(const struct body_zone *zone, struct buf *body, struct err *e)
{
	size_t len = sizeof(rows_mark_json) - 1;
	const char *at = memmem(body->at, body->len, rows_mark_json, len);
	size_t before = at != NULL ? (size_t)(at - body->at) : 0;
	size_t after = at != NULL ? body->len - before - len : 0;
	if (at == NULL || memmem(at + len, after, rows_mark_json, len) != NULL)
		return err_set(e, ERR_USAGE, "the rows of the zone have no place in the body");
	struct buf whole;
	buf_init(&whole);
	buf_add(&whole, body->at, before);
	buf_add(&whole, zone->rows->at, zone->rows->len);
	buf_add(&whole, at + len, after);
	secret_wipe(body->at, body->len);
	buf_release(body);
	*body = whole;
	return 0;
}

/* NULL: it is not there. */
static const struct js *as_read(const struct js *template, const struct body_scope *s)
{
	const struct js *path = js_is_object(template) ? js_get(template, "$as_read") : NULL;
	return path != NULL && s->zone != NULL ? body_at(s->zone->around, js_str(path)) : NULL;
}

static struct js *copy_of(const struct js *v, struct err *e)
{
	struct buf b;
	buf_init(&b);
	js_write(v, 0, &b);
	struct js *copy = js_parse(buf_slice(&b), e);
	buf_release(&b);
	return copy;
}

/* NULL: there is no template for it. */
static struct js *expand_by_type(const struct js *templates, const struct body_scope *s,
				 struct err *e)
{
	const char *type = vars_get(&s->vars, "type");
	const struct js *t = type != NULL ? js_get(templates, type) : NULL;
	t = t != NULL ? t : js_get(templates, "*");
	if (t != NULL)
		return body_expand(t, s, e);
	(void)err_set(e, ERR_REFUSED, "the description has no form for %s records",
		      type != NULL ? type : "these");
	return NULL;
}

struct expanding {
	const struct body_scope *scope;
	struct js *object; /* NULL: it failed */
	struct err *e;
};

/* "priority?" and "priority?mx": the variable is named behind the question mark, or like it. */
static bool is_left_out(const char *key, struct slice *name_r, const struct body_scope *s)
{
	char word[64];
	struct slice rest = slice_str(key);
	*name_r = slice_until(&rest, '?');
	if (strchr(key, '?') == NULL)
		return false;
	struct slice variable = rest.len > 0 ? rest : *name_r;
	if (variable.len >= sizeof(word))
		return true;
	memcpy(word, variable.ptr, variable.len);
	word[variable.len] = '\0';
	return vars_get(&s->vars, word) == NULL;
}

static void expand_member(void *ctx, const char *key, struct js *v)
{
	struct expanding *x = ctx;
	struct slice name;
	char word[128];
	if (x->object == NULL || is_left_out(key, &name, x->scope))
		return;
	if (js_is_object(v) && js_get(v, "$as_read") != NULL && as_read(v, x->scope) == NULL)
		return;
	struct js *made = name.len < sizeof(word) ? body_expand(v, x->scope, x->e) : NULL;
	if (made == NULL) {
		js_free(x->object);
		x->object = NULL;
		return;
	}
	memcpy(word, name.ptr, name.len);
	word[name.len] = '\0';
	js_set(x->object, word, made);
}

static struct js *expand_object(const struct js *template, const struct body_scope *s,
				struct err *e)
{
	const struct js *rows = js_get(template, "$rows");
	const struct js *changes = js_get(template, "$changes");
	if (rows != NULL)
		return expand_rows(rows, s, e);
	if (changes != NULL)
		return expand_changes(changes, s, e);
	if (js_get(template, "$row") != NULL)
		return expand_only_row(js_get(template, "$row"), s, e);
	if (js_get(template, "$removed") != NULL)
		return expand_sides(js_get(template, "$removed"), true, s, e);
	if (js_get(template, "$added") != NULL)
		return expand_sides(js_get(template, "$added"), false, s, e);
	if (js_get(template, "$type") != NULL)
		return expand_by_type(js_get(template, "$type"), s, e);
	if (js_get(template, "$chunks") != NULL)
		return expand_chunks(s);
	if (js_get(template, "$zone") != NULL)
		return expand_zone(js_get(template, "$zone"), s, e);
	if (as_read(template, s) != NULL)
		return copy_of(as_read(template, s), e);
	const struct js *each;
	const struct body_scopes *batch = batch_of(template, s, &each);
	if (batch != NULL)
		return expand_batch(batch, each, e);
	struct expanding x = { s, js_object(), e };
	js_each(template, expand_member, &x);
	return x.object;
}

/* A copy of what holds no text. */
static struct js *copy_plain(const struct js *v, struct err *e)
{
	struct buf b;
	buf_init(&b);
	js_write(v, 0, &b);
	struct js *copy = str_eq(b.at, "null")    ? js_null()
			  : str_eq(b.at, "true")  ? js_bool(true)
			  : str_eq(b.at, "false") ? js_bool(false)
						  : js_int(js_int_of(v));
	buf_release(&b);
	(void)e;
	return copy;
}

struct js *body_expand(const struct js *template, const struct body_scope *s, struct err *e)
{
	if (js_is_string(template))
		return expand_text(js_str(template), s, e);
	if (js_is_array(template))
		return expand_list(template, s, e);
	if (js_is_object(template))
		return expand_object(template, s, e);
	return copy_plain(template, e);
}

/* -- paths -- */

struct alike {
	const char *name;
	const struct js *found;
};

static void look_at_member(void *ctx, const char *key, struct js *v)
{
	struct alike *k = ctx;
	if (k->found == NULL && str_eq_nocase(key, k->name))
		k->found = v;
}

static const struct js *step_into(const struct js *v, struct slice name)
{
	char word[128];
	uint64_t i;
	if (js_is_array(v))
		return slice_to_u64(name, &i) ? js_at(v, (size_t)i) : NULL;
	if (name.len >= sizeof(word))
		return NULL;
	memcpy(word, name.ptr, name.len);
	word[name.len] = '\0';
	struct alike k = { word, js_get(v, word) };
	if (k.found == NULL)
		js_each(v, look_at_member, &k);
	return k.found;
}

const struct js *body_at(const struct js *v, const char *path)
{
	struct slice rest = slice_str(path);
	while (v != NULL && rest.len > 0)
		v = step_into(v, slice_until(&rest, '/'));
	return v;
}

const char *body_text_at(struct arena *a, const struct js *v, const char *path)
{
	const struct js *at = body_at(v, path);
	if (at == NULL || js_is_array(at) || js_is_object(at))
		return NULL;
	if (js_is_string(at))
		return arena_strdup(a, js_str(at));
	const char *text = js_text(a, at);
	return str_eq(text, "null") ? NULL : text;
}
