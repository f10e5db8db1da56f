/*
 * json.h - JSON documents (RFC 8259), by jansson. The only place that knows it.
 *
 * A `struct js` is a value in a tree. Setters and js_push take over the value they
 * are given; getters borrow from the tree. Free the root with js_free. Getters take
 * NULL and answer NULL/0/false/"", so a path can be read in one expression.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/arena.h"
#include "base/buf.h"

struct js;

/* New values, owned by the caller until js_set, js_push or js_free takes them. */
struct js *js_object(void);
struct js *js_array(void);
struct js *js_string(const char *s); /* NULL gives null; bytes that are no UTF-8 become '?' */
struct js *js_int(int64_t v);
struct js *js_bool(bool v);
struct js *js_null(void);
struct js *js_real(double v); /* infinity and NaN give null */
void js_free(struct js *v);   /* takes NULL */

/* Object members; `v` is taken over. Members keep the order in which they were set. A key
 * that is no UTF-8 is repaired as js_string repairs. */
void js_set(struct js *object, const char *key, struct js *v);
void js_set_str(struct js *object, const char *key, const char *s);
void js_set_int(struct js *object, const char *key, int64_t v);
void js_set_bool(struct js *object, const char *key, bool v);
/* An RFC 3339 time; 0 gives null. */
void js_set_time(struct js *object, const char *key, int64_t ms);
void js_push(struct js *array, struct js *v);

/* Getters: see above. An absent or wrong kind of value is NULL, "", 0 or false. */
struct js *js_get(const struct js *object, const char *key);
const char *js_get_str(const struct js *object, const char *key); /* "" when absent */
int64_t js_get_int(const struct js *object, const char *key);
bool js_get_bool(const struct js *object, const char *key);
/* The time behind js_set_time; 0 when absent or null. */
int64_t js_get_time(const struct js *object, const char *key);
size_t js_len(const struct js *array);
struct js *js_at(const struct js *array, size_t i);
const char *js_str(const struct js *v); /* "" when v is no string */
int64_t js_int_of(const struct js *v);
bool js_is_object(const struct js *v);
bool js_is_array(const struct js *v);
bool js_is_string(const struct js *v);

/* For each member of an object, in order. */
typedef void js_member_fn(void *ctx, const char *key, struct js *v);
void js_each(const struct js *object, js_member_fn *fn, void *ctx);

/* Appends the text; `indent` 0 gives one line without blanks. */
void js_write(const struct js *v, int indent, struct buf *out);
/* The same as a string of the arena's, one line. */
char *js_text(struct arena *a, const struct js *v);
/* Parses one document; duplicate keys, NUL in strings, depth over 64 and trailing
 * bytes are refused. NULL with *e set (ERR_ITEM, line and column named). */
struct js *js_parse(struct slice s, struct err *e);

#endif
