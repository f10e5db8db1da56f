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
/* An empty list. */
struct js *js_array(void);
/* A copy of the text. NULL gives null; bytes that are no UTF-8 become '?'. */
struct js *js_string(const char *s);
/* 64 bits, signed; readers in other languages may keep only 53 of them. */
struct js *js_int(int64_t v);
/* A kind of its own: js_get_bool takes no number for it. */
struct js *js_bool(bool v);
/* The word for "not known" in our documents. */
struct js *js_null(void);
/* Infinity and NaN, for which JSON has no word, give null. */
struct js *js_real(double v);
/* Frees a root and all below it, never a value that was set or pushed. Takes NULL. */
void js_free(struct js *v);
/* The same for what holds secrets: its texts are overwritten first. The root must be nobody else's.
 */
void js_free_wiped(struct js *v);

/* Object members; `v` is taken over. Members keep the order in which they were set. A key
 * that is no UTF-8 is repaired as js_string repairs. */
void js_set(struct js *object, const char *key, struct js *v);
/* A copy; NULL gives null. */
void js_set_str(struct js *object, const char *key, const char *s);
/* As js_int; an older member of that key goes. */
void js_set_int(struct js *object, const char *key, int64_t v);
/* As js_bool; an older member of that key goes. */
void js_set_bool(struct js *object, const char *key, bool v);
/* An RFC 3339 time; 0 gives null. */
void js_set_time(struct js *object, const char *key, int64_t ms);
/* At the end; `v` is taken over. The program ends when `array` is none: that is our own
 * mistake. */
void js_push(struct js *array, struct js *v);

/* Takes a member out; nothing when there is none. */
void js_drop(struct js *object, const char *key);

/* Getters: see above. An absent or wrong kind of value is NULL, "", 0 or false. */
struct js *js_get(const struct js *object, const char *key);
/* Borrowed from the tree until it is freed or the member replaced; "" when absent or no text. */
const char *js_get_str(const struct js *object, const char *key);
/* 0 when absent, no number, or written with a fraction. */
int64_t js_get_int(const struct js *object, const char *key);
/* True only for the word true. */
bool js_get_bool(const struct js *object, const char *key);
/* The time behind js_set_time; 0 when absent or null. */
int64_t js_get_time(const struct js *object, const char *key);
/* 0 for anything but a list. */
size_t js_len(const struct js *array);
/* NULL behind the end, or when it is no list. */
struct js *js_at(const struct js *array, size_t i);
/* "" when v is no text; else borrowed from it. */
const char *js_str(const struct js *v);
/* 0 when v is no whole number. */
int64_t js_int_of(const struct js *v);
/* False for NULL, like the next two. */
bool js_is_object(const struct js *v);
/* Tells an empty list from an absent one, which js_len cannot. */
bool js_is_array(const struct js *v);
/* Tells an empty text from a value of another kind, which js_str cannot. */
bool js_is_string(const struct js *v);

/* For each member of an object, in order. */
typedef void js_member_fn(void *ctx, const char *key, struct js *v);
/* `fn` may change a member's value, but not add or remove members. */
void js_each(const struct js *object, js_member_fn *fn, void *ctx);

/* Appends the text; `indent` 0 gives one line without blanks. */
void js_write(const struct js *v, int indent, struct buf *out);
/* The same as a string of the arena's, one line. */
char *js_text(struct arena *a, const struct js *v);
/* The same with all members in the order of their names: two values that say the same have the
 * same text. */
char *js_text_sorted(struct arena *a, const struct js *v);
/* Parses one document; duplicate keys, NUL in strings, depth over 64 and trailing
 * bytes are refused. NULL with *e set (ERR_ITEM, line and column named). */
struct js *js_parse(struct slice s, struct err *e);

#endif
