/*
 * jansson with two rules more: what goes in is made UTF-8 (it refuses anything else, and
 * bytes from a mail server must not be able to stop a report), and nesting is limited
 * before it is parsed. References are never counted up: each value has one owner.
 */
#include "base/json.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

/* struct js is only a name for jansson's value. */
static json_t *in(const struct js *v)
{
	return (json_t *)v;
}

/* A NULL from a constructor means no memory: the same end as in arena.c. */
static struct js *out(json_t *v)
{
	if (v == NULL) {
		(void)mem_alloc(SIZE_MAX / 2);
		abort();
	}
	return (struct js *)v;
}

struct js *js_object(void)
{
	return out(json_object());
}

struct js *js_array(void)
{
	return out(json_array());
}

/* What is no UTF-8 cannot be said in JSON; its high bytes are shown as '?'. */
static char *repaired(const char *s)
{
	char *copy = mem_strdup(s);
	for (char *p = copy; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	return copy;
}

/* Only the copy is changed; the caller's text may still be needed as it came. */
static struct js *repaired_string(const char *s)
{
	char *copy = repaired(s);
	struct js *v = out(json_string(copy));
	free(copy);
	return v;
}

struct js *js_string(const char *s)
{
	if (s == NULL)
		return js_null();
	return str_is_utf8(slice_str(s)) ? out(json_string(s)) : repaired_string(s);
}

struct js *js_int(int64_t v)
{
	return out(json_integer(v));
}

struct js *js_bool(bool v)
{
	return out(json_boolean(v));
}

struct js *js_null(void)
{
	return out(json_null());
}

struct js *js_real(double v)
{
	/* JSON has no word for them. */
	return isfinite(v) ? out(json_real(v)) : js_null();
}

/* Depth is limited by the reader. */
static void wipe_texts(json_t *v)
{
	size_t i;
	const char *key;
	json_t *item;
	if (json_is_string(v)) {
		const char *text = json_string_value(v);
		char *own; /* the library's copy, which nobody else has */
		memcpy(&own, &text, sizeof(own));
		secret_wipe(own, json_string_length(v));
	}
	json_array_foreach(v, i, item) wipe_texts(item);
	json_object_foreach (v, key, item)
		wipe_texts(item);
}

void js_free_wiped(struct js *v)
{
	if (v != NULL)
		wipe_texts(in(v));
	js_free(v);
}

void js_free(struct js *v)
{
	json_decref(in(v));
}

/* Fails only without memory, or when the object is none: our own mistake. */
static void set(struct js *object, const char *key, struct js *v)
{
	if (json_object_set_new(in(object), key, in(v)) != 0)
		abort();
}

void js_set(struct js *object, const char *key, struct js *v)
{
	if (str_is_utf8(slice_str(key))) {
		set(object, key, v);
		return;
	}
	char *copy = repaired(key);
	set(object, copy, v);
	free(copy);
}

void js_set_str(struct js *object, const char *key, const char *s)
{
	js_set(object, key, js_string(s));
}

void js_set_int(struct js *object, const char *key, int64_t v)
{
	js_set(object, key, js_int(v));
}

void js_set_bool(struct js *object, const char *key, bool v)
{
	js_set(object, key, js_bool(v));
}

void js_set_time(struct js *object, const char *key, int64_t ms)
{
	char text[TIME_TEXT_MAX];
	js_set_str(object, key, ms != 0 ? time_format(ms, text) : NULL);
}

void js_drop(struct js *object, const char *key)
{
	(void)json_object_del(in(object), key);
}

void js_push(struct js *array, struct js *v)
{
	if (json_array_append_new(in(array), in(v)) != 0)
		abort();
}

struct js *js_get(const struct js *object, const char *key)
{
	return (struct js *)json_object_get(in(object), key);
}

const char *js_get_str(const struct js *object, const char *key)
{
	return js_str(js_get(object, key));
}

int64_t js_get_int(const struct js *object, const char *key)
{
	return js_int_of(js_get(object, key));
}

bool js_get_bool(const struct js *object, const char *key)
{
	return json_is_true(json_object_get(in(object), key));
}

int64_t js_get_time(const struct js *object, const char *key)
{
	int64_t ms = 0;
	return time_parse(slice_str(js_get_str(object, key)), &ms) ? ms : 0;
}

size_t js_len(const struct js *array)
{
	return json_array_size(in(array));
}

struct js *js_at(const struct js *array, size_t i)
{
	return (struct js *)json_array_get(in(array), i);
}

const char *js_str(const struct js *v)
{
	const char *s = json_string_value(in(v));
	return s != NULL ? s : "";
}

int64_t js_int_of(const struct js *v)
{
	return json_integer_value(in(v));
}

bool js_is_object(const struct js *v)
{
	return json_is_object(in(v));
}

bool js_is_array(const struct js *v)
{
	return json_is_array(in(v));
}

bool js_is_string(const struct js *v)
{
	return json_is_string(in(v));
}

void js_each(const struct js *object, js_member_fn *fn, void *ctx)
{
	const char *key;
	json_t *v;
	json_object_foreach (in(object), key, v)
		fn(ctx, key, (struct js *)v);
}

/* jansson's callback: 0 means go on. */
static int add_to_buf(const char *p, size_t len, void *ctx)
{
	buf_add(ctx, p, len);
	return 0;
}

/* Any value may be a document, a bare text too. */
static void dump(const struct js *v, size_t flags, struct buf *out_buf)
{
	if (json_dump_callback(in(v), add_to_buf, out_buf, flags | JSON_ENCODE_ANY) != 0)
		abort();
}

void js_write(const struct js *v, int indent, struct buf *out_buf)
{
	dump(v, indent > 0 ? JSON_INDENT((size_t)indent) : JSON_COMPACT, out_buf);
}

static char *text_of(struct arena *a, const struct js *v, size_t flags)
{
	struct buf b;
	buf_init(&b);
	dump(v, flags, &b);
	char *text = arena_slice(a, buf_slice(&b));
	buf_release(&b);
	return text;
}

char *js_text(struct arena *a, const struct js *v)
{
	return text_of(a, v, JSON_COMPACT);
}

char *js_text_sorted(struct arena *a, const struct js *v)
{
	return text_of(a, v, JSON_COMPACT | JSON_SORT_KEYS);
}

enum { DEPTH_MAX = 64 };

/* jansson recurses up to 2048 deep; hostile input gets less, counted beforehand. */
static bool too_deep(struct slice s)
{
	size_t depth = 0;
	bool quoted = false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		/* Brackets in texts do not nest; an escaped quote does not end one. */
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '[' || c == '{') && ++depth > DEPTH_MAX)
			return true;
		else if (!quoted && (c == ']' || c == '}') && depth > 0)
			depth--;
	}
	return false;
}

struct js *js_parse(struct slice s, struct err *e)
{
	json_error_t why;
	if (too_deep(s)) {
		err_set(e, ERR_ITEM, "JSON nested deeper than %d levels", DEPTH_MAX);
		return NULL;
	}
	json_t *v = json_loadb(s.ptr != NULL ? s.ptr : "", s.len,
			       JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (v == NULL)
		err_set(e, ERR_ITEM, "JSON line %d, column %d: %s", why.line, why.column, why.text);
	return (struct js *)v;
}
