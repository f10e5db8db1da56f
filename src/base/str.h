/*
 * str.h - slices and the few string verbs that are safe on hostile bytes.
 *
 * A slice borrows: pointer and length, no terminator promised, NUL bytes allowed.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
	const char *ptr; /* borrowed */
	size_t len;
};

/* A slice over a NUL-terminated string (NULL gives the empty slice). */
struct slice slice_str(const char *s);
/* A string literal as a slice. */
#define SLICE_LIT(s) ((struct slice){ (s), sizeof(s) - 1 })

/* Equal in length and every byte. */
bool slice_eq(struct slice a, struct slice b);
/* ASCII case ignored; other bytes compared as they are. */
bool slice_eq_nocase(struct slice a, struct slice b);
/* ASCII case ignored; every slice starts with the empty one. */
bool slice_starts_nocase(struct slice s, struct slice prefix);
/* Both ends freed of space and tab. */
struct slice slice_trim(struct slice s);
/* Cuts off and returns what stands before the first `sep`; *rest moves behind it.
 * Without `sep` returns all and leaves *rest empty. */
struct slice slice_until(struct slice *rest, char sep);
/* Decimal digits only, all of them; false on anything else or overflow. */
bool slice_to_u64(struct slice s, uint64_t *value_r);

/* Copies with termination and cuts what does not fit. */
void str_copy(char *dst, size_t size, const char *src);
/* Every byte; neither may be NULL. */
bool str_eq(const char *a, const char *b);
/* ASCII case ignored, no locale asked; NULL counts as "". */
bool str_eq_nocase(const char *a, const char *b);
/* Bytes as they are; true for the empty prefix. */
bool str_starts(const char *s, const char *prefix);
/* Bytes as they are; true for the empty suffix. */
bool str_ends(const char *s, const char *suffix);
/* Replaces control characters (C0, DEL, C1), marks that reverse the reading direction, and
 * bytes that are no UTF-8 by '?', so that text from the network can be shown on a
 * terminal. Newline is kept. */
void str_make_printable(char *s);
/* True when `c` is one of the characters of `set`; NUL never is. */
bool str_has(const char *set, char c);
/* ASCII lower case in place. */
void str_lower(char *s);
/* True when the bytes are well-formed UTF-8 (RFC 3629: no overlong, no surrogate). */
bool str_is_utf8(struct slice s);
/* Edit distance (insert, delete, replace, swap), for "did you mean"; texts over
 * 63 bytes count as far away. */
size_t str_distance(const char *a, const char *b);

#endif
